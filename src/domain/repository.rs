//! What a system says of a repository, of a tag and of itself besides their names. OCI registries say none of it; the
//! older and vendor systems say it in their lists. Every part may be absent.

use std::sync::Arc;

use jiff::Timestamp;

use super::clean::{self, Clean};
use super::colour::Colour;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepoInfo {
    pub description: Option<Clean>,
    /// The long text, lines kept.
    pub full_description: Option<Clean>,
    /// Where the system keeps favourites.
    pub favourite: Option<bool>,
    pub public: Option<bool>,
    pub automated: Option<bool>,
    pub official: Option<bool>,
    /// Some service of the account uses it.
    pub in_use: Option<bool>,
    pub stars: Option<u64>,
    pub pulls: Option<u64>,
    pub pushes: Option<u64>,
    pub tags: Option<u64>,
    pub images: Option<u64>,
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
    pub pulled: Option<Timestamp>,
    pub pushed: Option<Timestamp>,
    pub labels: Vec<Clean>,
    /// The registry an external repository lives at, as shown above it.
    pub group: Option<Clean>,
    /// The registry's own address, where a repository can be opened there: `scheme://host[:port]`, and its name there.
    pub elsewhere: Option<Elsewhere>,
    /// What else there is to show, by its name.
    pub more: Vec<(Clean, Clean)>,
    /// The object as it came, for the raw view.
    pub raw: Option<Arc<str>>,
}

/// A repository of another registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    pub url: String,
    pub repository: String,
}

impl Elsewhere {
    /// As docker is told to pull it.
    pub fn reference(&self) -> String {
        let host = self.url.split_once("://").map_or(self.url.as_str(), |(_, host)| host).trim_end_matches('/');
        format!("{host}/{}", self.repository)
    }
}

/// What a system keeps of one tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagFacts {
    /// As it came: free text (ml-space.md §4.4). `colour` is what can be shown of it.
    pub colour_text: Option<Clean>,
    pub colour: Option<Colour>,
    pub pushed: Option<Timestamp>,
    pub pulled: Option<Timestamp>,
    pub signed: Option<bool>,
    pub more: Vec<(Clean, Clean)>,
}

/// A part of a system that is looked at one at a time: a namespace, a workspace, one of its registries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// What goes into the config (`namespace`, `workspace`).
    pub id: String,
    pub name: Clean,
    pub more: Vec<(Clean, Clean)>,
}

/// One of the registries that the external repositories of an account live at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What the system knows it by.
    pub key: String,
    pub name: Clean,
    pub host: Clean,
    pub port: Option<u16>,
    pub encrypted: bool,
    /// Run by the vendor itself.
    pub official: bool,
    pub more: Vec<(Clean, Clean)>,
    /// The object as it came, for the raw view.
    pub raw: Option<Arc<str>>,
}

impl Group {
    /// As it stands above its repositories, and as these name it.
    pub fn heading(&self) -> Clean {
        if self.name.as_str() == self.host.as_str() {
            return self.host.clone();
        }
        clean::line(&format!("{} ({})", self.name, self.host))
    }
}

/// Which of them are asked for: those that have all of this.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupFilter {
    pub uuid: Option<String>,
    pub name: Option<String>,
    pub host: Option<String>,
    pub official: Option<bool>,
}
