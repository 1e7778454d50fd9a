//! What jobs do.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::history::Standing;
use crate::app::layer::{LayerOrder, Way as Direction};
use crate::app::modal::new_tag::Order;
use crate::domain::cleanup::{Item, Plan};
use crate::domain::recorded::Recolouring;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::transfer::{Step as Part, Way};
use crate::domain::undo::Prospect;

/// What a job does, captured when it was confirmed.
#[derive(Clone, Debug)]
pub enum Work {
    /// What this plan says.
    Delete(Arc<Plan>),
    /// Sets a tag, and brings what it is on.
    Copy(Box<Order>),
    /// Tags get other colours.
    Recolour(Arc<Recolouring>),
    /// What was deleted comes back: manifests, then tags.
    Undo(Arc<PutBack>),
    /// A layer by itself, into a file or from one.
    Layer(Arc<LayerOrder>),
    /// What became of an operation that broke off is written down, and tags left on a placeholder are put back.
    Settle(Arc<Settling>),
}

#[derive(Clone, Debug)]
pub struct PutBack {
    pub prospect: Prospect,
    /// Tags that are in use by something else, and shall be moved back all the same.
    pub overwrite: BTreeSet<TagName>,
}

#[derive(Clone, Debug)]
pub struct Settling {
    /// The operation.
    pub id: String,
    pub registry: String,
    pub repo: RepoName,
    pub standing: Vec<Standing>,
}

impl Work {
    pub fn repo(&self) -> &RepoName {
        match self {
            Self::Delete(plan) => &plan.repo,
            Self::Copy(order) => &order.transfer.to.repo,
            Self::Recolour(work) => &work.repo,
            Self::Undo(back) => &back.prospect.repo,
            Self::Settle(settling) => &settling.repo,
            Self::Layer(order) => &order.repo,
        }
    }

    /// As named when it was planned.
    pub fn registry(&self) -> &str {
        match self {
            Self::Delete(plan) => &plan.registry,
            Self::Copy(order) => &order.transfer.to.registry,
            Self::Recolour(work) => &work.registry,
            Self::Undo(back) => &back.prospect.registry,
            Self::Settle(settling) => &settling.registry,
            Self::Layer(order) => &order.registry,
        }
    }

    /// Items, in running order.
    pub fn len(&self) -> usize {
        match self {
            Self::Delete(plan) => plan.items.len(),
            Self::Copy(order) => order.transfer.steps().count(),
            Self::Recolour(work) => work.tags.len(),
            Self::Undo(back) => back.prospect.manifests.len() + back.prospect.tags.len(),
            Self::Settle(settling) => settling.standing.len(),
            Self::Layer(_) => 1,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tags that an item is about.
    pub fn tags(&self, at: usize) -> &[TagName] {
        match self {
            Self::Delete(plan) => plan.items.get(at).map_or(&[], Item::takes),
            Self::Copy(_) => self.tag(at).map_or(&[], std::slice::from_ref),
            Self::Recolour(_) | Self::Undo(_) | Self::Settle(_) => self.tag(at).map_or(&[], std::slice::from_ref),
            Self::Layer(_) => &[],
        }
    }

    /// The one that an item goes by.
    pub fn tag(&self, at: usize) -> Option<&TagName> {
        match self {
            Self::Delete(plan) => plan.items.get(at)?.tag.as_ref(),
            Self::Copy(order) => match order.transfer.steps().nth(at)? {
                Part::Tag(one) => Some(&one.tag),
                Part::Blob(_) | Part::Manifest(_) => None,
            },
            Self::Recolour(work) => work.tags.get(at).map(|one| &one.tag),
            Self::Undo(back) => {
                let tag = at.checked_sub(back.prospect.manifests.len())?;
                back.prospect.tags.get(tag).map(|(tag, ..)| tag)
            }
            Self::Settle(settling) => settling.standing.get(at)?.tag.as_ref(),
            Self::Layer(_) => None,
        }
    }

    pub fn digest(&self, at: usize) -> Option<&Digest> {
        match self {
            Self::Delete(plan) => plan.items.get(at)?.digest.as_ref(),
            Self::Copy(order) => Some(match order.transfer.steps().nth(at)? {
                Part::Blob(blob) => &blob.digest,
                Part::Manifest(digest) => digest,
                Part::Tag(one) => &one.digest,
            }),
            Self::Recolour(_) => None,
            Self::Undo(back) => match at.checked_sub(back.prospect.manifests.len()) {
                Some(tag) => back.prospect.tags.get(tag).map(|(_, digest, _)| digest),
                None => back.prospect.manifests.get(at).map(|(digest, _)| digest),
            },
            Self::Settle(settling) => settling.standing.get(at)?.digest.as_ref(),
            Self::Layer(order) => Some(&order.image).filter(|_| at == 0),
        }
    }

    /// One word for titles.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Delete(_) => "delete",
            Self::Copy(order) if order.transfer.way == Way::Tag => "tag",
            Self::Copy(_) => "copy",
            Self::Recolour(_) => "recolour",
            Self::Undo(_) => "put back",
            Self::Settle(_) => "settle",
            Self::Layer(order) if matches!(order.way, Direction::Fetch { .. }) => "download",
            Self::Layer(_) => "upload",
        }
    }
}
