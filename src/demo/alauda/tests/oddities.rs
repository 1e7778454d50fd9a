use std::time::{Duration, Instant};

use super::{LIST, get, options, server};
use crate::demo::alauda::AlaudaOptions;
use crate::demo::{Fault, Rule};

#[tokio::test]
async fn lists_may_be_bare_and_counts_wrong() {
    let bare = server(AlaudaOptions { bare_lists: true, ..options() }).await;
    assert_eq!(get(&bare, LIST).await.json().as_array().map(Vec::len), Some(23));
    let wrong = server(AlaudaOptions { count: Some(3), page_size: 10, ..options() }).await;
    let page = get(&wrong, &format!("{LIST}?page=3")).await.json();
    assert_eq!((&page["count"], page["results"].as_array().map(Vec::len)), (&3.into(), Some(3)));
}

#[tokio::test]
async fn what_can_go_wrong_does() {
    let server = server(options()).await;
    server.faults().add(Rule::on(LIST, Fault::alauda_throttled(Some("2"))).times(1));
    server.faults().add(Rule::on(LIST, Fault::status(500)).times(1));
    server.faults().add(Rule::on(LIST, Fault::html_error(503)).times(1));
    let limited = get(&server, LIST).await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, "2"));
    assert_eq!(limited.json()["detail"], "Request was throttled.");
    assert_eq!(get(&server, LIST).await.status, 500);
    let page = get(&server, LIST).await;
    assert_eq!((page.status, page.header("content-type")), (503, "text/html"));

    let pause = Duration::from_millis(50);
    server.faults().add(Rule::on(LIST, Fault::Delay(pause)));
    let started = Instant::now();
    assert_eq!(get(&server, LIST).await.status, 200);
    assert!(started.elapsed() >= pause);
}
