//! `&State` → cells. Draws what is visible and nothing else; keeps nothing.

pub mod chrome;
#[cfg(test)]
mod copy_tests;
#[cfg(test)]
mod dialog_tests;
#[cfg(test)]
mod every_dialog_tests;
#[cfg(test)]
pub mod fixture;
#[cfg(test)]
mod form_tests;
mod header;
#[cfg(test)]
mod hint_tests;
#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod history_words_tests;
#[cfg(test)]
mod job_tests;
#[cfg(test)]
mod label_tests;
#[cfg(test)]
mod large_tests;
#[cfg(test)]
mod list_tests;
pub mod modal;
pub mod pane;
#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod registry_tests;
#[cfg(test)]
mod sweep_tests;
#[cfg(test)]
mod tests;
pub mod theme;
#[cfg(test)]
mod told_tests;
pub mod widget;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::app::layout::{Class, MIN_HEIGHT, MIN_WIDTH};
use crate::app::state::State;
use theme::Theme;

/// Draws the whole screen.
pub fn draw(frame: &mut Frame, state: &State, theme: &Theme) {
    let area = frame.area();
    if state.layout.class == Class::TooSmall {
        let (w, h) = (area.width, area.height);
        let text = format!("terminal too small ({w}x{h}), need {MIN_WIDTH}x{MIN_HEIGHT}");
        frame.render_widget(Paragraph::new(text).wrap(ratatui::widgets::Wrap { trim: false }), area);
        return;
    }
    let header = Rect { height: 1, ..area };
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(3), ..area };
    let status = Rect { y: body.bottom(), height: 1, ..area };
    let keys = Rect { y: body.bottom() + 1, height: 1, ..area };
    header::draw(frame, header, state, theme);
    pane::draw(frame, body, state, theme);
    chrome::status(frame, status, state, theme);
    chrome::keys(frame, keys, state, theme);
    chrome::second_keys(frame, body, state, theme);
    if let Some(top) = state.modals.last() {
        modal::draw(frame, body, top, state, theme);
    }
}

/// One line of text at a place, cut to its width.
fn line(frame: &mut Frame, area: Rect, line: Line<'_>) {
    frame.render_widget(line, area);
}
