//! What the user meant, done.

use super::{
    about, available, changes, copy, elsewhere, favourites, folders, forms, groups, history, image, import, jobs,
    label_file, labels, layers, marks, new_tag, open, password, plan, recolour, registries, save, scopes, search,
    signing, sweep, take_back,
};
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::modal::add_registry::AddRegistry;
use crate::app::modal::label_file::Way;
use crate::app::modal::prompt::{Prompt, Target};
use crate::app::modal::rule::Rule;
use crate::app::modal::sort::SortMenu;
use crate::app::modal::{Modal, help, messages, palette};
use crate::app::pane::{self, Place, Tab};
use crate::app::state::{State, Tone};
use crate::domain::clean::{self, Clean};
use crate::domain::registry::RegistryId;
use crate::domain::text;

pub fn act(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    if let Err(why) = available::availability(state, action) {
        // Of the title what it does; how it goes about it, it does not here.
        let what = action.title().split(':').next().unwrap_or_default().trim_end_matches("...");
        let whole = format!("{what}: {why}");
        // Where there is no room for both, the reason is worth more.
        let fits = text::width(&whole) + 2 <= usize::from(state.layout.width);
        let said = if fits { whole } else { format!("{}: {why}", action.short()) };
        state.tell(clean::line(&said), Tone::Info);
        return;
    }
    let pane = state.pane();
    let room = match pane.place {
        Place::Image(..) => pane::image::areas::room(state.layout, pane.zoom, pane.image.tab),
        _ => pane.list.room,
    };
    let page = room.max(1) as isize;
    match action {
        Action::Down => step(state, 1),
        Action::Up => step(state, -1),
        Action::HalfPageDown => step(state, (page / 2).max(1)),
        Action::HalfPageUp => step(state, -(page / 2).max(1)),
        Action::PageDown => step(state, page),
        Action::PageUp => step(state, -page),
        Action::Top => step(state, isize::MIN / 2),
        Action::Bottom => step(state, isize::MAX / 2),
        Action::Open if matches!(state.pane().place, Place::Image(..)) => image::enter(state, effects),
        Action::Open if folders::toggle(state) => {}
        Action::Open if state.pane().place == Place::History => history::show_selected(state, false, effects),
        Action::Open if state.pane().place == Place::Jobs => jobs::show_selected(state),
        Action::Open if elsewhere::leads_away(state) => elsewhere::open(state, effects),
        Action::OpenElsewhere => elsewhere::open(state, effects),
        Action::Open => open::open_selected(state, effects),
        Action::Back => back(state, effects),
        Action::NextPane => pane::image::turn(state, 1),
        Action::PreviousPane => pane::image::turn(state, -1),
        Action::Panel1 => image::show(state, Tab::Platforms),
        Action::Panel2 => image::show(state, Tab::Config),
        Action::Panel3 => image::show(state, Tab::Layers),
        Action::Panel4 => image::show(state, Tab::History),
        Action::Panel5 => image::show(state, Tab::Referrers),
        Action::Panel6 => image::show(state, Tab::Raw),
        Action::RawJson if matches!(state.pane().place, Place::Repositories(_)) => about::open(state, effects),
        Action::RawJson => image::raw(state),
        Action::LoadLarge => open::load_large(state, effects),
        Action::GoRegistries => open::jump(state, vec![Place::Registries], effects),
        Action::GoRepositories => {
            if let Some(id) = here(state) {
                open::jump(state, vec![Place::Registries, Place::Repositories(id)], effects);
            }
        }
        Action::GoTags => {
            if let Place::Image(id, repo, _) | Place::Tags(id, repo) = state.pane().place.clone() {
                let places = vec![Place::Registries, Place::Repositories(id), Place::Tags(id, repo)];
                open::jump(state, places, effects);
            }
        }
        Action::LastPlace => {
            if let Some(places) = state.last_place.take() {
                open::jump(state, places, effects);
            }
        }
        Action::GoTo => state.modals.push(Modal::Prompt(Prompt { only_favourites: true, ..Prompt::default() })),
        Action::Filter => {
            state.pane_mut().list.filter.open();
        }
        Action::NextMatch => step(state, 1),
        Action::PreviousMatch => step(state, -1),
        Action::Sort => {
            let menu = SortMenu::new(pane::columns(state), state.pane().list.sort);
            state.modals.push(Modal::Sort(menu));
        }
        Action::Preview => {
            let pane = state.pane_mut();
            pane.swap_preview = !pane.swap_preview;
        }
        Action::Zoom => {
            let pane = state.pane_mut();
            pane.zoom = !pane.zoom;
        }
        Action::Copy => copy::open(state),
        Action::Save => save::open(state),
        Action::Refresh => refresh(state, false, effects),
        Action::RefreshAll => refresh(state, true, effects),
        Action::Favourite => favourites::toggle(state, effects),
        Action::ShowFavourites => {
            let pane = state.pane_mut();
            pane.only_favourites = !pane.only_favourites;
            super::arrange(state);
        }
        Action::Mark
        | Action::MarkRange
        | Action::MarkShown
        | Action::InvertMarks
        | Action::ShowMarked
        | Action::ClearMarks => {
            marks::act(state, action);
            if state.pane().only_marked || matches!(action, Action::ShowMarked | Action::ClearMarks) {
                super::arrange(state);
            }
        }
        Action::Delete if matches!(state.pane().place, Place::Repositories(_)) => sweep::open(state, effects),
        Action::Delete => plan::open(state, effects),
        Action::Jobs => history::go(state, Place::Jobs, effects),
        Action::History => history::go(state, Place::History, effects),
        Action::StopJob => {
            if let Some(job) = jobs::selected(state).map(|job| job.id) {
                jobs::stop(state, job, effects);
            }
        }
        Action::RetryJob => {
            if let Some(job) = jobs::selected(state).map(|job| job.id) {
                jobs::retry(state, job, effects);
            }
        }
        Action::MarkRule => {
            let dialog = Rule::new(state);
            state.modals.push(Modal::Rule(dialog));
        }
        Action::Protect => marks::protect(state),
        Action::Label if recolour::is_here(state) => recolour::open(state),
        Action::Label => labels::open(state),
        Action::ExportLabels => label_file::open(state, Way::Export),
        Action::ImportLabels => label_file::open(state, Way::Import),
        Action::NewTag => new_tag::open(state, effects),
        Action::Undo if state.pane().place == Place::History => history::show_selected(state, true, effects),
        Action::Undo if take_back::undo(state, effects) => {}
        Action::Undo if !state.pane().changes.is_empty() => marks::undo(state),
        Action::Undo => {
            if let Some(id) = history::last_deletion(state) {
                history::show(state, id, true, effects);
            }
        }
        Action::DownloadLayer => layers::open_fetch(state),
        Action::UploadLayer => layers::open_push(state),
        Action::Tree => folders::turn(state),
        Action::Unfold => {
            let pane = state.pane_mut();
            pane.unfold = !pane.unfold;
            super::arrange(state);
        }
        Action::CreateRepository => forms::create(state),
        Action::EditRepository => forms::edit(state, effects),
        Action::GeneratePassword => password::open(state),
        Action::Search => search::open(state),
        Action::Groups => {
            if let Some(id) = here(state) {
                groups::open(state, id, effects);
            }
        }
        Action::Scope => {
            if let Some(id) = here(state) {
                scopes::open(state, id, None, effects);
            }
        }
        Action::AddRegistry => state.modals.push(Modal::AddRegistry(AddRegistry::default())),
        Action::Import => import::open(state, effects),
        Action::Credentials => {
            if let Some(id) = here(state) {
                signing::open_dialog(state, id, effects);
            }
        }
        Action::SignOut => {
            if let Some(registry) = here(state) {
                effects.push(Effect::SignOut { registry });
            }
        }
        Action::ForgetRegistry => {
            if let Some(id) = here(state) {
                registries::forget(state, id, effects);
            }
        }
        Action::Palette => state.modals.push(Modal::Palette(palette::Palette::default())),
        Action::Messages => state.modals.push(Modal::Messages(messages::Messages::default())),
        Action::Help => state.modals.push(Modal::Help(help::Help::default())),
        Action::Mouse => mouse(state, !state.looks.mouse, effects),
        Action::NextTheme => effects.push(Effect::NextTheme),
        Action::Cancel => {
            if available::in_something(state) {
                back(state, effects);
            } else {
                state.tell(Clean::fixed("q quits, Esc goes back."), Tone::Info);
            }
        }
        Action::Suspend => effects.push(Effect::Suspend),
        Action::Redraw => effects.push(Effect::Redraw),
        Action::Quit if jobs::asks_before_quitting(state) || changes::holds_quitting_up(state) => {}
        Action::Quit => open::quit(state, effects),
    }
    if matches!(
        action,
        Action::Down
            | Action::Up
            | Action::HalfPageDown
            | Action::HalfPageUp
            | Action::PageDown
            | Action::PageUp
            | Action::Top
            | Action::Bottom
            | Action::NextMatch
            | Action::PreviousMatch
            | Action::Mark
            | Action::Open
            | Action::Back
            | Action::Tree
            | Action::Unfold
            | Action::ShowFavourites
            | Action::ShowMarked
    ) {
        super::want_details(state, effects);
    }
}

/// The registry we are in, or the one under the cursor.
pub fn here(state: &State) -> Option<RegistryId> {
    let pane = state.pane();
    match pane.place {
        Place::Registries => pane.list.selected().map(RegistryId),
        Place::Jobs => jobs::selected(state).map(|job| job.registry),
        _ => pane.place.registry(),
    }
}

fn step(state: &mut State, by: isize) {
    match state.pane().place {
        Place::Image(..) => pane::image::step(state, by),
        _ => state.pane_mut().list.move_by(by),
    }
}

/// Esc: closes the innermost thing, then goes one step out. It never quits.
fn back(state: &mut State, effects: &mut Vec<Effect>) {
    if image::close(state) || folders::leave(state) {
        return;
    }
    let pane = state.pane_mut();
    if pane.list.anchor.take().is_some() {
        return;
    }
    if pane.only_marked || pane.only_favourites {
        pane.only_marked = false;
        pane.only_favourites = false;
        super::arrange(state);
        return;
    }
    if pane.list.filter.filter.is_some() {
        pane.list.filter.clear();
        super::arrange(state);
        return;
    }
    if state.pane_mut().group.take().is_some() {
        super::arrange(state);
        return;
    }
    if !search::end(state, effects) {
        open::pop(state, effects);
    }
}

/// Reads the place again. `hard` forgets what is known of its digests, too.
fn refresh(state: &mut State, hard: bool, effects: &mut Vec<Effect>) {
    match state.pane().place.clone() {
        Place::Registries => {
            if let Some(id) = here(state) {
                state.registry_mut(id).link = crate::app::state::Link::NotAsked;
                open::connect(state, id, effects);
            }
        }
        Place::Repositories(id) => {
            if matches!(state.registry(id).link, crate::app::state::Link::Down(_)) {
                state.registry_mut(id).link = crate::app::state::Link::NotAsked;
            }
            open::connect(state, id, effects);
            open::load_repositories(state, id, effects);
        }
        Place::Tags(id, repo) => {
            if hard {
                state.cache.tags.remove(&(id, repo.clone()));
                state.pane_mut().list.forget_rows();
            }
            open::load_tags(state, id, &repo, effects);
        }
        Place::History => history::read(state, effects),
        Place::Jobs => {}
        Place::Image(id, repo, _) => {
            state.cache.images.retain(|key, _| key.0 != id || key.1 != repo);
            state.cache.referrers.retain(|key, _| key.0 != id || key.1 != repo);
            open::load_image(state, effects);
        }
    }
}

/// Goes to a place by name.
pub fn go(state: &mut State, target: Target, effects: &mut Vec<Effect>) {
    let Target { registry, repo, reference } = target;
    let mut places = vec![Place::Registries, Place::Repositories(registry)];
    if let Some(repo) = repo {
        let catalog = state.cache.list_mut(registry);
        if !catalog.lists(&repo) {
            catalog.pin(&repo);
        }
        places.push(Place::Tags(registry, repo.clone()));
        if let Some(reference) = reference {
            places.push(Place::Image(registry, repo, reference));
        }
    }
    open::jump(state, places, effects);
}

pub fn mouse(state: &mut State, on: bool, effects: &mut Vec<Effect>) {
    state.looks.mouse = on;
    effects.push(Effect::SetMouse(on));
    let text = if on { "Mouse on; Shift-drag selects text." } else { "Mouse off." };
    state.tell(Clean::fixed(text), Tone::Info);
}
