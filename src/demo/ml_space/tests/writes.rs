use serde_json::{Value, json};

use super::{Person, complaints, ids};
use crate::demo::ml_space::{Image, Repository};

fn trainer(person: &Person) -> Repository {
    person.contents().named("nlp/instruct-trainer").expect("a repository").clone()
}

fn names(image: &Image) -> Vec<&str> {
    image.tags.iter().map(|tag| tag.name.as_str()).collect()
}

#[tokio::test]
async fn labels_are_a_difference_and_what_is_left_out_stays() {
    let person = Person::signed_in().await;
    let before = trainer(&person);
    let path = format!("/repositories/{}", before.id);
    let body = json!({"labels": ["h100", "nlp"], "labels_to_delete": ["a100"], "unknown": 1});
    let got = person.call("PUT", &path, &body).await;
    assert_eq!(got.json()["labels"], json!(["обучение", "nlp", "owner: d.kim", "h100"]));
    assert_eq!(got.json()["description"], json!(before.description));
    assert_ne!(trainer(&person).updated_at, before.updated_at);

    let got = person.call("PUT", &path, &json!({"description": null, "labels": null})).await;
    assert_eq!((&got.json()["description"], &got.json()["labels"].as_array().map(Vec::len)), (&json!(null), &Some(4)));
    let wrong = person.call("PUT", &path, &json!({"description": 7, "labels": ["a", 2]})).await;
    let want = [
        (json!(["body", "description"]), "string_type".to_owned()),
        (json!(["body", "labels", 1]), "string_type".to_owned()),
    ];
    assert_eq!(complaints(&wrong), want);
    assert_eq!(person.get(&path).await.json(), got.json());
}

#[tokio::test]
async fn a_favourite_is_set_and_not_toggled() {
    let person = Person::signed_in().await;
    let path = format!("/repositories/{}/fav", trainer(&person).id);
    for flag in [true, true, false, false] {
        let got = person.call("POST", &path, &json!({"favorite": flag})).await;
        assert_eq!((got.status, &got.json()["favorite"]), (200, &json!(flag)));
        assert_eq!(trainer(&person).favorite, flag);
    }
    let wrong = person.call("POST", &path, &json!({"favorite": "maybe"})).await;
    assert_eq!(complaints(&wrong), [(json!(["body", "favorite"]), "bool_parsing".to_owned())]);
    let empty = person.call("POST", &path, &Value::Null).await;
    assert_eq!(complaints(&empty), [(json!(["body"]), "missing".to_owned())]);
}

/// Assumption A3, and the colour as it was sent.
#[tokio::test]
async fn a_tag_is_made_moved_and_refused() {
    let person = Person::signed_in().await;
    let contents = person.contents();
    let base = contents.repositories.iter().find(|repository| repository.images.len() > 1).expect("two images");
    let [old, new] = [0, 1].map(|at| base.images[at].id);
    let body = json!({"image_id": old, "name": "good", "color": "#2E86C1"});
    let made = person.call("POST", "/tags/", &body).await.json();
    assert_eq!((&made["color"], &made["image_id"], &made["signed"]), (&json!("#2E86C1"), &json!(old), &json!(false)));
    let again = person.call("POST", "/tags/", &body).await;
    assert_eq!((again.status, again.json()), (409, json!({"detail": "Tag good already exists"})));
    let moved = person.call("POST", "/tags/", &json!({"image_id": new, "name": "good"})).await.json();
    assert_eq!((&moved["color"], &moved["image_id"]), (&json!(null), &json!(new)));
    let now = person.contents().repository(base.id).expect("still there").clone();
    assert!(!names(&now.images[0]).contains(&"good") && names(&now.images[1]).contains(&"good"));

    let wrong = person.call("POST", "/tags/", &json!({"image_id": "x", "color": 1})).await;
    let places: Vec<Value> = complaints(&wrong).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, [json!(["body", "image_id"]), json!(["body", "name"]), json!(["body", "color"])]);
    let bad = person.call("POST", "/tags/", &json!({"image_id": new, "name": "no spaces"})).await;
    assert_eq!(complaints(&bad)[0].0, json!(["body", "name"]));
    let absent = json!({"image_id": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "name": "x"});
    assert_eq!(person.call("POST", "/tags/", &absent).await.status, 404);
}

#[tokio::test]
async fn only_the_colour_of_a_tag_changes() {
    let person = Person::signed_in().await;
    let tag = trainer(&person).images[0].tags[0].clone();
    let path = format!("/tags/{}", tag.id);
    let colour = || person.contents().tag(tag.id).map(|(.., tag)| (tag.name.clone(), tag.color.clone()));
    let got = person.call("PUT", &path, &json!({"color": "#000000", "name": "other"})).await;
    assert_eq!((got.status, &got.json()["name"]), (200, &json!(tag.name)));
    assert_eq!(colour(), Some((tag.name.clone(), Some("#000000".to_owned()))));
    person.call("PUT", &path, &json!({})).await;
    assert_eq!(colour(), Some((tag.name.clone(), Some("#000000".to_owned()))));
    person.call("PUT", &path, &json!({"color": null})).await;
    assert_eq!(colour(), Some((tag.name.clone(), None)));
    let text = person.call("PUT", &path, &json!(["color"])).await;
    assert_eq!(complaints(&text), [(json!(["body"]), "model_attributes_type".to_owned())]);
}

/// Assumptions A2 and A5.
#[tokio::test]
async fn what_was_deleted_is_listed_and_takes_its_own_along() {
    let person = Person::signed_in().await;
    let before = trainer(&person);
    let image = &before.images[0];
    let absent = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
    let tags: Vec<String> = image.tags.iter().map(|tag| tag.id.to_string()).collect();
    let asked: Vec<&str> = tags.iter().map(String::as_str).chain([absent]).collect();
    let got = person.call("DELETE", "/tags/", &json!({"tag_ids": asked})).await;
    assert_eq!((got.status, ids(&got)), (200, tags));
    assert_eq!(trainer(&person).images.len(), 1, "an image without tags stays");

    let got = person.call("DELETE", "/images/", &json!({"image_ids": [image.id, image.id]})).await;
    assert_eq!(ids(&got), [image.id.to_string()]);
    assert_eq!(person.get(&format!("/images/{}", image.id)).await.status, 404);

    let palette = person.contents().named("labelling/palette").expect("a repository").clone();
    let both = json!({"repository_ids": [before.id, palette.id]});
    assert_eq!(ids(&person.call("DELETE", "/repositories/", &both).await).len(), 2);
    assert_eq!(person.get(&format!("/images/{}", palette.images[0].id)).await.status, 404);
    let none = person.call("DELETE", "/repositories/", &both).await;
    assert_eq!((none.status, none.json()), (200, json!([])));
    let wrong = person.call("DELETE", "/tags/", &json!({"tag_ids": [image.id, 7]})).await;
    assert_eq!(complaints(&wrong), [(json!(["body", "tag_ids", 1]), "uuid_parsing".to_owned())]);
    let wrong = person.call("DELETE", "/images/", &json!({"tag_ids": []})).await;
    assert_eq!(complaints(&wrong), [(json!(["body", "image_ids"]), "missing".to_owned())]);
}
