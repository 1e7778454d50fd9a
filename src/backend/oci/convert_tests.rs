use super::*;
use crate::domain::reference::TagName;

const A: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn by_tag(content_type: &str, body: &str) -> Result<Manifest, Unfit> {
    let asked = Reference::Tag(TagName::parse("latest").unwrap());
    manifest(&Received { asked: &asked, content_type, header_digest: None, body: body.as_bytes() })
}

fn ambiguous(content_type: &str, body: &str) -> Manifest {
    let manifest = by_tag(content_type, body).unwrap();
    assert_eq!(manifest.kind, ManifestKind::Unknown, "{body}");
    assert!(manifest.children.is_empty() && manifest.layers.is_empty() && manifest.config.is_none(), "{body}");
    assert!(!manifest.warnings.is_empty(), "{body}");
    manifest
}

#[test]
fn an_image_is_read() {
    let body = format!(
        r#"{{"schemaVersion":2,"mediaType":"{OCI_MANIFEST}","config":{{"mediaType":
        "application/vnd.oci.image.config.v1+json","digest":"{A}","size":7}},"layers":[{{"mediaType":"X; q=1","digest":"{B}",
        "size":9}}],"subject":{{"digest":"{B}","size":1}},"annotations":{{"k":"v","n":1}},"future":[{{}}]}}"#
    );
    let got = by_tag(&format!("{OCI_MANIFEST}; charset=utf-8"), &body).unwrap();
    assert_eq!((got.kind, got.media_type.as_ref()), (ManifestKind::Manifest, OCI_MANIFEST));
    assert_eq!(got.digest, Digest::of(body.as_bytes()));
    assert_eq!(got.config.unwrap().size, Some(7));
    assert_eq!(got.layers[0].media_type.as_str(), "x");
    assert_eq!(got.subject.unwrap().digest.to_string(), B);
    assert_eq!(got.annotations.len(), 1);
    assert_eq!((got.artifact_type, got.warnings), (None, vec![]));
}

#[test]
fn an_index_with_attestation_and_without_platform() {
    let body = format!(
        r#"{{"manifests":[{{"digest":"{A}","size":1,"platform":{{"os":"linux","architecture":"x86_64"}}}},
        {{"digest":"{B}","size":2,"platform":{{"os":"unknown","architecture":"unknown"}},"annotations":
        {{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"{A}"}}}},
        {{"digest":"sha512:00","size":1}},null,{{"digest":"{B}","size":3}}]}}"#
    );
    let got = by_tag("application/json", &body).unwrap();
    assert_eq!((got.kind, got.media_type.as_ref(), got.children.len()), (ManifestKind::Index, OCI_INDEX, 3));
    assert_eq!(got.children[0].platform.as_ref().unwrap().to_string(), "linux/amd64");
    assert_eq!(got.children[1].attests.as_ref().unwrap().to_string(), A);
    assert_eq!(got.children[2].platform, None);
    assert_eq!(got.platforms().count(), 2);
    assert_eq!(got.warnings.len(), 2, "two entries without a valid digest");
}

#[test]
fn odd_fields_cost_only_themselves() {
    for body in
        [r#"{"config":null,"layers":null}"#, r#"{"config":[],"layers":{}}"#, r#"{"layers":"x","annotations":3}"#]
    {
        let got = by_tag(DOCKER_MANIFEST, body).unwrap();
        assert_eq!((got.kind, got.layers.len(), got.config), (ManifestKind::Manifest, 0, None), "{body}");
    }
    for size in ["-1", "1e400", "9223372036854775808", "\"5\"", "null"] {
        let got = by_tag(OCI_MANIFEST, &format!(r#"{{"layers":[{{"digest":"{A}","size":{size}}}]}}"#)).unwrap();
        assert_eq!((got.layers[0].size, got.warnings.len()), (None, 1), "{size}");
    }
}

#[test]
fn ambiguous_content_gives_nothing_but_its_bytes() {
    ambiguous(OCI_INDEX, &format!(r#"{{"manifests":[{{"digest":"{A}","size":1}}],"layers":[]}}"#));
    ambiguous(OCI_MANIFEST, &format!(r#"{{"manifests":[],"config":{{"digest":"{A}","size":1}}}}"#));
    ambiguous(OCI_MANIFEST, &format!(r#"{{"mediaType":"{OCI_INDEX}","manifests":[]}}"#));
    ambiguous(OCI_MANIFEST, r#"{"layers":[],"layers":[]}"#);
    ambiguous(OCI_MANIFEST, r#"{"layers":[{"digest":"a","digest":"b"}]}"#);
    let bomb = format!(r#"{{"layers":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(ambiguous(OCI_MANIFEST, &bomb).raw.len(), bomb.len());
    assert!(by_tag(OCI_INDEX, r#"{"manifests":[],"layers":null}"#).unwrap().warnings.is_empty());
}

#[test]
fn kinds_without_a_type() {
    for (body, kind) in [
        (r#"{"manifests":[]}"#, ManifestKind::Index),
        (r#"{"layers":[]}"#, ManifestKind::Manifest),
        (r#"{"config":{}}"#, ManifestKind::Manifest),
        (r#"{"schemaVersion":1,"fsLayers":[]}"#, ManifestKind::Schema1),
        (r#"{"mediaType":"application/vnd.oci.artifact.manifest.v1+json"}"#, ManifestKind::Artifact),
        (r#"{}"#, ManifestKind::Unknown),
    ] {
        for generic in ["", "application/json; charset=utf-8", "text/plain", "application/octet-stream"] {
            assert_eq!(by_tag(generic, body).unwrap().kind, kind, "{generic} {body}");
        }
    }
}

#[test]
fn what_is_no_manifest_is_an_error_but_an_unknown_type_is_not() {
    for (content_type, body) in [("text/html", "<html>"), (OCI_INDEX, "[]"), (OCI_INDEX, "{} {}"), ("", "\u{feff}{}")] {
        assert_eq!(by_tag(content_type, body).unwrap_err(), Unfit::Shape, "{body}");
    }
    assert_eq!(by_tag("application/vnd.new+cbor", "\u{1}").unwrap().kind, ManifestKind::Unknown);
}

#[test]
fn artifact_types() {
    let config = |kind: &str, rest: &str| {
        let body = format!(r#"{{"config":{{"mediaType":"{kind}","digest":"{A}","size":1}}{rest}}}"#);
        by_tag(OCI_MANIFEST, &body).unwrap().artifact_type.map(|text| text.to_string())
    };
    assert_eq!(config("application/vnd.docker.container.image.v1+json", ""), None);
    let helm = "application/vnd.cncf.helm.config.v1+json";
    assert_eq!(config(helm, "").as_deref(), Some(helm));
    assert_eq!(config("application/vnd.oci.empty.v1+json", r#","artifactType":"a/b""#).as_deref(), Some("a/b"));
}

#[test]
fn a_digest_that_was_asked_for_must_match() {
    let body = br#"{"layers":[]}"#;
    let ask = |digest: Digest, header_digest| {
        let asked = Reference::Digest(digest);
        manifest(&Received { asked: &asked, content_type: OCI_MANIFEST, header_digest, body })
    };
    // A header that lies does not matter when the content is what was asked for.
    assert_eq!(ask(Digest::of(body), Some(A)).unwrap().digest, Digest::of(body));
    let error = ask(Digest::parse(A).unwrap(), Some(A)).unwrap_err();
    assert_eq!(error, Unfit::Mismatch { asked: Digest::parse(A).unwrap(), got: Digest::of(body) });
    assert_eq!(ask(Digest::parse("blake3:00").unwrap(), None).unwrap().warnings.len(), 1);
}

#[test]
fn a_lying_header_is_a_warning_by_tag() {
    let body = br#"{"layers":[]}"#;
    let asked = Reference::Tag(TagName::parse("x").unwrap());
    let read = |header, content_type| {
        manifest(&Received { asked: &asked, content_type, header_digest: Some(header), body }).unwrap()
    };
    for header in [A, "sha256:../../x", ""] {
        let got = read(header, OCI_MANIFEST);
        assert_eq!((got.digest, got.warnings.len()), (Digest::of(body), 1), "{header}");
    }
    let honest = Digest::of(body).to_string();
    assert!(read(&honest, OCI_MANIFEST).warnings.is_empty());
}

#[test]
fn schema_1_lists_the_newest_layer_first() {
    let body = format!(
        r#"{{"schemaVersion":1,"fsLayers":[{{"blobSum":"{A}"}},{{"blobSum":"{B}"}},{{}}],"signatures":[{{}}]}}"#
    );
    let got = by_tag("", &body).unwrap();
    assert_eq!((got.kind, got.media_type.as_ref()), (ManifestKind::Schema1, SCHEMA1_SIGNED));
    let layers: Vec<String> = got.layers.iter().map(|layer| layer.digest.to_string()).collect();
    assert_eq!(layers, [B, A]);
}

#[test]
fn only_a_signed_schema_1_manifest_goes_by_a_digest_its_bytes_do_not_have() {
    let asked = Digest::parse(A).unwrap();
    let by_digest = Reference::Digest(asked.clone());
    for (body, is_signed) in [
        (r#"{"schemaVersion":1,"fsLayers":[],"signatures":[{}]}"#, true),
        (r#"{"schemaVersion":1,"fsLayers":[],"signatures":[]}"#, false),
        (r#"{"schemaVersion":2,"layers":[],"signatures":[{}]}"#, false),
        (r#"{"schemaVersion":1,"mediaType":"application/vnd.oci.image.manifest.v1+json","signatures":[{}]}"#, false),
        (r#"{"schemaVersion":1,"schemaVersion":1,"signatures":[{}]}"#, false),
    ] {
        let received =
            |asked| Received { asked, content_type: SCHEMA1_SIGNED, header_digest: Some(A), body: body.as_bytes() };
        assert_eq!(manifest(&received(&by_digest)).is_ok(), is_signed, "{body}");
        let tag = Reference::Tag(crate::domain::reference::TagName::parse("1").unwrap());
        let by_tag = manifest(&received(&tag)).unwrap();
        assert_eq!(by_tag.digest == asked, is_signed, "{body}");
        assert!(!by_tag.warnings.is_empty(), "{body}");
    }
}
