//! `tagboat repos`

mod told;

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::mpsc;

use super::format::{Format, csv};
use super::{Failure, Io, Outcome, Stop, ended, json};
use crate::app::cache::Told;
use crate::cli;
use crate::domain::filter::{Field, Filter, Of, Row as Asked, Verdict};
use crate::domain::page::Listed;
use crate::domain::reference::RepoName;
use crate::domain::repository::RepoInfo;
use crate::runtime::world::World;
use crate::store::config::parse_registry_argument;
use crate::store::state::StateStore;

#[derive(Serialize)]
struct Report<'a> {
    registry: &'a str,
    repositories: Vec<Row>,
    complete: bool,
    note: Option<&'a str>,
}

/// What the list does not tell stays `null`: a catalogue tells nothing but names, other kinds of registries know more.
#[derive(Serialize)]
struct Row {
    name: String,
    favourite: bool,
    description: Option<String>,
    tag_count: Option<u64>,
    updated: Option<String>,
    pulls: Option<u64>,
    public: Option<bool>,
}

const COLUMNS: [&str; 7] = ["name", "favourite", "description", "tag_count", "updated", "pulls", "public"];

impl Row {
    fn new(name: &str, favourite: bool, told: Option<&RepoInfo>) -> Self {
        Self {
            name: name.to_owned(),
            favourite,
            description: told.and_then(|told| told.description.as_ref()).map(ToString::to_string),
            tag_count: told.and_then(|told| told.tags),
            updated: told.and_then(|told| told.updated).map(json::time),
            pulls: told.and_then(|told| told.pulls),
            public: told.and_then(|told| told.public),
        }
    }

    fn csv(&self) -> [String; 7] {
        let number = |n: Option<u64>| n.map_or(String::new(), |n| n.to_string());
        [
            self.name.clone(),
            self.favourite.to_string(),
            self.description.clone().unwrap_or_default(),
            number(self.tag_count),
            self.updated.clone().unwrap_or_default(),
            number(self.pulls),
            self.public.map_or(String::new(), |public| public.to_string()),
        ]
    }
}

/// Takes names as they come, and writes or keeps those that are wanted.
struct Sink {
    format: Format,
    /// The system says more than names: then people are shown a table.
    told: Told,
    filter: Filter,
    favourites: HashSet<String>,
    now: Timestamp,
    kept: Vec<Row>,
    table: Vec<Entry>,
    begun: bool,
}

/// A row of the table for people.
struct Entry {
    name: String,
    favourite: bool,
    info: Option<Arc<RepoInfo>>,
}

impl Sink {
    /// Before the first row, and not before it is certain that there is a list.
    fn begin(&mut self, io: &mut Io<'_>) -> Result<(), Stop> {
        if self.format == Format::Csv && !self.begun {
            csv(&mut *io.out, COLUMNS)?;
        }
        self.begun = true;
        Ok(())
    }

    fn take(&mut self, name: &str, info: Option<Arc<RepoInfo>>, io: &mut Io<'_>) -> Result<(), Stop> {
        // Where the system keeps favourites, ours are the ones of nobody.
        let own = || self.favourites.contains(name);
        let told = info.as_deref();
        let favourite = told.and_then(|told| told.favourite).unwrap_or_else(own);
        let tags = told.and_then(|told| told.tags).map_or(Field::Absent, Field::Is);
        let asked = Asked { name, favourite, info: told, tags, label: Field::Absent, ..Asked::default() };
        if self.filter.matches(&asked, self.now) != Verdict::Yes {
            return Ok(());
        }
        let row = Row::new(name, favourite, told);
        match self.format {
            Format::Text if !self.told.is_empty() => {
                self.table.push(Entry { name: name.to_owned(), favourite, info });
            }
            Format::Text => writeln!(io.out, "{name}")?,
            Format::Json => self.kept.push(row),
            Format::JsonLines => json::write(&mut *io.out, &row)?,
            Format::Csv => csv(&mut *io.out, row.csv().iter().map(String::as_str))?,
        }
        Ok(())
    }
}

pub(super) async fn run(world: &World, asked: &cli::Repos, io: &mut Io<'_>) -> Outcome {
    let format = Format::of(&asked.list, io);
    let profile = parse_registry_argument(&asked.registry, &world.config)?;
    let filter = super::filter(Of::Repositories, &asked.list)?;
    if filter.needs_details() {
        let hint = "Repositories are filtered by name, favourite and what their system says, as in --filter 'team/* pulls>100'.";
        return Err(Failure::usage("--filter: repositories have no age, size, digest or platform", hint).into());
    }
    let backend = world.open(&profile)?;
    let profile = super::place::settled(profile, &*backend).await?;
    let favourites = favourites(world, &profile.kept_as())?;
    let now = Timestamp::now();
    let (kept, table, told) = (Vec::new(), Vec::new(), Told::default());
    let mut sink = Sink { format, told, filter, favourites, now, kept, table, begun: false };
    let mut pinned: HashSet<&str> = profile.repositories.iter().map(RepoName::as_str).collect();
    let mut count = 0;
    let (pages, mut arriving) = mpsc::channel(4);
    let listing = backend.repositories(pages);
    let printing = async {
        while let Some(page) = arriving.recv().await {
            sink.begin(io)?;
            let infos = page.iter().filter_map(|entry| match entry {
                Listed::Valid(name) => backend.repository(name),
                Listed::Invalid(_) => None,
            });
            infos.for_each(|info| sink.told.hear(&info));
            for entry in &page {
                let (name, told) = match entry {
                    Listed::Valid(name) => (name.as_str(), backend.repository(name)),
                    Listed::Invalid(text) => (text.as_str(), None),
                };
                pinned.remove(name);
                sink.take(name, told, io)?;
            }
            count += page.len();
            io.progress(|| format!("{count} repositories"));
            if format.streams() {
                io.out.flush()?;
            }
        }
        // Ends the sending side early when writing failed.
        drop(arriving);
        Ok::<(), Stop>(())
    };
    let (listed, printed) = futures_util::join!(listing, printing);
    printed?;
    let end = listed?;
    io.clear();
    sink.begin(io)?;
    // Pinned in the config, and not in the registry's own list.
    let more = profile.repositories.iter().map(RepoName::as_str).filter(|name| pinned.contains(name));
    for name in more {
        sink.take(name, None, io)?;
    }
    if format == Format::Json {
        let note = end.note.as_ref().map(|note| note.as_str());
        io.print_json(&Report { registry: &profile.name, repositories: sink.kept, complete: end.complete, note })?;
    }
    if !sink.table.is_empty() {
        told::print(io.out, &sink.table, sink.told, sink.now)?;
    }
    if sink.filter.asks_told() && sink.told.is_empty() {
        io.note("This registry says nothing of its repositories but their names, so no filter can ask for more.");
    }
    super::heard(&*backend, io);
    Ok(ended(&end, io))
}

fn favourites(world: &World, registry: &str) -> Result<HashSet<String>, Stop> {
    let opened = StateStore::open(world.places.state_dir.as_deref());
    let store = opened.map_err(|error| Failure::internal(&error.to_string(), "Try --state-dir DIR."))?;
    let here = store.favourites().into_iter().filter(|favourite| favourite.registry == registry);
    Ok(here.map(|favourite| favourite.repository).filter(|name| !name.is_empty()).collect())
}
