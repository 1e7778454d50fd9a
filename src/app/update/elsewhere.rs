//! A repository that lives at another registry is opened there, on top of the list it was found in. Nothing of the
//! system that named it goes there: the other registry is used with the credentials its own address has.

use std::sync::Arc;

use super::open;
use crate::app::effect::Effect;
use crate::app::modal::{Ask, Intent, Modal};
use crate::app::pane::{Place, tags};
use crate::app::state::{Pending, Registry, State, Tone};
use crate::domain::capability::{Ability, Support};
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorReport;
use crate::domain::home::Home;
use crate::domain::page::Listed;
use crate::domain::reference::{Reference, RepoName};
use crate::domain::registry::{BackendKind, RegistryId, RegistryProfile};
use crate::domain::repository::RepoInfo;

/// What is to be opened where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    /// Whose list it is in.
    pub from: RegistryId,
    pub home: Home,
    /// Its name there.
    pub repository: String,
    pub reference: Option<Reference>,
}

/// Enter leads away from here, because there is nothing to see here.
pub fn leads_away(state: &State) -> bool {
    let Some(id) = state.pane().place.registry() else { return false };
    let caps = &state.registry(id).caps;
    caps.can(Ability::OpenElsewhere)
        && match state.pane().place {
            Place::Repositories(_) => caps.tags == Support::No && selected(state).is_some(),
            Place::Tags(..) => may(state).is_ok(),
            _ => false,
        }
}

/// Whether what is under the cursor lives somewhere else.
pub fn may(state: &State) -> Result<(), &'static str> {
    let Some(id) = state.pane().place.registry() else { return Err("choose a repository first") };
    if !state.registry(id).caps.can(Ability::OpenElsewhere) {
        return Err("what is listed here is here");
    }
    let (repo, _) = selected(state).ok_or("choose a repository first")?;
    let known = info(state, id, &repo).is_some_and(|info| info.elsewhere.is_some());
    if known { Ok(()) } else { Err("where this lives is not known") }
}

fn selected(state: &State) -> Option<(RepoName, Option<Reference>)> {
    let pane = state.pane();
    let row = || pane.list.selected();
    match &pane.place {
        Place::Repositories(id) => match &state.cache.catalogs.get(id)?.rows.get(row()? as usize)?.name {
            Listed::Valid(name) => Some((name.clone(), None)),
            Listed::Invalid(_) => None,
        },
        Place::Tags(id, repo) => {
            let tag = tags::name(state.tags(*id, repo)?.rows.get(row()? as usize)?)?;
            Some((repo.clone(), Some(Reference::Tag(tag.clone()))))
        }
        _ => None,
    }
}

fn info(state: &State, id: RegistryId, repo: &RepoName) -> Option<Arc<RepoInfo>> {
    let shown = state.cache.catalogs.get(&id).and_then(|catalog| catalog.named(repo.as_str()));
    let listed = || state.cache.list(id).and_then(|list| list.named(repo.as_str()));
    shown.or_else(listed)?.info.clone()
}

pub fn open(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(from) = state.pane().place.registry() else { return };
    let Some((repo, reference)) = selected(state) else { return };
    let Some(there) = info(state, from, &repo).and_then(|info| info.elsewhere.clone()) else {
        return state.tell(clean::line(&format!("Where {repo} lives is not known; r reads it again.")), Tone::Info);
    };
    let home = match Home::parse(&there.url) {
        Ok(home) => home,
        Err(why) => {
            // The reason first: names and addresses are long, and the line is cut at its end.
            let words = format!("Nothing was sent, {why}: {} of {repo}.", there.url);
            return state.tell(clean::line(&words), Tone::Bad);
        }
    };
    let away = Away { from, home, repository: there.repository, reference };
    match known(state, &away.home) {
        Some(id) => show(state, id, &away, effects),
        None => {
            let lines = question(state, &away);
            let intent = Intent::OpenElsewhere(Box::new(away));
            state.modals.push(Modal::Ask(Ask { title: "Open it at its own registry?", lines, intent }));
        }
    }
}

/// A registry of the list with that address.
fn known(state: &State, home: &Home) -> Option<RegistryId> {
    let shown = (0..state.registries.len() as u32).map(RegistryId).filter(|id| !state.hidden.contains(id));
    let fits = |id: &RegistryId| {
        let profile = &state.registry(*id).profile;
        matches!(profile.kind, BackendKind::Oci | BackendKind::DockerV1) && home.is(&profile.url)
    };
    shown.filter(fits).min_by_key(|id| state.registry(*id).profile.kind != BackendKind::Oci)
}

fn question(state: &State, away: &Away) -> Vec<Clean> {
    let from = clean::identifier(&state.registry(away.from).profile.name);
    let mut lines = vec![
        clean::line(&format!("{from} says that {}", away.repository)),
        clean::line(&format!("lives at  {}", away.home.url)),
        Clean::fixed("That registry is not in the list; it is added for this run."),
        clean::line(&format!("It gets nothing of {from}, only what you have for its own address.")),
    ];
    if away.home.inside {
        lines.push(Clean::fixed(
            "It is an address of this machine or of an internal network: open it only if you know it.",
        ));
    }
    if away.home.is_plain() {
        lines.push(Clean::fixed("The connection is plain http: anyone on the way can read it."));
    }
    lines
}

/// The question was answered with yes: what speaks there is found out, without any credential.
pub fn find(state: &mut State, away: Away, effects: &mut Vec<Effect>) {
    let words = format!("Asking {} what it speaks...", away.home.host());
    let profile = Box::new(profile(state, &away.home, BackendKind::Oci));
    let id = state.begin(Pending::Kind(Box::new(away)));
    effects.push(Effect::FindKind { id, profile });
    state.tell(clean::line(&words), Tone::Info);
}

pub fn found(state: &mut State, away: &Away, result: Result<BackendKind, ErrorReport>, effects: &mut Vec<Effect>) {
    let kind = match result {
        Ok(kind @ (BackendKind::Oci | BackendKind::DockerV1)) => kind,
        Ok(other) => {
            let words = format!("{} is of the kind {}, which has no images.", away.home.host(), other.word());
            return state.tell(clean::line(&words), Tone::Bad);
        }
        Err(report) => return state.tell(clean::line(&format!("{} {}", report.what, report.hint)), Tone::Bad),
    };
    let id = known(state, &away.home).unwrap_or_else(|| {
        let profile = profile(state, &away.home, kind);
        effects.push(Effect::KnowRegistry(Box::new(profile.clone())));
        state.registries.push(Registry::new(profile, true));
        RegistryId(state.registries.len() as u32 - 1)
    });
    // Who has gone somewhere else meanwhile is not pulled away from there.
    if state.pane().place.registry() == Some(away.from) && state.modals.is_empty() {
        show(state, id, away, effects);
    } else {
        let name = clean::identifier(&state.registry(id).profile.name);
        state.tell(clean::line(&format!("{name} is in the list of registries now.")), Tone::Info);
    }
}

/// A registry of this run: no name of another one, and its own credentials, as docker has them for its address.
fn profile(state: &State, home: &Home, kind: BackendKind) -> RegistryProfile {
    let plain: String =
        home.host().chars().filter(|c| c.is_ascii_alphanumeric() || ".-:".contains(*c)).take(60).collect();
    let base = plain.trim_matches(':');
    let taken = |name: &str| state.registries.iter().any(|registry| registry.profile.name == name);
    let names = std::iter::once(base.to_owned()).chain((2..).map(|n| format!("{base}-{n}")));
    let name = names.into_iter().find(|name| !taken(name)).unwrap_or_default();
    RegistryProfile { name, kind, url: home.url.clone(), plain_http: home.is_plain(), ..RegistryProfile::default() }
}

fn show(state: &mut State, id: RegistryId, away: &Away, effects: &mut Vec<Effect>) {
    let Ok(repo) = state.registry(id).profile.kind.repository(&away.repository) else {
        let name = clean::identifier(&state.registry(id).profile.name);
        let words = format!("{} is no name of a repository at {name}.", away.repository);
        return state.tell(clean::line(&words), Tone::Bad);
    };
    let place = match &away.reference {
        Some(reference) => Place::Image(id, repo, reference.clone()),
        None => Place::Tags(id, repo),
    };
    open::push(state, place, effects);
}
