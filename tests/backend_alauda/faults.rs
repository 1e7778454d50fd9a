use std::time::Duration;

use tagboat::backend::{Backend, Error, Settings};
use tagboat::demo::{Fault, Rule};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::registry::BackendKind;

use super::{PASSWORD, options, owner, server, signed_in};
use crate::support::client::tag;
use crate::support::vendor::{Keys, assert_unsaid, client, name, profile, refusals};
use crate::support::walk::{by_tag, repositories};

async fn reads(backend: &dyn Backend) -> Vec<Result<(), Error>> {
    let cart = name("yunfan/cart");
    let (sender, _receiver) = tokio::sync::mpsc::channel(1);
    vec![
        backend.connect().await.map(drop),
        repositories(backend).await.map(drop),
        backend.read_repository(&cart).await.map(drop),
        backend.tags(&cart, sender).await.map(drop),
        backend.resolve(&cart, &by_tag("latest")).await.map(drop),
        backend.tag_info(&cart, &tag("latest")).await.map(drop),
        backend.scopes().await.map(drop),
    ]
}

#[tokio::test]
async fn what_is_no_answer_is_a_clear_sentence() {
    for (fault, kind) in refusals() {
        let server = server(options()).await;
        let settings = Settings { timeout: Some(Duration::from_secs(2)), ..Settings::default() };
        let profile = profile(BackendKind::Alauda, &server.url, Some("yunfan"));
        let backend = client(&profile, &Keys::new(owner()), settings).expect("a client");
        for path in ["/v1/auth/", "/v1/orgs", "/v1/repositories/"] {
            server.faults().add(Rule::on(path, fault.clone()));
        }
        for (at, result) in reads(&*backend).await.into_iter().enumerate() {
            let error = result.expect_err("no answer");
            // A greeting that is 404 says that something else is there.
            let greets = at == 0 || at == 6;
            let wanted = if greets && kind == ErrorKind::NotFound { ErrorKind::BadAnswer } else { kind };
            let broken = matches!(fault, Fault::Truncate(_)) && error.kind == ErrorKind::Network;
            assert!(error.kind == wanted || broken, "{fault:?} {at}: {error:?}");
            assert!(error.what.as_str().contains("127.0.0.1"), "{error}");
            assert_unsaid(&format!("{error:?} {:?}", error.report()), &[PASSWORD, "<html", "<!DOCTYPE"]);
        }
        assert_eq!(server.tokens_issued(), 1);
    }
}

#[tokio::test]
async fn reads_are_patient() {
    let (server, backend) = signed_in(options()).await;
    server.faults().add(Rule::on("page=1", Fault::alauda_throttled(Some("0"))).times(1));
    server.faults().add(Rule::on("page=2", Fault::status(503)).times(1));
    server.faults().add(Rule::on("/v1/", Fault::Delay(Duration::from_millis(50))));
    let walked = repositories(&*backend).await.expect("a list");
    assert_eq!((walked.names.len(), walked.end.complete), (23, true));
}

#[tokio::test]
async fn a_page_that_fails_leaves_what_came_before() {
    let (server, backend) = signed_in(options()).await;
    server.faults().add(Rule::on("page=2", Fault::html_error(400)));
    let walked = repositories(&*backend).await.expect("a list");
    assert_eq!((walked.names.len(), walked.end.complete), (20, false));
    assert!(walked.note().contains("400"), "{}", walked.note());
}

/// Pointed at something of another kind by mistake: the same paths, other answers.
#[tokio::test]
async fn the_answers_of_docker_registry_v1_are_no_tags() {
    let (server, backend) = signed_in(options()).await;
    let body = format!("{{\"latest\":\"{}\"}}", "ab".repeat(32));
    let fault = Fault::Answer { status: 200, headers: Vec::new(), body: body.into_bytes() };
    server.faults().add(Rule::on("/tags", fault));
    let (sender, _receiver) = tokio::sync::mpsc::channel(1);
    let error = backend.tags(&name("yunfan/cart"), sender).await.expect_err("another kind");
    assert_eq!(error.kind, ErrorKind::BadAnswer);
}
