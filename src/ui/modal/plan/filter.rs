//! The filter of a plan's rows; and that it changes nothing of what goes.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::modal::plan::Ready;
use crate::domain::clean;
use crate::domain::text::{self, count};
use crate::ui::modal::form;
use crate::ui::theme::Theme;
use crate::ui::widget::styled;

/// Columns the filter itself has at least.
const FIELD: usize = 12;

pub(super) fn is_on(ready: &Ready) -> bool {
    ready.filter.input.is_some() || ready.filter.filter.is_some()
}

/// `/ pr-1      3 of 40,000 shown; the whole plan goes, shown or not`
pub(super) fn draw(frame: &mut Frame, area: Rect, ready: &Ready, theme: &Theme) {
    let width = usize::from(area.width);
    let (some, all) = (count(ready.shown.len()), count(ready.rows.len()));
    let said = match &ready.filter.error {
        Some(error) => vec![clean::line(error).to_string()],
        None => vec![
            format!("{some} of {all} shown; the whole plan goes, shown or not"),
            format!("{some} of {all} shown; all of it goes"),
            format!("{some} of {all} shown"),
        ],
    };
    let fits = |words: &&String| text::width(words) + FIELD + 2 <= width;
    let words = said.iter().find(fits).or(said.last()).map_or("", String::as_str);
    let words = text::cut_end(words, width.saturating_sub(FIELD + 2));
    let right = text::width(&words) as u16 + 1;
    let field = Rect { width: area.width.saturating_sub(right), ..area };
    match &ready.filter.input {
        Some(input) => form::text_field(frame, field, "/", input, false, true, theme),
        None => crate::ui::line(frame, field, styled(format!(" / {}", clean::line(&ready.filter.text)), theme.text)),
    }
    let style = if ready.filter.error.is_some() { theme.bad } else { theme.warn };
    let tail = Rect { x: field.right(), width: area.width - field.width, ..area };
    crate::ui::line(frame, tail, styled(words, style));
}
