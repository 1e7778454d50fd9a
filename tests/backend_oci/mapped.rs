//! Lists of tags that say where the tags are, as GCR and Artifact Registry send them.

use tagboat::demo::{Made, OciOptions, Profile, Store, start_oci};

use super::{APP, Pair, body, many_tags, push};
use crate::support::client::{repo, tag};
use crate::support::walk::{anonymous, tags};

async fn gcr(store: Store) -> Pair {
    let options = OciOptions { profile: Profile::Gcr, ..OciOptions::default() };
    let server = start_oci(store, options).await.expect("loopback has a free port");
    let backend = anonymous(&server.url);
    Pair { server, backend }
}

#[tokio::test]
async fn tags_on_one_manifest_cost_one_request_together() {
    let pair = gcr(many_tags(40)).await;
    assert_eq!(tags(&*pair.backend, APP).await.expect("tags").names.len(), 40);
    let digest = pair.server.store().resolve(APP, "t000").expect("pushed");
    for n in 0..40 {
        let info = pair.backend.tag_info(&repo(APP), &tag(&format!("t{n:03}"))).await.expect("a tag");
        assert_eq!(info.digest, digest);
    }
    assert_eq!(pair.asked("/manifests/"), 1);
    assert_eq!(pair.asked(&format!("/manifests/{digest}")), 1);
}

#[tokio::test]
async fn a_list_is_good_for_one_reading() {
    let pair = gcr(many_tags(1)).await;
    tags(&*pair.backend, APP).await.expect("tags");
    pair.backend.tag_info(&repo(APP), &tag("t000")).await.expect("a tag");
    let new = push(&mut pair.server.store(), "t000");
    let info = pair.backend.tag_info(&repo(APP), &tag("t000")).await.expect("a tag");
    assert_eq!(info.digest, new.digest, "who asks again is told anew");
    tags(&*pair.backend, APP).await.expect("tags");
    let before = pair.asked("/manifests/");
    assert_eq!(pair.backend.tag_info(&repo(APP), &tag("t000")).await.expect("a tag").digest, new.digest);
    assert_eq!(pair.asked("/manifests/"), before, "a new list is as good as an answer, and the content is known");
}

#[tokio::test]
async fn a_tag_that_moved_since_is_found_where_it_is() {
    let pair = gcr(many_tags(1)).await;
    tags(&*pair.backend, APP).await.expect("tags");
    let old = pair.server.store().resolve(APP, "t000").expect("pushed");
    let new: Made = push(&mut pair.server.store(), "other");
    {
        let mut store = pair.server.store();
        store.tag(APP, "t000", &new.digest);
        store.repository(APP).manifests.remove(&old);
    }
    let info = pair.backend.tag_info(&repo(APP), &tag("t000")).await.expect("it is not dangling");
    assert_eq!(info.digest, new.digest);
}

#[tokio::test]
async fn what_such_a_list_says_of_nonsense_is_left_out() {
    let a = format!("sha256:{}", "a".repeat(64));
    let b = format!("sha256:{}", "b".repeat(64));
    let one = |tags: &str| format!(r#"{{"tag":{tags},"imageSizeBytes":"-1","mediaType":7}}"#);
    let (both, odd) = (one(r#"["v1"]"#), one(r#"["../x",null,3,"\u001b[2J"]"#));
    for maps in [
        format!(r#""manifest":{{"{a}":{both},"{b}":{both}}}"#),
        format!(r#""manifest":{{"{a}":{odd},"../../x":{both},"sha256:zz":{both}}}"#),
        format!(r#""manifest":{{"{a}":[],"{b}":null}},"child":{{"x":1}}"#),
        r#""manifest":["v1"],"child":["..","A","a b",7,null]"#.to_owned(),
        r#""manifest":null,"child":null"#.to_owned(),
    ] {
        let pair = gcr(super::one_image()).await;
        pair.fault("tags/list", body(format!(r#"{{{maps},"name":"{APP}","tags":["v1"]}}"#)));
        let list = tags(&*pair.backend, APP).await.expect("tags");
        assert_eq!((list.names.as_slice(), list.note()), (&["v1".to_owned()][..], ""), "{maps}");
        pair.backend.tag_info(&repo(APP), &tag("v1")).await.expect("a tag");
        assert_eq!(pair.asked("/manifests/v1"), 1, "{maps}: the tag itself was asked");
    }
}

#[tokio::test]
async fn repositories_below_are_named() {
    let mut store = super::one_image();
    for n in 0..10 {
        store.repository(&format!("{APP}/n{n}/deep"));
    }
    let pair = gcr(store).await;
    let list = tags(&*pair.backend, APP).await.expect("tags");
    assert!(list.end.complete && list.names == ["v1"]);
    assert!(list.note().starts_with("10 below it: team/app/n0, team/app/n1, "), "{}", list.note());
    assert!(list.note().ends_with("team/app/n7, ..."), "{}", list.note());
    let list = tags(&*pair.backend, "team").await.expect("a repository of repositories");
    assert_eq!((list.names.len(), list.note()), (0, "1 below it: team/app"));
}
