//! Runs a plan: check, send once, verify, record, for one item after the other (safety.md F, oci-distribution.md §11).
//!
//! What is sent is what the plan says, never what a selection says by now. Right before each request its item is looked
//! at again, and right after it the item and everything that shared its digest; between two items both looks travel
//! together, and exactly one write is in flight. Nothing is sent that is not in the journal first, nothing is sent
//! twice without a look in between, and no refusal is worked around by another way.
//!
//! The screen and the commands both run plans here. This knows neither: it takes a backend, a journal, a channel for
//! what happens and a token that stops it between two items.

pub(super) mod answer;
mod check;
mod course;
mod event;
pub(super) mod keep;
pub(super) mod ledger;
pub(super) mod look;
mod many;
mod placeholder;
pub(super) mod record;
mod sharers;
pub(super) mod verify;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::backend::Backend;
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::Plan;
use crate::store::journal::{self, Journals};

pub use event::{Event, Phase, Report, Stop, Totals};

/// A plan is as old as its facts, and these change (safety.md F3).
pub const PLAN_LIFE: SignedDuration = SignedDuration::from_mins(5);

pub struct Batch {
    pub backend: Arc<dyn Backend>,
    /// The address the backend speaks to; a plan runs on the registry it was made for and nowhere else.
    pub origin: String,
    pub account: Option<String>,
    pub plan: Arc<Plan>,
    pub journals: Journals,
    /// When nobody receives any more, nobody watches, and the batch stops after its item (safety.md H3).
    pub events: mpsc::Sender<Event>,
    /// Stops it between two items.
    pub stop: CancellationToken,
}

impl Batch {
    /// Runs to its end. Dropping it instead leaves an unfinished journal and perhaps a request whose outcome nobody
    /// knows: cancel, and wait.
    pub async fn run(self) -> Report {
        if let Some(why) = self.unfit(Timestamp::now()) {
            return Report::nothing(&self.plan, Stop::Plan(why));
        }
        if self.plan.items.is_empty() {
            return Report { stopped: None, ..Report::nothing(&self.plan, Stop::Cancelled) };
        }
        if self.stop.is_cancelled() {
            return Report::nothing(&self.plan, Stop::Cancelled);
        }
        let header = match self.header() {
            Ok(header) => header,
            Err(why) => return Report::nothing(&self.plan, Stop::Journal(why)),
        };
        match record::Record::begin(&self.journals, header).await {
            Ok(record) => course::run(&self, record).await,
            Err(why) => Report::nothing(&self.plan, Stop::Journal(why)),
        }
    }

    /// Why this plan is not run here and now.
    fn unfit(&self, now: Timestamp) -> Option<Clean> {
        if self.plan.origin != self.origin {
            let text = format!("the plan is for {}, and this is {}", self.plan.origin, self.origin);
            return Some(clean::line(&text));
        }
        // A clock that was set back makes a plan's age unknown.
        let age = now.duration_since(self.plan.created);
        if age.abs() > PLAN_LIFE {
            return Some(Clean::fixed("the plan is older than 5 minutes, and much may have changed: plan again"));
        }
        self.plan.refused.clone()
    }

    fn header(&self) -> Result<journal::Header, Clean> {
        let plan = &self.plan;
        let text = plan.to_json().map_err(|error| clean::line(&format!("the plan cannot be recorded: {error}")))?;
        Ok(journal::Header {
            time: Timestamp::now(),
            registry: plan.registry.clone(),
            origin: plan.origin.clone(),
            account: self.account.clone(),
            repo: plan.repo.clone(),
            undoes: None,
            items: plan.items.iter().map(journal::Item::from).collect(),
            plan: text,
        })
    }
}
