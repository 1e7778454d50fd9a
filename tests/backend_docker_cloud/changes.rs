use tagboat::backend::{Backend, Delivery, Sent, Settings};
use tagboat::demo::{DockerCloudOptions, Fault, Login, Rule};
use tagboat::domain::change::{Change, Changed, Doomed, Form};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::registry::BackendKind;

use super::{KEY, entry, options, server, signed_in};
use crate::support::client::basic;
use crate::support::vendor::{Keys, assert_unsaid, client, count, name, profile};

const NEW: &str = "registry.example:5443/tools/new";
const SECRET: &str = "s3cret-of-robot";

fn create(repo: &str, username: Option<&str>, password: Option<&str>) -> Change {
    let mut form = Form::new(name(repo));
    form.username = username.map(str::to_owned);
    form.password = password.map(Into::into);
    Change::Create(Box::new(form))
}

fn login(repo: &str, username: Option<&str>, password: Option<&str>) -> Change {
    Change::Credentials { repo: name(repo), username: username.map(str::to_owned), password: password.map(Into::into) }
}

async fn remove(backend: &dyn Backend, repo: &str) -> Result<Vec<Sent>, tagboat::backend::Error> {
    backend.delete(&Doomed::Repositories(vec![name(repo)])).await
}

#[tokio::test]
async fn an_entry_is_added_and_read_again() {
    let (server, backend) = signed_in(options()).await;
    let made = backend.change(&create(NEW, Some("robot"), Some(SECRET))).await.expect("added");
    assert_eq!(made, Changed::Confirmed);
    {
        let store = server.store();
        let kept = store.namespaces["annika"].repositories[NEW].login.clone();
        assert!(kept.expect("a login").is("robot", SECRET));
    }
    let info = backend.repository(&name(NEW)).expect("read again");
    assert_eq!(info.elsewhere.clone().expect("a place").url, "https://registry.example:5443");
    let notices = backend.notices();
    assert!(notices.iter().any(|notice| notice.as_str().contains("/api/audit/v1/action/")), "{notices:?}");

    let again = backend.change(&create(NEW, None, None)).await.expect_err("there already");
    assert_eq!((again.kind, again.status, again.delivery), (ErrorKind::Refused, Some(409), Delivery::Answered));
    assert!(again.report().hint.as_str().contains("already in the list"));
    assert_eq!(count(&server.log(), "POST"), 2);
    backend.change(&create("quay.io/public/one", None, None)).await.expect("without a login");
    assert!(server.store().namespaces["annika"].repositories["quay.io/public/one"].login.is_none());
    let bodies: Vec<String> =
        server.log().into_iter().filter(|sent| sent.method == "POST").map(|sent| sent.body).collect();
    assert_eq!(bodies[2], r#"{"name":"quay.io/public/one"}"#);
}

#[tokio::test]
async fn a_login_is_changed_in_parts_and_what_is_wrong_is_said() {
    let (server, backend) = signed_in(options()).await;
    let repo = "quay.io/tutum/ubuntu";
    let changed = backend.change(&login(repo, Some("robot"), Some(SECRET))).await.expect("changed");
    assert_eq!(changed, Changed::Confirmed);
    backend.change(&login(repo, None, Some("another-one"))).await.expect("changed");
    {
        let mut store = server.store();
        let own = store.namespaces.get_mut("annika").expect("a namespace");
        assert!(own.repositories[repo].login.as_ref().is_some_and(|login| login.is("robot", "another-one")));
        own.registries.get_mut("quay.io").expect("quay").takes = Some(Login::new("robot", "right"));
    }
    let error = backend.change(&login(repo, None, Some("wrong-one"))).await.expect_err("refused");
    assert_eq!((error.kind, error.status), (ErrorKind::Refused, Some(400)));
    assert!(error.what.as_str().contains("does not accept this user name and password"), "{error}");
    assert_unsaid(&format!("{error:?} {error} {:?}", error.report()), &["wrong-one", SECRET, KEY]);
    let nothing = backend.change(&login(repo, None, None)).await.expect_err("nothing to send");
    assert_eq!((nothing.kind, nothing.delivery), (ErrorKind::Forbidden, Delivery::NotSent));
    let sent: Vec<String> =
        server.log().into_iter().filter(|sent| sent.method == "PATCH").map(|sent| sent.body).collect();
    assert_eq!(sent[1..], [r#"{"password":"another-one"}"#, r#"{"password":"wrong-one"}"#]);
    let unknown = backend.change(&login("quay.io/no/such", None, Some("x"))).await.expect_err("unknown");
    assert_eq!((unknown.kind, count(&server.log(), "PATCH")), (ErrorKind::NotFound, 3));
}

#[tokio::test]
async fn an_entry_is_removed_and_one_in_use_is_not() {
    let (server, backend) = signed_in(options()).await;
    let (free, used) = (entry(&server, false), entry(&server, true));
    assert_eq!(remove(&*backend, &free).await.expect("removed"), [Sent::Done]);
    assert!(!server.store().namespaces["annika"].repositories.contains_key(&free));
    assert_eq!(remove(&*backend, &free).await.expect("nothing there"), [Sent::Gone]);
    assert_eq!(remove(&*backend, "quay.io/no/such").await.expect("nothing there"), [Sent::Gone]);
    let error = remove(&*backend, &used).await.expect_err("in use");
    assert_eq!((error.kind, error.status, error.delivery), (ErrorKind::Refused, Some(409), Delivery::Answered));
    assert!(error.report().hint.as_str().contains("service"), "{error:?}");
    let (lenient, other) = signed_in(DockerCloudOptions { removes_used: true, ..options() }).await;
    assert_eq!(remove(&*other, &used).await.expect("removed"), [Sent::Done]);
    assert!(!lenient.store().namespaces["annika"].repositories.contains_key(&used));
    let two = Doomed::Repositories(vec![name(&free), name(&used)]);
    assert_eq!(
        (backend.batch(), backend.delete(&two).await.expect_err("one at a time").kind),
        (1, ErrorKind::Unsupported)
    );
}

#[tokio::test]
async fn a_change_is_sent_once_whatever_comes_of_it() {
    for (fault, kind, delivery) in [
        (Fault::status(500), ErrorKind::Server, Delivery::Answered),
        (Fault::cloud_throttled(Some("0")), ErrorKind::RateLimited, Delivery::Answered),
        (Fault::html_error(503), ErrorKind::Server, Delivery::Answered),
        (Fault::LostAnswer, ErrorKind::Network, Delivery::Unanswered),
    ] {
        let (server, backend) = signed_in(options()).await;
        for method in ["POST", "PATCH", "DELETE"] {
            server.faults().add(Rule::on("/repository/", fault.clone()).method(method));
        }
        let free = entry(&server, false);
        let errors = [
            backend.change(&create(NEW, None, None)).await.expect_err("no"),
            backend.change(&login(&free, Some("robot"), None)).await.expect_err("no"),
            remove(&*backend, &free).await.expect_err("no"),
        ];
        for error in errors {
            assert_eq!((error.kind, error.delivery), (kind, delivery), "{fault:?}: {error:?}");
        }
        for method in ["POST", "PATCH", "DELETE"] {
            assert_eq!(count(&server.log(), method), 1, "{fault:?} {method}");
        }
    }
}

/// Whatever its answer looks like: what was taken was taken.
#[tokio::test]
async fn a_change_with_a_strange_answer_is_looked_at_again() {
    let (server, backend) = signed_in(options()).await;
    server.faults().add(Rule::on("/repository/", Fault::Truncate(10)).method("PATCH"));
    let changed = backend.change(&login("quay.io/tutum/ubuntu", Some("robot"), None)).await;
    match changed {
        Ok(changed) => assert_eq!(changed, Changed::Confirmed),
        Err(error) => assert_eq!(error.delivery, Delivery::Unanswered, "{error:?}"),
    }
    assert_eq!(count(&server.log(), "PATCH"), 1);
    let fault = Fault::Answer { status: 201, headers: Vec::new(), body: Vec::new() };
    server.faults().add(Rule::on("/repository/", fault).method("POST"));
    let lost = backend.change(&create(NEW, None, None)).await.expect("taken, it said");
    assert_eq!(lost, Changed::NotConfirmed);
}

#[tokio::test]
async fn only_a_path_of_its_own_is_followed() {
    for uri in ["https://evil.example/api/repo/v1/repository/x/", "/api/../admin/", "//evil.example/x/", "/api/x/?a=/"]
    {
        let (server, backend) = signed_in(options()).await;
        let body = format!(r#"{{"name":"quay.io/tutum/ubuntu","resource_uri":"{uri}"}}"#);
        let fault = Fault::Answer { status: 200, headers: Vec::new(), body: body.into() };
        server.faults().add(Rule::on("/repository/quay.io", fault).method("GET"));
        for error in [
            backend.change(&login("quay.io/tutum/ubuntu", Some("x"), None)).await.expect_err("not followed"),
            remove(&*backend, "quay.io/tutum/ubuntu").await.expect_err("not followed"),
        ] {
            assert_eq!((error.kind, error.delivery), (ErrorKind::Forbidden, Delivery::NotSent), "{uri}");
        }
        assert_eq!(count(&server.log(), "PATCH") + count(&server.log(), "DELETE"), 0);
    }
}

#[tokio::test]
async fn read_only_means_that_nothing_changes() {
    let server = server(options()).await;
    let profile = profile(BackendKind::DockerCloud, &server.url, None);
    let settings = Settings { read_only: true, ..Settings::default() };
    let backend = client(&profile, &Keys::new(basic("annika", KEY)), settings).expect("a client");
    let free = entry(&server, false);
    for error in [
        backend.change(&create(NEW, None, None)).await.expect_err("no"),
        backend.change(&login(&free, Some("x"), None)).await.expect_err("no"),
        remove(&*backend, &free).await.expect_err("no"),
    ] {
        assert_eq!((error.kind, error.delivery), (ErrorKind::Forbidden, Delivery::NotSent));
    }
    assert!(server.log().iter().all(|sent| sent.method == "GET"));
}
