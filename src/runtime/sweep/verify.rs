//! What is there before and after a request, and what that says of its answer.

use super::look as one;
use crate::backend::{Backend, Error};
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::sweep::{Fact, Protected};
use crate::domain::words::Words;
use crate::runtime::batch::Event;
use crate::runtime::batch::answer::{self, Answer};
use crate::runtime::batch::ledger::Ledger;
use crate::runtime::batch::verify::{self, AGAIN, Seen};
use crate::runtime::survey::polite;

/// What a look told of an item.
pub(super) type Looked = (usize, Result<Option<Fact>, Error>);

/// In the order of the items.
pub(super) async fn look(backend: &dyn Backend, planned: &[Fact], items: &[usize]) -> Vec<Looked> {
    let ask = |at: usize| async move { (at, one::fact(backend, &planned[at].repo, |_| Protected::default()).await) };
    let mut all: Vec<Looked> = Vec::with_capacity(items.len());
    let looks = polite(backend, items.iter().copied(), ask, |one| {
        all.push(one);
        Ok(())
    });
    if let Err(error) = looks.await {
        tracing::debug!(%error, "a look ended early");
    }
    all.sort_by_key(|(at, _)| *at);
    all
}

/// What is there after the answer. What was accepted and is still there may be about to go.
pub(super) async fn seen(
    backend: &dyn Backend,
    ledger: &Ledger<'_>,
    planned: &[Fact],
    going: &[usize],
    answers: &[Answer],
) -> Vec<Looked> {
    let accepted = |at: &usize| {
        let n = going.iter().position(|one| one == at);
        n.is_some_and(|n| matches!(answers[n], Answer::Accepted))
    };
    let (mut known, mut open): (Vec<Looked>, Vec<usize>) = (Vec::new(), going.to_vec());
    let (mut waits, mut tried) = (AGAIN.into_iter(), 0);
    while !open.is_empty() {
        let mut late = Vec::new();
        let mut limited = None;
        for (at, looked) in look(backend, planned, &open).await {
            match &looked {
                Err(error) if error.kind == ErrorKind::RateLimited => {
                    limited = answer::pause(error, tried).map(|wait| (at, wait, error.what.clone()));
                    late.push((at, looked));
                }
                Ok(Some(_)) if accepted(&at) => late.push((at, looked)),
                _ => known.push((at, looked)),
            }
        }
        let wait = match limited {
            Some((at, wait, why)) => {
                tried += 1;
                ledger.tell(Event::Waiting { at, wait, why }).await;
                Some(wait)
            }
            None => waits.next(),
        };
        let Some(wait) = wait.filter(|_| !late.is_empty()) else {
            known.extend(late);
            break;
        };
        open = late.into_iter().map(|(at, _)| at).collect();
        tokio::time::sleep(wait).await;
    }
    known.sort_by_key(|(at, _)| *at);
    known
}

/// The answer says what was done, and the look whether that is so.
pub(super) fn conclude(words: &Words, answer: &Answer, planned: &Fact, seen: Result<Option<Fact>, Error>) -> Ended {
    let seen = match (answer, seen) {
        (Answer::Left, Ok(Some(_))) => {
            let why = "the answer does not name it among what was deleted, and it is still there";
            return Ended::because(Outcome::Refused, clean::line(why));
        }
        (Answer::Open(error), Ok(Some(now))) => {
            if let Some(moved) = planned.moved(&now) {
                let why = format!("{}; it is still there, but not as it was: {moved}", error.what);
                return Ended::because(Outcome::Failed, clean::line(&why));
            }
            Seen::Still
        }
        (_, Ok(Some(_))) => Seen::Still,
        (_, Ok(None)) => Seen::Gone,
        (_, Err(error)) => Seen::Failed(error),
    };
    verify::conclude(words, answer, seen).0
}
