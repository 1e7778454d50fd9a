//! What a deletion takes, in the words of its system.

use super::{Fact, Sweep};
use crate::domain::capability::Takes;
use crate::domain::text::count;

fn number(n: u64, one: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{} {one}s", count(usize::try_from(n).unwrap_or(usize::MAX))),
    }
}

pub fn repositories(takes: Takes, n: usize) -> String {
    match (takes, n) {
        (Takes::Entry, 1) => "1 entry".to_owned(),
        (Takes::Entry, n) => format!("{} entries", count(n)),
        (_, 1) => "1 repository".to_owned(),
        (_, n) => format!("{} repositories", count(n)),
    }
}

/// `with its 12 tags and 7 images`; empty where nothing is known.
fn with(tags: Option<u64>, images: Option<u64>) -> String {
    let parts: Vec<String> =
        [tags.map(|n| number(n, "tag")), images.map(|n| number(n, "image"))].into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!(" with {}", parts.join(" and ")) }
}

/// What happens to one repository.
pub fn of_one(takes: Takes, fact: &Fact) -> String {
    match takes {
        Takes::Everything => format!("deletes the repository{}", with(fact.tags, fact.images)),
        Takes::Tags => {
            format!("deletes the repository{}; its images stay, and no call removes them", with(fact.tags, None))
        }
        Takes::Entry => "removes the entry only; the repository at its registry stays".to_owned(),
    }
}

/// What happens to all of them.
pub fn summary(sweep: &Sweep) -> String {
    let sum = |one: fn(&Fact) -> Option<u64>| sweep.items.iter().map(one).sum::<Option<u64>>();
    let what = repositories(sweep.takes, sweep.items.len());
    match sweep.takes {
        Takes::Everything => format!("{what}{}", with(sum(|fact| fact.tags), sum(|fact| fact.images))),
        Takes::Tags => format!("{what}{}; images stay", with(sum(|fact| fact.tags), None)),
        Takes::Entry => format!("{what} of the list; the repositories at their registries stay"),
    }
}
