//! Labels to a file, and from one: by the palette, as `tagboat labels export` and `import` do it.

use std::sync::Arc;

use super::{labels, saved};
use crate::app::effect::Effect;
use crate::app::labels::{merged, words};
use crate::app::modal::Modal;
use crate::app::modal::file_form::NotSaved;
use crate::app::modal::label_file::{LabelFile, Way};
use crate::app::pane::Place;
use crate::app::pane::marks::Back;
use crate::app::state::{State, Tone};
use crate::domain::clean::{self, Clean};
use crate::domain::label::{Change, Favourite, Held};

pub fn open(state: &mut State, way: Way) {
    state.modals.push(Modal::LabelFile(LabelFile::new(way)));
}

/// The button: writes, or reads, or takes what was read and shown.
pub fn submit(state: &mut State, mut dialog: LabelFile, effects: &mut Vec<Effect>) {
    let path = dialog.to.path().to_owned();
    match (dialog.way, dialog.found().cloned()) {
        (Way::Export, _) => effects.push(Effect::ExportLabels { path, replace: dialog.to.replaces() }),
        (Way::Import, None) => effects.push(Effect::ReadLabels { path }),
        (Way::Import, Some(held)) => return take(state, dialog, &held, effects),
    }
    dialog.to.begin();
    state.modals.push(Modal::LabelFile(dialog));
}

fn take(state: &mut State, mut dialog: LabelFile, held: &Held, effects: &mut Vec<Effect>) {
    let (changes, favourites) = merged(state, held);
    if let Err(why) = state.book.kept.check(&changes) {
        dialog.refused(NotSaved::because(why));
        state.modals.push(Modal::LabelFile(dialog));
        return;
    }
    if changes.is_empty() && favourites.is_empty() {
        return state.tell(Clean::fixed("Nothing changes: all of it is so already."), Tone::Info);
    }
    let said = words(&changes, favourites.len());
    let labels = change(state, &changes, &favourites, true, effects);
    let how = remember(state, Back::Import { labels, favourites });
    state.tell(clean::line(&format!("Imported {said}.  {how}")), Tone::Good);
}

/// One step of the view it was done in. In the history `u` is for what was done to registries, so that there it is one
/// of the view below.
fn remember(state: &mut State, back: Back) -> &'static str {
    let top = state.panes.len() - 1;
    let at = state.panes.iter().rposition(|pane| pane.place != Place::History).unwrap_or(top);
    state.panes[at].changed(back);
    if at == top { "u undoes." } else { "u undoes, once the history is closed." }
}

/// Makes the changes, and returns those of labels that take them back.
fn change(
    state: &mut State,
    changes: &[Change],
    favourites: &[Favourite],
    on: bool,
    effects: &mut Vec<Effect>,
) -> Vec<Change> {
    let back = if changes.is_empty() { Vec::new() } else { labels::change(state, changes, effects) };
    let mut all = state.favourites.clone();
    for Favourite { registry, repository } in favourites.iter().cloned() {
        let key = (registry.clone(), repository.clone());
        let changed = if on { all.insert(key) } else { all.remove(&key) };
        if changed {
            effects.push(Effect::SetFavourite { registry, repository, on });
        }
    }
    saved::favourites(state, all);
    super::arrange(state);
    back
}

/// An import never was.
pub fn take_back(state: &mut State, labels: &[Change], favourites: &[Favourite], effects: &mut Vec<Effect>) {
    let said = words(labels, favourites.len());
    change(state, labels, favourites, false, effects);
    state.tell(clean::line(&format!("Taken back: the import changed {said}.")), Tone::Info);
}

fn waiting(state: &mut State) -> Option<usize> {
    state.modals.iter().position(|modal| matches!(modal, Modal::LabelFile(dialog) if dialog.to.is_busy()))
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
    use crate::domain::label::{Chosen, Kept, Label};
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
        assert!(dialog(&state).to.error().is_some() && !dialog(&state).to.is_busy());
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
        assert_eq!(said, "Imported the label of 1 tag, 1 favourite.  u undoes.");
    }

    fn import(state: &mut State, held: Held) -> Vec<Effect> {
        command(state, "import-labels");
        press(state, "enter");
        let path = "tagboat-labels.toml".to_owned();
        update(state, Msg::LabelsRead { path, result: Ok(Arc::new(held)) });
        press(state, "enter")
    }

    #[test]
    fn an_import_is_taken_back_in_one_step() {
        let (mut state, _) = at_tags();
        state.book.kept.labels = Label::built_in();
        let other = Favourite { registry: "one".to_owned(), repository: None };
        state.favourites.insert(("one".to_owned(), None));
        let (before, favourites) = (state.book.kept.clone(), state.favourites.clone());
        let (mut kept, mut more) = theirs();
        let origin: Arc<str> = "https://one.example".into();
        let note = |tag: &str| Change::Note {
            origin: origin.clone(),
            repo: RepoName::parse("app").unwrap(),
            tag: TagName::parse(tag).unwrap(),
            to: Some("theirs".into()),
        };
        let rule = Change::Rule { origin: origin.clone(), filter: "pr-".into(), label: Some("stale".into()) };
        kept.apply(&[
            note("a"),
            note("b"),
            rule,
            Change::Put(Label::new("theirs", 'T', crate::domain::colour::Colour::Ansi(5))),
        ]);
        // One that is a favourite here already is not theirs.
        more.push(other);
        import(&mut state, (kept.clone(), more));
        assert_eq!((&state.book.kept, state.favourites.len()), (&kept, 2));
        let effects = press(&mut state, "u");
        assert_eq!((&state.book.kept, &state.favourites), (&before, &favourites));
        let [Effect::ChangeLabels(changes), Effect::SetFavourite { repository: Some(_), on: false, .. }] = &effects[..]
        else {
            panic!("{effects:?}")
        };
        // What is written takes the same back from what is kept.
        kept.apply(changes);
        assert_eq!(kept, before);
        let said = state.notice.as_ref().unwrap().text.to_string();
        assert!(said.starts_with("Taken back: the import changed the label of 1 tag, the note of 2 tags"), "{said}");
        press(&mut state, "u");
        assert!(state.notice.as_ref().unwrap().text.as_str().contains("nothing to take back"));
    }

    #[test]
    fn one_made_in_the_history_is_a_step_of_the_view_below() {
        let (mut state, _) = at_tags();
        state.book.kept.labels = Label::built_in();
        command(&mut state, "history");
        assert_eq!(state.pane().place, Place::History);
        import(&mut state, theirs());
        assert!(state.notice.as_ref().unwrap().text.as_str().contains("once the history is closed"));
        press(&mut state, "u");
        assert!(!state.book.kept.tags.is_empty(), "here it is for operations");
        press(&mut state, "esc u");
        assert!(state.book.kept.tags.is_empty() && state.favourites.is_empty());
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
        assert!(dialog(&state).to.replaces());
        press(&mut state, "x");
        assert!(!dialog(&state).to.replaces() && dialog(&state).to.error().is_none());
        let effects = press(&mut state, "enter");
        assert!(matches!(&effects[..], [Effect::ExportLabels { replace: false, .. }]), "{effects:?}");
        update(&mut state, Msg::LabelsExported(Ok(Clean::fixed("Saved"))));
        assert!(state.modals.is_empty());
    }
}
