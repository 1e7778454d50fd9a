//! A sweep as a journal keeps it.

use serde::{Deserialize, Serialize};

use super::{Fact, Protected, Sweep, Tags};
use crate::domain::capability::Takes;
use crate::domain::reference::{Digest, RepoName, TagName};

/// Of this form.
pub const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Dto {
    version: u32,
    sweep: SweepDto,
}

#[derive(Serialize, Deserialize)]
struct SweepDto {
    registry: String,
    origin: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    takes: String,
    created: String,
    repositories: Vec<FactDto>,
}

#[derive(Serialize, Deserialize)]
struct FactDto {
    repository: String,
    tags: Option<u64>,
    images: Option<u64>,
    created: Option<String>,
    updated: Option<String>,
    pushed: Option<String>,
    in_use: bool,
    favourite: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    listed: Option<TagsDto>,
    protected: u64,
    protected_tags: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct TagsDto {
    count: u64,
    sum: String,
}

const WORDS: [(&str, Takes); 3] = [("everything", Takes::Everything), ("tags", Takes::Tags), ("entry", Takes::Entry)];

impl Sweep {
    pub fn to_json(&self) -> serde_json::Result<String> {
        let sweep = SweepDto {
            registry: self.registry.clone(),
            origin: self.origin.clone(),
            scope: self.scope.clone(),
            account: self.account.clone(),
            takes: WORDS.iter().find(|(_, takes)| *takes == self.takes).map_or("", |(word, _)| word).to_owned(),
            created: self.created.to_string(),
            repositories: self.items.iter().map(FactDto::from).collect(),
        };
        serde_json::to_string(&Dto { version: VERSION, sweep })
    }

    /// `None` for what is something else, or cannot be read.
    pub fn from_json(text: &str) -> Option<Self> {
        let Dto { version: VERSION, sweep } = serde_json::from_str(text).ok()? else { return None };
        Some(Self {
            registry: sweep.registry,
            origin: sweep.origin,
            scope: sweep.scope,
            account: sweep.account,
            takes: WORDS.iter().find(|(word, _)| *word == sweep.takes)?.1,
            created: sweep.created.parse().ok()?,
            items: sweep.repositories.into_iter().map(FactDto::fact).collect::<Option<_>>()?,
            kept: Vec::new(),
        })
    }
}

impl From<&Fact> for FactDto {
    fn from(fact: &Fact) -> Self {
        let text = |time: &Option<jiff::Timestamp>| time.map(|time| time.to_string());
        Self {
            repository: fact.repo.to_string(),
            tags: fact.tags,
            images: fact.images,
            created: text(&fact.created),
            updated: text(&fact.updated),
            pushed: text(&fact.pushed),
            in_use: fact.in_use,
            favourite: fact.favourite,
            listed: fact.listed.as_ref().map(|tags| TagsDto { count: tags.count, sum: tags.sum.to_string() }),
            protected: fact.protected.count,
            protected_tags: fact.protected.named.iter().map(|(tag, by)| (tag.to_string(), by.clone())).collect(),
        }
    }
}

impl FactDto {
    fn fact(self) -> Option<Fact> {
        let time = |text: Option<String>| text.map(|text| text.parse()).transpose().ok();
        let tags = |dto: TagsDto| Some(Tags { count: dto.count, sum: Digest::stored(&dto.sum).ok()?, complete: true });
        let named = |(tag, by): (String, String)| Some((TagName::parse(&tag).ok()?, by));
        Some(Fact {
            repo: RepoName::loose(&self.repository).ok()?,
            tags: self.tags,
            images: self.images,
            created: time(self.created)?,
            updated: time(self.updated)?,
            pushed: time(self.pushed)?,
            in_use: self.in_use,
            favourite: self.favourite,
            listed: match self.listed {
                Some(dto) => Some(tags(dto)?),
                None => None,
            },
            protected: Protected {
                count: self.protected,
                named: self.protected_tags.into_iter().map(named).collect::<Option<_>>()?,
            },
        })
    }
}
