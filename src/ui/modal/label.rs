//! Labels and a note: the list, the label under the cursor, the note.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::form::{Sheet, swatch, text_field};
use super::place;
use crate::app::labels::{merged, words};
use crate::app::list::Field;
use crate::app::modal::label::{Focus, LabelDialog, Row, Spot};
use crate::app::modal::label_file::{LabelFile, Way};
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::text::{self, Align, fit};
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

pub(super) const HINTS: &[(&str, &str)] = &[
    ("Up Down", "choose"),
    ("letter", "picks"),
    ("Tab", "field"),
    ("Del", "remove label"),
    ("Enter", "apply"),
    ("Esc", "cancel"),
];

const WIDTH: u16 = 64;
const LABEL: usize = 7;

enum Part<'a> {
    Line(Line<'static>),
    Field(&'static str, &'a Field),
}

struct Drawn<'a> {
    part: Part<'a>,
    focus: bool,
    /// Left out first where there is no room.
    spare: bool,
}

pub(super) fn draw(frame: &mut Frame, body: Rect, dialog: &LabelDialog, state: &State, theme: &Theme) {
    let inner = usize::from(WIDTH.min(body.width).saturating_sub(2));
    let mut parts = parts(dialog, inner, theme);
    let most = usize::from(body.height.saturating_sub(2));
    if parts.len() > most {
        parts.retain(|part| !part.spare);
    }
    let area = place(body, WIDTH, (parts.len() + 2).min(usize::from(body.height)) as u16, state);
    frame.render_widget(Clear, area);
    let title = match &dialog.tags[..] {
        [tag] => format!("Label {tag}"),
        tags => format!("Label {} marked tags", text::count(tags.len())),
    };
    let inside = widget::panel(frame, area, &title, "", theme);
    let room = usize::from(inside.height);
    let focus = parts.iter().position(|part| part.focus).unwrap_or(0);
    let first = (focus + 2).saturating_sub(room).min(parts.len().saturating_sub(room));
    let total = parts.len();
    for (n, drawn) in parts.into_iter().skip(first).take(room).enumerate() {
        let here = Rect { y: inside.y + n as u16, height: 1, ..inside };
        match drawn.part {
            Part::Line(line) => {
                crate::ui::line(frame, here, line);
                if drawn.focus && state.looks.accessible {
                    // Screen readers read the line the terminal's cursor is on.
                    frame.set_cursor_position((here.x, here.y));
                }
            }
            Part::Field(label, field) => {
                text_field(frame, here, &fit(label, LABEL, Align::Left), field, false, drawn.focus, theme);
            }
        }
    }
    widget::scroll_thumb(frame, inside, first, room, total, theme);
}

fn parts<'a>(dialog: &'a LabelDialog, width: usize, theme: &Theme) -> Vec<Drawn<'a>> {
    let part = |part, focus| Drawn { part, focus, spare: false };
    let spare = |text: &str, style| Drawn { part: Part::Line(styled(text, style)), focus: false, spare: true };
    let mut all: Vec<Drawn<'a>> = Vec::new();
    for (n, spot) in dialog.spots().into_iter().enumerate() {
        let here = n == dialog.cursor;
        let focus = here && dialog.focus == Focus::List;
        all.push(part(Part::Line(entry(dialog, spot, here, focus, theme)), focus));
    }
    all.push(spare("", theme.text));
    if let Some(row) = dialog.row().filter(|row| !row.removed) {
        all.extend(edited(dialog, row, theme).into_iter().map(|(it, focus)| part(it, focus)));
    }
    all.push(part(Part::Field("Note", &dialog.note), dialog.focus == Focus::Note));
    if dialog.note_was.is_none() {
        all.push(spare("         The tags have different notes; what is typed replaces them.", theme.dim));
    }
    if let Some(error) = &dialog.error {
        all.extend(widget::wrap(error.as_str(), width.saturating_sub(2)).into_iter().map(|line| {
            let line = styled(format!(" {line}"), theme.bad);
            part(Part::Line(line), false)
        }));
    }
    all.push(spare("", theme.text));
    let known = "Labels and notes live on this machine only. They are never sent to the registry. They follow the tag's \
                 name; u undoes.";
    for line in widget::wrap(known, width.saturating_sub(2)) {
        all.push(spare(&format!(" {line}"), theme.dim));
    }
    all.push(buttons(dialog, theme));
    all
}

fn entry(dialog: &LabelDialog, spot: Spot, here: bool, focus: bool, theme: &Theme) -> Line<'static> {
    let base = if focus { theme.cursor } else { theme.text };
    let bar = if here { theme.signs.cursor } else { " " };
    let radio = if here { "(o)" } else { "( )" };
    let plain = |letter: &str, words: &str| {
        let words = if spot == Spot::New {
            fit(words, 30, Align::Left)
        } else {
            format!("{} {radio}", fit(words, 30, Align::Left))
        };
        Line::from(Span::styled(format!("{bar} {letter}  {words}"), base))
    };
    let row = match spot {
        Spot::Label(at) => &dialog.rows[at],
        Spot::None => return plain("-", "no label"),
        Spot::AsIs if dialog.mixed => return plain("=", "each as it is"),
        Spot::AsIs => return plain("=", "as the rules say"),
        Spot::New => return plain("n", "new label..."),
    };
    let chosen = row.colour.colour().map_or(theme.text, |colour| theme.coloured(colour));
    let name = clean::line(row.name.value().trim()).to_string();
    let letter = if row.letter.is_empty() { "?" } else { &row.letter };
    let style = if row.removed { base.add_modifier(Modifier::CROSSED_OUT) } else { base };
    let tail = match (row.removed, row.configured, row.was.is_none()) {
        (true, ..) => "removed with Enter",
        (_, true, _) => "config file",
        (.., true) => "new",
        _ => "",
    };
    Line::from(vec![
        Span::styled(format!("{bar} "), base),
        Span::styled(letter.to_owned(), base.patch(chosen).add_modifier(Modifier::BOLD)),
        Span::styled(format!("  {} ", fit(&name, 15, Align::Left)), style),
        Span::styled(fit(row.colour.text(), 14, Align::Left), base.patch(chosen)),
        Span::styled(format!(" {radio} {tail}"), base),
    ])
}

/// The label under the cursor.
fn edited<'a>(dialog: &'a LabelDialog, row: &'a Row, theme: &Theme) -> Vec<(Part<'a>, bool)> {
    let focus = |focus| dialog.focus == focus;
    let style = |focus: bool| if focus { theme.text.add_modifier(Modifier::UNDERLINED) } else { theme.text };
    let labelled = |label: &str, spans: Vec<Span<'static>>| {
        let mut line = Line::from(Span::styled(format!(" {} ", fit(label, LABEL, Align::Left)), theme.key));
        line.extend(spans);
        Part::Line(line)
    };
    let mut parts = Vec::new();
    if !row.configured {
        let letter = Span::styled(fit(&row.letter, 1, Align::Left), style(focus(Focus::Letter)));
        parts.push((labelled("Letter", vec![letter]), focus(Focus::Letter)));
        let mut spans = swatch(row.colour.colour(), theme);
        spans.push(Span::styled(fit(row.colour.text(), 14, Align::Left), style(focus(Focus::Colour))));
        spans.push(Span::styled("  left/right, or type #RRGGBB", theme.dim));
        parts.push((labelled("Colour", spans), focus(Focus::Colour)));
        parts.push((Part::Field("Name", &row.name), focus(Focus::Name)));
    }
    let tick = if dialog.rule { "[x]" } else { "[ ]" };
    let tick = Span::styled(tick, if focus(Focus::Rule) { theme.cursor } else { theme.text });
    let words = Span::styled(" also new tags of this registry that match", theme.text);
    parts.push((labelled("Rule", vec![tick, words]), focus(Focus::Rule)));
    if dialog.rule {
        parts.push((Part::Field("Match", &dialog.pattern), focus(Focus::Pattern)));
    }
    parts
}

fn buttons(dialog: &LabelDialog, theme: &Theme) -> Drawn<'static> {
    let style = |focus| if dialog.focus == focus { theme.cursor } else { theme.text };
    let apply = match dialog.tags.len() {
        1 => "[ Apply ]".to_owned(),
        n => format!("[ Apply to {} ]", text::count(n)),
    };
    let line = Line::from(vec![
        Span::raw(" "),
        Span::styled("[ Cancel ]", style(Focus::Cancel)),
        Span::raw("  "),
        Span::styled(apply, style(Focus::Apply)),
    ]);
    Drawn { part: Part::Line(line), focus: matches!(dialog.focus, Focus::Cancel | Focus::Apply), spare: false }
}

/// To a file, or from one.
pub(super) fn file(frame: &mut Frame, body: Rect, dialog: &LabelFile, state: &State, theme: &Theme) {
    let (title, about, busy) = match dialog.way {
        Way::Export => {
            ("Save labels as a file", "Labels, rules and notes of all registries, and favourites.", "Writing...")
        }
        Way::Import => (
            "Labels from a file",
            "They are added to those here; where both say something, the file wins.",
            "Reading...",
        ),
    };
    let above = vec![styled(format!(" {about}"), theme.text), Line::default()];
    let mut said: Vec<_> = dialog.to.error().into_iter().map(|error| styled(format!(" {error}"), theme.bad)).collect();
    if dialog.to.is_busy() {
        said.push(styled(format!(" {busy}"), theme.dim));
    }
    if let Some(held) = dialog.found() {
        let (changes, favourites) = merged(state, held);
        let words = words(&changes, favourites.len());
        let words = if words.is_empty() { "nothing: all of it is so already".to_owned() } else { words };
        said.push(styled(format!(" Changes {words}."), theme.title));
    }
    Sheet { title: title.to_owned(), above, form: &dialog.to.form, said }.draw(frame, body, state, theme);
}
