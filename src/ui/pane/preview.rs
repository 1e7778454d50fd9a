//! What is known of the row under the cursor, in full.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::registries::link_word;
use crate::app::pane::{Place, tags};
use crate::app::state::{Link, State};
use crate::domain::capability::Support;
use crate::domain::clean;
use crate::domain::page::Listed;
use crate::domain::registry::RegistryId;
use crate::domain::tag::TagState;
use crate::domain::text;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, fact, styled};

pub fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let pane = state.pane();
    let Some(row) = pane.list.selected() else {
        widget::panel(frame, area, "", "", theme);
        return;
    };
    let (title, lines) = match &pane.place {
        Place::Registries => registry(state, RegistryId(row), theme),
        Place::Repositories(id) => repository(state, *id, row, theme),
        Place::Tags(id, repo) => tag(state, *id, repo, row, theme),
        Place::Image(..) => return,
    };
    let inside = widget::panel(frame, area, &title, "", theme);
    let room = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
    let mut y = room.y;
    for line in lines {
        // Long values go on below, under the value column.
        let text = line.to_string();
        let width = usize::from(room.width);
        if unicode_width::UnicodeWidthStr::width(text.as_str()) <= width {
            if y >= room.bottom() {
                return;
            }
            super::super::line(frame, Rect { y, height: 1, ..room }, line);
            y += 1;
            continue;
        }
        let style = line.spans.last().map_or(theme.text, |s| s.style);
        for part in widget::wrap(&text, width) {
            if y >= room.bottom() {
                return;
            }
            super::super::line(frame, Rect { y, height: 1, ..room }, styled(part, style));
            y += 1;
        }
    }
}

fn registry(state: &State, id: RegistryId, theme: &Theme) -> (String, Vec<Line<'static>>) {
    let registry = state.registry(id);
    let profile = &registry.profile;
    let mut lines =
        vec![fact("address", clean::line(&profile.url).to_string(), theme), fact("kind", profile.kind.word(), theme)];
    if let Some(user) = &profile.username {
        lines.push(fact("account", clean::line(user).to_string(), theme));
    }
    if let Some(transport) = registry.caps.transport {
        lines.push(fact("transport", transport, theme));
    }
    let (word, style) = link_word(&registry.link, theme);
    if !word.is_empty() {
        lines.push(Line::from(vec![
            ratatui::text::Span::styled("state      ", theme.dim),
            ratatui::text::Span::styled(word, style),
        ]));
    }
    match &registry.link {
        Link::Down(report) => {
            lines.push(styled("", theme.text));
            lines.push(styled(report.what.to_string(), theme.bad));
            lines.push(styled(report.hint.to_string(), theme.text));
        }
        Link::Up => {
            let caps = &registry.caps;
            lines.push(styled("", theme.text));
            lines.push(styled("Capabilities", theme.title));
            for (what, support) in [
                ("lists repositories", caps.listing),
                ("deletes single tags", caps.tag_delete),
                ("referrers API", caps.referrers),
            ] {
                let sign = match support {
                    Support::Yes => "[x]",
                    Support::No => "[ ]",
                    Support::Unknown => "[?]",
                };
                lines.push(styled(format!("  {sign} {what}"), theme.text));
            }
            if let Some(note) = &caps.listing_note {
                lines.push(styled(format!("      {note}"), theme.dim));
            }
        }
        _ => {}
    }
    if !registry.trail.is_empty() {
        lines.push(styled("", theme.text));
        lines.push(styled("Credentials were looked for in", theme.title));
        lines.extend(registry.trail.iter().map(|line| styled(format!("  {line}"), theme.text)));
    }
    (clean::identifier(&profile.name).to_string(), lines)
}

fn repository(state: &State, id: RegistryId, row: u32, theme: &Theme) -> (String, Vec<Line<'static>>) {
    let Some(row) = state.cache.catalogs.get(&id).and_then(|c| c.rows.get(row as usize)) else {
        return (String::new(), Vec::new());
    };
    let host = clean::identifier(state.registry(id).profile.host());
    let mut lines = Vec::new();
    match &row.name {
        Listed::Invalid(name) => {
            lines.push(styled(name.to_string(), theme.text));
            lines.push(styled("This is not a valid repository name; it is shown, and never sent back.", theme.warn));
            (String::new(), lines)
        }
        Listed::Valid(name) => {
            lines.push(fact("reference", format!("{host}/{name}"), theme));
            match &row.tags {
                crate::app::cache::TagCount::Known(n) => lines.push(fact("tags", text::count(*n), theme)),
                crate::app::cache::TagCount::Failed(report) => {
                    lines.push(styled(report.what.to_string(), theme.bad));
                    lines.push(styled(report.hint.to_string(), theme.text));
                }
                _ => {}
            }
            if let Some(list) = state.tags(id, name).filter(|l| !l.rows.is_empty()) {
                lines.push(styled("", theme.text));
                lines.push(styled("By prefix", theme.title));
                lines.extend(prefixes(list, theme));
            }
            (name.to_string(), lines)
        }
    }
}

/// The commonest beginnings of tag names: where the noise is.
fn prefixes(list: &crate::app::cache::TagList, theme: &Theme) -> Vec<Line<'static>> {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for row in &list.rows {
        let name = tags::text(row);
        let end = name.find(|c: char| c == '-' || c == '.' || c.is_ascii_digit()).unwrap_or(name.len());
        *counts.entry(format!("{}*", &name[..end])).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let most = counts.first().map_or(1, |c| c.1).max(1);
    let line = |(prefix, n): (String, usize)| {
        let bar = "#".repeat((n * 14).div_ceil(most));
        styled(format!("  {} {:>7} {bar}", widget::cell(&prefix, 12, false), text::count(n)), theme.text)
    };
    counts.into_iter().take(8).map(line).collect()
}

fn tag(
    state: &State,
    id: RegistryId,
    repo: &crate::domain::reference::RepoName,
    row: u32,
    theme: &Theme,
) -> (String, Vec<Line<'static>>) {
    let Some(list) = state.tags(id, repo) else { return (String::new(), Vec::new()) };
    let Some(row) = list.rows.get(row as usize) else { return (String::new(), Vec::new()) };
    let mut lines = Vec::new();
    match (&row.name, &row.state) {
        (Listed::Invalid(_), _) => {
            lines.push(styled("This is not a valid tag; it is shown, and never sent back.", theme.warn));
        }
        (_, TagState::NotAsked) => lines.push(styled("Reading...", theme.dim)),
        (_, TagState::Dangling) => {
            lines.push(styled("The registry lists this tag, but its manifest is gone (404).", theme.warn));
            lines.push(styled("That happens after a garbage collection or an unclean delete.", theme.text));
        }
        (_, TagState::Failed(report)) => {
            lines.push(styled(report.what.to_string(), theme.bad));
            lines.push(styled(report.hint.to_string(), theme.text));
        }
        (_, TagState::Known(info)) => {
            lines.push(fact("digest", info.digest.to_string(), theme));
            lines.push(fact("type", media_words(&info.media_type), theme));
            let created = match info.created {
                Some(t) => format!("{} ({})", moment(t, state.looks.utc), text::age(t, state.now)),
                None => "no date (a reproducible build, or none given)".to_owned(),
            };
            lines.push(fact("created", created, theme));
            let size = info
                .size
                .map_or_else(|| "unknown".to_owned(), |n| format!("{} ({n} bytes, compressed)", text::size(n)));
            lines.push(fact("size", size, theme));
            if let Some(artifact) = &info.artifact {
                lines.push(fact("artifact", clean::line(artifact).to_string(), theme));
            }
            for (n, platform) in info.platforms.iter().enumerate() {
                lines.push(fact(if n == 0 { "platforms" } else { "" }, platform.to_string(), theme));
            }
            lines.push(styled("", theme.text));
            let sharing = list.sharing(&info.digest);
            lines.push(styled(format!("Tags known on this digest: {sharing}"), theme.title));
            let same = list.rows.iter().filter(|r| r.state.info().is_some_and(|i| i.digest == info.digest));
            // Not one row more than there are: the list may be long.
            lines.extend(
                same.take(sharing.min(20) as usize).map(|r| styled(format!("  {}", tags::text(r)), theme.text)),
            );
            if !list.is_fresh(row) {
                lines.push(styled("From the last visit; being read again.", theme.dim));
            }
        }
    }
    (tags::text(row).to_owned(), lines)
}

pub fn moment(time: jiff::Timestamp, utc: bool) -> String {
    let zone = if utc { jiff::tz::TimeZone::UTC } else { jiff::tz::TimeZone::system() };
    time.to_zoned(zone).strftime("%Y-%m-%d %H:%M %Z").to_string()
}

pub fn media_words(media_type: &str) -> String {
    match media_type {
        "application/vnd.oci.image.index.v1+json" => "OCI index".to_owned(),
        "application/vnd.oci.image.manifest.v1+json" => "OCI manifest".to_owned(),
        "application/vnd.docker.distribution.manifest.list.v2+json" => "Docker manifest list".to_owned(),
        "application/vnd.docker.distribution.manifest.v2+json" => "Docker manifest, schema 2".to_owned(),
        "application/vnd.docker.distribution.manifest.v1+prettyjws"
        | "application/vnd.docker.distribution.manifest.v1+json" => "Docker manifest, schema 1 (legacy)".to_owned(),
        other => clean::line(other).to_string(),
    }
}
