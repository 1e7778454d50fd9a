//! Other people's tools against the demo: what it serves is true to the byte.

use std::path::Path;

use serde_json::Value;
use tagboat::demo::{OciOptions, OciServer, Profile, catalogue, start_oci};
use tagboat::domain::reference::Digest;

use crate::support::skopeo::{self, Skopeo};

async fn demo(profile: Profile) -> OciServer {
    let options = OciOptions { profile, ..OciOptions::default() };
    start_oci(catalogue(), options).await.expect("loopback has a free port")
}

fn image(server: &OciServer, name: &str) -> String {
    skopeo::image(&server.url, name)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[tokio::test]
async fn skopeo_lists_and_inspects() {
    let skopeo = Skopeo::new();
    for profile in [Profile::Reference, Profile::Distribution3] {
        let server = demo(profile).await;
        let listed = skopeo.json(&["list-tags", "--tls-verify=false", &image(&server, "library/busybox")]).await;
        let mut tags: Vec<String> = serde_json::from_value(listed["Tags"].clone()).expect("tags");
        tags.sort();
        let want: Vec<String> = server.store().repositories["library/busybox"].tags.keys().cloned().collect();
        assert_eq!(tags, want, "{profile:?}");

        let said = skopeo.json(&["inspect", "--tls-verify=false", &image(&server, "library/busybox:1.37.0")]).await;
        assert_eq!((&said["Architecture"], &said["Os"]), (&"amd64".into(), &"linux".into()));
        assert_eq!(said["Labels"]["org.opencontainers.image.version"], "1.37.0");
        let raw = ["inspect", "--raw", "--tls-verify=false", &image(&server, "team/search/api:latest")];
        let digest = server.store().resolve("team/search/api", "latest").expect("a tag");
        assert_eq!(digest.matches(skopeo.run(&raw).await.as_bytes()), Some(true));
    }
}

/// skopeo checks every digest on the way; unpacked, the layers have to be those the config names.
#[tokio::test]
async fn skopeo_copies_an_image_whole() {
    let (skopeo, home) = (Skopeo::new(), tempfile::tempdir().expect("a directory"));
    let server = demo(Profile::Reference).await;
    for (name, decompress) in
        [("security/signed/app:v2.4.0", false), ("security/signed/app:v2.4.0", true), ("library/busybox:1.36.1", false)]
    {
        let to = home.path().join("copy");
        let source = image(&server, name);
        let target = format!("dir:{}", to.display());
        let mut arguments = vec!["copy", "--src-tls-verify=false", &source, &target];
        if decompress {
            arguments.push("--dest-decompress");
        }
        skopeo.run(&arguments).await;
        verify(&to, decompress);
        std::fs::remove_dir_all(to).expect("a directory");
    }
    let to = home.path().join("chart");
    let (chart, to) = (image(&server, "charts/checkout:1.0.0"), format!("dir:{}", to.display()));
    skopeo.run(&["copy", "--src-tls-verify=false", &chart, &to]).await;
}

fn verify(dir: &Path, unpacked: bool) {
    let read = |digest: &Value| {
        let name = digest.as_str().and_then(|text| text.strip_prefix("sha256:")).expect("a digest").to_owned();
        let bytes = std::fs::read(dir.join(&name)).expect("a blob");
        assert_eq!(Digest::of(&bytes).to_string(), format!("sha256:{name}"));
        bytes
    };
    let manifest = json(&std::fs::read_to_string(dir.join("manifest.json")).expect("a manifest"));
    let config: Value = serde_json::from_slice(&read(&manifest["config"]["digest"])).expect("a config");
    let layers = manifest["layers"].as_array().expect("layers");
    assert!(!layers.is_empty());
    for (layer, diff_id) in layers.iter().zip(config["rootfs"]["diff_ids"].as_array().expect("diff ids")) {
        assert_eq!(read(&layer["digest"]).len() as u64, layer["size"].as_u64().expect("a size"));
        if unpacked {
            assert_eq!(&layer["digest"], diff_id);
        }
    }
}

#[test]
fn every_blob_of_the_catalogue_that_is_small_has_its_digest() {
    let store = catalogue();
    let mut checked = 0;
    for (digest, blob) in &store.blobs {
        if let tagboat::demo::Blob::Bytes(bytes) = blob {
            assert_eq!(digest.matches(bytes), Some(true), "{digest}");
            checked += 1;
        }
    }
    assert!(checked > 1_000, "{checked}");
}
