//! `update` and its routes. A message goes to the file that knows its kind; nothing is decided here.

pub(in crate::app) mod about;
mod act;
#[cfg(test)]
mod adding_tests;
mod arranging;
mod available;
mod changes;
mod configured;
#[cfg(test)]
mod configured_tests;
mod copy;
mod details;
mod elsewhere;
mod favourites;
mod folders;
mod forms;
mod groups;
mod history;
mod image;
mod import;
mod jobs;
mod key;
mod label_file;
mod labels;
mod layers;
mod loaded;
mod marks;
mod new_tag;
mod open;
mod password;
mod places;
mod plan;
mod recolour;
mod registries;
#[cfg(test)]
mod registry_tests;
mod repo_marks;
mod save;
mod saved;
mod scopes;
mod search;
mod signing;
mod sweep;
mod take_back;
#[cfg(test)]
mod tests;

use arranging::arrange;
pub use available::availability;
pub use details::want_details;
pub use elsewhere::Away;
pub use import::first_run;
pub use places::{Remembered, from_last_run, last_place};
pub use search::empty_words as search_words;

use super::effect::Effect;
use super::layout::Layout;
use super::msg::Msg;
use super::pane::preview;
use super::state::{Link, Pending, State, Tone};
use crate::domain::clean::Clean;

/// How long a notice stays.
const NOTICE_SECONDS: i64 = 6;

/// The whole contract of the core.
pub fn update(state: &mut State, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    let moves = matches!(msg, Msg::Key(_) | Msg::Click { .. } | Msg::Scroll { .. });
    let before = moves.then(|| (state.panes.len(), preview::hold(state.pane())));
    match msg {
        Msg::Key(key) => key::key(state, key, &mut effects),
        Msg::Paste(text) => key::paste(state, &text, &mut effects),
        Msg::PasteBurst => {
            state.tell(
                Clean::fixed("That looked like a paste; nothing was done. Paste into a field instead."),
                Tone::Info,
            );
        }
        Msg::Resize(width, height) => {
            let layout = Layout::of(width, height);
            // Two columns of text side by side are one muddle when read aloud.
            state.layout = if state.looks.accessible { layout.in_one_column() } else { layout };
            resize(state);
            want_details(state, &mut effects);
        }
        Msg::Tick(now) => tick(state, now),
        Msg::SlowLine => {
            state.looks.slow = true;
            resize(state);
            state.tell(
                Clean::fixed("This connection is slow: less is drawn now (slow = \"off\" prevents it)."),
                Tone::Info,
            );
        }
        Msg::Rested => {
            preview::rested(state, &mut effects);
            details::rested(state, &mut effects);
        }
        Msg::Click { column, row } => key::click(state, column, row, &mut effects),
        Msg::Scroll { down } => {
            key::wheel(state, down, &mut effects);
        }
        Msg::Loaded { id, event } => loaded::loaded(state, id, event, &mut effects),
        Msg::Changed { id, result } => changes::changed(state, id, result, &mut effects),
        Msg::PasswordMade { id, registry, result } => password::made(state, id, registry, result),
        Msg::TaskFailed { id } => loaded::task_failed(state, id),
        Msg::SignedIn(result) => signing::signed_in(state, result, &mut effects),
        Msg::SignedOut { registry, text } => signing::signed_out(state, registry, text, &mut effects),
        Msg::Planned { ticket, made } => plan::made(state, ticket, made.map(|made| *made), &mut effects),
        Msg::Arranged { ticket, arranged } => {
            arranging::arranged(state, ticket, arranged);
            want_details(state, &mut effects);
        }
        Msg::SignInTested(result) => signing::tested(state, result, &mut effects),
        Msg::Trail { registry, trail, helper } => signing::trail(state, registry, trail, helper.as_ref()),
        Msg::RegistryTested(tried) => registries::tested(state, *tried, &mut effects),
        Msg::CaTried { registry, result } => registries::ca_tried(state, registry, result, &mut effects),
        Msg::Found { registries, notes } => import::found(state, registries, notes, &mut effects),
        Msg::DemoStarted(result) => import::demo_started(state, result, &mut effects),
        Msg::HistoryRead(rows) => history::has_read(state, rows, &mut effects),
        Msg::OperationRead { journal, read } => history::detailed(state, &journal, read, &mut effects),
        Msg::Unfinished(count) => history::unfinished(state, count),
        Msg::Job { job, event } => jobs::event(state, job, event, &mut effects),
        Msg::Shown(now) => state.modals.last_mut().into_iter().for_each(|modal| modal.shown(now)),
        Msg::Saved(result) => save::saved(state, result),
        Msg::LabelsExported(result) => label_file::exported(state, result),
        Msg::LabelsRead { path, result } => label_file::has_read(state, path, result),
        Msg::Remembered(found) => saved::saved(state, found, &mut effects),
        Msg::Configured(edit) => configured::configured(state, *edit, &mut effects),
        Msg::Misconfigured(why) => state.tell(why, Tone::Bad),
        Msg::Told(text) => state.mention(text),
    }
    if let Some((panes, held)) = before
        && panes == state.panes.len()
    {
        preview::moved(state.pane_mut(), held);
    }
    arranging::settle(state, &mut effects);
    effects
}

/// The first messages of a run: the first pane is arranged, and registries say hello when they are few.
pub fn start(state: &mut State) -> Vec<Effect> {
    let mut effects = Vec::new();
    resize(state);
    arrange(state);
    open::connect_on_screen(state, &mut effects);
    effects
}

/// The cursor goes to the first registry that was given, wherever the order of the list has it.
pub fn begin_at_first(state: &mut State) {
    let list = &mut state.pane_mut().list;
    if let Some(at) = list.shown.iter().position(|row| *row == 0) {
        list.move_to(at);
    }
}

/// The place the command line names.
pub fn go_to(state: &mut State, target: super::modal::prompt::Target) -> Vec<Effect> {
    let mut effects = Vec::new();
    act::go(state, target, &mut effects);
    effects
}

fn resize(state: &mut State) {
    let (room, jump) = (state.layout.list_rows(), state.looks.slow);
    for pane in &mut state.panes {
        pane.list.jump = jump;
        pane.list.resize(room);
    }
}

fn tick(state: &mut State, now: jiff::Timestamp) {
    state.now = now;
    let Some(notice) = &mut state.notice else { return };
    // An error stays until the next key.
    match notice.since {
        None => notice.since = Some(now),
        Some(since) if notice.tone != Tone::Bad && now.as_second() - since.as_second() >= NOTICE_SECONDS => {
            state.notice = None;
        }
        Some(_) => {}
    }
}

/// Takes every request of this kind out of the table and asks for its end.
fn abort(state: &mut State, which: impl Fn(&Pending) -> bool, effects: &mut Vec<Effect>) {
    let ids: Vec<_> = state.inflight.iter().filter(|(_, p)| which(p)).map(|(id, _)| *id).collect();
    for id in ids {
        if let Some(Pending::Connect(registry)) = state.inflight.remove(&id) {
            state.registry_mut(registry).link = Link::NotAsked;
        }
        effects.push(Effect::Abort { id });
    }
}

/// Whether there is something to do when no key comes for a moment.
pub fn waits_for_rest(state: &State) -> bool {
    preview::waits(state) || details::held_up(state)
}

/// Whether details of the tags on screen are being read.
pub fn reading_details(state: &State) -> bool {
    use super::pane::Place;
    let Place::Tags(id, repo) = &state.pane().place else { return false };
    state.inflight.values().any(|p| matches!(p, Pending::Details(i, r) if i == id && r == repo))
}
