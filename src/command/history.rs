//! `tagboat history`

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{DONE, Failure, Io, Outcome, json::time, place as paths, table};
use crate::cli::cleanup::History;
use crate::domain::cleanup::Method;
use crate::domain::cleanup::json::kind_of;
use crate::domain::outcome;
use crate::domain::recorded::Edit;
use crate::domain::reference::TagName;
use crate::domain::{sweep, text};
use crate::runtime::world::World;
use crate::store::journal::{Item, Progress, Told};

pub(super) fn run(world: &World, asked: &History, io: &mut Io<'_>) -> Outcome {
    let since = since(asked)?;
    let Some(journals) = paths::journals(world) else {
        let hint = "Set HOME, or use --state-dir DIR.";
        return Err(Failure::usage("there is no place where a history would be", hint).into());
    };
    let (unfinished, ended) = (journals.unfinished(), journals.history());
    for said in unfinished.said.iter().chain(&ended.said) {
        io.note(said.as_str());
    }
    if !world.config.history.enabled {
        io.note("The history is switched off in the config; only what was not finished is shown.");
    }
    let mut all: Vec<Told> = unfinished.journals.into_iter().chain(ended.journals).collect();
    // Two may have begun within a second, which is all that an id tells.
    all.sort_by(|a, b| (b.header.time, &b.id).cmp(&(a.header.time, &a.id)));
    let undone = undone(&all);
    // What put something back is told of beside what it put back.
    all.retain(|one| one.header.undoes.is_none() || one.ended.is_none());
    let exact = all.iter().find(|one| Some(&one.id) == asked.what.as_ref()).map(|one| one.id.clone());
    all.retain(|one| match (&exact, &asked.what) {
        (Some(id), _) => one.id == *id,
        (None, Some(words)) => matches(one, words),
        (None, None) => true,
    });
    all.retain(|one| since.is_none_or(|since| one.header.time >= since));
    if let Some(one) = all.first().filter(|one| exact.is_some() && one.damaged) {
        io.note(&format!(
            "Lines of {} cannot be read; what they told of is unknown.",
            journals.path(&one.id).display()
        ));
    }
    let undone = |one: &Told| undone.get(&one.id).map_or(&[][..], Vec::as_slice);
    if io.json {
        let rows: Vec<Value> = all.iter().map(|one| to_json(one, undone(one))).collect();
        io.print_json(&rows)?;
        return Ok(DONE);
    }
    match (&exact, all.first()) {
        (Some(_), Some(one)) => details(one, undone(one), io),
        (_, None) => {
            writeln!(io.out, "Nothing was changed{}.", if asked.what.is_some() { " there" } else { "" })?;
            Ok(DONE)
        }
        _ => {
            let rows: Vec<Vec<String>> = all.iter().map(|one| row(one, undone(one))).collect();
            table::write(io.out, &["ID", "TIME", "WHAT", "REGISTRY", "REPOSITORY", "ITEMS", "STATE"], &rows)?;
            Ok(DONE)
        }
    }
}

fn since(asked: &History) -> Result<Option<Timestamp>, Failure> {
    let Some(text) = &asked.since else { return Ok(None) };
    let span = text::parse_span(text).and_then(|span| Timestamp::now().checked_sub(span).ok());
    match span {
        Some(time) => Ok(Some(time)),
        None => Err(Failure::usage(&format!("--since {text} is no time"), "Write it as 12h, 7d or 2w.")),
    }
}

/// The operations that took each one back.
fn undone(all: &[Told]) -> HashMap<String, Vec<String>> {
    let mut undone: HashMap<String, Vec<String>> = HashMap::new();
    for one in all {
        if let Some(id) = one.took_back() {
            undone.entry(id.clone()).or_default().push(one.id.clone());
        }
    }
    undone
}

/// Every word is part of the registry, the repository, or a tag.
fn matches(one: &Told, words: &str) -> bool {
    let header = &one.header;
    words.split_whitespace().all(|word| {
        header.registry.contains(word)
            || header.origin.contains(word)
            || header.repo.as_str().contains(word)
            || header.items.iter().any(|item| item.tags().any(|tag| tag.as_str().contains(word)))
            || header.items.iter().filter_map(|item| item.repo.as_ref()).any(|repo| repo.as_str().contains(word))
    })
}

fn to_json(one: &Told, undone: &[String]) -> Value {
    let row = |row: &Row<'_>| {
        let mut value = json!({
            "tag": row.tag.map(ToString::to_string),
            "digest": row.item.digest.as_ref().map(ToString::to_string),
            "outcome": row.progress.map(|progress| one.outcome(progress).word()),
            "why": row.why(),
            "restorable": row.restorable,
            "method": row.item.method.map(Method::word),
            "with": row.with.map(ToString::to_string),
        });
        if let Some(repo) = &row.item.repo {
            value["repository"] = json!(repo.to_string());
        }
        if let Some(one) = one.tagging.as_ref().zip(row.tag).and_then(|(all, tag)| all.of_tag(tag)) {
            value["before"] = json!(one.before.as_ref().map(ToString::to_string));
        }
        if let Some(change) = &one.change {
            let edit = |edit: &Edit| json!({"of": edit.of, "before": edit.before, "after": edit.after});
            let its = |edit: &&Edit| row.tag.is_none_or(|tag| edit.of == tag.as_str());
            value["edits"] = change.edits.iter().filter(its).map(edit).collect();
        }
        value
    };
    json!({
        "id": one.id,
        "what": what(one),
        "from": one.tagging.as_ref().map(|tagging| &tagging.from),
        "time": time(one.header.time),
        "registry": one.header.registry,
        "origin": one.header.origin,
        // Of several there is none to name.
        "repository": (one.header.items.iter().filter(|item| item.repo.is_some()).count() < 2)
            .then(|| one.header.repo.to_string()),
        "account": one.header.account,
        "finished": one.ended.is_some(),
        "undoes": one.header.undoes,
        "undone_by": undone,
        "items": rows(one).iter().map(row).collect::<Vec<_>>(),
    })
}

/// An item; or another tag that was on its digest, and went with it.
struct Row<'a> {
    tag: Option<&'a TagName>,
    with: Option<&'a TagName>,
    item: &'a Item,
    progress: Option<&'a Progress>,
    restorable: bool,
}

impl Row<'_> {
    fn why(&self) -> Option<String> {
        self.progress.and_then(|progress| progress.why.as_ref()).map(ToString::to_string)
    }
}

fn rows(one: &Told) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for (at, item) in one.header.items.iter().enumerate() {
        let (progress, restorable) = (one.items.get(at), one.restorable(at));
        rows.push(Row { tag: item.tag.as_ref(), with: None, item, progress, restorable });
        let with = item.tag.as_ref();
        rows.extend(item.along.iter().map(|tag| Row { tag: Some(tag), with, item, progress, restorable }));
    }
    rows
}

/// From what to what, and why not.
fn edited(one: &Told, row: &Row<'_>) -> Option<String> {
    let its = |edit: &&Edit| row.tag.is_none_or(|tag| edit.of == tag.as_str());
    let edits = one.change.as_ref()?.edits.iter().filter(its);
    let words =
        edits.map(|edit| if row.tag.is_some() { edit.words() } else { format!("{}: {}", edit.of, edit.words()) });
    let all = words.chain(row.why()).collect::<Vec<_>>().join("; ");
    Some(crate::domain::clean::line(&all).to_string())
}

fn counts(one: &Told) -> String {
    let count = |outcome: outcome::Outcome| Some((one.count(outcome), outcome)).filter(|(n, _)| *n > 0);
    let parts: Vec<String> =
        outcome::Outcome::ALL.into_iter().filter_map(count).map(|(n, o)| format!("{n} {}", o.word())).collect();
    parts.join(", ")
}

fn what(one: &Told) -> &'static str {
    match &one.tagging {
        Some(tagging) if tagging.copied => "copy",
        Some(_) => "tag",
        None if one.change.is_some() => one.change.as_ref().map_or("", |change| change.what.word()),
        None if one.header.undoes.is_some() => "undo",
        None if one.sweep.is_some() => "delete-repositories",
        None => "delete",
    }
}

/// The repository, or how many.
fn place(one: &Told) -> String {
    match &one.sweep {
        Some(sweep) if sweep.items.len() > 1 => sweep::repositories(sweep.takes, sweep.items.len()),
        _ => one.header.repo.to_string(),
    }
}

fn whole(row: &Row<'_>) -> String {
    row.item.repo.as_ref().map_or("-".to_owned(), ToString::to_string)
}

fn deletes(one: &Told) -> bool {
    one.header.undoes.is_none() && one.tagging.is_none() && one.change.is_none()
}

fn is_final(one: &Told) -> bool {
    one.change.as_ref().is_some_and(|change| change.what.no_way_back().is_some())
}

fn state(one: &Told, undone: &[String]) -> String {
    match (one.ended, undone.first()) {
        (None, _) => "NOT FINISHED".to_owned(),
        (_, Some(id)) => format!("put back by {id}"),
        (_, None) if one.sweep.is_some() || is_final(one) => "cannot be undone".to_owned(),
        (_, None) if (0..one.items.len()).any(|at| one.restorable(at)) => "can be put back".to_owned(),
        (_, None) if deletes(one) && !kind_of(&one.header.plan).words().restores => "cannot be undone".to_owned(),
        (_, None) => "-".to_owned(),
    }
}

fn row(one: &Told, undone: &[String]) -> Vec<String> {
    let header = &one.header;
    let registry = crate::domain::clean::line(&header.registry).to_string();
    vec![one.id.clone(), time(header.time), what(one).to_owned(), registry, place(one), counts(one), state(one, undone)]
}

fn details(one: &Told, undone: &[String], io: &mut Io<'_>) -> Outcome {
    let header = &one.header;
    let clean = |text: &str| crate::domain::clean::line(text).to_string();
    writeln!(io.out, "Id:          {}", one.id)?;
    writeln!(io.out, "Time:        {}", time(header.time))?;
    writeln!(io.out, "What:        {}", what(one))?;
    if let Some(tagging) = &one.tagging {
        writeln!(io.out, "From:        {}", clean(&tagging.from))?;
    }
    writeln!(io.out, "Registry:    {} ({})", clean(&header.registry), clean(&header.origin))?;
    writeln!(io.out, "Repository:  {}", place(one))?;
    if let Some(account) = &header.account {
        writeln!(io.out, "Account:     {}", clean(account))?;
    }
    writeln!(io.out, "Items:       {}", counts(one))?;
    writeln!(io.out, "State:       {}\n", state(one, undone))?;
    let rows: Vec<Vec<String>> = rows(one)
        .iter()
        .map(|row| {
            let with = row.with.map(|tag| format!("with {tag}"));
            vec![
                row.tag.map_or_else(|| whole(row), ToString::to_string),
                row.item.digest.as_ref().map_or("-".to_owned(), ToString::to_string),
                row.progress.map_or("-", |progress| one.outcome(progress).word()).to_owned(),
                if row.restorable { "yes" } else { "no" }.to_owned(),
                edited(one, row).or(row.why()).or(with).unwrap_or_default(),
            ]
        })
        .collect();
    let (first, column) = match one.sweep {
        Some(_) => ("REPOSITORY", "DIGEST"),
        None => ("TAG", kind_of(&header.plan).words().column),
    };
    table::write(io.out, &[first, column, "OUTCOME", "RESTORABLE", "WHY"], &rows)?;
    Ok(DONE)
}
