//! Many items by one request, where a system deletes so, and where one list tells what every tag is on.
//!
//! What one item at a time is promised holds for each of them: looked at right before, recorded before anything is sent,
//! sent once, looked for afterwards, and the tags that shared its image as well. One reading of the list is the look at
//! all items of a request, and is made for it: when recording them took longer than a round trip, it is made again. What
//! became of each is told by comparing what was asked for with what the answer names, and then by the list.

use std::collections::{HashMap, HashSet};

use tokio::time::Instant;

use super::answer::{self, Answer};
use super::check::{moved, not};
use super::course::Course;
use super::event::Phase;
use super::look;
use super::verify::{AGAIN, Seen, conclude};
use crate::backend::{Backend, Error, Sent};
use crate::domain::capability::Support;
use crate::domain::change::Doomed;
use crate::domain::clean;
use crate::domain::cleanup::{Item, Method};
use crate::domain::error::ErrorKind;
use crate::domain::inventory::Inventory;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::{Digest, TagName};

const FIRST: &str = "somebody was first: it was not there any more";

/// Only where nothing has to be kept for an undo, which takes a reading of each.
pub(super) fn is_way_of(backend: &dyn Backend) -> bool {
    backend.looks_by_list() && backend.capabilities().restores == Support::No
}

/// The list as it was at one time.
pub(super) struct Listed<'a> {
    all: &'a Inventory,
    of: HashMap<&'a TagName, &'a Digest>,
    on: HashMap<&'a Digest, Vec<&'a TagName>>,
}

impl<'a> Listed<'a> {
    pub(super) fn new(all: &'a Inventory) -> Self {
        let mut on: HashMap<&Digest, Vec<&TagName>> = HashMap::new();
        all.tags.iter().for_each(|(tag, digest)| on.entry(digest).or_default().push(tag));
        for digest in &all.bare {
            on.entry(digest).or_default();
        }
        Self { all, of: all.tags.iter().map(|(tag, digest)| (tag, digest)).collect(), on }
    }

    /// Why nothing is sent for an item.
    fn against(&self, item: &Item) -> Option<Ended> {
        match (item.method, &item.tag, &item.digest) {
            (Method::DeleteManifest, _, Some(digest)) => self.against_image(item, digest),
            (Method::Untag | Method::Vendor, Some(tag), Some(digest)) => match self.of.get(tag) {
                Some(now) if *now == digest => None,
                Some(now) => Some(moved(tag, now)),
                None => Some(self.missing()),
            },
            _ => Some(not(Outcome::Refused, "the plan does not say what to delete")),
        }
    }

    /// It goes with every tag on it.
    fn against_image(&self, item: &Item, digest: &Digest) -> Option<Ended> {
        if !self.all.complete() {
            return Some(not(
                Outcome::Failed,
                "what shares it could not be told again: the list of tags is not complete",
            ));
        }
        let elsewhere = |tag: &&TagName| self.of.get(tag).is_some_and(|now| *now != digest);
        if let Some(tag) = item.tags.iter().find(elsewhere) {
            return Some(moved(tag, self.of.get(tag)?));
        }
        match self.on.get(digest) {
            None => Some(not(Outcome::Gone, FIRST)),
            Some(on) => on
                .iter()
                .find(|tag| !item.tags.contains(tag))
                .map(|tag| not(Outcome::Changed, &format!("{tag} is on it as well, and is not in the plan"))),
        }
    }

    fn missing(&self) -> Ended {
        match self.all.ended {
            true => not(Outcome::Gone, FIRST),
            false => not(Outcome::Failed, "it is not in the list, which is not complete"),
        }
    }

    fn seen(&self, item: &Item) -> Seen {
        let cut = || {
            let what = "the list of tags is not complete";
            Seen::Failed(Error::new(ErrorKind::BadAnswer, what))
        };
        let away = if self.all.ended { Seen::Gone } else { cut() };
        match (item.method, &item.tag, &item.digest) {
            (Method::DeleteManifest, _, Some(digest)) if self.on.contains_key(digest) => Seen::Still,
            (Method::DeleteManifest, _, Some(_)) => {
                let other = item.tags.iter().find_map(|tag| Some((tag.clone(), (*self.of.get(tag)?).clone())));
                other.map_or(away, |(tag, now)| Seen::GoneBelow(tag, now))
            }
            (_, Some(tag), Some(digest)) => match self.of.get(tag) {
                Some(now) if *now == digest => Seen::Still,
                Some(now) => Seen::Moved(tag.clone(), (*now).clone()),
                None => away,
            },
            _ => Seen::Gone,
        }
    }

    /// A tag that was to stay on its image, and is not there any more.
    fn damage(&self, item: &Item, gone: &HashSet<&TagName>) -> Option<String> {
        let digest = item.digest.as_ref().filter(|_| item.method != Method::DeleteManifest)?;
        item.siblings().filter(|tag| !gone.contains(tag)).find_map(|tag| match self.of.get(tag) {
            Some(now) if *now == digest => None,
            Some(now) => Some(format!("{tag} was on {} and points at {} now", digest.short(), now.short())),
            None if self.all.ended => Some(format!("{tag} was on {} and is not there any more", digest.short())),
            None => None,
        })
    }
}

impl Course<'_> {
    /// The items of the next request: as many as it takes, from this one on, all of one sort.
    pub(super) fn chunk(&self, first: usize) -> Vec<usize> {
        let items = &self.eyes.plan.items;
        let images = items[first].deletes().is_some();
        let fits = |at: &usize| {
            let item = &items[*at];
            self.is_open(*at) && item.deletes().is_some() == images && self.eyes.waits_for(item).is_none()
        };
        (first..items.len()).filter(fits).take(self.eyes.backend.batch().max(1)).collect()
    }

    pub(super) async fn many(&mut self, request: &[usize]) {
        let plan = self.eyes.plan;
        self.phase(request, Phase::Checking).await;
        let (request, answers) = match self.sent(request.to_vec()).await {
            Ok(sent) => sent,
            Err(ended) => return self.ended_all(ended).await,
        };
        match answers.first() {
            None => return,
            Some(Answer::No(error)) if !error.is_not_found() => {
                let all = request.into_iter().map(|at| (at, self.refused(&plan.items[at], error))).collect();
                return self.ended_all(all).await;
            }
            Some(answer) => self.judge(answer),
        }
        self.phase(&request, Phase::Verifying).await;
        self.verified_all(&request, &answers).await;
    }

    /// Looks, records, looks again if that took long, and sends once. What was sent for which items, and what was
    /// answered of each; those for which nothing was to be sent have ended. `Err`: how all of them end.
    async fn sent(&mut self, mut request: Vec<usize>) -> Result<(Vec<usize>, Vec<Answer>), Vec<(usize, Ended)>> {
        let plan = self.eyes.plan;
        let (mut recorded, mut tried) = (false, 0);
        let all = |request: &[usize], ended: Ended| -> Vec<(usize, Ended)> {
            request.iter().map(|at| (*at, ended.clone())).collect()
        };
        loop {
            if request.is_empty() {
                return Ok((request, Vec::new()));
            }
            let inventory = match look::list(self.eyes.backend, &plan.repo).await {
                Ok(inventory) => inventory,
                Err(error) => {
                    self.pause(&request[..1], error, &mut tried).await.map_err(|ended| all(&request, ended))?;
                    continue;
                }
            };
            let read = Instant::now();
            let listed = Listed::new(&inventory);
            let (mut going, mut ended) = (Vec::with_capacity(request.len()), Vec::new());
            for at in request {
                match listed.against(&plan.items[at]) {
                    None => going.push(at),
                    Some(why) => ended.push((at, why)),
                }
            }
            request = going;
            self.ended_all(ended).await;
            if request.is_empty() {
                continue;
            }
            if !recorded {
                self.sending_all(&request).await.map_err(|ended| all(&request, ended))?;
                recorded = true;
            }
            if look::is_old(read, self.eyes.backend) {
                continue;
            }
            self.phase(&request, Phase::Sending).await;
            match self.delete(&request).await {
                // After the wait everything is looked at again.
                Err(error) if answer::is_limited(&error) => {
                    self.pause(&request[..1], error, &mut tried).await.map_err(|ended| all(&request, ended))?;
                }
                result => {
                    let answers = answer::of_many(result, request.len());
                    return Ok((request, answers));
                }
            }
        }
    }

    async fn delete(&self, request: &[usize]) -> Result<Vec<Sent>, Error> {
        let (plan, repo) = (self.eyes.plan, self.eyes.plan.repo.clone());
        let items = || request.iter().map(|at| &plan.items[*at]);
        let images: Vec<Digest> = items().filter_map(Item::deletes).cloned().collect();
        let doomed = match images.is_empty() {
            true => Doomed::Tags(repo, items().filter_map(|item| item.tag.clone()).collect()),
            false => Doomed::Images(repo, images),
        };
        self.eyes.backend.delete(&doomed).await
    }

    async fn verified_all(&mut self, request: &[usize], answers: &[Answer]) {
        let plan = self.eyes.plan;
        let mut waits = AGAIN.iter();
        let inventory = loop {
            let read = look::list(self.eyes.backend, &plan.repo).await;
            let late = |all: &Inventory| {
                let listed = Listed::new(all);
                let still = |at: &usize| matches!(listed.seen(&plan.items[*at]), Seen::Still);
                request.iter().zip(answers).any(|(at, answer)| matches!(answer, Answer::Accepted) && still(at))
            };
            match waits.next() {
                Some(wait) if read.as_ref().is_ok_and(late) => tokio::time::sleep(*wait).await,
                _ => break read,
            }
        };
        let mut all = Vec::with_capacity(request.len());
        let listed = inventory.as_ref().map(Listed::new);
        for (at, answer) in request.iter().zip(answers) {
            let seen = match &listed {
                Ok(listed) => listed.seen(&plan.items[*at]),
                Err(error) => Seen::Failed((*error).clone()),
            };
            all.push((*at, conclude(plan.kind.words(), answer, seen).0));
        }
        self.said.extend(answer::part(answers));
        self.ended_all(all).await;
        let Ok(listed) = listed else { return };
        let gone: HashSet<&TagName> = self.eyes.away.iter().collect();
        let damaged = request.iter().find_map(|at| {
            let item = &plan.items[*at];
            Some((item.tag.as_ref()?, listed.damage(item, &gone)?))
        });
        if let Some((tag, what)) = damaged {
            let what = format!("After deleting {tag}: {what}. It was to stay as it was.");
            self.alarm(clean::line(&what)).await;
        }
    }
}
