//! One request after the other.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::Sweeping;
use super::verify::{conclude, look, seen};
use crate::backend::{Backend, Error};
use crate::domain::change::Doomed;
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::RepoName;
use crate::domain::sweep::Fact;
use crate::runtime::batch::answer::{self, Answer};
use crate::runtime::batch::ledger::Ledger;
use crate::runtime::batch::look::is_old;
use crate::runtime::batch::record::Record;
use crate::runtime::batch::{Phase, Report};

/// Repositories of one request, where a system takes more: the first of them is looked at no longer before it goes than
/// the looks at so many take.
const AT_ONCE: usize = 16;

struct Course<'a> {
    planned: &'a [Fact],
    backend: &'a dyn Backend,
    ledger: Ledger<'a>,
}

pub(super) async fn run(of: &Sweeping, record: Record) -> Report {
    let (planned, backend) = (&of.sweep.items[..], &*of.backend);
    let ledger = Ledger::begin(record, &of.events, &of.stop, planned.len()).await;
    let mut course = Course { planned, backend, ledger };
    let all: Vec<usize> = (0..planned.len()).collect();
    for request in all.chunks(backend.batch().clamp(1, AT_ONCE)) {
        if !course.ledger.goes_on() {
            break;
        }
        if AssertUnwindSafe(course.request(request)).catch_unwind().await.is_err() {
            let ended = course.ledger.failed_itself(request);
            course.ledger.ended_all(ended).await;
        }
    }
    course.ledger.finish(false).await
}

impl Course<'_> {
    async fn request(&mut self, request: &[usize]) {
        self.ledger.phase(request, Phase::Checking).await;
        let mut going = request.to_vec();
        let answers = match self.sent(&mut going).await {
            Ok(answers) => answers,
            Err(ended) => return self.all_ended(&going, &ended).await,
        };
        match answers.first() {
            None => return,
            Some(Answer::No(error)) if !error.is_not_found() => {
                let ended = self.ledger.not_done(error);
                return self.all_ended(&going, &ended).await;
            }
            Some(Answer::No(error) | Answer::Open(error)) => self.ledger.judge_error(error),
            Some(Answer::Accepted | Answer::NotThere | Answer::Left) => self.ledger.fine(),
        }
        self.ledger.phase(&going, Phase::Verifying).await;
        let seen = seen(self.backend, &self.ledger, self.planned, &going, &answers).await;
        self.ledger.said.extend(answer::part(&answers));
        let words = self.backend.kind().words();
        let concluded = |(answer, (at, seen))| (at, conclude(words, answer, &self.planned[at], seen));
        let ended = answers.iter().zip(seen).map(concluded).collect();
        self.ledger.ended_all(ended).await;
    }

    /// Looks, records, looks again if that took long, and sends once: what was answered of each. `going` loses those for
    /// which nothing was to be sent, which have ended. `Err`: how all that are left in it end.
    async fn sent(&mut self, going: &mut Vec<usize>) -> Result<Vec<Answer>, Ended> {
        let (mut recorded, mut tried) = (false, 0);
        loop {
            if let Err(error) = self.check(going).await {
                self.ledger.pause(going, error, &mut tried).await?;
                continue;
            }
            let looked = Instant::now();
            if going.is_empty() {
                return Ok(Vec::new());
            }
            if self.ledger.is_stopped() {
                // A refused look ends everything: those beside it are not begun.
                going.clear();
                return Ok(Vec::new());
            }
            if !recorded {
                self.ledger.sending_all(going).await?;
                recorded = true;
            }
            if is_old(looked, self.backend) {
                continue;
            }
            self.ledger.phase(going, Phase::Sending).await;
            let names: Vec<RepoName> = going.iter().map(|at| self.planned[*at].repo.clone()).collect();
            match self.backend.delete(&Doomed::Repositories(names)).await {
                // After the wait everything is looked at again.
                Err(error) if answer::is_limited(&error) => self.ledger.pause(going, error, &mut tried).await?,
                result => return Ok(answer::of_many(result, going.len())),
            }
        }
    }

    /// Leaves those that are as planned; the others have ended. `Err`: the registry wants a pause.
    async fn check(&mut self, going: &mut Vec<usize>) -> Result<(), Error> {
        let (mut fine, mut ended) = (Vec::new(), Vec::new());
        for (at, looked) in look(self.backend, self.planned, going).await {
            match looked {
                Ok(Some(now)) => match self.planned[at].moved(&now) {
                    None => fine.push(at),
                    Some(why) => ended.push((at, Ended::because(Outcome::Changed, why))),
                },
                Ok(None) => {
                    let why = clean::line("somebody was first: it was not there any more");
                    ended.push((at, Ended::because(Outcome::Gone, why)));
                }
                Err(error) if error.kind == ErrorKind::RateLimited => return Err(error),
                Err(error) => {
                    self.ledger.judge_error(&error);
                    ended.push((at, Ended::because(Outcome::Failed, error.what)));
                }
            }
        }
        *going = fine;
        self.ledger.ended_all(ended).await;
        Ok(())
    }

    async fn all_ended(&mut self, items: &[usize], ended: &Ended) {
        self.ledger.ended_all(items.iter().map(|at| (*at, ended.clone())).collect()).await;
    }
}
