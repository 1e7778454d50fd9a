//! The dialogs about one registry: signing in, adding it, its CA file.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::form::Sheet;
use crate::app::modal::add_registry::{AddRegistry, Waiting};
use crate::app::modal::ca_file::CaFile;
use crate::app::modal::sign_in::{SignIn, Waiting as SigningIn};

use crate::app::state::State;
use crate::app::trial::Part;
use crate::domain::clean::Clean;
use crate::ui::theme::Theme;
use crate::ui::widget::styled;

pub(super) fn sign_in(frame: &mut Frame, body: Rect, dialog: &SignIn, state: &State, theme: &Theme) {
    let mut above: Vec<_> = dialog.warning.iter().map(|line| styled(format!(" {line}"), theme.warn)).collect();
    if !dialog.trail.is_empty() {
        above.push(styled(" Tried, in this order:", theme.text));
        above.extend(dialog.trail.iter().enumerate().map(|(n, l)| styled(format!("   {} {l}", n + 1), theme.dim)));
    }
    if let Some(asks) = dialog.asks.and_then(asks) {
        above.push(styled(format!(" {} {asks}", dialog.host), theme.dim));
    }
    if !above.is_empty() {
        above.push(Line::default());
    }
    let mut said = said(dialog.error.as_ref(), theme);
    said.extend(dialog.tested.iter().enumerate().map(|(n, line)| {
        let label = if n == 0 { "Test" } else { "" };
        styled(format!(" {label:<13} {line}"), theme.text)
    }));
    match dialog.waiting {
        Some(SigningIn::Test) => said.push(styled(" Trying what this account may do...", theme.dim)),
        Some(SigningIn::SignIn) => said.push(styled(" Asking the registry...", theme.dim)),
        None => {}
    }
    let title = format!("Sign in to {}", dialog.host);
    Sheet { title, above, form: &dialog.form, said }.draw(frame, body, state, theme);
}

fn asks(scheme: &str) -> Option<&'static str> {
    match scheme {
        "basic" => Some("asks for a user name and password with every request"),
        "bearer" => Some("asks for a token, which its sign-in server gives for a password"),
        _ => None,
    }
}

pub(super) fn add_registry(frame: &mut Frame, body: Rect, dialog: &AddRegistry, state: &State, theme: &Theme) {
    let mut above: Vec<_> = dialog.about().iter().map(|text| styled(format!(" {text}"), theme.dim)).collect();
    above.push(Line::default());
    let mut lines = Vec::new();
    if let Some(tried) = &dialog.tried {
        let line = |sign: &str, part: Part, text: &Clean, style| {
            styled(format!(" {sign:<3}{:<10} {text}", part.word()), style)
        };
        lines.extend(tried.worked.iter().map(|one| line("ok", one.part, &one.text, theme.good)));
        if let Some((part, report)) = &tried.failed {
            lines.push(line("NO", *part, &report.what, theme.bad));
            lines.push(styled(format!("    {}", report.hint), theme.dim));
        }
    }
    lines.extend(said(dialog.error.as_ref(), theme));
    match dialog.waiting {
        Some(Waiting::Test) => lines.push(styled(" Trying it...", theme.dim)),
        Some(Waiting::Kind) => lines.push(styled(" Asking what it is...", theme.dim)),
        None => {}
    }
    let title = "Add a registry".to_owned();
    Sheet { title, above, form: &dialog.form, said: lines }.draw(frame, body, state, theme);
}

pub(super) fn ca_file(frame: &mut Frame, body: Rect, dialog: &CaFile, state: &State, theme: &Theme) {
    let above = vec![
        styled(" A certificate that signs the registry's own makes it trusted, and no other.", theme.dim),
        styled(" The path is remembered for this registry; the file stays where it is.", theme.dim),
        Line::default(),
    ];
    let mut said = said(dialog.error.as_ref(), theme);
    if dialog.busy {
        said.push(styled(" Trying it...", theme.dim));
    }
    let title = format!("CA file for {}", dialog.host);
    Sheet { title, above, form: &dialog.form, said }.draw(frame, body, state, theme);
}

fn said(error: Option<&Clean>, theme: &Theme) -> Vec<Line<'static>> {
    error.map(|error| styled(format!(" {error}"), theme.bad)).into_iter().collect()
}
