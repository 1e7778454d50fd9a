//! Labels and notes: they are on the screen at once, and kept by an effect.

use super::plan;
use crate::app::effect::Effect;
use crate::app::labels;
use crate::app::modal::Modal;
use crate::app::modal::label::LabelDialog;
use crate::app::pane::Place;
use crate::app::pane::marks::Back;
use crate::app::state::{State, Tone};
use crate::domain::clean::{self, Clean};
use crate::domain::label::Change;

/// `c`: for the marks, or for the tag under the cursor.
pub fn open(state: &mut State) {
    let Some((id, repo, marks)) = plan::marked(state).filter(|(.., marks)| !marks.tags.is_empty()) else { return };
    let dialog = LabelDialog::new(state, id, repo, marks.tags);
    state.modals.push(Modal::Label(Box::new(dialog)));
}

/// What the dialog says.
pub fn submit(state: &mut State, dialog: LabelDialog, effects: &mut Vec<Effect>) {
    let changes = match dialog.changes(state) {
        Ok(changes) => changes,
        // Another instance may have changed something since Enter looked.
        Err((_, why)) => {
            state.tell(why, Tone::Bad);
            state.modals.push(Modal::Label(Box::new(dialog)));
            return;
        }
    };
    if changes.is_empty() {
        state.tell(Clean::fixed("Labels and notes are as they were."), Tone::Info);
        return;
    }
    let said = words(&changes);
    let back = change(state, &changes, effects);
    state.pane_mut().changed(Back::Labels(back));
    state.tell(clean::line(&format!("{said}  u undoes.")), Tone::Info);
}

/// Makes the changes, and returns those that take them back.
pub fn change(state: &mut State, changes: &[Change], effects: &mut Vec<Effect>) -> Vec<Change> {
    let back = state.book.kept.apply(changes);
    effects.push(Effect::ChangeLabels(changes.to_vec()));
    changed(state, effects);
    back
}

/// Labels are others: lists that show or ask them follow.
pub fn changed(state: &mut State, effects: &mut Vec<Effect>) {
    if matches!(state.pane().place, Place::Tags(..)) {
        state.pane_mut().marked.take();
        if labels::decide(&state.pane().list) {
            super::arrange(state);
        }
        super::want_details(state, effects);
    }
}

/// A change of labels never was.
pub fn take_back(state: &mut State, back: &[Change], effects: &mut Vec<Effect>) {
    change(state, back, effects);
    state.tell(clean::line(&format!("Taken back: {}", words(back))), Tone::Info);
}

/// What changes do, in a line.
fn words(changes: &[Change]) -> String {
    format!("Changed {}.", labels::words(changes, 0))
}
