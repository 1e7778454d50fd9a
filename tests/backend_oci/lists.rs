//! Paging, and those who abuse it.

use serde_json::json;
use tagboat::backend::Settings;
use tagboat::demo::{Fault, OciOptions, Push, Rule, Store, start_oci};
use tagboat::domain::error::ErrorKind;

use super::{APP, Pair, body, image, many_tags};
use crate::support::walk::{repositories, tags};

const TAGS: &str = "/tags/list";

async fn paged() -> Pair {
    Pair::with(many_tags(250), Settings::default()).await
}

fn link(target: &str) -> Fault {
    Fault::Link(format!("<{target}>; rel=\"next\""))
}

#[tokio::test]
async fn a_link_to_itself_ends_the_list() {
    let pair = paged().await;
    for target in ["/v2/team/app/tags/list?n=100", "?n=100", "/v2/team/app/tags/list?n=100&last=t099"] {
        pair.server.clear_log();
        pair.fault(TAGS, link(target));
        let list = tags(&*pair.backend, APP).await.expect("what there was");
        assert!(!list.end.complete && list.note().starts_with("incomplete"), "{target}: {list:?}");
        assert!(list.names.len() >= 100, "{target}: the entries before are kept");
        assert!(pair.asked(TAGS) <= 4, "{target}: {}", pair.asked(TAGS));
        pair.still_works().await;
    }
    pair.fault("_catalog", link("/v2/_catalog?n=100"));
    let list = repositories(&*pair.backend).await.expect("what there was");
    assert!(!list.end.complete && list.names == [APP], "{list:?}");
}

#[tokio::test]
async fn only_the_query_of_a_link_is_followed() {
    let other = start_oci(Store::new(), OciOptions::default()).await.expect("loopback has a free port");
    let host = other.url.trim_start_matches("http://");
    for target in [
        format!("{}/v2/team/app/tags/list?n=100&last=t099", other.url),
        format!("https://{host}/v2/team/app/tags/list?n=100&last=t099"),
        format!("//{host}/x?n=100&last=t099"),
        "/repository/docker/v2/team/app/tags/list?n=100&last=t099".to_owned(),
        "http://169.254.169.254/latest/meta-data?n=100&last=t099".to_owned(),
        "javascript:alert(1)?n=100&last=t099".to_owned(),
        "?n=100&last=t099".to_owned(),
    ] {
        let pair = paged().await;
        pair.server.faults().add(Rule::on(TAGS, link(&target)).times(1));
        let list = tags(&*pair.backend, APP).await.expect("tags");
        assert_eq!((list.names.len(), list.end.complete), (250, true), "{target}: {list:?}");
        assert!(pair.server.log().iter().all(|seen| seen.path == "/v2/team/app/tags/list"), "{target}");
    }
    assert!(other.log().is_empty(), "{:?}", other.log());
}

#[tokio::test]
async fn a_link_of_64_kib_is_no_link() {
    let pair = paged().await;
    pair.fault(TAGS, link(&format!("/v2/team/app/tags/list?last={}", "a".repeat(64 * 1024))));
    let error = tags(&*pair.backend, APP).await.expect_err("headers out of bounds");
    pair.is_clear(&error, ErrorKind::BadAnswer, &["headers"]);
    pair.server.faults().clear();
    // On a later page what came before stays.
    let huge = link(&format!("/x?last={}", "a".repeat(64 * 1024)));
    pair.server.faults().add(Rule::on(TAGS, huge).after(1));
    let list = tags(&*pair.backend, APP).await.expect("the first page");
    assert_eq!((list.names.len(), list.end.complete), (100, false));
    assert!(list.note().contains("headers"), "{}", list.note());
    pair.still_works().await;
}

#[tokio::test]
async fn pages_that_bring_nothing_new_end_the_list() {
    let pair = paged().await;
    for n in 1..50 {
        pair.server.faults().add(Rule::on(TAGS, link(&format!("?n=5&x={n}"))).times(1));
    }
    let list = tags(&*pair.backend, APP).await.expect("what there was");
    assert!(!list.end.complete && list.note().contains("nothing new"), "{list:?}");
    assert_eq!(pair.asked(TAGS), 2);
    pair.still_works().await;
}

#[tokio::test]
async fn a_page_that_fails_keeps_those_before() {
    let pair = paged().await;
    pair.server.faults().add(Rule::on(TAGS, Fault::status(500)).after(1));
    let list = tags(&*pair.backend, APP).await.expect("the first page");
    assert_eq!((list.names.len(), list.end.complete), (100, false));
    assert!(list.note().contains("500") && list.note().contains(pair.host()), "{}", list.note());
    assert_eq!(pair.asked(TAGS), 3, "the same 500 twice is enough");
    pair.still_works().await;
}

#[tokio::test]
async fn a_page_gone_bad_starts_the_list_over_once() {
    for status in [400, 404] {
        let pair = paged().await;
        pair.server.faults().add(Rule::on("last=", Fault::status(status)).times(1));
        if status == 400 {
            // The larger page was the client's own idea, so a 400 is first answered with the server's size.
            pair.server.faults().add(Rule::on("last=", Fault::status(status)).times(1));
        }
        let list = tags(&*pair.backend, APP).await.expect("tags");
        assert_eq!((list.names.len(), list.end.complete), (250, false), "{status}: {list:?}");
        assert!(list.note().contains("changed"), "{}", list.note());
        assert!(pair.asked(TAGS) <= 8, "{status}: {}", pair.asked(TAGS));
    }
}

#[tokio::test]
async fn pages_are_made_smaller_where_the_registry_asks_for_it() {
    let pair = paged().await;
    let small = br#"{"errors":[{"code":"PAGINATION_NUMBER_INVALID","message":"too many"}]}"#;
    for n in ["n=1000", "n=100", "n=50"] {
        let refuse = Fault::Answer { status: 400, headers: Vec::new(), body: small.to_vec() };
        // The end of the query too, or `n=100` would stand for `n=1000`.
        pair.server.faults().add(Rule::on(&format!("tags/list?{n}"), refuse.clone()));
        pair.server.faults().add(Rule::on(&format!("&{n}"), refuse));
    }
    let list = tags(&*pair.backend, APP).await.expect("tags");
    assert_eq!((list.names.len(), list.end.complete), (250, true), "{list:?}");
    assert!(pair.asked("n=25") >= 10);
}

#[tokio::test]
async fn empty_repositories_are_empty_or_unknown() {
    let mut store = Store::new();
    store.repository("emptied");
    store.repository("never").never_tagged = true;
    let pair = Pair::with(store, Settings::default()).await;
    let list = tags(&*pair.backend, "emptied").await.expect("an empty list");
    assert!(list.end.complete && list.names.is_empty() && list.note().is_empty(), "{list:?}");
    let error = tags(&*pair.backend, "never").await.expect_err("never tagged");
    pair.is_clear(&error, ErrorKind::NotFound, &["404", "NAME_UNKNOWN"]);
    assert_eq!(repositories(&*pair.backend).await.expect("both are listed").names, ["emptied", "never"]);
}

#[tokio::test]
async fn entries_that_are_no_names_are_shown_and_never_asked_for() {
    let pair = Pair::start().await;
    let odd = vec![
        json!("\u{1b}]0;owned\u{7}title"),
        json!("../../etc/passwd"),
        json!("a?n=1#x"),
        json!("UPPER/case"),
        json!("sha256:../../x"),
        json!("x".repeat(100_000)),
        json!(null),
        json!(""),
        json!(42),
        json!({"name": "object"}),
    ];
    pair.fault("_catalog", Fault::Entries(odd.clone()));
    let list = repositories(&*pair.backend).await.expect("a catalogue");
    assert_eq!((list.names.as_slice(), list.invalid.len()), ([APP.to_owned()].as_slice(), 6), "{list:?}");
    assert!(list.note().contains("4 entries skipped"), "{}", list.note());
    assert!(list.invalid.iter().all(|text| !text.chars().any(char::is_control)), "{:?}", list.invalid);
    pair.fault(TAGS, Fault::Entries(odd));
    let list = tags(&*pair.backend, APP).await.expect("tags");
    assert!(list.names.contains(&"v1".to_owned()), "{list:?}");
    let strange = |path: &str| !["/v2/_catalog", "/v2/team/app/tags/list"].contains(&path);
    assert!(pair.server.log().iter().all(|seen| !strange(&seen.path)), "{:?}", pair.server.log());
}

#[tokio::test]
async fn a_list_cut_without_a_link_is_asked_on_once() {
    let mut store = Store::new();
    for n in 0..130 {
        let name = format!("r{n:03}");
        let mut push = Push::to(&mut store, &name);
        let made = push.image(&image("i", "linux/amd64"));
        push.tag(&["1"], &made);
    }
    let pair = Pair::with(store, Settings::default()).await;
    pair.fault("_catalog", Fault::Header("link".to_owned(), None));
    let list = repositories(&*pair.backend).await.expect("a catalogue");
    assert_eq!((list.names.len(), list.end.complete, pair.asked("_catalog")), (130, true, 2), "{list:?}");
}

#[tokio::test]
async fn an_error_inside_a_200_is_an_error() {
    let pair = Pair::start().await;
    pair.fault(TAGS, body(r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known"}]}"#));
    let error = tags(&*pair.backend, APP).await.expect_err("an error");
    pair.is_clear(&error, ErrorKind::NotFound, &["NAME_UNKNOWN"]);
    pair.still_works().await;
}
