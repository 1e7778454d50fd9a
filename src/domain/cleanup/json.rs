//! A plan as a file (interface.md §2), with what it takes to run it later.

mod read;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::item::Item;
use super::plan::{Bytes, Choices, Keeper, Kept, Plan, Siblings};
use crate::domain::clean::Clean;
use crate::domain::reference::Digest;
use crate::domain::registry::BackendKind;

pub use read::InvalidPlan;

/// Of the file's form; a program that does not know it does not guess.
pub const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct PlanDto {
    version: u32,
    registry: String,
    origin: String,
    /// Plans of older versions have none, and are for OCI.
    #[serde(default = "oci")]
    kind: String,
    repository: String,
    created: String,
    choices: ChoicesDto,
    items: Vec<ItemDto>,
    kept: Vec<KeptDto>,
    left: LeftDto,
    reclaimable_bytes: u64,
    reclaimable_is: String,
    reclaimable_at_most: Option<u64>,
    tags_before: usize,
    unsure: Option<String>,
    refused: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct ChoicesDto {
    manifests: bool,
    children: bool,
    referrers: bool,
    all_siblings: bool,
    siblings: Vec<String>,
    placeholder: bool,
    lifted: Vec<String>,
    /// Plans of older versions have none.
    #[serde(default)]
    kept: Vec<String>,
    spared: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct ItemDto {
    tag: Option<String>,
    digest: Option<String>,
    method: String,
    siblings: Vec<String>,
    children: Vec<String>,
    referrers: Vec<String>,
    protected: bool,
    warnings: Vec<String>,
    role: String,
    media_type: Option<String>,
    indexes: Vec<String>,
    after: Vec<String>,
    frees: u64,
}

#[derive(Serialize, Deserialize)]
struct KeptDto {
    tag: String,
    why: String,
    by: String,
    digest: Option<String>,
    others: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct LeftDto {
    untagged: Vec<String>,
    children: Vec<String>,
    referrers: Vec<String>,
}

fn oci() -> String {
    BackendKind::Oci.word().to_owned()
}

fn words<T: ToString>(all: impl IntoIterator<Item = T>) -> Vec<String> {
    all.into_iter().map(|one| one.to_string()).collect()
}

impl Plan {
    /// As one JSON value.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(&PlanDto::from(self))
    }

    /// Reads what `to_json` wrote, perhaps edited since. Nothing of it is trusted: names are parsed, and a plan whose
    /// parts do not fit together is refused. Fields it does not know are left aside.
    pub fn from_json(text: &str) -> Result<Self, InvalidPlan> {
        read::plan(text)
    }
}

/// The kind of system a plan is for, as it is recorded; what is no plan is taken for one of OCI.
pub fn kind_of(text: &str) -> BackendKind {
    #[derive(Deserialize)]
    struct Kind {
        kind: Option<String>,
    }
    let kind = serde_json::from_str::<Kind>(text).ok().and_then(|plan| plan.kind);
    kind.and_then(|word| BackendKind::from_word(&word)).unwrap_or_default()
}

impl From<&Plan> for PlanDto {
    fn from(plan: &Plan) -> Self {
        let Bytes { at_least, at_most, exact } = plan.reclaimable;
        Self {
            version: VERSION,
            registry: plan.registry.clone(),
            origin: plan.origin.clone(),
            kind: plan.kind.word().to_owned(),
            repository: plan.repo.to_string(),
            created: plan.created.to_string(),
            choices: (&plan.choices).into(),
            items: plan.items.iter().map(ItemDto::from).collect(),
            kept: plan.kept.iter().map(KeptDto::from).collect(),
            left: LeftDto {
                untagged: words(&plan.left.untagged),
                children: words(&plan.left.children),
                referrers: words(&plan.left.referrers),
            },
            reclaimable_bytes: at_least,
            reclaimable_is: is(exact).to_owned(),
            reclaimable_at_most: at_most,
            tags_before: plan.tags_before,
            unsure: plan.unsure.as_ref().map(Clean::to_string),
            refused: plan.refused.as_ref().map(Clean::to_string),
        }
    }
}

fn is(exact: bool) -> &'static str {
    if exact { "exact" } else { "lower-bound" }
}

impl From<&Choices> for ChoicesDto {
    fn from(choices: &Choices) -> Self {
        let none = BTreeSet::new();
        let (all_siblings, siblings) = match &choices.siblings {
            Siblings::All => (true, &none),
            Siblings::Named(some) => (false, some),
        };
        Self {
            manifests: choices.manifests,
            children: choices.children,
            referrers: choices.referrers,
            all_siblings,
            siblings: words(siblings),
            placeholder: choices.placeholder,
            lifted: words(&choices.lifted),
            kept: words(&choices.kept),
            spared: words(&choices.spared),
        }
    }
}

impl From<&Item> for ItemDto {
    fn from(item: &Item) -> Self {
        Self {
            tag: item.tag.as_ref().map(ToString::to_string),
            digest: item.digest.as_ref().map(Digest::to_string),
            method: item.method.word().to_owned(),
            siblings: words(item.siblings()),
            children: words(item.children.iter()),
            referrers: words(item.referrers.iter()),
            protected: item.protected,
            warnings: words(&item.warnings),
            role: item.role.word().to_owned(),
            media_type: item.media_type.as_ref().map(ToString::to_string),
            indexes: words(item.indexes.iter()),
            after: words(&item.after),
            frees: item.frees,
        }
    }
}

impl From<&Kept> for KeptDto {
    fn from(kept: &Kept) -> Self {
        Self {
            tag: kept.tag.to_string(),
            why: kept.why.to_string(),
            by: kept.by.word().to_owned(),
            digest: kept.digest.as_ref().map(Digest::to_string),
            others: words(kept.others.iter()),
        }
    }
}

impl Keeper {
    const ALL: [Self; 5] = [Self::Rule, Self::Protection, Self::Held, Self::Skipped, Self::Hand];

    pub fn word(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Protection => "protection",
            Self::Held => "held",
            Self::Skipped => "skipped",
            Self::Hand => "hand",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|keeper| keeper.word() == word)
    }
}
