//! Tags of a repository: the working view.

mod cells;
mod columns;

use ratatui::Frame;
use ratatui::layout::Rect;

use cells::Look;

use super::repositories::{empty_words, number_words, phase_words};
use super::table::Table;
use crate::app::cache::{Phase, TagList};
use crate::app::list::{Column, List};
use crate::app::pane::{Pane, tags};
use crate::app::protection::Shield;
use crate::app::state::State;
use crate::domain::error::ErrorKind;
use crate::domain::label::Labels;
use crate::domain::page::Listed;
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryId;
use crate::domain::text;
use crate::ui::theme::Theme;

pub fn draw(frame: &mut Frame, area: Rect, id: RegistryId, repo: &RepoName, state: &State, theme: &Theme) {
    let pane = state.pane();
    let list = &pane.list;
    let Some(all) = state.tags(id, repo) else { return };
    let marked = &tags::count_marks(all, pane).digests;
    let shield = Shield::new(state, pane);
    let labels = state.labels(id, repo);
    let kind = state.registry(id).profile.kind;
    let (shows, columns): (Vec<_>, Vec<_>) = columns::of(all.told, kind).into_iter().unzip();
    let look = Look { id, repo, list: all, labels: &labels, state, theme };
    let rows: Vec<_> = list
        .on_screen()
        .iter()
        .filter_map(|row| all.rows.get(*row as usize))
        .map(|row| {
            let is_marked = tags::name(row).is_some_and(|n| pane.marks.contains(n));
            let covered = shield.as_ref().is_some_and(|shield| shield.covers(row, all));
            let before = if covered && is_marked { theme.signs.protected } else { " " };
            let (sign, style) = if is_marked {
                (theme.signs.marked, theme.marked)
            } else if covered {
                (theme.signs.protected, theme.title)
            } else if all.shares_with_marked(row, marked) {
                (theme.signs.shares, theme.shared)
            } else if matches!(row.name, Listed::Invalid(_)) {
                (theme.signs.changed, theme.warn)
            } else {
                (" ", ratatui::style::Style::new())
            };
            (format!("{before}{sign}"), style, cells::cells(&look, &shows, row, style))
        })
        .collect();
    let total = all.rows.len();
    let number = if tags::folds(pane) && all.attached > 0 {
        // Said of the list itself: what is on screen may be arranged a moment later.
        let own = text::count(total - all.attached);
        format!("{own}, {} attached to images", text::count(all.attached))
    } else {
        number_words(list, list.shown.len(), total)
    };
    let title = format!("Tags  {number}{}{}", filter_words(pane), sort_words(list));
    let signs = &theme.signs;
    // What some systems have in the place of digests are ids of images.
    let same = if columns.iter().any(|column| column.title == "IMAGE") { "image" } else { "digest" };
    let mut legend = vec![
        format!(
            "M  {} marked   {} shares its {same} with a marked tag   {} protected",
            signs.marked, signs.shares, signs.protected
        ),
        format!("=N N tags point at the same {same}   {} not read yet   ... being read", signs.not_loaded),
    ];
    legend.extend(palette_words(&labels));
    let foot = foot(all, id, state);
    let empty = empty_words(&all.phase, total, "tags", state, theme);
    Table { title, foot, sign: "M", empty, columns: &columns, rows, notes: Vec::new(), legend }
        .draw(frame, area, list, state, theme);
}

/// What is marked, or else how complete the list is.
pub fn foot(list: &TagList, id: RegistryId, state: &State) -> String {
    let pane = state.pane();
    match pane.marks.is_empty() && !pane.untagged {
        true => list_words(list, state.registry(id).caps.few_left, state),
        false => mark_words(list, state),
    }
}

/// What the letters mean, where some tag has one.
fn palette_words(labels: &Labels) -> Option<String> {
    if labels.is_empty() {
        return None;
    }
    let words: Vec<_> = labels.palette.iter().map(|label| format!("{} {}", label.letter, label.name)).collect();
    Some(format!("L  {}   blank: no label", words.join("   ")))
}

/// How complete the list is, and why details are missing that nobody is going to read.
fn list_words(list: &TagList, few_left: bool, state: &State) -> String {
    let words = phase_words(list, "tags", state.now);
    match list.outage.stopped() {
        // Its own failure is in the words already.
        Some(_) if matches!(list.phase, Phase::Failed(_)) => words,
        Some(report) => format!("no more details, r tries again: {}", report.what),
        None if few_left && list.known < list.rows.len() => {
            format!("{words}; few requests left: details of this screen only")
        }
        None => words,
    }
}

fn mark_words(list: &TagList, state: &State) -> String {
    let (pane, system) = (state.pane(), state.words());
    let count = tags::count_marks(list, pane);
    let mut words = format!("{} marked", text::count(count.tags));
    match count.digests.len() {
        0 => {}
        1 => words.push_str(&format!(" = 1 {}", system.id)),
        n => words.push_str(&format!(" = {} {}", text::count(n), system.ids)),
    }
    match count.unread {
        0 => {}
        n => words.push_str(&format!(" ({} not read yet)", text::count(n))),
    }
    if pane.untagged {
        words.push_str(&format!(" + {} without a tag", system.things));
    }
    let sharing = text::count(count.sharing);
    let unread = text::count(count.unread_others);
    match (count.sharing, count.unread_others) {
        (0, 0) => {}
        (1, 0) => words.push_str("; 1 more tag shares them"),
        (_, 0) => words.push_str(&format!("; {sharing} more tags share them")),
        (0, 1) => words.push_str("; 1 tag not read yet may share them"),
        (0, _) => words.push_str(&format!("; {unread} tags not read yet may share them")),
        // Short, because the foot of a list may be 70 cells.
        _ => words.push_str(&format!("; {sharing} more share them, {unread} unread may")),
    }
    if !matches!(&list.phase, Phase::Done(end) if end.complete) {
        words.push_str("; list not complete");
    }
    if count.hidden > 0 {
        words.push_str(&format!("; {} not shown", text::count(count.hidden)));
    }
    words
}

pub fn sort_words(list: &List) -> String {
    let down = if list.sort.reverse { " reversed" } else { "" };
    match list.sort.column {
        Column::Digest => format!("  grouped by digest{down}"),
        column => format!("  sort: {}{down}", column.title()),
    }
}

/// What rows were left out for.
pub fn filter_words(pane: &Pane) -> String {
    let only = match (pane.only_marked, pane.only_favourites) {
        (true, _) => "  marked only",
        (_, true) => "  favourites only",
        _ => "",
    };
    if pane.list.filter.text.is_empty() {
        return only.to_owned();
    }
    format!("{only}  filter: {}", crate::domain::clean::line(&pane.list.filter.text))
}

/// A cell's worth of an error; the whole sentence is in the preview.
pub fn error_word(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::SignIn => "sign in",
        ErrorKind::Denied => "denied",
        ErrorKind::NotFound => "not found",
        ErrorKind::UntrustedRealm | ErrorKind::NotEncrypted => "confirm",
        ErrorKind::RateLimited => "limited",
        ErrorKind::Network => "no answer",
        ErrorKind::Tls => "TLS error",
        ErrorKind::Timeout => "time-out",
        ErrorKind::BadAnswer | ErrorKind::OtherKind => "bad answer",
        ErrorKind::TooLarge => "too large",
        ErrorKind::Server => "5xx",
        ErrorKind::Unsupported | ErrorKind::Refused => "refused",
        ErrorKind::Forbidden => "not sent",
        ErrorKind::Cancelled => "stopped",
        ErrorKind::Config | ErrorKind::Internal => "error",
    }
}
