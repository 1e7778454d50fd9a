//! `tagboat registries`

use serde::Serialize;

use super::{DONE, Io, Outcome, table};
use crate::domain::capability::{Capabilities, DeleteSemantics, Support};
use crate::domain::registry::{Mode, RegistryProfile};
use crate::runtime::world::World;

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    kind: &'static str,
    url: &'a str,
    mode: &'static str,
    env: Option<&'a str>,
    /// `null`: this version cannot speak to it.
    capabilities: Option<Words>,
}

/// What is known without asking the registry; `null` until it was asked.
#[derive(Serialize)]
struct Words {
    listing: Option<bool>,
    delete: Option<&'static str>,
    tag_delete: Option<bool>,
    referrers: Option<bool>,
}

impl From<Capabilities> for Words {
    fn from(known: Capabilities) -> Self {
        Self {
            listing: yes_or_no(known.listing),
            delete: match known.delete {
                DeleteSemantics::Unsupported => Some("unsupported"),
                DeleteSemantics::TagOnly => Some("tag-only"),
                DeleteSemantics::ManifestAndAllItsTags => Some("manifest-and-all-its-tags"),
                DeleteSemantics::Unknown => None,
            },
            tag_delete: yes_or_no(known.tag_delete),
            referrers: yes_or_no(known.referrers),
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

pub(super) fn run(world: &World, io: &mut Io<'_>) -> Outcome {
    let rows: Vec<Row<'_>> = world.config.registries.iter().map(|profile| row(world, profile)).collect();
    if io.json {
        io.print_json(&rows)?;
        return Ok(DONE);
    }
    if rows.is_empty() {
        io.note("No registry is configured; `tagboat config example` shows how, `tagboat demo` needs none.");
        return Ok(DONE);
    }
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let can = row.capabilities.as_ref().map_or("not in this version".to_owned(), words);
            [row.name, row.kind, row.mode, row.env.unwrap_or("-"), row.url, &can].map(str::to_owned).to_vec()
        })
        .collect();
    table::write(io.out, &["NAME", "KIND", "MODE", "ENV", "URL", "CAPABILITIES"], &cells)?;
    Ok(DONE)
}

fn row<'a>(world: &World, profile: &'a RegistryProfile) -> Row<'a> {
    let read_only = world.settings.read_only || profile.mode == Mode::ReadOnly;
    Row {
        name: &profile.name,
        kind: profile.kind.word(),
        url: &profile.url,
        mode: if read_only { "ro" } else { "rw" },
        env: profile.env.as_deref(),
        capabilities: world.open(profile).ok().map(|backend| backend.capabilities().into()),
    }
}

fn words(words: &Words) -> String {
    let known = [("lists", words.listing), ("deletes tags", words.tag_delete), ("referrers", words.referrers)];
    let mut all: Vec<String> = known
        .into_iter()
        .filter_map(|(what, known)| Some(if known? { what.to_owned() } else { format!("no {what}") }))
        .collect();
    all.extend(words.delete.map(|delete| format!("deletes: {delete}")));
    if all.is_empty() { "not asked yet".to_owned() } else { all.join(", ") }
}
