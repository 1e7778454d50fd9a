use tagboat::backend::{Delivery, Settings};
use tagboat::demo::{Dialect, DockerCloudOptions, Fault, Rule};
use tagboat::domain::capability::{Ability, DeleteSemantics, Support};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::registry::BackendKind;
use tagboat::domain::repository::GroupFilter;
use tagboat::domain::secret::Credential;

use super::{KEY, open, options, server, signed_in};
use crate::support::client::{basic, tag};
use crate::support::vendor::{Keys, client, name, profile};
use crate::support::walk::repositories;

#[tokio::test]
async fn all_entries_come_with_what_the_list_says_of_them() {
    let (server, backend) = signed_in(options()).await;
    let caps = backend.connect().await.expect("signed in");
    assert_eq!((caps.delete, caps.tag_delete), (DeleteSemantics::Unsupported, Support::No));
    assert!(caps.can(Ability::OpenElsewhere) && caps.can(Ability::RepositoryCredentials) && !caps.can(Ability::SetTag));
    let walked = repositories(&*backend).await.expect("a list");
    let store = server.store().clone();
    let own = &store.namespaces["annika"].repositories;
    let wanted: Vec<&String> = own.keys().collect();
    assert_eq!(walked.names.iter().collect::<Vec<_>>(), wanted);
    assert!(walked.end.complete && walked.note().is_empty() && walked.invalid.is_empty());

    server.clear_log();
    for (key, entry) in own {
        let info = backend.repository(&name(key)).unwrap_or_else(|| panic!("{key} is known"));
        assert_eq!(info.in_use, Some(entry.in_use), "{key}");
        assert_eq!(info.description.is_some(), entry.more.contains_key("description"), "{key}");
        assert!(info.group.is_some() && info.elsewhere.is_some(), "{key}");
    }
    assert!(server.log().is_empty(), "nothing is asked for what the list said");
    let place = |key: &str| {
        let info = backend.repository(&name(key)).expect("known");
        let elsewhere = info.elsewhere.clone().expect("a place");
        (info.group.as_ref().expect("a group").to_string(), elsewhere.url, elsewhere.repository)
    };
    let at = |group: &str, url: &str, repository: &str| (group.to_owned(), url.to_owned(), repository.to_owned());
    assert_eq!(
        place("127.0.0.1:5001/team/checkout/api"),
        at("Harbourline builds (127.0.0.1)", "http://127.0.0.1:5001", "team/checkout/api")
    );
    assert_eq!(
        place("hub.northwind.example:8443/tracking/api"),
        at("Northwind shipping (hub.northwind.example)", "https://hub.northwind.example:8443", "tracking/api")
    );
    let hub = at("Docker Hub (registry-1.docker.io)", "https://registry-1.docker.io", "harbourline/hubot");
    assert_eq!(place("harbourline/hubot"), hub);
    assert!(backend.capabilities().listing == Support::Yes);
}

#[tokio::test]
async fn every_dialect_is_understood() {
    let plain = Dialect::default();
    for dialect in [
        Dialect { only_keys: true, ..plain },
        Dialect { unknown_fields: true, tutum: true, ..plain },
        Dialect { null_ports: true, ..plain },
    ] {
        let (_server, backend) = signed_in(DockerCloudOptions { dialect, ..options() }).await;
        let walked = repositories(&*backend).await.expect("a list");
        assert_eq!((walked.names.len(), walked.end.complete), (61, true), "{dialect:?}");
        let info = backend.repository(&name("buildbox.local:5000/scratch")).expect("known");
        let place = info.elsewhere.clone().expect("a place");
        // Without its object nobody knows that it speaks plain http.
        let scheme = if dialect.only_keys { "https" } else { "http" };
        assert_eq!(place.url, format!("{scheme}://buildbox.local:5000"), "{dialect:?}");
        assert_eq!(info.in_use.is_some(), !dialect.only_keys);
    }
}

#[tokio::test]
async fn one_entry_is_read_with_everything_there_is() {
    let (server, backend) = signed_in(options()).await;
    let full = {
        let store = server.store();
        let entries = &store.namespaces["annika"].repositories;
        entries.iter().find(|(_, entry)| entry.more.contains_key("tags")).expect("one").0.clone()
    };
    let info = backend.read_repository(&name(&full)).await.expect("an entry");
    assert!(info.raw.as_ref().is_some_and(|raw| raw.contains("star_count")));
    assert_eq!((info.tags, info.public), (Some(2), Some(false)));
    assert!(info.more.iter().any(|(name, value)| name.as_str() == "tags" && value.as_str() == "latest, v1.2"));
    assert!(info.elsewhere.is_some(), "its registry was read with it");
    let error = backend.read_repository(&name("quay.io/no/such")).await.expect_err("unknown");
    assert_eq!((error.kind, error.status), (ErrorKind::NotFound, Some(404)));
    assert!(error.what.as_str().contains("There is no such repository"), "{error}");
}

#[tokio::test]
async fn registries_are_listed_filtered_and_shown() {
    let (server, backend) = signed_in(options()).await;
    let all = backend.groups(&GroupFilter::default()).await.expect("a list");
    assert_eq!(all.len(), 8);
    let hosts = async |filter: GroupFilter| {
        let groups = backend.groups(&filter).await.expect("a list");
        groups.iter().map(|group| group.host.to_string()).collect::<Vec<_>>()
    };
    let text = |text: &str| Some(text.to_owned());
    let uuid = server.store().namespaces["annika"].registries["gcr.io"].uuid.clone();
    for (filter, host) in [
        (GroupFilter { uuid: Some(uuid), ..GroupFilter::default() }, "gcr.io"),
        (GroupFilter { name: text("Build machine under the desk"), ..GroupFilter::default() }, "buildbox.local"),
        (GroupFilter { host: text("quay.io"), official: Some(false), ..GroupFilter::default() }, "quay.io"),
        (GroupFilter { official: Some(true), ..GroupFilter::default() }, "registry-1.docker.io"),
    ] {
        assert_eq!(hosts(filter).await, [host]);
    }
    let one = backend.group("hub.northwind.example").await.expect("a registry");
    assert_eq!((one.port, one.encrypted, one.official), (Some(8443), true, false));
    assert!(one.raw.as_ref().is_some_and(|raw| raw.contains("resource_uri")));
    assert_eq!(backend.group("nowhere.example").await.expect_err("none").kind, ErrorKind::NotFound);
    for bad in ["../../admin", "a/b/../..", "a?b", ""] {
        let error = backend.group(bad).await.expect_err("not sent");
        assert_eq!((error.kind, error.delivery), (ErrorKind::Forbidden, Delivery::NotSent), "{bad}");
    }
}

#[tokio::test]
async fn a_namespace_goes_into_every_path() {
    let server = server(options()).await;
    let backend = open(&server, basic("annika", KEY), Some("harbourline"));
    let walked = repositories(&*backend).await.expect("a list");
    assert_eq!(walked.names.len(), 6);
    backend.read_repository(&name("quay.io/coreos/etcd")).await.expect("an entry");
    assert!(server.log().iter().all(|sent| sent.path.starts_with("/api/repo/v1/harbourline/")));
    let stranger = open(&server, basic("annika", KEY), Some("strangers"));
    assert_eq!(stranger.connect().await.expect_err("not ours").kind, ErrorKind::Denied);
    for bad in ["registry", "repository", "../x", "a/b", "a b"] {
        let profile = profile(BackendKind::DockerCloud, &server.url, Some(bad));
        let error = client(&profile, &Keys::default(), Settings::default()).err().expect("no client");
        assert_eq!(error.kind, ErrorKind::Config, "{bad}");
    }
}

#[tokio::test]
async fn it_has_no_tags_and_no_images() {
    let (server, backend) = signed_in(options()).await;
    let repo = name("quay.io/tutum/ubuntu");
    let (sender, _receiver) = tokio::sync::mpsc::channel(1);
    assert_eq!(backend.tags(&repo, sender).await.expect_err("none").kind, ErrorKind::Unsupported);
    assert_eq!(backend.tag_info(&repo, &tag("latest")).await.expect_err("none").kind, ErrorKind::Unsupported);
    assert_eq!(backend.delete_tag(&repo, &tag("latest")).await.expect_err("none").kind, ErrorKind::Unsupported);
    assert!(server.log().is_empty());
}

#[tokio::test]
async fn entries_that_are_no_names_are_shown_and_never_sent() {
    let (server, backend) = signed_in(options()).await;
    let body = r#"{"meta":{"limit":25,"offset":0,"total_count":4,"next":""},
        "objects":[{"name":"quay.io/../etc"},{"name":"quay.io/a"},{"name":7},"x"]}"#;
    let fault = Fault::Answer { status: 200, headers: Vec::new(), body: body.into() };
    server.faults().add(Rule::on("/repository/", fault));
    let walked = repositories(&*backend).await.expect("a list");
    assert_eq!((walked.names, walked.invalid), (vec!["quay.io/a".to_owned()], vec!["quay.io/../etc".to_owned()]));
    assert_eq!((walked.end.complete, walked.end.note.expect("a note").as_str()), (true, "2 entries skipped"));
}

#[tokio::test]
async fn without_a_key_one_has_to_sign_in() {
    let server = server(options()).await;
    let backend = open(&server, Credential::Anonymous, None);
    let error = backend.connect().await.expect_err("a key is needed");
    assert_eq!((error.kind, error.status), (ErrorKind::SignIn, Some(401)));
    let role = DockerCloudOptions { role: Some("Role cm9sZQ==".into()), ..options() };
    let server = super::server(role).await;
    let ready = open(&server, Credential::RegistryToken("Role cm9sZQ==".into()), None);
    ready.connect().await.expect("a ready-made value is sent as it is");
}
