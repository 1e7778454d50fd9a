//! Another colour for tags.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::form::{Sheet, swatch};
use crate::app::modal::recolour::Recolour;
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::colour::Colour;
use crate::domain::text::count;
use crate::ui::theme::Theme;
use crate::ui::widget::styled;

/// Colours that are named; of the others it is said how many there are.
const NAMED: usize = 4;

pub(super) fn draw(frame: &mut Frame, body: Rect, dialog: &Recolour, state: &State, theme: &Theme) {
    let registry = clean::line(&state.registry(dialog.registry).profile.name);
    let what = match dialog.tags.as_slice() {
        [(tag, _)] => format!(" {registry}/{}:{tag}", dialog.repo),
        all => format!(" {} tags of {registry}/{}", count(all.len()), dialog.repo),
    };
    let mut above = vec![styled(what, theme.title)];
    let now = dialog.now();
    for (text, tags) in now.iter().take(NAMED) {
        let mut line = Line::from(Span::styled(" Now           ".to_owned(), theme.key));
        line.spans.extend(swatch(text.and_then(|text| Colour::parse(text.as_str())), theme));
        let words = text.map_or_else(|| "no colour".to_owned(), ToString::to_string);
        let of = if dialog.tags.len() > 1 { format!("  {}", count(*tags)) } else { String::new() };
        line.spans.push(Span::styled(format!("{words}{of}"), theme.text));
        above.push(line);
    }
    if now.len() > NAMED {
        above.push(styled(format!("               {} more", count(now.len() - NAMED)), theme.dim));
    }
    let said = match &dialog.error {
        Some(error) => styled(format!(" {error}"), theme.bad),
        None => styled(" The registry keeps it: everybody who uses it sees the colour. u undoes.", theme.dim),
    };
    let title = "Colour".to_owned();
    Sheet { title, above, form: &dialog.form, said: vec![said] }.draw(frame, body, state, theme);
}
