use std::time::Duration;

use tagboat::backend::{Backend, Error};
use tagboat::demo::ml_space::{Limited, NotFound};
use tagboat::demo::{Fault, Rule};
use tagboat::domain::error::ErrorKind;

use super::{Pair, TRAINER, answer, is_clear};
use crate::support::client::repo;
use crate::support::walk::{by_tag, repositories, tags};

/// Every read there is, with what its request is known by.
async fn reads(backend: &dyn Backend) -> Vec<(&'static str, Result<(), Error>)> {
    let name = repo(TRAINER);
    vec![
        ("/registries/", backend.connect().await.map(drop)),
        ("/repositories/", repositories(backend).await.map(drop)),
        ("/images/", tags(backend, TRAINER).await.map(drop)),
        ("/tags/", backend.resolve(&name, &by_tag("latest")).await.map(drop)),
        ("/images/", backend.image(&name, &by_tag("latest"), None).await.map(drop)),
        ("/repositories/", backend.read_repository(&name).await.map(drop)),
        ("/workspaces/v3/", backend.scopes().await.map(drop)),
    ]
}

/// Everything is known before the fault begins.
async fn warm() -> Pair {
    let pair = Pair::start().await;
    for (path, result) in reads(&*pair.backend).await {
        result.unwrap_or_else(|why| panic!("{path}: {why:?}"));
    }
    pair.server.clear_log();
    pair
}

async fn each_fails_with(pair: &Pair, kind: ErrorKind, words: &[&str]) {
    for (path, result) in reads(&*pair.backend).await {
        let Err(error) = result else { panic!("{path} worked") };
        is_clear(&error, kind, words);
    }
}

#[tokio::test]
async fn pages_and_halves_are_no_answers() {
    let pair = warm().await;
    pair.fault("/v2/", Fault::Html);
    each_fails_with(&pair, ErrorKind::BadAnswer, &["web page"]).await;
    pair.server.faults().clear();
    for (path, result) in {
        pair.fault("/v2/", Fault::Truncate(10));
        reads(&*pair.backend).await
    } {
        let error = result.err().unwrap_or_else(|| panic!("{path} worked"));
        assert!(matches!(error.kind, ErrorKind::BadAnswer | ErrorKind::Network), "{path}: {error:?}");
    }
    pair.server.faults().clear();
    pair.fault("/v2/", answer(200, r#"{"detail":"#));
    each_fails_with(&pair, ErrorKind::BadAnswer, &["not JSON"]).await;
    pair.server.faults().clear();
    for (path, result) in reads(&*pair.backend).await {
        result.unwrap_or_else(|why| panic!("{path} afterwards: {why:?}"));
    }
}

#[tokio::test]
async fn refusals_are_said_in_words() {
    let pair = warm().await;
    for (status, body, kind, words) in [
        (403, "{}", ErrorKind::Denied, &["403"][..]),
        (404, "\"<html><h1>404</h1></html>\"", ErrorKind::NotFound, &["404"]),
        (445, "<html>Rejected</html>", ErrorKind::Refused, &["445", "filter"]),
        (400, r#"{"reason":"wrong role","status":"INVALID_ARGUMENT"}"#, ErrorKind::Refused, &["wrong role"]),
        (
            422,
            r#"{"detail":[{"loc":["header","x-workspace-id"],"msg":"Field required","type":"missing"}]}"#,
            ErrorKind::Refused,
            &["x-workspace-id: Field required"],
        ),
    ] {
        pair.fault("/v2/", answer(status, body));
        for (path, result) in reads(&*pair.backend).await {
            let Err(error) = result else { panic!("{path} {status} worked") };
            // A list whose only page is refused tries nothing else.
            is_clear(&error, kind, words);
        }
        pair.server.faults().clear();
    }
}

/// The four forms of a 404, from the service itself.
#[tokio::test]
async fn what_is_not_there_is_not_found_in_every_form() {
    let pair = warm().await;
    let id = pair.repository(TRAINER).id;
    pair.server.store().workspaces[0].delete_repository(id);
    for form in [NotFound::Detail, NotFound::Plain, NotFound::Html, NotFound::HtmlInJson] {
        pair.server.switches().not_found = form;
        let error = pair.backend.image(&repo(TRAINER), &by_tag("latest"), None).await.expect_err("gone");
        is_clear(&error, ErrorKind::NotFound, &[]);
    }
}

#[tokio::test]
async fn too_many_requests_are_waited_for() {
    for retry_after in [None, Some(1)] {
        let pair = warm().await;
        pair.server.switches().limited = Some(Limited { requests: 1, retry_after });
        tags(&*pair.backend, TRAINER).await.expect("tags");
        assert_eq!(pair.asked("GET", "/images/").len(), 2);
    }
    let pair = warm().await;
    pair.server.switches().limited = Some(Limited { requests: 1, retry_after: Some(600) });
    let error = tags(&*pair.backend, TRAINER).await.expect_err("too long");
    is_clear(&error, ErrorKind::RateLimited, &["Rate limit exceeded"]);
    assert_eq!(error.retry_after, Some(Duration::from_secs(600)));
}

/// Some calls fail every time for a given input: once more, and no third time.
#[tokio::test]
async fn the_same_500_is_asked_for_twice() {
    let pair = warm().await;
    let image = pair.repository(TRAINER).images[0].id;
    pair.server.switches().broken.insert(image);
    let error = pair.backend.image(&repo(TRAINER), &by_tag("latest"), None).await.expect_err("broken");
    is_clear(&error, ErrorKind::Server, &["500", "Internal server error"]);
    assert_eq!(pair.asked("GET", &format!("/images/{image}")).len(), 2);
    pair.server.switches().broken.clear();
    pair.server.faults().add(Rule::on("/images/", answer(503, "")).times(1));
    pair.backend.image(&repo(TRAINER), &by_tag("latest"), None).await.expect("the second time");
}

#[tokio::test]
async fn a_slow_service_is_waited_for_and_a_lost_answer_asked_again() {
    let pair = Pair::start().await;
    pair.fault("/v2/", Fault::Delay(Duration::from_millis(50)));
    for (path, result) in reads(&*pair.backend).await {
        result.unwrap_or_else(|why| panic!("{path}: {why:?}"));
    }
    pair.server.faults().add(Rule::on("/images/", Fault::LostAnswer).times(1));
    tags(&*pair.backend, TRAINER).await.expect("tags");
}

/// A wrong slash is led right (assumption A7), and the headers go along on the same server.
#[tokio::test]
async fn a_redirect_of_the_framework_is_followed() {
    let pair = warm().await;
    let id = pair.repository(TRAINER).id;
    let to = format!("{}/public/v2/docker_registry/v2/repositories/{id}", pair.server.url);
    pair.server.faults().add(Rule::on("/repositories/", Fault::Redirect { status: 307, to }).times(1));
    pair.backend.read_repository(&repo(TRAINER)).await.expect("a repository");
    assert_eq!(pair.asked("GET", "/repositories/").len(), 2);
}

/// Whoever leaves takes nothing along: the next one asks anew.
#[tokio::test]
async fn a_read_that_is_given_up_leaves_nothing_behind() {
    let pair = warm().await;
    pair.server.expire_tokens();
    pair.server.faults().add(Rule::on("/service_auth", Fault::Hang).times(1));
    let read = tags(&*pair.backend, TRAINER);
    assert!(tokio::time::timeout(Duration::from_millis(100), read).await.is_err());
    tags(&*pair.backend, TRAINER).await.expect("tags");
}
