//! The demo's contents hold what clients stumble over.

use serde_json::Value;

use super::{get, start};
use crate::demo::docker_v1::{DockerV1Options, catalogue};

#[tokio::test]
async fn everything_is_there() {
    let store = catalogue();
    assert!(store.announced.len() >= 61);
    let count = |name: &str| store.repositories[name].tags.len();
    assert_eq!((count("attic/retired"), count("attic/cron"), count("ci/nightly")), (0, 1, 400));
    let damaged = store.repositories["attic/release-train"].listed().filter(|(_, image)| image.is_none()).count();
    assert_eq!(damaged, 1);
    for (name, repository) in &store.repositories {
        for (tag, image) in repository.listed().filter(|(tag, _)| *tag != "lost-image") {
            let Some(image) = image else { continue };
            let image = store.images.get(image).unwrap_or_else(|| panic!("{name}:{tag}"));
            let parent = image.fields()["parent"].as_str().unwrap_or("").to_owned();
            assert!(parent.is_empty() || image.ancestry.len() > 1, "{name}:{tag}");
        }
    }

    let chain = &store.images[&store.repositories["billing/invoice-api"].tags["latest"].image].ancestry;
    let chain: Vec<_> = chain.iter().map(|id| &store.images[id]).collect();
    assert_eq!(chain.len(), 12);
    let layers: Vec<_> = chain.iter().filter_map(|image| image.layer.as_ref()).collect();
    assert_eq!(layers.iter().filter(|layer| layer.gzipped().is_some()).count(), 1);
    assert_eq!(layers.iter().filter(|layer| layer.size() == 0).count(), 1);
    assert!(layers.iter().any(|layer| layer.size().abs_diff(50 << 20) < 4096));
    let steps = chain.iter().filter(|image| {
        let command = image.fields()["container_config"]["Cmd"][2].as_str().unwrap_or("").to_owned();
        command.starts_with("#(nop) ")
    });
    assert!(steps.count() >= 6);

    let tag = |tag: &str| &store.images[&store.repositories["attic/documents"].tags[tag].image];
    assert_eq!(tag("null-config").fields()["config"], Value::Null);
    assert_eq!(tag("zero-time").fields()["created"], "0001-01-01T00:00:00Z");
    assert_eq!(tag("docker-0.5").checksum(), None);
    let tag = |tag: &str| &store.images[&store.repositories["attic/broken"].tags[tag].image];
    let wrong = tag("wrong-checksum");
    assert_ne!(wrong.checksum(), wrong.layer.as_ref().map(|layer| layer.checksum(&wrong.json)));
    assert!(tag("unfinished-push").unfinished);
    assert!(tag("missing-parent").ancestry.iter().any(|id| !store.images.contains_key(id)));
}

/// Fifty megabytes that were never in memory, and a checksum that holds.
#[tokio::test]
async fn a_large_layer_comes_whole() {
    let store = catalogue();
    let chain = store.images[&store.repositories["billing/invoice-api"].tags["latest"].image].ancestry.clone();
    let large = chain
        .into_iter()
        .find(|id| store.images[id].layer.as_ref().is_some_and(|l| l.size() > 50 << 20 && l.size() < 60 << 20));
    let large = large.expect("a layer of 50 MB");
    let server = start(store, DockerV1Options::default()).await;
    let document = get(&server, &format!("/v1/images/{large}/json")).await;
    let layer = get(&server, &format!("/v1/images/{large}/layer")).await;
    assert_eq!(document.header("x-docker-size"), layer.body.len().to_string());
    let sum = super::Archive::uploaded(layer.body.into()).checksum(&document.body);
    assert_eq!(document.header("x-docker-checksum-payload"), sum);
}
