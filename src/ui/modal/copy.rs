//! Copying a row, and saving a list.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::boxed;
use super::form::Sheet;
use crate::app::modal::copy::CopyMenu;
use crate::app::modal::save::Save;
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::text::{self, Align, fit};
use crate::ui::theme::Theme;
use crate::ui::widget::styled;

/// Lines of what is copied that are shown.
const SHOWN: usize = 6;

/// What can be copied, and, for the hand and the mouse, what the entry under the cursor would send.
pub(super) fn menu(frame: &mut Frame, body: Rect, menu: &CopyMenu, state: &State, theme: &Theme) {
    let title = if menu.rows > 1 { format!("Copy of {} marked tags", menu.rows) } else { "Copy".to_owned() };
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (n, entry) in menu.entries.iter().enumerate() {
        let text = match entry.lines {
            1 => clean::line(&entry.text).to_string(),
            lines => format!("{} lines, {} bytes", text::count(lines), text::count(entry.text.len())),
        };
        let line = text::cut_end(&format!(" {}  {} {text}", entry.key, fit(entry.word, 13, Align::Left)), 86);
        lines.push(styled(line, if n == menu.cursor { theme.cursor } else { theme.text }));
    }
    lines.push(styled("", theme.text));
    if let Some(entry) = menu.entries.get(menu.cursor) {
        lines.extend(entry.text.lines().take(SHOWN).map(|line| styled(clean::line(line).to_string(), theme.dim)));
        let more = entry.lines.saturating_sub(SHOWN);
        if more > 0 {
            lines.push(styled(format!("and {} more lines", text::count(more)), theme.dim));
        }
        if entry.missing > 0 {
            lines.push(styled(format!("{} left out: not read yet", text::count(entry.missing)), theme.warn));
        }
    }
    boxed(frame, body, &title, lines, 90, state, theme);
}

pub(super) fn save(frame: &mut Frame, body: Rect, dialog: &Save, state: &State, theme: &Theme) {
    let above = vec![styled(format!(" {}", dialog.about), theme.text), Line::default()];
    let mut said: Vec<_> = dialog.to.error().into_iter().map(|error| styled(format!(" {error}"), theme.bad)).collect();
    if dialog.to.is_busy() {
        said.push(styled(" Writing...", theme.dim));
    }
    Sheet { title: dialog.title().to_owned(), above, form: &dialog.to.form, said }.draw(frame, body, state, theme);
}
