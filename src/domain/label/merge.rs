//! What somebody else kept, added to what is kept here.

use std::sync::Arc;

use super::{Change, Chosen, Kept, Label, free_letter};

impl Kept {
    /// The changes that add `other`, which wins where both say something; what only we have stays.
    pub fn merge(&self, other: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut labels = self.labels.clone();
        for label in &other.labels {
            let mut label = label.clone();
            let rest: Vec<Label> = labels.iter().filter(|one| one.name != label.name).cloned().collect();
            if rest.iter().any(|one| one.letter == label.letter) {
                label.letter = free_letter(&label.name, &rest).unwrap_or(label.letter);
            }
            if labels.contains(&label) {
                continue;
            }
            labels = rest;
            labels.push(label.clone());
            changes.push(Change::Put(label));
        }
        for (origin, rules) in &other.rules {
            let known = self.rules.get(origin);
            for rule in rules.iter().filter(|rule| !known.is_some_and(|known| known.contains(rule))) {
                let (filter, label) = (rule.filter.as_str().into(), Some(rule.label.clone()));
                changes.push(Change::Rule { origin: origin.clone(), filter, label });
            }
        }
        for ((origin, repo), entries) in &other.tags {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|(tag, _)| *tag);
            for (tag, entry) in entries {
                let known = self.entry(origin, repo, tag);
                let of = || (Arc::clone(origin), repo.clone(), tag.clone());
                if entry.label != Chosen::ByRule && entry.label != known.label {
                    let (origin, repo, tag) = of();
                    changes.push(Change::Label { origin, repo, tag, to: entry.label.clone() });
                }
                if entry.note.is_some() && entry.note != known.note {
                    let (origin, repo, tag) = of();
                    changes.push(Change::Note { origin, repo, tag, to: entry.note.clone() });
                }
            }
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::colour::Colour;
    use crate::domain::label::note;
    use crate::domain::reference::{RepoName, TagName};

    fn kept(label: &str, said: &str) -> Kept {
        let mut kept = Kept { labels: Label::built_in(), ..Kept::default() };
        let (origin, repo): (Arc<str>, _) = ("https://r".into(), RepoName::parse("a").unwrap());
        let tag = TagName::parse("t").unwrap();
        let to = if label.is_empty() { Chosen::ByRule } else { Chosen::Is(label.into()) };
        kept.apply(&[
            Change::Label { origin: origin.clone(), repo: repo.clone(), tag: tag.clone(), to },
            Change::Note { origin, repo, tag, to: note(said) },
        ]);
        kept
    }

    #[test]
    fn what_is_here_stays_unless_the_other_says_something_else() {
        let (ours, theirs) = (kept("keep", "ours"), kept("", "theirs"));
        let mut both = ours.clone();
        both.apply(&ours.merge(&theirs));
        assert_eq!(both, kept("keep", "theirs"));
        assert!(both.merge(&theirs).is_empty() && ours.merge(&Kept::default()).is_empty());
        let mut new = Kept::default();
        new.apply(&new.clone().merge(&ours));
        assert_eq!(new, ours);
    }

    #[test]
    fn a_letter_that_is_taken_is_not_taken_twice() {
        let mut ours = kept("", "x");
        let theirs = Kept {
            labels: vec![Label::new("kiosk", 'K', Colour::Ansi(1)), Label::new("stale", 'S', Colour::Ansi(9))],
            ..Kept::default()
        };
        let changes = ours.merge(&theirs);
        assert_eq!(changes.len(), 2);
        ours.apply(&changes);
        let mut letters: Vec<char> = ours.labels.iter().map(|label| label.letter).collect();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), 5);
        assert_eq!(ours.labels.iter().find(|l| &*l.name == "stale").unwrap().colour, Colour::Ansi(9));
    }
}
