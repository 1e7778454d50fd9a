//! Servers that are slow, busy, broken, or something else.

use std::time::Duration;

use tagboat::backend::{Backend, Error};
use tagboat::demo::docker_v1::{DockerV1Options, IndexRules};
use tagboat::demo::{Fault, Rule};
use tagboat::domain::error::ErrorKind;

use super::{Pair, REPO, index, is_clear, repo, with_password};
use crate::support::client::tag;
use crate::support::walk::{by_tag, repositories, tags};

async fn reads(backend: &dyn Backend) -> Vec<(&'static str, Result<(), Error>)> {
    vec![
        ("connect", backend.connect().await.map(drop)),
        ("repositories", repositories(backend).await.map(drop)),
        ("tags", tags(backend, REPO).await.map(drop)),
        ("resolve", backend.resolve(&repo(REPO), &by_tag("latest")).await.map(drop)),
        ("tag_info", backend.tag_info(&repo(REPO), &tag("latest")).await.map(drop)),
        ("image", backend.image(&repo(REPO), &by_tag("latest"), None).await.map(drop)),
        ("read_repository", backend.read_repository(&repo(REPO)).await.map(drop)),
    ]
}

fn ways() -> [DockerV1Options; 3] {
    [DockerV1Options::reference(), with_password(), index(IndexRules::default())]
}

/// Both ports of an index and its registry.
fn everywhere(pair: &Pair, rule: &Rule) {
    pair.server.faults().add(rule.clone());
    if pair.server.url != pair.server.registry_url {
        pair.server.registry().faults().add(rule.clone());
    }
}

#[tokio::test]
async fn a_slow_server_is_waited_for() {
    for options in ways() {
        let pair = Pair::start(options).await;
        everywhere(&pair, &Rule::on("/", Fault::Delay(Duration::from_millis(50))));
        for (name, result) in reads(&*pair.backend).await {
            result.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

/// One refusal, one overload and one closed connection are behind us before anybody sees them.
#[tokio::test]
async fn what_passes_is_not_told() {
    for fault in [Fault::status(503), Fault::too_many_requests("0"), Fault::LostAnswer] {
        for options in ways() {
            let pair = Pair::start(options).await;
            everywhere(&pair, &Rule::on("/v1/", fault.clone()).after(2).times(1));
            for (name, result) in reads(&*pair.backend).await {
                result.unwrap_or_else(|error| panic!("{name} {fault:?}: {error}"));
            }
        }
    }
}

#[tokio::test]
async fn what_stays_is_told_in_a_sentence() {
    for (fault, kind) in [
        (Fault::status(403), ErrorKind::Denied),
        (Fault::status(500), ErrorKind::Server),
        (Fault::too_many_requests("3600"), ErrorKind::RateLimited),
        (Fault::Html, ErrorKind::BadAnswer),
        (Fault::Answer { status: 200, headers: Vec::new(), body: b"{\"half".to_vec() }, ErrorKind::BadAnswer),
        (Fault::Answer { status: 200, headers: Vec::new(), body: Vec::new() }, ErrorKind::BadAnswer),
    ] {
        let pair = Pair::start(DockerV1Options::default()).await;
        pair.backend.connect().await.expect("a registry");
        everywhere(&pair, &Rule::on("/v1/", fault.clone()));
        for (name, result) in reads(&*pair.backend).await {
            // A body that says nothing is no fault of a greeting.
            let Err(error) = result else {
                assert!(name == "connect" && kind == ErrorKind::BadAnswer, "{name} {fault:?}");
                continue;
            };
            assert_eq!(error.kind, kind, "{name} {fault:?}: {error}");
            is_clear(&error, &["127.0.0.1"]);
        }
        // And afterwards everything is as before.
        pair.server.faults().clear();
        for (name, result) in reads(&*pair.backend).await {
            result.unwrap_or_else(|error| panic!("{name} after {fault:?}: {error}"));
        }
    }
}

/// A token that expires in the middle of things is nobody's business.
#[tokio::test]
async fn an_expired_token_is_not_told() {
    let pair = Pair::start(index(IndexRules::default())).await;
    for _ in 0..3 {
        for (name, result) in reads(&*pair.backend).await {
            result.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        pair.server.forget_tokens();
    }
    // One that is refused for ever ends after a few tries.
    pair.server.registry().faults().add(Rule::on("/", Fault::status(401)));
    pair.server.registry().clear_log();
    let error = tags(&*pair.backend, REPO).await.expect_err("refused");
    assert_eq!(error.kind, ErrorKind::SignIn);
    assert!(pair.server.registry().log().len() <= 3);
}

#[tokio::test]
async fn nobody_at_home_is_told_at_once() {
    let pair = Pair::start(DockerV1Options::default()).await;
    let url = pair.server.url.clone();
    drop(pair);
    let backend = crate::support::client::try_connect(
        &super::profile(&url),
        tagboat::domain::secret::Credential::Anonymous,
        super::settings(),
    );
    let error = backend.expect("a client").connect().await.expect_err("nobody");
    assert_eq!(error.kind, ErrorKind::Network);
}
