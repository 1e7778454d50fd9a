//! `tagboat tags`

use std::collections::HashMap;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::mpsc;

use super::{DONE, Failure, Io, Outcome, PARTLY, Stop, ended, table};
use crate::backend::Backend;
use crate::cli;
use crate::domain::filter::{Field, Filter, Row as Asked, RowState, Verdict};
use crate::domain::order;
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::tag::{DigestInfo, TagState};
use crate::domain::text;
use crate::runtime::world::World;
use crate::store::config::parse_target;

/// A tag, and what became of reading it.
struct Row {
    name: Listed<TagName>,
    state: TagState,
    shared_with: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Report<'a> {
    registry: &'a str,
    repository: &'a str,
    complete: bool,
    note: Option<&'a str>,
    tags: Vec<Shown<'a>>,
}

#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    digest: Option<String>,
    media_type: Option<&'a str>,
    created: Option<String>,
    size: Option<u64>,
    platforms: Option<Vec<String>>,
    shared_with: Option<&'a [String]>,
    colour: Option<&'a str>,
    state: Option<&'static str>,
}

pub(super) async fn run(world: &World, asked: &cli::Tags, io: &mut Io<'_>) -> Outcome {
    let (profile, repository, reference) = parse_target(&asked.repository, &world.config)?;
    let hint = "Write REGISTRY/REPO; `tagboat inspect` takes a tag.";
    let (Some(repository), None) = (repository, reference) else {
        return Err(Failure::usage("a repository is wanted, without a tag", hint).into());
    };
    let filter = Filter::parse(asked.filter.as_deref().unwrap_or(""))
        .map_err(|error| Failure::usage(&format!("--filter: {error}"), "For example: --filter 'v1.* age>30d !~rc'."))?;
    let backend = world.open(&profile)?;
    let by_name = !filter.needs_details();
    let stream = asked.names && by_name && !io.json;
    let (mut rows, end) = list(backend.as_ref(), &repository, by_name.then_some(&filter), stream, io).await?;
    if stream {
        return Ok(ended(&end, io));
    }
    order::sort_by_name(&mut rows, Row::name);
    let mut code = DONE;
    if !(asked.names && by_name) {
        read(backend.as_ref(), &repository, &mut rows, io).await;
        // Of a filtered list it is not known which other tags are on a digest.
        if filter.is_empty() || !by_name {
            share(&mut rows);
        }
        code = code.max(failures(&rows, io));
        let now = Timestamp::now();
        rows.retain(|row| row.verdict(&filter, now) == Verdict::Yes);
    }
    print(&profile.name, &repository, &rows, &end, asked.names, io)?;
    Ok(code.max(ended(&end, io)))
}

/// Every tag that `filter` lets through by its name. With `stream` the names are printed and not kept.
async fn list(
    backend: &dyn Backend,
    repository: &RepoName,
    filter: Option<&Filter>,
    stream: bool,
    io: &mut Io<'_>,
) -> Result<(Vec<Row>, ListEnd), Stop> {
    let mut rows: Vec<Row> = Vec::new();
    let now = Timestamp::now();
    let (pages, mut arriving) = mpsc::channel::<Vec<Listed<TagName>>>(4);
    let receiving = async {
        let mut count = 0;
        while let Some(page) = arriving.recv().await {
            count += page.len();
            for name in page {
                let row = Row { name, state: TagState::NotAsked, shared_with: None };
                if filter.is_some_and(|filter| row.verdict(filter, now) != Verdict::Yes) {
                    continue;
                }
                if stream {
                    writeln!(io.out, "{}", row.name())?;
                } else {
                    rows.push(row);
                }
            }
            if stream {
                io.out.flush()?;
            }
            io.progress(|| format!("{count} tags"));
        }
        drop(arriving);
        Ok::<(), Stop>(())
    };
    let (listed, received) = futures_util::join!(backend.tags(repository, pages), receiving);
    received?;
    let end = listed?;
    io.clear();
    Ok((rows, end))
}

/// Reads the details of all rows, as many at a time as the registry takes.
async fn read(backend: &dyn Backend, repository: &RepoName, rows: &mut [Row], io: &mut Io<'_>) {
    let names: Vec<(usize, TagName)> = rows
        .iter()
        .enumerate()
        .filter_map(|(at, row)| match &row.name {
            Listed::Valid(name) => Some((at, name.clone())),
            Listed::Invalid(_) => None,
        })
        .collect();
    let total = names.len();
    let mut waiting = names.into_iter();
    let mut running = FuturesUnordered::new();
    let mut done = 0;
    loop {
        while running.len() < backend.parallelism().max(1) {
            let Some((at, name)) = waiting.next() else { break };
            running.push(async move { (at, backend.tag_info(repository, &name).await) });
        }
        let Some((at, answer)) = running.next().await else { break };
        rows[at].state = match answer {
            Ok(info) => TagState::Known(info),
            Err(error) if error.is_not_found() => TagState::Dangling,
            Err(error) => TagState::Failed(error.report().into()),
        };
        done += 1;
        io.progress(|| format!("{done} of {total} tags"));
    }
    io.clear();
}

/// The other tags on each row's digest.
fn share(rows: &mut [Row]) {
    let mut on: HashMap<Digest, Vec<usize>> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        if let Some(info) = row.state.info() {
            on.entry(info.digest.clone()).or_default().push(at);
        }
    }
    for group in on.values() {
        let names: Vec<String> = group.iter().map(|at| rows[*at].name().to_owned()).collect();
        for at in group {
            let own = rows[*at].name().to_owned();
            rows[*at].shared_with = Some(names.iter().filter(|name| **name != own).cloned().collect());
        }
    }
}

/// Says what could not be read.
fn failures(rows: &[Row], io: &mut Io<'_>) -> u8 {
    let why = |row: &Row| match (&row.name, &row.state) {
        (Listed::Invalid(_), _) => Some("its name is not valid".to_owned()),
        (_, TagState::Failed(report)) => Some(report.what.to_string()),
        _ => None,
    };
    let mut failed = rows.iter().filter_map(|row| Some((row.name(), why(row)?)));
    let Some((name, why)) = failed.next() else { return DONE };
    match failed.count() {
        0 => io.note(&format!("{name} could not be read: {why}")),
        more => io.note(&format!("{} tags could not be read; {name}: {why}", more + 1)),
    }
    PARTLY
}

fn print(
    registry: &str,
    repository: &RepoName,
    rows: &[Row],
    end: &ListEnd,
    names: bool,
    io: &mut Io<'_>,
) -> Result<(), Stop> {
    if io.json {
        let report = Report {
            registry,
            repository: repository.as_str(),
            complete: end.complete,
            note: end.note.as_ref().map(|note| note.as_str()),
            tags: rows.iter().map(Row::shown).collect(),
        };
        io.print_json(&report)?;
    } else if names {
        for row in rows {
            writeln!(io.out, "{}", row.name())?;
        }
    } else {
        let now = Timestamp::now();
        let cells: Vec<Vec<String>> = rows.iter().map(|row| row.cells(now)).collect();
        table::write(io.out, &["TAG", "DIGEST", "AGE", "SIZE", "PLATFORMS", "SHARED", "STATE"], &cells)?;
    }
    Ok(())
}

impl Row {
    fn name(&self) -> &str {
        match &self.name {
            Listed::Valid(name) => name.as_str(),
            Listed::Invalid(text) => text.as_str(),
        }
    }

    fn row_state(&self) -> Option<RowState> {
        match (&self.name, &self.state) {
            (Listed::Invalid(_), _) | (_, TagState::Failed(_)) => Some(RowState::Error),
            (_, TagState::Known(_)) => Some(RowState::Ok),
            (_, TagState::Dangling) => Some(RowState::Dangling),
            (_, TagState::NotAsked) => None,
        }
    }

    fn verdict(&self, filter: &Filter, now: Timestamp) -> Verdict {
        let info = self.state.info();
        let asked = Asked {
            name: self.name(),
            created: field(&self.state, |info| info.created),
            size: field(&self.state, |info| info.size),
            digest: info.map(|info| &info.digest),
            platforms: info.map(|info| &*info.platforms),
            shared: self.shared_with.as_ref().map(|others| others.len() + 1),
            label: Field::Absent,
            state: self.row_state(),
            favourite: false,
        };
        filter.matches(&asked, now)
    }

    fn shown(&self) -> Shown<'_> {
        let info = self.state.info();
        Shown {
            name: self.name(),
            digest: info.map(|info| info.digest.to_string()),
            media_type: info.map(|info| &*info.media_type),
            created: info.and_then(|info| info.created).map(super::json::time),
            size: info.and_then(|info| info.size),
            platforms: info.map(|info| info.platforms.iter().map(ToString::to_string).collect()),
            shared_with: self.shared_with.as_deref(),
            colour: None,
            state: self.row_state().map(word),
        }
    }

    fn cells(&self, now: Timestamp) -> Vec<String> {
        let shown = self.shown();
        let info = self.state.info();
        let or_dash = |text: Option<String>| text.filter(|text| !text.is_empty()).unwrap_or_else(|| "-".to_owned());
        vec![
            self.name().to_owned(),
            or_dash(info.map(|info| info.digest.short())),
            or_dash(info.and_then(|info| info.created).map(|created| text::age(created, now))),
            or_dash(shown.size.map(text::size)),
            or_dash(shown.platforms.map(|all| all.join(","))),
            or_dash(shown.shared_with.map(|others| others.join(","))),
            or_dash(shown.state.map(str::to_owned)),
        ]
    }
}

fn word(state: RowState) -> &'static str {
    match state {
        RowState::Ok => "ok",
        RowState::Dangling => "dangling",
        RowState::Error => "error",
    }
}

fn field<T>(state: &TagState, part: impl Fn(&DigestInfo) -> Option<T>) -> Field<T> {
    match state {
        TagState::Known(info) => part(info).map_or(Field::Absent, Field::Is),
        TagState::Dangling => Field::Absent,
        TagState::NotAsked | TagState::Failed(_) => Field::NotLoaded,
    }
}
