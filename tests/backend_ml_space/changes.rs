use serde_json::json;
use tagboat::backend::Settings;
use tagboat::demo::{Fault, Rule};
use tagboat::domain::change::{Change, Changed, Form};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::reference::Digest;

use super::{PALETTE, Pair, TRAINER, answer, bodies, is_clear, server};
use crate::support::client::{repo, tag};
use crate::support::walk::{by_tag, tags};

fn recolour(name: &str, colour: Option<&str>) -> Change {
    Change::Recolour { repo: repo(TRAINER), tag: tag(name), colour: colour.map(str::to_owned) }
}

fn set_tag(pair: &Pair, name: &str, colour: Option<&str>) -> Change {
    let image = Digest::parse(&pair.repository(TRAINER).images[0].digest).expect("a digest");
    Change::SetTag { repo: repo(TRAINER), tag: tag(name), image, colour: colour.map(str::to_owned) }
}

fn colour_of(pair: &Pair, name: &str) -> Option<String> {
    let tags = pair.repository(TRAINER).images[0].tags.clone();
    tags.into_iter().find(|tag| tag.name == name).expect("a tag").color
}

#[tokio::test]
async fn a_tag_is_set_with_its_colour_and_recoloured() {
    let pair = Pair::start().await;
    for (name, colour, want) in [
        ("blue", Some("#2e86c1"), Some("#2E86C1")),
        ("bare", None, None),
        ("free", Some("as it likes"), Some("as it likes")),
    ] {
        assert_eq!(pair.backend.change(&set_tag(&pair, name, colour)).await.expect("taken"), Changed::Confirmed);
        assert_eq!(colour_of(&pair, name).as_deref(), want);
        let facts = pair.backend.tag(&repo(TRAINER), &tag(name)).expect("a row");
        assert_eq!(facts.colour_text.as_ref().map(|text| text.as_str()), want);
    }
    assert_eq!(pair.backend.change(&recolour("blue", Some("Teal"))).await.expect("taken"), Changed::Confirmed);
    assert_eq!(colour_of(&pair, "blue").as_deref(), Some("#008080"));
    assert_eq!(pair.backend.change(&recolour("blue", None)).await.expect("taken"), Changed::Confirmed);
    assert_eq!(colour_of(&pair, "blue"), None);
    assert_eq!(bodies(&pair.asked("PUT", "/tags/")), [json!({"color": "#008080"}), json!({"color": null})]);
    pair.server.clear_log();
    let facts = pair.backend.tag(&repo(TRAINER), &tag("blue")).expect("a row");
    assert_eq!((facts.colour, &facts.colour_text, pair.server.log().len()), (None, &None, 0), "the row knows");
}

#[tokio::test]
async fn a_tag_moves_and_a_doubled_one_is_refused() {
    let pair = Pair::start().await;
    let two =
        pair.workspace().repositories.iter().find(|it| it.images.len() > 1 && !it.images[0].tags.is_empty()).cloned();
    let two = two.expect("two images");
    let name = two.images[0].tags[0].name.clone();
    let image = Digest::parse(&two.images[1].digest).expect("a digest");
    let change = Change::SetTag { repo: repo(&two.name), tag: tag(&name), image: image.clone(), colour: None };
    assert_eq!(pair.backend.change(&change).await.expect("taken"), Changed::Confirmed);
    assert_eq!(pair.backend.resolve(&repo(&two.name), &by_tag(&name)).await.expect("there").digest, image);
    let error = pair.backend.change(&change).await.expect_err("it is there");
    is_clear(&error, ErrorKind::Refused, &["409", "already exists"]);
}

#[tokio::test]
async fn a_favourite_is_kept_by_the_server() {
    let pair = Pair::start().await;
    for on in [true, true, false] {
        let change = Change::Favourite { repo: repo(TRAINER), on };
        assert_eq!(pair.backend.change(&change).await.expect("taken"), Changed::Confirmed);
        assert_eq!(pair.repository(TRAINER).favorite, on);
        assert_eq!(pair.backend.repository(&repo(TRAINER)).expect("facts").favourite, Some(on));
    }
}

#[tokio::test]
async fn of_a_form_only_what_was_touched_is_sent() {
    let pair = Pair::start().await;
    let edit = |form: Form| Change::Edit(Box::new(form));
    let form = || Form::new(repo(TRAINER));
    let labels =
        Form { labels_added: vec!["новый".to_owned()], labels_removed: vec!["a100".to_owned()], ..form() };
    assert_eq!(pair.backend.change(&edit(labels)).await.expect("taken"), Changed::Confirmed);
    let described = Form { description: Some("Обучение\nпо инструкциям".to_owned()), ..form() };
    assert_eq!(pair.backend.change(&edit(described)).await.expect("taken"), Changed::Confirmed);
    let cleared = Form { description: Some(String::new()), ..form() };
    assert_eq!(pair.backend.change(&edit(cleared)).await.expect("taken"), Changed::Confirmed);
    let want = [
        json!({"labels": ["новый"], "labels_to_delete": ["a100"]}),
        json!({"description": "Обучение\nпо инструкциям"}),
        json!({"description": null}),
    ];
    assert_eq!(bodies(&pair.asked("PUT", "/repositories/")), want);
    let now = pair.repository(TRAINER);
    let labels = now.labels.expect("labels");
    assert!(labels.contains(&"новый".to_owned()) && !labels.contains(&"a100".to_owned()) && now.description.is_none());
    pair.server.clear_log();
    let error = pair.backend.change(&edit(form())).await.expect_err("nothing to do");
    assert_eq!((error.kind, pair.asked("PUT", "").len()), (ErrorKind::Forbidden, 0));
}

/// Taken, and not seen afterwards: said so, and never sent again.
#[tokio::test]
async fn a_change_that_is_not_seen_afterwards_is_not_repeated() {
    let pair = Pair::start().await;
    tags(&*pair.backend, TRAINER).await.expect("tags");
    pair.server.switches().forgets_writes = true;
    let described = Form { description: Some("x".to_owned()), ..Form::new(repo(TRAINER)) };
    let labelled = Form { labels_added: vec!["x".to_owned()], ..Form::new(repo(TRAINER)) };
    for change in [
        set_tag(&pair, "lost", None),
        recolour("latest", Some("#000000")),
        Change::Favourite { repo: repo(TRAINER), on: true },
        Change::Edit(Box::new(described)),
        Change::Edit(Box::new(labelled)),
    ] {
        pair.server.clear_log();
        assert_eq!(pair.backend.change(&change).await.expect("taken"), Changed::NotConfirmed, "{change:?}");
        assert_eq!(pair.server.log().iter().filter(|seen| seen.method != "GET").count(), 1, "{change:?}");
    }
}

#[tokio::test]
async fn what_the_server_says_of_a_field_is_kept_with_the_field() {
    let pair = Pair::start().await;
    let said = r#"{"detail":[{"loc":["body","color"],"msg":"Input should be\u001b[31m short","type":"x"}]}"#;
    pair.fault("/tags/", answer(422, said));
    let error = pair.backend.change(&set_tag(&pair, "x", Some("#000000"))).await.expect_err("refused");
    is_clear(&error, ErrorKind::Refused, &["422", "color: Input should be"]);
    let fields = error.fields.as_ref().expect("fields");
    assert_eq!(fields.0.len(), 1);
    assert!(fields.0[0].0 == "color" && !fields.0[0].1.as_str().contains('\u{1b}'));
}

#[tokio::test]
async fn the_filter_in_front_is_named_and_asked_once() {
    let pair = Pair::start().await;
    let form = Form { description: Some("$(rm -rf x)".to_owned()), ..Form::new(repo(PALETTE)) };
    let error = pair.backend.change(&Change::Edit(Box::new(form))).await.expect_err("refused");
    is_clear(&error, ErrorKind::Refused, &["445", "filter"]);
    assert!(error.hint.as_ref().is_some_and(|hint| hint.as_str().contains("Change the value")));
    assert_eq!(pair.asked("PUT", "").len(), 1);
}

/// One request each, whatever comes of it.
#[tokio::test]
async fn nothing_is_sent_twice() {
    for fault in [
        answer(500, ""),
        answer(503, ""),
        answer(429, r#"{"error_code":429,"error_message":"Rate limit exceeded"}"#),
        answer(403, "{}"),
        Fault::Redirect { status: 307, to: "/public/v2/elsewhere".to_owned() },
        Fault::LostAnswer,
    ] {
        let pair = Pair::start().await;
        tags(&*pair.backend, TRAINER).await.expect("tags");
        for method in ["POST", "PUT"] {
            pair.server.faults().add(Rule::on("/docker_registry/", fault.clone()).method(method));
        }
        for change in
            [set_tag(&pair, "x", None), recolour("latest", None), Change::Favourite { repo: repo(TRAINER), on: true }]
        {
            pair.server.clear_log();
            let error = pair.backend.change(&change).await.expect_err("a fault");
            assert_eq!(pair.server.log().len(), 1, "{fault:?} {change:?}");
            assert_eq!(error.outcome_unknown(), matches!(fault, Fault::LostAnswer), "{error:?}");
        }
    }
}

/// A page in place of the answer: what was asked for was done, which another look shows.
#[tokio::test]
async fn an_answer_that_cannot_be_read_is_looked_up() {
    let pair = Pair::start().await;
    tags(&*pair.backend, TRAINER).await.expect("tags");
    pair.server.faults().add(Rule::on("/tags/", Fault::Truncate(7)).method("POST"));
    let error = pair.backend.change(&set_tag(&pair, "half", None)).await;
    match error {
        Ok(changed) => assert_eq!(changed, Changed::Confirmed),
        Err(error) => assert!(error.outcome_unknown(), "{error:?}"),
    }
    assert_eq!(pair.asked("POST", "/tags/").len(), 1);
    pair.server.faults().clear();
    pair.server.faults().add(Rule::on("/fav", Fault::Html));
    let change = Change::Favourite { repo: repo(TRAINER), on: true };
    assert_eq!(pair.backend.change(&change).await.expect("taken"), Changed::NotConfirmed, "a page that did nothing");
}

#[tokio::test]
async fn read_only_sends_no_change() {
    let pair = Pair::of(server().await, Settings { read_only: true, ..Settings::default() });
    tags(&*pair.backend, TRAINER).await.expect("tags");
    for change in
        [set_tag(&pair, "x", None), recolour("latest", None), Change::Favourite { repo: repo(TRAINER), on: true }]
    {
        let error = pair.backend.change(&change).await.expect_err("stopped");
        is_clear(&error, ErrorKind::Forbidden, &["read-only"]);
    }
    let error = pair.backend.generate_password().await.expect_err("stopped");
    is_clear(&error, ErrorKind::Forbidden, &["read-only"]);
    let error = pair.backend.delete_tag(&repo(TRAINER), &tag("latest")).await.expect_err("stopped");
    is_clear(&error, ErrorKind::Forbidden, &["read-only"]);
    let sent =
        pair.server.log().into_iter().filter(|seen| seen.method != "GET" && seen.path != "/public/v2/service_auth");
    assert_eq!((sent.count(), pair.server.passwords_asked()), (0, 0));
}

#[tokio::test]
async fn what_there_is_no_call_for_is_not_supported() {
    let pair = Pair::start().await;
    let create = Change::Create(Box::new(Form::new(repo("new/one"))));
    let error = pair.backend.change(&create).await.expect_err("no call");
    is_clear(&error, ErrorKind::Unsupported, &["first push"]);
    assert!(pair.server.log().is_empty());
}
