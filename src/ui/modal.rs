//! Dialogs: drawn over the pane, full size where the screen is small.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::theme::Theme;
use super::widget::{self, styled};
use crate::app::action::Group;
use crate::app::keymap::spell;
use crate::app::layout::Class;
use crate::app::list::Field;
use crate::app::modal::form::{Control, Form};
use crate::app::modal::{Ask, Modal, copy::What};
use crate::app::state::State;
use crate::app::update::availability;
use crate::domain::clean;
use crate::domain::text::{Align, fit};

/// The footer of a dialog.
pub fn hints(modal: &Modal) -> &'static [(&'static str, &'static str)] {
    match modal {
        Modal::Help(_) => &[("type", "to search"), ("Up Down", "scroll"), ("Esc", "close")],
        Modal::Palette(_) => &[("Enter", "run"), ("Up Down", "choose"), ("Esc", "close")],
        Modal::Prompt(_) => &[("Enter", "open"), ("Tab", "complete"), ("Up Down", "choose"), ("Esc", "close")],
        Modal::Sort(_) | Modal::Copy(_) => &[("Enter", "choose"), ("j k", "move"), ("Esc", "close")],
        Modal::SignIn(_) | Modal::AddRegistry(_) => {
            &[("Tab", "next field"), ("Space", "choose"), ("Enter", "press the button"), ("Esc", "cancel")]
        }
        Modal::Ask(_) => &[("y", "yes"), ("Esc", "no")],
    }
}

pub fn draw(frame: &mut Frame, body: Rect, modal: &Modal, state: &State, theme: &Theme) {
    match modal {
        Modal::Help(dialog) => help(frame, body, dialog.query.value(), dialog.scroll, state, theme),
        Modal::Palette(dialog) => {
            let view = state.pane().place.view();
            let lines = dialog.matches(state).into_iter().enumerate().map(|(n, (action, why))| {
                let keys = state.keymap.keys(view, action).join(" ");
                let style = if n == dialog.cursor {
                    theme.cursor
                } else if why.is_some() {
                    theme.dim
                } else {
                    theme.text
                };
                let text = format!(
                    " {} {} {}",
                    fit(action.title(), 46, Align::Left),
                    fit(&keys, 9, Align::Left),
                    why.unwrap_or("")
                );
                styled(text, style)
            });
            pick(frame, body, "Command", ":", &dialog.query, dialog.cursor, lines.collect(), state, theme);
        }
        Modal::Prompt(dialog) => {
            let lines = dialog.matches(state).into_iter().enumerate().map(|(n, (text, _))| {
                styled(format!(" {}", clean::line(&text)), if n == dialog.cursor { theme.cursor } else { theme.text })
            });
            pick(
                frame,
                body,
                "Go to: a name, repo:tag, or registry/repo:tag",
                "'",
                &dialog.text,
                dialog.cursor,
                lines.collect(),
                state,
                theme,
            );
        }
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
        Modal::Copy(menu) => {
            let title = if menu.rows > 1 { format!("Copy of {} marked tags", menu.rows) } else { "Copy".to_owned() };
            let lines = What::ALL.iter().enumerate().map(|(n, (key, _, word))| {
                styled(format!(" {key}  {word}"), if n == menu.cursor { theme.cursor } else { theme.text })
            });
            boxed(frame, body, &title, lines.collect(), 40, state, theme);
        }
        Modal::SignIn(dialog) => {
            let mut lines = vec![];
            lines.extend(dialog.warning.iter().map(|l| styled(format!(" {l}"), theme.warn)));
            lines.extend(dialog.trail.iter().map(|l| styled(format!(" {l}"), theme.dim)));
            if let Some(error) = &dialog.error {
                lines.push(styled(format!(" {error}"), theme.bad));
            }
            if dialog.busy {
                lines.push(styled(" Asking the registry...", theme.dim));
            }
            lines.push(styled("", theme.text));
            form(frame, body, &format!("Sign in to {}", dialog.host), lines, &dialog.form, state, theme);
        }
        Modal::AddRegistry(dialog) => {
            let mut lines = vec![styled(" host, host:port or URL; the name may stay empty", theme.dim)];
            if let Some(error) = &dialog.error {
                lines.push(styled(format!(" {error}"), theme.bad));
            }
            lines.push(styled("", theme.text));
            form(frame, body, "Add a registry", lines, &dialog.form, state, theme);
        }
        Modal::Ask(Ask { title, lines, .. }) => {
            let mut text: Vec<_> = lines.iter().map(|l| styled(format!(" {l}"), theme.text)).collect();
            text.push(styled("", theme.text));
            text.push(styled(" y  yes        Esc  no", theme.key));
            boxed(frame, body, title, text, 70, state, theme);
        }
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
    let mut rows = Vec::new();
    for line in lines {
        let style = line.spans.first().map_or(theme.text, |s| s.style);
        rows.extend(widget::wrap(&line.to_string(), inner).into_iter().map(|text| styled(text, style)));
    }
    let area = place(body, width, rows.len() as u16 + 2, state);
    frame.render_widget(Clear, area);
    let inside = widget::panel(frame, area, title, "", theme);
    for (n, line) in rows.into_iter().enumerate().take(usize::from(inside.height)) {
        super::line(frame, Rect { y: inside.y + n as u16, height: 1, ..inside }, line);
    }
}

#[expect(clippy::too_many_arguments, reason = "one call per list dialog; a struct would only rename them")]
fn pick(
    frame: &mut Frame,
    body: Rect,
    title: &str,
    sign: &str,
    query: &Field,
    cursor: usize,
    lines: Vec<Line<'_>>,
    state: &State,
    theme: &Theme,
) {
    let area = place(body, 96, body.height.saturating_sub(2).min(22), state);
    frame.render_widget(Clear, area);
    let inside = widget::panel(frame, area, title, &format!("{} found", lines.len()), theme);
    text_field(frame, Rect { height: 1, ..inside }, sign, query, false, true, theme);
    let room = usize::from(inside.height.saturating_sub(1));
    let first = (cursor + 1).saturating_sub(room);
    for (n, line) in lines.into_iter().skip(first).take(room).enumerate() {
        super::line(frame, Rect { y: inside.y + 1 + n as u16, height: 1, ..inside }, line);
    }
}

fn text_field(frame: &mut Frame, area: Rect, label: &str, field: &Field, secret: bool, focus: bool, theme: &Theme) {
    let label = format!(" {label} ");
    let indent = crate::domain::text::width(&label) as u16;
    let room = usize::from(area.width.saturating_sub(indent + 2)).max(1);
    let value = if secret { "*".repeat(field.value().chars().count()) } else { clean::line(field.value()).to_string() };
    let skip = field.visual_scroll(room);
    let shown: String = value.chars().skip(skip).take(room).collect();
    let style = if focus { theme.text.add_modifier(ratatui::style::Modifier::UNDERLINED) } else { theme.text };
    let line = Line::from(vec![Span::styled(label, theme.key), Span::styled(fit(&shown, room, Align::Left), style)]);
    super::line(frame, area, line);
    if focus {
        let x = area.x + indent + (field.visual_cursor().saturating_sub(skip)).min(room) as u16;
        frame.set_cursor_position((x, area.y));
    }
}

fn form(frame: &mut Frame, body: Rect, title: &str, above: Vec<Line<'_>>, form: &Form, state: &State, theme: &Theme) {
    let width = 84.min(body.width);
    let mut rows = Vec::new();
    for line in above {
        let style = line.spans.first().map_or(theme.text, |s| s.style);
        let parts = widget::wrap(&line.to_string(), usize::from(width.saturating_sub(2)));
        rows.extend(parts.into_iter().map(|text| styled(text, style)));
    }
    let controls =
        form.controls.iter().map(|c| if let Control::Choice { options, .. } = c { options.len() } else { 1 });
    let height = rows.len() + controls.sum::<usize>() + 2;
    let area = place(body, width, height as u16, state);
    frame.render_widget(Clear, area);
    let inside = widget::panel(frame, area, title, "", theme);
    let mut y = inside.y;
    let mut next = || {
        let here = Rect { y, height: 1, ..inside };
        y += 1;
        (here.y < inside.bottom()).then_some(here)
    };
    for line in rows {
        let Some(area) = next() else { return };
        super::line(frame, area, line);
    }
    for (n, control) in form.controls.iter().enumerate() {
        let focus = n == form.focus;
        match control {
            Control::Text { label, field, secret } => {
                let Some(area) = next() else { return };
                text_field(frame, area, &fit(label, 13, Align::Left), field, *secret, focus, theme);
            }
            Control::Choice { label, options, picked } => {
                for (k, option) in options.iter().enumerate() {
                    let Some(area) = next() else { return };
                    let label = if k == 0 { *label } else { "" };
                    let sign = if k == *picked { "(o)" } else { "( )" };
                    let style = if focus && k == *picked { theme.cursor } else { theme.text };
                    let spans = vec![
                        Span::styled(format!(" {} ", fit(label, 13, Align::Left)), theme.key),
                        Span::styled(format!("{sign} {option}"), style),
                    ];
                    super::line(frame, area, Line::from(spans));
                }
            }
            Control::Button { label } => {
                let Some(area) = next() else { return };
                let style = if focus { theme.cursor } else { theme.text };
                super::line(frame, area, styled(format!(" [ {label} ]"), style));
            }
        }
    }
}

/// Every key of this view by group, and why the greyed ones do nothing here.
fn help(frame: &mut Frame, body: Rect, query: &str, scroll: usize, state: &State, theme: &Theme) {
    let view = state.pane().place.view();
    let mut lines = Vec::new();
    for group in Group::ALL {
        let mut rows = Vec::new();
        let mut seen = Vec::new();
        for binding in state.keymap.bindings(view) {
            if binding.action.group() != group || seen.contains(&binding.action) {
                continue;
            }
            seen.push(binding.action);
            let keys = state.keymap.bindings(view).iter().filter(|b| b.action == binding.action);
            let keys = keys.map(|b| spell(&b.keys)).collect::<Vec<_>>().join(" ");
            let why = availability(state, binding.action).err();
            let changed = if state.keymap.changed.contains(&binding.action) { "+" } else { " " };
            let text = format!(
                "{changed}{} {}{}",
                fit(&keys, 18, Align::Left),
                binding.action.title(),
                why.map(|w| format!("  ({w})")).unwrap_or_default()
            );
            if query.is_empty() || text.to_lowercase().contains(&query.to_lowercase()) {
                rows.push(styled(text, if why.is_some() { theme.dim } else { theme.text }));
            }
        }
        if !rows.is_empty() {
            lines.push(styled(group.title(), theme.title));
            lines.extend(rows);
            lines.push(styled("", theme.text));
        }
    }
    let area = place(body, 100, body.height, state);
    frame.render_widget(Clear, area);
    let title =
        if query.is_empty() { format!("Help: {view}   type to search") } else { format!("Help: {view}   {query}") };
    let foot = if state.keymap.changed.is_empty() { "" } else { "+ changed by your config" };
    let inside = widget::panel(frame, area, &title, foot, theme);
    let room = usize::from(inside.height);
    let first = scroll.min(lines.len().saturating_sub(room));
    let total = lines.len();
    for (n, line) in lines.into_iter().skip(first).take(room).enumerate() {
        super::line(
            frame,
            Rect { x: inside.x + 1, y: inside.y + n as u16, height: 1, width: inside.width.saturating_sub(2) },
            line,
        );
    }
    widget::scroll_thumb(frame, inside, first, room, total, theme);
}
