//! What jobs do.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::history::Standing;
use crate::app::layer::{LayerOrder, Way as Direction};
use crate::app::modal::new_tag::Order;
use crate::domain::capability::Takes;
use crate::domain::cleanup::{Item, Plan};
use crate::domain::recorded::Recolouring;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::sweep::{self, Sweep};
use crate::domain::transfer::{Step as Part, Way};
use crate::domain::undo::Prospect;

/// What a job does, captured when it was confirmed.
#[derive(Clone, Debug)]
pub enum Work {
    /// What this plan says.
    Delete(Arc<Plan>),
    /// Whole repositories go.
    Sweep(Arc<Sweep>),
    /// Sets a tag, and brings what it is on.
    Copy(Box<Order>),
    /// Tags get other colours.
    Recolour(Arc<Recolouring>),
    /// What was deleted comes back: manifests, then tags.
    Undo(Arc<PutBack>),
    /// What became of an operation that broke off is written down, and tags left on a placeholder are put back.
    Settle(Arc<Settling>),
    /// A layer by itself, into a file or from one.
    Layer(Arc<LayerOrder>),
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
    /// The one it is about; none where it is about several as a whole.
    pub fn repo(&self) -> Option<&RepoName> {
        match self {
            Self::Delete(plan) => Some(&plan.repo),
            Self::Sweep(_) => None,
            Self::Copy(order) => Some(&order.transfer.to.repo),
            Self::Recolour(work) => Some(&work.repo),
            Self::Undo(back) => Some(&back.prospect.repo),
            Self::Settle(settling) => Some(&settling.repo),
            Self::Layer(order) => Some(&order.repo),
        }
    }

    /// Those of which something may change.
    pub fn repos(&self) -> Box<dyn Iterator<Item = &RepoName> + '_> {
        match self {
            Self::Sweep(sweep) => Box::new(sweep.repos()),
            Self::Settle(settling) if settling.standing.iter().any(|one| one.repo.is_some()) => {
                Box::new(settling.standing.iter().filter_map(|one| one.repo.as_ref()))
            }
            other => Box::new(other.repo().into_iter()),
        }
    }

    /// It takes tags, manifests or repositories away; settling does where a tag was left on a placeholder.
    pub fn takes_away(&self) -> bool {
        match self {
            Self::Delete(_) | Self::Sweep(_) | Self::Undo(_) | Self::Settle(_) => true,
            Self::Copy(_) | Self::Recolour(_) | Self::Layer(_) => false,
        }
    }

    /// The repository, or how many.
    pub fn place(&self) -> String {
        match (self, self.repo()) {
            (Self::Sweep(sweep), _) if sweep.items.len() != 1 => sweep::repositories(sweep.takes, sweep.items.len()),
            (_, Some(repo)) => repo.to_string(),
            (_, None) => self.whole(0).map(ToString::to_string).unwrap_or_default(),
        }
    }

    /// The repository that an item is about as a whole.
    pub fn whole(&self, at: usize) -> Option<&RepoName> {
        match self {
            Self::Sweep(sweep) => sweep.items.get(at).map(|item| &item.repo),
            Self::Settle(settling) => settling.standing.get(at)?.repo.as_ref(),
            Self::Delete(_) | Self::Copy(_) | Self::Recolour(_) | Self::Undo(_) | Self::Layer(_) => None,
        }
    }

    /// As named when it was planned.
    pub fn registry(&self) -> &str {
        match self {
            Self::Delete(plan) => &plan.registry,
            Self::Sweep(sweep) => &sweep.registry,
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
            Self::Sweep(sweep) => sweep.items.len(),
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
            Self::Sweep(_) | Self::Layer(_) => &[],
            Self::Copy(_) => self.tag(at).map_or(&[], std::slice::from_ref),
            Self::Recolour(_) | Self::Undo(_) | Self::Settle(_) => self.tag(at).map_or(&[], std::slice::from_ref),
        }
    }

    /// The one that an item goes by.
    pub fn tag(&self, at: usize) -> Option<&TagName> {
        match self {
            Self::Delete(plan) => plan.items.get(at)?.tag.as_ref(),
            Self::Sweep(_) | Self::Layer(_) => None,
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
        }
    }

    pub fn digest(&self, at: usize) -> Option<&Digest> {
        match self {
            Self::Delete(plan) => plan.items.get(at)?.digest.as_ref(),
            Self::Sweep(_) | Self::Recolour(_) => None,
            Self::Copy(order) => Some(match order.transfer.steps().nth(at)? {
                Part::Blob(blob) => &blob.digest,
                Part::Manifest(digest) => digest,
                Part::Tag(one) => &one.digest,
            }),
            Self::Undo(back) => match at.checked_sub(back.prospect.manifests.len()) {
                Some(tag) => back.prospect.tags.get(tag).map(|(_, digest, _)| digest),
                None => back.prospect.manifests.get(at).map(|(digest, _)| digest),
            },
            Self::Settle(settling) => settling.standing.get(at)?.digest.as_ref(),
            Self::Layer(order) => Some(&order.image).filter(|_| at == 0),
        }
    }

    /// Something comes from the registry, and nothing there changes.
    pub fn is_fetch(&self) -> bool {
        matches!(self, Self::Layer(order) if matches!(order.way, Direction::Fetch { .. }))
    }

    /// One word for titles.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Delete(_) => "delete",
            Self::Sweep(sweep) if sweep.takes == Takes::Entry => "remove",
            Self::Sweep(_) => "delete",
            Self::Copy(order) if order.transfer.way == Way::Tag => "tag",
            Self::Copy(_) => "copy",
            Self::Recolour(_) => "recolour",
            Self::Undo(_) => "put back",
            Self::Settle(_) => "settle",
            Self::Layer(_) if self.is_fetch() => "download",
            Self::Layer(_) => "upload",
        }
    }
}
