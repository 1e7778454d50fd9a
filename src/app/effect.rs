//! What should happen outside. Values only, so that tests compare them.

use super::arrange::{Job, Ticket};
use super::msg::RequestId;
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::{RegistryId, RegistryProfile};
use crate::domain::secret::Credential;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    Connect,
    Repositories,
    Tags(RepoName),
    /// Details of these tags, in this order of urgency.
    Details(RepoName, Vec<TagName>),
    TagCounts(Vec<RepoName>),
    Image {
        repo: RepoName,
        reference: Reference,
        platform: Option<Digest>,
    },
    Referrers(RepoName, Digest),
}

/// Where a new secret is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Keep {
    #[default]
    Session,
    Store,
    DockerHelper,
    DockerConfig,
}

#[derive(Clone, Debug)]
pub enum Effect {
    Fetch {
        id: RequestId,
        registry: RegistryId,
        query: Query,
    },
    Abort {
        id: RequestId,
    },
    /// Works the order of a long list out; a newer one replaces it. A calm one may wait for more rows to arrive.
    Arrange {
        ticket: Ticket,
        job: Box<Job>,
        calm: bool,
    },
    /// Forgets the connection: the next request signs in with what holds then.
    Disconnect {
        registry: RegistryId,
    },
    /// Says where credentials for this registry are looked for, for the sign-in dialog.
    LookUp {
        registry: RegistryId,
    },
    /// A registry that is new in this run; its id is the next one.
    AddRegistry(Box<RegistryProfile>),
    SignIn {
        registry: RegistryId,
        credential: Credential,
        keep: Keep,
    },
    SignOut {
        registry: RegistryId,
    },
    TrustRealm {
        registry: RegistryId,
        realm: String,
    },
    TrustPlain {
        registry: RegistryId,
    },
    SaveRegistry(Box<RegistryProfile>),
    ForgetRegistry(String),
    SetFavourite {
        registry: String,
        repository: Option<RepoName>,
        on: bool,
    },
    Copy(String),
    SetMouse(bool),
    NextTheme,
    Suspend,
    Redraw,
    Quit,
}
