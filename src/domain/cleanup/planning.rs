//! From facts, marks and choices to a plan.

use std::collections::HashSet;
use std::sync::Arc;

use super::bytes;
use super::doomed::Doomed;
use super::graph::{Graph, attached_to};
use super::items::{Builder, Draft};
use super::marking::Marking;
use super::plan::{Bytes, Choices, Keeper, Left, Marks, Plan};
use super::sequence;
use super::snapshot::Snapshot;
use crate::domain::clean::{self, Clean};
use crate::domain::reference::TagName;

/// What it takes to do what is asked, and nothing beyond: where a tag cannot be taken away alone, it is held back and
/// not turned into the deletion of what it points at. Time grows with the number of tags and manifests.
pub fn plan(snapshot: &Snapshot, marks: &Marks, choices: &Choices) -> Plan {
    let images = attached_to(snapshot);
    let graph = Graph::new(snapshot, &images);
    let mut marking = Marking::new(&graph, marks, choices);
    let deletes = &snapshot.deletes;
    let unsure = if choices.needs_manifests(marks, deletes) { &graph.unsure } else { &graph.unsure_tags };
    if !deletes.can_untag() && !deletes.can_delete_manifests() {
        let words = snapshot.kind.words();
        let off = if words.nests { ": deletion is switched off there" } else { "" };
        let refused = clean::line(&format!("{} deletes neither tags nor {}{off}", words.system, words.things));
        for at in std::mem::take(&mut marking.tags) {
            marking.keep(&graph, at, Keeper::Skipped, Arc::default(), refused.clone());
        }
        return Plan {
            refused: Some(refused),
            ..finish(&graph, marking, choices, Vec::new(), Left::default(), unsure)
        };
    }
    let doomed = Doomed::new(&graph, &marking, marks.untagged, choices);
    let (drafts, left) = Builder::new(&graph, &mut marking, &doomed, choices).build();
    let drafts = sequence::arrange(&graph, drafts);
    finish(&graph, marking, choices, drafts, left, unsure)
}

fn finish(
    graph: &Graph<'_>,
    mut marking: Marking,
    choices: &Choices,
    mut drafts: Vec<Draft>,
    left: Left,
    unsure: &Option<Clean>,
) -> Plan {
    let snapshot = graph.snapshot;
    let reclaimable = match drafts.is_empty() {
        true => Bytes { at_least: 0, at_most: Some(0), exact: true },
        false => bytes::count(graph, &mut drafts),
    };
    // What a rule spared goes all the same, where somebody chose that everything on a digest goes.
    if marking.kept.iter().any(|kept| kept.by == Keeper::Rule) {
        let lost: HashSet<&TagName> = drafts.iter().flat_map(|draft| draft.item.takes()).collect();
        marking.kept.retain(|kept| kept.by != Keeper::Rule || !lost.contains(&kept.tag));
    }
    Plan {
        registry: snapshot.registry.clone(),
        origin: snapshot.origin.clone(),
        kind: snapshot.kind,
        repo: snapshot.repo.clone(),
        created: snapshot.time,
        choices: choices.clone(),
        items: drafts.into_iter().map(|draft| draft.item).collect(),
        kept: marking.kept,
        left,
        reclaimable,
        tags_before: snapshot.tags.len(),
        unsure: unsure.clone(),
        refused: None,
    }
}
