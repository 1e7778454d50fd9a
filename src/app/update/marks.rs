//! Marking tags. Marks are names; what is filtered out stays marked and is counted.

use crate::app::action::Action;
use crate::app::pane::{Place, tags};
use crate::app::state::State;
use crate::domain::reference::TagName;

pub fn act(state: &mut State, action: Action) {
    let State { panes, cache, .. } = state;
    let Some(pane) = panes.last_mut() else { return };
    let Place::Tags(id, repo) = &pane.place else { return };
    let Some(list) = cache.tags.get(&(*id, repo.clone())) else { return };
    pane.marked.take();
    let named = |row: &u32| list.rows.get(*row as usize).and_then(tags::name).cloned();
    match action {
        Action::Mark => {
            if let Some(range) = pane.list.range() {
                let names: Vec<TagName> = pane.list.shown[range].iter().filter_map(named).collect();
                pane.marks.extend(names);
                pane.list.anchor = None;
                return;
            }
            let Some(name) = pane.list.selected().as_ref().and_then(named) else { return };
            if !pane.marks.remove(&name) {
                pane.marks.insert(name);
            }
            pane.list.move_by(1);
        }
        Action::MarkRange => match pane.list.anchor {
            None => pane.list.anchor = Some(pane.list.cursor),
            Some(_) => act(state, Action::Mark),
        },
        Action::MarkShown => {
            let names: Vec<TagName> = pane.list.shown.iter().filter_map(named).collect();
            pane.marks.extend(names);
        }
        Action::InvertMarks => {
            for name in pane.list.shown.iter().filter_map(named) {
                if !pane.marks.remove(&name) {
                    pane.marks.insert(name);
                }
            }
        }
        Action::ClearMarks => {
            pane.marks.clear();
            pane.only_marked = false;
        }
        Action::ShowMarked => pane.only_marked = !pane.only_marked,
        _ => {}
    }
}
