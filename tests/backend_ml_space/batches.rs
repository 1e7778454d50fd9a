use serde_json::json;
use tagboat::backend::Sent;
use tagboat::demo::{Fault, Rule};
use tagboat::domain::change::Doomed;
use tagboat::domain::error::ErrorKind;
use tagboat::domain::reference::{Digest, RepoName, TagName};

use super::{PALETTE, Pair, TRAINER, answer, bodies, is_clear};
use crate::support::client::{repo, tag};
use crate::support::walk::tags;

fn names(pair: &Pair) -> Vec<TagName> {
    pair.repository(TRAINER).images[0].tags.iter().map(|one| tag(&one.name)).collect()
}

fn some(pair: &Pair, count: usize) -> Doomed {
    Doomed::Tags(repo(TRAINER), names(pair).into_iter().take(count).collect())
}

#[tokio::test]
async fn tags_go_in_one_request_and_each_has_its_outcome() {
    let pair = Pair::start().await;
    let [first, second, ..] = &names(&pair)[..] else { panic!("tags") };
    let doomed = Doomed::Tags(repo(TRAINER), vec![first.clone(), tag("never-there"), second.clone()]);
    let ids: Vec<String> = pair.repository(TRAINER).images[0].tags[..2].iter().map(|one| one.id.to_string()).collect();
    let sent = pair.backend.delete(&doomed).await.expect("taken");
    assert_eq!(sent, [Sent::Done, Sent::Gone, Sent::Done]);
    assert_eq!(bodies(&pair.asked("DELETE", "/tags/")), [json!({"tag_ids": ids})]);
    assert_eq!(pair.repository(TRAINER).images[0].tags.len(), 10);
    assert!(pair.backend.tag(&repo(TRAINER), first).is_none(), "the row is gone, too");
    assert_eq!(pair.backend.delete(&doomed).await.expect("nothing left"), [Sent::Gone; 3]);
    assert_eq!(pair.asked("DELETE", "/tags/").len(), 1, "and nothing was sent for it");
}

#[tokio::test]
async fn a_batch_that_stopped_in_the_middle_says_which() {
    let pair = Pair::start().await;
    pair.server.switches().batch_stops_after = Some(2);
    let sent = pair.backend.delete(&some(&pair, 4)).await.expect("taken");
    assert_eq!(sent, [Sent::Done, Sent::Done, Sent::Left, Sent::Left]);
    assert_eq!(tags(&*pair.backend, TRAINER).await.expect("tags").names.len(), 10);
}

#[tokio::test]
async fn images_and_repositories_go_too() {
    let pair = Pair::start().await;
    let image = Digest::parse(&pair.repository(PALETTE).images[0].digest).expect("a digest");
    let doomed = Doomed::Images(repo(PALETTE), vec![Digest::of(b"nothing"), image.clone()]);
    assert_eq!(pair.backend.delete(&doomed).await.expect("taken"), [Sent::Gone, Sent::Done]);
    assert!(pair.repository(PALETTE).images.is_empty());
    assert_eq!(pair.backend.delete_manifest(&repo(PALETTE), &image).await.expect("gone"), Sent::Gone);

    let there: Vec<RepoName> = [PALETTE, TRAINER].map(repo).to_vec();
    let doomed = Doomed::Repositories([there.clone(), vec![repo("never/there")]].concat());
    assert_eq!(pair.backend.delete(&doomed).await.expect("taken"), [Sent::Done, Sent::Done, Sent::Gone]);
    assert!(there.iter().all(|name| pair.workspace().named(name.as_str()).is_none()));
    assert!(pair.backend.repository(&there[0]).is_none());
    assert_eq!(pair.asked("DELETE", "/repositories/").len(), 1);
}

#[tokio::test]
async fn a_single_tag_goes_the_same_way() {
    let pair = Pair::start().await;
    assert_eq!(pair.backend.delete_tag(&repo(TRAINER), &tag("latest")).await.expect("taken"), Sent::Done);
    assert_eq!(pair.backend.delete_tag(&repo(TRAINER), &tag("latest")).await.expect("gone"), Sent::Gone);
    assert_eq!(pair.repository(TRAINER).images[0].tags.len(), 11);
}

#[tokio::test]
async fn no_more_than_a_hundred_at_once() {
    let pair = Pair::start().await;
    assert_eq!(pair.backend.batch(), 100);
    {
        let mut store = pair.server.store();
        let id = store.workspaces[0].named(TRAINER).expect("there").id;
        let tags = &mut store.workspaces[0].repository_mut(id).expect("there").images[0].tags;
        for n in 0..101_u128 {
            let one = tagboat::demo::ml_space::Tag {
                id: tagboat::domain::uuid::Uuid::with_bits(n),
                name: format!("n{n}"),
                ..tags[0].clone()
            };
            tags.push(one);
        }
    }
    let error = pair.backend.delete(&some(&pair, 101)).await.expect_err("too many");
    is_clear(&error, ErrorKind::Unsupported, &["100"]);
    assert!(pair.asked("DELETE", "").is_empty());
    assert_eq!(pair.backend.delete(&some(&pair, 100)).await.expect("taken"), [Sent::Done; 100]);
}

/// Sent once. Without an answer nobody knows; with one that names nothing, another look tells.
#[tokio::test]
async fn an_answer_that_does_not_come_or_names_nothing() {
    let pair = Pair::start().await;
    tags(&*pair.backend, TRAINER).await.expect("tags");
    pair.server.faults().add(Rule::on("/tags/", Fault::LostAnswer).method("DELETE").times(1));
    let error = pair.backend.delete(&some(&pair, 1)).await.expect_err("no answer");
    assert!(error.outcome_unknown(), "{error:?}");

    pair.server.faults().add(Rule::on("/tags/", Fault::Html).method("DELETE").times(1));
    assert_eq!(pair.backend.delete(&some(&pair, 2)).await.expect("a page"), [Sent::Left; 2], "it did nothing");
    pair.server.faults().add(Rule::on("/tags/", Fault::Html).method("DELETE").times(1));
    pair.fault("/images/", answer(500, ""));
    let error = pair.backend.delete(&some(&pair, 2)).await.expect_err("nobody knows");
    assert!(error.outcome_unknown(), "{error:?}");
    assert_eq!(pair.asked("DELETE", "/tags/").len(), 3);
}

#[tokio::test]
async fn one_id_that_breaks_the_service_is_not_tried_again() {
    let pair = Pair::start().await;
    tags(&*pair.backend, TRAINER).await.expect("tags");
    let id = pair.repository(TRAINER).images[0].tags[0].id;
    pair.server.switches().broken.insert(id);
    let error = pair.backend.delete(&some(&pair, 3)).await.expect_err("broken");
    is_clear(&error, ErrorKind::Server, &["500", "deleting tags"]);
    assert_eq!((pair.asked("DELETE", "/tags/").len(), pair.repository(TRAINER).images[0].tags.len()), (1, 12));
}
