//! Sorting and filtering names and rows.

use std::sync::Arc;

use divan::{Bencher, black_box};
use jiff::{SignedDuration, Timestamp};
use tagboat::app::arrange::{Job, Source, View};
use tagboat::app::cache::{Row as _, Rows, TagRow};
use tagboat::app::list::{Column, Sort};
use tagboat::domain::filter::Filter;
use tagboat::domain::image::ManifestKind;
use tagboat::domain::order;
use tagboat::domain::page::Listed;
use tagboat::domain::reference::{Digest, TagName};
use tagboat::domain::tag::{DigestInfo, TagState};

pub fn name(n: usize) -> String {
    match n % 4 {
        0 => format!("v{}.{}.{}", n % 23, n % 101, n),
        1 => format!("build-{}", n * 7919 % 1_000_003),
        2 => format!("{:08x}", n.wrapping_mul(2_654_435_761) & 0xffff_ffff),
        _ => format!("pr-{}-Alpine3.{}", n, n % 20),
    }
}

pub fn info(n: usize) -> Arc<DigestInfo> {
    Arc::new(DigestInfo {
        digest: Digest::of(&n.to_le_bytes()),
        media_type: "application/vnd.oci.image.index.v1+json".into(),
        kind: ManifestKind::Index,
        created: Some(Timestamp::UNIX_EPOCH + SignedDuration::from_hours((n * 31 % 26_000) as i64)),
        size: Some((n * 104_729 % 900_000_000) as u64),
        platforms: Arc::default(),
        artifact: None,
    })
}

fn rows(count: usize, details: bool) -> Rows<TagRow> {
    let infos: Vec<_> = (0..6_000).map(info).collect();
    let mut rows = Rows::default();
    for n in 0..count {
        let mut row = TagRow::new(Listed::Valid(TagName::parse(&name(n)).unwrap()));
        if details {
            row.state = TagState::Known(infos[n % infos.len()].clone());
        }
        rows.push(row);
    }
    rows
}

fn job(rows: &Rows<TagRow>, order: &Arc<Vec<u32>>, filter: &str, column: Column) -> Job {
    let view = View {
        sort: Sort { column, reverse: false },
        filter: Some(filter).filter(|f| !f.is_empty()).map(|f| Filter::parse(f).unwrap()),
        marked: None,
        repos: None,
        only_favourites: false,
        group: None,
        unfold: false,
        labels: tagboat::domain::label::Labels::default(),
        kept: Arc::default(),
        tree: None,
        groups: None,
        now: Timestamp::UNIX_EPOCH + SignedDuration::from_hours(26_000),
    };
    Job { source: Source::Tags(rows.clone()), order: order.clone(), view }
}

#[divan::bench]
fn sort_names_100k(bencher: Bencher<'_, '_>) {
    let names: Vec<String> = (0..100_000).map(name).collect();
    bencher.with_inputs(|| names.clone()).bench_local_values(|mut names| {
        order::sort_by_name(&mut names, |name| name);
        names
    });
}

/// The first arrangement of a list: all names are sorted.
#[divan::bench(args = [100_000, 1_000_000], sample_count = 10)]
fn arrange_from_nothing(bencher: Bencher<'_, '_>, count: usize) {
    let rows = rows(count, false);
    bencher.bench_local(|| job(black_box(&rows), &Arc::default(), "", Column::Name).run());
}

/// A page of 1,000 more names came.
#[divan::bench(args = [100_000, 1_000_000], sample_count = 10)]
fn arrange_one_page_more(bencher: Bencher<'_, '_>, count: usize) {
    let all = rows(count, false);
    let mut fewer = Rows::default();
    all.iter().take(count - 1_000).for_each(|row| fewer.push(row.clone()));
    let order = job(&fewer, &Arc::default(), "", Column::Name).run().order;
    bencher.bench_local(|| job(black_box(&all), &order, "", Column::Name).run());
}

const FILTERS: [&str; 4] = ["alpine", "v1*.7", "~^pr-[0-9]*5-", "alpine !pr-1"];

#[divan::bench(args = FILTERS, sample_count = 20)]
fn filter_100k(bencher: Bencher<'_, '_>, filter: &str) {
    filter_names(bencher, filter, 100_000);
}

#[divan::bench(args = FILTERS, sample_count = 20)]
fn filter_1m(bencher: Bencher<'_, '_>, filter: &str) {
    filter_names(bencher, filter, 1_000_000);
}

fn filter_names(bencher: Bencher<'_, '_>, filter: &str, count: usize) {
    let rows = rows(count, false);
    let order = job(&rows, &Arc::default(), "", Column::Name).run().order;
    bencher.bench_local(|| job(black_box(&rows), &order, filter, Column::Name).run());
}

#[divan::bench(args = ["age>30d", "age>30d size<100MB", "shared:yes"], sample_count = 20)]
fn filter_details_100k(bencher: Bencher<'_, '_>, filter: &str) {
    let rows = rows(100_000, true);
    let order = job(&rows, &Arc::default(), "", Column::Name).run().order;
    bencher.bench_local(|| job(black_box(&rows), &order, filter, Column::Name).run());
}

#[divan::bench(args = [Column::Age, Column::Size, Column::Digest, Column::Shared], sample_count = 20)]
fn sort_by_details_100k(bencher: Bencher<'_, '_>, column: Column) {
    let rows = rows(100_000, true);
    let order = job(&rows, &Arc::default(), "", Column::Name).run().order;
    bencher.bench_local(|| job(black_box(&rows), &order, "", column).run());
}
