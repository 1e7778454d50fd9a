//! What registries send, and what the disk keeps.

use divan::{Bencher, black_box};
use tagboat::backend::http::link;
use tagboat::domain::filter::Filter;
use tagboat::domain::reference::{Digest, RepoName, TagName};

#[divan::bench]
fn link_header(bencher: Bencher<'_, '_>) {
    let mut headers = reqwest::header::HeaderMap::new();
    let value = "</v2/_catalog?last=library%2Falpine&n=1000>; rel=\"next\"; title=\"a, b\"";
    headers.insert(reqwest::header::LINK, value.parse().unwrap());
    bencher.bench(|| link::next_query(black_box(&headers)));
}

#[divan::bench]
fn names() -> (bool, bool, bool) {
    let digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    (
        RepoName::parse(black_box("team/group/app-server")).is_ok(),
        TagName::parse(black_box("v1.22.333-alpine3.20")).is_ok(),
        Digest::parse(black_box(digest)).is_ok(),
    )
}

#[divan::bench]
fn filter_text() -> bool {
    Filter::parse(black_box("v1* !~rc[0-9]+$ age>30d size<1GB")).is_ok()
}
