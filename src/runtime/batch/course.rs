//! One item after the other.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::answer::{self, Answer, Trouble};
use super::check::{Checked, Eyes, Verdict, not};
use super::event::{Event, Phase, Report, Stop, Totals};
use super::keep::Kept;
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

/// A look ahead that is older than a round trip is repeated; never less than this, which is what a disk may need.
pub(super) const FRESH: Duration = Duration::from_millis(20);

pub(super) struct Course<'a> {
    pub eyes: Eyes<'a>,
    pub record: Record,
    events: &'a mpsc::Sender<Event>,
    stop: &'a CancellationToken,
    pub items: Vec<Option<Ended>>,
    totals: Totals,
    pub trouble: Trouble,
    stopped: Option<Stop>,
    not_kept: Vec<Digest>,
    pub said: Vec<Clean>,
    /// It deletes by digest: asked once, before the first placeholder.
    pub deletes: Option<Result<(), Ended>>,
    /// A tag points at a placeholder, or may: the journal stays open for repair.
    pub left_open: bool,
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
    let mut course = Course {
        eyes,
        record,
        events: &batch.events,
        stop: &batch.stop,
        items: vec![None; plan.items.len()],
        totals: Totals::new(plan.items.len()),
        trouble: Trouble::default(),
        stopped: None,
        not_kept: Vec::new(),
        said: Vec::new(),
        deletes: None,
        left_open: false,
    };
    course.tell(Event::Began { journal: course.record.id().to_owned() }).await;
    course.all().await;
    course.finish().await
}

impl<'a> Course<'a> {
    async fn all(&mut self) {
        let mut ahead = None;
        let by_list = many::is_way_of(self.eyes.backend);
        for at in 0..self.items.len() {
            // With many before it.
            if self.items[at].is_some() {
                continue;
            }
            if self.events.is_closed() || self.stop.is_cancelled() {
                self.halt(Stop::Cancelled);
            }
            if self.stopped.is_some() {
                return;
            }
            let request = if by_list { self.chunk(at) } else { vec![at] };
            // What goes wrong in here is an outcome like any other, and nobody waits for it in vain.
            if by_list {
                if AssertUnwindSafe(self.many(request.clone())).catch_unwind().await.is_err() {
                    self.failed_itself(&request).await;
                }
                continue;
            }
            ahead = match AssertUnwindSafe(self.item(at, ahead.take())).catch_unwind().await {
                Ok(ahead) => ahead,
                Err(_) => {
                    self.failed_itself(&request).await;
                    None
                }
            };
        }
    }

    async fn failed_itself(&mut self, request: &[usize]) {
        let why = "tagboat itself failed at this item, and does not know whether it was done; the log has more";
        for at in request {
            if self.items[*at].is_none() {
                self.ended(*at, not(Outcome::Unknown, why)).await;
            }
        }
        self.halt(Stop::Fault(Clean::fixed("tagboat itself failed; the log has more")));
    }

    /// Returns the look at the next item, if it was made together with the last one at this.
    async fn item(&mut self, at: usize, ahead: Option<Checked>) -> Option<Checked> {
        let plan = self.eyes.plan;
        let item = &plan.items[at];
        if let Some(ended) = self.eyes.waits_for(item) {
            self.ended(at, ended).await;
            return None;
        }
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
                    self.pause(at, error, &mut tried).await?;
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
                    self.pause(at, error, &mut tried).await?;
                    continue;
                }
            };
            if !recorded {
                self.record(at, kept).await?;
                recorded = true;
            }
            if checked.when.elapsed() > FRESH.max(self.eyes.backend.latency().unwrap_or_default()) {
                continue;
            }
            self.tell(Event::Item { at, phase: Phase::Sending }).await;
            match answer::of(self.request(at).await) {
                // Answered, so it was not done, and after the wait everything is looked at again.
                Answer::No(error) if error.kind == ErrorKind::RateLimited => self.pause(at, error, &mut tried).await?,
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

    pub async fn record(&mut self, at: usize, kept: Vec<Kept>) -> Result<(), Ended> {
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

    /// Before a time in which nothing is recorded.
    async fn flush(&mut self) -> Result<(), Ended> {
        match self.record.flush().await {
            Ok(()) => Ok(()),
            Err(why) => Err(self.unrecorded(why)),
        }
    }

    pub fn unrecorded(&mut self, why: Clean) -> Ended {
        self.halt(Stop::Journal(why.clone()));
        Ended::because(Outcome::Failed, why)
    }

    /// Waits where the registry asks for it. `Err` where trying again makes no sense.
    pub async fn pause(&mut self, at: usize, error: Error, tried: &mut u32) -> Result<(), Ended> {
        let Some(wait) = answer::pause(&error, *tried) else {
            let outcome = if error.kind == ErrorKind::Unsupported { Outcome::Refused } else { Outcome::Failed };
            self.judge_error(&error);
            return Err(Ended::because(outcome, error.what));
        };
        *tried += 1;
        self.flush().await?;
        self.tell(Event::Waiting { at, wait, why: error.what }).await;
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(()),
            () = self.stop.cancelled() => Err(self.given_up()),
            () = self.events.closed() => Err(self.given_up()),
        }
    }

    fn given_up(&mut self) -> Ended {
        self.halt(Stop::Cancelled);
        not(Outcome::Skipped, "stopped while waiting; nothing was done")
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
        self.judge_error(error);
        let outcome = match error.delivery {
            crate::backend::Delivery::NotSent => Outcome::Failed,
            _ => Outcome::Refused,
        };
        Ended::because(outcome, error.what.clone())
    }

    pub fn judge(&mut self, answer: &Answer) {
        match answer {
            Answer::Open(error) | Answer::No(error) => self.judge_error(error),
            Answer::Accepted | Answer::NotThere | Answer::Left => self.trouble.fine(),
        }
    }

    pub fn judge_error(&mut self, error: &Error) {
        if self.trouble.ends(error) {
            self.halt(Stop::Registry(error.what.clone()));
        }
    }

    /// The one behind this, if it may be looked at while this is still being verified.
    fn next_to_look_at(&self, at: usize) -> Option<usize> {
        let next = at + 1;
        let item = self.eyes.plan.items.get(next)?;
        let possible = item.method != Method::Placeholder
            && self.stopped.is_none()
            && !self.stop.is_cancelled()
            && item.after.iter().all(|digest| self.eyes.gone.contains(digest))
            && (item.deletes().is_none() || self.eyes.sharers.is_fresh());
        possible.then_some(next)
    }

    pub async fn ended(&mut self, at: usize, ended: Ended) {
        if let Err(why) = self.record.ended(at, &ended).await {
            self.halt(Stop::Journal(why));
        }
        self.count(at, ended).await;
    }

    /// Outcomes that were known at once.
    pub async fn ended_all(&mut self, all: Vec<(usize, Ended)>) {
        if let Err(why) = self.record.ended_all(all.clone()).await {
            self.halt(Stop::Journal(why));
        }
        for (at, ended) in all {
            self.count(at, ended).await;
        }
    }

    async fn count(&mut self, at: usize, ended: Ended) {
        let item = &self.eyes.plan.items[at];
        if ended.outcome.is_settled() || ended.outcome == Outcome::Changed {
            self.eyes.away.extend(item.tag.iter().chain(item.takes()).cloned());
        }
        if ended.outcome.is_settled() {
            self.eyes.gone.extend(item.deletes().cloned());
        }
        self.items[at] = Some(ended.clone());
        self.totals.count(ended.outcome);
        self.tell(Event::Ended { at, ended, totals: self.totals }).await;
    }

    /// The first reason counts.
    pub fn halt(&mut self, stop: Stop) {
        self.stopped.get_or_insert(stop);
    }

    pub async fn tell(&self, event: Event) {
        // Nobody there: the batch ends before its next item, and the journal has everything.
        let _ = self.events.send(event).await;
    }

    async fn finish(mut self) -> Report {
        let rest: Vec<usize> = (0..self.items.len()).filter(|at| self.items[*at].is_none()).collect();
        if !rest.is_empty() {
            let why = self.stopped.as_ref().map_or(Clean::fixed("not begun"), Stop::why);
            let ended = Ended::because(Outcome::Skipped, why);
            if let Err(why) = self.record.skipped(rest.clone(), ended.clone()).await {
                self.halt(Stop::Journal(why));
            }
            for at in rest {
                self.items[at] = Some(ended.clone());
                self.totals.count(Outcome::Skipped);
                self.tell(Event::Ended { at, ended: ended.clone(), totals: self.totals }).await;
            }
        }
        let journal = self.record.id().to_owned();
        let ended = match self.left_open {
            true => self.record.flush().await,
            false => self.record.end().await,
        };
        self.said.extend(ended.err());
        Report {
            items: self.items.into_iter().flatten().collect(),
            totals: self.totals,
            stopped: self.stopped,
            journal: Some(journal),
            not_kept: self.not_kept,
            said: self.said,
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
