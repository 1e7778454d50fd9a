//! One item after the other.

use std::collections::HashSet;
use std::ops::{Deref, DerefMut};
use std::panic::AssertUnwindSafe;

use super::answer::{self, Answer};
use super::check::{Checked, Eyes, Verdict};
use super::event::{Event, Phase, Report, Stop};
use super::keep::Kept;
use super::ledger::Ledger;
use super::look::is_old;
use super::record::Record;
use super::sharers::Sharers;
use super::verify::Verified;
use super::{Batch, many, placeholder};
use crate::backend::Error;
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::{Item, Method};
use crate::domain::error::ErrorKind;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::Digest;
use futures_util::FutureExt as _;

pub(super) struct Course<'a> {
    pub eyes: Eyes<'a>,
    ledger: Ledger<'a>,
    /// It deletes by digest: asked once, before the first placeholder.
    pub deletes: Option<Result<(), Ended>>,
    /// A tag points at a placeholder, or may: the journal stays open for repair.
    pub left_open: bool,
}

impl<'a> Deref for Course<'a> {
    type Target = Ledger<'a>;

    fn deref(&self) -> &Ledger<'a> {
        &self.ledger
    }
}

impl DerefMut for Course<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.ledger
    }
}

pub(super) async fn run(batch: &Batch, record: Record) -> Report {
    let plan = &*batch.plan;
    let eyes = Eyes {
        backend: &*batch.backend,
        plan,
        lost: plan.lost_tags().collect(),
        sharers: Sharers::default(),
        kept: HashSet::new(),
        gone: HashSet::new(),
        away: HashSet::new(),
    };
    let ledger = Ledger::begin(record, &batch.events, &batch.stop, plan.items.len()).await;
    let mut course = Course { eyes, ledger, deletes: None, left_open: false };
    course.all().await;
    course.ledger.finish(course.left_open).await
}

impl Course<'_> {
    async fn all(&mut self) {
        let mut ahead = None;
        let by_list = many::is_way_of(self.eyes.backend);
        for at in 0..self.eyes.plan.items.len() {
            // With many before it.
            if !self.is_open(at) {
                continue;
            }
            if !self.goes_on() {
                return;
            }
            if let Some(ended) = self.eyes.waits_for(&self.eyes.plan.items[at]) {
                self.ended(at, ended).await;
                continue;
            }
            let request = if by_list { self.chunk(at) } else { vec![at] };
            let work = async {
                match by_list {
                    true => self.many(&request).await,
                    false => ahead = self.item(at, ahead.take()).await,
                }
            };
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                let ended = self.failed_itself(&request);
                self.ended_all(ended).await;
            }
        }
    }

    /// Returns the look at the next item, if it was made together with the last one at this.
    async fn item(&mut self, at: usize, ahead: Option<Checked>) -> Option<Checked> {
        let plan = self.eyes.plan;
        let item = &plan.items[at];
        self.tell(Event::Item { at, phase: Phase::Checking }).await;
        if item.method == Method::Placeholder {
            placeholder::run(self, at).await;
            return None;
        }
        let answer = match self.send(at, ahead).await {
            Ok(answer) => answer,
            Err(ended) => {
                self.ended(at, ended).await;
                return None;
            }
        };
        if let Answer::No(error) = &answer {
            let ended = self.refused(item, error);
            self.ended(at, ended).await;
            return None;
        }
        self.judge(&answer);
        self.tell(Event::Item { at, phase: Phase::Verifying }).await;
        let next = self.next_to_look_at(at);
        let look = async {
            match next {
                Some(next) => Some(self.eyes.check(next).await),
                None => None,
            }
        };
        let (verified, ahead) = tokio::join!(self.eyes.verify(at, &answer), look);
        self.verified(at, verified).await;
        ahead
    }

    pub async fn verified(&mut self, at: usize, verified: Verified) {
        let Verified { ended, away, damage } = verified;
        if away {
            self.eyes.gone.extend(self.eyes.plan.items[at].deletes().cloned());
        }
        let Some(damage) = damage else { return self.ended(at, ended).await };
        let why = match &ended.why {
            Some(why) => format!("{why}; {damage}"),
            None => damage.to_string(),
        };
        self.ended(at, Ended { why: Some(clean::line(&why)), ..ended }).await;
        self.alarm(damage).await;
    }

    pub async fn alarm(&mut self, damage: Clean) {
        self.said.push(damage.clone());
        self.tell(Event::Alarm(damage.clone())).await;
        self.halt(Stop::Damage(damage));
    }

    /// Looks, records, looks again if that took long, and sends once. `Err`: nothing was sent, or nothing was done.
    async fn send(&mut self, at: usize, mut ahead: Option<Checked>) -> Result<Answer, Ended> {
        let (mut recorded, mut tried) = (false, 0);
        loop {
            if self.eyes.plan.items[at].deletes().is_some() && !self.eyes.sharers.is_fresh() {
                ahead = None;
                self.flush().await?;
                if let Err(error) = self.eyes.sharers.read(self.eyes.backend, self.eyes.plan).await {
                    self.pause(&[at], error, &mut tried).await?;
                    continue;
                }
            }
            let checked = match ahead.take().filter(|checked| checked.at == at) {
                Some(checked) => checked,
                None => self.eyes.check(at).await,
            };
            let kept = match checked.verdict {
                Verdict::Send(kept) => kept,
                Verdict::Not(ended) => return Err(ended),
                Verdict::Failed(error) => {
                    self.pause(&[at], error, &mut tried).await?;
                    continue;
                }
            };
            if !recorded {
                self.sending(at, kept).await?;
                recorded = true;
            }
            if is_old(checked.when, self.eyes.backend) {
                continue;
            }
            self.tell(Event::Item { at, phase: Phase::Sending }).await;
            match answer::of(self.request(at).await) {
                // After the wait everything is looked at again.
                Answer::No(error) if error.kind == ErrorKind::RateLimited => {
                    self.pause(&[at], error, &mut tried).await?
                }
                answer => return Ok(answer),
            }
        }
    }

    async fn request(&self, at: usize) -> crate::backend::Result<crate::backend::Sent> {
        let (backend, repo, item) = (self.eyes.backend, &self.eyes.plan.repo, &self.eyes.plan.items[at]);
        match (item.method, &item.tag, &item.digest) {
            (Method::DeleteManifest, _, Some(digest)) => backend.delete_manifest(repo, digest).await,
            (Method::Untag | Method::Vendor, Some(tag), _) => backend.delete_tag(repo, tag).await,
            _ => Err(Error::new(ErrorKind::Forbidden, "the plan does not say what to delete")),
        }
    }

    /// Before the request of an item, with what is kept of it.
    pub async fn sending(&mut self, at: usize, kept: Vec<Kept>) -> Result<(), Ended> {
        let digests: Vec<Digest> = kept.iter().map(|one| one.digest.clone()).collect();
        match self.record.sending(at, kept).await {
            Ok(omitted) => {
                self.eyes.kept.extend(digests);
                for digest in omitted {
                    self.tell(Event::NotKept { digest: digest.clone() }).await;
                    self.not_kept.push(digest);
                }
                Ok(())
            }
            Err(why) => Err(self.unrecorded(why)),
        }
    }

    /// What is asked for was not done.
    pub fn refused(&mut self, item: &Item, error: &Error) -> Ended {
        let untag = matches!(item.method, Method::Untag | Method::Vendor);
        if untag && error.kind == ErrorKind::Unsupported && self.eyes.plan.kind.words().nests {
            // The rest would be refused as well; by which way it is to go is somebody's decision.
            self.halt(Stop::Registry(Clean::fixed(
                "this registry does not delete a tag alone: plan again, and choose to delete by digest with the tags \
                 that share it, or the placeholder way",
            )));
            return Ended::because(Outcome::Refused, clean::line(&format!("{}; {}", error.what, instead(item))));
        }
        self.not_done(error)
    }

    pub fn judge(&mut self, answer: &Answer) {
        match answer {
            Answer::Open(error) | Answer::No(error) => self.judge_error(error),
            Answer::Accepted | Answer::NotThere | Answer::Left => self.fine(),
        }
    }

    /// The one behind this, if it may be looked at while this is still being verified.
    fn next_to_look_at(&self, at: usize) -> Option<usize> {
        let next = at + 1;
        let item = self.eyes.plan.items.get(next)?;
        let possible = item.method != Method::Placeholder
            && !self.wants_to_stop()
            && item.after.iter().all(|digest| self.eyes.gone.contains(digest))
            && (item.deletes().is_none() || self.eyes.sharers.is_fresh());
        possible.then_some(next)
    }

    pub async fn ended(&mut self, at: usize, ended: Ended) {
        self.note(at, &ended);
        self.ledger.ended(at, ended).await;
    }

    /// Outcomes that were known at once.
    pub async fn ended_all(&mut self, all: Vec<(usize, Ended)>) {
        all.iter().for_each(|(at, ended)| self.note(*at, ended));
        self.ledger.ended_all(all).await;
    }

    /// What is not there any more for the items to come.
    fn note(&mut self, at: usize, ended: &Ended) {
        let item = &self.eyes.plan.items[at];
        if ended.outcome.is_settled() || ended.outcome == Outcome::Changed {
            self.eyes.away.extend(item.tag.iter().chain(item.takes()).cloned());
        }
        if ended.outcome.is_settled() {
            self.eyes.gone.extend(item.deletes().cloned());
        }
    }
}

/// What can be chosen where a tag cannot be deleted alone. Never done by itself (oci-distribution.md §11.3).
fn instead(item: &Item) -> String {
    let others: Vec<&str> = item.siblings().map(|tag| tag.as_str()).collect();
    match others.len() {
        0 => "choose to delete its manifest, or the placeholder way".to_owned(),
        1..=5 => format!("choose the placeholder way, or to delete its manifest together with {}", others.join(", ")),
        n => format!("choose the placeholder way, or to delete its manifest together with its {n} other tags"),
    }
}
