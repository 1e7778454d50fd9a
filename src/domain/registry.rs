//! A registry as the operator knows it.

use std::path::PathBuf;

use super::reference::{InvalidName, RepoName};

/// Position in this run's list of registries; stable while the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegistryId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum BackendKind {
    #[default]
    Oci,
    DockerV1,
    DockerCloud,
    Alauda,
    MlSpace,
}

impl BackendKind {
    /// In the order of interface.md §4, which is also the order of `demo --serve`.
    pub const ALL: [Self; 5] = [Self::Oci, Self::DockerV1, Self::DockerCloud, Self::Alauda, Self::MlSpace];

    /// The word used in the config and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Oci => "oci",
            Self::DockerV1 => "docker-v1",
            Self::DockerCloud => "docker-cloud",
            Self::Alauda => "alauda",
            Self::MlSpace => "ml-space",
        }
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Oci => "OCI (Docker Registry v2)",
            Self::DockerV1 => "Docker Registry v1",
            Self::DockerCloud => "Docker Cloud",
            Self::Alauda => "Alauda",
            Self::MlSpace => "ML Space",
        }
    }

    /// The name of a repository, by the grammar of its system.
    pub fn repository(self, text: &str) -> Result<RepoName, InvalidName> {
        match self {
            Self::Oci => RepoName::parse(text),
            Self::DockerV1 | Self::DockerCloud | Self::Alauda | Self::MlSpace => RepoName::loose(text),
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Where a registry's secret comes from.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum CredentialPlace {
    /// Docker's `config.json`, its helpers, podman's `auth.json`.
    #[default]
    Docker,
    /// Our own 0600 file.
    Store,
    /// An environment variable with this name.
    Env(String),
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    #[default]
    ReadWrite,
    ReadOnly,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RegistryProfile {
    pub name: String,
    pub kind: BackendKind,
    /// `scheme://host[:port][/prefix]`, no trailing slash, no userinfo.
    pub url: String,
    pub username: Option<String>,
    pub credential: CredentialPlace,
    pub workspace: Option<String>,
    pub namespace: Option<String>,
    pub ca_cert: Option<PathBuf>,
    pub plain_http: bool,
    pub mode: Mode,
    /// Shown; `PROD` raises every deletion to tier 3.
    pub env: Option<String>,
    /// Tags that must not be deleted, in the filter grammar.
    pub protect: Vec<String>,
    /// Pinned repositories: shown also where the registry does not list.
    pub repositories: Vec<RepoName>,
}

impl RegistryProfile {
    /// `host[:port][/prefix]`, as people write it in image references.
    pub fn host(&self) -> &str {
        self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest)
    }
}
