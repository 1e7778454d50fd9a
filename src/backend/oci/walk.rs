//! Walking a paged list to its end, whatever the server makes of paging (oci-distribution.md §4.2–4.5).

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::hash::{BuildHasher as _, BuildHasherDefault, Hasher, RandomState};

use tokio::sync::mpsc;

use super::listing::Entries;
use crate::backend::error::{Error, Result};
pub(super) use crate::backend::paged::Bounds;
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;
use crate::domain::page::{ListEnd, Listed};

/// Every known server takes this; the first rows come soon.
const FIRST: usize = 100;
/// For the pages after it. Above it ECR and distribution's catalogue answer 400.
const MANY: usize = 1000;
const LEAST: usize = 10;
const TOO_LONG: &str = "the list is longer than tagboat reads";
/// Rows handed over at a time, so that a huge page shows before it is through.
const BATCH: usize = 2_000;

/// A page as the server sent it: its entries, how long it was, and the query of its `Link: …; rel="next"`.
pub(super) struct Page {
    pub entries: Entries,
    pub bytes: usize,
    pub next: Option<String>,
}

/// Of a page that is still arriving.
pub(super) enum Part {
    Entries(Entries),
    /// It broke off and is read again, from its beginning.
    Again,
}

/// Parts on their way to the walk.
const PARTS: usize = 2;

/// What a page has brought so far.
#[derive(Default)]
struct Brought {
    sent: usize,
    skipped: usize,
    duplicates: usize,
    /// Entries that this pass had not brought before.
    new: usize,
    last: Option<String>,
}

/// Where the walk goes next.
#[derive(Clone, Debug)]
struct Step {
    query: Option<String>,
    /// The link's own query, where `query` asks for more entries than the link did.
    plain: Option<String>,
    /// Nobody promised this page: it is asked for because the one before was exactly full.
    probe: bool,
}

impl Step {
    fn first(n: Option<usize>) -> Self {
        Self { query: n.map(|n| format!("n={n}")), plain: None, probe: false }
    }
}

struct Walk<T> {
    bounds: Bounds,
    parse: fn(&str) -> Option<T>,
    pages: mpsc::Sender<Vec<Listed<T>>>,
    /// A hash of every name so far, and the pass that last brought it: a walk that starts again, or a page that broke
    /// off, sees old names again. Of a million names two share a hash once in thirty million walks, and its key is drawn
    /// anew for each.
    seen: HashMap<u64, u16, BuildHasherDefault<AsItIs>>,
    hasher: RandomState,
    pass: u16,
    restarted: bool,
    asked: HashSet<Option<String>>,
    page_count: usize,
    bytes: u64,
    skipped: usize,
    duplicates: usize,
}

/// What is a hash already needs no other.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Nobody wants the list any more.
struct Unwanted;

/// Reads all pages and sends them out. An error of the first page is the walk's; a later one ends it, incomplete.
pub(super) async fn walk<T, F, Fut>(
    parse: fn(&str) -> Option<T>,
    pages: mpsc::Sender<Vec<Listed<T>>>,
    bounds: Bounds,
    fetch: F,
) -> Result<ListEnd>
where
    F: Fn(Option<String>, mpsc::Sender<Part>) -> Fut,
    Fut: Future<Output = Result<Page>>,
{
    let mut walk = Walk {
        bounds,
        parse,
        pages,
        seen: HashMap::default(),
        hasher: RandomState::new(),
        pass: 0,
        restarted: false,
        asked: HashSet::new(),
        page_count: 0,
        bytes: 0,
        skipped: 0,
        duplicates: 0,
    };
    let last = walk.run(fetch);
    match tokio::time::timeout(bounds.time, last).await {
        Ok(end) => end,
        // What came is kept: it has been handed over already.
        Err(_) if walk.page_count > 0 || !walk.seen.is_empty() => {
            Ok(walk.incomplete(&format!("reading it took longer than {} min", bounds.time.as_secs() / 60)))
        }
        Err(_) => Err(Error::new(ErrorKind::Timeout, "the list did not begin in time")),
    }
}

impl<T> Walk<T> {
    async fn run<F, Fut>(&mut self, fetch: F) -> Result<ListEnd>
    where
        F: Fn(Option<String>, mpsc::Sender<Part>) -> Fut,
        Fut: Future<Output = Result<Page>>,
    {
        let mut n = Some(FIRST);
        let mut may_raise = true;
        let mut step = Step::first(n);
        loop {
            if !self.asked.insert(step.query.clone()) {
                return Ok(self.incomplete("the registry's next page is one that was read before"));
            }
            let Bounds { pages, bytes, .. } = self.bounds;
            if self.page_count >= pages || self.is_full() || self.bytes >= bytes {
                return Ok(self.incomplete(TOO_LONG));
            }
            let duplicates = self.duplicates;
            let mut brought = Brought::default();
            let (parts, mut incoming) = mpsc::channel(PARTS);
            let mut fetching = std::pin::pin!(fetch(step.query.clone(), parts));
            let answer = loop {
                let part = tokio::select! {
                    biased;
                    Some(part) = incoming.recv() => part,
                    answer = &mut fetching => break answer,
                };
                if self.take_part(part, &mut brought).await.is_err() {
                    return Ok(ListEnd::default());
                }
                if self.seen.len() > self.bounds.entries {
                    return Ok(self.incomplete(TOO_LONG));
                }
            };
            while let Ok(part) = incoming.try_recv() {
                if self.take_part(part, &mut brought).await.is_err() {
                    return Ok(ListEnd::default());
                }
            }
            let Page { entries, bytes, next } = match answer {
                Ok(page) => page,
                Err(error) => match self.after_failure(&step, error, &mut n, &mut may_raise)? {
                    Next::Step(next) => {
                        step = next;
                        continue;
                    }
                    Next::End(end) => return Ok(end),
                },
            };
            self.page_count += 1;
            self.bytes += bytes as u64;
            if self.take(entries, &mut brought).await.is_err() {
                return Ok(ListEnd::default());
            }
            let Brought { sent, new, last, .. } = brought;
            step = match next {
                // distribution 2.8 ignores `n` and `last` for tags: it only repeated itself (§4.2).
                _ if new == 0 && step.probe => {
                    self.duplicates = duplicates;
                    return Ok(self.complete());
                }
                // distribution ends with an empty page when the one before was exactly full (§4.3).
                None if sent == 0 || (new == 0 && self.page_count == 1) => return Ok(self.complete()),
                None if new == 0 => return Ok(self.incomplete("a page brought nothing new")),
                Some(_) if new == 0 => return Ok(self.incomplete("a page brought nothing new")),
                Some(link) => self.follow(link, may_raise),
                // Gitea and go-containerregistry cut without a Link (§4.3).
                None => match (explicit_n(step.query.as_deref()), last) {
                    (Some(n), Some(last)) if n == sent => {
                        let query = format!("n={n}&last={}", encode(&last));
                        Step { query: Some(query), plain: None, probe: true }
                    }
                    _ => return Ok(self.complete()),
                },
            };
        }
    }

    /// The link's query, unchanged but for a page size of ours that can grow.
    fn follow(&self, link: String, may_raise: bool) -> Step {
        let raised = if may_raise { raise(&link) } else { None };
        match raised {
            Some(query) => Step { query: Some(query), plain: Some(link), probe: false },
            None => Step { query: Some(link), plain: None, probe: false },
        }
    }

    fn after_failure(
        &mut self,
        step: &Step,
        error: Error,
        n: &mut Option<usize>,
        may_raise: &mut bool,
    ) -> Result<Next> {
        // Larger pages were our idea: go on with the server's.
        if let (Some(plain), Some(400)) = (&step.plain, error.status) {
            *may_raise = false;
            return Ok(Next::Step(Step { query: Some(plain.clone()), plain: None, probe: false }));
        }
        if step.probe {
            return Ok(Next::End(self.complete()));
        }
        let at_start = self.asked.len() == 1 || step.query == Step::first(*n).query;
        if at_start && n.is_some() && is_page_size(&error) {
            *n = n.map(|n| n / 2).filter(|n| *n >= LEAST);
            *may_raise = false;
            return Ok(Next::Step(Step::first(*n)));
        }
        if self.page_count == 0 {
            return Err(error);
        }
        // Harbor's catalogue answers 400 when the repository that `last` names was deleted meanwhile (§4.3).
        if !at_start && !self.restarted && matches!(error.status, Some(400 | 404)) {
            self.restarted = true;
            self.pass += 1;
            self.asked.clear();
            return Ok(Next::Step(Step::first(*n)));
        }
        Ok(Next::End(self.incomplete(error.what.as_str())))
    }

    fn is_full(&self) -> bool {
        self.seen.len() >= self.bounds.entries
    }

    async fn take_part(&mut self, part: Part, brought: &mut Brought) -> std::result::Result<(), Unwanted> {
        match part {
            Part::Entries(entries) => self.take(entries, brought).await,
            Part::Again => {
                self.pass += 1;
                self.skipped -= brought.skipped;
                self.duplicates -= brought.duplicates;
                *brought = Brought::default();
                Ok(())
            }
        }
    }

    async fn take(&mut self, entries: Entries, brought: &mut Brought) -> std::result::Result<(), Unwanted> {
        self.skipped += entries.skipped();
        brought.skipped += entries.skipped();
        brought.sent += entries.sent();
        brought.last = entries.names().next_back().map(str::to_owned).or(brought.last.take());
        let mut batch = Vec::with_capacity(entries.names().len().min(BATCH));
        self.seen.reserve(entries.names().len().min(BATCH));
        for name in entries.names() {
            let hash = self.hasher.hash_one(name);
            match self.seen.entry(hash) {
                Entry::Occupied(mut seen) => {
                    if seen.insert(self.pass) == self.pass {
                        self.duplicates += 1;
                        brought.duplicates += 1;
                    } else {
                        brought.new += 1;
                    }
                }
                Entry::Vacant(place) => {
                    brought.new += 1;
                    batch.push(
                        (self.parse)(name).map_or_else(|| Listed::Invalid(clean::identifier(name)), Listed::Valid),
                    );
                    place.insert(self.pass);
                }
            }
            if batch.len() == BATCH && self.pages.send(std::mem::take(&mut batch)).await.is_err() {
                return Err(Unwanted);
            }
        }
        if !batch.is_empty() && self.pages.send(batch).await.is_err() {
            return Err(Unwanted);
        }
        Ok(())
    }

    fn complete(&self) -> ListEnd {
        ListEnd { complete: !self.restarted, note: self.note(self.restarted.then_some("it changed while it was read")) }
    }

    fn incomplete(&self, why: &str) -> ListEnd {
        ListEnd { complete: false, note: self.note(Some(why)) }
    }

    fn note(&self, incomplete: Option<&str>) -> Option<Clean> {
        let counted = |count: usize, what: &str| match count {
            0 => None,
            1 => Some(format!("1 {what}")),
            n => Some(format!("{n} {}", what.replacen("entry", "entries", 1).replacen("duplicate", "duplicates", 1))),
        };
        let parts: Vec<String> = [
            incomplete.map(|why| format!("incomplete: {why}")),
            counted(self.skipped, "entry skipped"),
            counted(self.duplicates, "duplicate dropped"),
        ]
        .into_iter()
        .flatten()
        .collect();
        if parts.is_empty() { None } else { Some(clean::line(&parts.join("; "))) }
    }
}

enum Next {
    Step(Step),
    End(ListEnd),
}

/// distribution: `PAGINATION_NUMBER_INVALID`; ECR: `UNSUPPORTED` and a text with `maxResults` (§4.2).
fn is_page_size(error: &Error) -> bool {
    error.status == Some(400)
        && (error.code.as_ref().is_some_and(|code| code.as_str() == "PAGINATION_NUMBER_INVALID")
            || error.what.as_str().contains("maxResults"))
}

pub(super) fn explicit_n(query: Option<&str>) -> Option<usize> {
    query?.split('&').find_map(|part| part.strip_prefix("n=")?.parse().ok())
}

/// The same query with `n=100` made larger; `None` where it holds no such thing.
fn raise(query: &str) -> Option<String> {
    let ours = format!("n={FIRST}");
    let mut parts: Vec<&str> = query.split('&').collect();
    let raised = format!("n={MANY}");
    *parts.iter_mut().find(|part| **part == ours)? = &raised;
    Some(parts.join("&"))
}

fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
