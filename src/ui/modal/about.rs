//! What the registry says of one repository.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Clear;

use super::place;
use crate::app::modal::about::About;
use crate::app::state::State;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

pub(super) fn draw(frame: &mut Frame, body: Rect, dialog: &About, state: &State, theme: &Theme) {
    let area = place(body, About::width(state), body.height, state);
    frame.render_widget(Clear, area);
    let lines = dialog.lines(state);
    let title = format!("What the registry says of {}", dialog.repo);
    let inside = widget::panel(frame, area, &title, "", theme);
    let room = usize::from(inside.height);
    let top = dialog.top.min(lines.len().saturating_sub(room));
    let total = lines.len();
    for (n, line) in lines.into_iter().skip(top).take(room).enumerate() {
        let row = Rect { x: inside.x + 1, y: inside.y + n as u16, height: 1, width: inside.width.saturating_sub(2) };
        crate::ui::line(frame, row, styled(line, theme.text));
    }
    widget::scroll_thumb(frame, inside, top, room, total, theme);
}
