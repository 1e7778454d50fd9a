use std::time::{Duration, Instant};

use serde_json::json;

use super::client::{get, send, with};
use super::{ACCEPT, server};
use crate::demo::{Fault, OciOptions, Profile, Rule, Store, start_oci};

const TAGS: &str = "/v2/demo/app/tags/list";

#[tokio::test]
async fn a_sequence_of_answers_ends_in_the_real_one() {
    let (server, _) = server(OciOptions::default()).await;
    server.faults().add(Rule::on("/tags/list", Fault::too_many_requests("1")).times(1));
    server.faults().add(Rule::on("/tags/list", Fault::status(503)).times(2));
    let first = get(&server.url, TAGS).await;
    assert_eq!((first.status, first.header("retry-after"), first.code().as_str()), (429, "1", "TOOMANYREQUESTS"));
    let mut rest = Vec::new();
    for _ in 0..3 {
        rest.push(get(&server.url, TAGS).await.status);
    }
    assert_eq!(rest, [503, 503, 200]);
}

#[tokio::test]
async fn a_lost_answer_was_carried_out() {
    let (server, [list, ..]) = server(OciOptions::default()).await;
    server.faults().add(Rule::on("/manifests/", Fault::LostAnswer).method("DELETE").times(1));
    let path = format!("/v2/demo/app/manifests/{list}");
    assert!(send(&server.url, "DELETE", &path, &[], b"").await.is_none());
    assert_eq!(with(&server.url, "HEAD", &path, &[("accept", ACCEPT)]).await.status, 404);
}

#[tokio::test]
async fn bodies_end_early_and_headers_lie() {
    let (server, [list, ..]) = server(OciOptions::default()).await;
    server.faults().add(Rule::on("/tags/list", Fault::Truncate(10)));
    let got = get(&server.url, TAGS).await;
    assert_eq!(got.body.len(), 10);
    assert!(got.header("content-length").parse::<usize>().unwrap() > 10);

    server.faults().add(Rule::on("/manifests/", Fault::WrongDigest));
    let got = with(&server.url, "GET", "/v2/demo/app/manifests/v1", &[("accept", ACCEPT)]).await;
    assert_eq!(list.matches(&got.body), Some(true));
    assert_ne!(got.header("docker-content-digest"), list.to_string());
}

#[tokio::test]
async fn requests_wait_or_hang_and_are_counted() {
    let (server, _) = server(OciOptions::default()).await;
    server.faults().add(Rule::on("/tags/list", Fault::Delay(Duration::from_millis(60))).times(2));
    let began = Instant::now();
    let (one, two) = tokio::join!(get(&server.url, TAGS), get(&server.url, TAGS));
    assert_eq!((one.status, two.status), (200, 200));
    assert!(began.elapsed() >= Duration::from_millis(60));
    assert_eq!(server.peak(), 2);
    server.faults().add(Rule::on("/tags/list", Fault::Hang));
    assert!(tokio::time::timeout(Duration::from_millis(50), get(&server.url, TAGS)).await.is_err());
    server.faults().clear();
    assert_eq!(get(&server.url, TAGS).await.status, 200);
}

#[tokio::test]
async fn lists_hold_and_link_to_whatever_is_wanted() {
    let (server, _) = server(OciOptions::default()).await;
    server.faults().add(Rule::on("/tags/list", Fault::Entries(vec![json!("\u{1b}[2J"), json!(null), json!(7)])));
    server.faults().add(Rule::on("/tags/list", Fault::Link("<https://evil.example/x?n=1>; rel=\"next\"".to_owned())));
    let got = get(&server.url, TAGS).await;
    assert_eq!(got.json()["tags"].as_array().map(Vec::len), Some(7));
    assert_eq!(got.json()["tags"][0], "\u{1b}[2J");
    assert!(got.header("link").starts_with("<https://evil.example/"));
}

#[tokio::test]
async fn pages_redirects_and_bombs_come_instead() {
    let (server, _) = server(OciOptions::default()).await;
    server.faults().add(Rule::on("/v2/_catalog", Fault::Html).times(1));
    let to = "http://127.0.0.1:1/blob?sig=secret".to_owned();
    server.faults().add(Rule::on("/v2/_catalog", Fault::Redirect { status: 307, to: to.clone() }).times(1));
    server.faults().add(Rule::on("/v2/_catalog", Fault::GzipBomb(10 << 20)).times(1));
    assert!(get(&server.url, "/v2/_catalog").await.header("content-type").starts_with("text/html"));
    let moved = get(&server.url, "/v2/_catalog").await;
    assert_eq!((moved.status, moved.header("location")), (307, to.as_str()));
    let bomb = get(&server.url, "/v2/_catalog").await;
    assert_eq!(bomb.header("content-encoding"), "gzip");
    assert!((50_000..80_000).contains(&bomb.body.len()), "{}", bomb.body.len());
    assert_eq!(&bomb.body[..3], [0x1f, 0x8b, 8]);
}

#[tokio::test]
async fn the_hostile_profile_is_armed_from_the_start() {
    let options = OciOptions { profile: Profile::Hostile, ..OciOptions::default() };
    let server = start_oci(Store::new(), options).await.unwrap();
    let got = get(&server.url, "/v2/_catalog").await;
    assert!(got.names("repositories").iter().any(|name| name.contains('\u{1b}')));
    assert!(!got.header("set-cookie").is_empty());
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let (server, _) = server(OciOptions::default()).await;
    let host = server.url.trim_start_matches("http://").to_owned();
    drop(server);
    let gone = async { while tokio::net::TcpStream::connect(&host).await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("still listening");
}
