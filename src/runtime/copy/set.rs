//! One manifest, under its digest or a tag: recorded, looked at, sent once, looked at again (safety.md F).

use bytes::Bytes;

use super::run::Run;
use crate::backend::{Error, Result};
use crate::domain::change::{Change, Changed};
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::{Digest, Reference};
use crate::runtime::batch::answer::{self, Answer};
use crate::runtime::batch::keep::Kept;
use crate::runtime::batch::look::{self, Look};
use crate::runtime::batch::{Event, Phase};

impl Run<'_> {
    /// `before`: what the tag has to be on; nothing else is overwritten.
    pub(super) async fn set(&mut self, at: usize, to: &Reference, digest: &Digest, before: Option<&Digest>) -> Ended {
        let transfer = self.transfer();
        self.tell(Event::Item { at, phase: Phase::Checking }).await;
        let kept = match before.filter(|before| *before != digest && transfer.call.is_none()) {
            None => Vec::new(),
            Some(before) => match self.old(before).await {
                Ok(kept) => kept,
                Err(ended) => return ended,
            },
        };
        if let Err(ended) = self.record_sending(at, kept).await {
            return ended;
        }
        let mut tried = 0;
        let result = loop {
            if let Some(ended) = self.stands_in_the_way(to, digest, before).await {
                return ended;
            }
            self.tell(Event::Item { at, phase: Phase::Sending }).await;
            match self.put(to, digest).await {
                // Who counts calls so strictly has vendors' clients send a change once, whatever the answer.
                Err(error) if error.kind == ErrorKind::RateLimited && transfer.call.is_none() => {
                    let Some(wait) = answer::pause(&error, tried) else { break Err(error) };
                    tried += 1;
                    // Answered, so it was not done, and after the wait it is looked at again.
                    if !self.wait(at, wait, error.what).await {
                        return self.given_up();
                    }
                }
                result => break result,
            }
        };
        let unseen = matches!(result, Ok(Changed::NotConfirmed));
        let said = match result.map_err(answer::of_error) {
            Err(Answer::No(error)) => return self.failed(&error),
            Err(Answer::Open(error)) => format!("{}; ", error.what),
            Ok(Changed::NotConfirmed) => "the system took it and shows something else; ".to_owned(),
            _ => String::new(),
        };
        self.tell(Event::Item { at, phase: Phase::Verifying }).await;
        let because = |outcome, why: &str| Ended::because(outcome, clean::line(&format!("{said}{why}")));
        match self.look(to).await {
            Look::At(now) if now == *digest && unseen => because(Outcome::Done, "its colour is not the one asked for"),
            Look::At(now) if now == *digest => Ended::done(),
            Look::At(now) if Some(&now) == before => because(Outcome::Failed, "it was not done"),
            Look::At(now) => {
                because(Outcome::Changed, &format!("it points at {} now, not at {}", now.short(), digest.short()))
            }
            Look::Missing => because(Outcome::Failed, "it is not there"),
            Look::Failed(error) => {
                because(Outcome::Unknown, &format!("whether it is there could not be seen: {}", error.what))
            }
        }
    }

    /// Why nothing is sent.
    async fn stands_in_the_way(&mut self, to: &Reference, digest: &Digest, before: Option<&Digest>) -> Option<Ended> {
        match self.look(to).await {
            Look::At(now) if now == *digest => {
                Some(Ended::because(Outcome::Done, Clean::fixed("it was there already")))
            }
            Look::At(now) if Some(&now) == before => None,
            Look::Missing if before.is_none() => None,
            Look::At(now) => {
                let why = format!("{to} was moved by somebody else meanwhile, to {}", now.short());
                Some(Ended::because(Outcome::Changed, clean::line(&why)))
            }
            Look::Missing => Some(Ended::because(
                Outcome::Changed,
                clean::line(&format!("{to} was deleted by somebody else meanwhile")),
            )),
            Look::Failed(error) => Some(self.failed(&error)),
        }
    }

    async fn look(&self, at: &Reference) -> Look {
        let repo = &self.transfer().to.repo;
        match at {
            Reference::Tag(tag) => look::tag(self.to(), repo, tag).await,
            Reference::Digest(digest) => look::manifest(self.to(), repo, digest).await,
        }
    }

    async fn put(&self, to: &Reference, digest: &Digest) -> Result<Changed> {
        let transfer = self.transfer();
        let repo = &transfer.to.repo;
        if let (Some(call), Reference::Tag(tag)) = (&transfer.call, to) {
            let (tag, image, colour) = (tag.clone(), digest.clone(), call.colour.clone());
            return self.to().change(&Change::SetTag { repo: repo.clone(), tag, image, colour }).await;
        }
        let piece = transfer.piece(digest);
        let piece = piece.ok_or_else(|| Error::new(ErrorKind::Internal, "its manifest was not read"))?;
        let bytes = Bytes::copy_from_slice(&piece.bytes);
        self.to().put_manifest(repo, to, &piece.media_type, bytes).await.map(|_| Changed::Confirmed)
    }

    /// What the tag was on, for undo. A manifest that is gone, or is of a form that cannot be put back, is not kept.
    async fn old(&mut self, before: &Digest) -> Result<Vec<Kept>, Ended> {
        let at = Reference::Digest(before.clone());
        match self.to().manifest(&self.transfer().to.repo, &at).await {
            Ok(manifest) if before.matches(&manifest.raw) == Some(false) => Ok(Vec::new()),
            Ok(manifest) => {
                let media_type = manifest.media_type.to_string();
                Ok(vec![Kept { digest: before.clone(), media_type, bytes: manifest.raw }])
            }
            Err(error) if error.kind.is_no_answer() => Err(self.failed(&error)),
            Err(_) => Ok(Vec::new()),
        }
    }
}
