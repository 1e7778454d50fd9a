//! Repositories of a registry.

mod columns;
pub(super) mod heading;
mod row;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use columns::Show;
use row::{Below, Look};

use super::table::{self, Cell, Table};
use crate::app::action::Action;
use crate::app::cache::{Catalog, Listing, Phase, Row};
use crate::app::list::List;
use crate::app::pane::{Place, repositories};
use crate::app::state::State;
use crate::domain::capability::Support;
use crate::domain::clean;
use crate::domain::error::ErrorReport;
use crate::domain::registry::RegistryId;
use crate::domain::text;
use crate::ui::theme::Theme;
use crate::ui::widget;

pub fn draw(frame: &mut Frame, area: Rect, id: RegistryId, state: &State, theme: &Theme) {
    let pane = state.pane();
    let list = &pane.list;
    let Some(catalog) = state.cache.catalogs.get(&id) else { return };
    let as_tree = repositories::as_tree(pane);
    let has_tags = state.registry(id).caps.tags != Support::No;
    let (shows, columns): (Vec<_>, Vec<_>) =
        columns::of(catalog.told, has_tags, table::room(area, state)).into_iter().unzip();
    let counts = repositories::counts(&catalog.rows, list.on_screen());
    let rows: Vec<_> = list
        .on_screen()
        .iter()
        .filter_map(|row| {
            if let Some(group) = repositories::heading(&catalog.rows, *row) {
                let open = !pane.tree.closed.contains(group);
                return Some(("  ".to_owned(), theme.text, vec![heading::cell(catalog, group, open, theme)]));
            }
            if let Some(path) = repositories::folder(&catalog.rows, *row) {
                let open = pane.tree.open.contains(path);
                return Some(("  ".to_owned(), theme.text, vec![folder(path, open, counts.get(path), theme)]));
            }
            let row = catalog.rows.get(*row as usize)?;
            let style = if catalog.is_listed(row) { theme.text } else { theme.dim };
            let below = match (as_tree, repositories::group(row)) {
                (true, _) => Below::Folder,
                (false, Some(group)) => Below::Heading(group),
                (false, None) => Below::Nothing,
            };
            Some(Look { shows: &shows, has_tags, id, state, theme }.row(row, style, below))
        })
        .collect();
    let total = catalog.rows.len();
    let shown = list.shown.len();
    let headings = if repositories::has_headings(catalog, pane) {
        list.shown.iter().filter(|row| repositories::is_heading(**row)).count()
    } else {
        0
    };
    let number = if as_tree { text::count(total) } else { number_words(list, shown - headings, total) };
    let order = if as_tree { "  tree".to_owned() } else { super::tags::sort_words(list) };
    let what = match &catalog.term {
        Some(term) => format!("search: {}", clean::line(term)),
        None => "Repositories".to_owned(),
    };
    let what = match &pane.group {
        Some(group) => format!("{what} at {group}"),
        None => what,
    };
    let title = format!("{what}  {number}{}{order}", super::tags::filter_words(pane));
    let foot = foot(catalog, state);
    let mut empty = empty_words(&catalog.phase, total, "repositories", state, theme);
    if let (0, Some(words)) = (total, crate::app::update::search_words(state, id)) {
        empty = vec![widget::styled(words.to_string(), theme.dim)];
        empty.extend(widget::key_line(state, Action::Search, "searches", theme));
    }
    let mut legend = vec![format!(
        "{} not loaded   ... loading   {} favourite   + pinned",
        theme.signs.not_loaded, theme.signs.favourite
    )];
    if shows.contains(&Show::Size) {
        legend.push("SIZE is the most it can be: layers that digests share are counted each time".to_owned());
    }
    // Rows without a list are pinned ones: more of them are found by name.
    let notes = match &catalog.phase {
        Phase::Failed(report) => failed_words(report, state, theme),
        _ => Vec::new(),
    };
    Table { title, foot, sign: "F", empty, columns: &columns, rows, notes, legend }
        .draw(frame, area, list, state, theme);
}

/// How many are marked, or else how complete the list is.
pub fn foot(catalog: &Catalog, state: &State) -> String {
    match repositories::count_marks(catalog, state.pane()) {
        (0, _) => phase_words(catalog, "names", state.now),
        (marked, 0) => format!("{} marked", text::count(marked)),
        (marked, hidden) => format!("{} marked, {} of them not shown", text::count(marked), text::count(hidden)),
    }
}

fn folder(path: &str, open: bool, inside: Option<&usize>, theme: &Theme) -> Cell {
    let (above, name) = path.rsplit_once('/').map_or(("", path), |(above, name)| (above, name));
    let depth = if above.is_empty() { 0 } else { above.split('/').count() };
    let sign = if open { theme.signs.open } else { theme.signs.closed };
    let count = inside.map_or_else(String::new, |n| format!("  ({})", text::count(*n)));
    Cell { text: format!("{}{sign} {name}/{count}", "  ".repeat(depth)), style: theme.title }
}

/// How complete a list is, and how old, in honest words.
pub fn phase_words<R: Row>(list: &Listing<R>, what: &str, now: jiff::Timestamp) -> String {
    let total = list.rows.len();
    let what = match (what, total) {
        ("tags", 1) => "tag",
        ("names", 1) => "name",
        _ => what,
    };
    let age = list.old_since().map(|time| text::age(time, now));
    match (&list.phase, age) {
        (Phase::NotAsked, _) => String::new(),
        (Phase::Loading(_), Some(age)) => format!("as of {age} ago, reading again"),
        (Phase::Loading(_), None) => format!("{} {what} loaded, more to come", text::count(total)),
        (Phase::Done(end), _) => match (&end.note, end.complete) {
            (Some(note), true) => format!("complete: {} {what}; {note}", text::count(total)),
            (Some(note), false) => {
                let why = note.as_str().trim_start_matches("incomplete: ");
                format!("incomplete, {} {what}: {why}", text::count(total))
            }
            (None, true) => format!("complete: {} {what}", text::count(total)),
            (None, false) => format!("incomplete: {} {what}", text::count(total)),
        },
        (Phase::Failed(report), Some(age)) => format!("list of {age} ago, r tries again: {}", report.what),
        (Phase::Failed(report), None) if total > 0 => format!("incomplete, r tries again: {}", report.what),
        (Phase::Failed(_), None) => "failed; r tries again".to_owned(),
    }
}

/// How many rows are shown. While a long list is being arranged the rows that are not shown yet are not hidden ones.
pub fn number_words(list: &List, shown: usize, total: usize) -> String {
    let plain = list.filter.filter.is_none() && list.arranging.is_some();
    if shown == total || plain {
        text::count(total)
    } else {
        format!("{}/{} shown", text::count(shown), text::count(total))
    }
}

/// Only favourites are to be shown, and there is none.
pub fn no_favourites(state: &State, what: &str, theme: &Theme) -> Option<Line<'static>> {
    let pane = state.pane();
    if !pane.only_favourites || pane.list.filter.filter.is_some() {
        return None;
    }
    let how = widget::key_of(state, Action::Favourite).map_or(String::new(), |key| format!(" {key} makes one."));
    Some(widget::styled(format!("No {what} is a favourite here. Esc shows all.{how}"), theme.dim))
}

/// What stands in place of rows when there are none.
pub fn empty_words(phase: &Phase, total: usize, what: &str, state: &State, theme: &Theme) -> Vec<Line<'static>> {
    match phase {
        Phase::Failed(report) => failed_words(report, state, theme),
        _ if state.pane().list.arranging.is_some() => vec![widget::styled("Looking...", theme.dim)],
        _ if total > 0 => {
            if let Some(line) = no_favourites(state, "repository", theme) {
                return vec![line];
            }
            vec![widget::styled(
                format!("None of {} {what} matches the filter. Esc clears it.", text::count(total)),
                theme.dim,
            )]
        }
        Phase::Done(_) => vec![widget::styled(format!("There are no {what} here."), theme.dim)],
        _ => vec![widget::styled("Reading...", theme.dim)],
    }
}

/// What went wrong, what to do about it, and the keys for that.
fn failed_words(report: &ErrorReport, state: &State, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = vec![
        widget::styled(report.what.to_string(), theme.bad),
        widget::styled(report.hint.to_string(), theme.text),
        widget::styled("", theme.text),
    ];
    lines.extend(widget::key_line(state, Action::Refresh, "tries again", theme));
    lines.extend(super::registries::way_out(state, report.kind, theme));
    if matches!(state.pane().place, Place::Repositories(_)) {
        lines.extend(widget::key_line(state, Action::GoTo, "opens a repository whose name you type", theme));
    }
    lines
}
