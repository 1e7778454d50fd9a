//! Which tags are to go: what was marked, with the siblings that were named, without what is protected.

use std::sync::Arc;

use super::graph::Graph;
use super::nodes::{Lists, Node};
use super::plan::{Choices, Keeper, Kept, Marks, Siblings};
use super::snapshot::Target;
use crate::domain::clean::{self, Clean};
use crate::domain::order;
use crate::domain::reference::TagName;

const BY_HAND: &str = "kept by hand";

/// The tags a plan tries to take away, by their place in the snapshot.
pub(super) struct Marking {
    /// In natural order of their names.
    pub tags: Vec<usize>,
    /// By the place of the tag.
    chosen: Vec<bool>,
    /// Those on a digest.
    going: Lists<usize>,
    /// Protected tags whose protection was lifted, by place.
    pub lifted: Vec<bool>,
    pub kept: Vec<Kept>,
}

impl Marking {
    pub fn new(graph: &Graph<'_>, marks: &Marks, choices: &Choices) -> Self {
        let count = graph.snapshot.tags.len();
        let mut marking = Self {
            tags: Vec::new(),
            chosen: vec![false; count],
            going: graph.nodes.lists(&[]),
            lifted: vec![false; count],
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
        for at in choices.kept.iter().filter_map(|tag| graph.find(tag)) {
            marking.keep(graph, at, Keeper::Hand, Arc::default(), Clean::fixed(BY_HAND));
        }
        let mut marked = vec![false; count];
        for name in &marks.tags {
            match graph.find(name) {
                Some(at) => marked[at] = true,
                None => marking.kept.push(Kept {
                    tag: name.clone(),
                    digest: None,
                    by: Keeper::Skipped,
                    others: Arc::default(),
                    why: Clean::fixed("the repository has no such tag"),
                }),
            }
        }
        for at in places(&marked) {
            match verdict(graph, at, choices) {
                Ok(lifted) => (marking.chosen[at], marking.lifted[at]) = (true, lifted),
                // Told of already, marked or not.
                Err((Keeper::Hand, _)) => {}
                Err((by, why)) => marking.keep(graph, at, by, Arc::default(), why),
            }
        }
        for at in siblings(graph, &marking.chosen, choices) {
            if !marked[at]
                && let Ok(lifted) = verdict(graph, at, choices)
            {
                (marking.chosen[at], marking.lifted[at]) = (true, lifted);
            }
        }
        marking.tags = places(&marking.chosen).collect();
        marking.tags.sort_by_cached_key(|at| order::sort_key(graph.tag(*at).name.as_str()));
        let on = |at: &usize| graph.target(*at).map(|node| (node, *at));
        marking.going = graph.nodes.lists(&marking.tags.iter().filter_map(on).collect::<Vec<_>>());
        marking
    }

    /// The tags on a digest that are to go.
    pub fn going(&self, node: Node) -> &[usize] {
        self.going.of(node)
    }

    pub fn goes(&self, at: usize) -> bool {
        self.chosen[at]
    }

    pub fn keep(&mut self, graph: &Graph<'_>, at: usize, by: Keeper, others: Arc<[TagName]>, why: Clean) {
        let tag = graph.tag(at);
        let digest = tag.target.digest().cloned();
        self.kept.push(Kept { tag: tag.name.clone(), digest, by, others, why });
    }
}

/// Whether somebody's hand, protection, or what is known of a tag is against its deletion. `Ok`: whether it is protected, and may go
/// all the same.
pub(super) fn verdict(graph: &Graph<'_>, at: usize, choices: &Choices) -> Result<bool, (Keeper, Clean)> {
    let tag = graph.tag(at);
    if choices.kept.contains(&tag.name) {
        return Err((Keeper::Hand, Clean::fixed(BY_HAND)));
    }
    let node = graph.target(at);
    let row = graph.snapshot.row(tag, |_| node.map(|node| graph.on(node).len()));
    let protected = graph.snapshot.protection.of(&row, graph.snapshot.time);
    let skipped = |why: String| Err((Keeper::Skipped, clean::line(&why)));
    match protected {
        Some(pattern) if !choices.lifted.contains(&tag.name) => {
            return Err((Keeper::Protection, clean::line(&format!("protected by “{pattern}”"))));
        }
        _ => {}
    }
    match &tag.target {
        Target::Unknown(why) => return skipped(format!("its {} is not known: {why}", graph.snapshot.kind.words().id)),
        Target::Dangling if !graph.snapshot.deletes.can_untag() => {
            return skipped("its manifest is gone, and this registry deletes by digest only".to_owned());
        }
        Target::Dangling => {}
        Target::At(_) => {
            if let Some(warning) = node.and_then(|node| graph.fact(node)?.warnings.first()) {
                return skipped(format!("nothing is planned from its manifest: {warning}"));
            }
        }
    }
    Ok(protected.is_some())
}

/// The tags that go along with chosen ones.
fn siblings(graph: &Graph<'_>, chosen: &[bool], choices: &Choices) -> Vec<usize> {
    let mut shared = graph.nodes.table(false);
    places(chosen).filter_map(|at| graph.target(at)).for_each(|node| shared[node] = true);
    let shares = |at: &usize| graph.target(*at).is_some_and(|node| shared[node]);
    match &choices.siblings {
        Siblings::All => (0..chosen.len()).filter(shares).collect(),
        Siblings::Named(names) => names.iter().filter_map(|name| graph.find(name)).filter(shares).collect(),
    }
}

fn places(some: &[bool]) -> impl Iterator<Item = usize> {
    some.iter().enumerate().filter_map(|(at, is)| is.then_some(at))
}
