//! What is asked, and the buttons.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::form;
use crate::app::modal::confirm::{Confirm, Focus};
use crate::domain::cleanup::Tier;
use crate::domain::{clean, text};
use crate::ui::theme::Theme;
use crate::ui::widget::styled;

/// Lines it takes where there is room.
pub(super) fn lines(confirm: &Confirm, tall: bool) -> u16 {
    if confirm.types() && tall { 3 } else { 2 }
}

pub(super) const NAME: &str = "Type the repository's name";

/// What it is called here.
pub(super) struct Words<'a> {
    /// Why there is nothing to start.
    pub nothing: &'a str,
    /// Where a key is enough.
    pub yes: &'a str,
    /// Before the number that is to be typed.
    pub count: &'a str,
    /// Before the name.
    pub name: &'a str,
    pub button: &'a str,
}

/// The first that fits: what has to be typed must be there to be read, and everything else gives way.
fn shortened<const N: usize>(words: [String; N], width: u16) -> String {
    let fits = |words: &String| text::width(words) < usize::from(width);
    words.iter().find(|words| fits(words)).or(words.last()).cloned().unwrap_or_default()
}

pub(super) fn draw(frame: &mut Frame, area: Rect, confirm: &Confirm, said: &Words<'_>, theme: &Theme) {
    let at = |row: u16| Rect { y: area.y + row, height: 1, ..area };
    let typed = clean::line(&confirm.ask.typed);
    let words = match confirm.ask.tier {
        Tier::Nothing => said.nothing.to_owned(),
        Tier::Yes => said.yes.to_owned(),
        Tier::Count => format!("{}: {typed}", said.count),
        Tier::Name => {
            let why = confirm.ask.why.map(|why| format!("This is about {why}. ")).unwrap_or_default();
            let ask = format!("{}: {typed}", said.name);
            shortened([why + &ask, ask, format!("Type {typed}"), typed.to_string()], area.width)
        }
    };
    let focus = confirm.focus == Focus::Typed;
    if confirm.types() && area.height >= 3 {
        crate::ui::line(frame, at(0), styled(format!(" {words}"), theme.text));
        let room = Rect { width: area.width.saturating_sub(12), ..at(1) };
        form::text_field(frame, room, "  >", &confirm.typed, false, focus, theme);
        let tail = Rect { x: area.right().saturating_sub(11), width: 10.min(area.width), ..at(1) };
        crate::ui::line(frame, tail, styled(if confirm.matches() { "matches" } else { "" }, theme.good));
    } else if confirm.types() {
        // The shortest words that still say what to type.
        let label = match confirm.ask.tier {
            Tier::Count => format!("type {typed} >"),
            _ if said.name != NAME => format!("type {typed} >"),
            _ => "type the repository's name >".to_owned(),
        };
        form::text_field(frame, at(0), &label, &confirm.typed, false, focus, theme);
    } else {
        crate::ui::line(frame, at(0), styled(format!(" {words}"), theme.text));
    }
    let style = |here: bool, can: bool| match (here, can) {
        (true, _) => theme.cursor,
        (false, true) => theme.text,
        (false, false) => theme.dim,
    };
    let mut spans =
        vec![Span::raw(" "), Span::styled("[ Cancel ]", style(confirm.focus == Focus::Cancel, true)), Span::raw("   ")];
    if confirm.ask.tier != Tier::Nothing {
        spans.push(Span::styled(
            format!("[ {} ]", said.button),
            style(confirm.focus == Focus::Start, confirm.matches()),
        ));
        if !confirm.matches() {
            spans.push(Span::styled("  once it is typed", theme.dim));
        }
    }
    crate::ui::line(frame, at(area.height.saturating_sub(1)), Line::from(spans));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_to_be_typed_is_the_last_to_give_way() {
        let asked = |width| shortened(["It is PROD. Type: abc", "Type: abc", "abc"].map(str::to_owned), width);
        let all: Vec<String> = [22, 21, 10, 9, 4, 2].map(asked).to_vec();
        assert_eq!(all, ["It is PROD. Type: abc", "Type: abc", "Type: abc", "abc", "abc", "abc"]);
    }
}
