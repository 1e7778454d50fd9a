//! The plan of a deletion. Where there is little room, what can be decided and what goes stay on screen the longest.

mod facts;
mod filter;
mod rows;

pub(super) use facts::{Fact, keep};

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Clear;

use super::{Pen, boxed, confirm, place, unread};
use crate::app::modal::confirm::Focus;
use crate::app::modal::plan::{PlanDialog, Ready, Stage};
use crate::app::state::State;
use crate::domain::{clean, text};
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

const WIDTH: u16 = 106;
/// Rows of the list that are kept before anything above it is left out.
const ROWS: usize = 3;

/// Keys while the list has the focus; which numbers choose something depends on the system.
macro_rules! in_list {
    ($numbers:literal) => {
        &[
            ("Enter", "detail"),
            ("K", "keep"),
            ($numbers, "options"),
            ("Tab", "next field"),
            ("/", "filter"),
            ("Esc", "cancel"),
            ("o", "save plan"),
            ("r", "read again"),
        ]
    };
}

macro_rules! in_fields {
    ($numbers:literal) => {
        &[
            ($numbers, "options"),
            ("K", "keep"),
            ("/", "filter"),
            ("Tab", "next field"),
            ("Esc", "cancel"),
            ("o", "save plan"),
            ("r", "read again"),
        ]
    };
}

pub(super) fn hints(dialog: &PlanDialog) -> &'static [(&'static str, &'static str)] {
    match &dialog.stage {
        Stage::Reading { before: Some(_), .. } => &[("Esc", "back to the plan as it was")],
        Stage::Reading { .. } | Stage::Making { .. } => &[("Esc", "give up")],
        Stage::Failed(_) => &[("r", "try again"), ("Esc", "close")],
        Stage::Ready(ready) if ready.filter.input.is_some() => &[
            ("Enter", "keep"),
            ("Esc", "cancel"),
            ("Up", "history"),
            ("a*b", "glob"),
            ("~re", "regex"),
            ("!x", "not"),
            ("age>30d", "older"),
        ],
        Stage::Ready(ready) if ready.question.focus == Focus::Typed => {
            &[("type", "what is asked"), ("Tab", "on to Start"), ("Up Down", "move"), ("Esc", "cancel")]
        }
        Stage::Ready(ready) => {
            let list = ready.question.focus == Focus::List;
            match [2, 4].map(|number| dialog.choice(number).is_some()) {
                [true, _] if list => in_list!("1 2 3 4"),
                [true, _] => in_fields!("1 2 3 4"),
                [false, true] if list => in_list!("1 4"),
                [false, true] => in_fields!("1 4"),
                [false, false] if list => in_list!("1"),
                [false, false] => in_fields!("1"),
            }
        }
    }
}

pub(super) fn draw(frame: &mut Frame, body: Rect, dialog: &PlanDialog, state: &State, theme: &Theme) {
    let profile = &state.registry(dialog.registry).profile;
    let env = profile.env.as_deref().map(|env| format!(" ({})", clean::identifier(env))).unwrap_or_default();
    let title = format!("Delete plan  {} on {}{env}", dialog.repo, clean::identifier(&profile.name));
    match &dialog.stage {
        Stage::Making { before: Some(ready), .. } => whole(frame, body, &title, dialog, ready, state, theme),
        Stage::Making { before: None, .. } => {
            let lines = vec![styled(" Everything is read; the plan is being worked out.", theme.text)];
            boxed(frame, body, &title, lines, 84, state, theme);
        }
        Stage::Reading { progress, .. } => {
            let done = match (progress.done, progress.of) {
                (0, 0) => String::new(),
                (done, of) => {
                    let left = text::count(of.saturating_sub(done));
                    format!(": {} of {}, {left} requests to go", text::count(done), text::count(of.max(done)))
                }
            };
            let what = if progress.what.is_empty() { "the repository" } else { progress.what };
            let lines = vec![
                styled(format!(" Reading {what}{done}"), theme.text),
                styled(" To know what else a deletion would take along. Nothing is deleted yet.", theme.dim),
            ];
            boxed(frame, body, &title, lines, 84, state, theme);
        }
        Stage::Failed(report) => unread(frame, body, &title, report, state, theme),
        Stage::Ready(ready) => whole(frame, body, &title, dialog, ready, state, theme),
    }
}

fn whole(frame: &mut Frame, body: Rect, title: &str, dialog: &PlanDialog, ready: &Ready, state: &State, theme: &Theme) {
    let area = place(body, WIDTH, body.height, state);
    frame.render_widget(Clear, area);
    let made = widget::clock(ready.plan.created, state.looks.utc);
    let foot = format!("facts of {made}; each item is checked again before it is sent");
    let inside = widget::panel(frame, area, title, &foot, theme);
    let width = usize::from(inside.width);
    let height = usize::from(inside.height);

    let tall = height >= 14;
    let bottom = usize::from(confirm::lines(&ready.question, tall));
    let lines_between = if tall { 2 } else { 0 };
    let heading = usize::from(height >= 12);
    let list_wants = ready.rows.len().clamp(1, ROWS);
    let filtered = usize::from(filter::is_on(ready));
    let room = height.saturating_sub(bottom + lines_between + heading + filtered + list_wants);
    let keeps = Some(state.history.keeps).filter(|_| ready.snapshot.kind.words().restores);
    let above = facts::keep(facts::facts(dialog, ready, keeps, width, theme), room);

    let mut pen = Pen { area: inside, y: inside.y };
    above.into_iter().for_each(|line| pen.put(frame, line));
    let rule = || styled(format!(" {}", "-".repeat(width.saturating_sub(2))), theme.border);
    if tall {
        pen.put(frame, rule());
    }
    let detail = match ready.detail {
        true => rows::detail(dialog, ready, width.saturating_sub(2), theme),
        false => Vec::new(),
    };
    if filtered == 1 {
        filter::draw(frame, Rect { y: pen.y, height: 1, ..inside }, ready, theme);
        pen.y += 1;
    }
    let left = usize::from(inside.bottom().saturating_sub(pen.y)).saturating_sub(bottom + lines_between / 2 + heading);
    let detail_room = detail.len().min(left.saturating_sub(1));
    let list = left - detail_room;
    if heading == 1 {
        pen.put(frame, rows::heading(ready.snapshot.kind.words(), width, theme));
    }
    let first = (ready.cursor + 1).saturating_sub(list);
    let top = pen.y;
    for at in first..first + list {
        match ready.shown.get(at).and_then(|at| ready.rows.get(*at)) {
            Some(row) => pen.put(frame, rows::row(row, at == ready.cursor, dialog, ready, width, theme)),
            None if at == 0 && !ready.rows.is_empty() => {
                pen.put(frame, styled("   No row of the plan matches. Esc shows all of them.", theme.dim));
            }
            None if at == 0 => pen.put(frame, styled("   Nothing is left of what was marked.", theme.dim)),
            None => pen.put(frame, Line::default()),
        }
    }
    let thumb = Rect { y: top, height: list as u16, ..inside };
    widget::scroll_thumb(frame, thumb, first, list, ready.shown.len(), theme);
    detail.into_iter().take(detail_room).for_each(|line| pen.put(frame, line));
    if tall {
        pen.put(frame, rule());
    }
    let end = inside.bottom();
    let area = Rect { y: end.saturating_sub(bottom as u16), height: bottom as u16, ..inside };
    let count = ready.plan.count();
    let tags = if count == 1 { "1 tag".to_owned() } else { format!("{} tags", text::count(count)) };
    // Where an image is more than what its tags are on, that it goes is the larger part.
    let (words, things) = (ready.plan.kind.words(), ready.plan.lost_manifests().count());
    let what = if things == 0 || words.nests { tags } else { format!("{}, {tags}", words.count(things)) };
    let words = confirm::Words {
        nothing: "There is nothing to delete in this plan.",
        yes: "y deletes it, or Tab to Start and Enter. Enter alone does not.",
        count: "To start, type the number of tags",
        name: confirm::NAME,
        button: &format!("Start deleting {what}"),
    };
    confirm::draw(frame, area, &ready.question, &words, theme);
}
