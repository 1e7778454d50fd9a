//! Search and tags, to their ends.

use tagboat::demo::docker_v1::{DockerV1Options, Page, Search, Store, TagForm, catalogue};
use tagboat::demo::{Fault, Rule};
use tagboat::domain::capability::{Ability, DeleteSemantics, Support};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::page::Listed;
use tagboat::domain::secret::Credential;
use tokio::sync::mpsc;

use super::{Pair, REPO, image, is_clear, no_value, repo};
use crate::support::client::tag;
use crate::support::walk::{repositories, tags};

fn announced(pair: &Pair) -> Vec<String> {
    let mut names = pair.server.store().announced.clone();
    names.sort();
    names
}

#[tokio::test]
async fn a_search_for_nothing_is_the_list() {
    for (search, requests) in [(Search::Paged(Page::Number), 1), (Search::Paged(Page::Text), 1), (Search::Whole, 1)] {
        let options = DockerV1Options { search, ..DockerV1Options::default() };
        let pair = Pair::of(catalogue(), options, Credential::Anonymous).await;
        let mut walked = repositories(&*pair.backend).await.expect("a list");
        walked.names.sort();
        assert_eq!((walked.names, walked.end.complete), (announced(&pair), true), "{search:?}");
        assert_eq!(pair.asked("GET", "/v1/search"), requests, "{search:?}");
        assert_eq!(pair.backend.capabilities().listing, Support::Yes);
    }
}

/// Of more than a page's worth: those that page, and those that send everything whatever was asked for.
#[tokio::test]
async fn a_list_of_many_pages_ends() {
    for count in [99, 100, 101, 200, 250] {
        for search in [Search::Paged(Page::Text), Search::Whole] {
            let mut store = Store::new();
            for n in 0..count {
                store.announce(&format!("acme/service-{n:03}"), "[]");
            }
            let options = DockerV1Options { search, ..DockerV1Options::default() };
            let pair = Pair::of(store, options, Credential::Anonymous).await;
            let walked = repositories(&*pair.backend).await.expect("a list");
            assert_eq!((walked.names.len(), walked.end.complete, walked.note()), (count, true, ""), "{search:?}");
        }
    }
}

#[tokio::test]
async fn what_a_search_says_of_a_repository_is_kept() {
    let pair = Pair::full().await;
    let (sender, mut pages) = mpsc::channel(8);
    let end = pair.backend.search("invoice", sender).await.expect("a search");
    let Some(Listed::Valid(name)) = pages.recv().await.and_then(|page| page.into_iter().next()) else {
        panic!("a repository")
    };
    assert!(end.complete);
    pair.server.clear_log();
    let info = pair.backend.repository(&name).expect("kept");
    assert_eq!(info.stars, pair.server.store().repositories[name.as_str()].stars.map(u64::from));
    assert!(info.description.is_some() && info.official == Some(false));
    assert!(pair.server.log().is_empty(), "without a request");
    let read = pair.backend.read_repository(&name).await.expect("a repository");
    let store = pair.server.store();
    assert_eq!(read.tags, Some(store.repositories[name.as_str()].tags.len() as u64));
    assert_eq!((read.public, read.stars), (Some(true), info.stars));
}

#[tokio::test]
async fn names_get_the_namespace_they_were_listed_without() {
    let pair = Pair::full().await;
    let walked = repositories(&*pair.backend).await.expect("a list");
    assert!(walked.names.contains(&"library/redis".to_owned()));
    assert_eq!(tags(&*pair.backend, "redis").await.expect("tags").names, ["2.6", "2.8", "2.8.19", "latest"]);
    assert_eq!(pair.asked("GET", "/v1/repositories/library/redis/tags"), 1);
}

#[tokio::test]
async fn a_server_without_a_search_lists_nothing_and_shows_what_is_named() {
    let pair = Pair::start(DockerV1Options { search: Search::Off, ..DockerV1Options::default() }).await;
    let error = repositories(&*pair.backend).await.expect_err("no search");
    assert_eq!(error.kind, ErrorKind::Unsupported);
    is_clear(&error, &["does not list", "Type a repository"]);
    let known = pair.backend.capabilities();
    assert_eq!((known.listing, known.listing_note.is_some()), (Support::No, true));
    assert_eq!(tags(&*pair.backend, REPO).await.expect("tags").names, ["1.0", "latest"]);
}

#[tokio::test]
async fn all_tags_come_and_damaged_ones_are_marked() {
    let pair = Pair::full().await;
    assert_eq!(tags(&*pair.backend, "ci/nightly").await.expect("tags").names.len(), 400);
    assert_eq!(tags(&*pair.backend, "attic/retired").await.expect("tags").names.len(), 0);
    let walked = tags(&*pair.backend, "attic/release-train").await.expect("tags");
    assert_eq!((walked.names, walked.invalid), (vec!["2014-week-50".to_owned()], vec!["2014+week+51".to_owned()]));
    let error = tags(&*pair.backend, "attic/nowhere").await.expect_err("nothing");
    assert_eq!(error.kind, ErrorKind::NotFound);
    is_clear(&error, &["Repository not found"]);
}

/// What the list says is not asked again; a list with cut ids says too little.
#[tokio::test]
async fn a_row_costs_a_request_at_most() {
    for (form, more) in [(TagForm::Map, 0), (TagForm::List, 2)] {
        let pair = Pair::start(DockerV1Options { tags: form, ..DockerV1Options::default() }).await;
        assert_eq!(tags(&*pair.backend, REPO).await.expect("tags").names, ["1.0", "latest"]);
        pair.server.clear_log();
        for name in ["1.0", "latest"] {
            let info = pair.backend.tag_info(&repo(REPO), &tag(name)).await.expect("a row");
            assert_eq!((&info.digest, info.size), (&image('c'), None));
            assert_eq!(info.created.map(|at| at.as_second()), Some(1_425_901_327));
            assert_eq!(info.platforms.iter().map(ToString::to_string).collect::<Vec<_>>(), ["linux/amd64"]);
        }
        assert_eq!(pair.server.log().len(), 1 + more, "two tags, one image");
    }
}

#[tokio::test]
async fn foreign_answers_do_no_harm() {
    let pair = Pair::start(DockerV1Options::default()).await;
    let page = |body: &str| Fault::Answer { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() };
    let strange = r#"{"num_pages":"many","results":[{"name":"acme/\u001b[2Jx"},{"name":7},{"name":"../../etc"},{"name":"a/b","star_count":"x"}]}"#;
    pair.server.faults().add(Rule::on("/v1/search", page(strange)));
    let walked = repositories(&*pair.backend).await.expect("a list");
    assert_eq!((walked.names, walked.invalid.len()), (vec!["a/b".to_owned()], 2));
    assert!(walked.invalid.iter().all(|text| !text.contains('\u{1b}')));
    pair.server.faults().clear();
    let odd = r#"{"ok":"x","-bad":"y","a b":null,"list":[]}"#;
    pair.server.faults().add(Rule::on("/tags", page(odd)));
    let walked = tags(&*pair.backend, REPO).await.expect("tags");
    assert_eq!((walked.names, walked.invalid.len()), (vec!["ok".to_owned()], 3));
}

#[tokio::test]
async fn what_it_can_do_is_told() {
    let pair = Pair::start(DockerV1Options::default()).await;
    let known = pair.backend.connect().await.expect("a registry");
    assert_eq!((known.delete, known.tag_delete), (DeleteSemantics::TagOnly, Support::Yes));
    assert_eq!((known.auth, known.referrers), (Some("none"), Support::No));
    for ability in [Ability::SetTag, Ability::DeleteRepositories, Ability::CreateRepository, Ability::Layers] {
        assert!(known.can(ability), "{ability:?}");
    }
    assert!(!known.can(Ability::DeleteImages) && !known.can(Ability::GeneratePassword));
    pair.server.store().tag(REPO, "null-note", &super::id('c'), no_value());
    pair.backend.image(&repo(REPO), &crate::support::walk::by_tag("null-note"), None).await.expect("an image");
}
