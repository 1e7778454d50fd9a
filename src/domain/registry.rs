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

    /// What it calls the part of it that is looked at, where there are several.
    pub fn scope_word(self) -> Option<&'static str> {
        match self {
            Self::MlSpace => Some("workspace"),
            Self::Alauda | Self::DockerCloud => Some("namespace"),
            Self::Oci | Self::DockerV1 => None,
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
    /// The namespace or workspace that is looked at, where the system has such.
    pub fn scope(&self) -> Option<&str> {
        let scope = match self.kind {
            BackendKind::MlSpace => &self.workspace,
            BackendKind::Alauda | BackendKind::DockerCloud => &self.namespace,
            BackendKind::Oci | BackendKind::DockerV1 => &None,
        };
        scope.as_deref().filter(|scope| !scope.is_empty())
    }

    /// Nobody said which workspace: with a single one the system tells. A namespace that nobody names is the account's
    /// own, and stays that.
    pub fn leaves_scope_open(&self) -> bool {
        self.kind == BackendKind::MlSpace && self.scope().is_none()
    }

    /// The same registry, looking at another namespace or workspace.
    pub fn with_scope(&self, scope: Option<String>) -> Self {
        let mut profile = self.clone();
        match self.kind {
            BackendKind::MlSpace => profile.workspace = scope,
            BackendKind::Alauda | BackendKind::DockerCloud => profile.namespace = scope,
            BackendKind::Oci | BackendKind::DockerV1 => {}
        }
        profile
    }

    /// What is kept of a registry is kept by this: repositories of the same name in two namespaces or workspaces are two.
    pub fn origin(&self) -> String {
        self.scope().map_or_else(|| self.url.clone(), |scope| format!("{}#{scope}", self.url))
    }

    /// The name that favourites are kept by. No name in the config has such a sign.
    pub fn kept_as(&self) -> String {
        self.scope().map_or_else(|| self.name.clone(), |scope| format!("{}#{scope}", self.name))
    }

    /// `host[:port][/prefix]`, as people write it in image references.
    pub fn host(&self) -> &str {
        self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_namespaces_are_two_to_whatever_is_kept() {
        let profile = |kind, namespace: Option<&str>, workspace: Option<&str>| RegistryProfile {
            name: "r".to_owned(),
            kind,
            url: "https://r.example".to_owned(),
            namespace: namespace.map(str::to_owned),
            workspace: workspace.map(str::to_owned),
            ..RegistryProfile::default()
        };
        let plain = profile(BackendKind::Oci, Some("a"), Some("b"));
        assert_eq!((plain.origin().as_str(), plain.kept_as().as_str()), ("https://r.example", "r"));
        let mut kept = std::collections::BTreeSet::new();
        for kind in [BackendKind::Alauda, BackendKind::DockerCloud, BackendKind::MlSpace] {
            for scope in [None, Some("a"), Some("b")] {
                let one = profile(kind, None, None).with_scope(scope.map(str::to_owned));
                assert_eq!(one.scope(), scope);
                kept.insert((one.origin(), one.kept_as()));
            }
        }
        assert_eq!(kept.len(), 3);
        assert_eq!(profile(BackendKind::MlSpace, Some("a"), None).scope(), None, "that is of another kind");
    }
}
