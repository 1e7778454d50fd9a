//! The steps, one after the other; what stops one stops all, and the tag is never set on what is not whole.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::bring::Mounts;
use crate::backend::{Backend, Error, Place};
use crate::domain::clean::{self, Clean};
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::{Digest, Reference};
use crate::domain::transfer::{Step, Tagging, Transfer};
use crate::runtime::batch::keep::Kept;
use crate::runtime::batch::look::{self, Look};
use crate::runtime::batch::record::Record;
use crate::runtime::batch::{Event, Phase};
use crate::runtime::batch::{Report, Stop, Totals};
use crate::store::journal::{Header, Item, Journals};

pub struct Copy {
    pub from: Arc<dyn Backend>,
    pub to: Arc<dyn Backend>,
    /// The addresses these two speak to; a copy runs between those it was prepared for and nowhere else.
    pub origins: (String, String),
    /// At the target.
    pub account: Option<String>,
    pub transfer: Arc<Transfer>,
    pub journals: Journals,
    /// When nobody receives any more, nobody watches, and it ends.
    pub events: mpsc::Sender<Event>,
    /// Ends it between two steps, or within a blob.
    pub stop: CancellationToken,
}

/// What became of it; the items of the report are the steps of the transfer.
pub struct Finished {
    pub report: Report,
    /// What ended it, where that was an answer or the lack of one.
    pub error: Option<Error>,
}

pub(super) struct Run<'a> {
    copy: &'a Copy,
    record: Record,
    /// Steps of which the journal has none: what a blob is, its digest says.
    blobs: usize,
    totals: Totals,
    pub stopped: Option<Stop>,
    pub error: Option<Error>,
    not_kept: Vec<Digest>,
    pub mounts: Mounts,
}

impl Copy {
    /// Runs to its end. Dropping it leaves an unfinished journal.
    pub async fn run(self) -> Finished {
        let transfer = &*self.transfer;
        let wanted = (&transfer.from.origin, &transfer.to.origin);
        if wanted != (&self.origins.0, &self.origins.1) {
            let text = format!("this was prepared for {} and {}, which are elsewhere by now", wanted.0, wanted.1);
            return self.nothing(Stop::Plan(clean::line(&text)));
        }
        if self.stop.is_cancelled() {
            return self.nothing(Stop::Cancelled);
        }
        let header = match self.header() {
            Ok(header) => header,
            Err(why) => return self.nothing(Stop::Journal(why)),
        };
        let record = match Record::begin(&self.journals, header).await {
            Ok(record) => record,
            Err(why) => return self.nothing(Stop::Journal(why)),
        };
        let run = Run {
            copy: &self,
            record,
            blobs: transfer.blobs.len(),
            totals: Totals::new(transfer.steps().count()),
            stopped: None,
            error: None,
            not_kept: Vec::new(),
            mounts: Mounts::Unknown,
        };
        run.all().await
    }

    fn header(&self) -> Result<Header, Clean> {
        let transfer = &self.transfer;
        let by_digest =
            transfer.by_digest.iter().map(|digest| Item { digest: Some(digest.clone()), ..Item::default() });
        let by_tag = transfer.tags.iter().map(|one| Item {
            tag: Some(one.tag.clone()),
            digest: Some(one.digest.clone()),
            ..Item::default()
        });
        let plan = Tagging::of(transfer).to_json(self.to.kind());
        Ok(Header {
            time: Timestamp::now(),
            registry: transfer.to.registry.clone(),
            origin: transfer.to.origin.clone(),
            account: self.account.clone(),
            repo: transfer.to.repo.clone(),
            undoes: None,
            items: by_digest.chain(by_tag).collect(),
            plan: plan.map_err(|error| clean::line(&format!("it cannot be recorded: {error}")))?,
        })
    }

    fn nothing(&self, stop: Stop) -> Finished {
        let items: Vec<Ended> = self.transfer.steps().map(|_| Ended::because(Outcome::Skipped, stop.why())).collect();
        let mut totals = Totals::new(items.len());
        items.iter().for_each(|ended| totals.count(ended.outcome));
        let stopped = Some(stop);
        let report = Report { items, totals, stopped, journal: None, not_kept: Vec::new(), said: Vec::new() };
        Finished { report, error: None }
    }
}

impl<'a> Run<'a> {
    async fn all(mut self) -> Finished {
        self.tell(Event::Began { journal: self.record.id().to_owned() }).await;
        let (transfer, mut items) = (self.transfer(), Vec::new());
        let first_tag = self.blobs + transfer.by_digest.len();
        for (at, step) in transfer.steps().enumerate() {
            if self.is_over() {
                self.stopped.get_or_insert(Stop::Cancelled);
            }
            if at == first_tag && self.stopped.is_none() {
                self.tell(Event::Item { at, phase: Phase::Checking }).await;
                self.stopped = self.missing().await.map(Stop::Registry);
            }
            let ended = match (&self.stopped, step) {
                (Some(stop), _) => Ended::because(Outcome::Skipped, stop.why()),
                (None, Step::Blob(blob)) => self.bring(at, blob).await,
                (None, Step::Manifest(digest)) => self.set(at, &Reference::Digest(digest.clone()), digest, None).await,
                (None, Step::Tag(one)) => {
                    self.set(at, &Reference::Tag(one.tag.clone()), &one.digest, one.before.as_ref()).await
                }
            };
            if ended.outcome != Outcome::Done {
                let why = ended.why.clone().unwrap_or(Clean::fixed("a step before it was not done"));
                self.stopped.get_or_insert(Stop::Registry(why));
            }
            if at >= self.blobs
                && let Err(why) = self.record.ended(at - self.blobs, &ended).await
            {
                self.stopped.get_or_insert(Stop::Journal(why));
            }
            self.totals.count(ended.outcome);
            items.push(ended.clone());
            self.tell(Event::Ended { at, ended, totals: self.totals }).await;
        }
        let journal = Some(self.record.id().to_owned());
        let said = self.record.end().await.err().into_iter().collect();
        let Self { totals, stopped, error, not_kept, .. } = self;
        Finished { report: Report { items, totals, stopped, journal, not_kept, said }, error }
    }

    /// What is not there of what was sent or found there. Looked at before a tag is set.
    async fn missing(&self) -> Option<Clean> {
        let all = self.blobs + self.transfer().by_digest.len();
        let looks = stream::iter(0..all).map(|at| self.lacks(at));
        let mut looks = looks.buffer_unordered(self.to().parallelism().max(1));
        while let Some(found) = looks.next().await {
            if let Some(why) = found {
                return Some(clean::line(&why));
            }
        }
        None
    }

    /// Why the blob or manifest of this step is not there.
    async fn lacks(&self, at: usize) -> Option<String> {
        let (to, transfer) = (self.to(), self.transfer());
        let repo = &transfer.to.repo;
        let (what, digest, there) = match transfer.blobs.get(at) {
            Some(blob) => ("blob", &blob.digest, to.has_blob(repo, &blob.digest).await),
            None => {
                let digest = transfer.by_digest.get(at - self.blobs)?;
                let there = match look::manifest(to, repo, digest).await {
                    Look::At(now) => Ok(now == *digest),
                    Look::Missing => Ok(false),
                    Look::Failed(error) => Err(error),
                };
                ("manifest", digest, there)
            }
        };
        match there {
            Ok(true) => None,
            Ok(false) => Some(format!("the registry took the {what} {}, and does not have it", digest.short())),
            Err(error) => {
                Some(format!("whether the {what} {} is there could not be seen: {}", digest.short(), error.what))
            }
        }
    }

    pub(super) async fn record_sending(&mut self, at: usize, kept: Vec<Kept>) -> Result<(), Ended> {
        match self.record.sending(at - self.blobs, kept).await {
            Ok(omitted) => {
                for digest in omitted {
                    self.tell(Event::NotKept { digest: digest.clone() }).await;
                    self.not_kept.push(digest);
                }
                Ok(())
            }
            Err(why) => {
                self.stopped.get_or_insert(Stop::Journal(why.clone()));
                Err(Ended::because(Outcome::Failed, why))
            }
        }
    }

    /// False: it was stopped meanwhile.
    pub(super) async fn wait(&mut self, at: usize, wait: Duration, why: Clean) -> bool {
        self.tell(Event::Waiting { at, wait, why }).await;
        tokio::select! {
            () = tokio::time::sleep(wait) => true,
            () = self.copy.stop.cancelled() => false,
            () = self.copy.events.closed() => false,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.copy.stop.is_cancelled() || self.copy.events.is_closed()
    }

    pub(super) async fn tell(&self, event: Event) {
        // Nobody there: it ends before the next step.
        let _ = self.copy.events.send(event).await;
    }

    /// What may be lost: the next one says more.
    pub(super) fn hint(&self, event: Event) {
        let _ = self.copy.events.try_send(event);
    }

    pub(super) fn transfer(&self) -> &'a Transfer {
        &self.copy.transfer
    }

    pub(super) fn to(&self) -> &'a dyn Backend {
        &*self.copy.to
    }

    pub(super) fn places(&self) -> (Place<'a>, Place<'a>) {
        let transfer = self.transfer();
        let from = Place { backend: &*self.copy.from, repo: &transfer.from.repo };
        (from, Place { backend: self.to(), repo: &transfer.to.repo })
    }
}
