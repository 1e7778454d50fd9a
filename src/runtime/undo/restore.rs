//! Putting back what can be put back. It is a change like any other: recorded, sent once, looked at.

mod remove;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::prospect::kept;
use crate::backend::{Backend, Error};
use crate::domain::change::Change;
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::{Digest, Reference, TagName};
use crate::domain::transfer::Call;
use crate::domain::undo::{ManifestBack, Prospect, Removal, TagBack};
use crate::runtime::batch::answer::{self, Answer, Trouble};
use crate::runtime::batch::look::{self, Look};
use crate::runtime::batch::record::Record;
use crate::runtime::batch::{Event, Phase, Report, Stop, Totals};
use crate::store::journal::{Header, Item, Journals, KeptManifest};

pub struct Restore {
    pub backend: Arc<dyn Backend>,
    pub origin: String,
    pub account: Option<String>,
    pub journals: Journals,
    pub prospect: Prospect,
    /// Tags that are in use by something else, and shall be moved back all the same.
    pub overwrite: BTreeSet<TagName>,
    pub events: mpsc::Sender<Event>,
    pub stop: CancellationToken,
}

/// One thing to put back.
struct Step {
    tag: Option<TagName>,
    digest: Digest,
    /// What the tag is expected to be on right before.
    expected: Option<Digest>,
    /// It is taken away: it was not there before.
    removes: bool,
    /// How it ends without anything being sent.
    known: Option<Ended>,
}

impl Step {
    /// A tag that is taken away is to be on nothing.
    fn item(&self) -> Item {
        Item { tag: self.tag.clone(), digest: (!self.removes).then(|| self.digest.clone()), ..Item::default() }
    }
}

/// What puts a tag or a manifest back.
enum Sends<'a> {
    Call(Change),
    Manifest(&'a KeptManifest),
}

struct Run<'a> {
    restore: &'a Restore,
    kept: HashMap<Digest, KeptManifest>,
    /// What was done by the system's own call is taken back by it.
    call: Option<Call>,
    record: Record,
    steps: Vec<Step>,
    items: Vec<Ended>,
    totals: Totals,
    trouble: Trouble,
    stopped: Option<Stop>,
    lost: BTreeSet<Digest>,
}

impl Restore {
    /// The items of the report and of the events: the manifests of the prospect, then its tags.
    pub async fn run(self) -> Report {
        let steps = steps(&self.prospect, &self.overwrite);
        let items: Vec<Item> = steps.iter().map(Step::item).collect();
        let mut report = Report {
            items: Vec::new(),
            totals: Totals::new(steps.len()),
            stopped: None,
            journal: None,
            not_kept: Vec::new(),
            said: Vec::new(),
        };
        let nothing = |report: &mut Report, stop: Stop| {
            report.items = steps.iter().map(|_| Ended::because(Outcome::Skipped, stop.why())).collect();
            steps.iter().for_each(|_| report.totals.count(Outcome::Skipped));
            report.stopped = Some(stop);
        };
        if self.prospect.origin != self.origin {
            let text = format!("this was deleted from {}, and this is {}", self.prospect.origin, self.origin);
            nothing(&mut report, Stop::Plan(clean::line(&text)));
            return report;
        }
        let header = Header {
            time: Timestamp::now(),
            registry: self.prospect.registry.clone(),
            origin: self.origin.clone(),
            account: self.account.clone(),
            repo: self.prospect.repo.clone(),
            undoes: Some(self.prospect.id.clone()),
            items,
            plan: "{}".to_owned(),
        };
        let kept = kept(&self.journals, &self.prospect.id).await;
        let begun = match kept {
            Ok(kept) => Record::begin(&self.journals, header).await.map(|record| (kept, record)),
            Err(why) => Err(why),
        };
        match begun {
            Err(why) => {
                nothing(&mut report, Stop::Journal(why));
                report
            }
            Ok(((kept, call), record)) => {
                let totals = report.totals;
                let run = Run {
                    restore: &self,
                    kept,
                    call,
                    record,
                    steps,
                    items: Vec::new(),
                    totals,
                    trouble: Trouble::default(),
                    stopped: None,
                    lost: BTreeSet::new(),
                };
                run.all(report).await
            }
        }
    }
}

fn steps(prospect: &Prospect, overwrite: &BTreeSet<TagName>) -> Vec<Step> {
    let there = || Some(Ended { outcome: Outcome::Done, why: Some(Clean::fixed("it is there already")) });
    let manifests = prospect.manifests.iter().map(|(digest, back)| Step {
        tag: None,
        digest: digest.clone(),
        expected: None,
        removes: false,
        known: match back {
            ManifestBack::There => there(),
            ManifestBack::Possible => None,
            ManifestBack::Lost(why) => Some(Ended::because(Outcome::Failed, why.clone())),
        },
    });
    let tags = prospect.tags.iter().map(|(tag, digest, back)| {
        let (expected, known) = match back {
            TagBack::There => (None, there()),
            TagBack::Free => (None, None),
            TagBack::Moved(now) => (Some(now.clone()), None),
            TagBack::New(Removal::Refused) => {
                (None, Some(Ended::because(Outcome::Refused, Removal::Refused.says(prospect.kind.words()))))
            }
            TagBack::New(_) => (Some(digest.clone()), None),
            TagBack::InUse(now) if overwrite.contains(tag) => (Some(now.clone()), None),
            TagBack::InUse(now) => {
                let why = format!("{tag} points at {} by now, and was left there", now.short());
                (None, Some(Ended::because(Outcome::Skipped, clean::line(&why))))
            }
            TagBack::Unknown(why) => (None, Some(Ended::because(Outcome::Failed, why.clone()))),
            TagBack::Lost => {
                let why = Clean::fixed("what it was on cannot be brought back");
                (None, Some(Ended::because(Outcome::Failed, why)))
            }
        };
        Step {
            tag: Some(tag.clone()),
            digest: digest.clone(),
            expected,
            removes: matches!(back, TagBack::New(_)),
            known,
        }
    });
    manifests.chain(tags).collect()
}

impl Run<'_> {
    async fn all(mut self, mut report: Report) -> Report {
        self.tell(Event::Began { journal: self.record.id().to_owned() }).await;
        for at in 0..self.steps.len() {
            if self.restore.stop.is_cancelled() || self.restore.events.is_closed() {
                self.stopped.get_or_insert(Stop::Cancelled);
            }
            let ended = match &self.stopped {
                Some(stop) => Ended::because(Outcome::Skipped, stop.why()),
                None => match self.steps[at].known.clone() {
                    Some(known) => known,
                    None if self.steps[at].removes => self.remove(at).await,
                    None => self.put(at).await,
                },
            };
            if ended.outcome != Outcome::Done && self.steps[at].tag.is_none() {
                self.lost.insert(self.steps[at].digest.clone());
            }
            if let Err(why) = self.record.ended(at, &ended).await {
                self.stopped.get_or_insert(Stop::Journal(why));
            }
            self.totals.count(ended.outcome);
            self.items.push(ended.clone());
            self.tell(Event::Ended { at, ended, totals: self.totals }).await;
        }
        report.journal = Some(self.record.id().to_owned());
        report.said.extend(self.record.end().await.err());
        Report { items: self.items, totals: self.totals, stopped: self.stopped, ..report }
    }

    /// Looks, records, sends once, looks.
    async fn put(&mut self, at: usize) -> Ended {
        let (backend, repo) = (&*self.restore.backend, &self.restore.prospect.repo);
        let Step { tag, digest, expected, .. } = &self.steps[at];
        let (tag, digest, expected) = (tag.clone(), digest.clone(), expected.clone());
        if self.lost.contains(&digest) {
            return ended(Outcome::Failed, "what it was on could not be put back");
        }
        let sends = match (tag.as_ref().zip(self.call.as_ref()), self.kept.get(&digest)) {
            (Some((tag, call)), _) => {
                let (repo, tag, colour) = (repo.clone(), tag.clone(), call.colour_before.clone());
                Sends::Call(Change::SetTag { repo, tag, image: digest.clone(), colour })
            }
            (None, Some(kept)) => Sends::Manifest(kept),
            (None, None) => return ended(Outcome::Failed, "its manifest was not kept"),
        };
        let (mut tried, mut recorded) = (0, false);
        let result = loop {
            if !recorded {
                if let Err(why) = self.record.sending(at, Vec::new()).await {
                    self.stopped.get_or_insert(Stop::Journal(why.clone()));
                    return Ended::because(Outcome::Failed, why);
                }
                recorded = true;
            }
            self.tell(Event::Item { at, phase: Phase::Checking }).await;
            if let Some(tag) = &tag {
                match (look::tag(backend, repo, tag).await, &expected) {
                    (Look::Missing, None) => {}
                    (Look::At(now), Some(expected)) if now == *expected => {}
                    (Look::At(now), _) if now == digest => return Ended::done(),
                    (Look::At(now), _) => {
                        return ended(Outcome::Changed, &format!("{tag} points at {} by now", now.short()));
                    }
                    (Look::Missing, Some(_)) => return ended(Outcome::Changed, "it is not where it was a moment ago"),
                    (Look::Failed(error), _) => {
                        self.judge(&error);
                        return Ended::because(Outcome::Failed, error.what);
                    }
                }
            }
            self.tell(Event::Item { at, phase: Phase::Sending }).await;
            let reference = tag.clone().map_or_else(|| Reference::Digest(digest.clone()), Reference::Tag);
            let answer = match &sends {
                Sends::Call(change) => backend.change(change).await.map(drop),
                Sends::Manifest(kept) => {
                    let bytes = Bytes::copy_from_slice(&kept.bytes);
                    backend.put_manifest(repo, &reference, &kept.media_type, bytes).await.map(drop)
                }
            };
            match answer {
                Err(error) if error.kind == ErrorKind::RateLimited && matches!(sends, Sends::Manifest(_)) => {
                    let Some(wait) = answer::pause(&error, tried) else { break Err(error) };
                    tried += 1;
                    if let Err(stopped) = self.wait(at, wait, error.what).await {
                        return stopped;
                    }
                }
                result => break result,
            }
        };
        if let Err(error) = &result {
            self.judge(error);
            if let Answer::No(error) = answer::of_error(error.clone()) {
                return Ended::because(Outcome::Refused, error.what);
            }
        } else {
            self.trouble.fine();
        }
        self.tell(Event::Item { at, phase: Phase::Verifying }).await;
        let look = match &tag {
            Some(tag) => look::tag(backend, repo, tag).await,
            None => look::manifest(backend, repo, &digest).await,
        };
        let said = result.err().map(|error| format!("{}; ", error.what)).unwrap_or_default();
        match look {
            Look::At(now) if now == digest => Ended::done(),
            Look::At(now) => ended(Outcome::Changed, &format!("{said}it points at {} now", now.short())),
            Look::Missing => ended(Outcome::Failed, &format!("{said}it is not there")),
            Look::Failed(error) => {
                ended(Outcome::Unknown, &format!("{said}whether it is back could not be seen: {}", error.what))
            }
        }
    }

    fn judge(&mut self, error: &Error) {
        if self.trouble.ends(error) {
            self.stopped.get_or_insert(Stop::Registry(error.what.clone()));
        }
    }

    /// As long as the registry wants; `Err` when somebody stops it meanwhile.
    async fn wait(&self, at: usize, wait: Duration, why: Clean) -> Result<(), Ended> {
        self.tell(Event::Waiting { at, wait, why }).await;
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(()),
            () = self.restore.stop.cancelled() => {
                Err(ended(Outcome::Skipped, "stopped while waiting; nothing was done"))
            }
        }
    }

    async fn tell(&self, event: Event) {
        // Nobody there: it ends before the next item.
        let _ = self.restore.events.send(event).await;
    }
}

fn ended(outcome: Outcome, why: &str) -> Ended {
    Ended::because(outcome, clean::line(why))
}
