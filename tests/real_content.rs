//! Content of every kind on Debian's `docker-registry`: the client, the program and skopeo say the same of it.
#![cfg(unix)]

use serde_json::{Value, json};
use tagboat::demo::{OciOptions, catalogue, start_oci};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::image::ManifestKind;
use tagboat::domain::reference::{Digest, Reference};

use crate::support::client::{repo, tag};
use crate::support::images::{self, DOCKER_MANIFEST, Image, OCI_INDEX, OCI_MANIFEST};
use crate::support::program::{Place, Said};
use crate::support::registry::{Options, Registry};
use crate::support::skopeo::{self, Skopeo};
use crate::support::walk::{anonymous, by_tag, repositories, tags};

/// What the program says, while the registries of this process go on.
async fn say(arguments: &[&str]) -> Said {
    let place = Place::new("");
    let output = tokio::process::Command::from(place.command(arguments)).output().await;
    output.expect("the program").into()
}

fn host(registry: &Registry) -> &str {
    registry.url.trim_start_matches("http://")
}

fn field<'a>(of: &'a Value, list: &str, name: &str) -> Vec<&'a str> {
    of[list].as_array().expect("a list").iter().filter_map(|entry| entry[name].as_str()).collect()
}

#[tokio::test]
async fn what_skopeo_pushes_is_what_it_says_it_is() {
    let registry = Registry::start(Options { schema1: true, ..Options::default() });
    let demo = start_oci(catalogue(), OciOptions::default()).await.expect("loopback has a free port");
    let skopeo = Skopeo::new();
    let busybox = skopeo::image(&demo.url, "library/busybox:1.36.1");
    let chart = skopeo::image(&demo.url, "charts/checkout:1.0.0");
    for (name, from, how, kind) in [
        ("real/oci", &busybox, &["--format", "oci"][..], "manifest"),
        ("real/docker", &busybox, &["--format", "v2s2"], "manifest"),
        ("real/schema1", &busybox, &["--format", "v2s1"], "schema1"),
        ("real/index", &busybox, &["--all"], "index"),
        ("real/list", &busybox, &["--all", "--format", "v2s2"], "index"),
        ("real/chart", &chart, &[], "manifest"),
    ] {
        let here = skopeo::image(&registry.url, &format!("{name}:1"));
        skopeo.copy(from, &here, how).await;
        let raw = skopeo.run(&["inspect", "--raw", "--tls-verify=false", &here]).await;
        let reference = format!("{}/{name}:1", host(&registry));
        let said = say(&["inspect", &reference, "--json"]).await;
        assert_eq!(said.code, Some(0), "{name}: {}", said.err);
        let ours = said.json();
        assert_eq!((ours["kind"].as_str(), &ours["tags"]), (Some(kind), &json!(["1"])), "{name}");
        let document: Value = serde_json::from_str(&raw).expect("JSON");
        assert_eq!(ours["media_type"], *document.get("mediaType").unwrap_or(&ours["media_type"]), "{name}");

        let backend = anonymous(&registry.url);
        let manifest = backend.manifest(&repo(name), &by_tag("1")).await.expect(name);
        if kind == "schema1" {
            // distribution 2.8 signs it anew for every answer.
            let payload = |bytes: &[u8]| {
                let mut document: Value = serde_json::from_slice(bytes).expect("JSON");
                document.as_object_mut().expect("an object").remove("signatures").expect("signatures");
                document
            };
            assert_eq!(payload(&manifest.raw), payload(raw.as_bytes()), "{name}");
        } else {
            assert_eq!(&*manifest.raw, raw.as_bytes(), "{name}: the bytes as they are stored");
        }
        assert_eq!(ours["digest"], manifest.digest.to_string(), "{name}");
        let row = backend.tag_info(&repo(name), &tag("1")).await.expect(name);
        assert_eq!(row.digest, manifest.digest, "{name}: list and image agree");

        // skopeo wants an image's config, and a chart has none it would read.
        if name == "real/chart" {
            assert_eq!(manifest.digest.matches(raw.as_bytes()), Some(true));
            let kind = manifest.artifact_type.as_ref().map(|kind| kind.as_str());
            assert_eq!((kind, ours["config"].is_null()), (Some("application/vnd.cncf.helm.config.v1+json"), true));
            continue;
        }
        let theirs = skopeo.json(&["inspect", "--tls-verify=false", &here]).await;
        assert_eq!(ours["digest"], theirs["Digest"], "{name}");
        let layers: Vec<_> = theirs["Layers"].as_array().expect("layers").iter().filter_map(Value::as_str).collect();
        assert_eq!(field(&ours, "layers", "digest"), layers, "{name}");
        if kind == "schema1" {
            assert_eq!(manifest.kind, ManifestKind::Schema1);
            assert!(said.err.contains("legacy"), "{}", said.err);
            continue;
        }
        let config = skopeo.json(&["inspect", "--config", "--tls-verify=false", &here]).await;
        for part in ["architecture", "os", "created", "config", "history", "rootfs"] {
            assert_eq!(ours["config"][part], config[part], "{name}: {part}");
        }
        assert_eq!(theirs["Architecture"], ours["config"]["architecture"], "{name}");
        let platforms = document["manifests"].as_array().map_or(1, Vec::len);
        assert_eq!(ours["platforms"].as_array().map(Vec::len), Some(platforms), "{name}");
    }

    let theirs = skopeo.json(&["list-tags", "--tls-verify=false", &skopeo::image(&registry.url, "real/oci")]).await;
    assert_eq!(theirs["Tags"], json!(tags(&*anonymous(&registry.url), "real/oci").await.expect("tags").names));
    let said = say(&["repos", host(&registry), "--json"]).await;
    let names = ["real/chart", "real/docker", "real/index", "real/list", "real/oci", "real/schema1"];
    assert_eq!(field(&said.json(), "repositories", "name"), names, "{}", said.out);
}

/// distribution 2.8 has no API for them, and no tag is safe from whoever can push.
#[tokio::test]
async fn referrers_are_found_under_the_fall_back_tag() {
    let registry = Registry::start(Options::default());
    let image = Image::new(OCI_MANIFEST, "signed", "amd64");
    let (mut about, stranger) = (Image::attestation(), Image::new(OCI_MANIFEST, "stranger", "amd64"));
    let mut manifest: Value = serde_json::from_slice(&about.manifest).expect("JSON");
    manifest["artifactType"] = "application/spdx+json".into();
    manifest["subject"] = json!({"mediaType": OCI_MANIFEST, "digest": image.digest(), "size": image.manifest.len()});
    about.manifest = serde_json::to_vec(&manifest).expect("JSON");
    registry.push("signed", &image, &["1"]).await;
    for referrer in [&about, &stranger] {
        registry.push("signed", referrer, &[]).await;
    }
    let entry = |image: &Image| {
        json!({"mediaType": OCI_MANIFEST, "digest": image.digest(),
        "size": image.manifest.len(), "artifactType": "application/spdx+json"})
    };
    let index = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry(&about), entry(&stranger)]});
    let fallback = image.digest().replace(':', "-");
    registry.push_manifest("signed", &fallback, OCI_INDEX, &serde_json::to_vec(&index).expect("JSON")).await;

    let backend = anonymous(&registry.url);
    let digest = Digest::parse(&image.digest()).expect("a digest");
    let found = backend.referrers(&repo("signed"), &digest).await.expect("referrers");
    let names: Vec<_> = found.list.iter().map(|one| (one.descriptor.digest.to_string(), one.what.as_str())).collect();
    assert_eq!((names, found.by_tag), (vec![(about.digest(), "sbom")], true));
    let said = say(&["inspect", &format!("{}/signed:1", host(&registry)), "--json"]).await;
    assert_eq!(field(&said.json(), "referrers", "digest"), [about.digest()], "{}", said.out);
}

#[tokio::test]
async fn what_is_left_after_deleting_is_shown_as_it_is() {
    let registry = Registry::start(Options { delete: true, ..Options::default() });
    let (kept, gone) = (Image::new(OCI_MANIFEST, "kept", "amd64"), Image::new(DOCKER_MANIFEST, "gone", "amd64"));
    registry.push("half", &kept, &["kept"]).await;
    registry.push("half", &gone, &["lost"]).await;
    registry.push("empty", &gone, &["1", "2"]).await;
    registry.lose("half", &gone.digest());
    registry.delete("empty", &gone.digest()).await;

    let backend = anonymous(&registry.url);
    assert_eq!(tags(&*backend, "half").await.expect("tags").names, ["kept", "lost"]);
    let missing = backend.tag_info(&repo("half"), &tag("lost")).await.expect_err("dangling");
    assert_eq!(missing.kind, ErrorKind::NotFound, "{missing}");
    backend.tag_info(&repo("half"), &tag("kept")).await.expect("the other one");
    let said = say(&["tags", &format!("{}/half", host(&registry)), "--json"]).await;
    let rows = said.json();
    let states = field(&rows, "tags", "state");
    assert_eq!((field(&rows, "tags", "name"), states), (vec!["kept", "lost"], vec!["ok", "dangling"]), "{}", said.out);

    // The answer is `"tags": null`; the repository stays in the catalogue.
    let list = tags(&*backend, "empty").await.expect("an empty list");
    assert!(list.end.complete && list.names.is_empty() && list.note().is_empty(), "{list:?}");
    assert_eq!(repositories(&*backend).await.expect("a catalogue").names, ["empty", "half"]);
    let said = say(&["tags", &format!("{}/empty", host(&registry)), "--json"]).await;
    assert_eq!((said.code, &said.json()["tags"], &said.json()["complete"]), (Some(0), &json!([]), &json!(true)));
    let gone = Reference::Digest(Digest::parse(&gone.digest()).expect("a digest"));
    let missing = backend.manifest(&repo("empty"), &gone).await.expect_err("deleted");
    assert_eq!(missing.kind, ErrorKind::NotFound, "{missing}");
}

/// A child deleted below its index is a place in the image, not the end of it.
#[tokio::test]
async fn an_index_with_a_deleted_child_is_read() {
    let registry = Registry::start(Options { delete: true, ..Options::default() });
    let (amd, arm) = (Image::new(OCI_MANIFEST, "c", "amd64"), Image::new(OCI_MANIFEST, "c", "arm64"));
    let attestation = Image::attestation();
    for child in [&amd, &arm, &attestation] {
        registry.push("multi", child, &[]).await;
    }
    let index = images::index(&[&amd, &arm], &attestation);
    registry.push_manifest("multi", "1", OCI_INDEX, &index).await;
    registry.delete("multi", &arm.digest()).await;
    let backend = anonymous(&registry.url);
    let image = backend.image(&repo("multi"), &by_tag("1"), None).await.expect("an image");
    assert_eq!((image.manifest.platforms().count(), image.layers.len()), (2, 2));
    assert_eq!(image.size, None, "not known without the missing child");
    let gone = Digest::parse(&arm.digest()).expect("a digest");
    let state = image.children.iter().find(|child| child.descriptor.digest == gone).map(|child| &child.state);
    assert_eq!(state, Some(&tagboat::domain::image::ChildState::Missing));
}
