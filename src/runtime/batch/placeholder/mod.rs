//! The placeholder way (oci-distribution.md §11.4): where a registry deletes only by digest, a manifest that nobody else
//! has takes the tag, and is deleted with it; what the tag was on stays, with its other tags.
//!
//! Between the two the tag points at the placeholder, so each step is in the journal before it is sent, and whatever
//! fails after the first one ends with the tag where it was. Only when even that fails the journal stays open, for
//! repair.

mod content;

use bytes::Bytes;

use super::answer::{self, Answer};
use super::check::{Verdict, moved, not};
use super::course::Course;
use super::event::{Event, Phase, Stop};
use super::look::{self, Look};
use super::verify::{AGAIN, Verified};
use crate::backend::{DeleteProbe, Error};
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::{Digest, Reference, TagName};
use crate::store::journal::PlaceholderStep as Step;

use content::Content;

/// One tag on its way.
struct Way {
    at: usize,
    tag: TagName,
    digest: Digest,
    media_type: String,
    bytes: Bytes,
    content: Content,
}

pub(super) async fn run(course: &mut Course<'_>, at: usize) {
    match walk(course, at).await {
        Ok(verified) => course.verified(at, verified).await,
        Err(ended) => course.ended(at, ended).await,
    }
}

async fn walk(course: &mut Course<'_>, at: usize) -> Result<Verified, Ended> {
    deletes(course, at).await?;
    let way = begin(course, at).await?;
    step(course, &way, Step::Uploading).await?;
    upload(course, &way).await?;
    step(course, &way, Step::Moving).await?;
    course.left_open = true;
    let moved = move_tag(course, &way).await;
    if let Err((ended, settled)) = moved {
        return Err(leave(course, &way, ended, settled).await);
    }
    // The tag is on the placeholder now: there is no way out but on, or back.
    let verified = match remove(course, &way).await {
        Ok(answer) => course.eyes.verify(at, &answer).await,
        Err(ended) => return Err(ended),
    };
    if verified.ended.outcome != Outcome::Unknown {
        settle(course, &way).await;
    }
    Ok(verified)
}

/// Deletion has to be on: without it the placeholder would stay for ever (observed, oci-distribution.md §11.4).
async fn deletes(course: &mut Course<'_>, at: usize) -> Result<(), Ended> {
    if let Some(known) = &course.deletes {
        return known.clone();
    }
    let mut tried = 0;
    let answer = loop {
        match course.eyes.backend.probe_delete(&course.eyes.plan.repo).await {
            Ok(DeleteProbe::On) => break Ok(()),
            Ok(DeleteProbe::Off(why)) => break Err(("deletion is switched off on this registry", why)),
            Ok(DeleteProbe::Denied(why)) => break Err(("this account may not delete here", why)),
            Err(error) => course.pause(&[at], error, &mut tried).await?,
        }
    };
    let known = answer.map_err(|(what, why)| {
        let why = clean::line(&format!("{what}: {why}"));
        course.halt(Stop::Registry(why.clone()));
        Ended::because(Outcome::Refused, why)
    });
    course.deletes = Some(known.clone());
    known
}

/// The tag is where it was, and what it is on can be put back.
async fn begin(course: &mut Course<'_>, at: usize) -> Result<Way, Ended> {
    let refused = |why: &str| Err(not(Outcome::Refused, why));
    let plan = course.eyes.plan;
    let (Some(tag), Some(digest)) = (&plan.items[at].tag, &plan.items[at].digest) else {
        return refused("the plan does not say what to delete");
    };
    let kept = ready(course, at).await?;
    let reference = Reference::Digest(digest.clone());
    let manifest = match course.eyes.backend.manifest(&plan.repo, &reference).await {
        Ok(manifest) => manifest,
        Err(error) => {
            course.judge_error(&error);
            return Err(Ended::because(Outcome::Failed, error.what));
        }
    };
    if digest.matches(&manifest.raw) != Some(true) {
        return refused("its content cannot be checked against its digest, so it could not be put back");
    }
    let mut salt = [0; 16];
    if getrandom::fill(&mut salt).is_err() {
        return refused("this system gives no random numbers");
    }
    course.sending(at, kept).await?;
    if !course.eyes.kept.contains(digest) {
        return refused("the journal has no room to keep its manifest, so it could not be put back");
    }
    Ok(Way {
        at,
        tag: tag.clone(),
        digest: digest.clone(),
        media_type: manifest.media_type.to_string(),
        bytes: Bytes::copy_from_slice(&manifest.raw),
        content: Content::new(&manifest.media_type, salt),
    })
}

/// Looks until the registry answers.
async fn ready(course: &mut Course<'_>, at: usize) -> Result<Vec<super::keep::Kept>, Ended> {
    let mut tried = 0;
    loop {
        match course.eyes.check(at).await.verdict {
            Verdict::Send(kept) => return Ok(kept),
            Verdict::Not(ended) => return Err(ended),
            Verdict::Failed(error) => course.pause(&[at], error, &mut tried).await?,
        }
    }
}

/// Nothing is lost while only blobs are sent.
async fn upload(course: &mut Course<'_>, way: &Way) -> Result<(), Ended> {
    for blob in [&way.content.config, &way.content.layer] {
        let mut tried = 0;
        while let Err(error) = course.eyes.backend.put_blob(&course.eyes.plan.repo, blob.clone()).await {
            if error.kind != ErrorKind::RateLimited {
                let what =
                    format!("the placeholder could not be uploaded, and the tag was not touched: {}", error.what);
                course.judge_error(&error);
                return Err(not(outcome(&error), &what));
            }
            course.pause(&[way.at], error, &mut tried).await?;
        }
    }
    Ok(())
}

/// Puts the placeholder under the tag, right after another look at it. The error says whether the tag is settled.
async fn move_tag(course: &mut Course<'_>, way: &Way) -> Result<(), (Ended, bool)> {
    let mut tried = 0;
    let put = loop {
        ready(course, way.at).await.map_err(|ended| (ended, true))?;
        course.tell(Event::Item { at: way.at, phase: Phase::Sending }).await;
        let content = &way.content;
        match put(course, &way.tag, content.media_type, &content.manifest).await {
            Err(error) if error.kind == ErrorKind::RateLimited => {
                course.pause(&[way.at], error, &mut tried).await.map_err(|ended| (ended, true))?;
            }
            put => break put,
        }
    };
    if let Err(error) = &put {
        course.judge_error(error);
        if let Answer::No(error) = answer::of_error(error.clone()) {
            let what = format!("the placeholder was not taken, and nothing is lost: {}", error.what);
            return Err((not(outcome(&error), &what), true));
        }
    }
    let why = put.err().map(|error| format!("{}; ", error.what)).unwrap_or_default();
    match see(course, &way.tag).await {
        Look::At(now) if now == way.content.digest => Ok(()),
        Look::At(now) if now == way.digest => {
            Err((not(Outcome::Failed, &format!("{why}the tag is where it was, and can be tried again")), true))
        }
        Look::At(now) => Err((moved(&way.tag, &now), true)),
        Look::Missing => Err((not(Outcome::Gone, "somebody was first: it is not there any more"), true)),
        Look::Failed(error) => {
            let what =
                format!("{why}whether {} points at a placeholder now could not be seen: {}", way.tag, error.what);
            Err((not(Outcome::Unknown, &what), false))
        }
    }
}

/// Deletes the placeholder and the tag with it, or puts the tag back.
async fn remove(course: &mut Course<'_>, way: &Way) -> Result<Answer, Ended> {
    let mut tried = 0;
    let failed = loop {
        if let Err(ended) = step(course, way, Step::Deleting).await {
            break (ended.outcome, ended.why.unwrap_or_default());
        }
        let answer = match course.eyes.backend.delete_manifest(&course.eyes.plan.repo, &way.content.digest).await {
            Err(error) if error.kind == ErrorKind::RateLimited => {
                match course.pause(&[way.at], error, &mut tried).await {
                    Ok(()) => continue,
                    Err(ended) => break (ended.outcome, ended.why.unwrap_or_default()),
                }
            }
            answer => answer::of(answer),
        };
        if let Answer::Open(error) | Answer::No(error) = &answer {
            course.judge_error(error);
        }
        let mut waits = AGAIN.iter().filter(|_| matches!(answer, Answer::Accepted));
        let look = loop {
            match (see(course, &way.tag).await, waits.next()) {
                (Look::At(now), Some(wait)) if now == way.content.digest => tokio::time::sleep(*wait).await,
                (look, _) => break look,
            }
        };
        match (look, answer) {
            (Look::At(now), answer) if now == way.content.digest => {
                break match answer {
                    Answer::Open(error) | Answer::No(error) => (outcome(&error), error.what),
                    Answer::Accepted | Answer::NotThere | Answer::Left => (
                        Outcome::Refused,
                        Clean::fixed("the registry answered as if the placeholder were gone, and has it still"),
                    ),
                };
            }
            // Gone, or somebody else has the tag: verification says which.
            (Look::Missing | Look::At(_), answer) => return Ok(answer),
            (Look::Failed(error), _) => {
                let what =
                    format!("whether {} still points at a placeholder could not be seen: {}", way.tag, error.what);
                return Err(not(Outcome::Unknown, &what));
            }
        }
    };
    let (outcome, why) = failed;
    Err(back(course, way, outcome, &why).await)
}

/// The tag goes back to where it was.
async fn back(course: &mut Course<'_>, way: &Way, outcome: Outcome, why: &Clean) -> Ended {
    // Not being able to write it down is no reason to leave the tag where it is.
    let _ = step(course, way, Step::Restoring).await;
    let mut tried = 0;
    let put = loop {
        match put(course, &way.tag, &way.media_type, &way.bytes).await {
            Err(error) if tried < 3 && answer::pause(&error, tried).is_some() => {
                let wait = answer::pause(&error, tried).unwrap_or_default();
                tried += 1;
                course.tell(Event::Waiting { at: way.at, wait, why: error.what }).await;
                tokio::time::sleep(wait).await;
            }
            put => break put,
        }
    };
    if look::tag(course.eyes.backend, &course.eyes.plan.repo, &way.tag).await.is_at(&way.digest) {
        settle(course, way).await;
        return not(outcome, &format!("{why}; the tag was put back to where it was"));
    }
    let said = put.err().map(|error| format!(": {}", error.what)).unwrap_or_default();
    let what = format!(
        "{} points at a placeholder and could not be put back to {}{said}. Its manifest is kept in the journal; repair it.",
        way.tag, way.digest
    );
    course.tell(Event::Alarm(clean::line(&what))).await;
    course.halt(Stop::Damage(clean::line(&what)));
    not(Outcome::Unknown, &format!("{why}; {what}"))
}

/// Somebody else has the tag, or it never moved: what may be left is the placeholder, by its digest alone.
async fn leave(course: &mut Course<'_>, way: &Way, ended: Ended, settled: bool) -> Ended {
    if !settled {
        return ended;
    }
    let (backend, repo) = (course.eyes.backend, &course.eyes.plan.repo);
    if let Look::At(_) = look::manifest(backend, repo, &way.content.digest).await
        && let Err(error) = backend.delete_manifest(repo, &way.content.digest).await
    {
        tracing::debug!(%error, "an unused placeholder was not deleted");
    }
    settle(course, way).await;
    ended
}

async fn settle(course: &mut Course<'_>, way: &Way) {
    // If that cannot be written, the journal is repaired to what is so already.
    course.left_open = step(course, way, Step::Settled).await.is_err();
}

async fn step(course: &mut Course<'_>, way: &Way, step: Step) -> Result<(), Ended> {
    match course.record.placeholder(way.at, step, &way.content.digest).await {
        Ok(()) => Ok(()),
        Err(why) => Err(course.unrecorded(why)),
    }
}

async fn put(course: &Course<'_>, tag: &TagName, media_type: &str, bytes: &Bytes) -> Result<Digest, Error> {
    let reference = Reference::Tag(tag.clone());
    course.eyes.backend.put_manifest(&course.eyes.plan.repo, &reference, media_type, bytes.clone()).await
}

/// Looks again a few times where nobody answers: much depends on it.
async fn see(course: &Course<'_>, tag: &TagName) -> Look {
    for wait in AGAIN {
        match look::tag(course.eyes.backend, &course.eyes.plan.repo, tag).await {
            Look::Failed(_) => tokio::time::sleep(wait).await,
            look => return look,
        }
    }
    look::tag(course.eyes.backend, &course.eyes.plan.repo, tag).await
}

fn outcome(error: &Error) -> Outcome {
    match answer::of_error(error.clone()) {
        Answer::No(error) if error.status.is_some() => Outcome::Refused,
        _ => Outcome::Failed,
    }
}
