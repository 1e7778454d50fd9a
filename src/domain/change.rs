//! What older and vendor systems can be asked to change, besides deleting: values that carry all they need, so that what
//! was confirmed is what is sent.

use secrecy::SecretString;

use super::reference::{Digest, RepoName, TagName};

/// One request that changes something. Sent once; what became of it is read again afterwards.
#[derive(Clone, Debug)]
pub enum Change {
    /// A new tag, or one that moves; the colour where the system keeps colours.
    SetTag {
        repo: RepoName,
        tag: TagName,
        image: Digest,
        colour: Option<String>,
    },
    /// `None` takes the colour away.
    Recolour {
        repo: RepoName,
        tag: TagName,
        colour: Option<String>,
    },
    Favourite {
        repo: RepoName,
        on: bool,
    },
    Create(Box<Form>),
    Edit(Box<Form>),
    /// The account an external repository is pulled with. Only what is given is sent.
    Credentials {
        repo: RepoName,
        username: Option<String>,
        password: Option<SecretString>,
    },
}

impl Change {
    pub fn repo(&self) -> &RepoName {
        match self {
            Self::SetTag { repo, .. }
            | Self::Recolour { repo, .. }
            | Self::Favourite { repo, .. }
            | Self::Credentials { repo, .. } => repo,
            Self::Create(form) | Self::Edit(form) => &form.repo,
        }
    }
}

/// A part of a repository that a system lets a form fill in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Name,
    Description,
    FullDescription,
    /// Who sees it.
    Visibility,
    Labels,
    /// What it is pulled with. Nothing shows it.
    Account,
}

/// What the forms of a system ask for. Empty: it has no such form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    pub create: &'static [Part],
    pub edit: &'static [Part],
}

/// A repository as a form has it. `None`: not asked for by this system, or not touched.
#[derive(Clone, Debug)]
pub struct Form {
    pub repo: RepoName,
    pub description: Option<String>,
    pub full_description: Option<String>,
    pub public: Option<bool>,
    pub labels_added: Vec<String>,
    pub labels_removed: Vec<String>,
    pub username: Option<String>,
    pub password: Option<SecretString>,
}

impl Form {
    pub fn new(repo: RepoName) -> Self {
        Self {
            repo,
            description: None,
            full_description: None,
            public: None,
            labels_added: Vec::new(),
            labels_removed: Vec::new(),
            username: None,
            password: None,
        }
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Read again, and so it is.
    Confirmed,
    /// The system took it; what it shows now is something else (ml-space.md §5).
    NotConfirmed,
}

/// What a deletion by a vendor's own interface takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doomed {
    Tags(RepoName, Vec<TagName>),
    Images(RepoName, Vec<Digest>),
    Repositories(Vec<RepoName>),
}

impl Doomed {
    pub fn len(&self) -> usize {
        match self {
            Self::Tags(_, tags) => tags.len(),
            Self::Images(_, images) => images.len(),
            Self::Repositories(repos) => repos.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
