//! Secrets for this run only.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::host::Host;
use crate::domain::secret::Credential;

#[derive(Default)]
pub(super) struct Session(Mutex<HashMap<String, Credential>>);

impl Session {
    fn entries(&self) -> MutexGuard<'_, HashMap<String, Credential>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, host: &Host) -> Option<Credential> {
        self.entries().get(host.authority()).cloned()
    }

    pub(super) fn set(&self, host: &Host, credential: Credential) {
        self.entries().insert(host.authority().to_owned(), credential);
    }

    pub(super) fn remove(&self, host: &Host) -> bool {
        self.entries().remove(host.authority()).is_some()
    }
}
