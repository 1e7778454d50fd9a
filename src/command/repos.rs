//! `tagboat repos`

use std::collections::HashSet;

use serde::Serialize;
use tokio::sync::mpsc;

use super::{Io, Outcome, Stop, ended};
use crate::domain::page::Listed;
use crate::domain::reference::RepoName;
use crate::runtime::world::World;
use crate::store::config::parse_registry_argument;

#[derive(Serialize)]
struct Report<'a> {
    registry: &'a str,
    repositories: Vec<Row>,
    complete: bool,
    note: Option<&'a str>,
}

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

impl Row {
    fn new(name: String) -> Self {
        Self { name, favourite: false, description: None, tag_count: None, updated: None, pulls: None, public: None }
    }
}

pub(super) async fn run(world: &World, registry: &str, io: &mut Io<'_>) -> Outcome {
    let profile = parse_registry_argument(registry, &world.config)?;
    let backend = world.open(&profile)?;
    let mut pinned: HashSet<&str> = profile.repositories.iter().map(RepoName::as_str).collect();
    let mut names: Vec<String> = Vec::new();
    let mut count = 0;
    let (pages, mut arriving) = mpsc::channel(4);
    let listing = backend.repositories(pages);
    let printing = async {
        while let Some(page) = arriving.recv().await {
            for entry in &page {
                let name = match entry {
                    Listed::Valid(name) => name.as_str(),
                    Listed::Invalid(text) => text.as_str(),
                };
                pinned.remove(name);
                if io.json {
                    names.push(name.to_owned());
                } else {
                    writeln!(io.out, "{name}")?;
                }
            }
            count += page.len();
            io.progress(|| format!("{count} repositories"));
            if !io.json {
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
    // Pinned in the config, and not in the registry's own list.
    let more = profile.repositories.iter().map(RepoName::as_str).filter(|name| pinned.contains(name));
    for name in more {
        if io.json {
            names.push(name.to_owned());
        } else {
            writeln!(io.out, "{name}")?;
        }
    }
    if io.json {
        let repositories = names.into_iter().map(Row::new).collect();
        let note = end.note.as_ref().map(|note| note.as_str());
        io.print_json(&Report { registry: &profile.name, repositories, complete: end.complete, note })?;
    }
    Ok(ended(&end, io))
}
