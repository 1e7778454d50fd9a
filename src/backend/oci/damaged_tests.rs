//! Documents that are nearly right.

use bytes::Bytes;
use proptest::prelude::*;

use super::convert::{self, Received};
use super::inline;
use super::listing::{self, Kind};
use crate::backend::image_config;
use crate::domain::clean::Clean;
use crate::domain::damaged::{bytes, soon};
use crate::domain::image::{Descriptor, ManifestKind};
use crate::domain::reference::{Digest, Reference, TagName};

const MANIFESTS: &[&str] = &[
    r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"data":"e30="},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":9223372036854775807,"urls":["https://h/x"],"annotations":{"a":"b"}}],"subject":{"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"annotations":{"org.opencontainers.image.created":"2026-01-01T00:00:00Z"}}"#,
    r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"platform":{"os":"linux","architecture":"arm64","variant":"v8","os.version":"10.0.17763"}},{"digest":"sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e","size":0,"annotations":{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},"platform":{"os":"unknown","architecture":"unknown"}}]}"#,
    r#"{"schemaVersion":1,"name":"a","tag":"b","architecture":"amd64","fsLayers":[{"blobSum":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}],"history":[{"v1Compatibility":"{\"id\":\"x\"}"}],"signatures":[{}]}"#,
    r#"{"mediaType":"application/vnd.oci.artifact.manifest.v1+json","artifactType":"application/x","blobs":[null,{"digest":"../../x","size":-5}]}"#,
];
const CONFIGS: &[&str] = &[
    r#"{"created":"2026-05-06T07:08:09.123Z","author":"me","os":"linux","architecture":"arm64","variant":"v8","config":{"User":"app","Entrypoint":["/e","x"],"Cmd":"run","Env":["A=b",null],"ExposedPorts":{"80/tcp":{}},"Volumes":{"/d":{}},"Labels":{"k":"v\nw","n":1},"Healthcheck":{"Test":["CMD","true"]}},"rootfs":{"type":"layers","diff_ids":["a","b"]},"history":[{"created":"0001-01-01T00:00:00Z","created_by":"/bin/sh -c #(nop)  CMD [\"sh\"]","empty_layer":true},{"created_by":"/bin/sh -c ls","comment":"c"}]}"#,
    r#"{"architecture":"amd64","os":"windows","os.version":"10.0.1","os.features":["win32k"],"created":"9999-12-31T23:59:60Z"}"#,
];
const LISTS: &[&str] = &[
    r#"{"name":"demo/app","tags":["1","latest",null,"",2,{"x":[]},"\u0062",1e400,"sha256:00"]}"#,
    r#"{"repositories":["a","a/b","a-b"],"next":null}"#,
    r#"{"name":"a","tags":null,"child":[],"manifest":{"sha256:ab":{"tag":["1"],"imageSizeBytes":"5","timeUploadedMs":"7"}}}"#,
    r#"{"errors":[{"code":"NAME_UNKNOWN","message":"no","detail":{"name":"a"}}]}"#,
];
const TYPES: &[&str] = &[
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json; charset=utf-8",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
    "application/vnd.oci.artifact.manifest.v1+json",
    "application/json",
    "text/html",
    "",
];

fn is_clean(text: &Clean) -> bool {
    !text.as_str().chars().any(|c| c.is_control() && c != '\n')
}

fn is_sane(entry: &Descriptor) -> bool {
    let digest = entry.digest.to_string();
    Digest::parse(&digest).is_ok()
        && !digest.contains(['/', '.', ' '])
        && entry.size.is_none_or(|size| i64::try_from(size).is_ok())
        && is_clean(&entry.media_type)
        && entry.annotations.iter().all(|(key, value)| is_clean(key) && is_clean(value))
}

proptest! {
    #[test]
    fn manifests(
        body in bytes(MANIFESTS),
        content_type in proptest::sample::select(TYPES),
        header in proptest::option::of(bytes(&["sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"])),
    ) {
        let header = header.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let asked = Reference::Tag(TagName::parse("1").expect("a tag"));
        let received = Received { asked: &asked, content_type, header_digest: header.as_deref(), body: &body };
        soon(|| inline::contents(&body)).iter().for_each(|piece| assert_eq!(piece.digest.matches(&piece.bytes), Some(true)));
        let Ok(manifest) = soon(|| convert::manifest(&received)) else { return Ok(()) };
        prop_assert_eq!(&*manifest.raw, &body[..]);
        if manifest.kind != ManifestKind::Schema1 {
            prop_assert_eq!(manifest.digest.matches(&body), Some(true));
        }
        if manifest.kind == ManifestKind::Unknown {
            prop_assert!(manifest.children.is_empty() && manifest.layers.is_empty() && manifest.config.is_none());
        }
        let entries = manifest.children.iter().chain(&manifest.layers).chain(&manifest.config).chain(&manifest.subject);
        prop_assert!(entries.into_iter().all(is_sane));
        prop_assert!(manifest.warnings.iter().all(is_clean));
    }

    #[test]
    fn a_digest_that_was_asked_for_is_had_or_nothing(body in bytes(MANIFESTS)) {
        let asked = Digest::of(MANIFESTS[0].as_bytes());
        let reference = Reference::Digest(asked.clone());
        let received = Received { asked: &reference, content_type: TYPES[0], header_digest: None, body: &body };
        if let Ok(manifest) = convert::manifest(&received) {
            prop_assert_eq!(asked.matches(&manifest.raw), Some(true));
        }
    }

    #[test]
    fn configs(body in bytes(CONFIGS)) {
        let config = soon(|| image_config::image_config(&body));
        prop_assert_eq!(&*config.raw, &body[..]);
        let lines = config.env.iter().chain(&config.cmd).chain(&config.entrypoint).chain(&config.author);
        prop_assert!(lines.chain(config.history.iter().map(|entry| &entry.created_by)).all(is_clean));
        prop_assert!(config.labels.iter().all(|(key, value)| is_clean(key) && is_clean(value)));
    }

    #[test]
    fn lists(body in bytes(LISTS)) {
        let body = Bytes::from(body);
        for kind in [Kind::Repositories, Kind::Tags] {
            if let Ok(entries) = soon(|| listing::entries(kind, &body)) {
                prop_assert_eq!(entries.sent(), entries.names().len() + entries.skipped());
                prop_assert!(entries.names().all(|name| !name.is_empty()));
            }
        }
    }
}
