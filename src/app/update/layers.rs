//! `g d` and `g u`: layers by themselves, where the system has them so.

use std::sync::Arc;

use super::{changes, jobs};
use crate::app::cache::Remote;
use crate::app::effect::Effect;
use crate::app::job::Work;
use crate::app::layer::{FileSpot, LayerOrder, PushPlan, Way};
use crate::app::modal::Modal;
use crate::app::modal::layer::{Fetch, LayerDialog, Push};
use crate::app::modal::save::NotSaved;
use crate::app::pane::{Place, Tab, image};
use crate::app::state::State;
use crate::domain::capability::Ability;
use crate::domain::error::ErrorReport;
use crate::domain::image::LayerRow;
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryId;

/// Why nothing of it is here, for whoever has no such layers.
const ELSEWHERE: &str = "only a Docker Registry v1 has layers by themselves";

/// The layer under the cursor.
fn layer(state: &State) -> Option<&LayerRow> {
    let pane = state.pane();
    let Some(Remote::Here(image)) = image::image(state, pane) else { return None };
    (pane.image.tab == Tab::Layers).then(|| image.layers.get(pane.image.spot(Tab::Layers).cursor)).flatten()
}

fn repository(state: &State) -> Option<(RegistryId, &RepoName)> {
    match &state.pane().place {
        Place::Tags(id, repo) | Place::Image(id, repo, _) => Some((*id, repo)),
        _ => None,
    }
}

fn has_layers(state: &State, id: RegistryId) -> Result<(), &'static str> {
    if state.registry(id).caps.can(Ability::Layers) { Ok(()) } else { Err(ELSEWHERE) }
}

pub fn may_fetch(state: &State) -> Result<(), &'static str> {
    let (id, _) = repository(state).ok_or("choose an image first")?;
    has_layers(state, id)?;
    layer(state).map(drop).ok_or("choose a layer of an image first (3)")
}

pub fn may_push(state: &State) -> Result<(), &'static str> {
    let (id, _) = repository(state).ok_or("choose a repository first")?;
    has_layers(state, id)?;
    changes::forbidden(state, id).map_or(Ok(()), Err)
}

pub fn open_fetch(state: &mut State) {
    let (Some((id, repo)), Some(row)) = (repository(state), layer(state)) else { return };
    let (image, size) = (row.descriptor.digest.clone(), row.descriptor.size);
    let short = image.short();
    let last = repo.as_str().rsplit('/').next().unwrap_or("layer");
    let name: String = format!("{last}-{}.tar", short.rsplit(':').next().unwrap_or(&short))
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' })
        .collect();
    let dialog = Fetch::new(id, repo.clone(), image, size, name.trim_start_matches('.'));
    state.modals.push(Modal::Layer(Box::new(LayerDialog::Fetch(dialog))));
}

pub fn open_push(state: &mut State) {
    let Some((id, repo)) = repository(state) else { return };
    let dialog = Push::new(id, repo.clone());
    state.modals.push(Modal::Layer(Box::new(LayerDialog::Push(dialog))));
}

/// A button: the files are looked at first; what was confirmed runs as a job.
pub fn submit(state: &mut State, dialog: LayerDialog, effects: &mut Vec<Effect>) {
    let dialog = match dialog {
        LayerDialog::Fetch(mut dialog) => {
            let (path, replace, image) = (dialog.path().to_owned(), dialog.replaces(), dialog.image.clone());
            effects.push(Effect::LookAtFile { path, replace, image });
            (dialog.busy, dialog.error) = (true, None);
            LayerDialog::Fetch(dialog)
        }
        LayerDialog::Push(dialog) if dialog.plan().is_some() => {
            if let Some(order) = dialog.confirmed() {
                jobs::begin(state, dialog.registry, Work::Layer(Arc::new(order.clone())), effects);
            }
            return;
        }
        LayerDialog::Push(mut dialog) => {
            let (registry, repo, files) = (dialog.registry, dialog.repo.clone(), dialog.files());
            effects.push(Effect::PlanPush { registry, repo, files });
            (dialog.busy, dialog.error) = (true, None);
            LayerDialog::Push(dialog)
        }
    };
    state.modals.push(Modal::Layer(Box::new(dialog)));
}

/// Where the dialog that waits is, if it is open still.
fn waiting(state: &State, which: impl Fn(&LayerDialog) -> bool) -> Option<usize> {
    state.modals.iter().rposition(|modal| matches!(modal, Modal::Layer(dialog) if which(dialog)))
}

/// The file was looked at: the download begins, or the dialog says why it cannot.
pub fn looked(state: &mut State, result: Result<FileSpot, NotSaved>, effects: &mut Vec<Effect>) {
    let Some(at) = waiting(state, |dialog| matches!(dialog, LayerDialog::Fetch(fetch) if fetch.busy)) else { return };
    let Modal::Layer(dialog) = &mut state.modals[at] else { return };
    let LayerDialog::Fetch(dialog) = &mut **dialog else { return };
    let spot = match result {
        Ok(spot) => spot,
        Err(not) => return dialog.refused(not),
    };
    let (registry, repo, image, size) = (dialog.registry, dialog.repo.clone(), dialog.image.clone(), dialog.size);
    let way = Way::Fetch { path: spot.path, replace: dialog.replaces() };
    state.modals.remove(at);
    let name = state.registry(registry).profile.name.clone();
    let order = LayerOrder { registry: name, repo, image, size, way };
    jobs::begin(state, registry, Work::Layer(Arc::new(order)), effects);
}

/// What a push would do, or why that is not known.
pub fn planned(state: &mut State, result: Result<PushPlan, ErrorReport>) {
    let Some(at) = waiting(state, |dialog| matches!(dialog, LayerDialog::Push(push) if push.busy)) else { return };
    let Modal::Layer(dialog) = &mut state.modals[at] else { return };
    let LayerDialog::Push(dialog) = &mut **dialog else { return };
    match result {
        Ok(plan) => dialog.planned(plan),
        Err(report) => dialog.refused(report.what),
    }
}
