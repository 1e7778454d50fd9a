use super::*;
use crate::domain::parts::Parts;
use crate::domain::registry::BackendKind;

fn spot(origin: &str, repo: &str) -> Spot {
    Spot { registry: "r".into(), origin: origin.into(), repo: RepoName::parse(repo).unwrap() }
}

fn piece(bytes: &[u8]) -> Piece {
    Piece {
        digest: Digest::of(bytes),
        media_type: "a/b".into(),
        kind: ManifestKind::Manifest,
        bytes: bytes.into(),
        parts: Parts::of(bytes),
    }
}

fn image(layers: &[(&str, &str)]) -> Piece {
    let layer =
        |(name, size): &(&str, &str)| format!(r#"{{"digest":"{}","size":{size}}}"#, Digest::of(name.as_bytes()));
    piece(format!(r#"{{"layers":[{}]}}"#, layers.iter().map(layer).collect::<Vec<_>>().join(",")).as_bytes())
}

fn transfer(before: Option<&[u8]>) -> Transfer {
    let root = image(&[("a", "3")]);
    let to = spot("https://b", "y");
    let wanted = TagMove {
        tag: TagName::parse("1").unwrap(),
        digest: root.digest.clone(),
        before: before.map(|bytes| if bytes == b"same" { root.digest.clone() } else { Digest::of(bytes) }),
    };
    Transfer {
        from: spot("https://a", "x"),
        source: Reference::Tag(TagName::parse("0").unwrap()),
        to,
        way: Way::Stream,
        call: None,
        blobs: blobs(std::slice::from_ref(&root)).unwrap(),
        by_digest: Vec::new(),
        pieces: vec![root],
        tags: vec![wanted],
        protected: None,
        warnings: Vec::new(),
    }
}

#[test]
fn how_it_goes_depends_on_where_it_goes() {
    let here = spot("https://a", "x");
    assert_eq!(Way::between(&here, &spot("https://a", "x")), Way::Tag);
    assert_eq!(Way::between(&here, &spot("https://a", "y")), Way::Mount);
    assert_eq!(Way::between(&here, &spot("https://b", "x")), Way::Stream);
}

#[test]
fn a_blob_is_brought_once_and_never_without_its_size() {
    let both = [image(&[("a", "3"), ("b", "4")]), image(&[("b", "4"), ("c", "5")])];
    let sizes: u64 = blobs(&both).unwrap().iter().map(|blob| blob.size).sum();
    assert_eq!(sizes, 12);
    assert_eq!(blobs(&[image(&[("a", "-1")])]), Err(Digest::of(b"a")));
    assert_eq!(blobs(&[image(&[("a", "1.5")])]), Err(Digest::of(b"a")));
}

#[test]
fn the_tag_is_the_last_step() {
    let one = transfer(None);
    let steps: Vec<Step<'_>> = one.steps().collect();
    assert!(matches!(steps[..], [Step::Blob(_), Step::Tag(_)]));
    assert_eq!(one.bytes(), 3);
}

#[test]
fn what_is_taken_away_is_agreed_to_first() {
    assert_eq!((transfer(None).consent(false), transfer(None).consent(true)), (Consent::Free, Consent::Free));
    assert_eq!(
        (transfer(Some(b"o")).consent(false), transfer(Some(b"o")).consent(true)),
        (Consent::Yes, Consent::Name)
    );
    let guarded = Transfer { protected: Some("1*".into()), ..transfer(Some(b"o")) };
    assert_eq!(guarded.consent(false), Consent::Name);
    let same = transfer(Some(b"same"));
    assert!(same.is_done() && same.replaces().is_none() && !transfer(Some(b"o")).is_done());
}

#[test]
fn what_a_journal_keeps_is_read_again() {
    for before in [None, Some(&b"old"[..])] {
        let tagging = Tagging::of(&transfer(before));
        let text = tagging.to_json(BackendKind::DockerV1).unwrap();
        assert_eq!(crate::domain::cleanup::json::kind_of(&text), BackendKind::DockerV1);
        assert_eq!(Tagging::from_json(&text), Some(tagging.clone()));
        assert_eq!((tagging.from.as_str(), tagging.copied), ("r/x:0", true));
        assert_eq!(Tagging::from_json(&text.replace("\"version\":1", "\"version\":3")), None);
    }
    let call = |colour: Option<&str>, before: Option<&str>| Call {
        colour: colour.map(str::to_owned),
        colour_before: before.map(str::to_owned),
    };
    for call in [call(None, None), call(Some("#27AE60"), None), call(None, Some("tomato")), call(Some("#1"), Some(""))]
    {
        let tagging = Tagging::of(&Transfer { way: Way::Tag, call: Some(call.clone()), ..transfer(Some(b"old")) });
        let text = tagging.to_json(BackendKind::MlSpace).unwrap();
        assert!(text.starts_with(r#"{"version":2,"#), "those who know no calls leave it alone: {text}");
        assert_eq!(tagging.call, Some(call));
        assert_eq!(Tagging::from_json(&text), Some(tagging));
    }
    assert_eq!(Tagging::from_json("{}"), None);
    assert_eq!(
        Tagging::from_json(r#"{"version":1,"tagging":{"copied":true,"from":"","tags":[{"tag":"/","digest":"x"}]}}"#),
        None
    );
}

#[test]
fn a_fall_back_index_keeps_what_it_has() {
    let old = piece(br#"{"old":1}"#);
    let new = piece(br#"{"config":{"mediaType":"c/d"},"annotations":{"k":"v"}}"#);
    let first = merged(None, &[(&old.digest, "m/n", &old.bytes)]).unwrap();
    let added = [(&old.digest, "m/n", &old.bytes[..]), (&new.digest, "m/n", &new.bytes[..])];
    let index: serde_json::Value = serde_json::from_slice(&merged(Some(&first), &added).unwrap()).unwrap();
    let entries = index["manifests"].as_array().unwrap();
    assert_eq!((entries.len(), index["schemaVersion"].as_u64()), (2, Some(2)));
    assert_eq!(entries[1]["artifactType"], "c/d");
    assert_eq!((&entries[1]["annotations"]["k"], &entries[1]["size"]), (&"v".into(), &new.bytes.len().into()));
    assert_eq!(merged(Some(&first), &[(&old.digest, "m/n", &old.bytes)]), None, "it has it");
    assert_eq!(merged(Some(b"no index"), &[(&old.digest, "m/n", &old.bytes)]), None);
    assert_eq!(merged(Some(b"{}"), &[(&old.digest, "m/n", &old.bytes)]), None);
    let tag = fallback_tag(&old.digest, ".sig").unwrap();
    assert_eq!(crate::domain::cleanup::referrer_tag::subject(&tag), Some(old.digest));
}
