//! One change by a system's own interface: recorded, where something is lost by not knowing of it, and sent once.

use std::sync::Arc;

use jiff::Timestamp;

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
    let Some(recorded) = Recorded::of(&change, backend.repository(repo).as_deref()) else {
        return backend.change(&change).await;
    };
    let unrecorded = |why: Clean| Error::new(ErrorKind::Internal, format!("Nothing was sent: {why}"));
    let journals = journals.ok_or_else(|| unrecorded(Clean::fixed("there is no directory to record it in")))?;
    let plan = recorded.to_json().map_err(|error| unrecorded(clean::line(&error.to_string())))?;
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
    let mut record = Record::begin(&journals, header).await.map_err(unrecorded)?;
    record.sending(0, Vec::new()).await.map_err(unrecorded)?;
    let answer = backend.change(&change).await;
    // It was sent: that its end is not on disk is found out by whoever looks at the unfinished journal.
    if record.ended(0, &ended(&answer)).await.is_ok() {
        let _ = record.end().await;
    }
    answer
}

fn ended(answer: &Result<Changed>) -> Ended {
    match answer {
        Ok(Changed::Confirmed) => Ended::done(),
        Ok(Changed::NotConfirmed) => {
            Ended::because(Outcome::Unknown, Clean::fixed("the system took it, and shows something else"))
        }
        Err(error) => {
            let outcome = match error.delivery {
                Delivery::Unanswered => Outcome::Unknown,
                Delivery::Answered => Outcome::Refused,
                Delivery::NotSent => Outcome::Failed,
            };
            Ended::because(outcome, error.what.clone())
        }
    }
}
