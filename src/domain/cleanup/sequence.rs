//! The running order: what was marked, then entries of indexes, then referrers; and nothing before what uses it, since
//! some registries refuse to delete what an index still lists (zot, Google's; oci-distribution.md §11.1).

use std::collections::{BTreeSet, HashMap};

use super::graph::Graph;
use super::item::{Item, Role};
use crate::domain::reference::{Digest, TagName};

/// Puts the items in order, and notes for each what has to be gone before it.
pub(super) fn arrange(graph: &Graph<'_>, items: Vec<Item>) -> Vec<Item> {
    let deleting: HashMap<Digest, usize> =
        items.iter().enumerate().filter_map(|(at, item)| Some((item.deletes()?.clone(), at))).collect();
    let untagging: HashMap<TagName, usize> = items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.deletes().is_none())
        .filter_map(|(at, item)| Some((item.tag.clone()?, at)))
        .collect();
    let before: Vec<Before> = items.iter().map(|item| Before::new(graph, item, &deleting, &untagging)).collect();
    let order = sorted(&items, &before);
    let mut place = vec![0; items.len()];
    order.iter().enumerate().for_each(|(n, at)| place[*at] = n);
    let mut items: Vec<Option<Item>> = items.into_iter().map(Some).collect();
    let deleted = |at: usize, items: &[Option<Item>]| items[at].as_ref().and_then(Item::deletes).cloned();
    let after: Vec<Vec<Digest>> = before
        .iter()
        .enumerate()
        .map(|(at, list)| {
            let mut after: Vec<Digest> =
                list.all().filter(|other| place[**other] < place[at]).filter_map(|at| deleted(*at, &items)).collect();
            after.sort_unstable();
            after.dedup();
            after
        })
        .collect();
    let mut after: Vec<Option<Vec<Digest>>> = after.into_iter().map(Some).collect();
    let take = |at: usize| {
        let item = items[at].take()?;
        Some(Item { after: after[at].take().unwrap_or_default(), ..item })
    };
    order.into_iter().filter_map(take).collect()
}

/// What comes before an item, by place.
#[derive(Default)]
struct Before {
    /// The indexes that list it, the tags on it.
    must: Vec<usize>,
    /// What it refers to. An index may refer to one of its own entries; then the entry comes after it.
    should: Vec<usize>,
}

impl Before {
    fn new(
        graph: &Graph<'_>,
        item: &Item,
        deleting: &HashMap<Digest, usize>,
        untagging: &HashMap<TagName, usize>,
    ) -> Self {
        let mut before = Self::default();
        if let Some(digest) = item.deletes() {
            before.must.extend(graph.indexes(digest).iter().filter_map(|index| deleting.get(*index)));
            before.must.extend(graph.on(digest).iter().filter_map(|at| untagging.get(&graph.tag(*at).name)));
        }
        if let (Role::Referrer | Role::Child | Role::Untagged, Some(digest)) = (item.role, &item.digest) {
            before.should.extend(graph.subjects(digest).iter().filter_map(|image| deleting.get(*image)));
        }
        before
    }

    fn all(&self) -> impl Iterator<Item = &usize> {
        self.must.iter().chain(&self.should)
    }
}

/// The first in line whose turn has come, again and again.
fn sorted(items: &[Item], before: &[Before]) -> Vec<usize> {
    let mut must: Vec<usize> = before.iter().map(|before| before.must.len()).collect();
    let mut should: Vec<usize> = before.iter().map(|before| before.should.len()).collect();
    let mut then: Vec<Vec<(usize, bool)>> = vec![Vec::new(); items.len()];
    for (at, before) in before.iter().enumerate() {
        before.must.iter().for_each(|other| then[*other].push((at, true)));
        before.should.iter().for_each(|other| then[*other].push((at, false)));
    }
    let key = |at: usize| (items[at].role, at);
    // Whatever may come next, and of these what nothing speaks against.
    let mut possible: BTreeSet<_> = (0..items.len()).filter(|at| must[*at] == 0).map(key).collect();
    let mut ready: BTreeSet<_> = possible.iter().copied().filter(|(_, at)| should[*at] == 0).collect();
    let mut order = Vec::with_capacity(items.len());
    while let Some(next) = ready.pop_first().or_else(|| possible.first().copied()) {
        possible.remove(&next);
        order.push(next.1);
        for (other, hard) in std::mem::take(&mut then[next.1]) {
            let waits = if hard { &mut must[other] } else { &mut should[other] };
            *waits -= 1;
            let placed = must[other] == 0 && !hard && !possible.contains(&key(other));
            if must[other] == 0 && !placed {
                possible.insert(key(other));
                if should[other] == 0 {
                    ready.insert(key(other));
                }
            }
        }
    }
    // What lists each other in a circle was never checked against its digest; it still must not fall out of the plan.
    order.extend((0..items.len()).filter(|at| must[*at] > 0));
    order
}
