//! The dialogs about one registry: signing in, adding it, its CA file.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::form::Sheet;
use crate::app::modal::add_registry::AddRegistry;
use crate::app::modal::ca_file::CaFile;
use crate::app::modal::sign_in::{SignIn, Waiting};
use crate::app::state::State;
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
        Some(Waiting::Test) => said.push(styled(" Trying what this account may do...", theme.dim)),
        Some(Waiting::SignIn) => said.push(styled(" Asking the registry...", theme.dim)),
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
    let above = vec![
        styled(" Address: host, host:port or URL. The rest may stay empty.", theme.dim),
        styled(" Env is shown beside the name; PROD makes deleting harder.", theme.dim),
        Line::default(),
    ];
    let mut said = said(dialog.error.as_ref(), theme);
    said.extend(dialog.tested.iter().map(|line| styled(format!(" {line}"), theme.good)));
    if dialog.testing {
        said.push(styled(" Saying hello...", theme.dim));
    }
    Sheet { title: "Add a registry".to_owned(), above, form: &dialog.form, said }.draw(frame, body, state, theme);
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
