//! The rows of a plan: what is held back first, because it wants a decision, then what goes, then what else stays.

use std::collections::BTreeSet;

use crate::domain::cleanup::{Keeper, Plan};
use crate::domain::reference::Digest;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A position in `Plan::kept`.
    Kept(usize),
    /// A position in `Plan::items`.
    Item(usize),
    /// A manifest that was taken out by hand.
    Spared(Digest),
}

pub(super) fn rows(plan: &Plan, spared: &BTreeSet<Digest>, only: Option<&BTreeSet<Digest>>) -> Vec<Row> {
    let kept = |wanted: fn(Keeper) -> bool| {
        let all = plan.kept.iter().enumerate().filter(move |(_, kept)| wanted(kept.by));
        all.map(|(at, _)| Row::Kept(at))
    };
    let mut rows: Vec<Row> = kept(|by| by == Keeper::Held).collect();
    rows.extend((0..plan.items.len()).map(Row::Item));
    rows.extend(kept(|by| by == Keeper::Protection));
    rows.extend(kept(|by| by == Keeper::Skipped));
    rows.extend(kept(|by| by == Keeper::Hand));
    // What another try leaves alone was never in this plan.
    let by_hand = |digest: &&Digest| only.is_none_or(|only| only.contains(*digest));
    rows.extend(spared.iter().filter(by_hand).cloned().map(Row::Spared));
    rows.extend(kept(|by| by == Keeper::Rule));
    rows
}
