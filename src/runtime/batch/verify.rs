//! The look after an answer: what was to go is gone, and what was to stay is where it was (oci-distribution.md §11.3).

use std::time::Duration;

use super::answer::Answer;
use super::check::{Eyes, moved, not};
use super::look::{self, Look};
use crate::backend::Error;
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::{Item, Method};
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::{Digest, TagName};
use crate::domain::words::Words;
use crate::runtime::survey::{names, polite};

/// Registries that delete behind the answer are looked at again after these waits.
pub const AGAIN: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];
/// The other tags of a digest that are looked at after each deletion. Of more than that a part each time; all of them
/// after the first deletion on the digest and after the last, or a thousand tags on one digest would be a million looks.
const AT_A_TIME: usize = 32;

#[derive(Debug)]
pub struct Verified {
    pub ended: Ended,
    /// What was to be deleted is not there any more, whatever else is said of it.
    pub away: bool,
    /// Something else is gone.
    pub damage: Option<Clean>,
}

impl Eyes<'_> {
    pub async fn verify(&self, at: usize, answer: &Answer) -> Verified {
        let item = &self.plan.items[at];
        let ((ended, away), siblings) = tokio::join!(self.gone(item, answer), self.siblings(at, item));
        match siblings {
            Siblings::Fine => Verified { ended, away, damage: None },
            Siblings::Unseen(why) if away => {
                let why = match &ended.why {
                    Some(first) => format!("{first}; {why}"),
                    None => why.to_string(),
                };
                Verified { ended: Ended { why: Some(clean::line(&why)), ..ended }, away, damage: None }
            }
            Siblings::Unseen(_) => Verified { ended, away, damage: None },
            Siblings::Moved(why) => Verified { ended, away, damage: Some(why) },
        }
    }

    /// How it ended, and whether it is away.
    async fn gone(&self, item: &Item, answer: &Answer) -> (Ended, bool) {
        let mut waits = AGAIN.iter().filter(|_| matches!(answer, Answer::Accepted));
        loop {
            let seen = match (item.method, &item.tag, &item.digest) {
                (Method::DeleteManifest, _, Some(digest)) => self.by_digest(item, digest).await,
                (_, Some(tag), Some(digest)) => match look::tag(self.backend, &self.plan.repo, tag).await {
                    Look::At(now) if now == *digest => Seen::Still,
                    Look::At(now) => Seen::Moved(tag.clone(), now),
                    Look::Missing => Seen::Gone,
                    Look::Failed(error) => Seen::Failed(error),
                },
                (_, Some(tag), None) => self.listed(tag).await,
                (_, None, _) => Seen::Gone,
            };
            match waits.next() {
                Some(wait) if matches!(seen, Seen::Still) => tokio::time::sleep(*wait).await,
                _ => return conclude(self.plan.kind.words(), answer, seen),
            }
        }
    }

    /// The tags first: where they stay, the manifest does.
    async fn by_digest(&self, item: &Item, digest: &Digest) -> Seen {
        let (mut still, mut moved) = (false, None);
        let ask = |tag: TagName| async move {
            let look = look::tag(self.backend, &self.plan.repo, &tag).await;
            (tag, look)
        };
        let all = polite(self.backend, item.tags.iter().cloned(), ask, |(tag, look)| {
            match look {
                Look::At(now) if now == *digest => still = true,
                Look::At(now) => moved = Some((tag, now)),
                Look::Failed(error) => return Err(error),
                Look::Missing => {}
            }
            Ok(())
        });
        match all.await {
            Err(error) => Seen::Failed(error),
            Ok(()) if still => Seen::Still,
            Ok(()) => match (look::manifest(self.backend, &self.plan.repo, digest).await, moved) {
                (Look::At(_), _) => Seen::Still,
                (Look::Missing, None) => Seen::Gone,
                (Look::Missing, Some((tag, now))) => Seen::GoneBelow(tag, now),
                (Look::Failed(error), _) => Seen::Failed(error),
            },
        }
    }

    /// A tag that pointed at nothing can only be seen in the list.
    async fn listed(&self, tag: &TagName) -> Seen {
        match names(self.backend, &self.plan.repo).await {
            Ok(names) if names.all.contains(tag) => match look::tag(self.backend, &self.plan.repo, tag).await {
                Look::Missing => Seen::Still,
                Look::At(now) => Seen::Moved(tag.clone(), now),
                Look::Failed(error) => Seen::Failed(error),
            },
            Ok(_) => Seen::Gone,
            Err(error) if error.is_not_found() => Seen::Gone,
            Err(error) => Seen::Failed(error),
        }
    }

    async fn siblings(&self, at: usize, item: &Item) -> Siblings {
        let Some(digest) = item.digest.as_ref().filter(|_| item.method != Method::DeleteManifest) else {
            return Siblings::Fine;
        };
        // Those that this plan has taken away before are not there; those it will take are, and must be.
        let away = |tag: &&TagName| self.away.contains(*tag);
        let others: Vec<&TagName> = item.siblings().filter(|tag| !away(tag)).collect();
        let first = !item.siblings().any(|tag| away(&tag));
        let last = !others.iter().any(|tag| self.lost.contains(tag));
        let part = if first || last || others.len() <= AT_A_TIME { others.len() } else { AT_A_TIME };
        let start = if part == others.len() { 0 } else { at * AT_A_TIME % others.len() };
        let looked_at: Vec<&TagName> = others.iter().cycle().skip(start).take(part).copied().collect();
        let mut wrong = None;
        let ask = |tag| async move { (tag, look::tag(self.backend, &self.plan.repo, tag).await) };
        let all = polite(self.backend, looked_at, ask, |(tag, look): (&TagName, Look)| {
            match look {
                Look::At(now) if now == *digest => {}
                Look::At(now) => {
                    wrong = Some(format!("{tag} was on {} and points at {} now", digest.short(), now.short()))
                }
                Look::Missing => wrong = Some(format!("{tag} was on {} and is not there any more", digest.short())),
                Look::Failed(error) => return Err(error),
            }
            Ok(())
        });
        match (all.await, wrong) {
            (_, Some(what)) => {
                let tag = item.tag.as_ref().map_or("", TagName::as_str);
                Siblings::Moved(clean::line(&format!("After deleting {tag}: {what}. It was to stay as it was.")))
            }
            (Ok(()), None) => Siblings::Fine,
            (Err(error), None) => Siblings::Unseen(clean::line(&format!(
                "the other tags on its digest could not be looked at: {}",
                error.what
            ))),
        }
    }
}

enum Siblings {
    Fine,
    Moved(Clean),
    Unseen(Clean),
}

/// What is there after the answer.
pub enum Seen {
    Gone,
    Still,
    /// The tag is on something else.
    Moved(TagName, Digest),
    /// The manifest is gone, and a tag that was on it is on something else.
    GoneBelow(TagName, Digest),
    Failed(Error),
}

pub fn conclude(words: &Words, answer: &Answer, seen: Seen) -> (Ended, bool) {
    let ended = match (answer, seen) {
        (Answer::Accepted, Seen::Gone) => return (Ended::done(), true),
        (Answer::NotThere | Answer::Left, Seen::Gone) => {
            return (not(Outcome::Gone, "somebody was first: it was not there any more"), true);
        }
        (Answer::Open(error), Seen::Gone) => {
            return (Ended { why: Some(said(&error.what, "it is gone all the same")), ..Ended::done() }, true);
        }
        (Answer::No(error), Seen::Gone) => {
            return (Ended::because(Outcome::Gone, said(&error.what, "but it is not there any more")), true);
        }
        (Answer::Accepted, Seen::Still) => {
            not(Outcome::Unknown, "accepted, not yet gone: the registry said yes, and it is still there")
        }
        (Answer::NotThere, Seen::Still) => {
            not(Outcome::Refused, "the registry says that it is not there, and yet it is; it was not deleted")
        }
        (Answer::Left, Seen::Still) => {
            not(Outcome::Failed, "the answer does not count it among what was deleted, and it is still there")
        }
        (Answer::Open(error), Seen::Still) => {
            Ended::because(Outcome::Failed, said(&error.what, "it is still there, and can be tried again"))
        }
        (Answer::No(error), _) => Ended::because(Outcome::Refused, error.what.clone()),
        (_, Seen::Moved(tag, now)) => moved(&tag, &now),
        (_, Seen::GoneBelow(tag, now)) => {
            let (now, thing) = (now.short(), words.thing);
            let what = format!("{tag} points at {now} by now; the {thing} it was on is deleted");
            return (not(Outcome::Changed, &what), true);
        }
        (answer, Seen::Failed(error)) => {
            let first = match answer {
                Answer::Open(first) => first.what.to_string(),
                _ => "it was sent".to_owned(),
            };
            not(Outcome::Unknown, &format!("{first}; whether it was done could not be seen: {}", error.what))
        }
    };
    (ended, false)
}

fn said(what: &Clean, then: &str) -> Clean {
    clean::line(&format!("{what}; {then}"))
}
