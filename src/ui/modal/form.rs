//! Fields, choices and buttons. What does not fit is shortened, then scrolled; the focus is always on screen.

mod lines;

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::place;
use crate::app::list::Field;
use crate::app::modal::colour::ColourPicker;
use crate::app::modal::form::{Control, Form};
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::colour::Colour;
use crate::domain::text::{self, Align, fit};
use crate::ui::theme::Theme;
use crate::ui::widget;

const LABEL: usize = 13;
/// Characters of the longest name of a colour.
const COLOUR: usize = 14;
const WIDTH: u16 = 84;

pub(super) struct Sheet<'a> {
    pub title: String,
    /// To know before; left out first where there is little room.
    pub above: Vec<Line<'static>>,
    pub form: &'a Form,
    /// What became of it; stays on screen.
    pub said: Vec<Line<'static>>,
}

struct Row<'a> {
    line: Line<'static>,
    /// The control with the focus is in this row.
    focus: bool,
    /// The field to draw instead of the line.
    field: Option<Typed<'a>>,
    /// The column of the cursor, where it is in the line itself.
    cursor: Option<usize>,
    buttons: bool,
}

struct Typed<'a> {
    label: String,
    field: &'a Field,
    secret: bool,
}

impl Row<'_> {
    fn text(line: Line<'static>) -> Self {
        Self { line, focus: false, field: None, cursor: None, buttons: false }
    }
}

impl Sheet<'_> {
    pub fn draw(self, frame: &mut Frame, body: Rect, state: &State, theme: &Theme) {
        let width = WIDTH.min(body.width);
        let inner = usize::from(width.saturating_sub(2));
        let wrap = |lines: Vec<Line<'static>>| -> Vec<Line<'static>> {
            lines.into_iter().flat_map(|line| widget::wrapped(&line, inner)).collect()
        };
        let (above, said) = (wrap(self.above), wrap(self.said));
        let most = usize::from(body.height.saturating_sub(2));
        let mut controls = rows(self.form, inner, false, theme);
        if controls.len() + said.len() > most {
            controls = rows(self.form, inner, true, theme);
        }
        let room = most.saturating_sub(controls.len() + said.len());
        let keep = above.len().min(room);
        // The first lines are the ones to know.
        let mut all: Vec<Row<'_>> = above.into_iter().take(keep).map(Row::text).collect();
        let pinned = if controls.len() + said.len() > most { said.first().cloned() } else { None };
        let buttons = controls.iter().position(|row| row.buttons);
        let tail = controls.split_off(buttons.unwrap_or(controls.len()));
        all.extend(controls);
        all.extend(said.into_iter().map(Row::text));
        all.extend(tail);

        let height = (all.len() + 2).min(usize::from(body.height)) as u16;
        let area = place(body, width, height, state);
        frame.render_widget(Clear, area);
        let mut inside = widget::panel(frame, area, &self.title, "", theme);
        if let Some(line) = pinned.filter(|_| inside.height > 2) {
            crate::ui::line(frame, Rect { height: 1, ..inside }, line);
            inside = Rect { y: inside.y + 1, height: inside.height - 1, ..inside };
        }
        let room = usize::from(inside.height);
        let focus = all.iter().position(|row| row.focus).unwrap_or(0);
        let first = (focus + 2).saturating_sub(room).min(all.len().saturating_sub(room));
        let total = all.len();
        for (n, row) in all.into_iter().skip(first).take(room).enumerate() {
            let here = Rect { y: inside.y + n as u16, height: 1, ..inside };
            match row.field {
                Some(Typed { label, field, secret }) => {
                    text_field(frame, here, &label, field, secret, row.focus, theme);
                }
                None => crate::ui::line(frame, here, row.line),
            }
            if let Some(column) = row.cursor {
                let x = here.x.saturating_add(column as u16).min(here.right().saturating_sub(1));
                frame.set_cursor_position((x, here.y));
            }
        }
        widget::scroll_thumb(frame, inside, first, room, total, theme);
    }
}

/// One row a field; one row an option, or one for the whole choice where it is `short`; one row for all buttons.
fn rows<'a>(form: &'a Form, width: usize, short: bool, theme: &Theme) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    let mut buttons = Vec::new();
    for (n, control) in form.controls.iter().enumerate() {
        let focus = n == form.focus;
        match control {
            Control::Text { label, field, secret } => {
                let field = Typed { label: fit(label, LABEL, Align::Left), field, secret: *secret };
                rows.push(Row { focus, field: Some(field), ..Row::text(Line::default()) });
            }
            Control::Area { label, area } => rows.extend(lines::area(label, area, width, focus, short, theme)),
            Control::Colour { label, picker } => {
                rows.push(Row { focus, ..Row::text(colour(label, picker, focus, theme)) });
            }
            Control::Labels { label, labels } => rows.extend(lines::labels(label, labels, focus, short, theme)),
            Control::Choice { label, options, picked } if short => {
                let style = if focus { theme.cursor } else { theme.text };
                let option = options.get(*picked).map_or("", Cow::as_ref);
                let text = format!("{option}  ({} of {})", picked + 1, options.len());
                rows.push(Row { focus, ..Row::text(labelled(label, text, style, theme)) });
            }
            Control::Choice { label, options, picked } => {
                for (k, option) in options.iter().enumerate() {
                    let here = focus && k == *picked;
                    let sign = if k == *picked { "(o)" } else { "( )" };
                    let style = if here { theme.cursor } else { theme.text };
                    let label = if k == 0 { label } else { "" };
                    let line = labelled(label, format!("{sign} {option}"), style, theme);
                    rows.push(Row { focus: here, ..Row::text(line) });
                }
            }
            Control::Button { label } => {
                buttons.push(Span::raw("  "));
                buttons.push(Span::styled(format!("[ {label} ]"), if focus { theme.cursor } else { theme.text }));
            }
        }
        for (_, why) in form.wrong.iter().filter(|(at, _)| *at == n) {
            let line = labelled("", why.to_string(), theme.bad, theme);
            rows.extend(widget::wrapped(&line, width).into_iter().map(|line| Row::text(line.style(theme.bad))));
        }
    }
    if !buttons.is_empty() {
        let focus = matches!(form.controls.get(form.focus), Some(Control::Button { .. }));
        rows.push(Row { focus, buttons: true, ..Row::text(Line::from(buttons)) });
    }
    rows
}

/// The colour, and what is typed for it.
fn colour(label: &str, picker: &ColourPicker, focus: bool, theme: &Theme) -> Line<'static> {
    let mut line = labelled(label, String::new(), theme.text, theme);
    line.spans.extend(swatch(picker.colour(), theme));
    let style = if focus { theme.cursor } else { theme.text };
    line.spans.push(Span::styled(fit(picker.text(), COLOUR, Align::Left), style));
    let hint = match (focus, picker.colour().is_some() || picker.text().is_empty()) {
        (_, false) => "is no colour yet",
        (true, true) => "left/right, or type #RRGGBB",
        (false, true) if picker.text().is_empty() => "none",
        (false, true) => "",
    };
    line.spans.push(Span::styled(format!("  {hint}"), theme.dim));
    line
}

/// Two cells of the colour, where there are colours; its name or number stands beside it.
pub(super) fn swatch(colour: Option<Colour>, theme: &Theme) -> Vec<Span<'static>> {
    let Some(colour) = colour.filter(|_| theme.colours) else { return Vec::new() };
    let block = if theme.signs.ascii { "##" } else { "██" };
    vec![Span::styled(block, theme.coloured(colour)), Span::raw(" ")]
}

fn labelled(label: &str, text: String, style: ratatui::style::Style, theme: &Theme) -> Line<'static> {
    Line::from(vec![
        Span::styled(format!(" {} ", fit(label, LABEL, Align::Left)), theme.key),
        Span::styled(text, style),
    ])
}

pub(super) fn text_field(
    frame: &mut Frame,
    area: Rect,
    label: &str,
    field: &Field,
    secret: bool,
    focus: bool,
    theme: &Theme,
) {
    let label = format!(" {label} ");
    let indent = text::width(&label) as u16;
    let room = usize::from(area.width.saturating_sub(indent + 2)).max(1);
    let value = if secret { "*".repeat(text::width(field.value())) } else { clean::line(field.value()).to_string() };
    let skip = field.visual_scroll(room);
    let shown = lines::window(&value, skip, room);
    let style = if focus { theme.text.add_modifier(Modifier::UNDERLINED) } else { theme.text };
    let line = Line::from(vec![Span::styled(label, theme.key), Span::styled(fit(&shown, room, Align::Left), style)]);
    crate::ui::line(frame, area, line);
    if focus {
        let x = area.x + indent + (field.visual_cursor().saturating_sub(skip)).min(room) as u16;
        frame.set_cursor_position((x, area.y));
    }
}
