//! A layer by itself: into which file, from which files, and what a push would do.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::form::Sheet;
use crate::app::layer::{Presence, PushPlan, Way};
use crate::app::modal::layer::{Fetch, LayerDialog, Push};
use crate::app::state::State;
use crate::domain::clean::{self, Clean};
use crate::domain::text;
use crate::ui::theme::Theme;
use crate::ui::widget::styled;

pub(super) fn draw(frame: &mut Frame, body: Rect, dialog: &LayerDialog, state: &State, theme: &Theme) {
    match dialog {
        LayerDialog::Fetch(dialog) => fetch(frame, body, dialog, state, theme),
        LayerDialog::Push(dialog) => push(frame, body, dialog, state, theme),
    }
}

fn fetch(frame: &mut Frame, body: Rect, dialog: &Fetch, state: &State, theme: &Theme) {
    let size = dialog.size.map_or_else(|| "size not known".to_owned(), text::size);
    let above = vec![
        styled(format!(" The layer {} of {}, {size}.", dialog.image.short(), dialog.repo), theme.text),
        styled(" What broke off goes on where it was; the file gets its name when it is whole,", theme.dim),
        styled(" and is readable by you only.", theme.dim),
        Line::default(),
    ];
    let mut said = errors(dialog.to.error(), theme);
    if dialog.looking.is_some() {
        said.push(styled(" Looking at the file...", theme.dim));
    }
    let title = "Download a layer".to_owned();
    Sheet { title, above, form: &dialog.to.form, said }.draw(frame, body, state, theme);
}

fn push(frame: &mut Frame, body: Rect, dialog: &Push, state: &State, theme: &Theme) {
    let mut said = errors(dialog.error.as_ref(), theme);
    let above = match dialog.plan() {
        Some(plan) => {
            if let Some(why) = plan.obstacle() {
                said.push(styled(format!(" {why}"), theme.warn));
            }
            planned(plan, dialog, state, theme)
        }
        None => vec![
            styled(format!(" Into {}. Metadata: the image's JSON; it names the image", dialog.repo), theme.text),
            styled(" and its parent, and is sent as it is. Layer: its tar. Nothing is sent yet.", theme.dim),
            Line::default(),
        ],
    };
    if dialog.looking.is_some() {
        said.push(styled(" Looking at the files, and asking the registry...", theme.dim));
    }
    let title = "Upload an image's metadata and layer".to_owned();
    Sheet { title, above, form: dialog.form(), said }.draw(frame, body, state, theme);
}

/// What is going to be sent where, and what is there.
fn planned(plan: &PushPlan, dialog: &Push, state: &State, theme: &Theme) -> Vec<Line<'static>> {
    let (document, layer) = match &plan.order.way {
        Way::Push(files) => (files.document.as_str(), files.layer.as_str()),
        Way::Fetch { .. } => ("", ""),
    };
    let line = |label: &str, text: &str| styled(format!(" {label:<10} {}", clean::line(text)), theme.text);
    let size = text::size(plan.order.size.unwrap_or(0));
    let host = state.registry(dialog.registry).profile.host();
    let parent = match &plan.parent {
        None => "none: it stands on nothing".to_owned(),
        Some((parent, there)) => format!("{}, {}", parent.short(), presence(*there)),
    };
    vec![
        line("To", &format!("{host}/{}", dialog.repo)),
        line("Image", &format!("{}, {}", plan.order.image.short(), presence(plan.now))),
        line("Parent", &parent),
        line("Metadata", &format!("{}, {document}", text::size(plan.document))),
        line("Layer", &format!("{size}, {}, {layer}", plan.form)),
        line("Then", "the checksum of both, without which nobody can read it"),
        Line::default(),
    ]
}

fn presence(there: Presence) -> &'static str {
    match there {
        Presence::There => "there",
        Presence::Missing => "not there",
        Presence::Half => "half there: a push broke off",
    }
}

fn errors(error: Option<&Clean>, theme: &Theme) -> Vec<Line<'static>> {
    error.map(|error| styled(format!(" {error}"), theme.bad)).into_iter().collect()
}
