//! A tag: what its row has no room for. Lines that every image has come first and at the same place, so that little
//! changes on the screen from one tag to the next.

use std::collections::BTreeMap;

use ratatui::text::{Line, Span};

use super::told;
use crate::app::cache::{Remote, TagList, TagRow};
use crate::app::pane::words::{media_type, moment};
use crate::app::pane::{image, preview, tags, words};
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::image::Image;
use crate::domain::page::Listed;
use crate::domain::reference::{Digest, RepoName};
use crate::domain::registry::{BackendKind, RegistryId};
use crate::domain::tag::{DigestInfo, TagState};
use crate::domain::text;
use crate::ui::theme::Theme;
use crate::ui::widget::{fact, styled};

/// Tags on the same digest that are listed by name.
const NAMED: usize = 8;

pub fn lines(state: &State, id: RegistryId, repo: &RepoName, row: u32, theme: &Theme) -> (String, Vec<Line<'static>>) {
    let Some(list) = state.tags(id, repo) else { return (String::new(), Vec::new()) };
    let Some(row) = list.rows.get(row as usize) else { return (String::new(), Vec::new()) };
    let mut lines = Vec::new();
    let mut own = labelled(state, id, repo, list, row, theme);
    match (&row.name, &row.state) {
        (Listed::Invalid(_), _) => {
            lines.push(styled("This is not a valid tag; it is shown, and never sent back.", theme.warn));
        }
        (_, TagState::NotAsked) => lines.push(styled("Not read yet.", theme.dim)),
        (_, TagState::Dangling) => {
            lines.push(styled("Dangling: the registry lists this tag, but its manifest is gone (404).", theme.warn));
            lines.push(styled("That happens after a garbage collection or an unclean delete.", theme.text));
        }
        (_, TagState::Failed(report)) => {
            lines.push(styled(report.what.to_string(), theme.bad));
            lines.push(styled(report.hint.to_string(), theme.text));
        }
        (_, TagState::Known(info)) => {
            let read = preview::image(state, id, repo, &info.digest);
            let image = match read {
                Some(Remote::Here(image)) => Some(image.as_ref()),
                _ => None,
            };
            // Systems without manifests say of an image what they have, and are not blamed for the rest.
            let told = state.registry(id).profile.kind == BackendKind::Oci;
            lines.extend(facts(info, image, told, state, theme));
            match read {
                Some(Remote::Failed(report)) => lines.extend(unread(state, id, repo, report, theme)),
                _ if info.artifact.is_none() => lines.extend(start(image, state, theme)),
                _ => {}
            }
            lines.extend(kept(list, row, state, theme));
            lines.extend(own);
            own = Vec::new();
            lines.push(styled("", theme.text));
            lines.extend(same_digest(list, row, info, theme));
            lines.extend(attached(state, id, repo, list, &info.digest, theme));
            lines.extend(image.map(|image| labels(image, theme)).unwrap_or_default());
        }
    }
    // Where nothing is known of the image, what was said of the tag is.
    lines.extend(own);
    (tags::text(row).to_owned(), lines)
}

/// The label, with the rule that gives it, and the note.
fn labelled(
    state: &State,
    id: RegistryId,
    repo: &RepoName,
    list: &TagList,
    row: &TagRow,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let labels = state.labels(id, repo);
    let Some(name) = tags::name(row).filter(|_| !labels.is_empty()) else { return Vec::new() };
    let facts = tags::facts(row, |info| list.sharing(&info.digest), &labels, state.now);
    words::labelled(&labels, name, &facts, state.now)
        .into_iter()
        .map(|(what, words, colour)| {
            let mut line = fact(what, words, theme);
            if let (Some(colour), Some(value)) = (colour, line.spans.last_mut()) {
                value.style = value.style.patch(theme.coloured(colour));
            }
            line
        })
        .collect()
}

fn facts(info: &DigestInfo, image: Option<&Image>, told: bool, state: &State, theme: &Theme) -> Vec<Line<'static>> {
    let created = match info.created {
        Some(t) => Some(format!("{} ({})", moment(t, state.looks.utc), text::age(t, state.now))),
        None if told => Some("no date".to_owned()),
        None => None,
    };
    let layers = image.map_or(0, |image| image.layers.len());
    let size = match info.size.or_else(|| image?.size) {
        Some(n) if layers == 1 && info.platforms.len() < 2 => Some(format!("{} in one layer", text::size(n))),
        Some(n) if layers > 1 && info.platforms.len() < 2 => Some(format!("{} in {layers} layers", text::size(n))),
        Some(n) => Some(text::size(n)),
        None if told => Some("unknown".to_owned()),
        None => None,
    };
    let (label, identity) = words::identity(&info.digest);
    let mut lines = vec![fact(label, identity, theme)];
    lines.extend(told.then(|| fact("type", media_type(&info.media_type), theme)));
    lines.extend(created.map(|created| fact("created", created, theme)));
    lines.extend(size.map(|size| fact("size", size, theme)));
    if let Some(artifact) = &info.artifact {
        lines.push(fact("artifact", clean::line(artifact).to_string(), theme));
        return lines;
    }
    let platforms: Vec<_> = info.platforms.iter().map(ToString::to_string).collect();
    if told || !platforms.is_empty() {
        lines.push(fact("platform", if platforms.is_empty() { "-".to_owned() } else { platforms.join(" ") }, theme));
    }
    lines
}

/// Who it runs as, and what.
fn start(image: Option<&Image>, state: &State, theme: &Theme) -> Vec<Line<'static>> {
    let config = image.and_then(|image| image.config.as_ref());
    let user = config.and_then(|c| c.user.as_ref()).map_or("-", |user| user.as_str());
    let (what, start) = match config {
        Some(c) if c.entrypoint.is_empty() => ("cmd", image::arguments(&c.cmd)),
        Some(c) => ("entry", image::arguments(&c.entrypoint)),
        None => ("entry", "-".to_owned()),
    };
    // Read when the cursor rests; until then the line keeps its place.
    let unread = if state.looks.slow { theme.signs.not_loaded } else { "..." };
    let or_unread = |text: &str| if image.is_some() { text.to_owned() } else { unread.to_owned() };
    vec![fact("user", or_unread(user), theme), fact(what, or_unread(&start), theme)]
}

/// Why nothing more is known of the image: some systems keep tags alone, and say where the images are.
fn unread(state: &State, id: RegistryId, repo: &RepoName, report: &ErrorReport, theme: &Theme) -> Vec<Line<'static>> {
    if report.kind != ErrorKind::Unsupported {
        return vec![styled(report.what.to_string(), theme.bad)];
    }
    vec![styled(words::images_elsewhere(state, id, repo), theme.dim)]
}

/// What the system keeps of the tag itself.
fn kept(list: &TagList, row: &TagRow, state: &State, theme: &Theme) -> Vec<Line<'static>> {
    let Some(facts) = tags::name(row).and_then(|name| list.facts.get(name)) else { return Vec::new() };
    let mut lines = Vec::new();
    if let Some(text) = facts.colour_text.as_ref().filter(|text| !text.is_empty()) {
        let mut line = fact("colour", "", theme);
        if let Some(colour) = facts.colour {
            line.push_span(Span::styled(format!("{} ", theme.signs.swatch), theme.coloured(colour)));
        }
        line.push_span(Span::styled(text.to_string(), theme.text));
        lines.push(line);
    }
    for (label, at) in [("pushed", facts.pushed), ("pulled", facts.pulled)] {
        let words = at.map(|at| format!("{} ({})", moment(at, state.looks.utc), text::age(at, state.now)));
        lines.extend(words.map(|words| fact(label, words, theme)));
    }
    lines.extend(facts.signed.map(|is| fact("signed", if is { "yes" } else { "no" }, theme)));
    lines.extend(told::more(&facts.more, theme));
    lines
}

fn same_digest(list: &TagList, row: &TagRow, info: &DigestInfo, theme: &Theme) -> Vec<Line<'static>> {
    let sharing = list.sharing(&info.digest) as usize;
    let mut lines = vec![styled(format!("Tags on this {}", words::named_by(&info.digest)), theme.title)];
    let name = |row: &TagRow| styled(format!("  {}", tags::text(row)), theme.text);
    if sharing > 1 {
        let same = list.rows.iter().filter(|r| r.state.info().is_some_and(|i| i.digest == info.digest));
        lines.extend(same.take(sharing.min(NAMED)).map(name));
    } else {
        // Alone, as most are: the others need not be looked through.
        lines.push(name(row));
    }
    if sharing > NAMED {
        lines.push(styled(format!("  and {} more", text::count(sharing - NAMED)), theme.dim));
    }
    let unread = preview::unread(list);
    if unread > 0 {
        lines.push(styled(format!("  {} tags of the list are not read yet", text::count(unread)), theme.dim));
    }
    if !list.is_fresh(row) {
        lines.push(styled("  from the last visit; being read again", theme.dim));
    }
    lines
}

/// What refers to the image: what its pane has read, or the tags by which older tools attach things.
fn attached(
    state: &State,
    id: RegistryId,
    repo: &RepoName,
    list: &TagList,
    digest: &Digest,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    match preview::referrers(state, id, repo, digest) {
        Some(found) => {
            for referrer in &found.list {
                *kinds.entry(words::referrer(referrer)).or_default() += 1;
            }
        }
        None if list.attached > 0 => {
            let known = [
                ("", "list of referrers, by tag"),
                (".sig", "cosign signature"),
                (".att", "cosign attestation"),
                (".sbom", "cosign sbom"),
            ];
            let tag = digest.to_string().replacen(':', "-", 1);
            for (suffix, kind) in known {
                if list.position(&format!("{tag}{suffix}")).is_some() {
                    kinds.insert(kind.to_owned(), 1);
                }
            }
        }
        None => {}
    }
    if kinds.is_empty() {
        return Vec::new();
    }
    let total: usize = kinds.values().sum();
    let mut lines = vec![styled("", theme.text), styled(format!("Referrers  {total}"), theme.title)];
    lines.extend(
        kinds
            .into_iter()
            .map(|(kind, n)| styled(format!("  {}{n}", text::fit(&kind, 20, text::Align::Left)), theme.text)),
    );
    lines
}

fn labels(image: &Image, theme: &Theme) -> Vec<Line<'static>> {
    let labels = image.config.iter().flat_map(|config| &config.labels);
    let all: Vec<_> = labels.chain(&image.manifest.annotations).collect();
    if all.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![styled("", theme.text), styled("Labels", theme.title)];
    for (key, value) in all {
        lines.push(styled(format!("  {key}"), theme.dim));
        lines.push(styled(format!("    {value}"), theme.text));
    }
    lines
}
