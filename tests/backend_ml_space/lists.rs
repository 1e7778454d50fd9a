use std::collections::BTreeSet;

use tagboat::demo::{Fault, Rule};
use tagboat::domain::capability::{Ability, Place};
use tagboat::domain::colour::Colour;
use tagboat::domain::error::ErrorKind;

use super::{PALETTE, Pair, TRAINER, answer, is_clear};
use crate::support::client::{repo, tag};
use crate::support::walk::{repositories, tags};

#[tokio::test]
async fn every_repository_comes_with_what_the_list_says_of_it() {
    let pair = Pair::start().await;
    let walked = repositories(&*pair.backend).await.expect("a list");
    assert!(walked.end.complete, "{:?}", walked.end);
    let all = pair.workspace().repositories;
    let (fine, odd): (Vec<_>, Vec<_>) =
        all.iter().map(|one| one.name.clone()).partition(|name| !name.contains('\u{1b}'));
    assert_eq!(walked.names, fine);
    assert_eq!((walked.invalid.len(), odd.len()), (1, 1));
    assert!(!walked.invalid[0].contains('\u{1b}'), "{:?}", walked.invalid);

    pair.server.clear_log();
    let facts = |name: &str| pair.backend.repository(&repo(name)).expect("facts");
    let favourites = fine.iter().filter(|name| facts(name).favourite == Some(true)).count();
    assert_eq!(favourites, 2);
    let trainer = facts(TRAINER);
    assert_eq!((trainer.tags, trainer.images), (Some(12), Some(1)));
    assert_eq!(trainer.labels[0].as_str(), "обучение");
    assert!(trainer.pushed.is_some() && trainer.created.is_some());
    let retired = facts("experiments/retired");
    assert_eq!((retired.images, retired.pushed, &retired.description), (Some(0), None, &None));
    assert!(pair.server.log().is_empty(), "nothing was asked for it");

    let known = pair.backend.capabilities();
    assert_eq!((known.favourites, known.colours), (Place::Server, Place::Server));
    assert!(known.can(Ability::SetTag) && !known.can(Ability::CreateRepository));
}

/// The whole list is asked for first; the pages are for what it lacks.
#[tokio::test]
async fn a_list_that_is_short_or_too_long_is_read_in_pages() {
    for fault in [answer(200, "[]"), Fault::Pad(65 << 20)] {
        let pair = Pair::start().await;
        pair.server.faults().add(Rule::on("/repositories/", fault).times(1));
        let walked = repositories(&*pair.backend).await.expect("a list");
        assert!(walked.end.complete, "{:?}", walked.end);
        assert_eq!(walked.names.len() + walked.invalid.len(), pair.workspace().repositories.len());
        let pages = pair.asked("GET", "/repositories/?page=");
        assert_eq!(pages.len(), 2, "one that is full of them, and an empty one");
    }
}

#[tokio::test]
async fn a_list_that_lacks_what_the_registry_counts_is_not_called_complete() {
    let pair = Pair::start().await;
    let id = pair.workspace().registry_id;
    pair.fault("/registries/current", answer(200, &format!(r#"{{"id":"{id}","repositories_count":500}}"#)));
    let walked = repositories(&*pair.backend).await.expect("a list");
    assert!(!walked.end.complete && walked.note().contains("500"), "{:?}", walked.end);
    assert_eq!(walked.names.iter().collect::<BTreeSet<_>>().len(), walked.names.len(), "each once");

    let broken = Pair::start().await;
    broken.server.faults().add(Rule::on("page=1", answer(500, "")));
    broken.server.faults().add(Rule::on("/repositories/", answer(200, "[]")).times(1));
    let error = repositories(&*broken.backend).await.expect_err("nothing came");
    is_clear(&error, ErrorKind::Server, &["500"]);
}

#[tokio::test]
async fn entries_that_are_none_are_counted_and_the_others_come() {
    let pair = Pair::start().await;
    let id = pair.workspace().repositories[0].id;
    let body =
        format!(r#"[{{"id":"{id}","name":"fine","labels":7,"favorite":"x"}},{{"id":"../x","name":"a"}},null,7]"#);
    pair.fault("/repositories/", answer(200, &body));
    pair.fault("/registries/current", answer(200, &format!(r#"{{"id":"{id}","repositories_count":4}}"#)));
    let walked = repositories(&*pair.backend).await.expect("a list");
    assert_eq!((walked.names.as_slice(), walked.note()), (&["fine".to_owned()][..], "3 entries skipped"));
    assert!(walked.end.complete);
}

#[tokio::test]
async fn tags_come_with_their_colours_and_nothing_more_is_asked_for_their_rows() {
    let pair = Pair::start().await;
    let walked = tags(&*pair.backend, PALETTE).await.expect("tags");
    let mut want: Vec<String> = pair.repository(PALETTE).images[0].tags.iter().map(|tag| tag.name.clone()).collect();
    want.sort();
    assert_eq!(walked.names, want);
    pair.server.clear_log();
    let name = repo(PALETTE);
    for (text, shown, colour) in [
        ("short", Some("#abc"), Some(Colour::Rgb(0xaa, 0xbb, 0xcc))),
        ("named", Some("Teal"), Some(Colour::Rgb(0, 128, 128))),
        ("worded", Some("not a colour"), None),
        ("empty", Some(""), None),
        ("none", None, None),
        ("transparent", Some("#2e86c180"), Some(Colour::Rgb(0x2e, 0x86, 0xc1))),
    ] {
        let facts = pair.backend.tag(&name, &tag(text)).expect("facts");
        let of = facts.colour_text.as_ref().map(|text| text.as_str());
        assert_eq!((of, facts.colour), (shown, colour), "{text}");
        let info = pair.backend.tag_info(&name, &tag(text)).await.expect("a row");
        assert_eq!(info.digest.to_string(), pair.repository(PALETTE).images[0].digest);
        assert_eq!(info.platforms[0].to_string(), "linux/amd64");
    }
    assert!(pair.server.log().is_empty());
}

/// Pages of the server's own cut through an image: its parts are one image with all its tags.
#[tokio::test]
async fn an_image_that_comes_in_parts_is_one() {
    let pair = Pair::start().await;
    let whole = tags(&*pair.backend, TRAINER).await.expect("tags");
    pair.server.switches().split_images = Some(5);
    let split = tags(&*pair.backend, TRAINER).await.expect("tags");
    assert_eq!((split.names, split.end), (whole.names, whole.end));
    assert!(pair.asked("GET", "page").is_empty(), "they are never asked for in pages");
}

#[tokio::test]
async fn names_that_are_none_are_shown_and_images_without_a_tag_are_counted() {
    let pair = Pair::start().await;
    let odd = pair.workspace().repositories.iter().position(|one| one.name.contains("probe")).expect("there");
    pair.server.store().workspaces[0].repositories[odd].name = "experiments/probe".to_owned();
    let walked = tags(&*pair.backend, "experiments/probe").await.expect("tags");
    assert_eq!(walked.names, ["v1"]);
    assert!(walked.invalid.len() == 1 && !walked.invalid[0].contains('\u{1b}'), "{:?}", walked.invalid);
    let at = repo("experiments/probe");
    let facts = pair.backend.tag(&at, &tag("v1"));
    assert!(facts.is_some());

    let bare = pair.workspace().repositories.iter().find(|it| it.images.iter().any(|i| i.tags.is_empty())).cloned();
    let bare = bare.expect("an image without tags");
    let count = bare.images.iter().filter(|image| image.tags.is_empty()).count();
    let walked = tags(&*pair.backend, &bare.name).await.expect("tags");
    assert!(walked.end.complete && walked.note().starts_with(&format!("{count} image")), "{:?}", walked.end);
}

/// A program that has listed nothing yet finds the ids itself, once for all who wait.
#[tokio::test]
async fn a_fresh_program_reads_the_list_once() {
    let pair = Pair::start().await;
    let (name, all) = (repo(TRAINER), pair.repository(TRAINER).images[0].tags.clone());
    let reads = all.iter().map(|one| {
        let (backend, name, tag) = (pair.backend.clone(), name.clone(), tag(&one.name));
        async move { backend.tag_info(&name, &tag).await.map(drop) }
    });
    for result in futures_util::future::join_all(reads).await {
        result.expect("a row");
    }
    assert_eq!((pair.asked("GET", "/repositories/").len(), pair.asked("GET", "/images/").len()), (1, 1));
    assert!(pair.server.peak() <= 4, "{}", pair.server.peak());
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let pair = Pair::start().await;
    let error = tags(&*pair.backend, "no/such").await.expect_err("nothing");
    is_clear(&error, ErrorKind::NotFound, &["no/such"]);
    let error = pair.backend.tag_info(&repo(TRAINER), &tag("none")).await.expect_err("nothing");
    is_clear(&error, ErrorKind::NotFound, &["nlp/instruct-trainer:none"]);
}

/// The repository is another one by now, under the same name.
#[tokio::test]
async fn a_name_that_means_another_repository_by_now_is_looked_up_again() {
    let pair = Pair::start().await;
    tags(&*pair.backend, PALETTE).await.expect("tags");
    let other = pair.repository(TRAINER);
    {
        let mut store = pair.server.store();
        let repositories = &mut store.workspaces[0].repositories;
        repositories.retain(|one| one.name != PALETTE);
        repositories.iter_mut().find(|one| one.id == other.id).expect("there").name = PALETTE.to_owned();
    }
    assert_eq!(tags(&*pair.backend, PALETTE).await.expect("tags").names.len(), 12);
}
