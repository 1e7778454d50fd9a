//! Images with their chains.

use tagboat::demo::docker_v1::DockerV1Options;
use tagboat::demo::{Fault, Rule};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::reference::{Digest, Reference};

use super::{Pair, REPO, id, image, is_clear, repo};
use crate::support::client::tag;
use crate::support::walk::by_tag;

#[tokio::test]
async fn an_image_is_its_chain() {
    let pair = Pair::start(DockerV1Options::default()).await;
    let shown = pair.backend.image(&repo(REPO), &by_tag("latest"), None).await.expect("an image");
    let ids: Vec<Digest> = shown.layers.iter().map(|layer| layer.descriptor.digest.clone()).collect();
    assert_eq!(ids, [image('a'), image('b'), image('c')], "the root first");
    let steps: Vec<_> =
        shown.layers.iter().map(|layer| layer.created_by.as_ref().map_or("", |by| by.as_str())).collect();
    assert_eq!(steps, ["ADD file:1 in /", "RUN apt-get update", "EXPOSE 8080/tcp"]);
    let store = pair.server.store().clone();
    let size = |letter| store.images[&id(letter)].layer.as_ref().map(|layer| layer.size());
    let sizes: Vec<_> = shown.layers.iter().map(|layer| layer.descriptor.size).collect();
    assert_eq!(sizes, [size('a'), size('b'), Some(0)]);
    assert_eq!(shown.size, Some(sizes.iter().flatten().sum()));
    assert_eq!(&*shown.manifest.raw, &*store.images[&id('c')].json, "byte for byte");
    assert!(shown.manifest.warnings.is_empty());
    let config = shown.config.expect("a config");
    assert_eq!((config.cmd[0].as_str(), config.env[0].as_str(), config.history.len()), ("/srv/run", "A=b", 3));
    assert_eq!(config.history.iter().map(|entry| entry.empty_layer).collect::<Vec<_>>(), [false, false, true]);

    let facts = pair.backend.tag(&repo(REPO), &tag("latest")).expect("the note on it");
    assert_eq!(facts.pushed.map(|at| at.as_second()), Some(1_425_901_327));
    // Nothing that never changes is read again, and the row knows its size now.
    pair.server.clear_log();
    let info = pair.backend.tag_info(&repo(REPO), &tag("latest")).await.expect("a row");
    assert_eq!((info.size, pair.asked("GET", "/v1/images/")), (shown.size, 0));
    pair.backend.image(&repo(REPO), &Reference::Digest(image('c')), None).await.expect("an image");
    assert_eq!(pair.asked("GET", "/v1/images/"), 0);
}

/// What a tag is on is always asked.
#[tokio::test]
async fn a_tag_is_looked_up_each_time() {
    let pair = Pair::start(DockerV1Options::default()).await;
    let now = async || pair.backend.resolve(&repo(REPO), &by_tag("1.0")).await;
    assert_eq!(now().await.expect("a tag").digest, image('c'));
    pair.server.store().tag(REPO, "1.0", &id('a'), super::no_value());
    assert_eq!(now().await.expect("a tag").digest, image('a'));
    pair.server.store().repository(REPO).tags.remove("1.0");
    let error = now().await.expect_err("gone");
    assert_eq!(error.kind, ErrorKind::NotFound);
    is_clear(&error, &["Tag not found"]);
    let by_id = pair.backend.resolve(&repo(REPO), &Reference::Digest(image('b'))).await.expect("an image");
    assert_eq!(by_id.digest, image('b'));
    let nowhere = pair.backend.resolve(&repo(REPO), &Reference::Digest(image('d'))).await.expect_err("no image");
    assert_eq!(nowhere.kind, ErrorKind::NotFound);
    let foreign = pair.backend.resolve(&repo(REPO), &Reference::Digest(Digest::of(b"x"))).await.expect_err("no id");
    assert_eq!(foreign.kind, ErrorKind::Forbidden);
}

#[tokio::test]
async fn documents_of_all_times_are_shown() {
    let pair = Pair::full().await;
    let read = async |name: &str, tag: &str| pair.backend.image(&repo(name), &by_tag(tag), None).await;
    let nulls = read("attic/documents", "null-config").await.expect("an image");
    let config = nulls.config.expect("what there is");
    assert_eq!((config.author, config.env.len()), (None, 0));
    let zero = read("attic/documents", "zero-time").await.expect("an image");
    assert_eq!(zero.config.expect("a config").created, None);
    let old = read("attic/documents", "docker-0.5").await.expect("an image");
    assert_eq!(old.layers.len(), 1, "an empty parent is none");
    assert_eq!(old.layers[0].created_by.as_ref().map(|by| by.as_str()), Some("RUN 'apt-get install -y python'"));
    let wide = read("attic/documents", "wide-text").await.expect("an image");
    assert!(wide.config.expect("a config").author.is_some_and(|author| author.as_str().starts_with("株式会社")));
    assert_eq!(read("billing/invoice-api", "latest").await.expect("an image").layers.len(), 12);
}

#[tokio::test]
async fn what_is_broken_says_what_is_missing() {
    let pair = Pair::full().await;
    let read = async |tag: &str| pair.backend.image(&repo("attic/broken"), &by_tag(tag), None).await;
    let orphan = read("missing-parent").await.expect("the rest of it");
    assert_eq!((orphan.manifest.warnings.len(), orphan.size), (1, None));
    assert_eq!(orphan.layers.iter().filter(|layer| layer.descriptor.size.is_none()).count(), 1);
    let lost = read("lost-image").await.expect_err("nothing");
    assert_eq!(lost.kind, ErrorKind::NotFound);
    let row = pair.backend.tag_info(&repo("attic/broken"), &tag("lost-image")).await.expect_err("nothing");
    assert_eq!(row.kind, ErrorKind::NotFound, "a row that dangles");
}

/// It is asked once more after a moment, and then left to whoever looks.
#[tokio::test]
async fn an_upload_that_has_not_ended_is_waited_for_once() {
    let pair = Pair::full().await;
    let error = pair.backend.image(&repo("attic/broken"), &by_tag("unfinished-push"), None).await.expect_err("half");
    assert_eq!(error.kind, ErrorKind::Refused);
    is_clear(&error, &["has not finished", "push"]);
    assert_eq!(pair.asked("GET", "/ancestry"), 2);
}

#[tokio::test]
async fn an_answer_about_something_else_is_not_taken() {
    let pair = Pair::start(DockerV1Options::default()).await;
    let said = |path: &str, body: &str| {
        let body = body.as_bytes().to_vec();
        pair.server.faults().add(Rule::on(path, Fault::Answer { status: 200, headers: Vec::new(), body }));
    };
    for (path, body) in [
        ("/ancestry", "[]".to_owned()),
        ("/ancestry", format!("[\"{}\"]", id('a'))),
        ("/ancestry", "[\"../../x\"]".to_owned()),
        ("/ancestry", "{\"half".to_owned()),
        ("/json", "[1]".to_owned()),
        ("/json", "<html>".to_owned()),
        ("/tags/latest", "\"9e89cc6f\"".to_owned()),
        ("/tags/latest", "true".to_owned()),
    ] {
        pair.server.faults().clear();
        said(path, &body);
        let error = pair.backend.image(&repo(REPO), &by_tag("latest"), None).await.expect_err(&body);
        assert_eq!(error.kind, ErrorKind::BadAnswer, "{path} {body}: {error}");
        is_clear(&error, &["answered 200"]);
    }
}
