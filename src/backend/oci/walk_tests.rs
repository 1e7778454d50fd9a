use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use super::*;
use crate::backend::oci::listing::{self, Kind};
use crate::domain::error::ErrorKind;
use crate::domain::reference::TagName;

/// What the fake registry answers next.
enum Say {
    Tags(Vec<String>, Option<&'static str>),
    Body(&'static str, Option<&'static str>),
    Fail(u16, &'static str),
}

fn some(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn many(from: usize, to: usize) -> Vec<String> {
    (from..to).map(|i| format!("t{i}")).collect()
}

fn page(body: impl Into<bytes::Bytes>, next: Option<&str>) -> Result<Page> {
    let body = body.into();
    let entries = listing::entries(Kind::Tags, &body);
    let entries = entries.map_err(|_| Error::new(ErrorKind::BadAnswer, "no list"))?;
    Ok(Page { entries, bytes: body.len(), next: next.map(str::to_owned) })
}

struct Outcome {
    end: Result<ListEnd>,
    names: Vec<Listed<TagName>>,
    queries: Vec<String>,
}

impl Outcome {
    fn note(&self) -> String {
        self.end.as_ref().unwrap().note.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    fn complete(&self) -> bool {
        self.end.as_ref().unwrap().complete
    }
}

async fn run(script: Vec<Say>) -> Outcome {
    run_within(Bounds::default(), script).await
}

async fn run_within(bounds: Bounds, script: Vec<Say>) -> Outcome {
    let script = Mutex::new(VecDeque::from(script));
    let queries = Mutex::new(Vec::new());
    let (sender, mut receiver) = mpsc::channel(4);
    let fetch = |query: Option<String>, _| {
        queries.lock().unwrap().push(query.unwrap_or_default());
        let say = script.lock().unwrap().pop_front().expect("one request too many");
        std::future::ready(match say {
            Say::Tags(tags, next) => {
                let body =
                    format!(r#"{{"tags":[{}]}}"#, tags.iter().map(|t| format!("{t:?}")).collect::<Vec<_>>().join(","));
                page(body, next)
            }
            Say::Body(body, next) => page(body, next),
            Say::Fail(status, code) => Err(Error {
                status: Some(status),
                code: Some(Clean::fixed(code)),
                ..Error::new(ErrorKind::Refused, format!("refused with {status}"))
            }),
        })
    };
    let collect = async {
        let mut names = Vec::new();
        while let Some(page) = receiver.recv().await {
            names.extend(page);
        }
        names
    };
    let (end, names) = tokio::join!(walk(|text| TagName::parse(text).ok(), sender, bounds, fetch), collect);
    assert!(script.into_inner().unwrap().is_empty(), "not everything was asked for");
    Outcome { end, names, queries: queries.into_inner().unwrap() }
}

#[tokio::test]
async fn one_short_page_is_the_list() {
    let got = run(vec![Say::Tags(some(&["a", "b"]), None)]).await;
    assert_eq!((got.complete(), got.note(), got.names.len()), (true, String::new(), 2));
    assert_eq!(got.queries, ["n=100"]);
}

#[tokio::test]
async fn null_is_an_empty_list() {
    let got = run(vec![Say::Body(r#"{"name":"x","tags":null}"#, None)]).await;
    assert!(got.complete() && got.names.is_empty());
}

#[tokio::test]
async fn pages_grow_after_the_first_and_may_end_empty() {
    let got = run(vec![
        Say::Tags(many(0, 100), Some("last=t99&n=100")),
        Say::Tags(many(100, 1100), Some("last=t1099&n=1000")),
        Say::Body(r#"{"tags":null}"#, None),
    ])
    .await;
    assert!(got.complete());
    assert_eq!(got.names.len(), 1100);
    assert_eq!(got.queries, ["n=100", "last=t99&n=1000", "last=t1099&n=1000"]);
}

#[tokio::test]
async fn opaque_queries_pass_unchanged() {
    let got = run(vec![Say::Tags(some(&["a"]), Some("next_page=gAAA%3D")), Say::Tags(some(&["b"]), None)]).await;
    assert!(got.complete());
    assert_eq!(got.queries, ["n=100", "next_page=gAAA%3D"]);
}

#[tokio::test]
async fn a_refused_larger_page_falls_back_to_the_links_own() {
    let got = run(vec![
        Say::Tags(many(0, 100), Some("n=100&last=t99")),
        Say::Fail(400, "UNSUPPORTED"),
        Say::Tags(many(100, 200), Some("n=100&last=t199")),
        Say::Tags(many(200, 201), None),
    ])
    .await;
    assert!(got.complete());
    assert_eq!(got.queries, ["n=100", "n=1000&last=t99", "n=100&last=t99", "n=100&last=t199"]);
}

#[tokio::test]
async fn a_refused_first_page_is_asked_smaller_and_then_without_n() {
    let invalid = || Say::Fail(400, "PAGINATION_NUMBER_INVALID");
    let got = run(vec![invalid(), invalid(), invalid(), invalid(), Say::Tags(some(&["a"]), None)]).await;
    assert!(got.complete());
    assert_eq!(got.queries, ["n=100", "n=50", "n=25", "n=12", ""]);
    let got =
        run(vec![invalid(), Say::Tags(many(0, 7), Some("last=x")), Say::Fail(400, "X"), Say::Tags(many(0, 8), None)]);
    assert_eq!(got.await.queries, ["n=100", "n=50", "last=x", "n=50"]);
}

#[tokio::test]
async fn a_full_page_without_link_is_probed_until_nothing_new_comes() {
    let got =
        run(vec![Say::Tags(many(0, 100), None), Say::Tags(many(100, 200), None), Say::Tags(many(200, 250), None)])
            .await;
    assert!(got.complete());
    assert_eq!((got.names.len(), got.queries[1].as_str()), (250, "n=100&last=t99"));
    for answer in [Say::Tags(many(0, 100), None), Say::Body(r#"{"tags":[]}"#, None), Say::Fail(500, "X")] {
        let got = run(vec![Say::Tags(many(0, 100), None), answer]).await;
        assert_eq!((got.complete(), got.note(), got.names.len()), (true, String::new(), 100));
    }
}

#[tokio::test]
async fn everything_at_once_is_not_probed() {
    // distribution 2.8 ignores n for tags.
    let got = run(vec![Say::Tags(many(0, 5000), None)]).await;
    assert_eq!((got.complete(), got.names.len(), got.queries.len()), (true, 5000, 1));
}

#[tokio::test]
async fn a_link_to_itself_ends_the_walk() {
    let own = "last=a&next=1";
    let got = run(vec![Say::Tags(some(&["a"]), Some(own)), Say::Tags(some(&["b"]), Some(own))]).await;
    assert_eq!((got.complete(), got.names.len()), (false, 2));
    assert!(got.note().contains("read before"), "{}", got.note());
    let got = run(vec![Say::Tags(some(&["a"]), Some("p=1")), Say::Tags(some(&["a"]), Some("p=2"))]).await;
    assert!(!got.complete() && got.note().contains("nothing new"), "{}", got.note());
    let got = run(vec![Say::Tags(some(&["a"]), Some("p=1")), Say::Tags(some(&["a"]), None)]).await;
    assert!(!got.complete());
}

#[tokio::test]
async fn a_vanished_last_starts_over_once() {
    let got = run(vec![
        Say::Tags(some(&["a"]), Some("last=a")),
        Say::Fail(400, "X"),
        Say::Tags(some(&["a"]), Some("last=a")),
        Say::Tags(some(&["b"]), None),
    ])
    .await;
    assert_eq!((got.complete(), got.names.len()), (false, 2));
    assert!(got.note().contains("changed"), "{}", got.note());
    let again = || Say::Tags(some(&["a"]), Some("last=a"));
    let got = run(vec![again(), Say::Fail(404, "X"), again(), Say::Fail(404, "X")]).await;
    assert_eq!((got.complete(), got.names.len()), (false, 1));
}

#[tokio::test]
async fn a_failure_keeps_what_came_unless_nothing_did() {
    let got = run(vec![Say::Tags(some(&["a"]), Some("last=a")), Say::Fail(502, "X")]).await;
    assert_eq!((got.complete(), got.names.len()), (false, 1));
    assert!(got.note().contains("refused with 502"), "{}", got.note());
    let got = run(vec![Say::Tags(some(&["a"]), Some("last=a")), Say::Body("<html>", None)]).await;
    assert!(!got.complete());
    assert_eq!(run(vec![Say::Fail(404, "NAME_UNKNOWN")]).await.end.unwrap_err().status, Some(404));
    assert!(run(vec![Say::Body("<html>", None)]).await.end.is_err());
}

#[tokio::test]
async fn odd_entries_are_counted_or_marked() {
    let got = run(vec![Say::Body(r#"{"tags":["a",null,"","a","sha256:00",5]}"#, None)]).await;
    assert_eq!(got.note(), "3 entries skipped; 1 duplicate dropped");
    assert!(got.complete());
    assert!(matches!(got.names.as_slice(), [Listed::Valid(_), Listed::Invalid(_)]));
}

#[tokio::test]
async fn nobody_listening_ends_quietly() {
    let (sender, receiver) = mpsc::channel::<Vec<Listed<TagName>>>(1);
    drop(receiver);
    let fetch = |_, _| std::future::ready(page(r#"{"tags":["a"]}"#, Some("p=2")));
    let end = walk(|text| TagName::parse(text).ok(), sender, Bounds::default(), fetch).await.unwrap();
    assert_eq!(end, ListEnd::default());
}

fn three_pages() -> Vec<Say> {
    vec![
        Say::Tags(some(&["a", "b"]), Some("p=2")),
        Say::Tags(some(&["c", "d"]), Some("p=3")),
        Say::Tags(some(&["e"]), None),
    ]
}

#[tokio::test]
async fn bounds_hold_one_below_and_one_above() {
    // Each page is {"tags":["a","b"]}, 18 bytes.
    let all = Bounds::default();
    for (bounds, complete) in [
        (Bounds { pages: 3, ..all }, true),
        (Bounds { pages: 2, ..all }, false),
        (Bounds { entries: 5, ..all }, true),
        (Bounds { entries: 4, ..all }, false),
        (Bounds { bytes: 37, ..all }, true),
        (Bounds { bytes: 36, ..all }, false),
    ] {
        let script = if complete { three_pages() } else { three_pages().into_iter().take(2).collect() };
        let got = run_within(bounds, script).await;
        assert_eq!((got.complete(), got.names.len()), (complete, if complete { 5 } else { 4 }), "{bounds:?}");
        assert_eq!(got.note().contains("longer than tagboat reads"), !complete, "{bounds:?}");
    }
}

#[test]
fn the_bounds_are_those_of_the_rules() {
    let (pages, entries, bytes) = (10_000, 1_000_000, 256 << 20);
    assert_eq!(Bounds::default(), Bounds { pages, entries, bytes, time: Duration::from_secs(20 * 60) });
}

#[tokio::test(start_paused = true)]
async fn a_walk_has_a_deadline_whatever_each_page_takes() {
    let (sender, mut receiver) = mpsc::channel::<Vec<Listed<TagName>>>(4);
    let count = std::sync::atomic::AtomicUsize::new(0);
    let fetch = |_, _| async {
        tokio::time::sleep(Duration::from_secs(110)).await;
        let n = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        page(format!(r#"{{"tags":["t{n}"]}}"#), Some(&format!("p={n}")))
    };
    let collect = async {
        let mut names = 0;
        while let Some(page) = receiver.recv().await {
            names += page.len();
        }
        names
    };
    let walk = walk(|text| TagName::parse(text).ok(), sender, Bounds::default(), fetch);
    let (end, names) = tokio::join!(walk, collect);
    let end = end.unwrap();
    assert_eq!((end.complete, names), (false, 10));
    assert!(end.note.unwrap().as_str().contains("longer than 20 min"));
}

fn part(text: &str) -> Part {
    Part::Entries(listing::entries(Kind::Tags, &bytes::Bytes::copy_from_slice(text.as_bytes())).unwrap())
}

/// What comes of one page that arrives in these parts, and then ends or does not.
async fn in_parts(bounds: Bounds, parts: Vec<Part>, ends: bool) -> (Result<ListEnd>, Vec<Listed<TagName>>) {
    let (sender, mut receiver) = mpsc::channel(4);
    let parts = Mutex::new(Some(parts));
    let fetch = |_, out: mpsc::Sender<Part>| {
        let parts = parts.lock().unwrap().take().expect("one request");
        async move {
            for part in parts {
                let _ = out.send(part).await;
            }
            if !ends {
                std::future::pending::<()>().await;
            }
            page(r#"{"tags":[]}"#, None)
        }
    };
    let collect = async {
        let mut names = Vec::new();
        while let Some(page) = receiver.recv().await {
            names.extend(page);
        }
        names
    };
    tokio::join!(walk(|text| TagName::parse(text).ok(), sender, bounds, fetch), collect)
}

#[tokio::test]
async fn a_page_that_broke_off_and_came_again_counts_once() {
    let parts = vec![
        part(r#"{"tags":["a","b",null,"b"]}"#),
        Part::Again,
        part(r#"{"tags":["a","b"]}"#),
        part(r#"{"tags":[null,"c"]}"#),
    ];
    let (end, names) = in_parts(Bounds::default(), parts, true).await;
    let end = end.unwrap();
    assert_eq!((end.complete, end.note.unwrap().as_str(), names.len()), (true, "1 entry skipped", 3));
}

#[tokio::test]
async fn a_page_without_end_is_read_up_to_the_bound() {
    for (entries, complete) in [(4, true), (3, false)] {
        let parts = vec![part(r#"{"tags":["a","b"]}"#), part(r#"{"tags":["c","d"]}"#)];
        let (end, _) = in_parts(Bounds { entries, ..Bounds::default() }, parts, complete).await;
        assert_eq!(end.unwrap().complete, complete, "{entries}");
    }
}
