//! What the tags of a repository say of it, as far as they were read in this run.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::app::cache::TagList;
use crate::app::pane::{preview, tags};
use crate::domain::image::ManifestKind;

/// Of longer lists nothing is summed up: it would be felt when the cursor comes by.
const MOST: usize = 200_000;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Every tag was read.
    pub complete: bool,
    pub digests: usize,
    pub indexes: usize,
    /// The sum over distinct digests: an upper bound, since digests share layers. `None` when one has no size.
    pub size: Option<u64>,
    pub oldest: Option<(Timestamp, String)>,
    pub newest: Option<(Timestamp, String)>,
}

pub fn summary(list: &TagList) -> &Summary {
    list.summed.get_or_init(|| sum(list))
}

fn sum(list: &TagList) -> Summary {
    let mut seen = HashSet::new();
    if list.rows.len() > MOST {
        return Summary::default();
    }
    let complete = preview::unread(list) == 0;
    let mut out = Summary { complete, size: Some(0), ..Summary::default() };
    for row in &list.rows {
        let Some(info) = row.state.info() else { continue };
        if seen.insert(&info.digest) {
            out.digests += 1;
            out.indexes += usize::from(info.kind == ManifestKind::Index);
            out.size = out.size.zip(info.size).and_then(|(sum, size)| sum.checked_add(size));
        }
        let Some(created) = info.created else { continue };
        let named = || Some((created, tags::text(row).to_owned()));
        if out.oldest.as_ref().is_none_or(|(then, _)| created < *then) {
            out.oldest = named();
        }
        if out.newest.as_ref().is_none_or(|(then, _)| created > *then) {
            out.newest = named();
        }
    }
    out
}
