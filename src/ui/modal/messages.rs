//! The messages of this run, the newest at the bottom.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Clear;

use super::place;
use crate::app::modal::messages::Messages;
use crate::app::state::{Message, State, Tone};
use crate::domain::clean;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

pub(super) fn draw(frame: &mut Frame, body: Rect, dialog: &Messages, state: &State, theme: &Theme) {
    let area = place(body, 110, body.height, state);
    frame.render_widget(Clear, area);
    let count = state.messages.len();
    let foot = match dialog.below {
        0 => format!("{count} messages"),
        n => format!("{n} newer below"),
    };
    let inside = widget::panel(frame, area, "Messages of this run", &foot, theme);
    let (room, width) = (usize::from(inside.height), usize::from(inside.width).saturating_sub(2));
    if count == 0 {
        crate::ui::line(frame, Rect { height: 1, ..inside }, styled(" Nothing was said yet.", theme.dim));
        return;
    }
    let mut lines: Vec<Line<'static>> = Vec::new();
    for message in state.messages.iter().rev().skip(dialog.below) {
        if lines.len() >= room {
            break;
        }
        lines.extend(wrapped(message, width, state, theme).into_iter().rev());
    }
    lines.truncate(room);
    for (n, line) in lines.into_iter().rev().enumerate() {
        crate::ui::line(frame, Rect { x: inside.x + 1, y: inside.y + n as u16, height: 1, width: width as u16 }, line);
    }
}

fn wrapped(message: &Message, width: usize, state: &State, theme: &Theme) -> Vec<Line<'static>> {
    let style = match message.tone {
        Tone::Info => theme.text,
        Tone::Good => theme.good,
        Tone::Bad => theme.bad,
    };
    let name = message.registry.map(|id| format!("{}: ", clean::identifier(&state.registry(id).profile.name)));
    let text = format!("{}  {}{}", widget::clock(message.at, state.looks.utc), name.unwrap_or_default(), message.text);
    widget::wrap(&text, width).into_iter().map(|text| styled(text, style)).collect()
}
