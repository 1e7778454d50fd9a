//! `tagboat plan`

mod facts;
mod file;
mod rules;
mod text;

use super::{DONE, Io, Outcome, Stop, heard, labels, place};
use crate::cli::cleanup::{Choices as Asked, Plan as Arguments};
use crate::domain::cleanup::{Choices, Marks, Siblings, TagFact, plan};
use crate::domain::words::Words;
use crate::runtime::survey::Wanted;
use crate::runtime::world::World;

pub(super) use facts::Facts;
pub(super) use file::{read, value};

pub(super) async fn run(world: &World, asked: &Arguments, io: &mut Io<'_>) -> Outcome {
    let rules = rules::rules(&asked.rules, &world.config)?;
    let (profile, repository) = place::repository(world, &asked.repository)?;
    if let Some(out) = &asked.out {
        file::check(out)?;
    }
    let protection = place::protection(world, &profile)?;
    let opened = place::Opened::new(world, &profile)?;
    let profile = place::settled(profile, &*opened.backend).await?;
    let labels = labels::here(world, &profile, &repository)?;
    let labelled = (rules.asks_labels() || protection.asks_labels()) && labels.needs_details();
    let details = rules.needs_details() || protection.needs_details() || labelled;
    let choices = choices(asked.choices, profile.kind.words());
    let facts = Facts { backend: &*opened.backend, profile: &profile, repository: &repository, protection, labels };
    let mut snapshot = facts.read(&Wanted { details, ..Wanted::default() }, io).await?;
    let mut found = rules.apply(&snapshot.candidates(), snapshot.time);
    let absent = std::mem::take(&mut found.absent);
    let marks = Marks::from(found);
    // A plan sends nothing that writes, also nothing that could hit nothing.
    let wanted = Wanted::for_plan(&marks, &choices, snapshot.deletes, details, true);
    if wanted.manifests {
        facts.deepen(&mut snapshot, &wanted, io).await?;
    }
    let plan = plan(&snapshot, &marks, &choices);
    let words = plan.kind.words();
    let foreign = asked.choices.with_children || asked.choices.with_referrers || asked.choices.placeholder;
    if foreign && !words.nests {
        io.note(&format!(
            "{} knows no indexes, referrers or placeholders: --with-children, --with-referrers and --placeholder mean nothing there.",
            words.system
        ));
    }
    if asked.choices.with_manifests && !words.nests && !snapshot.deletes.can_delete_manifests() {
        io.note(&format!("{} deletes no {}: --with-manifests means nothing there.", words.system, words.things));
    }
    let timeless = |tag: &TagFact| tag.info.as_ref().is_some_and(|info| info.created.is_none());
    if rules.needs_details() && !snapshot.tags.is_empty() && snapshot.tags.iter().all(timeless) {
        io.note("When these tags were made is not told: what asks for an age marks none of them, and --keep keeps them all.");
    }
    for tag in &absent {
        io.note(&format!("There is no tag {tag}."));
    }
    let saved = asked.out.as_deref();
    if let Some(out) = saved {
        file::write(out, &plan)?;
    }
    if io.json {
        io.print_json(&value(&plan)?)?;
    } else {
        let ask = plan.ask(&world.config.confirm, place::is_production(&profile));
        text::write(io.out, &plan, &ask, saved).map_err(Stop::from)?;
    }
    heard(&*opened.backend, io);
    Ok(DONE)
}

/// What there is none of cannot go along.
fn choices(asked: Asked, words: &Words) -> Choices {
    Choices {
        manifests: asked.with_manifests,
        children: asked.with_children && words.nests,
        referrers: asked.with_referrers && words.nests,
        siblings: if asked.with_siblings { Siblings::All } else { Siblings::default() },
        placeholder: asked.placeholder && words.nests,
        ..Choices::default()
    }
}
