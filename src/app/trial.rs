//! An address tried before it is kept: what is asked, and what came to light, part by part.

use crate::domain::clean::Clean;
use crate::domain::error::ErrorReport;
use crate::domain::registry::{BackendKind, RegistryProfile};
use crate::domain::secret::Credential;

/// Nothing of it is kept.
#[derive(Clone, Debug)]
pub struct Trial {
    pub profile: RegistryProfile,
    /// What speaks there is found out first; the kind in the profile is a guess.
    pub detect: bool,
    /// What was typed, instead of what is stored for the host.
    pub credential: Option<Credential>,
    /// Only what it is, for a registry that is going to be added as that.
    pub only_kind: bool,
}

/// What can be wrong, in the order in which it is come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Host,
    Tls,
    Kind,
    SignIn,
    Namespace,
    Workspace,
    List,
}

impl Part {
    pub fn word(self) -> &'static str {
        match self {
            Self::Host => "Host",
            Self::Tls => "TLS",
            Self::Kind => "Kind",
            Self::SignIn => "Sign-in",
            Self::Namespace => "Namespace",
            Self::Workspace => "Workspace",
            Self::List => "List",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub part: Part,
    pub text: Clean,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// The address.
    pub url: String,
    /// What speaks there, as far as that is known.
    pub kind: Option<BackendKind>,
    pub worked: Vec<Finding>,
    /// What ended it, and the part that is wrong.
    pub failed: Option<(Part, ErrorReport)>,
}
