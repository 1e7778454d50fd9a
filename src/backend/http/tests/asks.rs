//! Requests of systems that are not OCI: what may be sent again, what may not, and what may not be sent at all.

use serde_json::json;

use super::server::{Server, answer};
use super::*;
use crate::backend::error::Delivery;

const CHANGE: Op = Op::Change("changing something");

fn change(path: &str) -> Ask<'_> {
    Ask::json(CHANGE, Method::POST, path, &json!({"name": "x"}))
}

#[tokio::test]
async fn a_change_is_sent_once_whatever_comes_of_it() {
    let faults: [Vec<u8>; 4] =
        [answer(500, &[], ""), answer(503, &[], ""), Vec::new(), answer(307, &[("location", "/api/other/")], "")];
    for fault in faults {
        let lost = fault.is_empty();
        let server = Server::start(move |_, _| fault.clone()).await;
        let (http, _) = open(&server.url(), Vec::new());
        let result = http.ask(change("/api/x/")).await;
        match result {
            Ok(answer) => assert!(answer.status >= 500, "{}", answer.status),
            Err(error) if lost => assert_eq!(error.delivery, Delivery::Unanswered, "{error:?}"),
            Err(error) => assert_eq!(error.status, Some(307), "{error:?}"),
        }
        assert_eq!(server.seen().len(), 1);
        assert_eq!(server.seen()[0].header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn a_read_is_tried_again_and_a_sign_in_is_not() {
    let server = Server::start(|_, number| answer(if number % 2 == 1 { 503 } else { 200 }, &[], "[]")).await;
    let (http, _) = open(&server.url(), Vec::new());
    assert_eq!(http.ask(Ask::get(Op::List("listing"), "/api/")).await.expect("an answer").status, 200);
    assert_eq!(server.seen().len(), 2);
    let sign_in = Ask::json(Op::SignIn, Method::POST, "/api/token/", &json!({}));
    assert_eq!(http.ask(sign_in.clone()).await.expect("an answer").status, 503);
    assert_eq!(server.seen().len(), 3);
    let silent = Server::start(|_, _| Vec::new()).await;
    let (http, _) = open(&silent.url(), Vec::new());
    http.ask(sign_in).await.expect_err("its answer is lost");
    assert_eq!(silent.seen().len(), 1);
}

#[tokio::test]
async fn read_only_lets_a_sign_in_out_and_no_change() {
    let server = Server::start(|_, _| answer(200, &[], "{}")).await;
    let (http, _) = open_with(&server.url(), Vec::new(), Settings { read_only: true, ..Settings::default() });
    let error = http.ask(change("/api/x/")).await.expect_err("stopped");
    assert_eq!((error.kind, error.delivery), (ErrorKind::Forbidden, Delivery::NotSent));
    let by_get = Ask { method: Method::GET, ..change("/api/x/") };
    assert_eq!(http.ask(by_get).await.expect_err("stopped").kind, ErrorKind::Forbidden);
    assert!(server.seen().is_empty());
    http.ask(Ask::json(Op::SignIn, Method::POST, "/api/token/", &json!({}))).await.expect("an answer");
}

#[tokio::test]
async fn a_path_that_leads_elsewhere_is_not_sent_and_a_secret_does_not_travel() {
    let other = Server::start(|_, _| answer(200, &[], "tar")).await;
    let to = format!("{}/layer", other.url());
    let server = Server::start(move |_, _| answer(302, &[("location", &to)], "")).await;
    let (http, _) = open(&server.url(), Vec::new());
    for path in ["/a/../b", "api", "/a/%2e%2e/b"] {
        let error = http.ask(Ask::get(Op::Read("reading"), path)).await.expect_err(path);
        assert_eq!(error.kind, ErrorKind::Forbidden, "{path}");
    }
    assert!(server.seen().is_empty());
    let secret = secret_header("Token ", &"s3cr3t".into()).expect("a header");
    assert!(!format!("{secret:?}").contains("s3cr3t"));
    let ask = Ask::get(Op::Read("reading"), "/v1/images/x/layer").header("authorization", secret.clone());
    let answer = http.ask(ask.header("x-api-key", secret)).await.expect("an answer");
    assert!(answer.foreign && answer.status == 200);
    assert_eq!(server.seen()[0].header("authorization"), Some("Token s3cr3t"));
    let travelled = format!("{:?}", other.seen());
    assert!(other.seen().len() == 1 && !travelled.contains("s3cr3t"), "{travelled}");
}
