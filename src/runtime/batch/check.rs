//! The look right before a request (safety.md F3): nothing is sent for what is not as the plan says.

use std::collections::{BTreeSet, HashSet};

use tokio::time::Instant;

use super::keep::{self, Kept};
use super::look::{self, Look};
use super::sharers::Sharers;
use crate::backend::{Backend, Error};
use crate::domain::clean;
use crate::domain::cleanup::{Item, Method, Plan};
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::{Digest, TagName};
use crate::runtime::survey::polite;

/// Looks at the registry, and changes nothing.
pub struct Eyes<'a> {
    pub backend: &'a dyn Backend,
    pub plan: &'a Plan,
    /// Every tag the plan takes away.
    pub lost: HashSet<&'a TagName>,
    pub sharers: Sharers,
    /// What the journal has already.
    pub kept: HashSet<Digest>,
    /// Manifests that this run has deleted, or found deleted.
    pub gone: HashSet<Digest>,
    /// Tags that are known not to be on their digests any more: deleted with items so far, or moved by somebody.
    pub away: HashSet<TagName>,
}

/// What a look says of an item.
#[derive(Debug)]
pub enum Verdict {
    /// All is as planned. What has to be kept before it goes.
    Send(Vec<Kept>),
    /// Nothing is sent.
    Not(Ended),
    Failed(Error),
}

#[derive(Debug)]
pub struct Checked {
    pub at: usize,
    pub verdict: Verdict,
    /// When the answers were in.
    pub when: Instant,
}

impl Eyes<'_> {
    pub async fn check(&self, at: usize) -> Checked {
        let item = &self.plan.items[at];
        let (verdict, kept) = tokio::join!(self.verdict(item), keep::read(self.backend, self.plan, item, &self.kept));
        let verdict = match (verdict, kept) {
            (Verdict::Send(_), Ok(kept)) => Verdict::Send(kept),
            // Gone between the look and the reading.
            (Verdict::Send(_), Err(error)) if error.is_not_found() => {
                Verdict::Not(not(Outcome::Changed, "its manifest is not there any more"))
            }
            (Verdict::Send(_), Err(error)) => Verdict::Failed(error),
            (other, _) => other,
        };
        Checked { at, verdict, when: Instant::now() }
    }

    async fn verdict(&self, item: &Item) -> Verdict {
        match (item.method, &item.tag, &item.digest) {
            (Method::DeleteManifest, _, Some(digest)) => self.manifest(item, digest).await,
            (Method::DeleteManifest, _, None) | (_, None, _) | (Method::Placeholder, _, None) => {
                Verdict::Not(not(Outcome::Refused, "the plan does not say what to delete"))
            }
            (_, Some(tag), digest) => self.tag(tag, digest.as_ref()).await,
        }
    }

    async fn tag(&self, tag: &TagName, planned: Option<&Digest>) -> Verdict {
        match (look::tag(self.backend, &self.plan.repo, tag).await, planned) {
            (Look::At(now), Some(planned)) if now == *planned => Verdict::Send(Vec::new()),
            (Look::Missing, None) => Verdict::Send(Vec::new()),
            (Look::At(now), _) => Verdict::Not(moved(tag, &now)),
            (Look::Missing, Some(_)) => {
                Verdict::Not(not(Outcome::Gone, "somebody was first: it was not there any more"))
            }
            (Look::Failed(error), _) => Verdict::Failed(error),
        }
    }

    /// A manifest goes with every tag on it, so every tag that is or may be on it is asked.
    async fn manifest(&self, item: &Item, digest: &Digest) -> Verdict {
        if let Some(doubt) = self.sharers.doubt() {
            let why = format!("what shares it could not be told again: {doubt}");
            return Verdict::Not(not(Outcome::Failed, &why));
        }
        if let Some(index) = self.sharers.listed_by(digest).iter().find(|index| !self.gone.contains(index)) {
            let why = format!("the index {} lists it, and is not gone", index.short());
            return Verdict::Not(not(Outcome::Changed, &why));
        }
        let new = match self.sharers.new_names(self.backend, self.plan).await {
            Ok(new) => new,
            Err(error) => return Verdict::Failed(error),
        };
        let asked: BTreeSet<&TagName> =
            item.tags.iter().chain(&item.tag).chain(self.sharers.on(digest)).chain(&new).collect();
        let planned: HashSet<&TagName> = item.tags.iter().collect();
        let (mut on, mut verdict) = (0, None);
        let ask = |tag| async move { (tag, look::tag(self.backend, &self.plan.repo, tag).await) };
        let all = polite(self.backend, asked, ask, |(tag, look): (&TagName, Look)| {
            match look {
                Look::Failed(error) => return Err(error),
                Look::At(now) if now == *digest && planned.contains(tag) => on += 1,
                Look::At(now) if now == *digest => {
                    verdict = Some(not(Outcome::Changed, &format!("{tag} is on it as well, and is not in the plan")));
                }
                Look::At(now) if planned.contains(tag) => verdict = Some(moved(tag, &now)),
                Look::At(_) | Look::Missing => {}
            }
            Ok(())
        });
        match (all.await, verdict) {
            (Err(error), _) => Verdict::Failed(error),
            (Ok(()), Some(ended)) => Verdict::Not(ended),
            (Ok(()), None) if on > 0 => Verdict::Send(Vec::new()),
            (Ok(()), None) => match look::manifest(self.backend, &self.plan.repo, digest).await {
                Look::At(_) => Verdict::Send(Vec::new()),
                Look::Missing => Verdict::Not(not(Outcome::Gone, "somebody was first: it was not there any more")),
                Look::Failed(error) => Verdict::Failed(error),
            },
        }
    }

    /// Manifests that have to be gone before this one, and are not.
    pub fn waits_for(&self, item: &Item) -> Option<Ended> {
        let first = item.after.iter().find(|digest| !self.gone.contains(digest))?;
        Some(not(Outcome::Skipped, &format!("{} is still there, and needs it", first.short())))
    }
}

pub fn not(outcome: Outcome, why: &str) -> Ended {
    Ended::because(outcome, clean::line(why))
}

pub fn moved(tag: &TagName, now: &Digest) -> Ended {
    not(Outcome::Changed, &format!("{tag} points at {} by now", now.short()))
}
