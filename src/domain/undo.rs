//! What of an operation could be taken back, and what became of one that broke off: found out without sending anything
//! that changes anything.

use super::clean::{self, Clean};
use super::cleanup::{Ask, Confirm, NAME_FROM_AT_MOST, Tier};
use super::outcome::Outcome;
use super::reference::{Digest, RepoName, TagName};
use super::registry::BackendKind;
use super::words::Words;

/// What can be brought back, and what cannot and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prospect {
    /// The operation.
    pub id: String,
    pub registry: String,
    pub origin: String,
    pub kind: BackendKind,
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
    New(Removal),
    /// It points at something else by now. Only moved if somebody says so.
    InUse(Digest),
    /// Nobody knows what it points at.
    Unknown(Clean),
    /// What it was on cannot be brought back.
    Lost,
}

/// Whether a tag that an operation made can be taken away alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The registry does that, or does not say that it does not.
    Possible,
    /// Asking takes a DELETE of something that nobody has, which a dry run does not send.
    Unasked,
    /// It deletes by digest only.
    Refused,
}

impl Removal {
    pub fn says(self, words: &Words) -> Clean {
        let gone = format!("it was new, and only the tag is removed; {}", words.untagged);
        clean::line(&match self {
            Self::Possible => gone,
            Self::Unasked => format!("{gone} (whether it deletes a tag alone is asked only by a real run)"),
            Self::Refused => {
                let way = if words.nests { "with what it is on or by a placeholder" } else { "with what it is on" };
                format!(
                    "it was new, and stays with what it is on: this registry deletes no tag alone; a plan can delete \
                     it, {way}"
                )
            }
        })
    }
}

impl TagBack {
    pub fn is_removed(&self) -> bool {
        matches!(self, Self::New(Removal::Possible | Removal::Unasked))
    }
}

impl Prospect {
    /// Of a tag that was not there before.
    pub fn removal(&self, tag: &TagName) -> Option<Removal> {
        self.tags.iter().find_map(|(one, _, back)| match back {
            TagBack::New(removal) if one == tag => Some(*removal),
            _ => None,
        })
    }

    /// Tags that are taken away again.
    pub fn removed(&self) -> usize {
        self.tags.iter().filter(|(.., back)| back.is_removed()).count()
    }

    /// A tag that was new cannot be taken away.
    pub fn has_stuck(&self) -> bool {
        self.tags.iter().any(|(.., back)| *back == TagBack::New(Removal::Refused))
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
            TagBack::Free | TagBack::Moved(_) => true,
            TagBack::New(_) => back.is_removed(),
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
            TagBack::Moved(_) => true,
            TagBack::New(_) => back.is_removed(),
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
            kind: BackendKind::Oci,
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
        let set = prospect(&[TagBack::Moved(Digest::of(b"other")), TagBack::New(Removal::Possible)]);
        assert_eq!(set.ask(false, &Confirm::default(), false).typed, "2");
        assert_eq!(set.ask(false, &Confirm::default(), false).tier, Tier::Count);
        let nothing = prospect(&[TagBack::There, TagBack::Lost, TagBack::New(Removal::Refused)]);
        assert_eq!(nothing.ask(true, &Confirm::default(), true).tier, Tier::Nothing);
        assert!(!nothing.is_possible() && some.is_possible());
        let many = prospect(&vec![TagBack::Free; 501]);
        assert_eq!(many.ask(false, &Confirm::default(), false).tier, Tier::Name);
        let few = Confirm { name_from: 1, ..Confirm::default() };
        assert_eq!(prospect(&vec![TagBack::Free; 2]).ask(false, &few, false).tier, Tier::Name);
    }
}
