//! Who we are: nobody, a user, the bearer of tokens. And where secrets go.

use tagboat::demo::docker_v1::{DockerV1Options, Endpoints, IndexRules};
use tagboat::demo::{Fault, Logged, Rule};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::secret::Credential;

use super::{Pair, REPO, SECRET, account, image, index, is_clear, profile, repo, settings, small, with_password};
use crate::support::client::{basic, tag, try_connect};
use crate::support::walk::{by_tag, repositories, tags};

fn signed<'a>(log: &'a [Logged], word: &str) -> Vec<&'a Logged> {
    let is = |request: &&Logged| request.header("authorization").is_some_and(|value| value.starts_with(word));
    log.iter().filter(is).collect()
}

#[tokio::test]
async fn a_password_is_sent_where_it_is_asked_for() {
    let pair = Pair::of(small(), DockerV1Options::reference(), account()).await;
    pair.backend.connect().await.expect("a registry");
    assert_eq!(tags(&*pair.backend, REPO).await.expect("tags").names.len(), 2);
    assert!(signed(&pair.server.log(), "").is_empty(), "nobody asked for it");

    let pair = Pair::start(with_password()).await;
    let known = pair.backend.connect().await.expect("a registry");
    assert_eq!(known.auth, Some("basic"));
    pair.server.clear_log();
    assert_eq!(tags(&*pair.backend, REPO).await.expect("tags").names.len(), 2);
    let log = pair.server.log();
    assert_eq!((log.len(), signed(&log, "Basic ").len()), (1, 1), "with the first request, from then on");

    let anonymous = Pair::of(small(), with_password(), Credential::Anonymous).await;
    let error = anonymous.backend.connect().await.expect_err("a password is wanted");
    assert_eq!(error.kind, ErrorKind::SignIn);
}

/// A wrong password is sent once: accounts get locked.
#[tokio::test]
async fn a_wrong_password_is_not_sent_again() {
    for options in [with_password(), index(IndexRules::default())] {
        let pair = Pair::of(small(), options, basic("ann", "wrong-guess")).await;
        let error = pair.backend.connect().await.expect_err("refused");
        assert_eq!(error.kind, ErrorKind::SignIn);
        is_clear(&error, &["401"]);
        for _ in 0..3 {
            let error = tags(&*pair.backend, REPO).await.expect_err("refused");
            assert_eq!(error.kind, ErrorKind::SignIn);
            is_clear(&error, &["not sent again"]);
        }
        assert_eq!(signed(&pair.server.log(), "Basic ").len(), 1);
    }
}

#[tokio::test]
async fn an_account_that_is_not_active_is_told() {
    let pair = Pair::start(index(IndexRules { inactive: true, ..IndexRules::default() })).await;
    let error = pair.backend.connect().await.expect_err("inactive");
    assert_eq!(error.kind, ErrorKind::Denied);
    is_clear(&error, &["not Active", "not active"]);
}

/// The password goes to the index and nowhere else, the token to the registry.
#[tokio::test]
async fn tokens_open_the_registry() {
    for endpoints in [Endpoints::Host, Endpoints::Two, Endpoints::Url] {
        for word in [true, false] {
            let options = DockerV1Options { endpoints, token_word: word, ..index(IndexRules::default()) };
            let pair = Pair::start(options).await;
            pair.backend.connect().await.expect("an index");
            let shown = pair.backend.image(&repo(REPO), &by_tag("latest"), None).await.expect("an image");
            assert_eq!(shown.layers.len(), 3);
            assert_eq!(pair.server.tokens_issued(), 1, "one for all of it");
            let registry = pair.server.registry().log();
            assert_eq!(signed(&registry, "Token signature=").len(), registry.len());
            assert!(signed(&registry, "Basic").is_empty());
            assert!(signed(&pair.server.log(), "Token").is_empty());
        }
    }
}

#[tokio::test]
async fn anybody_reads_what_is_public() {
    let pair = Pair::of(small(), index(IndexRules::default()), Credential::Anonymous).await;
    pair.backend.connect().await.expect("an index");
    assert_eq!(tags(&*pair.backend, REPO).await.expect("tags").names.len(), 2);
    pair.server.store().repository(REPO).private = true;
    pair.server.forget_tokens();
    let error = tags(&*pair.backend, REPO).await.expect_err("private");
    assert_eq!(error.kind, ErrorKind::SignIn);
}

/// Many calls find that the token has expired; one of them gets the new one.
#[tokio::test]
async fn an_expired_token_is_renewed_once_for_all() {
    let pair = Pair::start(index(IndexRules::default())).await;
    pair.backend.resolve(&repo(REPO), &by_tag("1.0")).await.expect("a tag");
    pair.server.forget_tokens();
    pair.server.registry().faults().add(Rule::on("/tags", Fault::Delay(std::time::Duration::from_millis(50))));
    let one = async || pair.backend.resolve(&repo(REPO), &by_tag("latest")).await.map(|found| found.digest);
    let all = tokio::join!(one(), one(), one(), one(), one(), one());
    let all = [all.0, all.1, all.2, all.3, all.4, all.5];
    for found in all {
        assert_eq!(found.expect("a tag"), image('c'));
    }
    assert_eq!(pair.server.tokens_issued(), 2);
}

/// By the letter a token is good for one request; and a cookie may stand for it.
#[tokio::test]
async fn tokens_that_are_used_up_are_replaced() {
    for cookie in [false, true] {
        let pair = Pair::start(index(IndexRules { single_use: true, cookie, ..IndexRules::default() })).await;
        pair.backend.connect().await.expect("an index");
        for name in ["1.0", "latest", "1.0", "latest"] {
            pair.backend.resolve(&repo(REPO), &by_tag(name)).await.expect("a tag");
        }
        let one = async |name: &str| pair.backend.resolve(&repo(REPO), &by_tag(name)).await.map(drop);
        let all = tokio::join!(one("1.0"), one("latest"), one("1.0"), one("latest"));
        for found in [all.0, all.1, all.2, all.3] {
            found.expect("a tag");
        }
        if cookie {
            assert_eq!(pair.server.tokens_issued(), 1);
        }
        let refused = pair.server.registry().log().len();
        assert!(refused <= 16, "{refused} requests for eight answers");
    }
}

#[tokio::test]
async fn a_registry_at_another_host_has_to_be_allowed() {
    let pair = Pair::start(index(IndexRules::default())).await;
    let named = Fault::Header("x-docker-endpoints".to_owned(), Some("registry.elsewhere.example".to_owned()));
    pair.server.faults().add(Rule::on("/images", named));
    let error = tags(&*pair.backend, REPO).await.expect_err("another host");
    assert_eq!(error.kind, ErrorKind::UntrustedRealm);
    assert_eq!(error.realm.as_deref().map(|realm| realm.as_str()), Some("registry.elsewhere.example"));
    is_clear(&error, &["registry.elsewhere.example"]);
    for address in ["169.254.169.254", "user:pw@127.0.0.1", "ftp://127.0.0.1/"] {
        let pair = Pair::start(index(IndexRules::default())).await;
        let named = Fault::Header("x-docker-endpoints".to_owned(), Some(address.to_owned()));
        pair.server.faults().add(Rule::on("/images", named));
        let error = tags(&*pair.backend, REPO).await.expect_err(address);
        assert_eq!(error.kind, ErrorKind::Forbidden, "{address}: {error}");
        assert!(pair.server.registry().log().is_empty());
    }
}

#[tokio::test]
async fn secrets_are_in_no_error_and_in_no_view() {
    let pair = Pair::start(index(IndexRules::default())).await;
    let mut said = format!("{:?}", pair.backend.capabilities());
    for fault in [Fault::status(500), Fault::status(403), Fault::Html, Fault::LostAnswer] {
        pair.server.faults().clear();
        pair.server.faults().add(Rule::on("/v1/", fault));
        said.push_str(&format!("{:?}", pair.backend.connect().await));
        said.push_str(&format!("{:?}", repositories(&*pair.backend).await));
        said.push_str(&format!("{:?}", pair.backend.tag_info(&repo(REPO), &tag("1.0")).await));
    }
    assert!(!said.contains(SECRET) && !said.contains("YW5uO"), "{said}");
    let queries: Vec<String> = pair.server.log().into_iter().map(|request| request.query).collect();
    assert!(queries.iter().all(|query| !query.contains(SECRET)));
}

/// `_ping` tells what it is not, too.
#[tokio::test]
async fn another_kind_of_server_is_told_apart() {
    let oci = tagboat::demo::start_oci(tagboat::demo::Store::new(), tagboat::demo::OciOptions::default());
    let oci = oci.await.expect("loopback has a free port");
    let backend = try_connect(&profile(&oci.url), Credential::Anonymous, settings()).expect("a client");
    let error = backend.connect().await.expect_err("no such protocol");
    assert_eq!(error.kind, ErrorKind::BadAnswer);
    is_clear(&error, &["first protocol", "kind oci"]);

    let pair = Pair::start(DockerV1Options::default()).await;
    pair.server.faults().add(Rule::on("/v1/", Fault::status(410)));
    let error = pair.backend.connect().await.expect_err("switched off");
    assert_eq!(error.kind, ErrorKind::Unsupported);
    is_clear(&error, &["no longer speaks"]);
    pair.server.faults().clear();
    pair.server.faults().add(Rule::on("/v1/", Fault::Html));
    let error = pair.backend.connect().await.expect_err("a page");
    assert_eq!(error.kind, ErrorKind::BadAnswer);
    // The address with the path of the old clients is the same address.
    let with_path = try_connect(&profile(&format!("{}/v1/", pair.server.url)), Credential::Anonymous, settings());
    pair.server.faults().clear();
    with_path.expect("a client").connect().await.expect("a registry");
}
