//! Labels to a file, and from one: by the palette, as `tagboat labels export` and `import` do it.

use std::sync::Arc;

use super::{labels, saved};
use crate::app::effect::Effect;
use crate::app::labels::{merged, words};
use crate::app::modal::Modal;
use crate::app::modal::label_file::{LabelFile, Way};
use crate::app::modal::save::NotSaved;
use crate::app::state::{State, Tone};
use crate::domain::clean::{self, Clean};
use crate::domain::label::Held;

pub fn open(state: &mut State, way: Way) {
    state.modals.push(Modal::LabelFile(LabelFile::new(way)));
}

/// The button: writes, or reads, or takes what was read and shown.
pub fn submit(state: &mut State, mut dialog: LabelFile, effects: &mut Vec<Effect>) {
    let path = dialog.path().to_owned();
    match (dialog.way, dialog.found().cloned()) {
        (Way::Export, _) => effects.push(Effect::ExportLabels { path, replace: dialog.replaces() }),
        (Way::Import, None) => effects.push(Effect::ReadLabels { path }),
        (Way::Import, Some(held)) => return take(state, dialog, &held, effects),
    }
    (dialog.busy, dialog.error) = (true, None);
    state.modals.push(Modal::LabelFile(dialog));
}

fn take(state: &mut State, mut dialog: LabelFile, held: &Held, effects: &mut Vec<Effect>) {
    let (changes, favourites) = merged(state, held);
    if let Err(why) = state.book.kept.check(&changes) {
        dialog.error = Some(why);
        state.modals.push(Modal::LabelFile(dialog));
        return;
    }
    if changes.is_empty() && favourites.is_empty() {
        return state.tell(Clean::fixed("Nothing changes: all of it is so already."), Tone::Info);
    }
    let said = words(&changes, favourites.len());
    if !changes.is_empty() {
        labels::change(state, &changes, effects);
    }
    let mut all = state.favourites.clone();
    for one in favourites {
        all.insert((one.registry.clone(), one.repository.clone()));
        effects.push(Effect::SetFavourite { registry: one.registry, repository: one.repository, on: true });
    }
    saved::favourites(state, all);
    super::arrange(state);
    state.tell(clean::line(&format!("Imported {said}.")), Tone::Good);
}

fn waiting(state: &mut State) -> Option<usize> {
    state.modals.iter().position(|modal| matches!(modal, Modal::LabelFile(dialog) if dialog.busy))
}

/// What became of the file. A dialog that was closed meanwhile does not hide it.
pub fn exported(state: &mut State, result: Result<Clean, NotSaved>) {
    let at = waiting(state);
    match (result, at) {
        (Ok(text), at) => {
            if let Some(at) = at {
                state.modals.remove(at);
            }
            state.tell(text, Tone::Good);
        }
        (Err(not), at) => match at.map(|at| &mut state.modals[at]) {
            Some(Modal::LabelFile(dialog)) => dialog.refused(not),
            _ => state.tell(not.why, Tone::Bad),
        },
    }
}

pub fn has_read(state: &mut State, path: String, result: Result<Arc<Held>, Clean>) {
    if let Some(at) = waiting(state)
        && let Modal::LabelFile(dialog) = &mut state.modals[at]
    {
        dialog.has_read(path, result);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::effect::Effect;
    use crate::app::msg::Msg;
    use crate::app::update::tests::{at_tags, press};
    use crate::app::update::update;
    use crate::domain::label::{Change, Chosen, Favourite, Kept, Label};
    use crate::domain::reference::{RepoName, TagName};
    use crate::domain::registry::RegistryId;

    fn command(state: &mut State, name: &str) -> Vec<Effect> {
        let typed: Vec<String> = name.chars().map(|c| c.to_string()).collect();
        press(state, &format!(": {} enter", typed.join(" ")))
    }

    fn dialog(state: &State) -> &LabelFile {
        match state.modals.last() {
            Some(Modal::LabelFile(dialog)) => dialog,
            other => panic!("{other:?}"),
        }
    }

    fn theirs() -> Held {
        let mut kept = Kept { labels: Label::built_in(), ..Kept::default() };
        let (origin, repo) = ("https://one.example".into(), RepoName::parse("app").unwrap());
        let to = Chosen::Is("keep".into());
        kept.apply(&[Change::Label { origin, repo: repo.clone(), tag: TagName::parse("a").unwrap(), to }]);
        (kept, vec![Favourite { registry: "one".to_owned(), repository: Some(repo) }])
    }

    #[test]
    fn what_a_file_changes_is_said_before_it_is_taken() {
        let (mut state, _) = at_tags();
        state.book.kept.labels = Label::built_in();
        assert!(command(&mut state, "import-labels").is_empty());
        let effects = press(&mut state, "enter");
        assert!(matches!(&effects[..], [Effect::ReadLabels { path }] if path == "tagboat-labels.toml"), "{effects:?}");
        let path = "tagboat-labels.toml".to_owned();
        update(&mut state, Msg::LabelsRead { path: path.clone(), result: Err(Clean::fixed("no such file")) });
        assert!(dialog(&state).error.is_some() && !dialog(&state).busy);
        press(&mut state, "enter");
        update(&mut state, Msg::LabelsRead { path, result: Ok(Arc::new(theirs())) });
        assert!(dialog(&state).found().is_some() && state.book.kept.tags.is_empty(), "nothing is taken yet");
        // Another name is another file.
        press(&mut state, "x");
        assert!(dialog(&state).found().is_none());
        press(&mut state, "backspace");
        let effects = press(&mut state, "enter");
        let [Effect::ChangeLabels(changes), Effect::SetFavourite { registry, repository: Some(_), on: true }] =
            &effects[..]
        else {
            panic!("{effects:?}")
        };
        assert_eq!((changes.len(), registry.as_str()), (1, "one"));
        assert_eq!(state.book.kept, theirs().0);
        assert!(state.modals.is_empty() && state.cache.catalogs[&RegistryId(0)].rows.at(0).favourite);
        let said = state.notice.as_ref().unwrap().text.to_string();
        assert_eq!(said, "Imported the label of 1 tag, 1 favourite.");
    }

    #[test]
    fn a_file_that_is_there_is_replaced_only_when_that_is_said() {
        let (mut state, _) = at_tags();
        command(&mut state, "export-labels");
        let effects = press(&mut state, "enter");
        assert!(matches!(&effects[..], [Effect::ExportLabels { replace: false, .. }]), "{effects:?}");
        assert!(press(&mut state, "enter").is_empty(), "one at a time");
        let not = NotSaved { why: Clean::fixed("it exists already"), exists: true };
        update(&mut state, Msg::LabelsExported(Err(not)));
        assert!(dialog(&state).replaces());
        press(&mut state, "x");
        assert!(!dialog(&state).replaces() && dialog(&state).error.is_none());
        let effects = press(&mut state, "enter");
        assert!(matches!(&effects[..], [Effect::ExportLabels { replace: false, .. }]), "{effects:?}");
        update(&mut state, Msg::LabelsExported(Ok(Clean::fixed("Saved"))));
        assert!(state.modals.is_empty());
    }
}
