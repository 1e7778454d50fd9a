//! The third pane: the tags of a repository.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::app::arrange::{self, View};
use crate::app::cache::{Kept, Row as _, Rows, TagList, TagRow, TagsTold};
use crate::app::list::{Column, Sort};
use crate::app::pane::Pane;
use crate::domain::colour::Colour;
use crate::domain::filter::{Field, Filter, Row, RowState, Verdict};
use crate::domain::label::Labels;
use crate::domain::page::Listed;
use crate::domain::reference::{Digest, TagName};
use crate::domain::repository::TagFacts;
use crate::domain::tag::{DigestInfo, TagState};

const COLUMNS: [Column; 7] =
    [Column::Name, Column::Digest, Column::Shared, Column::Age, Column::Size, Column::Platforms, Column::Label];

/// What the list can be sorted by: what every registry tells of an image, and what some keep of a tag.
pub fn columns(told: TagsTold) -> Vec<Column> {
    let kept = [(told.colour, Column::Colour), (told.pushed, Column::Pushed), (told.pulled, Column::Pulled)];
    COLUMNS.into_iter().chain(kept.into_iter().filter(|(is, _)| *is).map(|(_, column)| column)).collect()
}

pub fn sorts_by_kept(column: Column) -> bool {
    matches!(column, Column::Colour | Column::Pushed | Column::Pulled)
}

/// The text of a row: a valid name, or what the server sent instead of one.
pub fn text(row: &TagRow) -> &str {
    row.text()
}

/// The name of a row that can be acted on.
pub fn name(row: &TagRow) -> Option<&TagName> {
    match &row.name {
        Listed::Valid(name) => Some(name),
        Listed::Invalid(_) => None,
    }
}

/// Tags that belong to an image are folded away unless someone looks for them, or marked one.
pub fn folds(pane: &Pane) -> bool {
    !pane.unfold && pane.list.filter.filter.is_none() && !pane.only_marked
}

/// The rows to show; also those that match only perhaps, because a detail the filter needs is not known yet. `order` is
/// that of the names.
pub fn arrange(rows: &Rows<TagRow>, order: &[u32], view: &View) -> Vec<u32> {
    let counts = if counts_needed(view) { count_digests(rows) } else { HashMap::new() };
    let sharing = |info: &DigestInfo| counts.get(&info.digest).copied().unwrap_or(0);
    let fold = !view.unfold && view.filter.is_none() && view.marked.is_none();
    let mut shown = arrange::wanted(rows, order, |row| {
        if row.attached && fold {
            return false;
        }
        if view.marked.as_ref().is_some_and(|marked| !name(row).is_some_and(|n| marked.contains(n))) {
            return false;
        }
        let Some(filter) = &view.filter else { return true };
        matches(row, filter, sharing, &view.labels, &view.kept, view.now) != Verdict::No
    });
    let Sort { column, reverse } = view.sort;
    match column {
        // Groups of one image, the youngest first.
        Column::Digest => by(rows, &mut shown, reverse, |info| (Reverse(info.created), &info.digest)),
        Column::Shared => by(rows, &mut shown, reverse, sharing),
        // The youngest first; what has no date comes after all that have one.
        Column::Age => by(rows, &mut shown, reverse, |info| Reverse(info.created)),
        Column::Size => by(rows, &mut shown, reverse, |info| info.size),
        Column::Label => {
            let place = |at: u32| placed(&facts(rows.at(at), sharing, &view.labels, view.now), &view.labels);
            by_key(&mut shown, reverse, place);
        }
        // What looks alike together.
        Column::Colour => by_key(&mut shown, reverse, |at| {
            let kept = kept(rows.at(at), &view.kept)?;
            let text = kept.colour_text.as_ref().filter(|text| !text.is_empty())?;
            Some((kept.colour.map(Colour::sixteen), text))
        }),
        // The latest first.
        Column::Pushed => by_key(&mut shown, reverse, |at| kept(rows.at(at), &view.kept)?.pushed.map(Reverse)),
        Column::Pulled => by_key(&mut shown, reverse, |at| kept(rows.at(at), &view.kept)?.pulled.map(Reverse)),
        Column::Platforms => by(rows, &mut shown, reverse, |info| &info.platforms),
        _ if reverse => shown.reverse(),
        _ => {}
    }
    shown
}

/// By a detail of the image.
fn by<'a, K: Ord>(rows: &'a Rows<TagRow>, shown: &mut Vec<u32>, reverse: bool, key: impl Fn(&'a DigestInfo) -> K) {
    by_key(shown, reverse, |at| rows.at(at).state.info().map(|info| key(info)));
}

/// What is equal stays in the order of the names, and rows without a key stay last, whichever way round. The key is
/// taken out once a row: looking it up at every comparison costs several times the sort.
fn by_key<K: Ord>(shown: &mut Vec<u32>, reverse: bool, key: impl Fn(u32) -> Option<K>) {
    let (mut known, unknown): (Vec<_>, Vec<_>) = shown.iter().map(|at| (key(*at), *at)).partition(|(k, _)| k.is_some());
    known.sort_by(|(a, _), (b, _)| if reverse { b.cmp(a) } else { a.cmp(b) });
    *shown = known.into_iter().chain(unknown).map(|(_, at)| at).collect();
}

fn kept<'a>(row: &TagRow, kept: &'a Kept) -> Option<&'a TagFacts> {
    kept.get(name(row)?).map(|facts| &**facts)
}

/// The place of a row's label among the labels; what is not known is none.
fn placed(row: &Row<'_>, labels: &Labels) -> Option<usize> {
    let Field::Is(name) = row.label else { return None };
    let at = labels.palette.iter().position(|label| *label.name == *name);
    Some(at.unwrap_or(labels.palette.len()))
}

fn counts_needed(view: &View) -> bool {
    let filter = view.filter.as_ref().is_some_and(Filter::needs_details);
    view.sort.column == Column::Shared || filter || view.labels.needs_details()
}

fn count_digests(rows: &Rows<TagRow>) -> HashMap<&Digest, u32> {
    let mut counts = HashMap::new();
    for info in rows.iter().filter_map(|row| row.state.info()) {
        *counts.entry(&info.digest).or_default() += 1;
    }
    counts
}

/// Whether a row matches for certain: the filter may ask what is not read yet, and then it is shown in any case.
pub fn surely_matches(list: &TagList, row: &TagRow, filter: &Filter, labels: &Labels, now: jiff::Timestamp) -> bool {
    let by_details = filter.needs_details() || (filter.asks_labels() && labels.needs_details());
    !by_details || matches(row, filter, |info| list.sharing(&info.digest), labels, &list.facts, now) == Verdict::Yes
}

fn matches(
    row: &TagRow,
    filter: &Filter,
    sharing: impl Fn(&DigestInfo) -> u32,
    labels: &Labels,
    all: &Kept,
    now: jiff::Timestamp,
) -> Verdict {
    filter.matches(&Row { kept: kept(row, all), ..facts(row, sharing, labels, now) }, now)
}

/// What filters and rules see of a row.
pub fn facts<'a>(
    row: &'a TagRow,
    sharing: impl Fn(&DigestInfo) -> u32,
    labels: &'a Labels,
    now: jiff::Timestamp,
) -> Row<'a> {
    let mut view = Row { name: row.text(), label: Field::Absent, ..Row::default() };
    match &row.state {
        TagState::NotAsked => {}
        TagState::Dangling => {
            view.state = Some(RowState::Dangling);
            // There is no content that could still be read.
            view.created = Field::Absent;
            view.size = Field::Absent;
        }
        TagState::Failed(_) => view.state = Some(RowState::Error),
        TagState::Known(info) => {
            view.state = Some(RowState::Ok);
            view.created = info.created.map_or(Field::Absent, Field::Is);
            view.size = info.size.map_or(Field::Absent, Field::Is);
            view.digest = Some(&info.digest);
            view.platforms = Some(&info.platforms);
            view.shared = Some(sharing(info) as usize);
        }
    }
    if let (Some(name), false) = (name(row), labels.is_empty()) {
        view.label = match labels.of(name, &view, now) {
            Field::Is(given) => Field::Is(given.label),
            Field::Absent => Field::Absent,
            Field::NotLoaded => Field::NotLoaded,
        };
        view.note = labels.note(name);
    }
    view
}

/// What the foot of the list says of the marks, and what the rows show of them. Worked out when it is looked at, and
/// kept until marks or rows change: with every tag marked it costs more than a frame may.
#[derive(Clone, Debug, Default)]
pub struct MarkCount {
    pub tags: usize,
    /// Their digests, as far as they are known.
    pub digests: HashSet<Digest>,
    /// Other tags on those digests.
    pub sharing: usize,
    /// Marked tags whose digest is not known yet.
    pub unread: usize,
    /// Tags without a mark that nobody knows the digest of now: any of them may be on those digests, too.
    pub unread_others: usize,
    pub hidden: usize,
}

pub fn count_marks<'a>(list: &TagList, pane: &'a Pane) -> &'a MarkCount {
    pane.marked.get_or_init(|| {
        if pane.marks.is_empty() {
            return MarkCount::default();
        }
        let on_screen: HashSet<u32> = pane.list.shown.iter().copied().collect();
        let mut count = MarkCount { tags: pane.marks.len(), ..MarkCount::default() };
        let mut known = 0;
        for name in &pane.marks {
            let position = list.position(name.as_str());
            count.hidden += usize::from(position.is_none_or(|at| !on_screen.contains(&at)));
            let Some(row) = position.map(|at| list.rows.at(at)) else { continue };
            count.unread += usize::from(matches!(row.state, TagState::NotAsked | TagState::Failed(_)));
            if let Some(info) = row.state.info() {
                known += 1;
                count.digests.insert(info.digest.clone());
            }
        }
        let unknown = |row: &&TagRow| {
            let asks = matches!(row.state, TagState::Failed(_)) || !list.is_fresh(row);
            asks && !row.attached && name(row).is_some_and(|name| !pane.marks.contains(name))
        };
        // A tag that is known to be on them is counted as one that is.
        let maybe = |row: &&TagRow| row.state.info().is_none_or(|info| !count.digests.contains(&info.digest));
        count.unread_others = list.rows.iter().filter(unknown).filter(maybe).count();
        let on_them: usize = count.digests.iter().map(|digest| list.sharing(digest) as usize).sum();
        count.sharing = on_them.saturating_sub(known);
        count
    })
}

/// How far details are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    OnScreen,
    /// The next screen, too.
    Near,
    All,
}

/// The tags whose details to ask for next: those on screen first, then the page after it, then the rest, nearest to the
/// cursor first. Marks them as asked.
pub fn next_details(list: &mut TagList, pane: &Pane, reach: Reach, most: usize) -> Vec<TagName> {
    let shown = &pane.list.shown;
    let (before, after) = shown.split_at(pane.list.cursor.min(shown.len()));
    let visible = pane.list.on_screen().iter();
    let next = if reach == Reach::OnScreen { 0 } else { pane.list.room };
    let ahead = shown.iter().skip(pane.list.offset + pane.list.room).take(next);
    let (before, after) = if reach == Reach::All { (before, after) } else { (&[][..], &[][..]) };
    let rest = alternate(after.iter(), before.iter().rev());
    let mut wanted = Vec::new();
    for at in visible.chain(ahead).chain(rest).copied() {
        if wanted.len() >= most {
            break;
        }
        let Some(row) = list.rows.get(at as usize) else { continue };
        let Listed::Valid(tag) = &row.name else { continue };
        if row.asked || list.is_fresh(row) {
            continue;
        }
        wanted.push(tag.clone());
        if let Some(row) = list.rows.get_mut(at as usize) {
            row.asked = true;
        }
    }
    wanted
}

/// The tags on screen whose details are not here yet, and whether any of them was not even asked for.
pub fn missing_on_screen(list: &TagList, pane: &Pane) -> (Vec<TagName>, bool) {
    let rows = pane.list.on_screen().iter().filter_map(|at| list.rows.get(*at as usize));
    let missing: Vec<&TagRow> = rows.filter(|row| !list.is_fresh(row) && name(row).is_some()).collect();
    let unasked = missing.iter().any(|row| !row.asked);
    (missing.into_iter().filter_map(name).cloned().collect(), unasked)
}

/// Whether a row on screen was asked for and is not here yet.
pub fn waits_for_details(list: &TagList, pane: &Pane) -> bool {
    let mut rows = pane.list.on_screen().iter().filter_map(|at| list.rows.get(*at as usize));
    rows.any(|row| row.asked && !list.is_fresh(row))
}

/// One of the first, one of the second, and so on; then what is left of the longer.
fn alternate<T>(mut a: impl Iterator<Item = T>, mut b: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    let mut turn = false;
    std::iter::from_fn(move || {
        turn = !turn;
        if turn { a.next().or_else(|| b.next()) } else { b.next().or_else(|| a.next()) }
    })
}
