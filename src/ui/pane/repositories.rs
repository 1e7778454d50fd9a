//! Repositories of a registry.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::table::{Cell, Column, Table, column};
use crate::app::cache::{Listing, Phase, Row, TagCount};
use crate::app::list::List;
use crate::app::pane::repositories;
use crate::app::state::State;
use crate::domain::page::Listed;
use crate::domain::registry::RegistryId;
use crate::domain::text;
use crate::ui::theme::Theme;
use crate::ui::widget;

const COLUMNS: &[Column] = &[column("REPOSITORY", 0, false, 0), column("TAGS", 9, true, 1)];

pub fn draw(frame: &mut Frame, area: Rect, id: RegistryId, state: &State, theme: &Theme) {
    let list = &state.pane().list;
    let Some(catalog) = state.cache.catalogs.get(&id) else { return };
    let rows: Vec<_> = list
        .on_screen()
        .iter()
        .filter_map(|row| catalog.rows.get(*row as usize))
        .map(|row| {
            let (count, style) = match &row.tags {
                TagCount::NotAsked => (theme.signs.not_loaded.to_owned(), theme.dim),
                TagCount::Asked => ("...".to_owned(), theme.dim),
                TagCount::Known(0) => ("empty".to_owned(), theme.dim),
                TagCount::Known(n) => (text::count(*n), theme.text),
                TagCount::Failed(report) => (super::tags::error_word(report.kind).to_owned(), theme.bad),
            };
            let sign = match (row.favourite, row.pinned, &row.name) {
                (_, _, Listed::Invalid(_)) => theme.signs.changed,
                (true, _, _) => theme.signs.favourite,
                (_, true, _) => "+",
                _ => " ",
            };
            let known = if catalog.is_listed(row) { theme.text } else { theme.dim };
            let name = Cell { text: repositories::text(row).to_owned(), style: known };
            (format!(" {sign}"), theme.marked, vec![name, Cell { text: count, style }])
        })
        .collect();
    let total = catalog.rows.len();
    let title = format!("Repositories  {}{}", number_words(list, total), super::tags::sort_words(list));
    let foot = phase_words(catalog, "names", state.now);
    let empty = empty_words(&catalog.phase, total, "repositories", state, theme);
    Table { title, foot, empty, columns: COLUMNS, rows }.draw(frame, area, list, state, theme);
}

/// How complete a list is, and how old, in honest words.
pub fn phase_words<R: Row>(list: &Listing<R>, what: &str, now: jiff::Timestamp) -> String {
    let total = list.rows.len();
    let age = list.old_since().map(|time| text::age(time, now));
    match (&list.phase, age) {
        (Phase::NotAsked, _) => String::new(),
        (Phase::Loading(_), Some(age)) => format!("as of {age} ago, reading again"),
        (Phase::Loading(_), None) => format!("{} {what} loaded, more to come", text::count(total)),
        (Phase::Done(end), _) => match (&end.note, end.complete) {
            (Some(note), true) => format!("complete: {} {what}; {note}", text::count(total)),
            (Some(note), false) => format!("incomplete: {note}"),
            (None, true) => format!("complete: {} {what}", text::count(total)),
            (None, false) => format!("incomplete: {} {what}", text::count(total)),
        },
        (Phase::Failed(report), Some(age)) => format!("list of {age} ago, r tries again: {}", report.what),
        (Phase::Failed(report), None) if total > 0 => format!("incomplete, r tries again: {}", report.what),
        (Phase::Failed(_), None) => "failed; r tries again".to_owned(),
    }
}

/// How many rows are shown. While a long list is being arranged the rows that are not shown yet are not hidden ones.
pub fn number_words(list: &List, total: usize) -> String {
    let shown = list.shown.len();
    let plain = list.filter.filter.is_none() && list.arranging.is_some();
    if shown == total || plain {
        text::count(total)
    } else {
        format!("{}/{} shown", text::count(shown), text::count(total))
    }
}

/// What stands in place of rows when there are none.
pub fn empty_words(
    phase: &Phase,
    total: usize,
    what: &str,
    state: &State,
    theme: &Theme,
) -> Vec<ratatui::text::Line<'static>> {
    let place = &state.pane().place;
    match phase {
        Phase::Failed(report) => {
            let mut lines = vec![
                widget::styled(report.what.to_string(), theme.bad),
                widget::styled(report.hint.to_string(), theme.text),
                widget::styled("", theme.text),
                widget::styled("r  tries again    e  signs in", theme.dim),
            ];
            if matches!(place, crate::app::pane::Place::Repositories(_)) {
                lines.push(widget::styled("'  opens a repository whose name you type", theme.dim));
            }
            lines
        }
        _ if state.pane().list.arranging.is_some() => vec![widget::styled("Looking...", theme.dim)],
        _ if total > 0 => {
            vec![widget::styled(format!("None of {total} {what} matches the filter. Esc clears it."), theme.dim)]
        }
        Phase::Done(_) => vec![widget::styled(format!("There are no {what} here."), theme.dim)],
        _ => vec![widget::styled("Reading...", theme.dim)],
    }
}
