//! The go-to prompt: a place by name, fuzzy over what is known, or typed in full (`repo`, `repo:tag`,
//! `registry/repo:tag`). It is the way into registries that do not list their repositories.

use super::{Outcome, Then, form};
use crate::app::cache::Phase;
use crate::app::fuzzy::fuzzy;
use crate::app::key::{Key, KeyCode as Code};
use crate::app::list::Field;
use crate::app::pane::Place;
use crate::app::state::State;
use crate::domain::page::Listed;
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::RegistryId;

const MOST_SHOWN: usize = 200;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub registry: RegistryId,
    pub repo: Option<RepoName>,
    pub reference: Option<Reference>,
}

#[derive(Clone, Debug, Default)]
pub struct Prompt {
    pub text: Field,
    pub cursor: usize,
    pub only_favourites: bool,
}

impl Prompt {
    pub fn matches(&self, state: &State) -> Vec<(String, Target)> {
        let mut places = Vec::new();
        let here = state.pane().place.registry();
        for (n, registry) in state.registries.iter().enumerate() {
            let id = RegistryId(n as u32);
            if state.hidden.contains(&id) {
                continue;
            }
            let target = Target { registry: id, repo: None, reference: None };
            places.push((registry.profile.name.clone(), registry.favourite, target));
            for row in state.cache.catalogs.get(&id).iter().flat_map(|c| &c.rows) {
                let Listed::Valid(repo) = &row.name else { continue };
                let target = Target { registry: id, repo: Some(repo.clone()), reference: None };
                let text =
                    if here == Some(id) { repo.to_string() } else { format!("{}/{repo}", registry.profile.name) };
                places.push((text, row.favourite, target));
            }
        }
        // Without any, all there is to go to says more than an empty list.
        let some = places.iter().any(|(_, favourite, _)| *favourite);
        if some && self.only_favourites && self.text.value().is_empty() {
            places.retain(|(_, favourite, _)| *favourite);
        }
        let best = fuzzy(self.text.value(), places.iter().map(|(text, _, _)| text.as_str()));
        let mut found: Vec<_> =
            best.into_iter().take(MOST_SHOWN).map(|at| (places[at].0.clone(), places[at].2.clone())).collect();
        if let Some(typed) = self.typed(state) {
            found.retain(|(_, target)| *target != typed);
            // The list is complete and does not have it: more likely the beginning of a name than a hidden repository.
            let at = usize::from(is_unknown(state, &typed)).min(found.len());
            found.insert(at, (self.text.value().to_owned(), typed));
        }
        found
    }

    /// What was typed, read as a place: in a known registry by its name or host, else in the one that is open.
    fn typed(&self, state: &State) -> Option<Target> {
        let text = self.text.value().trim();
        if text.is_empty() {
            return None;
        }
        let mut known = (0..).map(RegistryId).zip(&state.registries).filter(|(id, _)| !state.hidden.contains(id));
        let named = known.find_map(|(id, registry)| {
            let profile = &registry.profile;
            [profile.name.as_str(), profile.host()]
                .into_iter()
                .find_map(|prefix| text.strip_prefix(prefix)?.strip_prefix('/'))
                .map(|rest| (id, rest))
        });
        let (registry, rest) = named.or_else(|| {
            let id = match &state.pane().place {
                Place::Registries => RegistryId(state.pane().list.selected()?),
                place => place.registry()?,
            };
            Some((id, text))
        })?;
        let (repo, reference) = if let Some((repo, digest)) = rest.split_once('@') {
            (repo, Some(Reference::Digest(Digest::parse(digest).ok()?)))
        } else if let Some((repo, tag)) = rest.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
            (repo, Some(Reference::Tag(TagName::parse(tag).ok()?)))
        } else {
            (rest, None)
        };
        let kind = state.registry(registry).profile.kind;
        Some(Target { registry, repo: Some(kind.repository(repo).ok()?), reference })
    }

    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        match key.code {
            Code::Esc => return Outcome::Close,
            Code::Down => self.cursor = (self.cursor + 1).min(self.matches(state).len().saturating_sub(1)),
            Code::Up => self.cursor = self.cursor.saturating_sub(1),
            Code::Enter => {
                return match self.matches(state).into_iter().nth(self.cursor) {
                    Some((_, target)) => Outcome::Act(Then::Open(target)),
                    None => Outcome::Stay,
                };
            }
            Code::Tab => {
                if let Some((text, _)) = self.matches(state).into_iter().nth(self.cursor) {
                    self.text = Field::new(text);
                    self.cursor = 0;
                }
            }
            _ => {
                if form::edit(&mut self.text, key) {
                    self.cursor = 0;
                }
            }
        }
        Outcome::Stay
    }
}

fn is_unknown(state: &State, target: &Target) -> bool {
    let (Some(repo), Some(catalog)) = (&target.repo, state.cache.catalogs.get(&target.registry)) else { return false };
    matches!(&catalog.phase, Phase::Done(end) if end.complete) && !catalog.lists(repo)
}
