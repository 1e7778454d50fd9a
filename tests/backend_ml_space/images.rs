use serde_json::Value;
use tagboat::demo::ml_space::Tag;
use tagboat::domain::error::ErrorKind;
use tagboat::domain::reference::{Digest, Reference};

use super::{Pair, TRAINER, is_clear};
use crate::support::client::{repo, tag};
use crate::support::walk::{by_tag, tags};

#[tokio::test]
async fn an_image_shows_its_attributes_as_a_tree() {
    let pair = Pair::start().await;
    let image = pair.backend.image(&repo(TRAINER), &by_tag("latest"), None).await.expect("an image");
    let there = pair.repository(TRAINER).images[0].clone();
    assert_eq!((image.manifest.digest.to_string(), image.size), (there.digest, Some(there.size)));
    assert_eq!(serde_json::from_slice::<Value>(&image.manifest.raw).expect("JSON"), there.extra_attrs);
    assert!(image.manifest.raw.contains(&b'\n'), "in lines");
    let config = image.config.expect("a config");
    assert_eq!(config.platform.map(|platform| platform.to_string()).as_deref(), Some("linux/amd64"));
    assert_eq!(config.workdir.map(|dir| dir.to_string()).as_deref(), Some("/workspace"));
    assert!(config.env.iter().any(|one| one.as_str().starts_with("PATH=")));
    assert_eq!(config.author.map(|author| author.to_string()).as_deref(), Some("ml-platform"));
}

#[tokio::test]
async fn attributes_are_large_or_none() {
    let pair = Pair::start().await;
    let large = pair.backend.image(&repo("nlp/eval-harness"), &by_tag("v1"), None).await.expect("an image");
    assert!(large.manifest.raw.len() > 40 * 1024);
    assert!(large.config.expect("a config").labels.iter().any(|(key, _)| key.as_str() == "build.requirements"));
    let none = pair.backend.image(&repo("legacy/caffe-runtime"), &by_tag("v1"), None).await.expect("an image");
    assert!(none.config.is_none() && none.size.is_some());
    assert_eq!(&*none.manifest.raw, b"{}");
}

#[tokio::test]
async fn an_image_is_found_by_its_digest_too() {
    let pair = Pair::start().await;
    let digest = Digest::parse(&pair.repository(TRAINER).images[0].digest).expect("a digest");
    let by_digest = Reference::Digest(digest.clone());
    let image = pair.backend.image(&repo(TRAINER), &by_digest, None).await.expect("an image");
    assert_eq!(image.manifest.digest, digest);
    assert_eq!(pair.backend.resolve(&repo(TRAINER), &by_digest).await.expect("there").digest, digest);
    let nothing = Reference::Digest(Digest::of(b"nothing"));
    let error = pair.backend.image(&repo(TRAINER), &nothing, None).await.expect_err("nothing");
    is_clear(&error, ErrorKind::NotFound, &[TRAINER]);
}

/// A tag is asked with one small request as long as it is where it was, and found where it moved to.
#[tokio::test]
async fn a_tag_tells_what_it_is_on_now() {
    let pair = Pair::start().await;
    let two =
        pair.workspace().repositories.iter().find(|it| it.images.len() > 1 && !it.images[0].tags.is_empty()).cloned();
    let two = two.expect("two images");
    let (name, moved) = (repo(&two.name), two.images[0].tags[0].clone());
    let (at, reference) = (tag(&moved.name), by_tag(&moved.name));
    tags(&*pair.backend, &two.name).await.expect("tags");
    pair.server.clear_log();
    let resolved = pair.backend.resolve(&name, &reference).await.expect("there");
    assert_eq!(resolved.digest.to_string(), two.images[0].digest);
    assert_eq!((pair.asked("GET", "/tags/").len(), pair.server.log().len()), (1, 1));

    {
        let mut store = pair.server.store();
        let images = &mut store.workspaces[0].repository_mut(two.id).expect("there").images;
        images[0].tags.retain(|one| one.id != moved.id);
        images[1].tags.push(Tag { id: tagboat::domain::uuid::Uuid::with_bits(7), ..moved.clone() });
    }
    let resolved = pair.backend.resolve(&name, &reference).await.expect("there");
    assert_eq!(resolved.digest.to_string(), two.images[1].digest);
    let image = pair.backend.image(&name, &reference, None).await.expect("an image");
    assert_eq!(image.manifest.digest, resolved.digest);
    pair.server.store().workspaces[0].delete_tag(tagboat::domain::uuid::Uuid::with_bits(7));
    let error = pair.backend.resolve(&name, &reference).await.expect_err("gone");
    is_clear(&error, ErrorKind::NotFound, &[at.as_str()]);
}

/// The row is old: the picture that comes is the one of the image the tag is on.
#[tokio::test]
async fn an_image_of_a_tag_that_moved_is_the_new_one() {
    let pair = Pair::start().await;
    let two =
        pair.workspace().repositories.iter().find(|it| it.images.len() > 1 && !it.images[0].tags.is_empty()).cloned();
    let two = two.expect("two images");
    tags(&*pair.backend, &two.name).await.expect("tags");
    let moved = {
        let mut store = pair.server.store();
        let images = &mut store.workspaces[0].repository_mut(two.id).expect("there").images;
        let moved = images[0].tags.remove(0);
        images[1].tags.push(moved.clone());
        moved
    };
    let image = pair.backend.image(&repo(&two.name), &by_tag(&moved.name), None).await.expect("an image");
    assert_eq!(image.manifest.digest.to_string(), two.images[1].digest);
}

#[tokio::test]
async fn a_repository_is_shown_with_its_json() {
    let pair = Pair::start().await;
    let info = pair.backend.read_repository(&repo(TRAINER)).await.expect("a repository");
    let raw: Value = serde_json::from_str(info.raw.as_deref().expect("its JSON")).expect("JSON");
    assert_eq!(raw["name"], TRAINER);
    assert!(raw["recent_image"]["digest"].is_string() && raw["recent_image"]["extra_attrs"].is_null());
    let more: Vec<&str> = info.more.iter().map(|(name, _)| name.as_str()).collect();
    assert!(more.contains(&"full name") && more.contains(&"command push"), "{more:?}");
}
