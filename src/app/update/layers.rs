//! `g d` and `g u`: layers by themselves, where the system has them so.

use std::sync::Arc;

use super::{changes, jobs};
use crate::app::cache::Remote;
use crate::app::effect::Effect;
use crate::app::job::Work;
use crate::app::layer::{FileSpot, LayerOrder, PushPlan, Way};
use crate::app::modal::Modal;
use crate::app::modal::file_form::NotSaved;
use crate::app::modal::layer::{Fetch, LayerDialog, Push};
use crate::app::msg::RequestId;
use crate::app::pane::{Place, Tab, image};
use crate::app::state::{Pending, State};
use crate::domain::capability::Ability;
use crate::domain::clean;
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
pub fn submit(state: &mut State, mut dialog: LayerDialog, effects: &mut Vec<Effect>) {
    match &mut dialog {
        LayerDialog::Fetch(dialog) => {
            let id = state.begin(Pending::File(dialog.registry));
            let (path, replace) = (dialog.to.path().to_owned(), dialog.to.replaces());
            effects.push(Effect::LookAtFile { id, path, replace, image: dialog.image.clone() });
            dialog.look(id);
        }
        LayerDialog::Push(dialog) if dialog.plan().is_some() => {
            let Some(order) = dialog.confirmed() else { return };
            if jobs::begin(state, dialog.registry, Work::Layer(Arc::new(order.clone())), effects) {
                return;
            }
        }
        LayerDialog::Push(dialog) => {
            let (registry, repo, files) = (dialog.registry, dialog.repo.clone(), dialog.files());
            let id = state.begin(Pending::Push(registry));
            effects.push(Effect::PlanPush { id, registry, repo, files });
            (dialog.looking, dialog.error) = (Some(id), None);
        }
    }
    state.modals.push(Modal::Layer(Box::new(dialog)));
}

/// Where the dialog is that waits for this.
fn waiting(state: &State, id: RequestId) -> Option<usize> {
    state.modals.iter().rposition(|modal| matches!(modal, Modal::Layer(dialog) if dialog.looking() == Some(id)))
}

/// It was closed: nobody waits for what it asked.
pub fn closed(state: &mut State, modal: &Modal, effects: &mut Vec<Effect>) {
    let Modal::Layer(dialog) = modal else { return };
    if let Some(id) = dialog.looking() {
        state.inflight.remove(&id);
        effects.push(Effect::Abort { id });
    }
}

/// The file was looked at: the download begins, or the dialog says why it cannot.
pub fn looked(state: &mut State, id: RequestId, result: Result<FileSpot, NotSaved>, effects: &mut Vec<Effect>) {
    let Some(at) = waiting(state, id) else { return };
    let Modal::Layer(dialog) = &mut state.modals[at] else { return };
    let LayerDialog::Fetch(dialog) = &mut **dialog else { return };
    let spot = match result {
        Ok(spot) => spot,
        Err(not) => return dialog.refused(not),
    };
    let (registry, repo, image, size) = (dialog.registry, dialog.repo.clone(), dialog.image.clone(), dialog.size);
    let way = Way::Fetch { path: spot.path, replace: dialog.replace };
    state.modals.remove(at);
    let name = state.registry(registry).profile.name.clone();
    let order = LayerOrder { registry: name, repo, image, size, way };
    // What only reads never waits.
    let _ = jobs::begin(state, registry, Work::Layer(Arc::new(order)), effects);
}

/// What a push would do, or why that is not known.
pub fn planned(state: &mut State, id: RequestId, result: Result<Box<PushPlan>, ErrorReport>) {
    let Some(at) = waiting(state, id) else { return };
    let Modal::Layer(dialog) = &mut state.modals[at] else { return };
    let LayerDialog::Push(dialog) = &mut **dialog else { return };
    match result {
        Ok(plan) => dialog.planned(*plan),
        Err(report) => dialog.refused(clean::line(&format!("{}. {}", report.what, report.hint))),
    }
}
