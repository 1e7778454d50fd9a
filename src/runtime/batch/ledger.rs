//! What every run of a plan keeps, whatever it deletes: the journal, what became of each item, what was told of it, and
//! why the rest is not tried.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::answer::{self, Trouble};
use super::event::{Event, Phase, Report, Stop, Totals};
use super::record::Record;
use crate::backend::{Delivery, Error};
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::Digest;

pub(in crate::runtime) struct Ledger<'a> {
    pub record: Record,
    events: &'a mpsc::Sender<Event>,
    stop: &'a CancellationToken,
    items: Vec<Option<Ended>>,
    totals: Totals,
    trouble: Trouble,
    stopped: Option<Stop>,
    pub not_kept: Vec<Digest>,
    pub said: Vec<Clean>,
}

impl<'a> Ledger<'a> {
    pub async fn begin(
        record: Record,
        events: &'a mpsc::Sender<Event>,
        stop: &'a CancellationToken,
        items: usize,
    ) -> Self {
        let ledger = Self {
            record,
            events,
            stop,
            items: vec![None; items],
            totals: Totals::new(items),
            trouble: Trouble::default(),
            stopped: None,
            not_kept: Vec::new(),
            said: Vec::new(),
        };
        ledger.tell(Event::Began { journal: ledger.record.id().to_owned() }).await;
        ledger
    }

    pub fn is_open(&self, at: usize) -> bool {
        self.items[at].is_none()
    }

    /// Nothing more is begun.
    pub fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    pub fn wants_to_stop(&self) -> bool {
        self.is_stopped() || self.stop.is_cancelled()
    }

    /// Whether something may be begun: nobody watching is as good as somebody who stops it (safety.md H3).
    pub fn goes_on(&mut self) -> bool {
        if self.events.is_closed() || self.stop.is_cancelled() {
            self.halt(Stop::Cancelled);
        }
        !self.is_stopped()
    }

    /// The first reason counts.
    pub fn halt(&mut self, stop: Stop) {
        self.stopped.get_or_insert(stop);
    }

    pub async fn tell(&self, event: Event) {
        // Nobody there: it ends before what would be next, and the journal has everything.
        let _ = self.events.send(event).await;
    }

    pub async fn phase(&self, items: &[usize], phase: Phase) {
        for at in items {
            self.tell(Event::Item { at: *at, phase }).await;
        }
    }

    pub fn fine(&mut self) {
        self.trouble.fine();
    }

    pub fn judge_error(&mut self, error: &Error) {
        if self.trouble.ends(error) {
            self.halt(Stop::Registry(error.what.clone()));
        }
    }

    /// What was asked for was not done.
    pub fn not_done(&mut self, error: &Error) -> Ended {
        self.judge_error(error);
        let outcome = match error.delivery {
            Delivery::NotSent => Outcome::Failed,
            Delivery::Answered | Delivery::Unanswered => Outcome::Refused,
        };
        Ended::because(outcome, error.what.clone())
    }

    pub fn unrecorded(&mut self, why: Clean) -> Ended {
        self.halt(Stop::Journal(why.clone()));
        Ended::because(Outcome::Failed, why)
    }

    /// Before one request that is about all of these.
    pub async fn sending_all(&mut self, items: &[usize]) -> Result<(), Ended> {
        match self.record.sending_all(items.to_vec()).await {
            Ok(()) => Ok(()),
            Err(why) => Err(self.unrecorded(why)),
        }
    }

    /// Before a time in which nothing is recorded.
    pub async fn flush(&mut self) -> Result<(), Ended> {
        match self.record.flush().await {
            Ok(()) => Ok(()),
            Err(why) => Err(self.unrecorded(why)),
        }
    }

    /// Waits where the registry asks for it. `Err`, how these end, where trying again makes no sense.
    pub async fn pause(&mut self, items: &[usize], error: Error, tried: &mut u32) -> Result<(), Ended> {
        let Some(wait) = answer::pause(&error, *tried) else {
            let outcome = if error.kind == ErrorKind::Unsupported { Outcome::Refused } else { Outcome::Failed };
            self.judge_error(&error);
            return Err(Ended::because(outcome, error.what));
        };
        *tried += 1;
        self.flush().await?;
        for at in items {
            self.tell(Event::Waiting { at: *at, wait, why: error.what.clone() }).await;
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => return Ok(()),
            () = self.stop.cancelled() => {}
            () = self.events.closed() => {}
        }
        self.halt(Stop::Cancelled);
        Err(Ended::because(Outcome::Skipped, Clean::fixed("stopped while waiting; nothing was done")))
    }

    pub async fn ended(&mut self, at: usize, ended: Ended) {
        if let Err(why) = self.record.ended(at, &ended).await {
            self.halt(Stop::Journal(why));
        }
        self.count(at, ended).await;
    }

    /// Outcomes that were known at once.
    pub async fn ended_all(&mut self, all: Vec<(usize, Ended)>) {
        if all.is_empty() {
            return;
        }
        if let Err(why) = self.record.ended_all(all.clone()).await {
            self.halt(Stop::Journal(why));
        }
        for (at, ended) in all {
            self.count(at, ended).await;
        }
    }

    /// Those that a task of our own left behind: what goes wrong there is an outcome like any other, and nobody waits for
    /// it in vain.
    pub fn failed_itself(&mut self, items: &[usize]) -> Vec<(usize, Ended)> {
        self.halt(Stop::Fault(Clean::fixed("tagboat itself failed; the log has more")));
        let why = "tagboat itself failed at this item, and does not know whether it was done; the log has more";
        let open = items.iter().filter(|at| self.is_open(**at));
        open.map(|at| (*at, Ended::because(Outcome::Unknown, clean::line(why)))).collect()
    }

    async fn count(&mut self, at: usize, ended: Ended) {
        self.items[at] = Some(ended.clone());
        self.totals.count(ended.outcome);
        self.tell(Event::Ended { at, ended, totals: self.totals }).await;
    }

    /// `left_open`: the journal stays unfinished, for repair.
    pub async fn finish(mut self, left_open: bool) -> Report {
        let rest: Vec<usize> = (0..self.items.len()).filter(|at| self.is_open(*at)).collect();
        if !rest.is_empty() {
            let why = self.stopped.as_ref().map_or(Clean::fixed("not begun"), Stop::why);
            let ended = Ended::because(Outcome::Skipped, why);
            if let Err(why) = self.record.skipped(rest.clone(), ended.clone()).await {
                self.halt(Stop::Journal(why));
            }
            for at in rest {
                self.count(at, ended.clone()).await;
            }
        }
        let journal = self.record.id().to_owned();
        let ended = match left_open {
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
