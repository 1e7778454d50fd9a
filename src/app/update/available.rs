//! One answer to "may I, and if not, why not": for the keymap, the footer, the help, the palette and `update`.

use super::{about, act, changes, favourites, forms, history, jobs, layers, password, recolour, sweep};
use crate::app::action::Action;
use crate::app::modal::progress::can_retry;
use crate::app::pane::{self, Place};
use crate::app::state::State;
use crate::domain::capability::{Ability, DeleteSemantics};
use crate::domain::page::Listed;
use crate::domain::registry::{BackendKind, CredentialPlace, Mode, RegistryId};

/// `Err` says why the action does nothing here and now.
pub fn availability(state: &State, action: Action) -> Result<(), &'static str> {
    let pane = state.pane();
    let place = &pane.place;
    let on_list = !matches!(place, Place::Image(..));
    let on_content = on_list && place.is_content();
    let on_tags = matches!(place, Place::Tags(..));
    let on_registries = *place == Place::Registries;
    let row = pane.list.selected().is_some();
    let on_repositories = matches!(place, Place::Repositories(_));
    let some_marked = pane.untagged || !pane.marks.is_empty() || !pane.repos.is_empty();
    let need = |ok: bool, why: &'static str| if ok { Ok(()) } else { Err(why) };
    match action {
        Action::Open if on_list && !row => Err("nothing to open: the list is empty"),
        Action::Open => need(!on_a_wrong_name(state), "this is not a valid name; it is shown, and never sent back"),
        Action::Back => need(state.panes.len() > 1 || in_something(state), "this is the first view"),
        Action::GoRepositories => need(place.registry().is_some() || (on_registries && row), "choose a registry first"),
        Action::GoTags => need(matches!(place, Place::Tags(..) | Place::Image(..)), "choose a repository first"),
        Action::LastPlace => need(state.last_place.is_some(), "no other place was shown yet"),
        Action::Filter => need(on_list, "only on lists"),
        Action::Sort => need(on_content, "only on lists of registries, repositories and tags"),
        Action::NextMatch | Action::PreviousMatch => {
            need(on_list && pane.list.filter.filter.is_some(), "no filter is set")
        }
        Action::Mark | Action::MarkRange | Action::MarkShown | Action::InvertMarks if on_repositories => {
            sweep::may_delete(state).and_then(|()| need(row, "the list is empty"))
        }
        Action::Mark | Action::MarkRange | Action::MarkShown | Action::InvertMarks => {
            need(on_tags && row, "marks are for tags")
        }
        Action::ShowMarked | Action::ClearMarks if on_repositories => {
            sweep::may_delete(state).and_then(|()| need(some_marked, "nothing is marked"))
        }
        Action::ShowMarked => need(on_tags && !pane.marks.is_empty(), "nothing is marked"),
        Action::ClearMarks => need(on_tags && some_marked, "nothing is marked"),
        Action::NewTag if state.read_only => Err("tagboat runs read-only (--read-only)"),
        Action::NewTag => match super::new_tag::subject(state) {
            None => Err("choose a tag or an image first"),
            Some((id, ..)) => may_set_tags(state, id),
        },
        Action::Delete if on_repositories => sweep::may_delete(state)
            .and_then(|()| need(!sweep::marked(state).is_empty(), "choose a repository, or mark some")),
        Action::Delete => may_delete(state),
        Action::StopJob => match jobs::selected(state) {
            None => Err("choose a job first"),
            Some(job) => need(job.runs() && !job.stopping, "this job has ended, or is about to"),
        },
        Action::RetryJob => match jobs::selected(state) {
            None => Err("choose a job first"),
            Some(job) => need(can_retry(job), "nothing of this job is to be tried again"),
        },
        Action::MarkRule => need(on_tags && row, "marks are for tags"),
        Action::Protect => need(on_tags && row && !on_a_wrong_name(state), "protection is for tags"),
        Action::Label if on_tags && on_a_wrong_name(state) && pane.marks.is_empty() => {
            Err("this is not a valid name; it is shown, and never sent back")
        }
        Action::Label if recolour::is_here(state) => recolour::available(state),
        Action::Label => {
            let some = super::plan::marked(state).is_some_and(|(.., marks)| !marks.tags.is_empty());
            need(some, "labels are for tags")
        }
        Action::Undo if !pane.changes.is_empty() => Ok(()),
        Action::Undo if *place == Place::History => need(row, "choose an operation first"),
        Action::Undo if history::last_deletion(state).is_none() => Err(history::nothing_to_undo(state)),
        Action::Undo => history::kept(state),
        Action::DownloadLayer => layers::may_fetch(state),
        Action::UploadLayer => layers::may_push(state),
        Action::Unfold => need(on_tags, "only tags have attached ones"),
        Action::Copy => need((row && on_content) || !on_list, "nothing to copy"),
        Action::Save => need(on_content && row, "only lists that hold something"),
        Action::Favourite => favourites::available(state),
        Action::ShowFavourites => need(
            matches!(place, Place::Registries | Place::Repositories(_)),
            "favourites are registries and repositories",
        ),
        Action::CreateRepository => forms::may_create(state),
        Action::EditRepository => forms::may_edit(state),
        Action::GeneratePassword => password::may(state),
        Action::Tree => need(matches!(place, Place::Repositories(_)), "only in the repository list"),
        Action::OpenElsewhere => super::elsewhere::may(state),
        Action::Groups => match place {
            Place::Repositories(id) => {
                let can = state.registry(*id).profile.kind == BackendKind::DockerCloud;
                need(can, "only Docker Cloud has such")
            }
            _ => Err("only in the repository list"),
        },
        Action::Search => match place {
            Place::Repositories(id) => {
                let can = state.registry(*id).caps.can(Ability::Search);
                need(can, "this registry has no search of its own")
            }
            _ => Err("only in the repository list"),
        },
        Action::Scope => match place {
            Place::Repositories(id) => {
                let some = state.registry(*id).profile.kind.scope_word().is_some();
                need(some, "this registry has none")
            }
            _ => Err("only in the repository list"),
        },
        Action::AddRegistry => need(on_registries, "only in the registry list"),
        Action::Import if on_registries => {
            let found = state.registries.iter().any(|registry| !registry.saved);
            need(found, "Docker and Podman know no other registry than those of this list")
        }
        Action::Import => Err("only in the registry list"),
        Action::Credentials => need(act::here(state).is_some(), "choose a registry first"),
        Action::SignOut => {
            let id = place.registry().map(|id| id.0).or(if on_registries { pane.list.selected() } else { None });
            match id.map(|n| &state.registries[n as usize].profile.credential) {
                Some(CredentialPlace::None) => Err("this registry is used without credentials"),
                Some(_) => Ok(()),
                None => Err("choose a registry first"),
            }
        }
        Action::ForgetRegistry => need(on_registries && row, "only in the registry list"),
        Action::RawJson if matches!(place, Place::Repositories(_)) => {
            need(about::subject(state).is_some(), "nothing is said of it but its name")
        }
        Action::NextPane | Action::PreviousPane | Action::RawJson => need(!on_list, "only on an image"),
        Action::Panel1 | Action::Panel2 | Action::Panel3 | Action::Panel4 | Action::Panel5 | Action::Panel6 => {
            need(!on_list, "only on an image")
        }
        Action::LoadLarge => need(pane::image::is_too_large(state, pane), "nothing here is too large"),
        Action::Preview => need(on_content, "only on lists of registries, repositories and tags"),
        _ => Ok(()),
    }
}

fn may_set_tags(state: &State, id: RegistryId) -> Result<(), &'static str> {
    let registry = state.registry(id);
    match registry.profile.kind {
        BackendKind::Oci => Ok(()),
        _ if registry.caps.can(Ability::SetTag) => changes::forbidden(state, id).map_or(Ok(()), Err),
        BackendKind::Alauda => Err("Alauda has no call that sets a tag; docker push does"),
        BackendKind::DockerCloud => Err("Docker Cloud keeps no tags; open the repository at its own registry"),
        BackendKind::DockerV1 | BackendKind::MlSpace => Err("not connected yet, and what it can do is not known"),
    }
}

/// Whether something can be deleted here: told before anything is marked for nothing.
fn may_delete(state: &State) -> Result<(), &'static str> {
    let Some(id) = state.pane().place.registry() else { return Err("choose tags first") };
    let registry = state.registry(id);
    if state.read_only {
        return Err("tagboat runs read-only (--read-only)");
    }
    if registry.profile.mode == Mode::ReadOnly {
        return Err("this registry is read-only in the config (mode = \"ro\")");
    }
    if registry.caps.delete == DeleteSemantics::Unsupported {
        return Err("deletion is switched off in this registry");
    }
    if state.cleanup.unread {
        return Err("the config has a mistake, so what it protects is not known");
    }
    if super::plan::marked(state).is_none() { Err("marks are for tags") } else { Ok(()) }
}

/// Whether the row under the cursor is what a server sent instead of a name.
fn on_a_wrong_name(state: &State) -> bool {
    let pane = state.pane();
    let Some(row) = pane.list.selected() else { return false };
    match &pane.place {
        Place::Repositories(id) => {
            let row = state.cache.catalogs.get(id).and_then(|catalog| catalog.rows.get(row as usize));
            row.is_some_and(|row| matches!(row.name, Listed::Invalid(_)))
        }
        Place::Tags(id, repo) => {
            let row = state.tags(*id, repo).and_then(|list| list.rows.get(row as usize));
            row.is_some_and(|row| matches!(row.name, Listed::Invalid(_)))
        }
        Place::Registries | Place::Image(..) | Place::Jobs | Place::History => false,
    }
}

/// Whether Esc has something to close before it goes back.
pub fn in_something(state: &State) -> bool {
    let pane = state.pane();
    super::image::covered(state)
        || super::folders::inside(state)
        || pane.list.anchor.is_some()
        || pane.list.filter.filter.is_some()
        || pane.only_marked
        || pane.only_favourites
        || pane.group.is_some()
        || pane.behind.is_some()
}
