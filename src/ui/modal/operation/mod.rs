//! One operation of the history; what could be put back of it, or what became of it.

mod rows;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Clear;

use super::{Pen, boxed, confirm, place};
use crate::app::history::{Details, Stand, Told};
use crate::app::modal::operation::{About, Found, Look, OperationDialog, What};
use crate::app::state::State;
use crate::domain::capability::Takes;
use crate::domain::clean;
use crate::domain::recorded;
use crate::domain::text::count;
use crate::domain::undo::{ManifestBack, Prospect, TagBack};
use crate::domain::words::Words;
use crate::ui::pane::history as words_of;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

const WIDTH: u16 = 106;

pub(super) fn hints(dialog: &OperationDialog) -> &'static [(&'static str, &'static str)] {
    match &dialog.look {
        Look::Found(found) if found.can_turn() => {
            &[("Tab", "next field"), ("j k", "move"), ("1", "move used tags, too"), ("Esc", "back")]
        }
        Look::Found(_) => &[("Tab", "next field"), ("j k", "move"), ("Esc", "back")],
        Look::Failed { .. } => &[("r", "try again"), ("e", "credentials"), ("Esc", "close")],
        Look::Asking { .. } => &[("j k", "move"), ("Esc", "close")],
        Look::None => match (dialog.about(), dialog.has_rest()) {
            (Some(About::Settle), _) => &[("c", "look what became of it"), ("j k", "move"), ("Esc", "close")],
            (Some(About::Undo), true) => {
                &[("u", "put back..."), ("p", "plan the rest again..."), ("j k", "move"), ("Esc", "close")]
            }
            (Some(About::Undo), false) => &[("u", "put back..."), ("j k", "move"), ("Esc", "close")],
            (None, _) => &[("j k", "move"), ("Esc", "close")],
        },
    }
}

/// The status line below it.
pub(in crate::ui) fn hint(dialog: &OperationDialog) -> &'static str {
    match &dialog.look {
        Look::None => "What is recorded. Looking at it changes nothing.",
        Look::Asking { .. } => "The registry is asked; nothing is changed.",
        Look::Failed { .. } | Look::Found(_) => "Nothing has been sent. Esc goes back.",
    }
}

pub(super) fn draw(frame: &mut Frame, body: Rect, dialog: &OperationDialog, state: &State, theme: &Theme) {
    let details = match &dialog.details {
        Some(Ok(details)) => details,
        Some(Err(why)) => {
            let lines = vec![styled(format!(" {why}"), theme.warn), styled(" Esc  close", theme.key)];
            return boxed(frame, body, &format!("Operation {}", dialog.id), lines, 84, state, theme);
        }
        None => {
            let lines = vec![styled(" Reading what is recorded of it.", theme.text)];
            return boxed(frame, body, &format!("Operation {}", dialog.id), lines, 84, state, theme);
        }
    };
    let area = place(body, WIDTH, body.height, state);
    frame.render_widget(Clear, area);
    let told = &details.told;
    let verb = match (&dialog.look, &told.undoes) {
        (Look::Found(found), _) if matches!(found.what, What::Settle(_)) => "Settle",
        (Look::Found(_), _) => "Put back",
        (_, Some(_)) => "What was put back",
        (_, None) if told.sets => "Tags that were set",
        (_, None) if told.changed.is_some() => "What was changed",
        (_, None) if told.takes == Takes::Entry => "What was removed",
        (_, None) => "What was deleted",
    };
    let title = format!("{verb}  {} on {}", told.place(), clean::identifier(&told.registry));
    let inside = widget::panel(frame, area, &title, &format!("operation {}", dialog.id), theme);
    let (width, height) = (usize::from(inside.width), usize::from(inside.height));

    let tall = height >= 14;
    let mut above = match &dialog.look {
        Look::Found(found) => found_lines(found, told, theme),
        _ => told_lines(details, state, theme),
    };
    let room = usize::from(inside.width.saturating_sub(1));
    above = above.into_iter().flat_map(|line| widget::wrapped(&line, room)).collect();
    let foot = match &dialog.look {
        Look::Found(found) => usize::from(confirm::lines(&found.confirm, tall)),
        _ => 0,
    };
    let said = said(dialog, room, theme);
    let rules = if tall { 1 + usize::from(foot > 0) } else { 0 };
    above.truncate(height.saturating_sub(foot + said.len() + rules + 4).max(1));
    let list = height.saturating_sub(above.len() + foot + said.len() + rules + 1);

    let rule = || styled(format!(" {}", "-".repeat(width.saturating_sub(2))), theme.border);
    let mut pen = Pen { area: inside, y: inside.y };
    above.into_iter().for_each(|line| pen.put(frame, line));
    if tall {
        pen.put(frame, rule());
    }
    pen.put(frame, rows::heading(&dialog.look, told, width, theme));
    let first = (dialog.cursor + 1).saturating_sub(list.max(1));
    let top = pen.y;
    for at in first..first + list {
        let row = rows::row(dialog, details, at, width, theme);
        pen.put(frame, row.unwrap_or_default());
    }
    let thumb = Rect { y: top, height: list as u16, ..inside };
    widget::scroll_thumb(frame, thumb, first, list, dialog.rows(), theme);
    said.into_iter().for_each(|line| pen.put(frame, line));
    if let Look::Found(found) = &dialog.look {
        if tall {
            pen.put(frame, rule());
        }
        let foot = foot as u16;
        let area = Rect { y: inside.bottom().saturating_sub(foot), height: foot, ..inside };
        let (button, nothing) = words(found, system(found, told));
        let words = confirm::Words {
            nothing,
            yes: "y does it, or Tab to the button and Enter. Enter alone does not.",
            count: "Tags that are there now are moved or removed. Type how many tags it is about",
            name: confirm::NAME,
            button: &button,
        };
        confirm::draw(frame, area, &found.confirm, &words, theme);
    }
}

fn told_lines(details: &Details, state: &State, theme: &Theme) -> Vec<Line<'static>> {
    let told = &details.told;
    let when = widget::moment(told.time, state.looks.utc);
    let account = told.account.as_ref().filter(|name| !name.is_empty());
    let account = account.map(|name| format!(" as {}", clean::identifier(name))).unwrap_or_default();
    let mut lines = vec![
        styled(format!(" {when}  {}{account}", clean::url(&told.origin)), theme.text),
        styled(format!(" {}: {}", words_of::what(told), words_of::outcomes(told)), theme.title),
    ];
    // What was only set elsewhere needs nothing that is kept to be taken back.
    let needs_none = (told.sets || told.changed.is_some()) && details.kept == 0 && details.omitted == 0;
    let words = told.kind.words();
    let kept = match (details.kept, details.omitted) {
        _ if !words.restores && !told.sets => {
            format!("{} {}", words.never().unwrap_or_default(), words.instead)
        }
        (0, 0) => format!("No {} is kept.", words.thing),
        (n, 0) if words.collects => {
            format!("{} kept for undo, which works until the registry collects garbage.", words.count(n))
        }
        (_, 0) => "Its tags can be set again, while their images are there.".to_owned(),
        (n, m) => format!("{} kept for undo; for {} there was no room.", words.count(n), count(m)),
    };
    if told.repos > 0 {
        let words = match told.takes {
            Takes::Entry => " Cannot be undone; what was at its registry is there, and can be added again.",
            Takes::Everything | Takes::Tags => " Cannot be undone: no system takes the deletion of a repository back.",
        };
        lines.push(styled(words, theme.warn));
    } else if let Some(words) = told.changed.and_then(recorded::What::no_way_back) {
        lines.push(styled(format!(" {words}"), theme.warn));
    } else if told.undoes.is_none() && !needs_none {
        lines.push(styled(format!(" {kept}"), theme.dim));
    }
    lines.extend(told.undoes.iter().map(|id| styled(format!(" It put back what {id} took away."), theme.dim)));
    match told.stand {
        Stand::Running => lines.push(styled(" A tagboat is at it now.", theme.warn)),
        Stand::Unfinished => {
            let words =
                " It broke off in the middle. Nothing of it runs by itself; c asks the registry what became of it.";
            lines.push(styled(words, theme.warn));
        }
        Stand::Ended => {}
    }
    if told.damaged {
        let words = " Lines of its journal cannot be read; what they told of is unknown.";
        lines.push(styled(words, theme.warn));
    }
    lines
}

fn found_lines(found: &Found, told: &Told, theme: &Theme) -> Vec<Line<'static>> {
    let system = system(found, told);
    match &found.what {
        What::Undo(prospect) => {
            let lost = prospect.manifests.iter().filter(|(_, back)| matches!(back, ManifestBack::Lost(_))).count();
            let there = prospect.tags.iter().filter(|(.., back)| *back == TagBack::There).count();
            let not = prospect.tags.iter().filter(|(.., back)| matches!(back, TagBack::Lost | TagBack::Unknown(_)));
            let mut lines = vec![styled(format!(" {}", would_be(prospect, system, found.overwrite)), theme.title)];
            if there > 0 {
                lines.push(styled(format!(" Already there: {}", tags_of(there)), theme.dim));
            }
            let not = not.count();
            if lost + not > 0 {
                let words = format!(" Cannot come back: {}", both(system, not, lost));
                lines.push(styled(words, theme.warn));
            }
            if prospect.removed() > 0 {
                lines.push(styled(format!(" Only the tag goes: {}.", system.untagged), theme.dim));
            }
            let used = prospect.in_use().count();
            if used > 0 {
                let sign = if found.overwrite { "[x]" } else { "[ ]" };
                let words = format!(" In use by something else now: {}    1 {sign} move them back, too", tags_of(used));
                lines.push(styled(words, theme.warn));
            }
            lines
        }
        What::Settle(standing) => {
            let words = format!(" What the registry says of {} now. Settling writes it down.", items(standing.len()));
            let mut lines = vec![styled(words, theme.title)];
            let left = found.what.left_on_placeholder();
            if left > 0 {
                let words = format!(" {} left on a placeholder, and put back to what it was on.", tags_of(left));
                lines.push(styled(words, theme.warn));
            }
            let after = match (told.sets, told.changed) {
                _ if told.repos > 0 => " After that, p plans what was not deleted. What was cannot be undone.",
                (_, Some(_)) => " After that it is history; what was not done can be done again where it was begun.",
                (true, None) => " After that, u takes back what was set; t sets the rest.",
                (false, None) => " After that, u takes back what was deleted, and p plans what was not.",
            };
            lines.push(styled(after, theme.dim));
            lines
        }
    }
}

/// The words of the registry that answered.
fn system(found: &Found, told: &Told) -> &'static Words {
    match &found.what {
        What::Undo(prospect) => prospect.kind.words(),
        What::Settle(_) => told.kind.words(),
    }
}

fn words(found: &Found, system: &Words) -> (String, &'static str) {
    match &found.what {
        What::Undo(prospect) => {
            let tags = prospect.tags_back(found.overwrite).count();
            let removed = prospect.removed();
            let button = match tags {
                0 => format!("Put the {} back", system.things),
                n if n == removed => format!("Remove {} again", tags_of(n)),
                n => format!("Put {} back", tags_of(n)),
            };
            let used = prospect.in_use().next().is_some() && !found.overwrite;
            (
                button,
                match used {
                    true => "Nothing to put back, unless tags in use are moved (1).",
                    false if prospect.has_stuck() => "This registry deletes no tag alone: a tag that was new stays.",
                    false => "There is nothing to put back.",
                },
            )
        }
        What::Settle(_) => match found.what.left_on_placeholder() {
            0 => ("Settle it".to_owned(), ""),
            n => (format!("Settle it, and put {} back", tags_of(n)), ""),
        },
    }
}

/// What is being asked, or why that failed.
fn said(dialog: &OperationDialog, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let lines = match &dialog.look {
        Look::Asking { about: About::Undo, .. } => {
            vec![(" Asking the registry what is still there...".to_owned(), theme.text)]
        }
        Look::Asking { about: About::Settle, .. } => {
            vec![(" Asking the registry what became of each...".to_owned(), theme.text)]
        }
        Look::Failed { report, .. } => {
            vec![(format!(" {}", report.what), theme.bad), (format!(" {}", report.hint), theme.text)]
        }
        Look::None | Look::Found(_) => {
            rows::why(dialog).map(|why| (format!(" {why}"), theme.dim)).into_iter().collect()
        }
    };
    let wrapped = lines.into_iter().flat_map(|(text, style)| widget::wrapped(&styled(text, style), width));
    wrapped.take(4).collect()
}

/// What is done with how many: what comes back, what is moved, what is taken away.
fn would_be(prospect: &Prospect, words: &Words, overwrite: bool) -> String {
    let manifests = prospect.manifests.iter().filter(|(_, back)| *back == ManifestBack::Possible).count();
    let free = prospect.tags.iter().filter(|(.., back)| *back == TagBack::Free).count();
    let made = prospect.removed();
    let moved = prospect.tags_back(overwrite).count() - free - made;
    let mut parts = Vec::new();
    if free + manifests > 0 || moved + made == 0 {
        parts.push(format!("Comes back: {}", both(words, free, manifests)));
    }
    if moved > 0 {
        parts.push(format!("Moved back: {}", tags_of(moved)));
    }
    if made > 0 {
        parts.push(format!("Removed again: {}", tags_of(made)));
    }
    parts.join("    ")
}

fn both(words: &Words, tags: usize, rest: usize) -> String {
    match (tags, rest) {
        (0, 0) => "nothing".to_owned(),
        (tags, 0) => tags_of(tags),
        (0, rest) => words.count(rest),
        (tags, rest) => format!("{}, {}", tags_of(tags), words.count(rest)),
    }
}

fn tags_of(n: usize) -> String {
    if n == 1 { "1 tag".to_owned() } else { format!("{} tags", count(n)) }
}

fn items(n: usize) -> String {
    if n == 1 { "1 item".to_owned() } else { format!("{} items", count(n)) }
}
