//! The tags of a repository.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::listing::{Listing, Moved, Pass, Row};
use super::{Chunks, Kept, Phase, Rows, TagsTold};
use crate::app::msg::{OldTag, RequestId};
use crate::app::pane::repositories::Summary;
use crate::domain::cleanup::{Snapshot, referrer_tag};
use crate::domain::error::ErrorReport;
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::{Digest, TagName};
use crate::domain::repository::TagFacts;
use crate::domain::tag::{DigestInfo, TagState};

/// Small on purpose: a list may have a million.
#[derive(Clone, Debug, PartialEq)]
pub struct TagRow {
    pub name: Listed<TagName>,
    pub state: TagState,
    listed: Pass,
    /// The pass in which the state was read; 0 for an earlier visit's.
    read: Pass,
    /// Its details are being asked for, or were in vain.
    pub asked: bool,
    /// A tag by which older tools attach a signature or an SBOM to an image (`sha256-<hex>...`): it belongs to that
    /// image and is folded under it.
    pub attached: bool,
}

impl Row for TagRow {
    type Name = TagName;

    fn new(name: Listed<TagName>) -> Self {
        let attached = matches!(&name, Listed::Valid(name) if referrer_tag::subject(name).is_some());
        Self { name, state: TagState::NotAsked, listed: 0, read: 0, asked: false, attached }
    }

    fn name(&self) -> &Listed<TagName> {
        &self.name
    }

    fn listed(&self) -> Pass {
        self.listed
    }

    fn set_listed(&mut self, pass: Pass) {
        self.listed = pass;
    }

    fn stays(&self) -> bool {
        false
    }
}

#[derive(Clone, Debug, Default)]
pub struct TagList {
    list: Listing<TagRow>,
    /// What the system keeps of tags besides their images: not in the rows, since most registries keep nothing.
    pub facts: Arc<Kept>,
    /// What some tag was told of: the columns there are.
    pub told: TagsTold,
    /// How many tags are known to point at a digest.
    on_digest: HashMap<Digest, u32>,
    /// Rows whose state was read after the list was.
    pub known: usize,
    /// Rows that belong to an image and are folded under it.
    pub attached: usize,
    /// Details being read.
    pub chunks: Chunks,
    /// What the last plan was made of, and when the oldest of that was read.
    surveyed: Option<(Timestamp, Arc<Snapshot>)>,
    /// Something was read that the saved list does not have yet.
    unsaved: bool,
    /// Worked out from all rows when somebody looks at it, and forgotten when one of them changes: a pane that shows it
    /// is drawn many times a second.
    pub summed: OnceCell<Summary>,
    pub prefixes: OnceCell<Vec<(String, usize)>>,
}

impl Deref for TagList {
    type Target = Listing<TagRow>;

    fn deref(&self) -> &Self::Target {
        &self.list
    }
}

impl DerefMut for TagList {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.list
    }
}

impl TagList {
    fn changed(&mut self) {
        self.summed.take();
        self.prefixes.take();
    }

    /// Reads it again: every detail has to be asked again, too.
    pub fn begin(&mut self, id: RequestId) {
        self.changed();
        self.list.begin(id);
        self.surveyed = None;
        self.known = 0;
        self.unask();
    }

    pub fn row(&self, name: &TagName) -> Option<&TagRow> {
        self.named(name.as_str())
    }

    /// The state was read after the list was.
    pub fn is_fresh(&self, row: &TagRow) -> bool {
        row.read == self.pass() && row.state != TagState::NotAsked
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
        self.changed();
        for name in names {
            let (at, new) = self.list.add(name);
            self.attached += usize::from(new && self.list.rows.at(at).attached);
        }
    }

    /// What the system keeps of tags besides their images; comes before the page that lists them.
    pub fn tell(&mut self, told: Vec<(TagName, Arc<TagFacts>)>) {
        told.iter().for_each(|(_, facts)| self.told.hear(facts));
        Arc::make_mut(&mut self.facts).extend(told);
    }

    /// What an earlier visit saw, in the order of the names. What was read in this one is newer.
    pub fn recall(&mut self, time: Timestamp, tags: Vec<OldTag>) {
        self.changed();
        let done = matches!(self.phase, Phase::Done(_));
        let alone = self.rows.is_empty();
        if !done {
            self.list.expect(tags.len());
        }
        for (name, info) in tags {
            let at = match done {
                true => self.position(name.as_str()),
                false => {
                    let (at, new) = self.list.add_unlisted(Listed::Valid(name));
                    self.attached += usize::from(new && self.list.rows.at(at).attached);
                    Some(at)
                }
            };
            let (Some(at), Some(info)) = (at, info) else { continue };
            if self.list.rows.at(at).state != TagState::NotAsked {
                continue;
            }
            *self.on_digest.entry(info.digest.clone()).or_default() += 1;
            if let Some(row) = self.list.rows.get_mut(at as usize) {
                row.state = TagState::Known(info);
            }
        }
        if alone {
            self.list.order = Arc::new((0..self.rows.len() as u32).collect());
        }
        if !done {
            self.list.as_of.get_or_insert(time);
        }
    }

    pub fn end(&mut self, result: Result<ListEnd, ErrorReport>, now: Timestamp) -> Option<Moved> {
        self.changed();
        self.unsaved = true;
        let Self { list, facts, on_digest, known, attached, .. } = self;
        let (pass, facts) = (list.pass(), Arc::make_mut(facts));
        list.end(result, now, |row| {
            *attached -= usize::from(row.attached);
            if let Listed::Valid(name) = &row.name {
                facts.remove(name);
            }
            *known -= usize::from(row.read == pass && row.state != TagState::NotAsked);
            if let Some(info) = row.state.info() {
                one_less(on_digest, &info.digest);
            }
        })
    }

    pub fn set_state(&mut self, name: &TagName, state: TagState) {
        let failed = match &state {
            TagState::Failed(report) => Some(&**report),
            _ => None,
        };
        self.list.outage.hear(failed);
        let in_vain = failed.is_some_and(|report| report.kind.is_no_answer());
        let pass = self.pass();
        let fresh = self.row(name).is_some_and(|row| self.is_fresh(row));
        let Some(row) = self.list.named_mut(name.as_str()) else { return };
        // What is known stays known, and old, when nobody could be asked.
        if in_vain && matches!(row.state, TagState::Known(_) | TagState::Dangling) {
            return;
        }
        row.asked = false;
        row.read = pass;
        let old = std::mem::replace(&mut row.state, state);
        let digest = row.state.info().map(|info| info.digest.clone());
        self.known += usize::from(!fresh);
        self.changed();
        if old.info().map(|info| &info.digest) == digest.as_ref() {
            return;
        }
        self.unsaved = true;
        if let Some(old) = old.info() {
            one_less(&mut self.on_digest, &old.digest);
        }
        if let Some(digest) = digest {
            *self.on_digest.entry(digest).or_default() += 1;
        }
    }

    /// What to save for the next visit, and its time: a complete list, if it has something new.
    pub fn take_unsaved(&mut self) -> Option<(Timestamp, Rows<TagRow>)> {
        let complete = matches!(&self.phase, Phase::Done(end) if end.complete);
        if !complete || !std::mem::take(&mut self.unsaved) {
            return None;
        }
        Some((self.as_of?, self.rows.clone()))
    }

    /// What a plan was made of. The next one need not ask for all of it again, unless the list was read, or has to be,
    /// after that was begun: something was changed meanwhile, and some of it was asked before.
    pub fn surveyed(&mut self, since: Timestamp, snapshot: Arc<Snapshot>) {
        let stands = matches!(self.phase, Phase::Done(_)) && self.as_of.is_some_and(|time| time <= since);
        self.surveyed = stands.then_some((since, snapshot));
    }

    /// Something was changed: what is shown may be old, and is no ground for a plan.
    pub fn forget(&mut self) {
        self.list.phase = Phase::NotAsked;
        self.surveyed = None;
    }

    /// What was read no longer ago than this: by the whole list, and for a plan.
    pub fn seen(&self, now: Timestamp, life: SignedDuration) -> Option<Seen> {
        let recent = |time: &Timestamp| now.duration_since(*time) <= life;
        let complete = matches!(&self.phase, Phase::Done(end) if end.complete);
        let listed = self.as_of.filter(recent).filter(|_| complete);
        let survey = self.surveyed.as_ref().filter(|(since, _)| recent(since));
        let since = listed.into_iter().chain(survey.map(|(since, _)| *since)).min()?;
        let rows = listed.map(|_| (self.rows.clone(), self.pass()));
        Some(Seen { since, rows, survey: survey.map(|(_, snapshot)| Arc::clone(snapshot)) })
    }

    /// One request of details is given up; what it did not bring may be asked for again.
    pub fn give_up(&mut self, id: RequestId) {
        for tag in self.chunks.give_up(id) {
            if let Some(row) = self.list.named_mut(tag.as_str()) {
                row.asked = false;
            }
        }
    }

    /// Forgets that details were asked for: their request ended or was given up.
    pub fn unask(&mut self) {
        self.list.rows.change(|row| row.asked, |row| row.asked = false);
    }
}

/// What was read of tags moments ago, for whoever would ask for the same again.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The oldest of it.
    pub since: Timestamp,
    rows: Option<(Rows<TagRow>, Pass)>,
    survey: Option<Arc<Snapshot>>,
}

impl Seen {
    /// What tags point at. Not those of which the two tell different things: they moved, and one of the two is old.
    pub fn targets(&self) -> HashMap<TagName, (Digest, Option<Arc<DigestInfo>>)> {
        let facts = self.survey.iter().flat_map(|survey| &survey.tags);
        let mut all: HashMap<_, _> = facts
            .filter_map(|fact| Some((fact.name.clone(), (fact.target.digest()?.clone(), fact.info.clone()))))
            .collect();
        for (tag, info) in self.infos() {
            let before = all.insert(tag.clone(), (info.digest.clone(), Some(Arc::clone(info))));
            if before.is_some_and(|(digest, _)| digest != info.digest) {
                all.remove(tag);
            }
        }
        all
    }

    /// Of the rows that were read in the list's own pass, not in an earlier one.
    fn infos(&self) -> impl Iterator<Item = (&TagName, &Arc<DigestInfo>)> {
        self.rows.iter().flat_map(|(rows, pass)| {
            rows.iter().filter(|row| row.read == *pass).filter_map(|row| match (&row.name, &row.state) {
                (Listed::Valid(name), TagState::Known(info)) => Some((name, info)),
                _ => None,
            })
        })
    }
}

fn one_less(counts: &mut HashMap<Digest, u32>, digest: &Digest) {
    if let Some(count) = counts.get_mut(digest) {
        *count -= 1;
        if *count == 0 {
            counts.remove(digest);
        }
    }
}
