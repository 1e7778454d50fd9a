//! Whether a plan still says what is there. A plan lives for minutes; one that was saved is made young again only by
//! finding everything as it says (safety.md F3). Right before each request its item is looked at once more.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::super::plan::Facts;
use super::super::{Failure, Io, Stop};
use crate::domain::capability::Support;
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::{Item, Marks, Method, Plan, Role, Snapshot, TagFact, Target, plan};
use crate::domain::error::ErrorKind;
use crate::domain::reference::{Digest, Reference, TagName};
use crate::runtime::survey::Wanted;

pub(super) struct Recheck {
    /// When it was found to be so.
    pub time: Timestamp,
    /// One for each item: why it cannot be run as planned.
    pub moved: Vec<Option<Clean>>,
    /// One for each item: it takes a protected tag, and the plan says that this is meant.
    pub protected: Vec<bool>,
}

impl Recheck {
    pub async fn make(facts: &Facts<'_>, old: &Plan, dry_run: bool, io: &mut Io<'_>) -> Result<Self, Stop> {
        let by_digest = old.items.iter().any(|item| !matches!(item.method, Method::Untag | Method::Vendor));
        let wanted = Wanted {
            details: facts.protection.needs_details()
                || (facts.protection.asks_labels() && facts.labels.needs_details()),
            manifests: by_digest,
            referrers_of: if by_digest { old.lost_tags().cloned().collect() } else { Vec::new() },
            probe: by_digest && !dry_run,
        };
        let snapshot = match facts.read(&wanted, io).await {
            // Its last tag is gone, and with it the repository.
            Err(Stop::Failed(failure)) if failure.kind == "not-found" => empty(facts, old),
            other => other?,
        };
        if by_digest && snapshot.deletes.manifest == Support::No {
            let message = format!("deletion is switched off on {}", facts.profile.host());
            return Err(Failure::refused(&message, "Nothing was deleted. Ask whoever runs it.").into());
        }
        let names: HashMap<&TagName, &TagFact> = snapshot.tags.iter().map(|tag| (&tag.name, tag)).collect();
        let protected = protections(&snapshot, old, &names)?;
        let new = again(&snapshot, old, &names);
        let planned: HashMap<&Digest, &Item> =
            new.items.iter().filter_map(|item| item.deletes().map(|digest| (digest, item))).collect();
        let mut moved = Vec::with_capacity(old.items.len());
        for item in &old.items {
            let mut why = item.takes().iter().find_map(|tag| tag_moved(tag, item.digest.as_ref(), names.get(tag)));
            if let (None, Some(digest)) = (&why, item.deletes()) {
                why = match planned.get(digest) {
                    Some(now) => manifest_moved(item, now),
                    None if is_gone(facts, &snapshot, digest).await? => None,
                    None => Some(unplanned(item, &new)),
                };
            }
            moved.push(why);
        }
        Ok(Self { time: snapshot.time, moved, protected })
    }
}

fn empty(facts: &Facts<'_>, old: &Plan) -> Snapshot {
    Snapshot {
        registry: old.registry.clone(),
        origin: old.origin.clone(),
        kind: old.kind,
        repo: old.repo.clone(),
        time: Timestamp::now(),
        tags: Vec::new(),
        complete: true,
        deep: true,
        manifests: HashMap::new(),
        referrers: HashMap::new(),
        referrers_known: true,
        deletes: crate::runtime::survey::deletes(facts.backend, &old.repo),
        protection: facts.protection.clone(),
    }
}

/// What the plan takes that the config protects by now. Only what was lifted by name may go.
fn protections(snapshot: &Snapshot, old: &Plan, names: &HashMap<&TagName, &TagFact>) -> Result<Vec<bool>, Stop> {
    let mut all = Vec::with_capacity(old.items.len());
    for item in &old.items {
        let mut protected = false;
        for tag in item.takes() {
            let Some(fact) = names.get(tag) else { continue };
            let Some(pattern) = snapshot.protection.of(&snapshot.row(fact, |_| None), snapshot.time) else { continue };
            if !old.choices.lifted.contains(tag) {
                let message = format!("the tag {tag} is protected by “{pattern}”, and the plan deletes it");
                return Err(Failure::refused(&message, "Nothing was sent. Make a new plan.").into());
            }
            protected = true;
        }
        all.push(protected);
    }
    Ok(all)
}

/// The same wish, planned from what is there now.
fn again(snapshot: &Snapshot, old: &Plan, names: &HashMap<&TagName, &TagFact>) -> Plan {
    let tags = old.lost_tags().filter(|tag| names.contains_key(tag)).cloned().collect();
    let untagged = old.items.iter().any(|item| item.role == Role::Untagged);
    plan(snapshot, &Marks { tags, untagged, kept: Vec::new() }, &old.choices)
}

/// That it is gone is no reason to stop: that is what was wanted.
fn tag_moved(tag: &TagName, planned: Option<&Digest>, now: Option<&&TagFact>) -> Option<Clean> {
    let why = match (&now?.target, planned) {
        (Target::At(now), Some(planned)) if now == planned => return None,
        (Target::Dangling, _) => return None,
        (Target::At(now), _) => format!("{tag} points at {} by now", now.short()),
        (Target::Unknown(why), _) => format!("what {tag} points at could not be read: {why}"),
    };
    Some(clean::line(&why))
}

/// It would be deleted still. Nothing that came since may go along unseen.
fn manifest_moved(old: &Item, now: &Item) -> Option<Clean> {
    let planned: HashSet<&TagName> = old.tags.iter().collect();
    if let Some(tag) = now.tags.iter().find(|tag| !planned.contains(tag)) {
        // Where tags go before their manifest, they are items of their own.
        if !old.tags.is_empty() {
            return Some(clean::line(&format!("{tag} is on it as well by now")));
        }
    }
    let new = |old: &[Digest], now: &[Digest]| now.iter().find(|digest| !old.contains(digest)).cloned();
    if let Some(index) = new(&old.indexes, &now.indexes) {
        return Some(clean::line(&format!("the index {} lists it by now", index.short())));
    }
    let referrer = new(&old.referrers, &now.referrers)?;
    Some(clean::line(&format!("{} refers to it by now", referrer.short())))
}

/// Why the new plan has it no more.
fn unplanned(item: &Item, new: &Plan) -> Clean {
    let kept = new.kept.iter().find(|kept| Some(&kept.tag) == item.tag.as_ref());
    match (kept, &new.refused, &new.unsure) {
        (Some(kept), ..) => kept.why.clone(),
        (None, Some(why), _) | (None, None, Some(why)) => why.clone(),
        (None, None, None) => Clean::fixed("it could not be deleted by its digest any more"),
    }
}

async fn is_gone(facts: &Facts<'_>, snapshot: &Snapshot, digest: &Digest) -> Result<bool, Stop> {
    if snapshot.tags.iter().any(|tag| tag.target.digest() == Some(digest)) {
        return Ok(false);
    }
    match facts.backend.resolve(facts.repository, &Reference::Digest(digest.clone())).await {
        Ok(_) => Ok(false),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error.into()),
    }
}
