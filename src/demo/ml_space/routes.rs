//! From a path to its call.

use hyper::Method;

/// Everything below `/public/v2`, ids not yet checked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Call<'a> {
    SignIn,
    ApiKey,
    Workspaces,
    Workspace(&'a str),
    Password,
    Registry,
    Repositories,
    Repository(&'a str),
    Favorite(&'a str),
    Images,
    Image(&'a str),
    Tags,
    Tag(&'a str),
}

const BASE: &str = "/public/v2/";

impl<'a> Call<'a> {
    pub fn parse(path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix(BASE)?;
        let parts: Vec<&str> = rest.split('/').collect();
        Some(match *parts.as_slice() {
            ["service_auth"] => Self::SignIn,
            ["workspaces", "v1", "x_api_key"] => Self::ApiKey,
            ["workspaces", "v3", ""] => Self::Workspaces,
            ["workspaces", "v3", id] => Self::Workspace(id),
            ["docker_registry", "v1", "users", "generate_password"] => Self::Password,
            ["docker_registry", "v2", "registries", "current"] => Self::Registry,
            ["docker_registry", "v2", "repositories", ""] => Self::Repositories,
            ["docker_registry", "v2", "repositories", id] => Self::Repository(id),
            ["docker_registry", "v2", "repositories", id, "fav"] => Self::Favorite(id),
            ["docker_registry", "v2", "images", ""] => Self::Images,
            ["docker_registry", "v2", "images", id] => Self::Image(id),
            ["docker_registry", "v2", "tags", ""] => Self::Tags,
            ["docker_registry", "v2", "tags", id] => Self::Tag(id),
            _ => return None,
        })
    }

    /// The same path with its last slash added or taken away, when that is a call.
    pub fn respelled(path: &str) -> Option<String> {
        let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
        Call::parse(&other).is_some().then_some(other)
    }

    pub fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::SignIn | Self::Favorite(_) => &["POST"],
            Self::ApiKey | Self::Workspaces | Self::Workspace(_) | Self::Password | Self::Registry => &["GET"],
            Self::Repositories | Self::Images => &["DELETE", "GET"],
            Self::Repository(_) => &["GET", "PUT"],
            Self::Image(_) => &["GET"],
            Self::Tags => &["DELETE", "GET", "POST"],
            Self::Tag(_) => &["PUT"],
        }
    }

    pub fn takes(&self, method: &Method) -> bool {
        self.methods().contains(&method.as_str())
    }
}
