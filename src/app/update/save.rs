//! `o`: the list as a file.

use crate::app::cache::Phase;
use crate::app::effect::Effect;
use crate::app::export::{Export, Format, Source};
use crate::app::modal::Modal;
use crate::app::modal::file_form::NotSaved;
use crate::app::modal::save::Save;
use crate::app::pane::{Place, repositories};
use crate::app::state::{State, Tone};
use crate::domain::clean::{self, Clean};
use crate::domain::text;

/// Opens the dialog: it saves the marks, or what is shown.
pub fn open(state: &mut State) {
    let pane = state.pane();
    let list = &pane.list;
    let (source, phase, stem, what) = match &pane.place {
        Place::Registries => {
            let rows = list.shown.iter().map(|n| &state.registries[*n as usize].profile);
            let rows = rows.map(|p| [p.name.clone(), p.url.clone(), p.kind.word().to_owned()]).collect();
            (Source::Registries(rows), None, "registries".to_owned(), "registries")
        }
        Place::Repositories(id) => {
            let Some(catalog) = state.cache.catalogs.get(id) else { return };
            let chosen: Vec<u32> = match repositories::as_tree(pane) {
                // Folders are no rows, and what is in them is not left out because they are closed.
                true => (0..catalog.rows.len() as u32).collect(),
                false => list.shown.clone(),
            };
            let registry = state.registry(*id).profile.name.clone();
            let stem = format!("{registry}-repositories");
            (
                Source::Repositories { registry, rows: catalog.rows.clone(), chosen },
                Some(&catalog.phase),
                stem,
                "repositories",
            )
        }
        Place::Tags(id, repo) => {
            let Some(tags) = state.tags(*id, repo) else { return };
            let chosen: Vec<u32> = match pane.marks.is_empty() {
                true => list.shown.clone(),
                false => pane.marks.iter().filter_map(|name| tags.position(name.as_str())).collect(),
            };
            let registry = state.registry(*id).profile.name.clone();
            let stem = format!("{registry}-{repo}-tags");
            let (labels, now) = (state.labels(*id, repo), state.now);
            let (repository, rows) = (repo.to_string(), tags.rows.clone());
            let source = Source::Tags { registry, repository, rows, chosen, labels, now };
            (source, Some(&tags.phase), stem, "tags")
        }
        Place::Image(..) | Place::Jobs | Place::History => return,
    };
    let complete = phase.is_none_or(|phase| matches!(phase, Phase::Done(end) if end.complete));
    let which = match (pane.marks.is_empty(), list.filter.filter.is_some()) {
        (false, _) => "marked ",
        (true, true) => "filtered ",
        (true, false) => "",
    };
    let rest = if complete { "" } else { "; the list is not complete yet" };
    let export = Export { source, format: Format::default(), complete };
    let about = clean::line(&format!("{} {which}{what}{rest}", text::count(export.len())));
    ask(state, export, about, &stem);
}

/// Opens the dialog for something else than a list.
pub fn offer(state: &mut State, source: Source, about: Clean, stem: &str) {
    ask(state, Export { source, format: Format::default(), complete: true }, about, stem);
}

fn ask(state: &mut State, export: Export, about: Clean, stem: &str) {
    let stem: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect();
    state.modals.push(Modal::Save(Save::new(export, about, stem.trim_start_matches('.'))));
}

pub fn submit(state: &mut State, mut dialog: Save, effects: &mut Vec<Effect>) {
    let (path, replace) = (dialog.to.path().to_owned(), dialog.to.replaces());
    effects.push(Effect::SaveList { path, replace, export: Box::new(dialog.export.clone()) });
    dialog.to.begin();
    state.modals.push(Modal::Save(dialog));
}

/// What became of the file. A dialog that was closed meanwhile does not hide it.
pub fn saved(state: &mut State, result: Result<Clean, NotSaved>) {
    let at = state.modals.iter().position(|m| matches!(m, Modal::Save(dialog) if dialog.to.is_busy()));
    match (result, at) {
        (Ok(text), at) => {
            if let Some(at) = at {
                state.modals.remove(at);
            }
            state.tell(text, Tone::Good);
        }
        (Err(not), Some(at)) => {
            if let Modal::Save(dialog) = &mut state.modals[at] {
                dialog.refused(not);
            }
        }
        (Err(not), None) => state.tell(not.why, Tone::Bad),
    }
}
