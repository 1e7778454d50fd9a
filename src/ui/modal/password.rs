//! A new password for docker.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Clear;
use secrecy::ExposeSecret as _;

use super::confirm::{self, Words};
use super::{Pen, place};
use crate::app::modal::password::{Made, PasswordDialog, Stage};
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::text;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

use super::repository::Hints;

const WIDTH: u16 = 78;
/// It says nothing of how long the password is.
const MASK: &str = "************";

pub(super) fn hints(dialog: &PasswordDialog) -> Hints {
    match dialog.stage {
        Stage::Asking(_) => &[("y", "make a new one"), ("Tab", "the buttons"), ("Esc", "cancel")],
        Stage::Sent(_) => &[],
        Stage::Made(_) => &[("s", "show or hide it"), ("c", "copy it"), ("Esc", "forget it")],
        Stage::Failed(_) => &[("Esc", "close")],
    }
}

pub(super) fn draw(frame: &mut Frame, body: Rect, dialog: &PasswordDialog, state: &State, theme: &Theme) {
    let inner = usize::from(if state.layout.class < crate::app::layout::Class::List { body.width } else { WIDTH })
        .min(usize::from(body.width))
        .saturating_sub(2);
    let lines: Vec<Line<'static>> = lines(dialog, theme).iter().flat_map(|line| widget::wrapped(line, inner)).collect();
    let foot = match &dialog.stage {
        Stage::Asking(confirm) => confirm::lines(confirm, true) + 1,
        Stage::Made(made) if made.shown => 1 + rows(made, inner) + 3,
        Stage::Made(_) => 5,
        Stage::Sent(_) | Stage::Failed(_) => 2,
    };
    let area = place(body, WIDTH, lines.len() as u16 + foot + 2, state);
    frame.render_widget(Clear, area);
    let title = format!("New password for docker at {}", dialog.host);
    let inside = widget::panel(frame, area, &title, "", theme);
    let keep = inside.height.saturating_sub(foot);
    let mut pen = Pen { area: inside, y: inside.y };
    // The first lines are the ones to know.
    lines.into_iter().take(usize::from(keep)).for_each(|line| pen.put(frame, line));
    pen.put(frame, Line::default());
    match &dialog.stage {
        Stage::Asking(confirm) => {
            let words = Words {
                nothing: "",
                yes: "y, or the button, makes a new one.",
                count: "",
                name: "",
                button: "Make a new one",
            };
            let foot = Rect { y: pen.y, height: inside.bottom().saturating_sub(pen.y), ..inside };
            confirm::draw(frame, foot, confirm, &words, theme);
        }
        Stage::Sent(_) => pen.put(frame, styled(" Asked for; waiting for the answer ...", theme.dim)),
        Stage::Made(made) => {
            secret(frame, &mut pen, made, theme);
            pen.put(frame, Line::default());
            if made.warned {
                pen.put(
                    frame,
                    styled(" Nobody has seen or copied it yet. Esc again forgets it all the same.", theme.warn),
                );
            }
            pen.put(frame, styled(" s  show or hide it      c  copy it      Esc  forget it", theme.key));
        }
        Stage::Failed(_) => pen.put(frame, styled(" Esc  close", theme.key)),
    }
}

fn lines(dialog: &PasswordDialog, theme: &Theme) -> Vec<Line<'static>> {
    let said = |texts: &[&str]| texts.iter().map(|text| styled(format!(" {text}"), theme.text)).collect::<Vec<_>>();
    match &dialog.stage {
        Stage::Asking(_) | Stage::Sent(_) => {
            let mut lines = vec![styled(
                " The password before it stops working at once: on every machine, and in every job that signs in as you.",
                theme.warn,
            )];
            lines.extend(said(&[
                "It is asked for once, shown once, here, and kept nowhere. There is no way back to the old one.",
                "It is for a person's account; a service account has none.",
            ]));
            lines
        }
        Stage::Made(made) => {
            let mut lines = said(&[
                "The password before it does not work any more. This is the only time the new one is here.",
                "Use it with: docker login HOST --username YOUR-E-MAIL --password-stdin",
            ]);
            if !made.secret.expose_secret().chars().all(is_drawn) {
                lines.push(styled(" Some of its signs cannot be shown: copy it.", theme.warn));
            }
            if made.copied {
                lines.push(styled(
                    " Copied, if the terminal takes copies (OSC 52). Clear the clipboard afterwards.",
                    theme.good,
                ));
            }
            lines
        }
        Stage::Failed(report) => failed(report, theme),
    }
}

/// What is known of the old password now is what matters.
fn failed(report: &ErrorReport, theme: &Theme) -> Vec<Line<'static>> {
    let old = match (report.unsure, report.kind) {
        (true, _) => {
            "A new one may have been made all the same, and then the old one does not work any more; nobody knows the \
             new one. Try the old one; if it is refused, make another."
        }
        (false, ErrorKind::Server) => {
            "A server with a fault may have made one all the same. Try the old one; if it is refused, make another."
        }
        (false, _) => "No password was made, and the old one goes on working.",
    };
    vec![
        styled(format!(" {}", report.what), theme.bad),
        styled(format!(" {}", report.hint), theme.text),
        styled(format!(" {old}"), theme.warn),
    ]
}

/// One cell, and something in it.
fn is_drawn(c: char) -> bool {
    clean::is_visible(c) && text::width(c.encode_utf8(&mut [0; 4])) == 1
}

fn rows(made: &Made, inner: usize) -> u16 {
    made.secret.expose_secret().chars().count().div_ceil(inner.saturating_sub(2).max(1)).max(1) as u16
}

/// From the secret straight into the cells: a copy of it on the way would lie in memory after it.
fn secret(frame: &mut Frame, pen: &mut Pen, made: &Made, theme: &Theme) {
    if !made.shown {
        pen.put(frame, styled(format!("  {MASK}"), theme.title));
        return;
    }
    let width = usize::from(pen.area.width).saturating_sub(2).max(1);
    let rows = rows(made, usize::from(pen.area.width));
    for (n, c) in made.secret.expose_secret().chars().enumerate() {
        let (x, y) = (pen.area.x + 2 + (n % width) as u16, pen.y + (n / width) as u16);
        if y < pen.area.bottom()
            && x < pen.area.right()
            && let Some(cell) = frame.buffer_mut().cell_mut((x, y))
        {
            cell.set_char(if is_drawn(c) { c } else { '?' }).set_style(theme.title);
        }
    }
    pen.y = pen.y.saturating_add(rows);
}
