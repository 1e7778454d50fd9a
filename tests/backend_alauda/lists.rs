use tagboat::demo::{AlaudaOptions, AlaudaStore, Fault, Rule, start_alauda};
use tagboat::domain::capability::{Ability, DeleteSemantics, Support};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::registry::BackendKind;

use super::{open, options, owner, server, signed_in};
use crate::support::vendor::{Keys, client, name, profile};
use crate::support::walk::repositories;

#[tokio::test]
async fn all_repositories_come_with_what_the_list_says_of_them() {
    let (server, backend) = signed_in(options()).await;
    let caps = backend.connect().await.expect("signed in");
    assert_eq!((caps.delete, caps.tag_delete), (DeleteSemantics::TagOnly, Support::Yes));
    assert!(caps.can(Ability::EditRepository) && caps.can(Ability::Scopes) && !caps.can(Ability::SetTag));
    let walked = repositories(&*backend).await.expect("a list");
    let store = server.store().clone();
    let company = &store.namespaces["yunfan"].repositories;
    let wanted: Vec<String> = company.keys().map(|repo| format!("yunfan/{repo}")).collect();
    assert_eq!((walked.names, walked.end.complete), (wanted, true));
    server.clear_log();
    for (repo, it) in company {
        let info = backend.repository(&name(&format!("yunfan/{repo}"))).expect("known");
        assert_eq!((info.public, info.automated), (Some(it.is_public), Some(it.is_automated())), "{repo}");
        assert_eq!((info.stars, info.pulls, info.pushes), (Some(it.stars), Some(it.download), Some(it.upload)));
        let text = |time: &Option<String>| time.as_ref().map(|time| time.parse().expect("a time"));
        assert_eq!((info.pulled, info.pushed), (text(&it.pulled_at), text(&it.pushed_at)), "{repo}");
        assert!(info.created.is_some() && info.updated.is_some());
        let shown = info.description.as_ref().map_or("", |text| text.as_str());
        assert!(!shown.contains('\u{1b}'));
        assert!(repo == "elk" || shown == it.description, "{shown}");
    }
    assert!(server.log().is_empty(), "nothing is asked for what the list said");
}

#[tokio::test]
async fn one_repository_says_more() {
    let (_server, backend) = signed_in(options()).await;
    let built = backend.read_repository(&name("yunfan/order-api")).await.expect("a repository");
    assert_eq!(built.automated, Some(true));
    assert!(built.more.iter().any(|(name, value)| name.as_str() == "built from" && value.as_str().contains("OSChina")));
    assert!(built.raw.as_ref().is_some_and(|raw| raw.contains("build_config")));
    assert!(built.full_description.as_ref().is_none_or(|text| text.as_str().contains('\n')));
    let error = backend.read_repository(&name("yunfan/no-such")).await.expect_err("unknown");
    assert_eq!((error.kind, error.status), (ErrorKind::NotFound, Some(404)));
    for bad in ["cart", "yunfan/a/b"] {
        assert_eq!(backend.read_repository(&name(bad)).await.expect_err("no such name").kind, ErrorKind::Forbidden);
    }
}

#[tokio::test]
async fn namespaces_are_the_user_and_the_organisations() {
    let (server, backend) = signed_in(options()).await;
    let scopes = backend.scopes().await.expect("namespaces");
    let ids: Vec<&str> = scopes.iter().map(|scope| scope.id.as_str()).collect();
    assert_eq!(ids, ["yunfan", "empty-handed", "kaiyuan", "yunfan-labs"]);
    let company = scopes[3].more.iter().find(|(name, _)| name.as_str() == "company").expect("a company");
    assert_eq!(company.1.as_str(), "云帆科技有限公司 · 实验室");
    for (scope, count) in [("kaiyuan", 2), ("empty-handed", 0), ("yunfan-labs", 5)] {
        let walked = repositories(&*open(&server, owner(), Some(scope))).await.expect("a list");
        assert_eq!((walked.names.len(), walked.end.complete), (count, true), "{scope}");
    }
    let foreign = open(&server, owner(), Some("madams"));
    assert_eq!(repositories(&*foreign).await.expect_err("not ours").kind, ErrorKind::Denied);
    let unknown = open(&server, owner(), Some("nobody"));
    assert_eq!(repositories(&*unknown).await.expect_err("not there").kind, ErrorKind::NotFound);
    for bad in ["../x", "a/b", "..", "a b"] {
        let profile = profile(BackendKind::Alauda, &server.url, Some(bad));
        let error = client(&profile, &Keys::default(), Default::default()).err().expect("no client");
        assert_eq!(error.kind, ErrorKind::Config, "{bad}");
    }

    let empty = start_alauda(AlaudaStore::default(), options()).await.expect("a port");
    let alone = open(&empty, owner(), None);
    assert_eq!(alone.scopes().await.expect("one").len(), 1);
    assert!(repositories(&*alone).await.expect("a list").names.is_empty());
}

#[tokio::test]
async fn the_address_may_be_written_with_its_version() {
    let server = server(options()).await;
    for end in ["", "/", "/v1", "/v1/"] {
        let profile = profile(BackendKind::Alauda, &format!("{}{end}", server.url), Some("yunfan"));
        let backend = client(&profile, &Keys::new(owner()), Default::default()).expect("a client");
        assert_eq!(repositories(&*backend).await.expect("a list").names.len(), 23, "{end}");
    }
}

#[tokio::test]
async fn lists_of_other_shapes_are_read() {
    let (_server, bare) = signed_in(AlaudaOptions { bare_lists: true, ..options() }).await;
    assert_eq!(repositories(&*bare).await.expect("a list").names.len(), 23);
    let (_server, miscounted) = signed_in(AlaudaOptions { count: Some(3), page_size: 7, ..options() }).await;
    let walked = repositories(&*miscounted).await.expect("a list");
    assert_eq!((walked.names.len(), walked.end.complete, walked.note()), (23, true, "the server counts 3"));

    // The next page is gone when it is asked for: somebody deleted meanwhile.
    let (server, shrunk) = signed_in(options()).await;
    server.faults().add(Rule::on("page=2", Fault::status(404)));
    let walked = repositories(&*shrunk).await.expect("a list");
    assert_eq!((walked.names.len(), walked.end.complete), (20, true));

    let (server, odd) = signed_in(options()).await;
    let body = r#"{"count":4,"next":null,"results":[{"repo_name":"a/b"},{"repo_name":"ok"},{"repo_name":null},7]}"#;
    let fault = Fault::Answer { status: 200, headers: Vec::new(), body: body.into() };
    server.faults().add(Rule::on("/repositories/", fault));
    let walked = repositories(&*odd).await.expect("a list");
    assert_eq!((walked.names, walked.invalid), (vec!["yunfan/ok".to_owned()], vec!["yunfan/a/b".to_owned()]));

    let (server, endless) = signed_in(options()).await;
    let body = r#"{"count":1,"next":"http://elsewhere.example/?page=2","results":[{"repo_name":"a"}]}"#;
    let fault = Fault::Answer { status: 200, headers: Vec::new(), body: body.into() };
    server.faults().add(Rule::on("/repositories/", fault));
    let walked = repositories(&*endless).await.expect("a list");
    assert_eq!((walked.names.len(), walked.end.complete), (1, false), "{}", walked.note());
}
