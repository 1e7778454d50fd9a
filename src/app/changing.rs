//! A change that is under way, and what it is for.

use std::sync::Arc;

use crate::domain::change::Change;
use crate::domain::registry::RegistryId;

#[derive(Clone, Debug)]
pub struct Changing {
    pub registry: RegistryId,
    pub change: Arc<Change>,
    pub purpose: Purpose,
}

/// Who waits for the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The row shows what is wished; the server had `was` before.
    Favourite { was: bool },
    /// The form whose stage names this change.
    Form,
}
