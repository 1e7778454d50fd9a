//! The first run and the import of what docker and podman know.

use super::open;
use crate::app::effect::Effect;
use crate::app::modal::Modal;
use crate::app::modal::import::{COLOURS, Import, Row};
use crate::app::pane::Place;
use crate::app::state::{Registry, State, Tone};
use crate::domain::clean::{self, Clean};
use crate::domain::registry::{RegistryId, RegistryProfile};

/// Registries of the import screen that are asked at once; the others when they are opened.
const CHECKED: usize = 24;

/// There is no config yet: the screen that offers what was found, adding a registry, and the demo.
pub fn first_run(state: &mut State) {
    state.modals.push(Modal::Import(Import::new(state, true)));
}

/// `i`: every registry that is not in the config yet, and what it answers.
pub fn open(state: &mut State, effects: &mut Vec<Effect>) {
    let dialog = Import::new(state, false);
    if dialog.rows.is_empty() {
        state.tell(Clean::fixed("Docker and Podman know no other registry than those of this list."), Tone::Info);
        return;
    }
    check(state, &dialog.rows, effects);
    state.modals.push(Modal::Import(dialog));
}

fn check(state: &mut State, rows: &[Row], effects: &mut Vec<Effect>) {
    for row in rows.iter().take(CHECKED) {
        open::connect(state, row.registry, effects);
    }
}

/// What docker's and podman's files know has been read.
pub fn found(
    state: &mut State,
    registries: Vec<(RegistryProfile, Clean)>,
    notes: Vec<Clean>,
    effects: &mut Vec<Effect>,
) {
    for note in notes {
        state.tell(note, Tone::Info);
    }
    let mut new = Vec::new();
    for (profile, from) in registries {
        let known = |r: &Registry| r.profile.host() == profile.host() || r.profile.name == profile.name;
        if state.registries.iter().any(known) {
            continue;
        }
        let id = RegistryId(state.registries.len() as u32);
        effects.push(Effect::KnowRegistry(Box::new(profile.clone())));
        let mut registry = Registry::new(profile, false);
        registry.found = Some(from);
        state.registries.push(registry);
        new.push(id);
    }
    let fresh = Import::new(state, false);
    let rows: Vec<Row> = fresh.rows.into_iter().filter(|row| new.contains(&row.registry)).collect();
    if let Some(dialog) = dialog(state) {
        dialog.searching = false;
        dialog.rows.extend(rows.iter().cloned());
        check(state, &rows, effects);
    }
    super::arrange(state);
    open::connect_on_screen(state, effects);
}

fn dialog(state: &mut State) -> Option<&mut Import> {
    state.modals.iter_mut().find_map(|modal| match modal {
        Modal::Import(dialog) => Some(dialog),
        _ => None,
    })
}

/// Whether the import screen is open; then a registry that is added becomes a row of it and nothing is written yet.
pub fn takes(state: &mut State, id: RegistryId) -> bool {
    let Some(dialog) = dialog(state) else { return false };
    dialog.rows.push(Row { registry: id, on: true });
    dialog.cursor = dialog.rows.len() - 1;
    true
}

/// Colours and signs as just chosen.
pub fn look(state: &mut State, dialog: Import, effects: &mut Vec<Effect>) {
    if let Some((theme, _)) = dialog.colours.and_then(|at| COLOURS.get(at)) {
        state.looks.theme = (*theme).to_owned();
    }
    state.looks.ascii = dialog.ascii.unwrap_or(state.looks.ascii);
    effects.push(Effect::ApplyLooks);
    state.modals.push(Modal::Import(dialog));
}

/// Enter: what is marked goes into the config, with the looks that were chosen.
pub fn commit(state: &mut State, dialog: &Import, effects: &mut Vec<Effect>) {
    let theme = dialog.colours.and_then(|at| COLOURS.get(at)).map(|(theme, _)| *theme);
    if theme.is_some() || dialog.ascii.is_some() {
        effects.push(Effect::SaveLooks { theme, ascii: dialog.ascii });
    }
    let mut names = Vec::new();
    for row in dialog.rows.iter().filter(|row| row.on) {
        let registry = state.registry_mut(row.registry);
        registry.saved = true;
        names.push(registry.profile.name.clone());
        effects.push(Effect::SaveRegistry(Box::new(registry.profile.clone())));
    }
    if !names.is_empty() {
        let text = format!("{} added to the config: {}", names.len(), names.join(", "));
        state.tell(clean::line(&text), Tone::Good);
    }
    super::arrange(state);
    open::connect_on_screen(state, effects);
}

/// Esc: nothing is written; what was found is there for this run.
pub fn skip(state: &mut State, effects: &mut Vec<Effect>) {
    super::arrange(state);
    open::connect_on_screen(state, effects);
}

/// The demo's registries join this run; nothing of them is written.
pub fn demo_started(state: &mut State, result: Result<Vec<RegistryProfile>, Clean>, effects: &mut Vec<Effect>) {
    let profiles = match result {
        Ok(profiles) => profiles,
        Err(why) => {
            state.tell(why, Tone::Bad);
            return;
        }
    };
    let Some(before) = dialog(state).is_some().then_some(state.registries.len()) else { return };
    for profile in profiles {
        effects.push(Effect::KnowRegistry(Box::new(profile.clone())));
        state.registries.push(Registry::new(profile, true));
    }
    if state.registries.len() > before {
        state.modals.retain(|modal| !matches!(modal, Modal::Import(_)));
        let place = Place::Repositories(RegistryId(before as u32));
        open::jump(state, vec![Place::Registries, place], effects);
    }
}
