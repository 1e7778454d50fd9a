//! One write at a time per repository, and the scopes that writes have turned out to need.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::OwnedMutexGuard;

use super::limits;
use crate::domain::reference::RepoName;

/// What a write needs a right for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    Delete(RepoName),
    Push(RepoName),
    Mount { to: RepoName, from: RepoName },
}

impl Right {
    pub fn repository(&self) -> &RepoName {
        match self {
            Self::Delete(repo) | Self::Push(repo) | Self::Mount { to: repo, .. } => repo,
        }
    }
}

#[derive(Debug, Default)]
pub struct Turns {
    busy: Mutex<HashMap<RepoName, Weak<tokio::sync::Mutex<()>>>>,
    scopes: Mutex<HashMap<Right, Vec<String>>>,
}

impl Turns {
    /// Waits until no other write of this repository is in flight.
    pub async fn wait(&self, repo: &RepoName) -> OwnedMutexGuard<()> {
        let turn = {
            let mut busy = lock(&self.busy);
            busy.retain(|_, turn| turn.strong_count() > 0);
            let turn = busy.get(repo).and_then(Weak::upgrade).unwrap_or_default();
            busy.insert(repo.clone(), Arc::downgrade(&turn));
            turn
        };
        turn.lock_owned().await
    }

    /// What the registry's challenge asked for the last time. Never guessed: Quay refuses a whole token request that
    /// names `delete` (oci-distribution.md §3.6).
    pub fn scopes(&self, right: &Right) -> Vec<String> {
        lock(&self.scopes).get(right).cloned().unwrap_or_default()
    }

    pub fn learn(&self, right: &Right, asked: &[String]) {
        let mut known = lock(&self.scopes);
        if asked.is_empty() {
            return;
        }
        // Forgetting costs a round trip.
        if known.len() >= limits::TOKENS_KEPT {
            known.clear();
        }
        known.insert(right.clone(), asked.to_vec());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn writes_of_a_repository_take_turns_and_others_do_not_wait() {
        let turns = Turns::default();
        let [a, b] = ["a", "b"].map(|name| RepoName::parse(name).expect("a name"));
        let first = turns.wait(&a).await;
        drop(turns.wait(&b).await);
        let mut second = std::pin::pin!(turns.wait(&a));
        assert!(futures_util::FutureExt::now_or_never(second.as_mut()).is_none());
        drop(first);
        drop(second.await);
        drop(turns.wait(&b).await);
        assert_eq!(lock(&turns.busy).len(), 1, "nothing is kept of repositories that are done");
    }
}
