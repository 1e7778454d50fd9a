//! `tagboat undo`: what was deleted comes back, as far as the registry still has its content.

use std::collections::BTreeSet;

use tokio::sync::mpsc;

use super::running::{self, Line};
use super::{DONE, Failure, Io, Outcome, PARTLY, Stop, heard, place};
use crate::cli::cleanup::Undo;
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::json::kind_of;
use crate::domain::outcome::{Ended, Outcome as Ending};
use crate::runtime::batch::Totals;
use crate::runtime::undo::{ManifestBack, Prospect, Removal, Restore, TagBack, counts_as, examine, prospect, repair};
use crate::runtime::world::World;
use crate::store::journal::{Journals, Told, Trouble};

pub(super) async fn run(world: &World, asked: &Undo, io: &mut Io<'_>) -> Outcome {
    let journals = place::record(world)?;
    let told = told(&journals, &asked.id)?;
    let profile = place::of_origin(world, &told.header.registry, &told.header.origin)?;
    if !asked.dry_run {
        place::writable(world, &profile)?;
    }
    let opened = place::Opened::new(world, &profile)?;
    let backend = &*opened.backend;
    let mut agreed = asked.yes;
    let deleted = told.tagging.is_none() && told.header.undoes.is_none();
    let words = kind_of(&told.header.plan).words();
    let never = words.never().filter(|_| deleted);
    if let (Some(never), Some(_)) = (&never, &told.ended) {
        return Err(Failure::refused(never, words.instead).into());
    }
    if told.ended.is_none() {
        let standing = examine(backend, &told).await;
        io.note(&format!("{} was not finished: tagboat was ended in the middle of it.", told.id));
        for one in &standing {
            let name = one.item.tag.as_ref().map_or("a manifest", |tag| tag.as_str());
            tracing::info!(name, now = ?one.now, "an item of an operation that broke off");
        }
        if asked.dry_run {
            let hint = "Without --dry-run it is settled first: what became of each item is looked up and written down.";
            return Err(Failure::refused("an operation that was not finished cannot be weighed", hint).into());
        }
        let question = match never {
            Some(_) => "Settle it: look up and write down what became of each item?",
            None => "Settle it, and take back what it did?",
        };
        place::agreed(asked.yes, question, io).await?;
        agreed = true;
        let standing = repair(backend, &journals, &told.id).await.map_err(refused)?;
        if let Some(never) = never {
            let done = standing.iter().filter(|one| counts_as(&one.now).outcome.is_settled()).count();
            let what = format!("{} is settled: {done} of {} went. {never}", told.id, standing.len());
            return Err(Failure::refused(&what, words.instead).into());
        }
        if let Some(id) = &told.header.undoes {
            io.note(&format!("It was itself putting back {id}; `tagboat undo {id}` goes on with that."));
            running::totals(&Totals::default(), None, "put back", io)?;
            return Ok(DONE);
        }
    }
    let prospect = prospect(backend, &journals, &told.id, !asked.dry_run).await.map_err(refused)?;
    let expected = expected(&prospect, asked.overwrite);
    let sends = expected.iter().filter(|(_, ended)| ended.is_none()).count();
    if sends == 0 || asked.dry_run {
        return nothing_sent(&expected, &prospect, io);
    }
    if !agreed {
        announce(&expected, &prospect, io)?;
        let what = if sends == 1 { "1 item".to_owned() } else { format!("{sends} items") };
        let question = format!("Take {what} back in {} at {}?", prospect.repo, prospect.registry);
        place::agreed(false, &question, io).await?;
    }
    let overwrite: BTreeSet<_> = match asked.overwrite {
        true => prospect.tags.iter().map(|(tag, ..)| tag.clone()).collect(),
        false => BTreeSet::new(),
    };
    let lines: Vec<Line> = expected.into_iter().map(|(line, _)| line).collect();
    let (events, receiver) = mpsc::channel(16);
    let keeps = journals.keeps();
    let restore = Restore {
        backend: opened.backend.clone(),
        origin: profile.origin(),
        account: opened.account(),
        journals,
        prospect,
        overwrite,
        events,
        stop: io.stop.clone(),
    };
    let report = running::watch(&lines, restore.run(), receiver, io).await?;
    let outcome = running::finish(&report, keeps, "put back", io);
    heard(backend, io);
    outcome
}

fn refused(why: Clean) -> Stop {
    Failure::refused(why.as_str(), "Nothing was put back. `tagboat history ID` has the details.").into()
}

fn told(journals: &Journals, id: &str) -> Result<Told, Stop> {
    journals.read(id).map_err(|trouble| {
        let hint = "`tagboat history` shows what there is.";
        match trouble {
            Trouble::Missing => {
                let message = clean::line(&format!("there is no operation {id}")).to_string();
                let off =
                    "The history is switched off in the config: what has ended is not kept, and cannot be undone.";
                let hint = if journals.keeps() { hint } else { off }.to_owned();
                Failure { kind: "not-found", code: 4, message, hint }.into()
            }
            trouble => Failure::refused(trouble.say(&journals.path(id)).as_str(), hint).into(),
        }
    })
}

fn because(outcome: Ending, why: &str) -> Ended {
    Ended::because(outcome, clean::line(why))
}

/// The items in the order in which they are put back: manifests, then tags. How one ends without anything being sent.
fn expected(prospect: &Prospect, overwrite: bool) -> Vec<(Line, Option<Ended>)> {
    let because = |outcome, why: &str| Some(because(outcome, why));
    let there = || because(Ending::Done, "it is there already");
    let manifests = prospect.manifests.iter().map(|(digest, back)| {
        let ended = match back {
            ManifestBack::There => there(),
            ManifestBack::Possible => None,
            ManifestBack::Lost(why) => because(Ending::Failed, why.as_str()),
        };
        (Line { tag: None, digest: Some(digest.clone()) }, ended)
    });
    let tags = prospect.tags.iter().map(|(tag, digest, back)| {
        let ended = match back {
            TagBack::There => there(),
            TagBack::New(Removal::Refused) => {
                because(Ending::Refused, Removal::Refused.says(prospect.kind.words()).as_str())
            }
            TagBack::Free | TagBack::Moved(_) | TagBack::New(_) => None,
            TagBack::InUse(_) if overwrite => None,
            TagBack::InUse(now) => {
                because(Ending::Skipped, &format!("it points at {} by now; --overwrite moves it back", now.short()))
            }
            TagBack::Unknown(why) => because(Ending::Failed, why.as_str()),
            TagBack::Lost => because(Ending::Failed, "what it was on cannot be brought back"),
        };
        (Line { tag: Some(tag.clone()), digest: Some(digest.clone()) }, ended)
    });
    manifests.chain(tags).collect()
}

fn announce(expected: &[(Line, Option<Ended>)], prospect: &Prospect, io: &mut Io<'_>) -> Result<(), Stop> {
    if io.json {
        return Ok(());
    }
    for (line, ended) in expected {
        let open = open(line, prospect);
        let state = ended.as_ref().and_then(|ended| ended.why.clone()).unwrap_or(open);
        writeln!(io.out, "{}: {state}", line.name())?;
    }
    Ok(())
}

/// What would be done with it.
fn open(line: &Line, prospect: &Prospect) -> Clean {
    let removal = line.tag.as_ref().and_then(|tag| prospect.removal(tag));
    removal.map_or(Clean::fixed("can be put back"), |removal| removal.says(prospect.kind.words()))
}

/// How it would end, or why nothing can be done.
fn nothing_sent(expected: &[(Line, Option<Ended>)], prospect: &Prospect, io: &mut Io<'_>) -> Outcome {
    let mut totals = Totals::new(expected.len());
    let mut code = DONE;
    for (line, ended) in expected {
        if ended.as_ref().is_some_and(|ended| ended.outcome != Ending::Done) {
            code = PARTLY;
        }
        let dry = || because(Ending::Skipped, &format!("{}; nothing was sent", open(line, prospect)));
        let ended = &ended.clone().unwrap_or_else(dry);
        line.write(ended, io)?;
        totals.count(ended.outcome);
    }
    running::totals(&totals, None, "put back", io)?;
    Ok(code)
}
