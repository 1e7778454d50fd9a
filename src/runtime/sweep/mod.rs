//! Deletes whole repositories: each is looked at right before, recorded, sent once together with as many others as one
//! request takes, and looked for afterwards (safety.md F). What is said of tags in `batch` holds here; what is different
//! is that nothing can be kept for an undo, and that what is compared is everything the plan was made of.

mod course;
mod facts;
mod look;
mod verify;

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::batch::record::Record;
use super::batch::{Event, PLAN_LIFE, Report, Stop, Totals};
use crate::backend::Backend;
use crate::domain::clean::{self, Clean};
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::sweep::Sweep;
use crate::store::journal::{self, Journals};

pub use facts::{About, Shield, gather, read};
pub use look::{Look, whether_there};

pub struct Sweeping {
    pub backend: Arc<dyn Backend>,
    /// The address the backend speaks to.
    pub origin: String,
    pub account: Option<String>,
    pub sweep: Arc<Sweep>,
    pub journals: Journals,
    /// When nobody receives any more, nobody watches, and it stops after the request under way (safety.md H3).
    pub events: mpsc::Sender<Event>,
    /// Stops it between two requests.
    pub stop: CancellationToken,
}

impl Sweeping {
    /// Runs to its end; see `Batch::run`.
    pub async fn run(self) -> Report {
        if let Some(why) = self.unfit(Timestamp::now()) {
            return self.nothing(Some(Stop::Plan(why)));
        }
        let Some(first) = self.sweep.items.first() else { return self.nothing(None) };
        if self.stop.is_cancelled() {
            return self.nothing(Some(Stop::Cancelled));
        }
        let plan = match self.sweep.to_json() {
            Ok(plan) => plan,
            Err(error) => {
                let why = clean::line(&format!("the plan cannot be recorded: {error}"));
                return self.nothing(Some(Stop::Journal(why)));
            }
        };
        let header = journal::Header {
            time: Timestamp::now(),
            registry: self.sweep.registry.clone(),
            origin: self.sweep.origin.clone(),
            account: self.account.clone(),
            repo: first.repo.clone(),
            undoes: None,
            items: self.sweep.repos().cloned().map(journal::Item::whole).collect(),
            plan,
        };
        match Record::begin(&self.journals, header).await {
            Ok(record) => course::run(&self, record).await,
            Err(why) => self.nothing(Some(Stop::Journal(why))),
        }
    }

    /// Why this is not run here and now.
    fn unfit(&self, now: Timestamp) -> Option<Clean> {
        if self.sweep.origin != self.origin {
            let text = format!("the plan is for {}, and this is {}", self.sweep.origin, self.origin);
            return Some(clean::line(&text));
        }
        // A clock that was set back makes a plan's age unknown.
        let age = now.duration_since(self.sweep.created);
        let old = age.abs() > PLAN_LIFE;
        old.then(|| Clean::fixed("the plan is older than 5 minutes, and much may have changed: plan again"))
    }

    /// Of a plan of which nothing was begun.
    fn nothing(&self, stopped: Option<Stop>) -> Report {
        let count = self.sweep.items.len();
        let why = stopped.as_ref().map_or(Clean::fixed("not begun"), Stop::why);
        let mut totals = Totals::new(count);
        (0..count).for_each(|_| totals.count(Outcome::Skipped));
        Report {
            items: vec![Ended::because(Outcome::Skipped, why); count],
            totals,
            stopped,
            journal: None,
            not_kept: Vec::new(),
            said: Vec::new(),
        }
    }
}
