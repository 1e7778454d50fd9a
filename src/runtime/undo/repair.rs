//! Operations without an end: the program was killed, the machine went down. Nothing of them runs by itself; this tells
//! what became of them, and on demand puts back a tag that was left on a placeholder.

use std::collections::HashMap;

use bytes::Bytes;

use crate::app::layer::Presence;
use crate::backend::Backend;
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::Method;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::recorded::{Recorded, What};
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::undo::Now;
use crate::runtime::batch::look::{self, Look, Looks};
use crate::runtime::batch::record::Record;
use crate::runtime::layers::presence;
use crate::runtime::recolour;
use crate::runtime::sweep::{self, whether_there};
use crate::store::journal::{Item, Journals, KeptManifest, Placeholder, PlaceholderStep, Progress, State, Told};

/// One item: what the journal has last, and what the registry says now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub item: Item,
    pub recorded: State,
    pub now: Now,
}

/// What is written down of it; `None` where that is there already, or where something is to be done first.
fn to_record(now: &Now) -> Option<Ended> {
    let because = |outcome, why: &str| Some(Ended::because(outcome, clean::line(why)));
    match now {
        Now::Ended(_) | Now::OnPlaceholder(_) => None,
        Now::NotBegun => because(Outcome::Skipped, "its turn had not come when tagboat ended"),
        Now::Done => Some(Ended { why: Some(Clean::fixed("found done after tagboat had ended")), ..Ended::done() }),
        Now::NotDone => because(Outcome::Failed, "it was not done when tagboat ended"),
        Now::Moved(now) => because(Outcome::Changed, &format!("it points at {} by now", now.short())),
        Now::Unknown(why) => because(Outcome::Unknown, why.as_str()),
    }
}

/// How an item counts once its operation is settled.
pub fn counts_as(now: &Now) -> Ended {
    let left = || Ended::because(Outcome::Failed, Clean::fixed("it is left on a placeholder"));
    match now {
        Now::Ended(outcome) => Ended::because(*outcome, Clean::fixed("it ended before the operation broke off")),
        now => to_record(now).unwrap_or_else(left),
    }
}

/// Asks the registry about every item whose outcome is not in the journal. Changes nothing.
pub async fn examine(backend: &dyn Backend, told: &Told) -> Vec<Standing> {
    let mut all = Vec::with_capacity(told.items.len());
    let open = |progress: &Progress| !matches!(progress.state, State::Ended(_));
    let looks = match told.sweep.is_none() && told.items.iter().any(open) {
        true => Some(Looks::new(backend, &told.header.repo).await),
        false => None,
    };
    for (item, progress) in told.header.items.iter().zip(&told.items) {
        let left_on = progress.placeholder.as_ref().filter(|one| one.step != PlaceholderStep::Settled);
        let now = match (progress.state, left_on) {
            (_, Some(placeholder)) => on_placeholder(backend, told, item, placeholder).await,
            (State::Ended(outcome), None) => Now::Ended(outcome),
            (State::Planned, None) if !told.damaged => Now::NotBegun,
            (State::Planned | State::Sending, None) => match (&told.change, &item.repo, &looks) {
                (Some(change), ..) => changed(backend, told, item, change).await,
                (None, Some(repo), _) => whole(backend, repo).await,
                (None, None, Some(looks)) => sent(looks, told, item).await,
                (None, None, None) => Now::NotBegun,
            },
        };
        all.push(Standing { item: item.clone(), recorded: progress.state, now });
    }
    all
}

/// Of a colour and of a layer another look tells; of anything else only whoever knows how it is to be.
async fn changed(backend: &dyn Backend, told: &Told, item: &Item, change: &Recorded) -> Now {
    if let (What::Upload, Some(image), Some(layers)) = (change.what, &item.digest, backend.layers()) {
        return match presence(layers, &told.header.repo, image).await {
            Ok(Presence::There) => Now::Done,
            Ok(Presence::Missing | Presence::Half) => Now::NotDone,
            Err(error) => Now::Unknown(error.what),
        };
    }
    let edit = item.tag.as_ref().and_then(|tag| Some((tag, change.of_tag(tag)?)));
    let Some((tag, edit)) = edit.filter(|_| change.what == What::Recolour) else {
        return Now::Unknown(Clean::fixed("whether it was done shows in the registry itself"));
    };
    match recolour::colour(backend, &told.header.repo, tag).await {
        Err(error) => Now::Unknown(error.what),
        Ok(now) if recolour::same(now.as_deref(), edit.after.as_deref()) => Now::Done,
        Ok(now) if recolour::same(now.as_deref(), edit.before.as_deref()) => Now::NotDone,
        Ok(_) => Now::Unknown(Clean::fixed("it has another colour by now")),
    }
}

async fn whole(backend: &dyn Backend, repo: &RepoName) -> Now {
    match whether_there(backend, repo).await {
        sweep::Look::Here => Now::NotDone,
        sweep::Look::Gone => Now::Done,
        sweep::Look::Failed(error) => Now::Unknown(error.what),
    }
}

async fn sent(looks: &Looks<'_>, told: &Told, item: &Item) -> Now {
    let undoes = told.header.undoes.is_some();
    let puts_back = undoes || told.tagging.is_some();
    let moved = told.tagging.as_ref().zip(item.tag.as_ref()).and_then(|(tagging, tag)| tagging.of_tag(tag));
    let by_digest = item.method == Some(Method::DeleteManifest);
    let look = match (&item.tag, &item.digest) {
        (Some(tag), _) if !by_digest => looks.tag(tag).await,
        (_, Some(digest)) => looks.manifest(digest).await,
        (Some(tag), None) => looks.tag(tag).await,
        (None, None) => Look::Missing,
    };
    match look {
        // A tag that was new, and is taken away again.
        Look::Missing if undoes && item.digest.is_none() => Now::Done,
        Look::At(_) if undoes && item.digest.is_none() => Now::NotDone,
        // A tag on nothing looks the same before and after.
        Look::Missing if item.digest.is_none() => Now::Unknown(Clean::fixed("whether it is still listed was not seen")),
        Look::Missing if puts_back => Now::NotDone,
        Look::Missing => Now::Done,
        Look::At(now) if item.digest.as_ref() == Some(&now) => {
            if puts_back {
                Now::Done
            } else {
                Now::NotDone
            }
        }
        Look::At(now) if moved.is_some_and(|moved| moved.before.as_ref() == Some(&now)) => Now::NotDone,
        Look::At(now) => Now::Moved(now),
        Look::Failed(error) => Now::Unknown(error.what),
    }
}

async fn on_placeholder(backend: &dyn Backend, told: &Told, item: &Item, placeholder: &Placeholder) -> Now {
    let Some(tag) = &item.tag else { return Now::Unknown(Clean::fixed("the journal does not say which tag")) };
    match look::tag(backend, &told.header.repo, tag).await {
        Look::At(now) if now == placeholder.digest => Now::OnPlaceholder(now),
        Look::At(now) if item.digest.as_ref() == Some(&now) => Now::NotDone,
        Look::At(now) => Now::Moved(now),
        Look::Missing => Now::Done,
        Look::Failed(error) => Now::Unknown(error.what),
    }
}

/// Tags that are still to be deleted, for a new plan.
pub fn unsettled(standing: &[Standing]) -> Vec<TagName> {
    let open = |one: &&Standing| {
        matches!(one.now, Now::NotBegun | Now::NotDone | Now::Ended(Outcome::Failed | Outcome::Skipped))
    };
    standing.iter().filter(open).filter_map(|one| one.item.tag.clone()).collect()
}

/// Puts tags back that were left on a placeholder, writes down what became of everything, and ends the operation. It
/// stays unfinished where that could not be done; the error says why. Deletes nothing that was planned.
pub async fn repair(backend: &dyn Backend, journals: &Journals, id: &str) -> Result<Vec<Standing>, Clean> {
    let (journal, told, kept) = resume(journals, id).await?;
    let mut record = Record::resumed(journals, journal);
    let mut standing = examine(backend, &told).await;
    let mut left = None;
    for (at, one) in standing.iter_mut().enumerate() {
        if let Now::OnPlaceholder(placeholder) = one.now.clone() {
            match put_back(backend, &told, &mut record, at, &one.item, &placeholder, &kept).await {
                Ok(()) => one.now = Now::NotDone,
                Err(why) => {
                    left = Some(why);
                    continue;
                }
            }
        }
        if let Some(ended) = to_record(&one.now) {
            record.ended(at, &ended).await?;
        }
    }
    record.flush().await?;
    match left {
        Some(why) => Err(why),
        None => {
            record.end().await?;
            Ok(standing)
        }
    }
}

type Resumed = (crate::store::journal::Journal, Told, HashMap<Digest, KeptManifest>);

async fn resume(journals: &Journals, id: &str) -> Result<Resumed, Clean> {
    let (shelf, id) = (journals.clone(), id.to_owned());
    let work = move || {
        let say = |trouble: crate::store::journal::Trouble| trouble.say(&shelf.path(&id));
        let (journal, told) = shelf.resume(&id).map_err(say)?;
        let kept = shelf.kept(&id).map_err(say)?;
        Ok((journal, told, kept))
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(read) => read,
        Err(_) => Err(Clean::fixed("The journal could not be read; the log has more.")),
    }
}

async fn put_back(
    backend: &dyn Backend,
    told: &Told,
    record: &mut Record,
    at: usize,
    item: &Item,
    placeholder: &Digest,
    kept: &HashMap<Digest, KeptManifest>,
) -> Result<(), Clean> {
    let (Some(tag), Some(digest)) = (&item.tag, &item.digest) else {
        return Err(Clean::fixed("the journal does not say what was there"));
    };
    let repo = &told.header.repo;
    let Some(manifest) = kept.get(digest) else {
        return Err(clean::line(&format!("{tag} points at a placeholder, and the manifest {digest} was not kept")));
    };
    record.placeholder(at, PlaceholderStep::Restoring, placeholder).await?;
    let bytes = Bytes::copy_from_slice(&manifest.bytes);
    let put = backend.put_manifest(repo, &Reference::Tag(tag.clone()), &manifest.media_type, bytes).await;
    if !look::tag(backend, repo, tag).await.is_at(digest) {
        let said = put.err().map(|error| format!(": {}", error.what)).unwrap_or_default();
        return Err(clean::line(&format!("{tag} points at a placeholder and could not be put back to {digest}{said}")));
    }
    // Nobody will look for it again; where it cannot be deleted it stays, without a tag.
    if let Err(error) = backend.delete_manifest(repo, placeholder).await {
        tracing::debug!(%error, "a placeholder was not deleted");
    }
    record.placeholder(at, PlaceholderStep::Settled, placeholder).await
}
