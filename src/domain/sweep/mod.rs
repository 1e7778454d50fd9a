//! The deletion of whole repositories, where a system can: what is known of each, what would go, what stays and why, and
//! how hard it is asked. No undo exists for it on any system, so everything is read before, and again right before.

mod ask;
mod json;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::capability::Takes;
use super::clean::{self, Clean};
use super::reference::{Digest, RepoName, TagName};
use super::repository::RepoInfo;
use super::text::count;

pub use json::VERSION;
pub use words::{of_one, repositories, summary};

/// Protected tags that are named; of more the number is told.
const NAMED: usize = 5;

/// The tags of a repository, told apart from any others without keeping them: there may be a million.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tags {
    pub count: u64,
    /// Of their names, in order.
    pub sum: Digest,
    /// The list ended properly, and everything in it is a tag.
    pub complete: bool,
}

impl Tags {
    pub fn of(names: &[TagName], complete: bool) -> Self {
        let mut sorted: Vec<&str> = names.iter().map(TagName::as_str).collect();
        sorted.sort_unstable();
        Self { count: sorted.len() as u64, sum: Digest::of(sorted.join("\n").as_bytes()), complete }
    }
}

/// Tags of a repository that patterns or hands protect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protected {
    pub count: u64,
    /// The first of them, with the pattern.
    pub named: Vec<(TagName, String)>,
}

impl Protected {
    pub fn add(&mut self, tag: &TagName, pattern: &str) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push((tag.clone(), pattern.to_owned()));
        }
    }

    /// `latest, v1.2 (v*) and 3 more`
    pub fn words(&self) -> String {
        let mut named: Vec<String> = self.named.iter().map(|(tag, _)| tag.to_string()).collect();
        let more = self.count.saturating_sub(named.len() as u64);
        if more > 0 {
            named.push(format!("{} more", count(usize::try_from(more).unwrap_or(usize::MAX))));
        }
        named.join(", ")
    }
}

/// What is known of a repository. What the system does not say is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub repo: RepoName,
    pub tags: Option<u64>,
    pub images: Option<u64>,
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
    pub pushed: Option<Timestamp>,
    /// A service of the account uses it.
    pub in_use: bool,
    pub favourite: bool,
    /// As they were listed; `None` where repositories have no tags here.
    pub listed: Option<Tags>,
    pub protected: Protected,
}

impl Fact {
    pub fn new(repo: RepoName, info: &RepoInfo, listed: Option<Tags>, protected: Protected) -> Self {
        Self {
            repo,
            // What was counted is newer than what a list says of it.
            tags: listed.as_ref().map(|tags| tags.count).or(info.tags),
            images: info.images,
            created: info.created,
            updated: info.updated,
            pushed: info.pushed,
            in_use: info.in_use == Some(true),
            favourite: info.favourite == Some(true),
            listed,
            protected,
        }
    }

    /// When something was last put into it, as far as that is told.
    pub fn last_push(&self) -> Option<Timestamp> {
        self.pushed.or(self.updated)
    }

    /// Why it is not any more what was planned and confirmed.
    pub fn moved(&self, now: &Self) -> Option<Clean> {
        let number = |n: Option<u64>| n.map_or("?".to_owned(), |n| count(usize::try_from(n).unwrap_or(usize::MAX)));
        let differs = |before: Option<u64>, now: Option<u64>, what: &str| {
            (before != now).then(|| format!("it had {} {what} and has {} by now", number(before), number(now)))
        };
        let why = differs(self.tags, now.tags, "tags")
            .or_else(|| differs(self.images, now.images, "images"))
            .or_else(|| (self.listed != now.listed).then(|| "it has other tags by now".to_owned()))
            .or_else(|| (self.created != now.created).then(|| "it was deleted and made anew".to_owned()))
            .or_else(|| {
                let same = (self.updated, self.pushed) == (now.updated, now.pushed);
                (!same).then(|| "it was changed since".to_owned())
            })
            .or_else(|| (!self.in_use && now.in_use).then(|| "a service uses it by now".to_owned()))
            .or_else(|| {
                let more = now.protected.count > self.protected.count;
                more.then(|| "more of its tags are protected by now".to_owned())
            })?;
        Some(clean::line(&why))
    }
}

/// What looking at a repository told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    Here(Box<Fact>),
    Gone,
    /// It was not read; why.
    Unread(Clean),
}

/// Everything a plan is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// As named in the config.
    pub registry: String,
    /// `RegistryProfile::origin`.
    pub origin: String,
    /// The namespace or workspace that these are names of.
    pub scope: Option<String>,
    pub account: Option<String>,
    pub takes: Takes,
    pub time: Timestamp,
    /// In the order of their names.
    pub repos: Vec<(RepoName, Known)>,
}

/// What somebody chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Repositories that hold protected tags go, too.
    pub protected: bool,
    /// Taken out of the plan by hand.
    pub kept: BTreeSet<RepoName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    Gone,
    Unread,
    Protection,
    Hand,
}

/// A repository that was wanted and stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub repo: RepoName,
    pub by: Keeper,
    pub why: Clean,
}

/// What is deleted: as it is shown, confirmed, recorded and run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    pub registry: String,
    pub origin: String,
    pub scope: Option<String>,
    pub account: Option<String>,
    pub takes: Takes,
    pub created: Timestamp,
    pub items: Vec<Fact>,
    pub kept: Vec<Kept>,
}

/// The plan. It is about these repositories and no others, whatever is listed by then.
pub fn plan(snapshot: &Snapshot, choices: &Choices) -> Sweep {
    let (mut items, mut kept) = (Vec::new(), Vec::new());
    for (repo, known) in &snapshot.repos {
        let mut keep = |by, why: &str| kept.push(Kept { repo: repo.clone(), by, why: clean::line(why) });
        match known {
            Known::Gone => keep(Keeper::Gone, "it is not there any more"),
            Known::Unread(why) => keep(Keeper::Unread, why.as_str()),
            Known::Here(_) if choices.kept.contains(repo) => keep(Keeper::Hand, "kept by you"),
            Known::Here(fact) if fact.protected.count > 0 && !choices.protected => {
                let words = format!("it holds protected tags: {}", fact.protected.words());
                keep(Keeper::Protection, &words);
            }
            // What cannot be told apart from another state cannot be checked again either.
            Known::Here(fact) if fact.listed.as_ref().is_some_and(|tags| !tags.complete) => {
                keep(Keeper::Unread, "its list of tags is not complete, so what would go is not known");
            }
            Known::Here(fact) => items.push((**fact).clone()),
        }
    }
    Sweep {
        registry: snapshot.registry.clone(),
        origin: snapshot.origin.clone(),
        scope: snapshot.scope.clone(),
        account: snapshot.account.clone(),
        takes: snapshot.takes,
        created: snapshot.time,
        items,
        kept,
    }
}

impl Sweep {
    pub fn repos(&self) -> impl Iterator<Item = &RepoName> {
        self.items.iter().map(|item| &item.repo)
    }

    /// Those that some service of the account uses.
    pub fn in_use(&self) -> usize {
        self.items.iter().filter(|item| item.in_use).count()
    }

    pub fn protected(&self) -> usize {
        self.items.iter().filter(|item| item.protected.count > 0).count()
    }
}
