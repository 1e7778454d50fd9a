//! `tagboat registries`

use std::collections::HashSet;

use futures_util::StreamExt as _;
use serde::Serialize;

use super::{DONE, Io, Outcome, PARTLY, failure, table};
use crate::backend;
use crate::domain::capability::{Capabilities, DeleteSemantics, Support};
use crate::domain::registry::{Mode, RegistryProfile};
use crate::runtime::world::World;
use crate::store::state::{Favourite, StateStore};

/// Registries that are asked at a time.
const AT_ONCE: usize = 8;

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    kind: &'static str,
    url: &'a str,
    mode: &'static str,
    env: Option<&'a str>,
    favourite: bool,
    /// `null`: it cannot be asked at all, and `error` says why.
    capabilities: Option<Words>,
    /// Why it did not answer as a registry.
    error: Option<Refusal>,
}

#[derive(Serialize)]
struct Refusal {
    kind: &'static str,
    message: String,
    hint: String,
}

/// What the registry said; `null` where it did not.
#[derive(Serialize)]
struct Words {
    listing: Option<bool>,
    paging: Option<bool>,
    delete: Option<&'static str>,
    tag_delete: Option<bool>,
    referrers: Option<bool>,
    auth: Option<&'static str>,
    transport: Option<&'static str>,
    rtt_ms: Option<f64>,
}

impl From<Capabilities> for Words {
    fn from(known: Capabilities) -> Self {
        Self {
            listing: yes_or_no(known.listing),
            paging: yes_or_no(known.paging),
            delete: match known.delete {
                DeleteSemantics::Unsupported => Some("unsupported"),
                DeleteSemantics::TagOnly => Some("tag-only"),
                DeleteSemantics::ManifestAndAllItsTags => Some("manifest-and-all-its-tags"),
                DeleteSemantics::Unknown => None,
            },
            tag_delete: yes_or_no(known.tag_delete),
            referrers: yes_or_no(known.referrers),
            auth: known.auth,
            transport: known.transport,
            rtt_ms: None,
        }
    }
}

fn yes_or_no(support: Support) -> Option<bool> {
    match support {
        Support::Yes => Some(true),
        Support::No => Some(false),
        Support::Unknown => None,
    }
}

/// Exit code 7 when some did not answer: what is known of the others is there all the same.
pub(super) async fn run(world: &World, io: &mut Io<'_>) -> Outcome {
    let favourites: HashSet<String> = favourites(world, io)
        .into_iter()
        .filter(|favourite| favourite.repository.is_empty())
        .map(|favourite| favourite.registry)
        .collect();
    let asked = world.config.registries.iter().map(|profile| row(world, profile, &favourites));
    let mut asked = futures_util::stream::iter(asked).buffered(AT_ONCE);
    let mut rows = Vec::new();
    while let Some(row) = asked.next().await {
        rows.push(row);
        io.progress(|| format!("{} of {} registries", rows.len(), world.config.registries.len()));
    }
    io.clear();
    let code = if rows.iter().any(|row| row.error.is_some()) { PARTLY } else { DONE };
    if io.json {
        io.print_json(&rows)?;
        return Ok(code);
    }
    if rows.is_empty() {
        io.note("No registry is configured; `tagboat config example` shows how, `tagboat demo` needs none.");
        return Ok(DONE);
    }
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let can = match &row.error {
                Some(refusal) => refusal.message.clone(),
                None => row.capabilities.as_ref().map(words).unwrap_or_default(),
            };
            [row.name, row.kind, row.mode, row.env.unwrap_or("-"), row.url, &can].map(str::to_owned).to_vec()
        })
        .collect();
    table::write(io.out, &["NAME", "KIND", "MODE", "ENV", "URL", "CAPABILITIES"], &cells)?;
    Ok(code)
}

/// What the interface marked; nothing is created where nothing was kept yet.
fn favourites(world: &World, io: &mut Io<'_>) -> Vec<Favourite> {
    let dir = world.places.state_dir.as_deref().filter(|dir| dir.join("state.db").symlink_metadata().is_ok());
    let Some(store) = dir.and_then(|dir| StateStore::open(Some(dir)).ok()) else { return Vec::new() };
    let found = store.favourites();
    if let Some(warning) = store.take_warning() {
        io.note(warning.as_str());
    }
    found
}

async fn row<'a>(world: &World, profile: &'a RegistryProfile, favourites: &HashSet<String>) -> Row<'a> {
    let read_only = world.settings.read_only || profile.mode == Mode::ReadOnly;
    let refusal = |error: backend::Error| {
        let report = error.report();
        let (message, hint) = (report.what.to_string(), report.hint.to_string());
        Refusal { kind: failure::word(report.kind), message, hint }
    };
    let (capabilities, error) = match world.open(profile) {
        Err(error) => (None, Some(refusal(error))),
        Ok(backend) => {
            let error = backend.connect().await.err().map(refusal);
            if error.is_none() {
                backend.explore(profile.repositories.first()).await;
            }
            let rtt_ms = backend.latency().map(|time| (time.as_secs_f64() * 10_000.0).round() / 10.0);
            (Some(Words { rtt_ms, ..backend.capabilities().into() }), error)
        }
    };
    Row {
        name: &profile.name,
        kind: profile.kind.word(),
        url: &profile.url,
        mode: if read_only { "ro" } else { "rw" },
        env: profile.env.as_deref(),
        favourite: favourites.contains(&profile.name),
        capabilities,
        error,
    }
}

fn words(words: &Words) -> String {
    let known = [
        ("lists", words.listing),
        ("pages of tags", words.paging),
        ("deletes tags", words.tag_delete),
        ("referrers", words.referrers),
    ];
    let mut all: Vec<String> = known
        .into_iter()
        .filter_map(|(what, known)| Some(if known? { what.to_owned() } else { format!("no {what}") }))
        .collect();
    all.extend(words.delete.map(|delete| format!("deletes: {delete}")));
    all.extend(words.auth.filter(|auth| *auth != "none").map(|auth| format!("{auth} sign-in")));
    all.extend(words.transport.map(str::to_owned));
    all.join(", ")
}
