//! The client against Debian's `docker-registry`.

use std::sync::Arc;

use tagboat::backend::Backend;
use tagboat::domain::error::ErrorKind;
use tagboat::domain::image::ManifestKind;
use tagboat::domain::reference::{Digest, Reference};
use tagboat::domain::registry::RegistryProfile;
use tagboat::domain::secret::Credential;

use crate::support::client::{self, repo, repositories, tag, tags};
use crate::support::images::{self, CREATED, DOCKER_MANIFEST, Image, OCI_INDEX, OCI_MANIFEST};
use crate::support::registry::{Options, PASSWORD, Registry, USER};

fn password(password: &str) -> Credential {
    client::basic(USER, password)
}

fn connect(registry: &Registry, credential: Credential) -> Arc<dyn Backend> {
    let profile = RegistryProfile { ca_cert: registry.ca.clone(), ..client::profile(&registry.url) };
    client::connect(&profile, credential)
}

#[tokio::test]
async fn lists_are_complete() {
    let registry = Registry::start(Options::default());
    let image = Image::new(OCI_MANIFEST, "a", "amd64");
    // More than one page of the catalogue, and names with slashes.
    for n in 0..12 {
        registry.push(&format!("team/part-{n:02}/app"), &image, &["1.0", "1.0.0", "latest"]).await;
    }
    let backend = connect(&registry, Credential::Anonymous);
    backend.connect().await.expect("a registry");
    let want: Vec<_> = (0..12).map(|n| format!("team/part-{n:02}/app")).collect();
    assert_eq!(repositories(&*backend).await.expect("a catalogue"), want);
    assert_eq!(tags(&*backend, "team/part-00/app").await.expect("tags"), ["1.0", "1.0.0", "latest"]);
    for name in ["1.0", "latest"] {
        let info = backend.tag_info(&repo("team/part-00/app"), &tag(name)).await.expect("a tag");
        assert_eq!(info.digest.to_string(), image.digest());
    }
}

#[tokio::test]
async fn images_are_read_whole() {
    let registry = Registry::start(Options::default());
    for (media_type, name) in [(OCI_MANIFEST, "oci"), (DOCKER_MANIFEST, "docker")] {
        let pushed = Image::new(media_type, name, "amd64");
        registry.push(name, &pushed, &["1"]).await;
        let backend = connect(&registry, Credential::Anonymous);
        let info = backend.tag_info(&repo(name), &tag("1")).await.expect("a tag");
        assert_eq!((info.digest.to_string(), info.kind), (pushed.digest(), ManifestKind::Manifest));
        assert_eq!((&*info.media_type, info.size), (media_type, Some(pushed.size())));
        assert_eq!(info.created.map(|time| time.to_string()).as_deref(), Some(CREATED));
        assert_eq!(info.platforms.iter().map(ToString::to_string).collect::<Vec<_>>(), ["linux/amd64"]);

        let image = backend.image(&repo(name), &Reference::Tag(tag("1")), None).await.expect("an image");
        assert_eq!(&*image.manifest.raw, pushed.manifest);
        assert_eq!((image.size, image.history_mismatch), (Some(pushed.size()), false));
        let made = |row: &tagboat::domain::image::LayerRow| row.created_by.as_ref().map(ToString::to_string);
        let made: Vec<_> = image.layers.iter().map(|row| made(row).unwrap_or_default()).collect();
        assert!(made.len() == 2 && made[0].contains("ADD file:base") && made[1] == "make install", "{made:?}");
        let config = image.config.expect("a config");
        assert_eq!((config.history.len(), config.diff_ids), (3, 2));
        assert_eq!(config.entrypoint.iter().map(ToString::to_string).collect::<Vec<_>>(), ["/bin/run"]);
    }
}

#[tokio::test]
async fn an_index_has_platforms_and_its_attestation_is_none() {
    let registry = Registry::start(Options::default());
    let (amd, arm) = (Image::new(OCI_MANIFEST, "m", "amd64"), Image::new(OCI_MANIFEST, "m", "arm64"));
    let attestation = Image::attestation();
    for child in [&amd, &arm, &attestation] {
        registry.push("multi", child, &[]).await;
    }
    let index = images::index(&[&amd, &arm], &attestation);
    registry.push_manifest("multi", "1", OCI_INDEX, &index).await;

    let backend = connect(&registry, Credential::Anonymous);
    let info = backend.tag_info(&repo("multi"), &tag("1")).await.expect("a tag");
    assert_eq!((info.digest.to_string(), info.kind), (images::digest(&index), ManifestKind::Index));
    let platforms: Vec<_> = info.platforms.iter().map(ToString::to_string).collect();
    assert_eq!(platforms, ["linux/amd64", "linux/arm64"]);

    let reference = Reference::Tag(tag("1"));
    let image = backend.image(&repo("multi"), &reference, None).await.expect("an image");
    assert_eq!((image.manifest.children.len(), image.manifest.platforms().count()), (3, 2));
    assert_eq!(image.shown.map(|digest| digest.to_string()), Some(amd.digest()));
    let other = Digest::parse(&arm.digest()).expect("a digest");
    let image = backend.image(&repo("multi"), &reference, Some(&other)).await.expect("an image");
    assert_eq!((image.shown, image.layers.len()), (Some(other), 2));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let registry = Registry::start(Options::default());
    registry.push("here", &Image::new(OCI_MANIFEST, "h", "amd64"), &["1"]).await;
    let backend = connect(&registry, Credential::Anonymous);
    let missing = tags(&*backend, "not/here").await.expect_err("no such repository");
    assert_eq!(missing.kind, ErrorKind::NotFound, "{missing}");
    let missing = backend.tag_info(&repo("here"), &tag("2")).await.expect_err("no such tag");
    assert_eq!(missing.kind, ErrorKind::NotFound, "{missing}");
}

#[tokio::test]
async fn basic_sign_in_takes_the_right_password_only() {
    let registry = Registry::start(Options { basic: true, ..Options::default() });
    registry.push("secret/app", &Image::new(OCI_MANIFEST, "s", "amd64"), &["1"]).await;
    let backend = connect(&registry, password(PASSWORD));
    backend.connect().await.expect("signed in");
    assert_eq!(backend.capabilities().auth.map(str::to_ascii_lowercase).as_deref(), Some("basic"));
    assert_eq!(repositories(&*backend).await.expect("a catalogue"), ["secret/app"]);
    for credential in [Credential::Anonymous, password("wrong pass")] {
        let error = connect(&registry, credential).connect().await.expect_err("refused");
        assert_eq!(error.kind, ErrorKind::SignIn, "{error}");
        assert!(!format!("{error:?}").contains("wrong pass"), "{error:?}");
    }
}

#[tokio::test]
async fn tls_wants_the_ca_it_was_given() {
    let mut registry = Registry::start(Options { tls: true, ..Options::default() });
    registry.push("app", &Image::new(OCI_MANIFEST, "t", "amd64"), &["1"]).await;
    let backend = connect(&registry, Credential::Anonymous);
    assert_eq!(tags(&*backend, "app").await.expect("tags"), ["1"]);
    registry.ca = None;
    let error = connect(&registry, Credential::Anonymous).connect().await.expect_err("an unknown CA");
    assert_eq!(error.kind, ErrorKind::Tls, "{error}");
}
