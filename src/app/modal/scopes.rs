//! Choosing the namespace or workspace that is looked at.

use super::{Outcome, Then, form};
use crate::app::fuzzy::fuzzy;
use crate::app::key::{Key, KeyCode as Code};
use crate::app::list::Field;
use crate::app::msg::RequestId;
use crate::app::state::State;
use crate::domain::clean::Clean;
use crate::domain::error::ErrorReport;
use crate::domain::registry::{BackendKind, RegistryId};
use crate::domain::repository::Scope;

#[derive(Clone, Debug)]
pub struct Scopes {
    pub registry: RegistryId,
    pub query: Field,
    pub cursor: usize,
    /// What there is to choose from; nothing while it is asked for.
    pub found: Option<Result<Vec<Scope>, ErrorReport>>,
    pub waiting: Option<RequestId>,
    /// It is written to the config, too.
    pub keep: bool,
    /// Why it opened by itself.
    pub why: Option<Clean>,
}

/// One to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    Known(Scope),
    /// Not in the list: that has only those the account belongs to.
    Typed(String),
}

impl Choice {
    /// As in the config.
    pub fn id(&self) -> &str {
        match self {
            Self::Known(scope) => &scope.id,
            Self::Typed(text) => text,
        }
    }
}

impl Scopes {
    pub fn new(registry: RegistryId, why: Option<Clean>) -> Self {
        Self { registry, query: Field::default(), cursor: 0, found: None, waiting: None, keep: false, why }
    }

    /// What fits what was typed, the best first.
    pub fn matches(&self, state: &State) -> Vec<Choice> {
        let all = match &self.found {
            Some(Ok(all)) => all.as_slice(),
            _ => &[],
        };
        let typed = self.query.value().trim();
        let texts: Vec<String> = all.iter().map(|scope| format!("{} {}", scope.name, scope.id)).collect();
        let mut best = fuzzy(typed, texts.iter().map(String::as_str));
        // What else is said of them is longer: almost anything could be picked together from it.
        let part = typed.to_lowercase();
        let says = |scope: &Scope| scope.more.iter().any(|(_, value)| value.as_str().to_lowercase().contains(&part));
        let more: Vec<usize> = (0..all.len()).filter(|at| !best.contains(at) && says(&all[*at])).collect();
        best.extend(more);
        let mut found: Vec<_> = best.into_iter().map(|at| Choice::Known(all[at].clone())).collect();
        let kind = state.registry(self.registry).profile.kind;
        if is_typed_name(kind, typed) && !all.iter().any(|scope| scope.id == typed) {
            found.push(Choice::Typed(typed.to_owned()));
        }
        found
    }

    pub fn is_current(&self, choice: &Choice, state: &State) -> bool {
        let registry = state.registry(self.registry);
        let now = registry.profile.scope().unwrap_or_default();
        // Where the config says nothing it is the user's own.
        let user = registry.account.as_ref().and_then(|account| account.user.as_ref());
        let own = user.filter(|_| now.is_empty() && registry.profile.kind == BackendKind::Alauda);
        match choice {
            Choice::Known(scope) if own.is_some_and(|user| user.as_str() == scope.id) => true,
            // The config may have the name in the place of the id.
            Choice::Known(scope) => scope.id == now || (!now.is_empty() && scope.name.as_str() == now),
            Choice::Typed(text) => text == now,
        }
    }

    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        match key.code {
            Code::Esc => return Outcome::Close,
            Code::Down => self.cursor = (self.cursor + 1).min(self.matches(state).len().saturating_sub(1)),
            Code::Up => self.cursor = self.cursor.saturating_sub(1),
            Code::Tab => self.keep = !self.keep,
            Code::Enter => {
                let chosen = self.matches(state).into_iter().nth(self.cursor);
                return match chosen {
                    Some(choice) if self.is_current(&choice, state) && !self.keep => Outcome::Close,
                    Some(choice) => Outcome::Act(Then::Scope(Box::new(self.clone()), choice)),
                    None if matches!(self.found, Some(Err(_))) => Outcome::Act(Then::AskScopes(Box::new(self.clone()))),
                    None => Outcome::Stay,
                };
            }
            _ => {
                if form::edit(&mut self.query, key) {
                    self.cursor = 0;
                }
            }
        }
        Outcome::Stay
    }
}

/// Namespaces have names, and more of them can be read than are listed; workspaces have ids.
fn is_typed_name(kind: BackendKind, text: &str) -> bool {
    let sign = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    matches!(kind, BackendKind::DockerCloud | BackendKind::Alauda)
        && !text.is_empty()
        && text.bytes().all(sign)
        && !text.starts_with('.')
}
