//! What the config of an image says, and what the whole is.

use super::{Row, Tab, Weight, untold};
use crate::app::action::Action;
use crate::app::cache::Remote;
use crate::app::pane::words::{self, age, media_type, moment, size};
use crate::app::pane::{Place, tags};
use crate::app::state::State;
use crate::domain::clean::Clean;
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::filter;
use crate::domain::image::{ChildState, Image, ImageConfig, Referrers};
use crate::domain::reference::Reference;
use crate::domain::registry::BackendKind;
use crate::domain::text;

/// Entries of `env` and `labels` that are shown before the panel is expanded.
const FEW: usize = 2;

pub fn rows(image: &Image, attached: Option<&Remote<Referrers>>, state: &State, full: bool) -> Vec<Row> {
    let kind = super::kind(state, state.pane());
    let warnings = image.manifest.warnings.iter();
    let mut rows: Vec<Row> = warnings.map(|w| Row::line(format!("warning    {w}"), Weight::Warn)).collect();
    if full {
        rows.extend(whole(image, kind));
    }
    rows.extend(labelled(state));
    if let Some(kind) = &image.manifest.artifact_type {
        rows.push(Row::fact("artifact", kind.to_string()));
    }
    match (&image.config, &image.config_error) {
        (Some(config), _) => rows.extend(facts(config, state, full)),
        (None, Some(report)) => rows.extend(unread(report, state)),
        (None, None) if image.shown.is_some() => {
            rows.push(Row::note("It has no image config: it is not an image to run."))
        }
        (None, None) if kind != BackendKind::Oci => {
            rows.push(Row::note(untold::words(kind, Tab::Config)));
        }
        (None, None) => rows.push(Row::note("No platform of this index could be read.")),
    }
    let annotations = image.manifest.annotations.iter().map(|(key, value)| format!("{key}={value}"));
    rows.extend(several("notes", annotations.collect(), full));
    if full {
        rows.extend(summary(image, attached));
    }
    rows
}

/// What the operator put on the tag by which the image is looked at.
fn labelled(state: &State) -> Vec<Row> {
    let Place::Image(id, repo, Reference::Tag(tag)) = &state.pane().place else { return Vec::new() };
    let labels = state.labels(*id, repo);
    let list = state.tags(*id, repo);
    // Rules look at the row of the list; who came here by name may not have read it.
    let row =
        list.and_then(|list| Some(tags::facts(list.row(tag)?, |info| list.sharing(&info.digest), &labels, state.now)));
    let row = row.unwrap_or(filter::Row { name: tag.as_str(), ..filter::Row::default() });
    let lines = words::labelled(&labels, tag, &row, state.now);
    lines.into_iter().map(|(what, words, _)| Row::fact(what, words)).collect()
}

/// What went wrong, and what to do: with the key, where there is one.
fn unread(report: &ErrorReport, state: &State) -> Vec<Row> {
    let mut rows = vec![Row::line(report.what.to_string(), Weight::Bad)];
    match state.keymap.keys("image", Action::LoadLarge).first() {
        Some(key) if report.kind == ErrorKind::TooLarge => {
            rows.push(Row::line(format!("{key}  loads it anyway, up to 32 MiB"), Weight::Plain));
        }
        _ => rows.push(Row::line(report.hint.to_string(), Weight::Plain)),
    }
    rows
}

fn whole(image: &Image, kind: BackendKind) -> Vec<Row> {
    let manifest = &image.manifest;
    // Other systems have no manifests, and no rule for what the size is of.
    let untold = kind != BackendKind::Oci;
    let bytes = match image.size {
        Some(n) if untold => Some(format!("{}, {} bytes", text::size(n), text::count(n as usize))),
        Some(n) => Some(format!("{} compressed, {} bytes", text::size(n), text::count(n as usize))),
        None if untold => None,
        None => Some("unknown: not everything could be read".to_owned()),
    };
    let (label, identity) = words::identity(&manifest.digest);
    let kind = (!untold).then(|| Row::fact("type", media_type(&manifest.media_type)).copying(&*manifest.media_type));
    let size = bytes.map(|bytes| Row::fact("size", bytes));
    [Some(Row::fact(label, identity)), kind, size].into_iter().flatten().collect()
}

fn facts(config: &ImageConfig, state: &State, full: bool) -> Vec<Row> {
    let or_dash = |value: &Option<Clean>| {
        value.as_ref().filter(|v| !v.is_empty()).map_or_else(|| "-".to_owned(), ToString::to_string)
    };
    let joined = |values: &[Clean]| {
        let words: Vec<_> = values.iter().map(|v| v.as_str()).collect();
        if words.is_empty() { "-".to_owned() } else { words.join(" ") }
    };
    let created = match config.created {
        Some(t) => format!("{} ({})", moment(t, state.looks.utc), age(Some(t), state.now)),
        None => "no date (a reproducible build, or none given)".to_owned(),
    };
    let [author, user, workdir, stop] =
        [&config.author, &config.user, &config.workdir, &config.stop_signal].map(or_dash);
    let (entry, cmd) = (arguments(&config.entrypoint), arguments(&config.cmd));
    let (expose, volumes) = (joined(&config.exposed_ports), joined(&config.volumes));
    let platform = config.platform.as_ref().map(|p| Row::fact("platform", p.to_string()));
    let mut rows = Vec::new();
    if full {
        rows.push(Row::fact("created", created));
        rows.extend(platform);
        rows.push(Row::fact("author", author));
        rows.push(Row::fact("user", user));
        rows.push(Row::fact("workdir", workdir));
        rows.push(Row::fact("stop", stop));
        rows.push(Row::fact("entry", entry));
        rows.push(Row::fact("cmd", cmd));
        rows.push(Row::fact("expose", expose));
        rows.push(Row::fact("volumes", volumes));
    } else {
        let author = if author == "-" { author } else { format!("  author {author}") };
        rows.push(Row::fact("created", format!("{created}{}", author.trim_start_matches('-'))));
        rows.push(Row::fact("user", format!("{user}   workdir {workdir}   stop {stop}")).copying(user));
        rows.push(Row::fact("entry", entry));
        rows.push(Row::fact("cmd", cmd));
        rows.push(Row::fact("expose", format!("{expose}   volumes {volumes}")).copying(expose));
    }
    rows.push(Row::fact("health", or_dash(&config.healthcheck)));
    rows.extend(several("env", config.env.iter().map(ToString::to_string).collect(), full));
    let labels = config.labels.iter().map(|(key, value)| format!("{key}={value}"));
    rows.extend(several("labels", labels.collect(), full));
    rows
}

/// As in a Dockerfile: `["/app/api","serve"]`.
pub fn arguments(words: &[Clean]) -> String {
    if words.is_empty() {
        return "-".to_owned();
    }
    let quoted: Vec<_> = words.iter().map(|w| format!("\"{}\"", w.as_str().replace('"', "\\\""))).collect();
    format!("[{}]", quoted.join(","))
}

fn several(label: &str, entries: Vec<String>, full: bool) -> Vec<Row> {
    let shown = if full || entries.len() <= FEW + 1 { entries.len() } else { FEW };
    let more = entries.len() - shown;
    let label = |n: usize| if n == 0 { label } else { "" };
    let mut rows: Vec<_> =
        entries.into_iter().take(shown).enumerate().map(|(n, entry)| Row::fact(label(n), entry)).collect();
    if more > 0 {
        let more = Row { weight: Weight::Dim, ..Row::fact("", format!("({more} more, Enter expands)")) };
        rows.push(more.copying(""));
    }
    rows
}

/// What the other panels say, in a line each: there is one panel at a time.
fn summary(image: &Image, attached: Option<&Remote<Referrers>>) -> Vec<Row> {
    let mut rows = Vec::new();
    let platforms = image.children.iter().map(|child| {
        let bytes = match child.state {
            ChildState::Present { size: bytes, .. } => size(bytes),
            ChildState::Missing => "missing".to_owned(),
            ChildState::Unread => "not read".to_owned(),
        };
        format!("{} {bytes}", super::lists::child_name(&child.descriptor))
    });
    let platforms: Vec<_> = platforms.collect();
    if !platforms.is_empty() {
        rows.push(Row::fact("platforms", platforms.join("   ")));
    }
    let total: u64 = image.layers.iter().filter_map(|layer| layer.descriptor.size).sum();
    if !image.layers.is_empty() {
        rows.push(Row::fact("layers", format!("{}, {}", image.layers.len(), text::size(total))));
    }
    let found = match attached {
        Some(Remote::Here(found)) => {
            let mut words: Vec<_> = found.list.iter().map(crate::app::pane::words::referrer).collect();
            words.extend(found.incomplete.as_ref().map(ToString::to_string));
            if words.is_empty() { "none".to_owned() } else { words.join("   ") }
        }
        Some(Remote::Failed(report)) if report.kind == ErrorKind::Unsupported => return rows,
        Some(Remote::Failed(report)) => report.what.to_string(),
        _ => "reading...".to_owned(),
    };
    rows.push(Row::fact("referrers", found));
    rows
}
