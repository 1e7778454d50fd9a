//! Dialogs: drawn over the pane, full size where the screen is small.

mod about;
mod confirm;
mod copy;
mod form;
mod groups;
mod help;
mod import;
mod job;
mod label;
mod layer;
mod messages;
mod new_tag;
mod operation;
mod palette;
mod password;
mod places;
mod plan;
mod recolour;
mod repository;
mod rule;
mod sign_in;
mod sweep;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Clear;

pub(super) use operation::hint as operation_hint;

use super::theme::Theme;
use super::widget::{self, styled};
use crate::app::layout::Class;
use crate::app::list::Field;
use crate::app::modal::{Ask, Modal};
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::error::ErrorReport;

const TRY_AGAIN: &str = " r  try again        Esc  close";

/// The footer of a dialog.
pub fn hints(modal: &Modal, state: &State) -> &'static [(&'static str, &'static str)] {
    match modal {
        Modal::Help(_) => &[("type", "to search"), ("Up Down", "scroll"), ("Esc", "close"), ("Tab", "next section")],
        Modal::Palette(_) => &[("Enter", "run"), ("Up Down", "choose"), ("Tab", "complete"), ("Esc", "close")],
        Modal::Prompt(_) => &[("Enter", "open"), ("Tab", "complete"), ("Up Down", "choose"), ("Esc", "close")],
        Modal::Search(_) => &[("Enter", "search"), ("Up Down", "earlier terms"), ("Esc", "close")],
        Modal::Groups(dialog) if dialog.form.is_none() => groups::HINTS,
        Modal::Scopes(_) => &[("Enter", "look at it"), ("Up Down", "choose"), ("Tab", "keep it"), ("Esc", "close")],
        Modal::Sort(_) | Modal::Copy(_) => &[("Enter", "choose"), ("j k", "move"), ("Esc", "close")],
        Modal::SignIn(_)
        | Modal::AddRegistry(_)
        | Modal::CaFile(_)
        | Modal::Save(_)
        | Modal::LabelFile(_)
        | Modal::Layer(_)
        | Modal::Rule(_)
        | Modal::Groups(_)
        | Modal::NewTag(_)
        | Modal::Recolour(_) => {
            &[("Tab", "next field"), ("Space", "choose"), ("Enter", "press the button"), ("Esc", "cancel")]
        }
        Modal::Label(_) => label::HINTS,
        Modal::Import(dialog) => import::hints(dialog),
        Modal::About(_) => &[("j k", "scroll"), ("g G", "top, end"), ("Esc", "close")],
        Modal::Messages(_) => &[("j k", "scroll"), ("g G", "oldest, newest"), ("y", "copy all"), ("Esc", "close")],
        Modal::Plan(dialog) => plan::hints(dialog),
        Modal::Sweep(dialog) => sweep::hints(dialog),
        Modal::Progress(dialog) => job::hints(dialog, state),
        Modal::Overwrite(dialog) if dialog.asked.is_some() => &[("Enter", "move it"), ("Esc", "no")],
        Modal::Operation(dialog) => operation::hints(dialog),
        Modal::Repository(dialog) => repository::hints(dialog),
        Modal::Password(dialog) => password::hints(dialog),
        Modal::Ask(_) | Modal::Overwrite(_) => &[("y", "yes"), ("Esc", "no")],
    }
}

pub fn draw(frame: &mut Frame, body: Rect, modal: &Modal, state: &State, theme: &Theme) {
    match modal {
        Modal::Help(dialog) => help::draw(frame, body, dialog, state, theme),
        Modal::Palette(dialog) => palette::draw(frame, body, dialog, state, theme),
        Modal::Prompt(dialog) => {
            let lines = dialog.matches(state).into_iter().enumerate().map(|(n, (text, _))| {
                styled(format!(" {}", clean::line(&text)), if n == dialog.cursor { theme.cursor } else { theme.text })
            });
            let picked = Picked {
                title: "Go to: a name, repo:tag, or registry/repo:tag",
                sign: "'",
                query: &dialog.text,
                cursor: dialog.cursor,
                above: Vec::new(),
                lines: lines.collect(),
                foot: None,
            };
            pick(frame, body, picked, None, state, theme);
        }
        Modal::Search(dialog) => places::search(frame, body, dialog, state, theme),
        Modal::Groups(dialog) => groups::draw(frame, body, dialog, state, theme),
        Modal::Scopes(dialog) => places::scopes(frame, body, dialog, state, theme),
        Modal::Sort(menu) => {
            let lines = menu.columns.iter().enumerate().map(|(n, column)| {
                let now = match (*column == menu.now.column, menu.now.reverse) {
                    (true, false) => "  now; again turns it round",
                    (true, true) => "  now, reversed; again turns it round",
                    _ => "",
                };
                styled(
                    format!(" {}  {}{now}", n + 1, column.title()),
                    if n == menu.cursor { theme.cursor } else { theme.text },
                )
            });
            boxed(frame, body, "Sort by", lines.collect(), 58, state, theme);
        }
        Modal::Copy(menu) => copy::menu(frame, body, menu, state, theme),
        Modal::Recolour(dialog) => recolour::draw(frame, body, dialog, state, theme),
        Modal::NewTag(dialog) => new_tag::draw(frame, body, dialog, state, theme),
        Modal::Overwrite(dialog) => new_tag::overwrite(frame, body, dialog, state, theme),
        Modal::Plan(dialog) => plan::draw(frame, body, dialog, state, theme),
        Modal::Sweep(dialog) => sweep::draw(frame, body, dialog, state, theme),
        Modal::Progress(dialog) => job::progress(frame, body, dialog, state, theme),
        Modal::Operation(dialog) => operation::draw(frame, body, dialog, state, theme),
        Modal::Label(dialog) => label::draw(frame, body, dialog, state, theme),
        Modal::Rule(dialog) => rule::draw(frame, body, dialog, state, theme),
        Modal::Layer(dialog) => layer::draw(frame, body, dialog, state, theme),
        Modal::LabelFile(dialog) => label::file(frame, body, dialog, state, theme),
        Modal::Save(dialog) => copy::save(frame, body, dialog, state, theme),
        Modal::SignIn(dialog) => sign_in::sign_in(frame, body, dialog, state, theme),
        Modal::AddRegistry(dialog) => sign_in::add_registry(frame, body, dialog, state, theme),
        Modal::CaFile(dialog) => sign_in::ca_file(frame, body, dialog, state, theme),
        Modal::Import(dialog) => import::draw(frame, body, dialog, state, theme),
        Modal::Repository(dialog) => repository::draw(frame, body, dialog, state, theme),
        Modal::Password(dialog) => password::draw(frame, body, dialog, state, theme),
        Modal::About(dialog) => about::draw(frame, body, dialog, state, theme),
        Modal::Messages(dialog) => messages::draw(frame, body, dialog, state, theme),
        Modal::Ask(Ask { title, lines, .. }) => {
            let mut text: Vec<_> = lines.iter().map(|l| styled(format!(" {l}"), theme.text)).collect();
            text.push(styled("", theme.text));
            text.push(styled(" y  yes        Esc  no", theme.key));
            boxed(frame, body, title, text, 70, state, theme);
        }
    }
}

/// Writes one line below the other, as far as there is room.
struct Pen {
    area: Rect,
    y: u16,
}

impl Pen {
    fn put(&mut self, frame: &mut Frame, line: Line<'_>) {
        if self.y < self.area.bottom() {
            super::line(frame, Rect { y: self.y, height: 1, ..self.area }, line);
        }
        self.y = self.y.saturating_add(1);
    }
}

/// A centred box; on a small screen all of it.
fn place(body: Rect, width: u16, height: u16, state: &State) -> Rect {
    let full = state.layout.class < Class::List;
    let width = if full { body.width } else { width.min(body.width) };
    let height = height.min(body.height);
    Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 2, width, height }
}

fn boxed(frame: &mut Frame, body: Rect, title: &str, lines: Vec<Line<'_>>, width: u16, state: &State, theme: &Theme) {
    let inner = usize::from(width.min(body.width).saturating_sub(2));
    let rows: Vec<_> = lines.iter().flat_map(|line| widget::wrapped(line, inner)).collect();
    let area = place(body, width, rows.len() as u16 + 2, state);
    frame.render_widget(Clear, area);
    let inside = widget::panel(frame, area, title, "", theme);
    for (n, line) in rows.into_iter().enumerate().take(usize::from(inside.height)) {
        super::line(frame, Rect { y: inside.y + n as u16, height: 1, ..inside }, line);
    }
}

/// What a plan is made of could not be read.
fn unread(frame: &mut Frame, body: Rect, title: &str, report: &ErrorReport, state: &State, theme: &Theme) {
    let lines = vec![
        styled(format!(" {}", report.what), theme.bad),
        styled(format!(" {}", report.hint), theme.text),
        styled(TRY_AGAIN, theme.key),
    ];
    boxed(frame, body, title, lines, 84, state, theme);
}

/// A field, and below it what fits what was typed.
struct Picked<'a> {
    title: &'static str,
    sign: &'static str,
    query: &'a Field,
    cursor: usize,
    /// To know before picking; wrapped, and always on screen.
    above: Vec<Line<'a>>,
    lines: Vec<Line<'a>>,
    /// Where what stands there is nothing that was found.
    foot: Option<String>,
}

/// Cells of a list to pick from.
const PICK: u16 = 96;
/// Lines of it that stay on the smallest screen, whatever there is to say.
const LEAST: usize = 2;

/// `last` is said below the list where there is room for both.
fn pick(frame: &mut Frame, body: Rect, picked: Picked<'_>, last: Option<Line<'_>>, state: &State, theme: &Theme) {
    let Picked { title, sign, query, cursor, above, lines, foot } = picked;
    let area = place(body, PICK, body.height.saturating_sub(2).min(22), state);
    frame.render_widget(Clear, area);
    let foot = foot.unwrap_or_else(|| format!("{} found", lines.len()));
    let inside = widget::panel(frame, area, title, &foot, theme);
    form::text_field(frame, Rect { height: 1, ..inside }, sign, query, false, true, theme);
    let last = last.filter(|_| inside.height > 6);
    let under = inside.height.saturating_sub(1 + u16::from(last.is_some()));
    let above: Vec<_> = above.iter().flat_map(|line| widget::wrapped(line, usize::from(inside.width))).collect();
    let least = lines.len().min(LEAST);
    let said = above.len().min(usize::from(under).saturating_sub(least));
    let room = usize::from(under) - said;
    let first = (cursor + 1).saturating_sub(room);
    let shown = above.into_iter().take(said).chain(lines.into_iter().skip(first).take(room));
    for (n, line) in shown.enumerate() {
        super::line(frame, Rect { y: inside.y + 1 + n as u16, height: 1, ..inside }, line);
    }
    if let Some(last) = last {
        super::line(frame, Rect { y: inside.bottom() - 1, height: 1, ..inside }, last);
    }
}
