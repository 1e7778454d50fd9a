//! What of an operation could be taken back, and what became of one that broke off: found out without sending anything
//! that changes anything.

use super::clean::Clean;
use super::cleanup::{Ask, Confirm, NAME_FROM_AT_MOST, Tier};
use super::outcome::Outcome;
use super::reference::{Digest, RepoName, TagName};

/// What can be brought back, and what cannot and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prospect {
    /// The operation.
    pub id: String,
    pub registry: String,
    pub origin: String,
    pub repo: RepoName,
    /// What the tags were on and what was deleted with them; entries before their indexes.
    pub manifests: Vec<(Digest, ManifestBack)>,
    pub tags: Vec<(TagName, Digest, TagBack)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManifestBack {
    /// It is there.
    There,
    /// It is kept, and everything it needs is there or comes back before it.
    Possible,
    Lost(Clean),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagBack {
    /// It is there, where it was.
    There,
    Free,
    /// It points at what the operation put there.
    Moved(Digest),
    /// The operation made it: it is removed, and what it is on stays.
    New,
    /// It points at something else by now. Only moved if somebody says so.
    InUse(Digest),
    /// Nobody knows what it points at.
    Unknown(Clean),
    /// What it was on cannot be brought back.
    Lost,
}

/// Of a tag that an operation made, when it is taken back. Blobs without a manifest, and manifests that nobody wants,
/// are the registry's to remove.
pub const STAYS: &str =
    "it was new, and only the tag is removed; manifests and blobs stay until the registry removes them";

impl Prospect {
    /// Nothing was there before under this name.
    pub fn is_new(&self, tag: &TagName) -> bool {
        self.tags.iter().any(|(one, _, back)| one == tag && *back == TagBack::New)
    }

    /// Something would be put back.
    pub fn is_possible(&self) -> bool {
        self.sends(true) > 0
    }

    /// Manifests and tags that would be sent.
    pub fn sends(&self, overwrite: bool) -> usize {
        let manifests = self.manifests.iter().filter(|(_, back)| *back == ManifestBack::Possible).count();
        manifests + self.tags_back(overwrite).count()
    }

    /// Tags that would be put back; those in use by something else only where they are to be moved.
    pub fn tags_back(&self, overwrite: bool) -> impl Iterator<Item = &TagName> {
        let back = move |back: &TagBack| match back {
            TagBack::Free | TagBack::Moved(_) | TagBack::New => true,
            TagBack::InUse(_) => overwrite,
            TagBack::There | TagBack::Unknown(_) | TagBack::Lost => false,
        };
        self.tags.iter().filter(move |(_, _, state)| back(state)).map(|(tag, ..)| tag)
    }

    /// Tags that point at something else by now.
    pub fn in_use(&self) -> impl Iterator<Item = &TagName> {
        self.tags.iter().filter(|(_, _, back)| matches!(back, TagBack::InUse(_))).map(|(tag, ..)| tag)
    }

    /// A tag that is there now is moved, or taken away.
    fn changes_tags(&self, overwrite: bool) -> bool {
        let changes = |back: &TagBack| match back {
            TagBack::Moved(_) | TagBack::New => true,
            TagBack::InUse(_) => overwrite,
            TagBack::Free | TagBack::There | TagBack::Unknown(_) | TagBack::Lost => false,
        };
        self.tags.iter().any(|(_, _, back)| changes(back))
    }

    /// How hard it is asked (ux.md §8): what only comes back takes a yes, what moves an existing tag its number, and a
    /// production registry its name.
    pub fn ask(&self, overwrite: bool, confirm: &Confirm, production: bool) -> Ask {
        let count = self.tags_back(overwrite).count();
        let many = count > confirm.name_from.min(NAME_FROM_AT_MOST) as usize;
        let (tier, why) = match () {
            () if self.sends(overwrite) == 0 => (Tier::Nothing, None),
            () if production => (Tier::Name, Some("a PROD registry")),
            () if many => (Tier::Name, Some("so many tags at once")),
            () if self.changes_tags(overwrite) => (Tier::Count, None),
            () => (Tier::Yes, None),
        };
        let typed = if tier == Tier::Name { self.repo.to_string() } else { count.to_string() };
        Ask { tier, typed, why }
    }
}

/// What became of an item of an operation that broke off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Now {
    /// It ended before the operation broke off.
    Ended(Outcome),
    /// Its turn had not come.
    NotBegun,
    /// What was to be done is so.
    Done,
    /// It is as it was.
    NotDone,
    Moved(Digest),
    /// The tag was left on a placeholder, and has to be put back.
    OnPlaceholder(Digest),
    Unknown(Clean),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prospect(backs: &[TagBack]) -> Prospect {
        let tag = |(n, back): (usize, &TagBack)| {
            (TagName::parse(&format!("1.{n}")).unwrap(), Digest::of(&[n as u8]), back.clone())
        };
        Prospect {
            id: "20261121-191428-3f2a".to_owned(),
            registry: "lab".to_owned(),
            origin: "https://lab.example".to_owned(),
            repo: RepoName::parse("team/app").unwrap(),
            manifests: Vec::new(),
            tags: backs.iter().enumerate().map(tag).collect(),
        }
    }

    #[test]
    fn it_is_asked_harder_where_more_is_at_stake() {
        let used = TagBack::InUse(Digest::of(b"other"));
        let some = prospect(&[TagBack::Free, used, TagBack::There, TagBack::Lost]);
        let ask = |overwrite, production| some.ask(overwrite, &Confirm::default(), production);
        assert_eq!((ask(false, false).tier, ask(true, false).tier), (Tier::Yes, Tier::Count));
        assert_eq!(ask(true, false).typed, "2");
        let name = ask(false, true);
        assert_eq!((name.tier, name.typed.as_str(), name.why), (Tier::Name, "team/app", Some("a PROD registry")));
        let set = prospect(&[TagBack::Moved(Digest::of(b"other")), TagBack::New]);
        assert_eq!(set.ask(false, &Confirm::default(), false).typed, "2");
        assert_eq!(set.ask(false, &Confirm::default(), false).tier, Tier::Count);
        let nothing = prospect(&[TagBack::There, TagBack::Lost]);
        assert_eq!(nothing.ask(true, &Confirm::default(), true).tier, Tier::Nothing);
        assert!(!nothing.is_possible() && some.is_possible());
        let many = prospect(&vec![TagBack::Free; 501]);
        assert_eq!(many.ask(false, &Confirm::default(), false).tier, Tier::Name);
        let few = Confirm { name_from: 1, ..Confirm::default() };
        assert_eq!(prospect(&vec![TagBack::Free; 2]).ask(false, &few, false).tier, Tier::Name);
    }
}
