use tagboat::backend::Sent;
use tagboat::demo::{AlaudaOptions, Fault, Rule};
use tagboat::domain::capability::{DeleteSemantics, Support};
use tagboat::domain::change::Doomed;
use tagboat::domain::error::ErrorKind;
use tagboat::domain::page::Listed;
use tagboat::domain::reference::{Digest, TagName};

use super::{options, signed_in};
use crate::support::client::tag;
use crate::support::vendor::{count, name};
use crate::support::walk::by_tag;

async fn tags(backend: &dyn tagboat::backend::Backend, repo: &str) -> Result<Vec<String>, tagboat::backend::Error> {
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<Vec<Listed<TagName>>>(4);
    let repo = name(repo);
    let gather = async {
        let mut names = Vec::new();
        while let Some(page) = receiver.recv().await {
            names.extend(page.into_iter().map(|entry| format!("{entry:?}")));
        }
        names
    };
    let (end, names) = tokio::join!(backend.tags(&repo, sender), gather);
    end.map(|end| {
        assert!(end.complete && end.note.is_none(), "{end:?}");
        names
    })
}

#[tokio::test]
async fn tags_come_with_the_image_they_are_on() {
    let (server, backend) = signed_in(options()).await;
    assert_eq!(tags(&*backend, "yunfan/nightly").await.expect("a list").len(), 300);
    assert!(tags(&*backend, "yunfan/new-project").await.expect("a list").is_empty());
    let kept = server.store().namespaces["yunfan"].repositories["nightly"].tags.clone();
    server.clear_log();
    for it in &kept {
        let info = backend.tag_info(&name("yunfan/nightly"), &tag(&it.tag)).await.expect("a row");
        assert_eq!(info.digest, Digest::image_id(&it.image_id).expect("an id"));
        assert!(!info.digest.is_of_content());
    }
    assert!(server.log().is_empty(), "the list said it");
    assert_eq!(tags(&*backend, "yunfan/no-such").await.expect_err("unknown").kind, ErrorKind::NotFound);

    let odd = r#"[{"tag":"a","image_id":""},{"tag":"b"},{"tag":"c","image_id":null}]"#;
    let fault = Fault::Answer { status: 200, headers: Vec::new(), body: odd.into() };
    server.faults().add(Rule::on("/cart/tags", fault));
    assert_eq!(tags(&*backend, "yunfan/cart").await.expect("a list").len(), 3);
    let digest =
        async |text: &str| backend.tag_info(&name("yunfan/cart"), &tag(text)).await.expect("a row").digest.clone();
    assert_ne!(digest("a").await, digest("b").await);
}

#[tokio::test]
async fn a_tag_is_always_asked_what_it_is_on_now() {
    let (server, backend) = signed_in(options()).await;
    let cart = name("yunfan/cart");
    let before = backend.resolve(&cart, &by_tag("latest")).await.expect("a tag").digest;
    let other = "ab".repeat(32);
    {
        let mut store = server.store();
        let it = store.namespaces.get_mut("yunfan").and_then(|n| n.repositories.get_mut("cart")).expect("a cart");
        it.tags[0].image_id.clone_from(&other);
    }
    let after = backend.resolve(&cart, &by_tag("latest")).await.expect("a tag").digest;
    assert_ne!(before, after);
    assert_eq!(after.as_image_id(), Some(other.as_str()));
    let error = backend.resolve(&cart, &by_tag("none")).await.expect_err("no tag");
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_tag_is_deleted_and_nothing_else() {
    let (server, backend) = signed_in(options()).await;
    let before = server.store().clone();
    let cart = name("yunfan/cart");
    assert_eq!(backend.delete_tag(&cart, &tag("latest")).await.expect("deleted"), Sent::Done);
    assert_eq!(backend.delete_tag(&cart, &tag("latest")).await.expect("not there"), Sent::Gone);
    let doomed = Doomed::Tags(cart.clone(), vec![tag("1.1.0")]);
    assert_eq!(backend.delete(&doomed).await.expect("deleted"), [Sent::Done]);
    let mut wanted = before;
    let it = wanted.namespaces.get_mut("yunfan").and_then(|n| n.repositories.get_mut("cart")).expect("a cart");
    it.tags.retain(|tag| !["latest", "1.1.0"].contains(&tag.tag.as_str()));
    assert!(*server.store() == wanted);
    assert_eq!(count(&server.log(), "DELETE"), 3);
}

/// An older edition has no such call, and says so in one of two ways.
#[tokio::test]
async fn a_server_without_the_call_is_found_out() {
    let cart = name("yunfan/cart");
    for hidden in [false, true] {
        let (server, backend) = signed_in(AlaudaOptions { deletes_tags: hidden, ..options() }).await;
        if hidden {
            server.faults().add(Rule::on("/tags/latest", Fault::status(404)).method("DELETE"));
        }
        let error = backend.delete_tag(&cart, &tag("latest")).await.expect_err("not offered");
        assert_eq!(error.kind, ErrorKind::Unsupported, "{error:?}");
        assert!(error.report().hint.as_str().contains("older edition"));
        let caps = backend.capabilities();
        assert_eq!((caps.delete, caps.tag_delete), (DeleteSemantics::Unsupported, Support::No));
    }
}
