//! One request after the other.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::{Sweeping, look};
use crate::backend::{Backend, Delivery, Error, Sent};
use crate::domain::change::Doomed;
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::RepoName;
use crate::domain::sweep::{Fact, Protected};
use crate::runtime::batch::answer::{self, Answer, Trouble};
use crate::runtime::batch::record::Record;
use crate::runtime::batch::{Event, Phase, Report, Stop, Totals};
use crate::runtime::survey::polite;

/// A look that is older than a round trip is repeated; never less than this, which is what a disk may need.
const FRESH: Duration = Duration::from_millis(20);
/// Systems that delete behind the answer are looked at again after these waits.
const AGAIN: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];
/// Repositories of one request, where a system takes more: the first of them is looked at no longer before it goes than
/// the looks at so many take.
const AT_ONCE: usize = 16;

struct Course<'a> {
    of: &'a Sweeping,
    backend: &'a dyn Backend,
    record: Record,
    items: Vec<Option<Ended>>,
    totals: Totals,
    trouble: Trouble,
    stopped: Option<Stop>,
    said: Vec<Clean>,
}

/// What a look told of an item.
type Looked = (usize, Result<Option<Fact>, Error>);

pub(super) async fn run(of: &Sweeping, record: Record) -> Report {
    let count = of.sweep.items.len();
    let mut course = Course {
        of,
        backend: &*of.backend,
        record,
        items: vec![None; count],
        totals: Totals::new(count),
        trouble: Trouble::default(),
        stopped: None,
        said: Vec::new(),
    };
    course.tell(Event::Began { journal: course.record.id().to_owned() }).await;
    let all: Vec<usize> = (0..count).collect();
    for request in all.chunks(of.backend.batch().clamp(1, AT_ONCE)) {
        if of.events.is_closed() || of.stop.is_cancelled() {
            course.halt(Stop::Cancelled);
        }
        if course.stopped.is_some() {
            break;
        }
        // What goes wrong in here is an outcome like any other, and nobody waits for it in vain.
        if AssertUnwindSafe(course.request(request)).catch_unwind().await.is_err() {
            let why = "tagboat itself failed at this request, and does not know whether it was done; the log has more";
            let open = request.iter().filter(|at| course.items[**at].is_none());
            let ended = open.map(|at| (*at, because(Outcome::Unknown, why))).collect();
            course.ended(ended).await;
            course.halt(Stop::Fault(Clean::fixed("tagboat itself failed; the log has more")));
        }
    }
    course.finish().await
}

impl Course<'_> {
    fn planned(&self, at: usize) -> &Fact {
        &self.of.sweep.items[at]
    }

    async fn request(&mut self, request: &[usize]) {
        self.phase(request, Phase::Checking).await;
        let (mut going, mut recorded, mut tried) = (request.to_vec(), false, 0);
        let result = loop {
            going = match self.check(&going).await {
                Ok(going) => going,
                Err(error) => match self.pause(&going, error, &mut tried).await {
                    true => continue,
                    false => return,
                },
            };
            let looked = Instant::now();
            if going.is_empty() || self.stopped.is_some() {
                return;
            }
            if !recorded {
                if let Err(why) = self.record.sending_all(going.clone()).await {
                    self.halt(Stop::Journal(why.clone()));
                    let ended = going.iter().map(|at| (*at, Ended::because(Outcome::Failed, why.clone())));
                    return self.ended(ended.collect()).await;
                }
                recorded = true;
            }
            if looked.elapsed() > FRESH.max(self.backend.latency().unwrap_or_default()) {
                continue;
            }
            self.phase(&going, Phase::Sending).await;
            let names: Vec<RepoName> = going.iter().map(|at| self.planned(*at).repo.clone()).collect();
            match self.backend.delete(&Doomed::Repositories(names)).await {
                // Answered, so it was not done, and after the wait everything is looked at again.
                Err(error) if error.kind == ErrorKind::RateLimited && !error.outcome_unknown() => {
                    if !self.pause(&going, error, &mut tried).await {
                        return;
                    }
                }
                result => break result,
            }
        };
        let answers: Vec<Answer> = match result {
            // Of what it does not tell, the look does.
            Ok(sent) => (0..going.len()).map(|n| answer::of(Ok(sent.get(n).copied().unwrap_or(Sent::Left)))).collect(),
            Err(error) => vec![answer::of_error(error); going.len()],
        };
        match answers.first() {
            Some(Answer::No(error)) if !error.is_not_found() => return self.refused(&going, error).await,
            Some(Answer::No(error) | Answer::Open(error)) => self.judge(error),
            _ => self.trouble.fine(),
        }
        self.phase(&going, Phase::Verifying).await;
        let seen = self.seen(&going, &answers).await;
        let done = answers.iter().filter(|answer| matches!(answer, Answer::Accepted)).count();
        if going.len() > 1 && (1..going.len()).contains(&done) {
            let words = format!("{done} of {} were named as deleted in the answer to one request.", going.len());
            self.said.push(clean::line(&words));
        }
        let ended = answers.iter().zip(seen).map(|(answer, (at, seen))| (at, conclude(answer, self.planned(at), seen)));
        let ended = ended.collect();
        self.ended(ended).await;
    }

    /// Those that are as planned; the others have ended. `Err`: the registry wants a pause.
    async fn check(&mut self, going: &[usize]) -> Result<Vec<usize>, Error> {
        let (mut fine, mut ended) = (Vec::new(), Vec::new());
        for (at, looked) in self.look(going).await {
            match looked {
                Ok(Some(now)) => match self.planned(at).moved(&now) {
                    None => fine.push(at),
                    Some(why) => ended.push((at, Ended::because(Outcome::Changed, why))),
                },
                Ok(None) => {
                    ended.push((at, because(Outcome::Gone, "somebody was first: it was not there any more")));
                }
                Err(error) if error.kind == ErrorKind::RateLimited => return Err(error),
                Err(error) => {
                    self.judge(&error);
                    ended.push((at, Ended::because(Outcome::Failed, error.what)));
                }
            }
        }
        self.ended(ended).await;
        Ok(fine)
    }

    /// In the order of the items.
    async fn look(&self, items: &[usize]) -> Vec<Looked> {
        let ask = |at: usize| async move {
            (at, look::fact(self.backend, &self.planned(at).repo, |_| Protected::default()).await)
        };
        let mut all: Vec<Looked> = Vec::with_capacity(items.len());
        let looks = polite(self.backend, items.iter().copied(), ask, |one| {
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
    async fn seen(&mut self, going: &[usize], answers: &[Answer]) -> Vec<Looked> {
        let accepted = |at: &usize| {
            let n = going.iter().position(|one| one == at);
            n.is_some_and(|n| matches!(answers[n], Answer::Accepted))
        };
        let (mut known, mut open): (Vec<Looked>, Vec<usize>) = (Vec::new(), going.to_vec());
        let (mut waits, mut tried) = (AGAIN.into_iter(), 0);
        while !open.is_empty() {
            let mut late = Vec::new();
            let mut limited = None;
            for (at, looked) in self.look(&open).await {
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
                    self.tell(Event::Waiting { at, wait, why }).await;
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

    /// What was asked for was not done.
    async fn refused(&mut self, going: &[usize], error: &Error) {
        self.judge(error);
        let outcome = match error.delivery {
            Delivery::NotSent => Outcome::Failed,
            Delivery::Answered | Delivery::Unanswered => Outcome::Refused,
        };
        let ended = going.iter().map(|at| (*at, Ended::because(outcome, error.what.clone())));
        self.ended(ended.collect()).await;
    }

    /// Waits where the registry asks for it. False where that makes no sense: then all have ended.
    async fn pause(&mut self, going: &[usize], error: Error, tried: &mut u32) -> bool {
        let Some(wait) = answer::pause(&error, *tried) else {
            self.judge(&error);
            let ended = going.iter().map(|at| (*at, Ended::because(Outcome::Failed, error.what.clone())));
            self.ended(ended.collect()).await;
            return false;
        };
        *tried += 1;
        for at in going {
            self.tell(Event::Waiting { at: *at, wait, why: error.what.clone() }).await;
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => return true,
            () = self.of.stop.cancelled() => {}
            () = self.of.events.closed() => {}
        }
        self.halt(Stop::Cancelled);
        let why = "stopped while waiting; nothing was done";
        self.ended(going.iter().map(|at| (*at, because(Outcome::Skipped, why))).collect()).await;
        false
    }

    fn judge(&mut self, error: &Error) {
        if self.trouble.ends(error) {
            self.halt(Stop::Registry(error.what.clone()));
        }
    }

    /// The first reason counts.
    fn halt(&mut self, stop: Stop) {
        self.stopped.get_or_insert(stop);
    }

    async fn ended(&mut self, all: Vec<(usize, Ended)>) {
        if all.is_empty() {
            return;
        }
        if let Err(why) = self.record.ended_all(all.clone()).await {
            self.halt(Stop::Journal(why));
        }
        for (at, ended) in all {
            self.items[at] = Some(ended.clone());
            self.totals.count(ended.outcome);
            self.tell(Event::Ended { at, ended, totals: self.totals }).await;
        }
    }

    async fn phase(&self, items: &[usize], phase: Phase) {
        for at in items {
            self.tell(Event::Item { at: *at, phase }).await;
        }
    }

    async fn tell(&self, event: Event) {
        // Nobody there: it ends before the next request, and the journal has everything.
        let _ = self.of.events.send(event).await;
    }

    async fn finish(mut self) -> Report {
        let rest: Vec<usize> = (0..self.items.len()).filter(|at| self.items[*at].is_none()).collect();
        let why = self.stopped.as_ref().map_or(Clean::fixed("not begun"), Stop::why);
        self.ended(rest.into_iter().map(|at| (at, Ended::because(Outcome::Skipped, why.clone()))).collect()).await;
        let journal = Some(self.record.id().to_owned());
        self.said.extend(self.record.end().await.err());
        Report {
            items: self.items.into_iter().flatten().collect(),
            totals: self.totals,
            stopped: self.stopped,
            journal,
            not_kept: Vec::new(),
            said: self.said,
        }
    }
}

fn because(outcome: Outcome, why: &str) -> Ended {
    Ended::because(outcome, clean::line(why))
}

/// The answer says what was done, and the look whether that is so.
fn conclude(answer: &Answer, planned: &Fact, seen: Result<Option<Fact>, Error>) -> Ended {
    let said = |error: &Error, then: &str| clean::line(&format!("{}; {then}", error.what));
    match (answer, seen) {
        (Answer::Accepted, Ok(None)) => Ended::done(),
        (Answer::NotThere | Answer::Left, Ok(None)) => {
            because(Outcome::Gone, "somebody was first: it was not there any more")
        }
        (Answer::Open(error), Ok(None)) => Ended { why: Some(said(error, "it is gone all the same")), ..Ended::done() },
        (Answer::No(error), Ok(None)) => Ended::because(Outcome::Gone, said(error, "but it is not there any more")),
        (Answer::Accepted, Ok(Some(_))) => {
            because(Outcome::Unknown, "accepted, not yet gone: the registry said yes, and it is still there")
        }
        (Answer::NotThere, Ok(Some(_))) => {
            because(Outcome::Refused, "the answer says that it is not there, and yet it is; it was not deleted")
        }
        (Answer::Left, Ok(Some(_))) => {
            because(Outcome::Refused, "the answer does not name it among what was deleted, and it is still there")
        }
        (Answer::No(error), Ok(Some(_))) => Ended::because(Outcome::Refused, error.what.clone()),
        (Answer::Open(error), Ok(Some(now))) => {
            let then = match planned.moved(&now) {
                Some(why) => format!("it is still there, but not as it was: {why}"),
                None => "it is still there, and can be tried again".to_owned(),
            };
            Ended::because(Outcome::Failed, said(error, &then))
        }
        (answer, Err(error)) => {
            let first = match answer {
                Answer::Open(first) => first.what.to_string(),
                _ => "it was sent".to_owned(),
            };
            because(Outcome::Unknown, &format!("{first}; whether it was done could not be seen: {}", error.what))
        }
    }
}
