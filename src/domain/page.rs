//! How a list ended.

use super::clean::Clean;

/// An entry of a list: a valid name, or something a server sent instead of one. The latter is shown and marked,
/// and never goes into a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Listed<T> {
    Valid(T),
    Invalid(Clean),
}

/// The end of a list walk.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ListEnd {
    /// Everything the server has was read.
    pub complete: bool,
    /// Why it is not complete, or what else to know ("3 entries skipped").
    pub note: Option<Clean>,
}
