//! Writes against Debian's `docker-registry` (distribution 2.8): with deletion on, off and in maintenance.

use std::sync::Arc;

use bytes::Bytes;
use tagboat::backend::{Backend, BlobRef, Copied, DeleteProbe, Delivery, Mounted, Place, Sent, copy_blob};
use tagboat::domain::capability::{DeleteSemantics, Support};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::reference::{Digest, Reference};
use tagboat::domain::registry::RegistryProfile;
use tagboat::domain::secret::Credential;

use crate::support::client::{self, repo, tag};
use crate::support::images::{Image, OCI_MANIFEST};
use crate::support::registry::{Options, PASSWORD, Registry, USER};

fn connect(registry: &Registry, credential: Credential) -> Arc<dyn Backend> {
    let profile = RegistryProfile { ca_cert: registry.ca.clone(), ..client::profile(&registry.url) };
    client::connect(&profile, credential)
}

async fn pushed(options: Options) -> (Registry, Image, Digest) {
    let registry = Registry::start(options);
    let image = Image::new(OCI_MANIFEST, "w", "amd64");
    registry.push("app", &image, &["1", "latest"]).await;
    let digest = Digest::parse(&image.digest()).expect("a digest");
    (registry, image, digest)
}

async fn is_there(backend: &dyn Backend, name: &str) -> bool {
    backend.resolve(&repo("app"), &Reference::Tag(tag(name))).await.is_ok()
}

#[tokio::test]
async fn deletes_where_they_are_on() {
    let (registry, _, digest) = pushed(Options { delete: true, ..Options::default() }).await;
    let backend = connect(&registry, Credential::Anonymous);
    assert_eq!(backend.probe_delete(&repo("app")).await.expect("an answer"), DeleteProbe::On);
    let error = backend.delete_tag(&repo("app"), &tag("1")).await.expect_err("2.8 deletes no tags");
    assert_eq!((error.kind, error.status, error.delivery), (ErrorKind::Unsupported, Some(400), Delivery::Answered));
    assert!(is_there(&*backend, "1").await && is_there(&*backend, "latest").await);
    assert_eq!(backend.delete_manifest(&repo("app"), &digest).await.expect("202"), Sent::Done);
    assert!(!is_there(&*backend, "1").await && !is_there(&*backend, "latest").await);
    assert_eq!(backend.delete_manifest(&repo("app"), &digest).await.expect("404"), Sent::Gone);
    let deletes = backend.deletes(&repo("app"));
    assert_eq!((deletes.tag.support, deletes.manifest.support), (Support::No, Support::Yes));
    assert_eq!(backend.capabilities().delete, DeleteSemantics::ManifestAndAllItsTags);
}

#[tokio::test]
async fn deletes_where_they_are_off_and_in_maintenance() {
    let (mut registry, image, digest) = pushed(Options::default()).await;
    for options in [Options::default(), Options { read_only: true, delete: true, ..Options::default() }] {
        registry.restart_with(&options);
        let backend = connect(&registry, Credential::Anonymous);
        assert!(matches!(backend.probe_delete(&repo("app")).await, Ok(DeleteProbe::Off(_))));
        for result in
            [backend.delete_tag(&repo("app"), &tag("1")).await, backend.delete_manifest(&repo("app"), &digest).await]
        {
            let error = result.expect_err("off");
            assert_eq!((error.kind, error.status), (ErrorKind::Unsupported, Some(405)), "{error:?}");
        }
        assert!(is_there(&*backend, "1").await);
        let to = Reference::Tag(tag("new"));
        let put = backend.put_manifest(&repo("app"), &to, OCI_MANIFEST, image.manifest.clone().into()).await;
        assert_eq!(put.is_err(), options.read_only, "{put:?}");
    }
}

#[tokio::test]
async fn tags_are_moved_and_manifests_put_back() {
    let (registry, image, digest) = pushed(Options { delete: true, basic: true, ..Options::default() }).await;
    let backend = connect(&registry, client::basic(USER, PASSWORD));
    let bytes = Bytes::from(image.manifest.clone());
    let app = repo("app");
    let put = |at: Reference| {
        let (backend, app, bytes) = (&backend, &app, bytes.clone());
        async move { backend.put_manifest(app, &at, OCI_MANIFEST, bytes).await }
    };
    assert_eq!(put(Reference::Tag(tag("new"))).await.expect("201"), digest);
    assert!(is_there(&*backend, "new").await);
    backend.delete_manifest(&repo("app"), &digest).await.expect("202");
    assert!(!is_there(&*backend, "new").await);
    // The blobs are still there, so it can come back.
    assert_eq!(put(Reference::Digest(digest.clone())).await.expect("201"), digest);
    assert_eq!(put(Reference::Tag(tag("new"))).await.expect("201"), digest);
    assert!(is_there(&*backend, "new").await);
    let missing = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"a/b","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","size":1},"layers":[]}"#;
    let bad = backend.put_manifest(&repo("app"), &Reference::Tag(tag("bad")), OCI_MANIFEST, missing[..].into()).await;
    let error = bad.expect_err("a blob is missing");
    assert_eq!(error.code.as_ref().map(ToString::to_string).as_deref(), Some("MANIFEST_BLOB_UNKNOWN"), "{error}");
}

#[tokio::test]
async fn blobs_go_up_across_and_over() {
    let (registry, image, _) = pushed(Options { basic: true, ..Options::default() }).await;
    let target = Registry::start(Options::default());
    let (from, to) = (connect(&registry, client::basic(USER, PASSWORD)), connect(&target, Credential::Anonymous));
    let bytes = Bytes::from(vec![7; 300_000]);
    let digest = from.put_blob(&repo("app"), bytes.clone()).await.expect("201");
    assert!(from.has_blob(&repo("app"), &digest).await.expect("an answer"));
    assert_eq!(from.mount_blob(&repo("other"), &digest, &repo("app")).await.expect("201"), Mounted::Done);
    assert_eq!(from.mount_blob(&repo("other"), &Digest::of(b"none"), &repo("app")).await.expect("202"), Mounted::No);
    let mut blobs: Vec<Bytes> = image.blobs.iter().cloned().map(Bytes::from).collect();
    blobs.push(bytes);
    let (app, new) = (repo("app"), repo("new"));
    for bytes in &blobs {
        let blob = BlobRef { digest: Digest::of(bytes), size: bytes.len() as u64 };
        let places = || (Place { backend: &*from, repo: &app }, Place { backend: &*to, repo: &new });
        for want in [Copied::Moved, Copied::Present] {
            let (from, to) = places();
            assert_eq!(copy_blob(from, to, &blob, &|_| true).await.expect("copied"), want);
        }
    }
    // All that the manifest names is there, so it is taken.
    let at = Reference::Tag(tag("1"));
    to.put_manifest(&new, &at, OCI_MANIFEST, image.manifest.clone().into()).await.expect("201");
    let copied = to.image(&new, &at, None).await.expect("an image");
    assert_eq!(copied.manifest.digest.to_string(), image.digest());
}
