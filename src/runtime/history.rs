//! The history for the screen: journals, read off the loop, and what a registry says of them.

use std::collections::HashMap;

use super::executor::Out;
use super::registries::Connection;
use super::undo;
use crate::app::history::{Counts, Details, Item, Operation, Stand, Standing, State, Told};
use crate::app::msg::{Event, Msg};
use crate::backend;
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::json::kind_of;
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::reference::Reference;
use crate::store::journal::{self, Entry, Journals, Stage};

/// All there is, the newest first.
pub async fn read(journals: Option<Journals>) -> Msg {
    let rows = tokio::task::spawn_blocking(move || journals.map(|journals| rows(&journals)).unwrap_or_default());
    Msg::HistoryRead(rows.await.map_err(|_| fault()))
}

/// Whether something broke off, for the start of a run: reads no more than that takes.
pub async fn unfinished(journals: Option<Journals>) -> Msg {
    let count = move || journals.map(|journals| journals.unfinished().journals.len()).unwrap_or_default();
    Msg::Unfinished(tokio::task::spawn_blocking(count).await.unwrap_or_default())
}

/// One operation with its items.
pub async fn details(journals: Option<Journals>, id: String) -> Msg {
    let asked = id.clone();
    let work = move || {
        let journals = journals.ok_or(Clean::fixed("There is no directory where operations are recorded."))?;
        let looked = journals.look(&id);
        let (stage, told) = looked.map_err(|trouble| trouble.say(&journals.path(&id)))?;
        Ok(Box::new(Details {
            items: items(&told),
            kept: told.kept.len(),
            omitted: told.omitted.len(),
            told: summed(stage, &told, Vec::new()),
        }))
    };
    let read = tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(fault()));
    Msg::OperationRead { journal: asked, read }
}

fn fault() -> Clean {
    Clean::fixed("The journals could not be read; the log has more.")
}

fn rows(journals: &Journals) -> Vec<Operation> {
    let mut rows = Vec::new();
    let mut undone: HashMap<String, Vec<String>> = HashMap::new();
    journals.each(|entry| match entry {
        Entry::Unread { id, why } => rows.push(Operation { id, told: Err(why) }),
        Entry::Told(stage, told) => {
            // What takes something back is newer than that, and so comes before it.
            if let (Stage::Ended, Some(taken)) = (stage, told.took_back()) {
                undone.entry(taken.clone()).or_default().push(told.id.clone());
            }
            let by = undone.remove(&told.id).unwrap_or_default();
            rows.push(Operation { id: told.id.clone(), told: Ok(Box::new(summed(stage, &told, by))) });
        }
    });
    rows
}

fn summed(stage: Stage, told: &journal::Told, undone: Vec<String>) -> Told {
    let header = &told.header;
    let mut counts = Counts::default();
    let (mut tags, mut manifests, mut repos, mut restorable) = (0, 0, 0, 0);
    let mut words = format!("{} {} {} {}", told.id, header.registry, header.origin, header.repo);
    for (at, (item, progress)) in header.items.iter().zip(&told.items).enumerate() {
        let own = item.tags().count();
        let whole = item.repo.is_some();
        repos += usize::from(whole);
        (tags, manifests) = (tags + own, manifests + usize::from(own == 0 && !whole && told.change.is_none()));
        restorable += if told.restorable(at) { own.max(1) } else { 0 };
        counts.add(told.outcome(progress));
        if let Some(repo) = &item.repo {
            words.push(' ');
            words.push_str(repo.as_str());
        }
        for tag in item.tags() {
            words.push(' ');
            words.push_str(tag.as_str());
        }
    }
    let stand = match stage {
        Stage::Running => Stand::Running,
        Stage::Unfinished => Stand::Unfinished,
        Stage::Ended => Stand::Ended,
    };
    words.push_str(match stand {
        Stand::Running => " running",
        Stand::Unfinished => " unfinished",
        Stand::Ended if told.tagging.is_some() => " set",
        Stand::Ended if told.change.is_some() => " changed",
        Stand::Ended if told.sweep.is_some() => " repositories cannot be undone",
        Stand::Ended if header.undoes.is_some() => " undo",
        Stand::Ended if !undone.is_empty() => " undone",
        Stand::Ended => "",
    });
    for (outcome, _) in counts.each() {
        words.push(' ');
        words.push_str(outcome.word());
    }
    Told {
        time: header.time,
        stand,
        registry: header.registry.clone(),
        origin: header.origin.clone(),
        account: header.account.clone(),
        kind: kind_of(&header.plan),
        repo: header.repo.clone(),
        sets: told.tagging.is_some(),
        changed: told.change.as_ref().map(|change| change.what),
        undoes: header.undoes.clone(),
        undone,
        tags,
        manifests,
        repos,
        takes: told.sweep.as_ref().map(|sweep| sweep.takes).unwrap_or_default(),
        counts,
        restorable,
        damaged: told.damaged,
        words,
    }
}

/// A row for each tag: also for those that went because they were on the same digest.
fn items(told: &journal::Told) -> Vec<Item> {
    let mut rows = Vec::new();
    for (at, (item, progress)) in told.header.items.iter().zip(&told.items).enumerate() {
        let row = Item {
            tag: item.tag.clone(),
            repo: item.repo.clone(),
            with: None,
            digest: item.digest.clone(),
            method: item.method,
            state: match progress.state {
                journal::State::Planned if !told.damaged => State::NotBegun,
                journal::State::Planned | journal::State::Sending => State::Sent,
                journal::State::Ended(outcome) => State::Ended(outcome),
            },
            why: why(told, item, progress),
            restorable: told.restorable(at),
        };
        let along = item.along.iter().map(|tag| Item { tag: Some(tag.clone()), with: item.tag.clone(), ..row.clone() });
        let along: Vec<Item> = along.collect();
        rows.push(row);
        rows.extend(along);
    }
    rows
}

/// What became of it; and of a change, from what to what.
fn why(told: &journal::Told, item: &journal::Item, progress: &journal::Progress) -> Option<Clean> {
    let Some(change) = &told.change else { return progress.why.clone() };
    let edits: Vec<String> = match &item.tag {
        Some(tag) => change.of_tag(tag).map(|edit| edit.words()).into_iter().collect(),
        None => change.edits.iter().map(|edit| format!("{}: {}", edit.of, edit.words())).collect(),
    };
    let why = progress.why.iter().map(ToString::to_string);
    Some(clean::line(&edits.into_iter().chain(why).collect::<Vec<_>>().join("; ")))
}

/// What of an operation could be put back.
pub async fn weigh(connection: backend::Result<Connection>, journals: Option<Journals>, id: String, out: Out) {
    let work = async {
        let (backend, journals, told) = reach(connection, journals, &id).await?;
        let told = undo::prospect(&*backend, &journals, &told.id, true).await;
        told.map(Box::new).map_err(|why| report(ErrorKind::Internal, why))
    };
    out.send(Event::Weighed(work.await)).await;
}

/// What became of an operation that broke off.
pub async fn examine(connection: backend::Result<Connection>, journals: Option<Journals>, id: String, out: Out) {
    let work = async {
        let (backend, _, told) = reach(connection, journals, &id).await?;
        Ok(undo::examine(&*backend, &told).await.into_iter().map(standing).collect())
    };
    out.send(Event::Examined(work.await)).await;
}

fn standing(one: undo::Standing) -> Standing {
    Standing { tag: one.item.tag, repo: one.item.repo, digest: one.item.digest, now: one.now }
}

type Reached = (std::sync::Arc<dyn backend::Backend>, Journals, journal::Told);

/// A registry that answers, for us: else every item would be one that nobody knows anything of.
async fn reach(
    connection: backend::Result<Connection>,
    journals: Option<Journals>,
    id: &str,
) -> Result<Reached, ErrorReport> {
    let backend = connection.map_err(|error| error.report())?.backend;
    let journals = journals.ok_or_else(|| report(ErrorKind::Internal, fault()))?;
    let (shelf, id) = (journals.clone(), id.to_owned());
    let read = move || shelf.read(&id).map_err(|trouble| trouble.say(&shelf.path(&id)));
    let told = tokio::task::spawn_blocking(read).await.unwrap_or_else(|_| Err(fault()));
    let told = told.map_err(|why| report(ErrorKind::Internal, why))?;
    backend.connect().await.map_err(|error| error.report())?;
    // Some registries greet everybody, and ask who it is in the repository.
    let digest = told.header.items.iter().find_map(|item| item.digest.clone());
    if let Some(digest) = digest
        && let Err(error) = backend.resolve(&told.header.repo, &Reference::Digest(digest)).await
        && (error.kind.is_no_answer() || error.kind == ErrorKind::Denied)
    {
        return Err(error.report());
    }
    Ok((backend, journals, told))
}

fn report(kind: ErrorKind, what: Clean) -> ErrorReport {
    ErrorReport::new(kind, clean::line(&sentence(what.as_str())), Clean::fixed("Nothing was changed."))
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{stop}", chars.as_str())
}
