//! How hard it is asked (ux.md §8, safety.md F10). A repository with content is always a name that is typed. An entry of
//! a list loses nothing but the account it is pulled with, and can be added again: one is a plain yes, several are a
//! number; where a service uses it, it is asked like a repository, and then a second time.

use super::Sweep;
use crate::domain::capability::Takes;
use crate::domain::cleanup::{Ask, Tier};

impl Sweep {
    /// `production`: the registry's `env` is PROD now.
    pub fn ask(&self, production: bool) -> Ask {
        let light = self.takes == Takes::Entry && !production && self.in_use() == 0;
        let why = [
            (production, "a PROD registry"),
            (self.in_use() > 0, "something in use"),
            (self.protected() > 0, "protected tags"),
        ];
        let why = why.into_iter().find_map(|(holds, why)| holds.then_some(why));
        let ask = |tier, typed: String| Ask { tier, typed, why };
        match &self.items[..] {
            [] => ask(Tier::Nothing, String::new()),
            [_] if light => ask(Tier::Yes, String::new()),
            many if light => ask(Tier::Count, many.len().to_string()),
            [one] => ask(Tier::Name, one.repo.to_string()),
            many => ask(Tier::Name, format!("{} {}", many.len(), self.registry)),
        }
    }

    /// What is asked once more after that: about those that are in use.
    pub fn asks_again(&self) -> Option<Ask> {
        (self.in_use() > 0).then(|| Ask { tier: Tier::Yes, typed: String::new(), why: None })
    }
}
