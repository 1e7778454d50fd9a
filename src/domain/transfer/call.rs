//! A tag that a system sets by a call of its own: it takes an image that is there, and no bytes go anywhere.

use serde::{Deserialize, Serialize};

/// What goes along with the call, and takes it back. Both are absent where the system keeps no colours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// Of the tag before it was moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour_before: Option<String>,
}

/// The colour that somebody wants a tag to have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Painting {
    /// The one it has; a new tag has none.
    #[default]
    AsItIs,
    Is(Option<String>),
}
