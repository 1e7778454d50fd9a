use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Person, complaints, ids};

#[tokio::test]
async fn a_list_is_bare_and_as_long_as_the_registry_says() {
    let person = Person::signed_in().await;
    let list = person.get("/repositories/").await;
    let registry = person.get("/registries/current").await.json();
    let count = registry["repositories_count"].as_u64().expect("a number");
    assert!(count >= 61);
    assert_eq!(ids(&list).len() as u64, count);
    let first = &list.json()[0];
    let one = person.get(&format!("/repositories/{}", first["id"].as_str().unwrap_or(""))).await;
    assert_eq!(one.json(), *first);
    assert_eq!(first["registry_id"], registry["id"]);
    let tags = first["tags"].as_array().map_or(0, Vec::len);
    let images = person.get(&format!("/images/?repository_id={}", first["id"].as_str().unwrap_or(""))).await.json();
    let of = |image: &Value| image["tags"].as_array().map_or(0, Vec::len);
    assert_eq!(images.as_array().expect("a list").iter().map(of).sum::<usize>(), tags);
    assert_eq!(first["images_count"], images.as_array().expect("a list").len());
}

#[tokio::test]
async fn pages_of_repositories_come_one_after_the_other() {
    let person = Person::signed_in().await;
    let all = ids(&person.get("/repositories/").await);
    let mut pages = Vec::new();
    for page in 1..=8 {
        pages.push(ids(&person.get(&format!("/repositories/?page={page}&page_size=10")).await));
    }
    assert_eq!(pages[0].len(), 10);
    assert_eq!(pages.last().map(Vec::len), Some(0));
    assert_eq!(pages.concat(), all);
    let refused = person.get("/repositories/?page=0&page_size=ten").await;
    let places: Vec<Value> = complaints(&refused).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, [json!(["query", "page"]), json!(["query", "page_size"])]);
}

fn tags_of(image: &Value) -> Vec<String> {
    let tags = image["tags"].as_array().cloned().unwrap_or_default();
    tags.iter().map(|tag| tag["name"].as_str().unwrap_or("").to_owned()).collect()
}

#[tokio::test]
async fn a_page_cuts_through_an_image() {
    let person = Person::signed_in().await;
    let trainer = person.contents().named("nlp/instruct-trainer").expect("a repository").clone();
    let path = format!("/images/?repository_id={}", trainer.id);
    let whole = person.get(&path).await.json();
    assert_eq!(tags_of(&whole[0]).len(), 12);
    let first = person.get(&format!("{path}&page=1&page_size=7")).await.json();
    let second = person.get(&format!("{path}&page=2&page_size=7")).await.json();
    assert_eq!((&first[0]["id"], &second[0]["id"]), (&whole[0]["id"], &whole[0]["id"]));
    assert_eq!([tags_of(&first[0]), tags_of(&second[0])].concat(), tags_of(&whole[0]));

    person.server.switches().split_images = Some(5);
    let split = person.get(&path).await.json();
    let parts = split.as_array().expect("a list");
    assert_eq!(parts.iter().map(|part| tags_of(part).len()).collect::<Vec<_>>(), [5, 5, 2]);
    assert_eq!(parts.iter().flat_map(tags_of).collect::<Vec<_>>(), tags_of(&whole[0]));
    assert_eq!(parts.iter().map(|part| part["id"].as_str()).collect::<BTreeSet<_>>().len(), 1);
}

#[tokio::test]
async fn images_and_tags_say_whose_they_are() {
    let person = Person::signed_in().await;
    let palette = person.contents().named("labelling/palette").expect("a repository").clone();
    let image = &palette.images[0];
    let got = person.get(&format!("/images/{}", image.id)).await.json();
    assert_eq!((got["digest"].as_str(), got["size"].as_u64()), (Some(image.digest.as_str()), Some(image.size)));
    let tags = person.get(&format!("/tags/?image_id={}", image.id)).await.json();
    assert_eq!(tags, got["tags"]);
    assert_eq!(tags[0]["repository_id"], palette.id.to_string());
    let name = format!("cr.ai.cloud.ru/{}/labelling/palette:short", person.workspace);
    assert_eq!(tags[0]["full_name"], name);
}

#[tokio::test]
async fn what_is_asked_wrongly_is_said_with_its_place() {
    let person = Person::signed_in().await;
    let missing = |place: &str| vec![(json!(["query", place]), "missing".to_owned())];
    assert_eq!(complaints(&person.get("/images/").await), missing("repository_id"));
    assert_eq!(complaints(&person.get("/tags/").await), missing("image_id"));
    let wrong = person.get("/images/?repository_id=latest").await;
    assert_eq!(complaints(&wrong), [(json!(["query", "repository_id"]), "uuid_parsing".to_owned())]);
    let wrong = person.get("/repositories/latest").await;
    assert_eq!(complaints(&wrong), [(json!(["path", "repository_id"]), "uuid_parsing".to_owned())]);
    let absent = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
    for path in [format!("/repositories/{absent}"), format!("/images/{absent}"), format!("/tags/?image_id={absent}")] {
        assert_eq!(person.get(&path).await.status, 404, "{path}");
    }
}
