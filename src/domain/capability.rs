//! What a registry can do, as data with meaning.

use std::sync::Arc;

use super::change::Parts;
use super::clean::Clean;
use super::repository::Scope;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Support {
    Yes,
    No,
    #[default]
    Unknown,
}

/// What a DELETE of a tag takes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DeleteSemantics {
    Unsupported,
    TagOnly,
    ManifestAndAllItsTags,
    #[default]
    Unknown,
}

/// What is known of one ability, and where it was learnt.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Learnt {
    pub support: Support,
    /// "202 to deleting the tag 1.0": the answer that taught it.
    pub by: Option<Clean>,
}

/// What deletes one repository takes. Learnt from its answers, never assumed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Deletes {
    /// A single tag, its manifest and the other tags on it untouched.
    pub tag: Learnt,
    /// A manifest, with every tag on it.
    pub manifest: Learnt,
}

/// What goes when a repository is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Takes {
    /// The repository with its tags and images.
    #[default]
    Everything,
    /// The repository with its tags; images stay where they are, and no call removes them.
    Tags,
    /// An entry of a list, with the account it is pulled with; the repository it names stays.
    Entry,
}

/// Where a thing (a colour, a favourite) is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Place {
    Server,
    #[default]
    Local,
    None,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// Lists its repositories.
    pub listing: Support,
    /// Why it does not, when it does not.
    pub listing_note: Option<Clean>,
    /// Gives the tags of a repository in pages, with a Link to the next one.
    pub paging: Support,
    /// Its repositories have tags here: some only name repositories of other registries.
    pub tags: Support,
    /// What was deleted can be put back as it was.
    pub restores: Support,
    pub delete: DeleteSemantics,
    pub tag_delete: Support,
    /// Where it deletes whole repositories.
    pub repository_delete: Takes,
    pub referrers: Support,
    pub favourites: Place,
    pub colours: Place,
    /// What it can do besides; what is not named here it cannot.
    pub abilities: &'static [Ability],
    /// What can be said of a repository when it is made, and later.
    pub parts: Parts,
    /// What the registry's own counter of requests said last.
    pub rate_limit: Option<Clean>,
    /// That counter is nearly at its end: no request is spent on what nobody looks at.
    pub few_left: bool,
    /// What the last token allows, where the token says so.
    pub granted: Vec<Clean>,
    /// The sign-in scheme the server asked for: "none", "basic", "bearer".
    pub auth: Option<&'static str>,
    /// "http, not encrypted", "h2", "http/1.1".
    pub transport: Option<&'static str>,
    /// The workspace that is looked at, where nobody said which and there is only one.
    pub scope: Option<Arc<Scope>>,
}

/// Something that only some systems can do. What this one cannot is greyed, with the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ability {
    /// A tag can be put on an image that is there, without moving content.
    SetTag,
    DeleteImages,
    DeleteRepositories,
    CreateRepository,
    EditRepository,
    /// The account that an external repository is pulled with.
    RepositoryCredentials,
    /// A repository lives at another registry, and can be opened there.
    OpenElsewhere,
    GeneratePassword,
    Layers,
    Search,
    /// It has namespaces or workspaces to choose from.
    Scopes,
}

impl Capabilities {
    pub fn can(&self, ability: Ability) -> bool {
        self.abilities.contains(&ability)
    }
}
