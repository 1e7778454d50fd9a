//! A plan for people: what goes and how, what stays and why, what it frees, what has to be typed.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use super::super::table;
use crate::domain::clean;
use crate::domain::cleanup::{Ask, Item, Keeper, Method, Plan, Role, Tier};
use crate::domain::text::{count, size};
use crate::domain::words::Words;

/// Names in one cell; more are counted.
const NAMED: usize = 4;

pub(super) fn write(out: &mut dyn Write, plan: &Plan, ask: &Ask, saved: Option<&Path>) -> io::Result<()> {
    writeln!(out, "Clean-up of {} at {} ({}); nothing was sent.", plan.repo, plan.registry, plan.origin)?;
    let words = plan.kind.words();
    if let Some(never) = words.never().filter(|_| !plan.items.is_empty()) {
        writeln!(out, "{never} {}", words.instead)?;
    }
    if let Some(why) = &plan.refused {
        writeln!(out, "Nothing can be deleted: {why}.")?;
    }
    if !plan.items.is_empty() {
        writeln!(out, "\nGoes, in this order:")?;
        let rows: Vec<_> = plan.items.iter().map(|item| row(item, words)).collect();
        table::write(out, &["TAG", words.column, "HOW", "FREES", "NOTE"], &rows)?;
    }
    if !plan.kept.is_empty() {
        writeln!(out, "\nStays:")?;
        let rows: Vec<_> = plan.kept.iter().map(|kept| vec![kept.tag.to_string(), kept.why.to_string()]).collect();
        table::write(out, &["TAG", "WHY"], &rows)?;
    }
    warnings(out, plan)?;
    writeln!(out, "\n{}", totals(plan))?;
    if !plan.items.is_empty() {
        writeln!(out, "{}", frees(plan))?;
    }
    how_to_run(out, ask, saved)
}

fn row(item: &Item, words: &Words) -> Vec<String> {
    let dash = || "-".to_owned();
    let siblings: Vec<&str> = item.siblings().map(|tag| tag.as_str()).collect();
    let mut notes = Vec::new();
    match item.role {
        Role::Marked => {}
        Role::Untagged => notes.push("no tag leads to it".to_owned()),
        Role::Child => notes.push("entry of an index that goes".to_owned()),
        Role::Referrer => notes.push("refers to what goes".to_owned()),
    }
    if item.protected {
        notes.push("PROTECTED, lifted".to_owned());
    }
    if !siblings.is_empty() {
        let names = names(&siblings);
        let goes = item.method == Method::DeleteManifest;
        notes.push(if goes { format!("takes along {names}") } else { format!("same {}: {names}", words.id) });
    }
    vec![
        item.tag.as_ref().map_or_else(dash, ToString::to_string),
        item.digest.as_ref().map_or_else(dash, |digest| digest.short()),
        words.way(item.method).to_owned(),
        if item.frees == 0 { dash() } else { size(item.frees) },
        notes.join("; "),
    ]
}

fn names(all: &[&str]) -> String {
    let more = all.len().saturating_sub(NAMED);
    let named = all[..all.len() - more].join(", ");
    if more == 0 { named } else { format!("{named} and {}", counted(more, "more tag")) }
}

/// Each once, with the number of items it concerns.
fn warnings(out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
    let mut all: BTreeMap<&str, (usize, &Item)> = BTreeMap::new();
    for item in &plan.items {
        for warning in &item.warnings {
            all.entry(warning.as_str()).or_insert((0, item)).0 += 1;
        }
    }
    if plan.kind.words().nests && plan.kept.iter().any(|kept| kept.by == Keeper::Held && !kept.others.is_empty()) {
        writeln!(
            out,
            "This registry deletes by digest, and other tags are on it: --with-siblings lets these go along, \
             --placeholder takes the tag alone."
        )?;
    }
    // It says something only where a manifest might have gone.
    let unsure = plan.unsure.as_ref().filter(|_| plan.choices.deletes_manifests() || held(plan));
    if all.is_empty() && unsure.is_none() {
        return Ok(());
    }
    writeln!(out, "\nNote:")?;
    if let Some(why) = unsure {
        let words = plan.kind.words();
        match words.nests {
            true => writeln!(out, "  No manifest is deleted by its digest: {why}.")?,
            false => writeln!(out, "  No {} is deleted: {why}.", words.thing)?,
        }
    }
    for (warning, (n, first)) in all {
        let whose = match (n, &first.tag, &first.digest) {
            (1, Some(tag), _) => tag.to_string(),
            (1, None, Some(digest)) => digest.short(),
            _ => counted(n, "item"),
        };
        writeln!(out, "  {whose}: {warning}")?;
    }
    Ok(())
}

fn held(plan: &Plan) -> bool {
    plan.kept.iter().any(|kept| kept.by == Keeper::Held)
}

fn totals(plan: &Plan) -> String {
    let words = plan.kind.words();
    let tags = plan.lost_tags().count();
    let manifests = plan.lost_manifests().count();
    let goes = match (tags, manifests) {
        (0, 0) => "Nothing goes".to_owned(),
        (tags, 0) => format!("{} of {} {}", counted(tags, "tag"), count(plan.tags_before), verb(tags)),
        (0, n) => format!("{} {}", words.count(n), verb(n)),
        (tags, n) => {
            format!("{} of {} and {} go", counted(tags, "tag"), count(plan.tags_before), words.count(n))
        }
    };
    let stays = match plan.kept.len() {
        0 => String::new(),
        1 => "; 1 tag that was marked or named stays".to_owned(),
        n => format!("; {} tags that were marked or named stay", count(n)),
    };
    let left: Vec<String> = [
        (plan.left.untagged.len(), "without a tag"),
        (plan.left.children.len(), "without their index"),
        (plan.left.referrers.len(), "that refer to what is gone"),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, how)| format!("{} {how}", words.count(n)))
    .collect();
    let left = if left.is_empty() { String::new() } else { format!(" Left on the server: {}.", left.join(", ")) };
    format!("{goes}{stays}.{left}")
}

fn frees(plan: &Plan) -> String {
    let bytes = plan.reclaimable;
    let when = "when the registry next collects garbage";
    match (bytes.exact, bytes.at_least, bytes.at_most) {
        _ if !plan.kind.words().collects => "What it frees is not told there.".to_owned(),
        (true, 0, _) => "Frees nothing: what it holds is used elsewhere in this repository.".to_owned(),
        (true, least, _) => format!("Frees {} of this repository {when}.", amount(least)),
        (false, 0, None) => "What it frees is not known.".to_owned(),
        (false, least, Some(most)) if most > least => {
            format!("Frees at least {}, at most {}, {when}.", amount(least), amount(most))
        }
        (false, least, _) => format!("Frees at least {} {when}; not everything is known.", amount(least)),
    }
}

/// The exact number where the short one hides something.
fn amount(bytes: u64) -> String {
    match bytes {
        0..1024 => counted(bytes as usize, "byte"),
        _ => format!("{} ({} bytes)", size(bytes), count(bytes as usize)),
    }
}

fn how_to_run(out: &mut dyn Write, ask: &Ask, saved: Option<&Path>) -> io::Result<()> {
    let file = saved.map(|path| clean::line(&path.display().to_string()).to_string());
    if ask.tier == Tier::Nothing {
        return match file {
            Some(file) => writeln!(out, "The plan is in {file}; there is nothing to run."),
            None => Ok(()),
        };
    }
    let why = match (ask.tier, ask.why) {
        (Tier::Name, Some(why)) => format!(" The repository's name is asked for: {why}."),
        _ => String::new(),
    };
    let typed = &ask.typed;
    match file {
        Some(file) => writeln!(out, "To run it: tagboat apply '{file}' --confirm {typed}{why}"),
        None => writeln!(out, "To run it, save it with --out FILE; tagboat apply FILE --confirm {typed}.{why}"),
    }?;
    Ok(())
}

fn verb(n: usize) -> &'static str {
    if n == 1 { "goes" } else { "go" }
}

fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{} {what}s", count(n)) }
}
