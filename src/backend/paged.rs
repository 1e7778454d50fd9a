//! Walking a list in numbered pages (an offset, a page number) to its end, whatever the server makes of it.

use std::collections::HashSet;
use std::future::Future;
use std::hash::Hash;
use std::time::Duration;

use tokio::sync::mpsc;

use super::error::{Error, Result};
use super::http::limits;
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::page::{ListEnd, Listed};

/// One page, as it came.
pub(super) struct Sheet<T> {
    pub entries: Vec<Listed<T>>,
    /// Entries that have no name at all.
    pub skipped: usize,
    pub bytes: usize,
    /// The number of the next page.
    pub next: Option<u64>,
    /// How many entries the system says there are.
    pub total: Option<u64>,
}

impl<T> Sheet<T> {
    /// What comes behind the last page.
    pub fn behind() -> Self {
        Self { entries: Vec::new(), skipped: 0, bytes: 0, next: None, total: None }
    }
}

/// Where a list ends that does not end by itself (safety.md D).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub pages: usize,
    pub entries: usize,
    pub bytes: u64,
    pub time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            pages: limits::LIST_PAGES,
            entries: limits::LIST_ENTRIES,
            bytes: limits::LIST_BYTES,
            time: limits::LIST_TIME,
        }
    }
}

const TOO_LONG: &str = "the list is longer than tagboat reads";

struct Walk<T> {
    bounds: Bounds,
    seen: HashSet<Listed<T>>,
    pages: usize,
    bytes: u64,
    skipped: usize,
    duplicates: usize,
    total: Option<u64>,
}

/// Reads all pages and sends them out. An error of the first page is the walk's; a later one ends it, incomplete.
pub(super) async fn walk<T, F, Fut>(
    first: u64,
    bounds: Bounds,
    pages: mpsc::Sender<Vec<Listed<T>>>,
    fetch: F,
) -> Result<ListEnd>
where
    T: Clone + Eq + Hash,
    F: Fn(u64) -> Fut,
    Fut: Future<Output = Result<Sheet<T>>>,
{
    let mut walk = Walk { bounds, seen: HashSet::new(), pages: 0, bytes: 0, skipped: 0, duplicates: 0, total: None };
    match tokio::time::timeout(bounds.time, walk.run(first, pages, fetch)).await {
        Ok(end) => end,
        // What came is kept: it has been handed over already.
        Err(_) if walk.pages > 0 => {
            Ok(walk.end(Some(&format!("reading it took longer than {} min", bounds.time.as_secs() / 60))))
        }
        Err(_) => Err(Error::new(ErrorKind::Timeout, "the list did not begin in time")),
    }
}

impl<T: Clone + Eq + Hash> Walk<T> {
    async fn run<F, Fut>(&mut self, first: u64, pages: mpsc::Sender<Vec<Listed<T>>>, fetch: F) -> Result<ListEnd>
    where
        F: Fn(u64) -> Fut,
        Fut: Future<Output = Result<Sheet<T>>>,
    {
        let mut at = first;
        loop {
            let sheet = match fetch(at).await {
                Ok(sheet) => sheet,
                Err(error) if self.pages == 0 => return Err(error),
                Err(error) => return Ok(self.end(Some(error.what.as_str()))),
            };
            self.pages += 1;
            self.bytes += sheet.bytes as u64;
            self.skipped += sheet.skipped;
            self.total = sheet.total.or(self.total);
            let (came, next) = (sheet.entries.len() + sheet.skipped, sheet.next);
            let mut new = Vec::with_capacity(sheet.entries.len());
            for entry in sheet.entries {
                if self.seen.len() >= self.bounds.entries {
                    break;
                }
                if self.seen.insert(entry.clone()) {
                    new.push(entry);
                } else {
                    self.duplicates += 1;
                }
            }
            let nothing_new = new.is_empty() && sheet.skipped == 0;
            if !new.is_empty() && pages.send(new).await.is_err() {
                return Ok(ListEnd::default());
            }
            at = match next {
                None => return Ok(self.end(None)),
                Some(_) if came == 0 => return Ok(self.end(None)),
                Some(_) if nothing_new => return Ok(self.end(Some("a page brought nothing new"))),
                Some(next) if next <= at => {
                    return Ok(self.end(Some("the next page is one that was read before")));
                }
                Some(_) if self.is_full() => return Ok(self.end(Some(TOO_LONG))),
                Some(next) => next,
            };
        }
    }

    fn is_full(&self) -> bool {
        let Bounds { pages, entries, bytes, .. } = self.bounds;
        self.pages >= pages || self.seen.len() >= entries || self.bytes >= bytes
    }

    fn end(&self, incomplete: Option<&str>) -> ListEnd {
        let counted = |count: usize, one: &str, more: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            n => Some(format!("{n} {more}")),
        };
        let came = (self.seen.len() + self.skipped + self.duplicates) as u64;
        let miscounted = self.total.filter(|total| *total != came && incomplete.is_none());
        let parts: Vec<String> = [
            incomplete.map(|why| format!("incomplete: {why}")),
            counted(self.skipped, "entry skipped", "entries skipped"),
            counted(self.duplicates, "duplicate dropped", "duplicates dropped"),
            miscounted.map(|total| format!("the server counts {total}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        let note = (!parts.is_empty()).then(|| clean::line(&parts.join("; ")));
        ListEnd { complete: incomplete.is_none(), note }
    }
}

#[cfg(test)]
#[path = "paged_tests.rs"]
mod tests;
