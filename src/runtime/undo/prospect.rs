//! What of an operation could be taken back, before anything is sent.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::backend::Backend;
use crate::domain::capability::Support;
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::Plan;
use crate::domain::outcome::Outcome;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::transfer::{Call, TagMove, Tagging};
use crate::domain::undo::{ManifestBack, Prospect, Removal, TagBack};
use crate::runtime::batch::look::{self, Look};
use crate::runtime::survey;
use crate::store::journal::{Journals, KeptManifest, Told, Trouble};

use crate::domain::parts::Parts;

/// Blobs of a manifest that are named where they are missing.
const NAMED: usize = 3;

type Kept = HashMap<Digest, KeptManifest>;

/// Looks at everything the operation took away. `asks`: how the registry deletes may be asked, where that matters. The
/// error is a sentence for the user.
pub async fn prospect(backend: &dyn Backend, journals: &Journals, id: &str, asks: bool) -> Result<Prospect, Clean> {
    let (told, kept) = read(journals, id).await?;
    if told.ended.is_none() {
        return Err(Clean::fixed("This operation was not finished. Look at what became of it first."));
    }
    if told.header.undoes.is_some() {
        return Err(Clean::fixed("This operation put things back; it deleted nothing."));
    }
    if let Some(change) = &told.change {
        if let Some(why) = change.what.no_way_back() {
            return Err(Clean::fixed(why));
        }
        return Err(Clean::fixed("This is not taken back from here: u in the list of tags takes colours back."));
    }
    if told.sweep.is_some() {
        return Err(Clean::fixed(
            "Whole repositories were deleted. No system takes that back, and nothing is kept of it.",
        ));
    }
    let repo = told.header.repo.clone();
    let (mut manifests, mut tags) = (Vec::new(), BTreeMap::new());
    // Where each tag was put, of an operation that set tags.
    let mut put = BTreeMap::new();
    match &told.tagging {
        Some(tagging) => {
            let moves: Vec<&TagMove> = set(tagging, &told).collect();
            tags.extend(moves.iter().filter_map(|one| Some((one.tag.clone(), one.before.clone()?))));
            put.extend(moves.into_iter().map(|one| (one.tag.clone(), one.digest.clone())));
        }
        None => {
            let plan = Plan::from_json(&told.header.plan).map_err(|error| clean::line(&error.to_string()))?;
            (manifests, tags) = taken(&plan, &told);
        }
    }
    let mut states: HashMap<Digest, ManifestBack> = HashMap::new();
    let mut order = Vec::new();
    for digest in manifests.iter().chain(tags.values()) {
        weigh(backend, &repo, digest, &kept, &mut states, &mut order).await;
    }
    let by_call = told.tagging.as_ref().is_some_and(|tagging| tagging.call.is_some());
    let mut back = Vec::new();
    for (tag, digest) in tags {
        let lost = matches!(states.get(&digest), Some(ManifestBack::Lost(_)) | None);
        let state = match look::tag(backend, &repo, &tag).await {
            Look::At(now) if now == digest => TagBack::There,
            _ if lost => TagBack::Lost,
            // A manifest that is there can be tagged again only with its bytes, unless the system has a call for that.
            Look::Missing | Look::At(_) if !(by_call || kept.contains_key(&digest)) => TagBack::Lost,
            Look::Missing => TagBack::Free,
            Look::At(now) if put.get(&tag) == Some(&now) => TagBack::Moved(now),
            Look::At(now) => TagBack::InUse(now),
            Look::Failed(error) => TagBack::Unknown(error.what),
        };
        put.remove(&tag);
        back.push((tag, digest, state));
    }
    let mut removal = None;
    for (tag, digest) in put {
        let state = match look::tag(backend, &repo, &tag).await {
            Look::Missing => TagBack::There,
            Look::At(now) if now == digest => match &removal {
                Some(known) => TagBack::clone(known),
                None => removal.insert(of_new(backend, &repo, asks).await).clone(),
            },
            Look::At(now) => {
                TagBack::Unknown(clean::line(&format!("it points at {} by now, and is left there", now.short())))
            }
            Look::Failed(error) => TagBack::Unknown(error.what),
        };
        back.push((tag, digest, state));
    }
    let manifests =
        order.into_iter().filter_map(|digest| states.remove(&digest).map(|state| (digest, state))).collect();
    Ok(Prospect {
        id: told.id,
        registry: told.header.registry,
        origin: told.header.origin,
        kind: backend.kind(),
        repo,
        manifests,
        tags: back,
    })
}

/// A tag that was new goes alone or not at all. The probe is that of a plan.
async fn of_new(backend: &dyn Backend, repo: &RepoName, asks: bool) -> TagBack {
    let known = match asks {
        true => survey::learn_by_tag(backend, repo).await,
        false => Ok(survey::deletes(backend, repo)),
    };
    match known {
        Err(error) => TagBack::Unknown(error.what),
        Ok(known) if !known.can_untag() => TagBack::New(Removal::Refused),
        Ok(known) if asks || known.vendor || known.tag == Support::Yes => TagBack::New(Removal::Possible),
        Ok(_) => TagBack::New(Removal::Unasked),
    }
}

async fn read(journals: &Journals, id: &str) -> Result<(Told, Kept), Clean> {
    from_disk(journals, id, |shelf, id| Ok((shelf.read(id)?, shelf.kept(id)?))).await
}

/// The manifests that the operation kept; and the system's own call that did it, where it was one.
pub(super) async fn kept(journals: &Journals, id: &str) -> Result<(Kept, Option<Call>), Clean> {
    let read = |shelf: &Journals, id: &str| Ok((shelf.kept(id)?, shelf.read(id)?.tagging.and_then(|it| it.call)));
    from_disk(journals, id, read).await
}

async fn from_disk<T: Send + 'static>(
    journals: &Journals,
    id: &str,
    read: impl FnOnce(&Journals, &str) -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Clean> {
    let (shelf, id) = (journals.clone(), id.to_owned());
    let work = move || read(&shelf, &id).map_err(|trouble| trouble.say(&shelf.path(&id)));
    match tokio::task::spawn_blocking(work).await {
        Ok(read) => read,
        Err(_) => Err(Clean::fixed("The journal could not be read; the log has more.")),
    }
}

/// What went, or may have gone: manifests, and tags with what they were on.
fn taken(plan: &Plan, told: &Told) -> (Vec<Digest>, BTreeMap<TagName, Digest>) {
    let (mut manifests, mut tags) = (Vec::new(), BTreeMap::new());
    for (item, progress) in plan.items.iter().zip(&told.items) {
        let outcome = told.outcome(progress);
        // A manifest can be gone although its tag was moved away in the last moment.
        if matches!(outcome, Outcome::Done | Outcome::Unknown | Outcome::Changed) {
            manifests.extend(item.deletes().cloned());
        }
        if let (Outcome::Done | Outcome::Unknown, Some(digest)) = (outcome, &item.digest) {
            tags.extend(item.takes().iter().map(|tag| (tag.clone(), digest.clone())));
        }
    }
    (manifests, tags)
}

/// Tags that were set, or may have been, and were elsewhere before.
fn set<'a>(tagging: &'a Tagging, told: &'a Told) -> impl Iterator<Item = &'a TagMove> {
    let items = told.header.items.iter().zip(&told.items);
    let set = |progress| matches!(told.outcome(progress), Outcome::Done | Outcome::Unknown);
    let tags = items.filter(move |(_, progress)| set(progress)).filter_map(|(item, _)| item.tag.as_ref());
    let moves = tags.filter_map(|tag| tagging.of_tag(tag));
    moves.filter(|one| one.before.as_ref() != Some(&one.digest))
}

/// Entries of an index before the index, each once.
async fn weigh(
    backend: &dyn Backend,
    repo: &RepoName,
    root: &Digest,
    kept: &Kept,
    states: &mut HashMap<Digest, ManifestBack>,
    order: &mut Vec<Digest>,
) {
    let mut open = vec![(root.clone(), false)];
    let mut entered = HashSet::new();
    while let Some((digest, below)) = open.pop() {
        if states.contains_key(&digest) {
            continue;
        }
        let parts = kept.get(&digest).map(|kept| Parts::of(&kept.bytes)).unwrap_or_default();
        if !below && entered.insert(digest.clone()) {
            open.push((digest, true));
            open.extend(parts.children.into_iter().map(|child| (child, false)));
            continue;
        }
        let state = one(backend, repo, &digest, kept, &parts, states).await;
        states.insert(digest.clone(), state);
        order.push(digest);
    }
}

async fn one(
    backend: &dyn Backend,
    repo: &RepoName,
    digest: &Digest,
    kept: &Kept,
    parts: &Parts,
    states: &HashMap<Digest, ManifestBack>,
) -> ManifestBack {
    let lost = |why: &str| ManifestBack::Lost(clean::line(why));
    match look::manifest(backend, repo, digest).await {
        Look::At(_) => return ManifestBack::There,
        Look::Missing => {}
        Look::Failed(error) => return ManifestBack::Lost(error.what),
    }
    if !backend.kind().words().nests {
        return lost("it is not there any more, and only its tags can be set again");
    }
    if !kept.contains_key(digest) {
        return lost("its manifest is gone and was not kept");
    }
    let mut missing = Vec::new();
    for blob in &parts.blobs {
        match backend.has_blob(repo, &blob.digest).await {
            Ok(true) => {}
            Ok(false) => missing.push(&blob.digest),
            Err(error) => return lost(&format!("whether its content is there could not be seen: {}", error.what)),
        }
    }
    if !missing.is_empty() {
        let named: Vec<String> = missing.iter().take(NAMED).map(|digest| digest.short()).collect();
        let more = missing.len().saturating_sub(NAMED);
        let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
        return lost(&format!("the registry has thrown content of it away: {}{rest}", named.join(", ")));
    }
    let broken = parts.children.iter().find(|child| matches!(states.get(*child), Some(ManifestBack::Lost(_)) | None));
    match broken {
        Some(child) => lost(&format!("its entry {} cannot be brought back", child.short())),
        None => ManifestBack::Possible,
    }
}
