//! The `:` palette.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Picked, pick};
use crate::app::action::Action;
use crate::app::modal::palette::{Palette, typed};
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::text::{Align, fit, width};
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

/// Cells for the keys of an action.
const KEYS: usize = 9;

/// Typed commands, then every action with its key, or with why it does nothing here.
pub(super) fn draw(frame: &mut Frame, body: Rect, dialog: &Palette, state: &State, theme: &Theme) {
    let room = usize::from(super::place(body, super::PICK, body.height, state).width.saturating_sub(2));
    let typed = dialog.typed(state).into_iter().map(|typed| (format!(" {}", clean::line(&typed.words)), theme.text));
    let view = state.pane().place.view();
    let actions = dialog.matches(state).into_iter().map(|(action, why)| {
        let keys = state.keymap.keys(view, action);
        let keys = keys.iter().map(|key| widget::key_label(key)).collect::<Vec<_>>().join(" ");
        let style = if why.is_some() { theme.dim } else { theme.text };
        (words(action, &keys, why, room), style)
    });
    let lines: Vec<Line<'_>> = typed
        .chain(actions)
        .enumerate()
        .map(|(n, (text, style))| styled(text, if n == dialog.cursor { theme.cursor } else { style }))
        .collect();
    let also = format!(" Also, typed: {}", typed::examples(state).join("   "));
    let picked = Picked {
        title: "Command",
        sign: ":",
        query: &dialog.query,
        cursor: dialog.cursor,
        above: Vec::new(),
        lines,
        foot: None,
    };
    pick(frame, body, picked, Some(styled(also, theme.dim)), state, theme);
}

/// Where the reason does not fit beside the key it stands in the key's place: nobody can press that now. Where there is
/// no room for all of it there either, the reason is worth more than the whole title.
fn words(action: Action, keys: &str, why: Option<&str>, room: usize) -> String {
    let title = action.title();
    let beside = room.saturating_sub(KEYS + 3);
    match why {
        None if beside < 46 => format!(" {} {keys}", fit(title, beside, Align::Left)),
        Some(why) if room < 46 + KEYS + 3 + width(why) => {
            let fits = width(title) + width(why) + 5 <= room;
            let title = if fits { title } else { action.short() };
            let left = room.saturating_sub(width(title) + 3);
            format!(" {title}  {}", fit(&format!("({why})"), left, Align::Left))
        }
        why => format!(" {} {} {}", fit(title, 46, Align::Left), fit(keys, KEYS, Align::Left), why.unwrap_or("")),
    }
}
