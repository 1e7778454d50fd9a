//! Reading a plan back, strictly: what does not fit together is refused with the place and the reason.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use serde::Deserialize;

use super::{ChoicesDto, ItemDto, KeptDto, PlanDto, VERSION, is};
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::item::{Item, Method, Role};
use crate::domain::cleanup::plan::{Bytes, Choices, Keeper, Kept, Left, Plan, Siblings};
use crate::domain::reference::{Digest, InvalidName, RepoName, TagName};
use crate::domain::registry::BackendKind;

/// Why a file is no plan that could be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidPlan(pub Clean);

type Result<T> = std::result::Result<T, InvalidPlan>;

fn invalid(why: &str) -> InvalidPlan {
    InvalidPlan(clean::line(why))
}

impl From<InvalidName> for InvalidPlan {
    fn from(error: InvalidName) -> Self {
        invalid(&error.to_string())
    }
}

/// The version alone, before anything else is expected of the file.
#[derive(Deserialize)]
struct Version {
    version: u64,
}

pub(super) fn plan(text: &str) -> Result<Plan> {
    let not_json = |error: serde_json::Error| invalid(&format!("this is no plan: {error}"));
    let Version { version } = serde_json::from_str(text).map_err(not_json)?;
    if version != u64::from(VERSION) {
        return Err(invalid(&format!("this plan is of version {version}, and this tagboat knows version {VERSION}")));
    }
    let dto: PlanDto = serde_json::from_str(text).map_err(not_json)?;
    let at_most = dto.reclaimable_at_most;
    let exact = dto.reclaimable_is == is(true);
    if !exact && dto.reclaimable_is != is(false) {
        return Err(invalid(&format!("“reclaimable_is” is exact or lower-bound, not “{}”", dto.reclaimable_is)));
    }
    if dto.registry.is_empty() || dto.origin.is_empty() {
        return Err(invalid("it does not say which registry it is for"));
    }
    let kind = BackendKind::from_word(&dto.kind)
        .ok_or_else(|| invalid(&format!("this tagboat knows no registries of the kind “{}”", dto.kind)))?;
    let created = dto.created.parse().map_err(|_| invalid(&format!("“{}” is not a time", dto.created)))?;
    let items: Vec<Item> = numbered("item", dto.items, item)?;
    let plan = Plan {
        registry: dto.registry,
        origin: dto.origin,
        kind,
        repo: RepoName::loose(&dto.repository)?,
        created,
        choices: choices(&dto.choices)?,
        items,
        kept: numbered("kept tag", dto.kept, kept)?,
        left: Left {
            untagged: digests(&dto.left.untagged)?,
            children: digests(&dto.left.children)?,
            referrers: digests(&dto.left.referrers)?,
        },
        reclaimable: Bytes { at_least: dto.reclaimable_bytes, at_most, exact },
        tags_before: dto.tags_before,
        unsure: dto.unsure.as_deref().map(clean::line),
        refused: dto.refused.as_deref().map(clean::line),
    };
    check(&plan)?;
    Ok(plan)
}

/// With the number of the one that is wrong.
fn numbered<D, T>(what: &str, all: Vec<D>, read: impl Fn(D) -> Result<T>) -> Result<Vec<T>> {
    let one = |(n, dto)| read(dto).map_err(|error| invalid(&format!("{what} {}: {error}", n + 1)));
    all.into_iter().enumerate().map(one).collect()
}

fn tags<C: FromIterator<TagName>>(all: &[String]) -> Result<C> {
    all.iter().map(|text| Ok(TagName::parse(text)?)).collect()
}

fn digests<C: FromIterator<Digest>>(all: &[String]) -> Result<C> {
    all.iter().map(|text| Ok(Digest::stored(text)?)).collect()
}

fn optional<T>(text: Option<&str>, parse: impl Fn(&str) -> std::result::Result<T, InvalidName>) -> Result<Option<T>> {
    Ok(text.map(parse).transpose()?)
}

fn choices(dto: &ChoicesDto) -> Result<Choices> {
    Ok(Choices {
        manifests: dto.manifests,
        children: dto.children,
        referrers: dto.referrers,
        siblings: if dto.all_siblings { Siblings::All } else { Siblings::Named(tags(&dto.siblings)?) },
        placeholder: dto.placeholder,
        lifted: tags(&dto.lifted)?,
        kept: tags(&dto.kept)?,
        spared: digests(&dto.spared)?,
    })
}

fn item(dto: ItemDto) -> Result<Item> {
    let tag = optional(dto.tag.as_deref(), TagName::parse)?;
    let method =
        Method::from_word(&dto.method).ok_or_else(|| invalid(&format!("there is no method “{}”", dto.method)))?;
    let mut all: Vec<TagName> = tags(&dto.siblings)?;
    if tag.as_ref().is_some_and(|tag| all.contains(tag)) {
        return Err(invalid("the tag is its own sibling"));
    }
    let digest = optional(dto.digest.as_deref(), Digest::stored)?;
    match (method, &tag, &digest) {
        (Method::DeleteManifest, _, None) => return Err(invalid("it deletes a manifest, but names no digest")),
        (Method::DeleteManifest, None, _) if !all.is_empty() => {
            return Err(invalid("siblings of no tag"));
        }
        (Method::Untag | Method::Vendor | Method::Placeholder, None, _) => {
            return Err(invalid("it takes a tag away, but names none"));
        }
        (Method::Placeholder, _, None) => return Err(invalid("a placeholder needs the digest that is kept")),
        _ => {}
    }
    // On a dangling tag there is no digest, and nothing that could be shared.
    all.extend(tag.clone().filter(|_| digest.is_some()));
    all.sort_unstable();
    Ok(Item {
        tag,
        digest,
        method,
        role: Role::from_word(&dto.role).ok_or_else(|| invalid(&format!("there is no role “{}”", dto.role)))?,
        media_type: dto.media_type.as_deref().map(media_type).transpose()?,
        tags: all.into(),
        children: digests(&dto.children)?,
        referrers: digests(&dto.referrers)?,
        indexes: digests(&dto.indexes)?,
        after: digests(&dto.after)?,
        protected: dto.protected,
        warnings: dto.warnings.iter().map(|text| clean::line(text)).collect(),
        frees: dto.frees,
    })
}

/// It goes into a header.
fn media_type(text: &str) -> Result<Arc<str>> {
    let fine = text.len() <= 255 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+/".contains(&b));
    if fine { Ok(text.into()) } else { Err(invalid(&format!("“{text}” is not a media type"))) }
}

fn kept(dto: KeptDto) -> Result<Kept> {
    Ok(Kept {
        tag: TagName::parse(&dto.tag)?,
        digest: optional(dto.digest.as_deref(), Digest::stored)?,
        by: Keeper::from_word(&dto.by).ok_or_else(|| invalid(&format!("nothing is kept by “{}”", dto.by)))?,
        others: tags(&dto.others)?,
        why: clean::line(&dto.why),
    })
}

/// What the parts say of each other.
fn check(plan: &Plan) -> Result<()> {
    let mut tags: HashSet<&TagName> = HashSet::new();
    let mut gone: HashSet<&Digest> = HashSet::new();
    for (n, item) in plan.items.iter().enumerate() {
        let at = |why: String| invalid(&format!("item {}: {why}", n + 1));
        if let Some(digest) = item.digest.as_ref().filter(|digest| gone.contains(digest)) {
            return Err(at(format!("{digest} is deleted before it already")));
        }
        if let Some(tag) = item.takes().iter().find(|tag| tags.contains(tag)) {
            return Err(at(format!("the tag {tag} is deleted twice")));
        }
        if let Some(digest) = item.after.iter().find(|digest| !gone.contains(digest)) {
            return Err(at(format!("it comes after {digest}, which nothing before it deletes")));
        }
        if item.deletes().is_some()
            && let Some(index) = item.indexes.iter().find(|index| !gone.contains(index))
        {
            return Err(at(format!("the index {index} lists it and stays")));
        }
        tags.extend(item.takes());
        gone.extend(item.deletes());
    }
    let lifted = |item: &Item| item.takes().iter().any(|tag| plan.choices.lifted.contains(tag));
    if let Some(n) = plan.items.iter().position(|item| item.protected && !lifted(item)) {
        return Err(invalid(&format!("item {}: it is protected, and nobody lifted that", n + 1)));
    }
    if let Some(kept) = plan.kept.iter().find(|kept| tags.contains(&kept.tag)) {
        return Err(invalid(&format!("the tag {} is kept and deleted", kept.tag)));
    }
    if plan.tags_before < tags.len() {
        return Err(invalid(&format!("it deletes {} tags of {}", tags.len(), plan.tags_before)));
    }
    if plan.choices.kept.iter().any(|tag| tags.contains(tag)) {
        return Err(invalid("it deletes a tag that was taken out of it"));
    }
    if !plan.choices.spared.is_disjoint(&gone.iter().map(|digest| (*digest).clone()).collect::<BTreeSet<_>>()) {
        return Err(invalid("it deletes a manifest that was taken out of it"));
    }
    if plan.unsure.is_some() && !gone.is_empty() {
        return Err(invalid("it deletes manifests, though what uses them is not known"));
    }
    if plan.refused.is_some() && !plan.items.is_empty() {
        return Err(invalid("it has items, though nothing can be deleted"));
    }
    let Bytes { at_least, at_most, exact } = plan.reclaimable;
    if at_most.is_some_and(|most| most < at_least) || (exact && at_most != Some(at_least)) {
        return Err(invalid("the bytes it frees contradict each other"));
    }
    Ok(())
}
