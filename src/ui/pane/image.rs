//! One image: tabs at every size; on a wide screen the overview has the layers beside it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::preview::{media_words, moment};
use crate::app::cache::Remote;
use crate::app::pane::{Tab, image as pane_image};
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::image::{ChildState, Image, Referrers};
use crate::domain::text;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, fact, styled};

pub fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) -> Option<usize> {
    let pane = state.pane();
    let view = &pane.image;
    let mut spans = vec![Span::raw(" ")];
    for (n, tab) in Tab::ALL.iter().enumerate() {
        let (text, style) = if *tab == view.tab {
            (format!("[{} {}] ", n + 1, tab.title()), theme.title)
        } else {
            (format!(" {} {}  ", n + 1, tab.title()), theme.dim)
        };
        spans.push(Span::styled(text, style));
    }
    super::super::line(frame, Rect { height: 1, ..area }, Line::from(spans));
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let image = match pane_image::image(state, pane) {
        Some(Remote::Here(image)) => image,
        Some(Remote::Failed(report)) => {
            let inside = widget::panel(frame, body, "", "", theme);
            let lines = [
                styled(report.what.to_string(), theme.bad),
                styled(report.hint.to_string(), theme.text),
                styled("", theme.text),
                styled("r  tries again    e  signs in    Esc  goes back", theme.dim),
            ];
            show(frame, inside, &wrapped(lines.into(), inside.width, theme), 0);
            return None;
        }
        _ => {
            let inside = widget::panel(frame, body, "", "", theme);
            show(frame, inside, &[styled("Reading...", theme.dim)], 0);
            return None;
        }
    };
    let title = match (&image.shown, image.children.is_empty()) {
        (Some(digest), false) => {
            let platform = image.children.iter().find(|c| c.descriptor.digest == *digest);
            let platform = platform.and_then(|c| c.descriptor.platform.as_ref()).map(ToString::to_string);
            format!("{}  {}", platform.unwrap_or_default(), digest.short())
        }
        _ => image.manifest.digest.short(),
    };
    let inside = widget::panel(frame, body, title.trim(), "", theme);
    let lines = match view.tab {
        Tab::Overview => overview(image, pane_image::referrers(state, pane), state, theme),
        Tab::Platforms => platforms(image, view.platform, theme),
        Tab::Layers => layers(image, usize::from(inside.width), theme),
        Tab::History => history(image, state, theme),
        Tab::Referrers => referrers(pane_image::referrers(state, pane), theme),
        Tab::Raw => raw(image, theme),
    };
    let lines = if matches!(view.tab, Tab::Platforms) { lines } else { wrapped(lines, inside.width, theme) };
    let total = if view.tab == Tab::Platforms { image.children.len() } else { lines.len() };
    let room = usize::from(inside.height);
    // The platform cursor stays on screen.
    let first = match view.tab {
        Tab::Platforms => (view.platform + 3).saturating_sub(room),
        _ => view.scroll.min(lines.len().saturating_sub(1)),
    };
    show(frame, inside, &lines, first);
    widget::scroll_thumb(frame, inside, first, room, lines.len(), theme);
    Some(total)
}

fn show(frame: &mut Frame, area: Rect, lines: &[Line<'_>], first: usize) {
    let room = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    for (n, line) in lines.iter().skip(first).take(usize::from(room.height)).enumerate() {
        super::super::line(frame, Rect { y: room.y + n as u16, height: 1, ..room }, line.clone());
    }
}

fn wrapped(lines: Vec<Line<'static>>, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let width = usize::from(width.saturating_sub(2));
    let mut out = Vec::with_capacity(lines.len());
    for line in lines {
        if line.width() <= width {
            out.push(line);
            continue;
        }
        let style = line.spans.last().map_or(theme.text, |s| s.style);
        let parts = widget::wrap(&line.to_string(), width);
        out.extend(parts.into_iter().map(|part| styled(part, style)));
    }
    out
}

fn size(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "-".to_owned(), text::size)
}

fn overview(image: &Image, attached: Option<&Remote<Referrers>>, state: &State, theme: &Theme) -> Vec<Line<'static>> {
    let manifest = &image.manifest;
    let mut lines = vec![
        fact("digest", manifest.digest.to_string(), theme),
        fact("type", media_words(&manifest.media_type), theme),
        fact(
            "size",
            image.size.map_or_else(|| "unknown".to_owned(), |n| format!("{} compressed, {n} bytes", text::size(n))),
            theme,
        ),
    ];
    for warning in &manifest.warnings {
        lines.push(styled(format!("warning    {warning}"), theme.warn));
    }
    if let Some(kind) = &manifest.artifact_type {
        lines.push(fact("artifact", kind.to_string(), theme));
    }
    if let Some(config) = &image.config {
        let created = match config.created {
            Some(t) => format!("{} ({})", moment(t, state.looks.utc), text::age(t, state.now)),
            None => "-".to_owned(),
        };
        lines.push(fact("created", created, theme));
        let one = |label: &str, value: &Option<clean::Clean>| {
            value.as_ref().filter(|v| !v.is_empty()).map(|v| fact(label, v.to_string(), theme))
        };
        let list = |label: &str, values: &[clean::Clean]| {
            let text = values.iter().map(ToString::to_string).collect::<Vec<_>>();
            (!text.is_empty()).then(|| fact(label, format!("[{}]", text.join(", ")), theme))
        };
        lines.extend(config.platform.as_ref().map(|p| fact("platform", p.to_string(), theme)));
        lines.extend(one("author", &config.author));
        lines.extend(one("user", &config.user));
        lines.extend(one("workdir", &config.workdir));
        lines.extend(one("stop", &config.stop_signal));
        lines.extend(list("entrypoint", &config.entrypoint));
        lines.extend(list("cmd", &config.cmd));
        lines.extend(list("expose", &config.exposed_ports));
        lines.extend(list("volumes", &config.volumes));
        lines.extend(one("health", &config.healthcheck));
        for (n, env) in config.env.iter().enumerate() {
            lines.push(fact(if n == 0 { "env" } else { "" }, env.to_string(), theme));
        }
        for (n, (key, value)) in config.labels.iter().enumerate() {
            lines.push(fact(if n == 0 { "labels" } else { "" }, format!("{key}={value}"), theme));
        }
    }
    for (n, (key, value)) in manifest.annotations.iter().enumerate() {
        lines.push(fact(if n == 0 { "annotations" } else { "" }, format!(" {key}={value}"), theme));
    }
    for (n, child) in image.children.iter().enumerate() {
        lines.push(fact(if n == 0 { "platforms" } else { "" }, child_words(child, image), theme));
    }
    if let Some(Remote::Here(list)) = attached {
        let names = list.list.iter().map(|r| r.what.to_string()).collect::<Vec<_>>();
        if !names.is_empty() {
            lines.push(fact("referrers", names.join(", "), theme));
        }
    }
    if !image.layers.is_empty() {
        lines.push(styled("", theme.text));
        lines.push(styled(format!("Layers, {}", image.layers.len()), theme.title));
        lines.extend(layers(image, 0, theme).into_iter().skip(1));
    }
    lines
}

fn child_words(child: &crate::domain::image::Child, image: &Image) -> String {
    let d = &child.descriptor;
    let what = match (&d.attests, &d.platform) {
        (Some(_), _) => "attestation".to_owned(),
        (None, Some(platform)) => platform.to_string(),
        (None, None) => d.artifact_type.as_ref().unwrap_or(&d.media_type).to_string(),
    };
    let state = match child.state {
        ChildState::Present { size: bytes, layers } => format!("{:>9}  {layers} layers", size(bytes)),
        ChildState::Missing => "missing: the index names it, the registry does not have it".to_owned(),
        ChildState::Unread => "not read".to_owned(),
    };
    let here = if image.shown.as_ref() == Some(&d.digest) { "  (shown)" } else { "" };
    format!("{} {}  {state}{here}", text::fit(&what, 16, text::Align::Left), d.digest.short())
}

fn platforms(image: &Image, cursor: usize, theme: &Theme) -> Vec<Line<'static>> {
    if image.children.is_empty() {
        return vec![styled("This is a single manifest, not an index.", theme.dim)];
    }
    let mut lines = vec![styled("Enter shows config and layers of a platform.", theme.dim)];
    for (n, child) in image.children.iter().enumerate() {
        let (sign, style) = if n == cursor { (theme.signs.cursor, theme.cursor) } else { (" ", theme.text) };
        lines.push(styled(format!("{sign} {}", child_words(child, image)), style));
    }
    lines
}

fn layers(image: &Image, _width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = vec![styled("  #      SIZE  DIGEST        CREATED BY", theme.dim)];
    if image.layers.is_empty() {
        lines.push(styled("No layers.", theme.dim));
    }
    for (n, layer) in image.layers.iter().enumerate() {
        let by = layer.created_by.as_ref().map_or_else(|| layer.descriptor.media_type.to_string(), ToString::to_string);
        let line =
            format!("{:>3} {:>9}  {}  {by}", n + 1, size(layer.descriptor.size), layer.descriptor.digest.short());
        lines.push(styled(line, theme.text));
    }
    if image.history_mismatch {
        lines.push(styled("The history does not match the layers; commands are not shown beside them.", theme.warn));
    }
    lines
}

fn history(image: &Image, state: &State, theme: &Theme) -> Vec<Line<'static>> {
    let entries = image.config.as_ref().map(|c| c.history.as_slice()).unwrap_or_default();
    if entries.is_empty() {
        return vec![styled("No history in this image.", theme.dim)];
    }
    let line = |(n, entry): (usize, &crate::domain::image::HistoryEntry)| {
        let empty = if entry.empty_layer { "  (no layer)" } else { "" };
        let age = super::tags::age(entry.created, state.now);
        styled(format!("{:>3} {age:>5}  {}{empty}", n + 1, entry.created_by), theme.text)
    };
    entries.iter().enumerate().map(line).collect()
}

fn referrers(attached: Option<&Remote<Referrers>>, theme: &Theme) -> Vec<Line<'static>> {
    match attached {
        Some(Remote::Here(list)) if list.list.is_empty() => vec![styled("Nothing refers to this image.", theme.dim)],
        Some(Remote::Here(list)) => {
            let how =
                if list.by_tag { "found by tag: this registry has no referrers API" } else { "from the referrers API" };
            let mut lines = vec![styled(how, theme.dim)];
            for referrer in &list.list {
                let d = &referrer.descriptor;
                let what = text::fit(referrer.what.as_str(), 24, text::Align::Left);
                lines.push(styled(format!("{what} {}  {:>9}", d.digest.short(), size(d.size)), theme.text));
                lines.extend(d.annotations.iter().map(|(k, v)| styled(format!("    {k}={v}"), theme.dim)));
            }
            lines
        }
        Some(Remote::Failed(report)) => {
            vec![styled(report.what.to_string(), theme.bad), styled(report.hint.to_string(), theme.text)]
        }
        _ => vec![styled("Reading...", theme.dim)],
    }
}

/// The exact bytes that were hashed, made safe for the terminal.
fn raw(image: &Image, theme: &Theme) -> Vec<Line<'static>> {
    let text = String::from_utf8_lossy(&image.manifest.raw);
    let mut lines = Vec::new();
    for line in text.lines() {
        let chars: Vec<char> = line.chars().collect();
        // Cleaning cuts long lines; in pieces nothing is lost.
        for piece in chars.chunks(1000) {
            let piece: String = piece.iter().collect();
            lines.push(styled(clean::line(&piece).to_string(), theme.text));
        }
    }
    lines
}
