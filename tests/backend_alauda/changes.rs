use tagboat::backend::{Delivery, Sent, Settings};
use tagboat::demo::{Fault, Rule};
use tagboat::domain::change::{Change, Changed, Doomed, Form};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::registry::BackendKind;

use super::{options, owner, server, signed_in};
use crate::support::client::tag;
use crate::support::vendor::{Keys, client, count, name, profile};

fn form(repo: &str, description: Option<&str>, public: Option<bool>) -> Box<Form> {
    let mut form = Form::new(name(repo));
    form.description = description.map(str::to_owned);
    form.public = public;
    Box::new(form)
}

#[tokio::test]
async fn a_repository_is_made_edited_and_deleted() {
    let (server, backend) = signed_in(options()).await;
    let create = Change::Create(form("yunfan/web", Some("前端页面 👍"), Some(false)));
    assert_eq!(backend.change(&create).await.expect("made"), Changed::Confirmed);
    let info = backend.repository(&name("yunfan/web")).expect("read again");
    assert_eq!((info.public, info.description.as_ref().expect("a text").as_str()), (Some(false), "前端页面 👍"));
    let again = backend.change(&create).await.expect_err("there already");
    assert_eq!((again.kind, again.status, again.delivery), (ErrorKind::Refused, Some(409), Delivery::Answered));

    let mut more = form("yunfan/web", None, Some(true));
    more.full_description = Some("# 商店\n\n多行".to_owned());
    assert_eq!(backend.change(&Change::Edit(more)).await.expect("changed"), Changed::Confirmed);
    let put = server.log().into_iter().find(|sent| sent.method == "PUT").expect("one");
    assert_eq!(put.body, r##"{"full_description":"# 商店\n\n多行","is_public":true}"##);
    let kept = server.store().namespaces["yunfan"].repositories["web"].clone();
    assert_eq!((kept.description.as_str(), kept.is_public), ("前端页面 👍", true));
    let nothing = backend.change(&Change::Edit(form("yunfan/web", None, None))).await.expect_err("nothing to send");
    assert_eq!((nothing.kind, nothing.delivery), (ErrorKind::Forbidden, Delivery::NotSent));
    let unknown = backend.change(&Change::Edit(form("yunfan/no-such", Some("x"), None))).await.expect_err("unknown");
    assert_eq!(unknown.kind, ErrorKind::NotFound);

    let doomed = Doomed::Repositories(vec![name("yunfan/web")]);
    assert_eq!(backend.delete(&doomed).await.expect("deleted"), [Sent::Done]);
    assert_eq!(backend.delete(&doomed).await.expect("not there"), [Sent::Gone]);
    assert!(!server.store().namespaces["yunfan"].repositories.contains_key("web"));
    let two = Doomed::Repositories(vec![name("yunfan/cart"), name("yunfan/pay")]);
    assert_eq!(backend.delete(&two).await.expect_err("one at a time").kind, ErrorKind::Unsupported);
    assert_eq!(count(&server.log(), "DELETE"), 2);
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field() {
    let (server, backend) = signed_in(options()).await;
    let error = backend.change(&Change::Create(form("yunfan/Web", Some("x"), None))).await.expect_err("refused");
    assert_eq!((error.kind, error.status), (ErrorKind::Refused, Some(400)));
    let fields = error.fields.as_ref().expect("a field");
    assert_eq!((fields.0.len(), fields.0[0].0.as_str()), (1, "repo_name"));
    assert!(error.what.as_str().contains("repo_name: Lower-case letters"), "{error}");
    assert_eq!(count(&server.log(), "POST"), 2, "the token and this");
}

#[tokio::test]
async fn what_is_shown_afterwards_is_compared() {
    let (server, backend) = signed_in(options()).await;
    server.faults().add(
        Rule::on("/yunfan/cart", Fault::Answer { status: 200, headers: Vec::new(), body: Vec::new() }).method("PUT"),
    );
    let edit = Change::Edit(form("yunfan/cart", Some("手推车"), None));
    assert_eq!(backend.change(&edit).await.expect("taken, it said"), Changed::NotConfirmed);
    server.faults().clear();
    // An escape sequence is kept by the server and shown as what it is.
    let edit = Change::Edit(form("yunfan/cart", Some("a \u{1b}[31m b"), None));
    assert_eq!(backend.change(&edit).await.expect("changed"), Changed::Confirmed);
}

#[tokio::test]
async fn a_change_is_sent_once_whatever_comes_of_it() {
    for (fault, kind, delivery) in [
        (Fault::status(500), ErrorKind::Server, Delivery::Answered),
        (Fault::alauda_throttled(Some("0")), ErrorKind::RateLimited, Delivery::Answered),
        (Fault::html_error(503), ErrorKind::Server, Delivery::Answered),
        (Fault::LostAnswer, ErrorKind::Network, Delivery::Unanswered),
    ] {
        let (server, backend) = signed_in(options()).await;
        backend.connect().await.expect("signed in");
        server.clear_log();
        for method in ["POST", "PUT", "DELETE"] {
            server.faults().add(Rule::on("/repositories/", fault.clone()).method(method));
        }
        let cart = name("yunfan/cart");
        let errors = [
            backend.change(&Change::Create(form("yunfan/web", Some("x"), None))).await.expect_err("no"),
            backend.change(&Change::Edit(form("yunfan/cart", Some("x"), None))).await.expect_err("no"),
            backend.delete(&Doomed::Repositories(vec![cart.clone()])).await.expect_err("no"),
            backend.delete_tag(&cart, &tag("latest")).await.expect_err("no"),
        ];
        for error in errors {
            assert_eq!((error.kind, error.delivery), (kind, delivery), "{fault:?}: {error:?}");
        }
        let sent = ["POST", "PUT", "DELETE"].map(|method| count(&server.log(), method));
        assert_eq!(sent, [1, 1, 2], "{fault:?}");
    }
}

#[tokio::test]
async fn read_only_means_that_nothing_changes() {
    let server = server(options()).await;
    let profile = profile(BackendKind::Alauda, &server.url, Some("yunfan"));
    let settings = Settings { read_only: true, ..Settings::default() };
    let backend = client(&profile, &Keys::new(owner()), settings).expect("a client");
    backend.connect().await.expect("a sign-in changes nothing");
    let cart = name("yunfan/cart");
    for error in [
        backend.change(&Change::Create(form("yunfan/web", Some("x"), None))).await.expect_err("no"),
        backend.change(&Change::Edit(form("yunfan/cart", Some("x"), None))).await.expect_err("no"),
        backend.delete(&Doomed::Repositories(vec![cart.clone()])).await.expect_err("no"),
        backend.delete_tag(&cart, &tag("latest")).await.expect_err("no"),
    ] {
        assert_eq!((error.kind, error.delivery), (ErrorKind::Forbidden, Delivery::NotSent));
    }
    assert!(server.log().iter().all(|sent| sent.method == "GET" || sent.path.contains("generate-api-token")));
}
