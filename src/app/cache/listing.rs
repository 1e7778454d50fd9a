//! A list as it is read, again and again. Each reading is a pass: what it brings is there at once, what it did not bring
//! stays, marked as old, until the pass is known to be complete. So nothing on screen vanishes because of an answer that
//! was cut short.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use hashbrown::HashTable;
use jiff::Timestamp;

use super::Phase;
use super::outage::Outage;
use super::rows::Rows;
use crate::app::msg::RequestId;
use crate::domain::error::ErrorReport;
use crate::domain::page::{ListEnd, Listed};

/// The number of a pass; 0 is none. It wraps after 65,535 reloads.
pub type Pass = u16;

pub trait Row: Clone {
    type Name: AsRef<str>;

    fn new(name: Listed<Self::Name>) -> Self;
    fn name(&self) -> &Listed<Self::Name>;

    fn text(&self) -> &str {
        match self.name() {
            Listed::Valid(name) => name.as_ref(),
            Listed::Invalid(clean) => clean.as_str(),
        }
    }

    /// The pass that last brought it.
    fn listed(&self) -> Pass;
    fn set_listed(&mut self, pass: Pass);
    /// It stays, even if the server no longer lists it.
    fn stays(&self) -> bool;
}

/// Where rows went when some of them left: the new number of each old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved(Vec<u32>);

impl Moved {
    const GONE: u32 = u32::MAX;

    pub fn to(&self, old: u32) -> Option<u32> {
        self.0.get(old as usize).copied().filter(|new| *new != Self::GONE)
    }
}

#[derive(Clone, Debug)]
pub struct Listing<R> {
    pub rows: Rows<R>,
    /// Row numbers by name; the names themselves are in the rows.
    index: HashTable<u32>,
    hasher: RandomState,
    pub phase: Phase,
    /// Whether its rows' details can be had.
    pub outage: Outage,
    pass: Pass,
    /// When the rows were last known to be complete.
    pub as_of: Option<Timestamp>,
    /// The first rows, in the order of their names: what is sorted stays sorted while more arrive.
    pub order: Arc<Vec<u32>>,
}

impl<R> Default for Listing<R> {
    fn default() -> Self {
        Self {
            rows: Rows::default(),
            index: HashTable::new(),
            hasher: RandomState::new(),
            phase: Phase::default(),
            outage: Outage::default(),
            pass: 0,
            as_of: None,
            order: Arc::default(),
        }
    }
}

impl<R: Row> Listing<R> {
    pub fn begin(&mut self, id: RequestId) {
        self.pass = self.pass.wrapping_add(1).max(1);
        self.outage = Outage::default();
        self.phase = Phase::Loading(id);
    }

    pub fn pass(&self) -> Pass {
        self.pass
    }

    pub fn position(&self, text: &str) -> Option<u32> {
        self.index.find(self.hasher.hash_one(text), |at| self.rows.at(*at).text() == text).copied()
    }

    pub fn named(&self, text: &str) -> Option<&R> {
        self.position(text).map(|at| self.rows.at(at))
    }

    pub fn named_mut(&mut self, text: &str) -> Option<&mut R> {
        let at = self.position(text)?;
        self.rows.get_mut(at as usize)
    }

    /// The list now being read, or read last, has this row.
    pub fn is_listed(&self, row: &R) -> bool {
        row.listed() == self.pass || row.stays()
    }

    /// What is shown is from an earlier reading, at least in part; since when.
    pub fn old_since(&self) -> Option<Timestamp> {
        self.as_of.filter(|_| !matches!(self.phase, Phase::Done(_)))
    }

    /// About so many names are going to be added.
    pub fn expect(&mut self, count: usize) {
        let Self { index, hasher, rows, .. } = self;
        index.reserve(count, |at| hasher.hash_one(rows.at(*at).text()));
    }

    /// A name of the pass under way. Returns its row and whether it is new.
    pub fn add(&mut self, name: Listed<R::Name>) -> (u32, bool) {
        let pass = self.pass;
        let (at, new) = self.add_unlisted(name);
        if let Some(row) = self.rows.get_mut(at as usize) {
            row.set_listed(pass);
        }
        (at, new)
    }

    /// A name that the server is not known to list now: of an earlier visit, or pinned.
    pub fn add_unlisted(&mut self, name: Listed<R::Name>) -> (u32, bool) {
        let row = R::new(name);
        if let Some(at) = self.position(row.text()) {
            return (at, false);
        }
        let at = self.rows.len() as u32;
        self.rows.push(row);
        self.enter(at);
        (at, true)
    }

    fn enter(&mut self, at: u32) {
        let Self { index, hasher, rows, .. } = self;
        let hash = |at: &u32| hasher.hash_one(rows.at(*at).text());
        index.insert_unique(hash(&at), at, hash);
    }

    /// The end of a pass. When rows left, the others have new numbers; `gone` hears of each that left.
    pub fn end(&mut self, result: Result<ListEnd, ErrorReport>, now: Timestamp, gone: impl FnMut(&R)) -> Option<Moved> {
        let end = match result {
            Ok(end) => end,
            Err(report) => {
                self.outage.hear_of_list(&report);
                self.phase = Phase::Failed(report);
                return None;
            }
        };
        let complete = end.complete;
        self.phase = Phase::Done(end);
        if !complete {
            return None;
        }
        self.as_of = Some(now);
        let pass = self.pass;
        self.retain(|row| row.listed() == pass || row.stays(), gone)
    }

    /// Rows that are known to be gone, without another reading.
    pub fn remove(&mut self, gone: impl Fn(&R) -> bool) -> Option<Moved> {
        self.retain(|row| !gone(row), |_| {})
    }

    fn retain(&mut self, stays: impl Fn(&R) -> bool, mut gone: impl FnMut(&R)) -> Option<Moved> {
        if self.rows.iter().all(&stays) {
            return None;
        }
        let old = std::mem::take(&mut self.rows);
        self.index.clear();
        let mut moved = Vec::with_capacity(old.len());
        for row in &old {
            if !stays(row) {
                gone(row);
                moved.push(Moved::GONE);
                continue;
            }
            let at = self.rows.len() as u32;
            moved.push(at);
            self.rows.push(row.clone());
            self.enter(at);
        }
        let moved = Moved(moved);
        self.order = Arc::new(self.order.iter().filter_map(|at| moved.to(*at)).collect());
        Some(moved)
    }
}
