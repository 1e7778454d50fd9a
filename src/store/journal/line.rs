//! The lines of a file.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::entry::{Header, Item, PlaceholderStep, State};
use crate::domain::cleanup::Method;
use crate::domain::outcome::Outcome;
use crate::domain::recorded::Recorded;
use crate::domain::reference::{Digest, RepoName, TagName};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line<'a> {
    Begin(Box<BeginDto>),
    #[serde(borrow)]
    Kept(KeptDto<'a>),
    Omitted {
        digest: String,
        size: u64,
    },
    Step {
        item: usize,
        state: Cow<'a, str>,
        at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    Placeholder {
        item: usize,
        step: Cow<'a, str>,
        digest: String,
    },
    End {
        at: Timestamp,
    },
}

#[derive(Serialize, Deserialize)]
pub(super) struct BeginDto {
    version: u32,
    time: Timestamp,
    registry: String,
    origin: String,
    account: Option<String>,
    repository: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    undoes: Option<String>,
    items: Vec<ItemDto>,
    plan: Box<RawValue>,
}

#[derive(Serialize, Deserialize)]
struct ItemDto {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    /// The words of interface.md §2. A word that came later is none that is known here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    along: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct KeptDto<'a> {
    pub digest: String,
    pub media_type: String,
    pub size: u64,
    /// Base64.
    #[serde(borrow)]
    pub bytes: Cow<'a, str>,
}

impl BeginDto {
    /// `None` where the plan is not JSON.
    pub(super) fn of(header: &Header) -> Option<Self> {
        let item = |item: &Item| ItemDto {
            tag: item.tag.as_ref().map(|tag| tag.as_str().to_owned()),
            digest: item.digest.as_ref().map(ToString::to_string),
            method: item.method.map(|method| method.word().to_owned()),
            along: item.along.iter().map(ToString::to_string).collect(),
            repository: item.repo.as_ref().map(ToString::to_string),
        };
        let whole = header.items.iter().any(|item| item.repo.is_some());
        let newer = whole || Recorded::from_json(&header.plan).is_some();
        Some(Self {
            version: if newer { super::NEWEST } else { super::FIRST },
            time: header.time,
            registry: header.registry.clone(),
            origin: header.origin.clone(),
            account: header.account.clone(),
            repository: header.repo.as_str().to_owned(),
            undoes: header.undoes.clone(),
            items: header.items.iter().map(item).collect(),
            // Whatever its layout was: a line is one line.
            plan: RawValue::from_string(serde_json::from_str::<serde_json::Value>(&header.plan).ok()?.to_string())
                .ok()?,
        })
    }

    /// `None` where a name is none.
    pub(super) fn header(self) -> Option<Header> {
        let item = |dto: ItemDto| {
            let tag = dto.tag.map(|text| TagName::parse(&text)).transpose().ok()?;
            let digest = dto.digest.map(|text| Digest::stored(&text)).transpose().ok()?;
            let method = dto.method.as_deref().and_then(Method::from_word);
            let along = dto.along.iter().map(|text| TagName::parse(text)).collect::<Result<_, _>>().ok()?;
            let repo = dto.repository.map(|text| RepoName::loose(&text)).transpose().ok()?;
            Some(Item { tag, digest, method, along, repo })
        };
        Some(Header {
            time: self.time,
            registry: self.registry,
            origin: self.origin,
            account: self.account,
            repo: RepoName::loose(&self.repository).ok()?,
            undoes: self.undoes,
            items: self.items.into_iter().map(item).collect::<Option<_>>()?,
            plan: self.plan.get().to_owned(),
        })
    }
}

/// The version of a first line, however the rest of it looks.
pub(super) fn version(line: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Versioned {
        begin: Only,
    }
    #[derive(Deserialize)]
    struct Only {
        version: u32,
    }
    serde_json::from_slice::<Versioned>(line).ok().map(|found| found.begin.version)
}

pub(super) fn state_word(state: State) -> &'static str {
    match state {
        State::Planned => "planned",
        State::Sending => "sending",
        State::Ended(outcome) => outcome.word(),
    }
}

pub(super) fn state(word: &str) -> Option<State> {
    match word {
        "planned" => Some(State::Planned),
        "sending" => Some(State::Sending),
        _ => Outcome::from_word(word).map(State::Ended),
    }
}

const STEPS: [(&str, PlaceholderStep); 5] = [
    ("uploading", PlaceholderStep::Uploading),
    ("moving", PlaceholderStep::Moving),
    ("deleting", PlaceholderStep::Deleting),
    ("restoring", PlaceholderStep::Restoring),
    ("settled", PlaceholderStep::Settled),
];

pub(super) fn step_word(step: PlaceholderStep) -> &'static str {
    STEPS.iter().find(|(_, other)| *other == step).map_or("", |(word, _)| word)
}

pub(super) fn step(word: &str) -> Option<PlaceholderStep> {
    STEPS.iter().find(|(other, _)| *other == word).map(|(_, step)| *step)
}
