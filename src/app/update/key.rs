//! Keys: to the dialog on top, to the text field that is open, or through the keymap to an action.

use super::{
    act, copy, forms, groups, history, import, jobs, label_file, labels, layers, marks, new_tag, password, plan,
    recolour, registries, save, scopes, search, sweep,
};
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::key::{Key, KeyCode as Code};
use crate::app::keymap::Resolved;
use crate::app::modal::{Modal, Outcome, Then};
use crate::app::pane::Place;
use crate::app::state::{State, Tone};
use crate::domain::clean::{self, Clean};

pub fn key(state: &mut State, key: Key, effects: &mut Vec<Effect>) {
    if state.notice.as_ref().is_some_and(|n| n.tone == Tone::Bad) {
        state.notice = None;
    }
    if key.ctrl && key.code == Code::Char('z') {
        effects.push(Effect::Suspend);
        return;
    }
    if let Some(mut modal) = state.modals.pop() {
        // Ctrl-C cancels whatever is open.
        let outcome = if key.ctrl && key.code == Code::Char('c') { Outcome::Close } else { modal.key(key, state) };
        match outcome {
            Outcome::Stay => {
                let rule = matches!(modal, Modal::Rule(_));
                state.modals.push(modal);
                new_tag::follow(state, effects);
                if rule {
                    // What the rule asks of the rows may have changed.
                    super::want_details(state, effects);
                }
            }
            Outcome::Push(top) => state.modals.extend([modal, *top]),
            Outcome::Close => {
                plan::closed(state, &modal, effects);
                sweep::closed(state, &modal, effects);
                new_tag::closed(state, &modal, effects);
                history::closed(state, &modal, effects);
                forms::closed(state, &modal, effects);
                layers::closed(state, &modal, effects);
                password::closed(state, &modal);
                scopes::closed(state, &modal, effects);
                groups::closed(state, &modal, effects);
            }
            Outcome::Act(then) => perform(state, then, effects),
        }
        return;
    }
    if state.pane().list.filter.input.is_some() {
        filter_key(state, key, effects);
        return;
    }
    state.keys.push(key);
    let view = state.pane().place.view();
    match state.keymap.resolve(view, &state.keys) {
        Resolved::Action(action) => {
            state.keys.clear();
            act::act(state, action, effects);
        }
        Resolved::Prefix => {}
        Resolved::None => {
            let sequence = std::mem::take(&mut state.keys);
            if sequence.len() > 1 && key.code != Code::Esc {
                let text = sequence.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                state.tell(clean::line(&format!("{text}: no such key here; ? lists them")), Tone::Info);
            }
        }
    }
}

/// Pasted text goes into a field, and nowhere else.
pub fn paste(state: &mut State, text: &str, effects: &mut Vec<Effect>) {
    if let Some(modal) = state.modals.last_mut() {
        modal.paste(text);
        let filters = matches!(modal, Modal::Plan(dialog) if dialog.filters());
        if matches!(modal, Modal::Plan(_) | Modal::Operation(_) | Modal::Sweep(_)) && !filters {
            state.tell(Clean::fixed("Pasted text confirms nothing here; type it."), Tone::Info);
        }
        new_tag::follow(state, effects);
        return;
    }
    if state.pane().list.filter.input.is_some() {
        state.pane_mut().list.filter.paste(text);
        super::arrange(state);
        return;
    }
    state.tell(Clean::fixed("Pasted text is ignored here; press / or ' first to paste into a field."), Tone::Info);
}

/// What a dialog asked for when it closed.
fn perform(state: &mut State, then: Then, effects: &mut Vec<Effect>) {
    match then {
        Then::Action(action) => act::act(state, action, effects),
        Then::Confirmed(intent) => super::signing::confirmed(state, intent, effects),
        Then::Sort(sort) => super::take_back::sort(state, sort, effects),
        Then::Theme(name) => {
            state.tell(clean::line(&format!("Theme: {name}")), Tone::Info);
            state.looks.theme = name;
            effects.push(Effect::ApplyLooks);
        }
        Then::Mouse(on) => act::mouse(state, on, effects),
        Then::Copy(entry) => copy::copy(state, *entry, effects),
        Then::LabelFile(dialog) => label_file::submit(state, *dialog, effects),
        Then::Layer(dialog) => layers::submit(state, *dialog, effects),
        Then::Save(dialog) => save::submit(state, *dialog, effects),
        Then::Open(target) => act::go(state, target, effects),
        Then::SignIn(dialog) => super::signing::submit(state, *dialog, effects),
        Then::Add(dialog) => registries::add(state, *dialog, effects),
        Then::TryCa(dialog) => registries::try_ca(state, *dialog, effects),
        Then::Look(dialog) => import::look(state, *dialog, effects),
        Then::Import(dialog) => import::commit(state, &dialog, effects),
        Then::SkipImport => import::skip(state, effects),
        Then::StartDemo(dialog) => {
            effects.push(Effect::StartDemo);
            state.modals.push(Modal::Import(*dialog));
        }
        Then::CopyMessages => copy::messages(state, effects),
        Then::Label(dialog) => labels::submit(state, *dialog, effects),
        Then::Recolour(registry, work) => {
            recolour::start(state, registry, *work, effects);
        }
        Then::StartPlan(dialog) => plan::start(state, *dialog, effects),
        Then::PlanAgain(dialog) => plan::again(state, *dialog, effects),
        Then::PlanChanged(dialog) => plan::changed(state, *dialog, effects),
        Then::PlanBack(dialog) => plan::back(state, *dialog, effects),
        Then::SavePlan(dialog) => plan::save(state, *dialog),
        Then::StartSweep(dialog) => sweep::start(state, *dialog, effects),
        Then::SweepAgain(dialog) => sweep::again(state, *dialog, effects),
        Then::StopJob(dialog) => {
            jobs::stop(state, dialog.job, effects);
            state.modals.push(Modal::Progress(dialog));
        }
        Then::Retry(dialog) => jobs::retry(state, dialog.job, effects),
        Then::PrepareCopy(dialog) => new_tag::prepare(state, *dialog, effects),
        Then::StartCopy(order) => new_tag::start(state, *order, effects),
        Then::SaveReport(dialog) => {
            let job = dialog.job;
            state.modals.push(Modal::Progress(dialog));
            jobs::report(state, job);
        }
        Then::Operation(dialog, what) => history::act(state, *dialog, what, effects),
        Then::Search(registry, term) => search::begin(state, registry, term, effects),
        Then::Scope(dialog, choice) => scopes::chosen(state, &dialog, &choice, effects),
        Then::AskGroups(dialog) => groups::ask(state, *dialog, effects),
        Then::AskGroup(dialog, key) => groups::look(state, *dialog, key, effects),
        Then::ShowGroup(registry, group) => groups::show(state, registry, group, effects),
        Then::AskScopes(dialog) => scopes::ask(state, *dialog, effects),
        Then::SignInFor(registry) => super::signing::open_dialog(state, registry, effects),
        Then::ReadRepository(dialog) => forms::read(state, *dialog, effects),
        Then::TestAccount(dialog, account) => forms::test(state, *dialog, *account, effects),
        Then::SendForm(dialog, change) => forms::submit(state, *dialog, *change, effects),
        Then::MakePassword(dialog) => password::make(state, *dialog, effects),
        Then::CopyPassword(dialog) => password::copy(state, *dialog, effects),
        Then::MarkByRule(dialog) => marks::by_rule(state, &dialog),
    }
}

fn filter_key(state: &mut State, key: Key, effects: &mut Vec<Effect>) {
    if state.pane_mut().list.filter.key(key) {
        super::arrange(state);
    }
    super::want_details(state, effects);
}

/// The wheel moves what is on top: a dialog's list, the lines of an image, or the rows.
pub fn wheel(state: &mut State, down: bool, effects: &mut Vec<Effect>) {
    const LINES: usize = 3;
    if let Some(modal) = state.modals.last() {
        // In a field Up and Down are the history.
        let code = if down { Code::Down } else { Code::Up };
        for _ in 0..if modal.typing() { 0 } else { LINES } {
            key(state, Key::plain(code), effects);
        }
    } else if matches!(state.pane().place, Place::Image(..)) {
        let action = if down { Action::Down } else { Action::Up };
        for _ in 0..LINES {
            act::act(state, action, effects);
        }
    } else {
        let rows = LINES.cast_signed();
        state.pane_mut().list.move_by(if down { rows } else { -rows });
        super::want_details(state, effects);
    }
}

/// A click on a row puts the cursor there; on the row with the cursor it opens it.
pub fn click(state: &mut State, _column: u16, row: u16, effects: &mut Vec<Effect>) {
    if !state.modals.is_empty() || matches!(state.pane().place, Place::Image(..)) {
        return;
    }
    let first = if state.layout.bordered() { 3 } else { 2 };
    let Some(line) = row.checked_sub(first).map(usize::from) else { return };
    let list = &mut state.pane_mut().list;
    let position = list.offset + line;
    if line >= list.room || position >= list.shown.len() {
        return;
    }
    if list.cursor == position {
        act::act(state, Action::Open, effects);
    } else {
        list.move_to(position);
    }
}
