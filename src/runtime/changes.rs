//! One change by a system's own interface: recorded, and sent once.

use std::sync::Arc;

use jiff::Timestamp;

use super::batch::answer::{self, Answer};
use super::batch::record::Record;
use super::copying::End;
use crate::backend::{Delivery, Error, Result};
use crate::domain::change::{Change, Changed};
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::recorded::Recorded;
use crate::store::journal::{Header, Item, Journals};

pub async fn perform(there: End, change: Arc<Change>, journals: Option<Journals>) -> Result<Changed> {
    let connection = there.connection?;
    let backend = connection.backend;
    let repo = change.repo();
    let recorded = Recorded::of(&change, backend.repository(repo).as_deref());
    let unrecorded = |why: Clean| Error::new(ErrorKind::Internal, format!("Nothing was sent: {why}"));
    let plan = recorded.to_json(there.profile.kind).map_err(|error| unrecorded(clean::line(&error.to_string())))?;
    let header = Header {
        time: Timestamp::now(),
        registry: there.profile.name.clone(),
        origin: there.profile.origin(),
        account: connection.account.account_now(),
        repo: repo.clone(),
        undoes: None,
        items: vec![Item::default()],
        plan,
    };
    let record = Record::of_one(journals, header).await.map_err(unrecorded)?;
    let answer = backend.change(&change).await;
    record.answered(&ended(&answer)).await;
    answer
}

fn ended(answer: &Result<Changed>) -> Ended {
    match answer {
        Ok(Changed::Confirmed) => Ended::done(),
        Ok(Changed::NotConfirmed) => {
            Ended::because(Outcome::Unknown, Clean::fixed("the system took it, and shows something else"))
        }
        Err(error) => {
            let outcome = match answer::of_error(error.clone()) {
                Answer::No(Error { delivery: Delivery::NotSent, .. }) => Outcome::Failed,
                Answer::No(_) => Outcome::Refused,
                _ => Outcome::Unknown,
            };
            Ended::because(outcome, error.what.clone())
        }
    }
}
