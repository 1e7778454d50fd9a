//! What a server of the first protocol is like.

use crate::demo::Auth;

/// How it wants its users to sign in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// A standalone registry: an `Authorization` header is ignored there.
    #[default]
    Open,
    /// A standalone registry behind a proxy, as such registries were run.
    Basic { user: String, password: String },
    /// Tokens of an index, which listens on a port of its own.
    Index { user: String, password: String, rules: IndexRules },
}

impl From<&Auth> for Access {
    /// The ways to sign in that the protocols have in common: nobody asks, a password, tokens for a password.
    fn from(auth: &Auth) -> Self {
        match auth.clone() {
            Auth::Open => Self::Open,
            Auth::Basic { user, password } => Self::Basic { user, password },
            Auth::Bearer { user, password } => Self::Index { user, password, rules: IndexRules::default() },
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexRules {
    /// A token opens one request, by the letter of the specification.
    pub single_use: bool,
    /// The registry gives a cookie for a token, and takes it in place of one.
    pub cookie: bool,
    /// The account waits for its activation.
    pub inactive: bool,
}

/// How the tags of a repository are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TagForm {
    #[default]
    Map,
    /// Docker Hub's: entries with a name, and the image id cut to eight digits.
    List,
}

/// How `page` is spelled in an answer to a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Number,
    Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// The page exists only where an index of names was set up.
    Off,
    /// Everything at once, whatever page was asked for, and only names and descriptions, as docker-registry does it.
    Whole,
    Paged(Page),
}

/// How the index names the hosts of the registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Endpoints {
    #[default]
    Host,
    /// Two names of it.
    Two,
    Url,
}

/// How ranges of a layer are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ranges {
    Correct,
    /// As docker-registry 0.9.1 does: no unit in `Content-Range`, open ranges one byte too long, none of one byte, and
    /// an empty layer cannot be had.
    Odd,
}

#[derive(Clone, Debug)]
pub struct DockerV1Options {
    /// 0 lets the system choose. The registry of an index and the storage always have ports of the system's choice.
    pub port: u16,
    pub access: Access,
    pub tags: TagForm,
    pub search: Search,
    /// `X-Docker-Token` begins with the word `Token`.
    pub token_word: bool,
    pub endpoints: Endpoints,
    pub ranges: Ranges,
    /// Layers are fetched from another origin.
    pub redirects_layers: bool,
    /// A worker works out what a layer changes.
    pub diffs: bool,
}

impl Default for DockerV1Options {
    fn default() -> Self {
        Self {
            port: 0,
            access: Access::Open,
            tags: TagForm::Map,
            search: Search::Paged(Page::Number),
            token_word: false,
            endpoints: Endpoints::Host,
            ranges: Ranges::Correct,
            redirects_layers: false,
            diffs: false,
        }
    }
}

impl DockerV1Options {
    /// docker-registry 0.9.1, standalone, as it comes.
    pub fn reference() -> Self {
        Self { search: Search::Whole, token_word: true, ranges: Ranges::Odd, ..Self::default() }
    }
}
