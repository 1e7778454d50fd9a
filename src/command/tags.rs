//! `tagboat tags`

use std::collections::HashMap;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::mpsc;

use super::format::{Format, csv};
use super::{DONE, Failure, Io, Outcome, PARTLY, Stop, ended, heard, json, table};
use crate::backend::Backend;
use crate::cli;
use crate::domain::filter::{Filter, Of, Verdict};
use crate::domain::label::Labels;
use crate::domain::order;
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::tag::TagState;
use crate::runtime::world::World;
use crate::store::config::parse_target;

mod row;

use row::{COLUMNS, Row, Shown};

#[derive(Serialize)]
struct Report<'a> {
    registry: &'a str,
    repository: &'a str,
    complete: bool,
    note: Option<&'a str>,
    tags: Vec<Shown<'a>>,
}

/// Writes rows in the format asked for.
struct Sink {
    format: Format,
    /// Names only.
    names: bool,
    labels: Labels,
    now: Timestamp,
    begun: bool,
}

impl Sink {
    /// Before the first row, and not before it is certain that there is a list.
    fn begin(&mut self, io: &mut Io<'_>) -> Result<(), Stop> {
        if self.format == Format::Csv && !self.begun {
            let columns = if self.names { &COLUMNS[..1] } else { &COLUMNS[..] };
            csv(&mut *io.out, columns.iter().copied())?;
        }
        self.begun = true;
        Ok(())
    }

    fn write(&self, row: &Row, io: &mut Io<'_>) -> Result<(), Stop> {
        match self.format {
            Format::JsonLines => json::write(&mut *io.out, &row.shown())?,
            Format::Csv if !self.names => csv(&mut *io.out, row.csv().iter().map(String::as_str))?,
            Format::Csv => csv(&mut *io.out, [row.name()])?,
            Format::Text | Format::Json => {
                io.out.write_all(row.name().as_bytes())?;
                io.out.write_all(b"\n")?;
            }
        }
        Ok(())
    }
}

pub(super) async fn run(world: &World, asked: &cli::Tags, io: &mut Io<'_>) -> Outcome {
    let format = Format::of(&asked.list, io);
    let (profile, repository, reference) = parse_target(&asked.repository, &world.config)?;
    let hint = "Write REGISTRY/REPO; `tagboat inspect` takes a tag.";
    let (Some(repository), None) = (repository, reference) else {
        return Err(Failure::usage("a repository is wanted, without a tag", hint).into());
    };
    let filter = super::filter(Of::Tags, &asked.list)?;
    let backend = world.open(&profile)?;
    let profile = super::place::settled(profile, &*backend).await?;
    // Names alone are written without a look at anything else.
    let labels = match asked.names && !filter.asks_labels() {
        true => Labels::default(),
        false => super::labels::here(world, &profile, &repository)?,
    };
    // What the system keeps of a tag is known once the tag is read.
    let by_name = !(filter.needs_details() || filter.asks_kept() || (filter.asks_labels() && labels.needs_details()));
    let mut sink = Sink { format, names: asked.names, labels, now: Timestamp::now(), begun: false };
    let stream = asked.names && by_name && format.streams();
    let wanted = Some(&filter).filter(|filter| by_name && !filter.is_empty());
    let wanted = Wanted { filter: wanted, labels: sink.labels.clone(), now: sink.now };
    let (mut rows, end) = list(backend.as_ref(), &repository, &wanted, stream.then_some(&mut sink), io).await?;
    sink.begin(io)?;
    if stream {
        heard(backend.as_ref(), io);
        return Ok(ended(&end, io));
    }
    order::sort_by_name(&mut rows, Row::name);
    let mut code = DONE;
    if !(asked.names && by_name) {
        let stream = (format == Format::JsonLines).then_some((&sink, &filter));
        read(backend.as_ref(), &repository, &mut rows, stream, io).await?;
        // Of a filtered list it is not known which other tags are on a digest.
        if filter.is_empty() || !by_name {
            share(&mut rows);
        }
        rows.iter_mut().for_each(|row| row.put(&sink.labels, sink.now));
        code = code.max(failures(&rows, io));
        rows.retain(|row| !row.written && row.verdict(&filter, sink.now) == Verdict::Yes);
    }
    print(&profile.name, &repository, &rows, &end, &sink, io)?;
    heard(backend.as_ref(), io);
    Ok(code.max(ended(&end, io)))
}

/// What is kept of a list while it arrives.
struct Wanted<'a> {
    /// Everything without one.
    filter: Option<&'a Filter>,
    labels: Labels,
    now: Timestamp,
}

/// Every tag that the filter lets through by its name. With `stream` they are written and not kept.
async fn list(
    backend: &dyn Backend,
    repository: &RepoName,
    wanted: &Wanted<'_>,
    mut stream: Option<&mut Sink>,
    io: &mut Io<'_>,
) -> Result<(Vec<Row>, ListEnd), Stop> {
    let mut rows: Vec<Row> = Vec::new();
    let (pages, mut arriving) = mpsc::channel::<Vec<Listed<TagName>>>(4);
    let receiving = async {
        let mut count = 0;
        while let Some(page) = arriving.recv().await {
            count += page.len();
            if let Some(sink) = &mut stream {
                sink.begin(io)?;
            }
            for name in page {
                let mut row = Row::new(name);
                if let Some(filter) = wanted.filter {
                    row.put(&wanted.labels, wanted.now);
                    if row.verdict(filter, wanted.now) != Verdict::Yes {
                        continue;
                    }
                }
                match &stream {
                    Some(sink) => sink.write(&row, io)?,
                    None => rows.push(row),
                }
            }
            if stream.is_some() {
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

/// Reads the details of all rows, as many at a time as the registry takes. With `stream` each row is written as soon
/// as the filter can be answered; which other tags are on its digest is not known then.
async fn read(
    backend: &dyn Backend,
    repository: &RepoName,
    rows: &mut [Row],
    stream: Option<(&Sink, &Filter)>,
    io: &mut Io<'_>,
) -> Result<(), Stop> {
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
        let row = &mut rows[at];
        row.state = match answer {
            Ok(info) => TagState::Known(info),
            Err(error) if error.is_not_found() => TagState::Dangling,
            Err(error) => TagState::Failed(error.report().into()),
        };
        if let Listed::Valid(name) = &row.name {
            row.facts = backend.tag(repository, name);
        }
        if let Some((sink, _)) = stream {
            row.put(&sink.labels, sink.now);
        }
        if let Some((sink, filter)) = stream
            && row.verdict(filter, sink.now) == Verdict::Yes
        {
            sink.write(row, io)?;
            io.out.flush()?;
            row.written = true;
        }
        done += 1;
        io.progress(|| format!("{done} of {total} tags"));
    }
    io.clear();
    Ok(())
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
    sink: &Sink,
    io: &mut Io<'_>,
) -> Result<(), Stop> {
    match sink.format {
        Format::Json => {
            let report = Report {
                registry,
                repository: repository.as_str(),
                complete: end.complete,
                note: end.note.as_ref().map(|note| note.as_str()),
                tags: rows.iter().map(Row::shown).collect(),
            };
            io.print_json(&report)?;
        }
        Format::Text if !sink.names => {
            let (heading, cells) = row::table(rows, sink.now);
            table::write(io.out, &heading, &cells)?;
        }
        Format::Text | Format::JsonLines | Format::Csv => rows.iter().try_for_each(|row| sink.write(row, io))?,
    }
    Ok(())
}
