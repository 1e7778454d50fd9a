//! `tagboat apply`: exactly the plan of a file, where nothing moved since it was made.

mod recheck;

use std::sync::Arc;

use tokio::sync::mpsc;

use super::plan::{Facts, read};
use super::running::{self, Line};
use super::{DONE, Failure, Io, Outcome, Stop, heard, labels, place};
use crate::cli::cleanup::Apply;
use crate::domain::clean::Clean;
use crate::domain::cleanup::{Ask, Plan};
use crate::domain::outcome::{self, Ended};
use crate::runtime::batch::{Batch, Totals};
use crate::runtime::world::World;
use recheck::Recheck;

pub(super) async fn run(world: &World, asked: &Apply, io: &mut Io<'_>) -> Outcome {
    let mut plan = read(&asked.plan)?;
    let profile = place::of_origin(world, &plan.registry, &plan.origin)?;
    if let Some(why) = &plan.refused {
        return Err(Failure::refused(&format!("nothing can be deleted: {why}"), "Nothing was sent.").into());
    }
    if !asked.dry_run {
        place::writable(world, &profile)?;
    }
    let production = place::is_production(&profile);
    let ask = |plan: &Plan| plan.ask(&world.config.confirm, production);
    if plan.items.is_empty() {
        running::totals(&Totals::default(), None, "delete", io)?;
        return Ok(DONE);
    }
    confirmed(&ask(&plan), asked.confirm.as_deref())?;
    let journals = if asked.dry_run { None } else { Some(place::record(world)?) };
    let opened = place::Opened::new(world, &profile)?;
    let protection = place::protection(world, &profile)?;
    let labels = labels::here(world, &profile, &plan.repo)?;
    let facts =
        Facts { backend: &*opened.backend, profile: &profile, repository: &plan.repo.clone(), protection, labels };
    let checked = Recheck::make(&facts, &plan, asked.dry_run, io).await?;
    if checked.moved.iter().any(Option::is_some) {
        return Err(moved(&plan, &checked.moved, io)?);
    }
    for (item, protected) in plan.items.iter_mut().zip(&checked.protected) {
        item.protected |= protected;
    }
    // What became protected since asks harder than the plan did.
    confirmed(&ask(&plan), asked.confirm.as_deref())?;
    let lines = lines(&plan);
    let Some(journals) = journals else {
        let why = Ended::because(outcome::Outcome::Skipped, Clean::fixed("as planned; nothing is sent in a dry run"));
        lines.iter().try_for_each(|line| line.write(&why, io))?;
        running::totals(&Totals { skipped: lines.len(), ..Totals::default() }, None, "delete", io)?;
        return Ok(DONE);
    };
    // Its facts hold as of now.
    plan.created = checked.time;
    let words = plan.kind.words();
    let (events, receiver) = mpsc::channel(16);
    let keeps = journals.keeps();
    let batch = Batch {
        backend: opened.backend.clone(),
        origin: profile.origin(),
        account: opened.account(),
        plan: Arc::new(plan),
        journals,
        events,
        stop: io.stop.clone(),
    };
    let report = running::watch(&lines, batch.run(), receiver, io).await?;
    let outcome = running::finish(&report, keeps, "delete", io);
    if let (Some(id), false) = (&report.journal, io.json)
        && report.totals.done > 0
    {
        match words.never() {
            Some(never) => writeln!(io.out, "{never} {}", words.instead)?,
            None if keeps => writeln!(io.out, "To put it back: tagboat undo {id}")?,
            None => {}
        }
    }
    heard(&*opened.backend, io);
    outcome
}

fn lines(plan: &Plan) -> Vec<Line> {
    plan.items.iter().map(|item| Line { tag: item.tag.clone(), digest: item.digest.clone() }).collect()
}

fn confirmed(ask: &Ask, typed: Option<&str>) -> Result<(), Stop> {
    // A dry run sends nothing; what is typed there is checked all the same.
    let Some(typed) = typed else { return Ok(()) };
    if ask.accepts(typed) {
        return Ok(());
    }
    let why = ask.why.map_or_else(String::new, |why| format!(" ({why})"));
    let message = format!("--confirm {typed} is not what this plan asks for");
    let hint = format!("Nothing was sent. Read the plan again; it is confirmed with {}{why}.", ask.typed);
    Err(Failure::refused(&message, &hint).into())
}

/// Nothing of it is run: which items moved, and that the others were left alone for it.
fn moved(plan: &Plan, all: &[Option<Clean>], io: &mut Io<'_>) -> Result<Stop, Stop> {
    let mut totals = Totals::default();
    for (line, moved) in lines(plan).iter().zip(all) {
        let ended = match moved {
            Some(why) => {
                totals.changed += 1;
                Ended::because(outcome::Outcome::Changed, why.clone())
            }
            None => {
                totals.skipped += 1;
                Ended::because(outcome::Outcome::Skipped, Clean::fixed("other parts of the plan have changed"))
            }
        };
        line.write(&ended, io)?;
    }
    running::totals(&totals, None, "delete", io)?;
    let message = format!("{} is not as it was when the plan was made", plan.repo);
    let hint = "Nothing was sent. Make a new plan and look at it again.";
    Ok(running::silent(io, Failure::refused(&message, hint)))
}
