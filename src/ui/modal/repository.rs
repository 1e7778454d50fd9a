//! The form of a repository.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::form::Sheet;
use super::{TRY_AGAIN, boxed};
use crate::app::modal::repository::{RepositoryDialog, Stage};
use crate::app::state::State;
use crate::domain::registry::BackendKind;
use crate::ui::theme::Theme;
use crate::ui::widget::styled;

pub(super) type Hints = &'static [(&'static str, &'static str)];

pub(super) fn hints(dialog: &RepositoryDialog) -> Hints {
    match dialog.stage {
        Stage::Reading(_) => &[("Esc", "cancel")],
        Stage::Unread(_) => &[("r", "try again"), ("Esc", "close")],
        Stage::Open | Stage::Testing(_) => {
            &[("Tab", "next field"), ("Space", "choose"), ("Enter", "press the button"), ("Esc", "cancel")]
        }
        Stage::Sent(_) => &[("Esc", "close; what becomes of it is told")],
    }
}

fn title(dialog: &RepositoryDialog) -> String {
    match (&dialog.repo, dialog.is_account()) {
        (None, true) => format!("Add an external repository to {}", dialog.host),
        (None, false) => format!("Create a repository at {}", dialog.host),
        (Some(repo), true) => format!("Account for {repo}"),
        (Some(repo), false) => format!("Edit {repo}"),
    }
}

pub(super) fn draw(frame: &mut Frame, body: Rect, dialog: &RepositoryDialog, state: &State, theme: &Theme) {
    let title = title(dialog);
    match &dialog.stage {
        Stage::Reading(_) => {
            let lines = vec![styled(format!(" Reading what {} says of it ...", dialog.host), theme.dim)];
            return boxed(frame, body, &title, lines, 70, state, theme);
        }
        Stage::Unread(why) => {
            let lines = vec![
                styled(format!(" {why}"), theme.bad),
                Line::default(),
                styled(" Nothing can be edited before it is read.", theme.text),
                styled(TRY_AGAIN, theme.key),
            ];
            return boxed(frame, body, &title, lines, 80, state, theme);
        }
        Stage::Open | Stage::Testing(_) | Stage::Sent(_) => {}
    }
    let mut above: Vec<Line<'static>> =
        words(dialog).iter().map(|text| styled(format!(" {text}"), theme.dim)).collect();
    above.extend(dialog.notes.iter().map(|note| styled(format!(" {note}"), theme.warn)));
    if !above.is_empty() {
        above.push(Line::default());
    }
    let mut said: Vec<Line<'static>> = Vec::new();
    said.extend(dialog.error.iter().map(|error| styled(format!(" {error}"), theme.bad)));
    said.extend(dialog.tested.iter().enumerate().map(|(n, line)| {
        let label = if n == 0 { "Test" } else { "" };
        styled(format!(" {label:<13} {line}"), theme.text)
    }));
    match dialog.stage {
        Stage::Testing(_) => said.push(styled(" Trying the account where the repository is ...", theme.dim)),
        Stage::Sent(_) => said.push(styled(" Sent; waiting for the answer ...", theme.dim)),
        _ => {}
    }
    Sheet { title, above, form: &dialog.form, said }.draw(frame, body, state, theme);
}

fn words(dialog: &RepositoryDialog) -> &'static [&'static str] {
    match (dialog.kind, dialog.repo.is_some(), dialog.is_account()) {
        (_, false, true) => &[
            "The name begins with the host: quay.io/team/app. Nothing is made there.",
            "User and password are for pulling; empty where everybody may. Nothing shows them again.",
        ],
        (_, true, true) => &["Only what is typed is sent; what is empty stays as it is. Nothing shows it again."],
        (BackendKind::Alauda, false, _) => &["The name is NAMESPACE/NAME."],
        (BackendKind::DockerV1, ..) => &["Not every server of this kind keeps who sees a repository."],
        (BackendKind::MlSpace, ..) => &["Only what is changed is sent. On a label: Space takes it away, or back."],
        (_, true, false) => &["Only what is changed is sent."],
        _ => &[],
    }
}
