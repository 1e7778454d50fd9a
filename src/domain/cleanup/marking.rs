//! Which tags are to go: what was marked, with the siblings that were named, without what is protected.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::graph::Graph;
use super::plan::{Choices, Keeper, Kept, Marks, Siblings};
use super::snapshot::Target;
use crate::domain::clean::{self, Clean};
use crate::domain::order;
use crate::domain::reference::{Digest, TagName};

/// The tags a plan tries to take away, by their place in the snapshot.
pub(super) struct Marking<'a> {
    /// In natural order of their names.
    pub tags: Vec<usize>,
    chosen: HashSet<usize>,
    /// Those on a digest, by digest.
    pub going: HashMap<&'a Digest, Vec<usize>>,
    /// Protected tags whose protection was lifted.
    pub lifted: HashSet<usize>,
    pub kept: Vec<Kept>,
}

impl<'a> Marking<'a> {
    pub fn new(graph: &Graph<'a>, marks: &Marks, choices: &Choices) -> Self {
        let mut marking = Self {
            tags: Vec::new(),
            chosen: HashSet::new(),
            going: HashMap::new(),
            lifted: HashSet::new(),
            kept: Vec::new(),
        };
        for (tag, why) in &marks.kept {
            let digest = graph.find(tag).and_then(|at| graph.tag(at).target.digest()).cloned();
            marking.kept.push(Kept {
                tag: tag.clone(),
                digest,
                by: Keeper::Rule,
                others: Arc::default(),
                why: why.clone(),
            });
        }
        let mut marked = BTreeSet::new();
        for name in &marks.tags {
            match graph.find(name) {
                Some(at) => drop(marked.insert(at)),
                None => marking.kept.push(Kept {
                    tag: name.clone(),
                    digest: None,
                    by: Keeper::Skipped,
                    others: Arc::default(),
                    why: Clean::fixed("the repository has no such tag"),
                }),
            }
        }
        let mut chosen = BTreeSet::new();
        for at in &marked {
            match verdict(graph, *at, choices) {
                Ok(lifted) => {
                    chosen.insert(*at);
                    marking.lifted.extend(lifted.then_some(*at));
                }
                Err((by, why)) => marking.keep(graph, *at, by, Arc::default(), why),
            }
        }
        for at in siblings(graph, &chosen, choices) {
            if let Ok(lifted) = verdict(graph, at, choices)
                && !marked.contains(&at)
            {
                chosen.insert(at);
                marking.lifted.extend(lifted.then_some(at));
            }
        }
        marking.tags = chosen.iter().copied().collect();
        marking.chosen = chosen.into_iter().collect();
        marking.tags.sort_by_cached_key(|at| order::key(graph.tag(*at).name.as_str()));
        for at in &marking.tags {
            if let Some(digest) = graph.tag(*at).target.digest() {
                marking.going.entry(digest).or_default().push(*at);
            }
        }
        marking
    }

    pub fn goes(&self, at: usize) -> bool {
        self.chosen.contains(&at)
    }

    pub fn keep(&mut self, graph: &Graph<'_>, at: usize, by: Keeper, others: Arc<[TagName]>, why: Clean) {
        let tag = graph.tag(at);
        let digest = tag.target.digest().cloned();
        self.kept.push(Kept { tag: tag.name.clone(), digest, by, others, why });
    }
}

/// Whether protection, or what is known of a tag, is against its deletion. `Ok`: whether it is protected, and may go
/// all the same.
pub(super) fn verdict(graph: &Graph<'_>, at: usize, choices: &Choices) -> Result<bool, (Keeper, Clean)> {
    let tag = graph.tag(at);
    let row = graph.snapshot.row(tag, |digest| Some(graph.on(digest).len()));
    let protected = graph.snapshot.protection.of(&row, graph.snapshot.time);
    let skipped = |why: String| Err((Keeper::Skipped, clean::line(&why)));
    match protected {
        Some(pattern) if !choices.lifted.contains(&tag.name) => {
            return Err((Keeper::Protection, clean::line(&format!("protected by “{pattern}”"))));
        }
        _ => {}
    }
    match &tag.target {
        Target::Unknown(why) => return skipped(format!("its digest is not known: {why}")),
        Target::Dangling if !graph.snapshot.deletes.can_untag() => {
            return skipped("its manifest is gone, and this registry deletes by digest only".to_owned());
        }
        Target::Dangling => {}
        Target::At(digest) => {
            if let Some(warning) = graph.snapshot.fact(digest).and_then(|fact| fact.warnings.first()) {
                return skipped(format!("nothing is planned from its manifest: {warning}"));
            }
        }
    }
    Ok(protected.is_some())
}

/// The tags that go along with chosen ones.
fn siblings(graph: &Graph<'_>, chosen: &BTreeSet<usize>, choices: &Choices) -> Vec<usize> {
    let digests: HashSet<&Digest> = chosen.iter().filter_map(|at| graph.tag(*at).target.digest()).collect();
    match &choices.siblings {
        Siblings::All => digests.into_iter().flat_map(|digest| graph.on(digest)).copied().collect(),
        Siblings::Named(names) => {
            let shares = |at: &usize| graph.tag(*at).target.digest().is_some_and(|digest| digests.contains(digest));
            names.iter().filter_map(|name| graph.find(name)).filter(shares).collect()
        }
    }
}
