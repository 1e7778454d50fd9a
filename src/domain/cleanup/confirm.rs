//! How hard a plan asks before it runs (ux.md §8, safety.md F10).

use super::item::Role;
use super::plan::Plan;

/// `[confirm]` of the config: from how many tags on a deletion asks harder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// The number has to be typed.
    pub count_from: u32,
    /// For more, the repository's name has to be typed.
    pub name_from: u32,
}

/// More than 500 tags are never confirmed by their number alone.
pub const NAME_FROM_AT_MOST: u32 = 500;

impl Default for Confirm {
    fn default() -> Self {
        Self { count_from: 2, name_from: NAME_FROM_AT_MOST }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Nothing would be sent.
    Nothing,
    /// One tag that shares nothing: a plain yes.
    Yes,
    /// The number of tags is typed.
    Count,
    /// The repository's name is typed.
    Name,
}

/// What has to be typed, and why so much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub tier: Tier,
    /// The number of tags, or the repository's name; what `apply --confirm` takes.
    pub typed: String,
    /// For the tiers that ask for the name: "a PROD registry".
    pub why: Option<&'static str>,
}

impl Ask {
    /// Whether this is what has to be typed. Blanks around it come from pasting.
    pub fn accepts(&self, typed: &str) -> bool {
        self.tier != Tier::Nothing && typed.trim() == self.typed
    }
}

impl Plan {
    /// `production`: the registry's `env` is PROD now; the plan may be older than that setting.
    pub fn ask(&self, confirm: &Confirm, production: bool) -> Ask {
        let count = self.count();
        let (tier, why) = self.tier(count, confirm, production);
        let typed = if tier == Tier::Name { self.repo.to_string() } else { count.to_string() };
        Ask { tier, typed, why }
    }

    fn tier(&self, count: usize, confirm: &Confirm, production: bool) -> (Tier, Option<&'static str>) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        if self.items.is_empty() {
            return (Tier::Nothing, None);
        }
        let names = [
            (production, "a PROD registry"),
            (self.items.iter().any(|item| item.protected), "a protected tag"),
            (self.is_whole_repository(), "every tag of the repository"),
            (count > confirm.name_from.min(NAME_FROM_AT_MOST), "so many tags at once"),
        ];
        if let Some((_, why)) = names.iter().find(|(holds, _)| *holds) {
            return (Tier::Name, Some(why));
        }
        if count >= confirm.count_from || self.takes_more_than_tags() || self.touches_shared() {
            return (Tier::Count, None);
        }
        (Tier::Yes, None)
    }

    fn takes_more_than_tags(&self) -> bool {
        self.items.iter().any(|item| item.role != Role::Marked)
    }
}
