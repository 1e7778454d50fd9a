//! Changes of what is kept. Each says what it changes and nothing else, so that two instances do not overwrite each
//! other's; and applying one gives the changes that take it back.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Chosen, Entry, Kept, LABELS_MOST, Label, LabelRule, RULES_MOST, TAGS_MOST};
use crate::domain::clean::{self, Clean};
use crate::domain::reference::{RepoName, TagName};
use crate::domain::text;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Label {
        origin: Arc<str>,
        repo: RepoName,
        tag: TagName,
        to: Chosen,
    },
    Note {
        origin: Arc<str>,
        repo: RepoName,
        tag: TagName,
        to: Option<Arc<str>>,
    },
    /// What the rule with this filter gives; nothing: there is no such rule.
    Rule {
        origin: Arc<str>,
        filter: Arc<str>,
        label: Option<Arc<str>>,
    },
    /// A label is there, with this letter and colour.
    Put(Label),
    /// Tags and rules follow.
    Rename {
        from: Arc<str>,
        to: Arc<str>,
    },
    /// Tags lose it, and its rules go.
    Remove(Arc<str>),
}

/// A registry as the config names it, or a repository of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Favourite {
    pub registry: String,
    pub repository: Option<RepoName>,
}

impl Kept {
    /// Why these changes are more than is kept.
    pub fn check(&self, changes: &[Change]) -> Result<(), Clean> {
        let mut new = HashSet::new();
        let (mut labels, mut rules) = (0, 0);
        for change in changes {
            match change {
                Change::Label { origin, repo, tag, .. } | Change::Note { origin, repo, tag, .. }
                    if self.entry(origin, repo, tag).is_empty() =>
                {
                    new.insert((origin, repo, tag));
                }
                Change::Put(label) => labels += usize::from(!self.labels.iter().any(|one| one.name == label.name)),
                Change::Rule { origin, filter, label: Some(_) } => {
                    let known = self.rules.get(origin);
                    let same = known.is_some_and(|rules| rules.iter().any(|rule| *rule.filter.as_str() == **filter));
                    if !same && known.map_or(0, Vec::len) + rules >= RULES_MOST {
                        let text = format!("A registry has at most {RULES_MOST} rules for labels.");
                        return Err(clean::line(&text));
                    }
                    rules += usize::from(!same);
                }
                _ => {}
            }
        }
        if self.count() + new.len() > TAGS_MOST {
            let most = text::count(TAGS_MOST);
            let text = format!("At most {most} tags have a label or a note; a rule labels any number.");
            return Err(clean::line(&text));
        }
        if self.labels.len() + labels > LABELS_MOST {
            return Err(clean::line(&format!("There are at most {LABELS_MOST} labels.")));
        }
        Ok(())
    }

    /// Makes the changes, and returns those that take them back, in their order.
    pub fn apply(&mut self, changes: &[Change]) -> Vec<Change> {
        let back: Vec<Vec<Change>> = changes.iter().map(|change| self.change(change)).collect();
        back.into_iter().rev().flatten().collect()
    }

    fn change(&mut self, change: &Change) -> Vec<Change> {
        match change {
            Change::Label { origin, repo, tag, to } => {
                let before = self.edit(origin, repo, tag, |entry| std::mem::replace(&mut entry.label, to.clone()));
                vec![Change::Label { origin: origin.clone(), repo: repo.clone(), tag: tag.clone(), to: before }]
            }
            Change::Note { origin, repo, tag, to } => {
                let before = self.edit(origin, repo, tag, |entry| std::mem::replace(&mut entry.note, to.clone()));
                vec![Change::Note { origin: origin.clone(), repo: repo.clone(), tag: tag.clone(), to: before }]
            }
            Change::Rule { origin, filter, label } => {
                let before = self.rule(origin, filter, label.as_deref());
                vec![Change::Rule { origin: origin.clone(), filter: filter.clone(), label: before }]
            }
            Change::Put(label) => match self.labels.iter_mut().find(|one| one.name == label.name) {
                Some(known) => vec![Change::Put(std::mem::replace(known, label.clone()))],
                None => {
                    self.labels.push(label.clone());
                    vec![Change::Remove(label.name.clone())]
                }
            },
            Change::Rename { from, to } => self.rename(from, to),
            Change::Remove(name) => self.remove(name),
        }
    }

    fn edit<T>(&mut self, origin: &Arc<str>, repo: &RepoName, tag: &TagName, edit: impl FnOnce(&mut Entry) -> T) -> T {
        let key = (origin.clone(), repo.clone());
        let entries = Arc::make_mut(self.tags.entry(key.clone()).or_default());
        let mut entry = entries.remove(tag).unwrap_or_default();
        let before = edit(&mut entry);
        if !entry.is_empty() {
            entries.insert(tag.clone(), entry);
        }
        if entries.is_empty() {
            self.tags.remove(&key);
        }
        before
    }

    fn rule(&mut self, origin: &Arc<str>, filter: &str, label: Option<&str>) -> Option<Arc<str>> {
        let rules = self.rules.entry(origin.clone()).or_default();
        let at = rules.iter().position(|rule| rule.filter.as_str() == filter);
        let before = at.map(|at| rules[at].label.clone());
        match (at, label.and_then(|label| LabelRule::parse(filter, label).ok())) {
            (Some(at), Some(rule)) => rules[at] = rule,
            (None, Some(rule)) => rules.push(rule),
            (Some(at), None) => drop(rules.remove(at)),
            (None, None) => {}
        }
        if rules.is_empty() {
            self.rules.remove(origin);
        }
        before
    }

    /// Every tag and rule with this label.
    fn users(&self, name: &str) -> Vec<Change> {
        let mut users = Vec::new();
        for ((origin, repo), entries) in &self.tags {
            for (tag, entry) in entries.iter() {
                if matches!(&entry.label, Chosen::Is(label) if **label == *name) {
                    let (repo, tag) = (repo.clone(), tag.clone());
                    users.push(Change::Label { origin: origin.clone(), repo, tag, to: entry.label.clone() });
                }
            }
        }
        for (origin, rules) in &self.rules {
            for rule in rules.iter().filter(|rule| *rule.label == *name) {
                let (filter, label) = (rule.filter.as_str().into(), Some(rule.label.clone()));
                users.push(Change::Rule { origin: origin.clone(), filter, label });
            }
        }
        users
    }

    fn rename(&mut self, from: &Arc<str>, to: &Arc<str>) -> Vec<Change> {
        let Some(at) = self.labels.iter().position(|label| label.name == *from) else { return Vec::new() };
        // Two labels of one name would be one.
        if self.labels.iter().any(|label| label.name == *to) {
            return Vec::new();
        }
        self.labels[at].name = to.clone();
        for user in self.users(from) {
            match user {
                Change::Label { origin, repo, tag, .. } => {
                    self.edit(&origin, &repo, &tag, |entry| entry.label = Chosen::Is(to.clone()));
                }
                Change::Rule { origin, filter, .. } => drop(self.rule(&origin, &filter, Some(to))),
                _ => {}
            }
        }
        vec![Change::Rename { from: to.clone(), to: from.clone() }]
    }

    fn remove(&mut self, name: &Arc<str>) -> Vec<Change> {
        let Some(at) = self.labels.iter().position(|label| label.name == *name) else { return Vec::new() };
        let mut back = vec![Change::Put(self.labels.remove(at))];
        back.extend(self.users(name));
        for user in &back[1..] {
            match user {
                Change::Label { origin, repo, tag, .. } => {
                    self.edit(origin, repo, tag, |entry| entry.label = Chosen::ByRule);
                }
                Change::Rule { origin, filter, .. } => drop(self.rule(origin, filter, None)),
                _ => {}
            }
        }
        back
    }
}
