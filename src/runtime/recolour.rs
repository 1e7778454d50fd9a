//! Colours of tags where the system keeps them: one after the other, recorded, sent once, seen afterwards.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::batch::answer::{self, Answer, Trouble};
use super::batch::look::{self, Look};
use super::batch::record::Record;
use super::batch::{Event, Phase, Report, Stop, Totals};
use crate::backend::{self, Backend};
use crate::domain::change::{Change, Changed};
use crate::domain::clean::{self, Clean};
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::recorded::{Recolouring, Repaint};
use crate::domain::reference::{RepoName, TagName};
use crate::store::journal::{Header, Item, Journals};

/// Pages of a list that nobody shows.
const PAGES: usize = 4;

pub struct Recolour {
    pub backend: Arc<dyn Backend>,
    pub origin: String,
    pub account: Option<String>,
    pub journals: Journals,
    pub work: Arc<Recolouring>,
    pub events: mpsc::Sender<Event>,
    pub stop: CancellationToken,
}

impl Recolour {
    /// Runs to its end. Dropping it leaves an unfinished journal.
    pub async fn run(self) -> Report {
        let tags = &self.work.tags;
        let mut report = Report {
            items: Vec::with_capacity(tags.len()),
            totals: Totals::new(tags.len()),
            stopped: None,
            journal: None,
            not_kept: Vec::new(),
            said: Vec::new(),
        };
        let mut record = match self.begin().await {
            Ok(record) => Some(record),
            Err(stop) => {
                report.stopped = Some(stop);
                None
            }
        };
        if let Some(record) = &record {
            report.journal = Some(record.id().to_owned());
            self.tell(Event::Began { journal: record.id().to_owned() }).await;
        }
        let mut trouble = Trouble::default();
        for (at, one) in tags.iter().enumerate() {
            if self.stop.is_cancelled() || self.events.is_closed() {
                report.stopped.get_or_insert(Stop::Cancelled);
            }
            let ended = match (&report.stopped, &mut record) {
                (Some(stop), _) => Ended::because(Outcome::Skipped, stop.why()),
                (None, None) => Ended::because(Outcome::Skipped, Clean::fixed("it cannot be recorded")),
                (None, Some(record)) => self.one(at, one, record, &mut trouble, &mut report.stopped).await,
            };
            if let Some(record) = &mut record
                && let Err(why) = record.ended(at, &ended).await
            {
                report.stopped.get_or_insert(Stop::Journal(why));
            }
            report.totals.count(ended.outcome);
            report.items.push(ended.clone());
            self.tell(Event::Ended { at, ended, totals: report.totals }).await;
        }
        if let Some(record) = record {
            report.said.extend(record.end().await.err());
        }
        report
    }

    async fn begin(&self) -> Result<Record, Stop> {
        let work = &self.work;
        if work.origin != self.origin {
            let text = format!("this was meant for {}, and this is {}", work.origin, self.origin);
            return Err(Stop::Plan(clean::line(&text)));
        }
        let plan = work.recorded().to_json(self.backend.kind());
        let plan = plan.map_err(|error| Stop::Journal(clean::line(&format!("it cannot be recorded: {error}"))))?;
        let item = |one: &Repaint| Item { tag: Some(one.tag.clone()), ..Item::default() };
        let header = Header {
            time: Timestamp::now(),
            registry: work.registry.clone(),
            origin: work.origin.clone(),
            account: self.account.clone(),
            repo: work.repo.clone(),
            undoes: None,
            items: work.tags.iter().map(item).collect(),
            plan,
        };
        Record::begin(&self.journals, header).await.map_err(Stop::Journal)
    }

    async fn one(
        &self,
        at: usize,
        one: &Repaint,
        record: &mut Record,
        trouble: &mut Trouble,
        stopped: &mut Option<Stop>,
    ) -> Ended {
        let repo = &self.work.repo;
        let mut judge = |error: &backend::Error| {
            if trouble.ends(error) {
                stopped.get_or_insert(Stop::Registry(error.what.clone()));
            }
        };
        self.tell(Event::Item { at, phase: Phase::Checking }).await;
        match look::tag(&*self.backend, repo, &one.tag).await {
            Look::At(_) => {}
            Look::Missing => return Ended::because(Outcome::Changed, Clean::fixed("the tag is not there any more")),
            Look::Failed(error) => {
                judge(&error);
                return Ended::because(Outcome::Failed, error.what);
            }
        }
        if let Err(why) = record.sending(at, Vec::new()).await {
            stopped.get_or_insert(Stop::Journal(why.clone()));
            return Ended::because(Outcome::Failed, why);
        }
        self.tell(Event::Item { at, phase: Phase::Sending }).await;
        let (tag, colour) = (one.tag.clone(), one.after.clone());
        match self.backend.change(&Change::Recolour { repo: repo.clone(), tag, colour }).await {
            Ok(Changed::Confirmed) => {
                trouble.fine();
                Ended::done()
            }
            Ok(Changed::NotConfirmed) => {
                Ended::because(Outcome::Failed, Clean::fixed("the system took it, and shows another colour"))
            }
            Err(error) => {
                judge(&error);
                match answer::of_error(error) {
                    Answer::Open(error) => self.seen(at, one, &error.what).await,
                    Answer::No(error) => Ended::because(Outcome::Refused, error.what),
                    Answer::Accepted | Answer::NotThere | Answer::Left => Ended::done(),
                }
            }
        }
    }

    /// Nobody knows whether it was done: another look tells.
    async fn seen(&self, at: usize, one: &Repaint, why: &Clean) -> Ended {
        self.tell(Event::Item { at, phase: Phase::Verifying }).await;
        let because = |outcome, what: &str| Ended::because(outcome, clean::line(&format!("{why}; {what}")));
        match colour(&*self.backend, &self.work.repo, &one.tag).await {
            Err(error) => because(Outcome::Unknown, &format!("its colour could not be seen: {}", error.what)),
            Ok(now) if same(now.as_deref(), one.after.as_deref()) => Ended::done(),
            Ok(_) => because(Outcome::Failed, "it was not done"),
        }
    }

    async fn tell(&self, event: Event) {
        // Nobody there: it ends before the next tag.
        let _ = self.events.send(event).await;
    }
}

/// As the list of the repository has it now.
pub(super) async fn colour(backend: &dyn Backend, repo: &RepoName, tag: &TagName) -> backend::Result<Option<String>> {
    let (pages, mut incoming) = mpsc::channel(PAGES);
    let drain = async { while incoming.recv().await.is_some() {} };
    let (end, ()) = tokio::join!(backend.tags(repo, pages), drain);
    end?;
    let facts = backend.tag(repo, tag);
    Ok(facts.and_then(|facts| facts.colour_text.as_ref().map(ToString::to_string)))
}

/// No colour and an empty one are one to the system.
pub(super) fn same(a: Option<&str>, b: Option<&str>) -> bool {
    a.unwrap_or_default().eq_ignore_ascii_case(b.unwrap_or_default())
}
