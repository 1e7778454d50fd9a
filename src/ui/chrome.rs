//! Below every view: the status line, and keys that work here and now.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use super::widget;
use crate::app::action::Action;
use crate::app::job::Job;
use crate::app::keymap::spell;
use crate::app::modal::Modal;
use crate::app::pane::Place;
use crate::app::state::{State, Tone};
use crate::app::update::availability;
use crate::domain::clean;
use crate::domain::text;

/// The status line: the filter being typed, a notice, or what is going on.
pub fn status(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let pane = state.pane();
    if let Some(input) = &pane.list.filter.input {
        let room = usize::from(area.width).saturating_sub(4);
        let skip = input.visual_scroll(room);
        let shown: String = input.value().chars().skip(skip).collect();
        let mut spans = vec![Span::styled(" / ", theme.key), Span::styled(shown, theme.text)];
        if let Some(error) = &pane.list.filter.error {
            spans.push(Span::styled(format!("   {}", clean::line(error)), theme.warn));
        }
        super::line(frame, area, Line::from(spans));
        let x = area.x + 3 + input.visual_cursor().saturating_sub(skip) as u16;
        if state.modals.is_empty() {
            frame.set_cursor_position((x.min(area.right().saturating_sub(1)), area.y));
        }
        return;
    }
    let (text, style) = match &state.notice {
        Some(notice) => {
            let style = match notice.tone {
                Tone::Info => theme.text,
                Tone::Good => theme.good,
                Tone::Bad => theme.bad,
            };
            (notice.text.to_string(), style)
        }
        None => (hint(state), theme.dim),
    };
    super::line(frame, area, widget::styled(format!(" {text}"), style));
}

fn hint(state: &State) -> String {
    let pane = state.pane();
    match state.modals.last() {
        Some(Modal::Plan(dialog)) if dialog.is_filtered() => {
            return "Nothing has been sent. Esc shows the whole plan again.".to_owned();
        }
        Some(Modal::Sweep(_)) => return "Nothing has been sent. Esc closes this plan and keeps your marks.".to_owned(),
        Some(Modal::Plan(_)) => return "Nothing has been sent. Esc closes this plan and keeps your marks.".to_owned(),
        Some(Modal::Operation(dialog)) => return super::modal::operation_hint(dialog).to_owned(),
        Some(Modal::Progress(dialog)) => {
            let runs = dialog.job(state).is_some_and(Job::runs);
            let words = if runs { "The job goes on when this is closed; g j shows it again." } else { "" };
            return words.to_owned();
        }
        _ => {}
    }
    if pane.list.anchor.is_some() {
        return "range: move, then Space keeps it, Esc drops it".to_owned();
    }
    // Where a list has no frame, what its lower border says has no other place.
    let framed = state.layout.bordered() || !state.modals.is_empty();
    let foot = if framed { String::new() } else { super::pane::foot(state) };
    match &pane.place {
        Place::Registries => {
            let found = super::pane::unsaved(state);
            match &state.last_place {
                _ if matches!(state.modals.last(), Some(Modal::Import(_))) => {
                    "Nothing is written until you press Enter.".to_owned()
                }
                _ if found > 0 && state.registries.iter().any(|r| r.saved) => {
                    "i reads Docker's config.json and Podman's auth.json".to_owned()
                }
                Some(places) => match places.last().filter(|place| **place != Place::Registries) {
                    Some(place) => format!("- goes back to {}", super::header::words(state, place)),
                    None => String::new(),
                },
                None => String::new(),
            }
        }
        Place::Tags(id, repo) => match state.tags(*id, repo) {
            Some(list) if crate::app::update::reading_details(state) => {
                let read = format!("details: {} of {} tags", text::count(list.known), text::count(list.rows.len()));
                match foot.is_empty() {
                    true => read,
                    false => format!("{foot}; {read}"),
                }
            }
            _ => foot,
        },
        _ => foot,
    }
}

/// The footer: keys that work here and now.
pub fn keys(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let hints: Vec<(String, &str)> = match state.modals.last() {
        Some(modal) => super::modal::hints(modal, state).iter().map(|(k, w)| ((*k).to_owned(), *w)).collect(),
        None if state.pane().list.filter.input.is_some() => {
            let mut hints = vec![
                ("Enter", "keep"),
                ("Esc", "cancel"),
                ("Up", "history"),
                ("a*b", "glob"),
                ("~re", "regex"),
                ("!x", "not"),
            ];
            if matches!(state.pane().place, Place::Tags(..)) {
                hints.push(("age>30d", "older"));
            }
            hints.into_iter().map(|(k, w)| (k.to_owned(), w)).collect()
        }
        None => footer(state),
    };
    let mut spans = vec![Span::raw(" ")];
    let mut used = 1;
    let help = widget::key_of(state, Action::Help);
    let tail = match (&help, state.modals.is_empty() && state.pane().list.filter.input.is_none()) {
        (Some(key), true) => format!("{key} help"),
        _ => String::new(),
    };
    let room = usize::from(area.width).saturating_sub(text::width(&tail) + 1);
    for (key, word) in hints {
        let width = text::width(&key) + text::width(word) + 3;
        if used + width > room {
            break;
        }
        spans.push(Span::styled(key, theme.key));
        spans.push(Span::styled(format!(" {word}  "), theme.text));
        used += width;
    }
    spans.push(Span::raw(" ".repeat(room.saturating_sub(used))));
    spans.push(Span::styled(tail, theme.key));
    super::line(frame, area, Line::from(spans));
}

/// In the order of importance per view; at most nine fit the eye.
pub(super) fn footer(state: &State) -> Vec<(String, &'static str)> {
    let wanted: &[Action] = match state.pane().place {
        Place::Registries => &[
            Action::Open,
            Action::AddRegistry,
            Action::Credentials,
            Action::Import,
            Action::Favourite,
            Action::Filter,
            Action::Refresh,
            Action::Palette,
            Action::Quit,
        ],
        Place::Repositories(_) => &[
            Action::Open,
            Action::Mark,
            Action::Delete,
            Action::Filter,
            Action::Sort,
            Action::CreateRepository,
            Action::EditRepository,
            Action::Favourite,
            Action::GoTo,
            Action::Preview,
            Action::Refresh,
            Action::Palette,
            Action::Back,
        ],
        Place::Tags(..) => &[
            Action::Mark,
            Action::MarkRange,
            Action::MarkShown,
            Action::MarkRule,
            Action::Delete,
            Action::Label,
            Action::Copy,
            Action::Filter,
            Action::Sort,
            Action::Open,
            Action::Palette,
            Action::Back,
        ],
        Place::Jobs => &[
            Action::Open,
            Action::StopJob,
            Action::RetryJob,
            Action::Undo,
            Action::Credentials,
            Action::Filter,
            Action::History,
            Action::Palette,
            Action::Back,
        ],
        Place::History => {
            &[Action::Open, Action::Undo, Action::Filter, Action::Refresh, Action::Jobs, Action::Palette, Action::Back]
        }
        Place::Image(..) => &[
            Action::LoadLarge,
            Action::NextPane,
            Action::Open,
            Action::Zoom,
            Action::RawJson,
            Action::Label,
            Action::Copy,
            Action::Refresh,
            Action::Palette,
            Action::Back,
        ],
    };
    wanted
        .iter()
        .filter(|action| availability(state, **action).is_ok())
        .filter_map(|action| Some((widget::key_of(state, *action)?, action.short())))
        .collect()
}

/// After the first key of a sequence: a small list of what may follow.
pub fn second_keys(frame: &mut Frame, body: Rect, state: &State, theme: &Theme) {
    if state.keys.is_empty() {
        return;
    }
    let view = state.pane().place.view();
    let next: Vec<_> = state.keymap.after(view, &state.keys).collect();
    let height = (next.len() as u16 + 2).min(body.height);
    let width = 30.min(body.width);
    let area = Rect { x: body.right() - width, y: body.bottom() - height, width, height };
    frame.render_widget(ratatui::widgets::Clear, area);
    let inside = widget::panel(frame, area, &format!("{} then", spell(&state.keys)), "", theme);
    for (n, (key, action)) in next.into_iter().enumerate().take(usize::from(inside.height)) {
        let line = Line::from(vec![
            Span::styled(format!(" {:<9}", widget::key_label(&key.to_string())), theme.key),
            Span::styled(action.short(), theme.text),
        ]);
        super::line(frame, Rect { y: inside.y + n as u16, height: 1, ..inside }, line);
    }
}
