//! Layers by themselves: what their dialogs ask, and whose answer it is.

use super::*;
use crate::app::layer::{LayerOrder, Presence, Push, PushPlan, Way};
use crate::app::modal::layer::LayerDialog;
use crate::domain::capability::Ability;
use crate::domain::reference::Digest;

/// The tags of a system that has layers by themselves.
fn at_layers() -> State {
    let (mut state, _) = at_tags();
    state.registry_mut(RegistryId(0)).caps.abilities = &[Ability::Layers];
    state
}

/// `g u`, two files, and the button.
fn look(state: &mut State) -> RequestId {
    let effects = press(state, "g u a tab b enter");
    let [Effect::PlanPush { id, files, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(*files, ("a".to_owned(), "b".to_owned()));
    *id
}

fn plan(document: &str) -> Box<PushPlan> {
    let image = Digest::image_id(&"a".repeat(64)).unwrap();
    let push = Push { document: document.to_owned(), layer: "b".to_owned(), digest: Digest::of(b"{}") };
    let repo = RepoName::parse("app").unwrap();
    let order = LayerOrder { registry: "one".to_owned(), repo, image, size: Some(9), way: Way::Push(push) };
    Box::new(PushPlan { order, document: 2, form: "tar", now: Presence::Missing, parent: None })
}

fn shown(state: &State) -> &crate::app::modal::layer::Push {
    match state.modals.last() {
        Some(Modal::Layer(dialog)) => match &**dialog {
            LayerDialog::Push(push) => push,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_a_closed_dialog_asked_is_no_answer_to_the_next_one() {
    let mut state = at_layers();
    let first = look(&mut state);
    let effects = press(&mut state, "esc");
    assert!(matches!(&effects[..], [Effect::Abort { id }] if *id == first), "{effects:?}");
    let second = look(&mut state);
    load(&mut state, first, Event::PushPlanned(Ok(plan("of the first"))));
    assert!(shown(&state).plan().is_none() && shown(&state).looking == Some(second));
    load(&mut state, second, Event::PushPlanned(Ok(plan("of the second"))));
    let order = &shown(&state).plan().unwrap().order;
    assert!(matches!(&order.way, Way::Push(files) if files.document == "of the second"));
}

#[test]
fn files_that_are_looked_at_stay_as_they_were_typed() {
    let mut state = at_layers();
    let id = look(&mut state);
    assert!(press(&mut state, "x enter").is_empty());
    update(&mut state, Msg::Paste("y".to_owned()));
    assert_eq!(shown(&state).files(), ("a".to_owned(), "b".to_owned()));
    load(&mut state, id, Event::PushPlanned(Err(report(ErrorKind::Config))));
    assert_eq!(shown(&state).error.as_ref().map(|why| why.as_str()), Some("what. hint"));
    press(&mut state, "x");
    assert_eq!(shown(&state).files().1, "bx");
}

#[test]
fn a_task_that_ended_by_a_fault_leaves_no_dialog_waiting() {
    let mut state = at_layers();
    let id = look(&mut state);
    update(&mut state, Msg::TaskFailed { id });
    assert!(shown(&state).looking.is_none() && shown(&state).error.is_some());
}
