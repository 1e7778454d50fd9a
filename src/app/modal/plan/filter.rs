//! `/`: which rows of a plan are on the screen. It changes what is seen, never what goes.

use std::collections::HashMap;

use super::{Made, Row};
use crate::domain::cleanup::{Item, Kept};
use crate::domain::filter::{Filter, Row as Facts, Verdict};
use crate::domain::reference::{Digest, TagName};

/// Positions of the rows of which one tag matches; a manifest without a tag is known by its digest.
pub(super) fn shown(made: &Made, filter: Option<&Filter>) -> Vec<usize> {
    let all = 0..made.rows.len();
    let Some(filter) = filter else { return all.collect() };
    // Most filters ask for names alone, and a plan may be long.
    let asks_more = filter.needs_details() || filter.asks_labels();
    let known: HashMap<&TagName, Facts<'_>> = match asks_more {
        true => made.snapshot.candidates().into_iter().map(|one| (one.tag, one.row)).collect(),
        false => HashMap::new(),
    };
    let holds = |facts: &Facts<'_>| filter.matches(facts, made.snapshot.time) == Verdict::Yes;
    let tag = |tag: &TagName| match known.get(tag) {
        Some(facts) => holds(facts),
        None => holds(&Facts { name: tag.as_str(), ..Facts::default() }),
    };
    let bare = |digest: &Digest| holds(&Facts { name: &digest.to_string(), digest: Some(digest), ..Facts::default() });
    let matches = |row: &Row| match row {
        Row::Item(at) => made.plan.items.get(*at).is_some_and(|item: &Item| match item.takes() {
            [] => item.digest.as_ref().is_some_and(bare),
            tags => tags.iter().any(tag),
        }),
        Row::Kept(at) => {
            made.plan.kept.get(*at).is_some_and(|kept: &Kept| tag(&kept.tag) || kept.others.iter().any(tag))
        }
        Row::Spared(digest) => bare(digest),
    };
    all.filter(|at| matches(&made.rows[*at])).collect()
}
