//! Data by address. Panes look at it; answers fill it, also when their pane was left meanwhile.

use std::collections::{HashMap, HashSet};

use super::msg::RequestId;
use crate::domain::error::ErrorReport;
use crate::domain::image::{Image, Referrers};
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::RegistryId;
use crate::domain::tag::TagState;

/// How far a list is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Phase {
    #[default]
    NotAsked,
    Loading(RequestId),
    Done(ListEnd),
    Failed(ErrorReport),
}

/// One value read from a registry.
#[derive(Clone, Debug, PartialEq)]
pub enum Remote<T> {
    Loading(RequestId),
    Here(Box<T>),
    Failed(ErrorReport),
}

#[derive(Clone, Debug, PartialEq)]
pub struct RepoRow {
    pub name: Listed<RepoName>,
    pub pinned: bool,
    pub favourite: bool,
    pub tags: TagCount,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum TagCount {
    #[default]
    NotAsked,
    Asked,
    Known(usize),
    Failed(ErrorReport),
}

#[derive(Clone, Debug, Default)]
pub struct Catalog {
    pub rows: Vec<RepoRow>,
    index: HashMap<RepoName, u32>,
    pub phase: Phase,
    /// Names of a reload that is under way; the old rows stay until it is complete.
    incoming: Option<Vec<Listed<RepoName>>>,
}

impl Catalog {
    pub fn begin(&mut self, id: RequestId) {
        self.incoming = (!self.rows.is_empty()).then(Vec::new);
        self.phase = Phase::Loading(id);
    }

    pub fn row_mut(&mut self, name: &RepoName) -> Option<&mut RepoRow> {
        self.rows.get_mut(*self.index.get(name)? as usize)
    }

    /// Makes sure a pinned repository has a row.
    pub fn pin(&mut self, name: &RepoName) {
        match self.row_mut(name) {
            Some(row) => row.pinned = true,
            None => {
                self.add(Listed::Valid(name.clone()));
                if let Some(row) = self.row_mut(name) {
                    row.pinned = true;
                }
            }
        }
    }

    pub fn page(&mut self, names: Vec<Listed<RepoName>>) {
        match &mut self.incoming {
            Some(incoming) => incoming.extend(names),
            None => names.into_iter().for_each(|name| self.add(name)),
        }
    }

    /// Returns whether rows were replaced.
    pub fn end(&mut self, result: Result<ListEnd, ErrorReport>) -> bool {
        let replaced = match (self.incoming.take(), &result) {
            (Some(incoming), Ok(_)) => {
                let old = std::mem::take(&mut self.rows);
                self.index.clear();
                incoming.into_iter().for_each(|name| self.add(name));
                for row in old {
                    let Listed::Valid(name) = &row.name else { continue };
                    if row.pinned {
                        self.pin(name);
                    }
                    if let Some(new) = self.row_mut(name) {
                        new.favourite = row.favourite;
                        new.tags = row.tags;
                    }
                }
                true
            }
            _ => false,
        };
        self.phase = match result {
            Ok(end) => Phase::Done(end),
            Err(report) => Phase::Failed(report),
        };
        replaced
    }

    fn add(&mut self, name: Listed<RepoName>) {
        if let Listed::Valid(valid) = &name {
            if self.index.contains_key(valid) {
                return;
            }
            self.index.insert(valid.clone(), self.rows.len() as u32);
        }
        self.rows.push(RepoRow { name, pinned: false, favourite: false, tags: TagCount::NotAsked });
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct TagRow {
    pub name: Listed<TagName>,
    pub state: TagState,
    /// Its details are being asked for.
    pub asked: bool,
    /// The state was read after the list was.
    pub fresh: bool,
    /// A tag by which older tools attach a signature or an SBOM to an image (`sha256-<hex>...`): it belongs to that
    /// image and is folded under it.
    pub attached_to: Option<Digest>,
}

#[derive(Clone, Debug, Default)]
pub struct TagList {
    pub rows: Vec<TagRow>,
    index: HashMap<TagName, u32>,
    /// How many tags are known to point at a digest.
    on_digest: HashMap<Digest, u32>,
    pub phase: Phase,
    incoming: Option<Vec<Listed<TagName>>>,
    /// Rows whose state is fresh.
    pub known: usize,
    /// Rows that belong to an image and are folded under it.
    pub attached: usize,
}

impl TagList {
    pub fn begin(&mut self, id: RequestId) {
        self.incoming = (!self.rows.is_empty()).then(Vec::new);
        self.phase = Phase::Loading(id);
    }

    pub fn row(&self, name: &TagName) -> Option<&TagRow> {
        self.rows.get(*self.index.get(name)? as usize)
    }

    pub fn position(&self, name: &TagName) -> Option<u32> {
        self.index.get(name).copied()
    }

    /// Tags known to point at this digest.
    pub fn sharing(&self, digest: &Digest) -> u32 {
        self.on_digest.get(digest).copied().unwrap_or(0)
    }

    /// The other tags of this row's digest that are not among `marked`; for the `~` sign.
    pub fn shares_with_marked(&self, row: &TagRow, marked: &HashSet<Digest>) -> bool {
        row.state.info().is_some_and(|info| marked.contains(&info.digest))
    }

    pub fn page(&mut self, names: Vec<Listed<TagName>>) {
        match &mut self.incoming {
            Some(incoming) => incoming.extend(names),
            None => {
                self.rows.reserve(names.len());
                self.index.reserve(names.len());
                names.into_iter().for_each(|name| self.add(name));
            }
        }
    }

    /// Returns whether rows were replaced.
    pub fn end(&mut self, result: Result<ListEnd, ErrorReport>) -> bool {
        let replaced = match (self.incoming.take(), &result) {
            (Some(incoming), Ok(_)) => {
                let old = std::mem::take(&mut self.rows);
                let old_index = std::mem::take(&mut self.index);
                self.on_digest.clear();
                self.known = 0;
                self.attached = 0;
                incoming.into_iter().for_each(|name| self.add(name));
                // What was known stays on screen, marked old, until it is asked again.
                for (name, position) in old_index {
                    let Some(old_row) = old.get(position as usize) else { continue };
                    let Some(row) = self.index.get(&name).and_then(|p| self.rows.get_mut(*p as usize)) else {
                        continue;
                    };
                    row.state = old_row.state.clone();
                    row.fresh = old_row.fresh;
                    row.asked = old_row.asked;
                    self.known += usize::from(row.fresh);
                    if let Some(info) = row.state.info() {
                        *self.on_digest.entry(info.digest.clone()).or_default() += 1;
                    }
                }
                true
            }
            _ => false,
        };
        self.phase = match result {
            Ok(end) => Phase::Done(end),
            Err(report) => Phase::Failed(report),
        };
        replaced
    }

    pub fn set_state(&mut self, name: &TagName, state: TagState) {
        let Some(row) = self.index.get(name).and_then(|p| self.rows.get_mut(*p as usize)) else { return };
        if let Some(old) = row.state.info()
            && let Some(count) = self.on_digest.get_mut(&old.digest)
        {
            *count = count.saturating_sub(1);
        }
        if let Some(new) = state.info() {
            *self.on_digest.entry(new.digest.clone()).or_default() += 1;
        }
        if !row.fresh {
            self.known += 1;
        }
        row.state = state;
        row.asked = false;
        row.fresh = true;
    }

    /// Forgets that details were asked for: their request ended or was given up.
    pub fn unask(&mut self) {
        for row in &mut self.rows {
            row.asked = false;
        }
    }

    /// Every detail has to be asked again.
    pub fn expire(&mut self) {
        for row in &mut self.rows {
            row.fresh = false;
            row.asked = false;
        }
        self.known = 0;
    }

    fn add(&mut self, name: Listed<TagName>) {
        let mut attached_to = None;
        if let Listed::Valid(valid) = &name {
            if self.index.contains_key(valid) {
                return;
            }
            self.index.insert(valid.clone(), self.rows.len() as u32);
            attached_to = subject_of(valid.as_str());
            self.attached += usize::from(attached_to.is_some());
        }
        self.rows.push(TagRow { name, state: TagState::NotAsked, asked: false, fresh: false, attached_to });
    }
}

/// `sha256-<64 hex>` (referrers fall-back tag) and `sha256-<64 hex>.sig`, `.att`, `.sbom` (cosign).
fn subject_of(tag: &str) -> Option<Digest> {
    let rest = tag.strip_prefix("sha256-")?;
    let (hex, suffix) = rest.split_at_checked(64)?;
    matches!(suffix, "" | ".sig" | ".att" | ".sbom").then(|| Digest::parse(&format!("sha256:{hex}")).ok())?
}

pub type ImageKey = (RegistryId, RepoName, Reference, Option<Digest>);

#[derive(Clone, Debug, Default)]
pub struct Cache {
    pub catalogs: HashMap<RegistryId, Catalog>,
    pub tags: HashMap<(RegistryId, RepoName), TagList>,
    pub images: HashMap<ImageKey, Remote<Image>>,
    pub referrers: HashMap<(RegistryId, RepoName, Digest), Remote<Referrers>>,
}

impl Cache {
    /// Another account may see other things: nothing of this registry stays.
    pub fn forget(&mut self, registry: RegistryId) {
        self.catalogs.remove(&registry);
        self.tags.retain(|key, _| key.0 != registry);
        self.images.retain(|key, _| key.0 != registry);
        self.referrers.retain(|key, _| key.0 != registry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(names: &[&str]) -> Vec<Listed<TagName>> {
        names.iter().map(|n| Listed::Valid(TagName::parse(n).unwrap())).collect()
    }

    #[test]
    fn a_reload_replaces_the_rows_only_when_it_is_complete() {
        let mut list = TagList::default();
        list.begin(RequestId(1));
        list.page(tags(&["a", "b"]));
        list.end(Ok(ListEnd { complete: true, note: None }));
        list.begin(RequestId(2));
        list.page(tags(&["b", "c"]));
        assert_eq!(list.rows.len(), 2);
        assert!(list.row(&TagName::parse("c").unwrap()).is_none());
        assert!(list.end(Ok(ListEnd { complete: true, note: None })));
        assert!(list.row(&TagName::parse("a").unwrap()).is_none());
        assert!(list.row(&TagName::parse("c").unwrap()).is_some());
    }

    #[test]
    fn a_failed_reload_keeps_what_was_there() {
        let mut list = TagList::default();
        list.begin(RequestId(1));
        list.page(tags(&["a"]));
        list.end(Ok(ListEnd::default()));
        list.begin(RequestId(2));
        let report = ErrorReport {
            kind: crate::domain::error::ErrorKind::Network,
            what: crate::domain::clean::Clean::fixed("x"),
            hint: crate::domain::clean::Clean::fixed("y"),
            realm: None,
        };
        assert!(!list.end(Err(report)));
        assert_eq!(list.rows.len(), 1);
    }

    #[test]
    fn duplicates_are_one_row_and_attached_tags_are_recognised() {
        let hex = "ab".repeat(32);
        let mut list = TagList::default();
        list.page(tags(&["a", "a", &format!("sha256-{hex}"), &format!("sha256-{hex}.sig"), "sha256-12"]));
        assert_eq!((list.rows.len(), list.attached), (4, 2));
        let attached: Vec<_> = list.rows.iter().map(|r| r.attached_to.is_some()).collect();
        assert_eq!(attached, [false, true, true, false]);
    }
}
