//! What a registry can do, asked before anything of it is read.

use std::time::Duration;

use tagboat::backend::Settings;
use tagboat::demo::{Auth, Fault, OciOptions, OciServer, Profile, Rule, start_oci};
use tagboat::domain::capability::Support::{self, No, Unknown, Yes};

use super::{APP, Pair, many_tags, one_image};
use crate::support::client::{basic, connect, profile, repo};
use crate::support::walk::{anonymous, repositories};

async fn server(profile: Profile, tags: usize) -> OciServer {
    let options = OciOptions { profile, ..OciOptions::default() };
    start_oci(many_tags(tags), options).await.expect("loopback has a free port")
}

fn requests(server: &OciServer) -> Vec<String> {
    server.log().iter().map(|seen| format!("{} {}?{}", seen.method, seen.path, seen.query)).collect()
}

#[tokio::test]
async fn three_small_requests_show_what_each_kind_of_registry_can_do() {
    for (kind, tags, paging, referrers) in [
        (Profile::Reference, 3, No, No),
        // One tag is one page, with or without pages.
        (Profile::Reference, 1, Unknown, No),
        (Profile::Distribution3, 3, Yes, No),
        (Profile::Zot, 3, Yes, Yes),
        // Cuts where it was told to, and says nothing about it.
        (Profile::Gitea, 3, Unknown, No),
    ] {
        let server = server(kind, tags).await;
        let backend = anonymous(&server.url);
        let none = backend.connect().await.expect("a registry");
        assert_eq!([none.listing, none.paging, none.referrers], [Unknown; 3], "{kind:?}");
        assert!(backend.explore(None).await);
        let known = backend.capabilities();
        assert_eq!([known.listing, known.paging, known.referrers], [Yes, paging, referrers], "{kind:?} {tags}");
        let asked = requests(&server);
        assert_eq!(asked.len(), 4, "{asked:?}");
        assert_eq!(asked[1..3], ["GET /v2/_catalog?n=1".to_owned(), format!("GET /v2/{APP}/tags/list?n=1")]);
        assert!(asked[3].starts_with(&format!("GET /v2/{APP}/referrers/sha256:e3b0c44298fc")), "{asked:?}");
        assert!(asked.iter().all(|line| !line.starts_with("DELETE")), "a delete is never tried out");
    }
}

#[tokio::test]
async fn what_is_known_is_not_asked_again() {
    let server = server(Profile::Zot, 3).await;
    let backend = anonymous(&server.url);
    assert!(backend.explore(None).await && backend.explore(None).await);
    assert_eq!(requests(&server).len(), 3);
}

#[tokio::test]
async fn without_a_catalogue_a_known_repository_is_asked() {
    let server = server(Profile::Ghcr, 3).await;
    let backend = anonymous(&server.url);
    assert!(backend.explore(None).await);
    let known = backend.capabilities();
    assert_eq!([known.listing, known.paging, known.referrers], [No, Unknown, Unknown]);
    assert!(backend.explore(Some(&repo(APP))).await);
    let known = backend.capabilities();
    assert_eq!([known.listing, known.paging, known.referrers], [No, Yes, No]);
    // Those that list the whole world are not even asked; an answer at once, as no request could leave this machine.
    let backend = anonymous("https://ghcr.io");
    assert!(backend.explore(None).await);
    assert_eq!(backend.capabilities().listing, Support::No);
}

#[tokio::test]
async fn an_answer_that_says_nothing_teaches_nothing() {
    for fault in [Fault::status(500), Fault::Html] {
        let pair = Pair::start().await;
        pair.fault("/v2/", fault);
        assert!(pair.backend.explore(Some(&repo(APP))).await);
        let known = pair.backend.capabilities();
        assert_eq!([known.listing, known.paging, known.referrers], [Unknown; 3]);
        pair.server.faults().clear();
        assert!(pair.backend.explore(None).await);
        assert_eq!(pair.backend.capabilities().listing, Yes);
    }
    let mut empty = tagboat::demo::Store::new();
    empty.repository("nothing/here");
    let pair = Pair::with(empty, Settings::default()).await;
    assert!(pair.backend.explore(None).await);
    let known = pair.backend.capabilities();
    assert_eq!([known.listing, known.paging, known.referrers], [Yes, Unknown, No]);
}

#[tokio::test]
async fn a_sign_in_is_used_where_the_registry_wants_one() {
    let auth = Auth::Basic { user: "tester".to_owned(), password: "right".to_owned() };
    let options = OciOptions { auth, profile: Profile::Zot, ..OciOptions::default() };
    let server = start_oci(one_image(), options).await.expect("loopback has a free port");
    let signed_in = connect(&profile(&server.url), basic("tester", "right"));
    assert!(signed_in.explore(None).await);
    assert_eq!(signed_in.capabilities().referrers, Yes);
    let nobody = anonymous(&server.url);
    assert!(nobody.explore(None).await);
    assert_eq!(nobody.capabilities().listing, No);
}

#[tokio::test]
async fn a_read_under_way_comes_first() {
    let pair = Pair::start().await;
    pair.server.faults().add(Rule::on("_catalog", Fault::Hang));
    let list = repositories(&*pair.backend);
    let explore = async {
        while pair.asked("_catalog") == 0 {
            tokio::task::yield_now().await;
        }
        pair.backend.explore(None).await
    };
    tokio::select! {
        _ = list => panic!("the list hangs"),
        through = explore => assert!(!through),
    }
    assert_eq!(pair.server.log().len(), 1);
}

#[tokio::test]
async fn a_server_without_an_answer_is_not_waited_for_long() {
    let pair = Pair::with(one_image(), Settings { timeout: Some(Duration::from_millis(300)), ..Settings::default() });
    let pair = pair.await;
    pair.fault("/v2/", Fault::Hang);
    assert!(pair.backend.explore(None).await);
    assert_eq!(pair.asked("_catalog"), 1);
    assert_eq!(pair.server.log().len(), 1, "nothing is known of any repository");
}
