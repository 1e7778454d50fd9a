use serde_json::json;

use super::{Person, ids};
use crate::demo::ml_space::{Limited, NotFound};
use crate::demo::{Fault, Rule};

#[tokio::test]
async fn too_many_requests_with_and_without_a_time() {
    let person = Person::signed_in().await;
    for retry_after in [Some(2), None] {
        person.server.switches().limited = Some(Limited { requests: 2, retry_after });
        for _ in 0..2 {
            let got = person.get("/registries/current").await;
            assert_eq!((got.status, &got.json()["error_code"]), (429, &json!(429)));
            assert_eq!(got.header("retry-after"), retry_after.map_or(String::new(), |seconds| seconds.to_string()));
        }
        assert_eq!(person.get("/registries/current").await.status, 200);
    }
}

#[tokio::test]
async fn the_filter_in_front_answers_with_a_page() {
    let person = Person::signed_in().await;
    let before = person.contents().repositories[0].clone();
    let path = format!("/repositories/{}", before.id);
    for text in ["see ../README", "$(whoami)", "the `latest` one"] {
        let got = person.call("PUT", &path, &json!({"description": text})).await;
        assert_eq!((got.status, got.header("content-type")), (445, "text/html; charset=utf-8"), "{text}");
    }
    assert_eq!(person.get("/repositories/?page=%2e%2e%2f").await.status, 445);
    let now = person.contents().repositories[0].clone();
    assert_eq!((now.description, now.updated_at), (before.description, before.updated_at));
}

#[tokio::test]
async fn one_id_breaks_the_service_each_time() {
    let person = Person::signed_in().await;
    let repository = person.contents().repositories[0].clone();
    let image = repository.images[0].id;
    person.server.switches().broken.insert(image);
    for _ in 0..2 {
        assert_eq!(person.get(&format!("/images/{image}")).await.status, 500);
    }
    assert_eq!(person.get(&format!("/tags/?image_id={image}")).await.status, 500);
    assert_eq!(person.call("DELETE", "/images/", &json!({"image_ids": [image]})).await.status, 500);
    assert_eq!(person.get(&format!("/repositories/{}", repository.id)).await.status, 200);
}

#[tokio::test]
async fn a_404_has_four_forms() {
    let person = Person::signed_in().await;
    let absent = "/repositories/3fa85f64-5717-4562-b3fc-2c963f66afa6";
    let forms = [
        (NotFound::Detail, "application/json"),
        (NotFound::Plain, "text/plain; charset=utf-8"),
        (NotFound::Html, "text/html; charset=utf-8"),
        (NotFound::HtmlInJson, "application/json"),
    ];
    for (form, content_type) in forms {
        person.server.switches().not_found = form;
        let got = person.get(absent).await;
        assert_eq!((got.status, got.header("content-type")), (404, content_type));
        let page = got.json().as_str().is_some_and(|text| text.starts_with("<html>"));
        assert_eq!(page, form == NotFound::HtmlInJson);
    }
}

#[tokio::test]
async fn a_batch_stops_in_the_middle() {
    let person = Person::signed_in().await;
    let images = person.contents().named("nlp/instruct-trainer").expect("a repository").images.clone();
    let all: Vec<String> = images[0].tags.iter().map(|tag| tag.id.to_string()).collect();
    person.server.switches().batch_stops_after = Some(5);
    let got = person.call("DELETE", "/tags/", &json!({"tag_ids": all})).await;
    assert_eq!(ids(&got), all[..5]);
    assert_eq!(person.get(&format!("/tags/?image_id={}", images[0].id)).await.json().as_array().map(Vec::len), Some(7));
}

#[tokio::test]
async fn a_write_is_accepted_and_not_done() {
    let person = Person::signed_in().await;
    let repository = person.contents().named("nlp/instruct-trainer").expect("a repository").clone();
    let path = format!("/repositories/{}", repository.id);
    person.server.switches().forgets_writes = true;
    let said = person.call("PUT", &path, &json!({"labels": ["new"]})).await;
    assert!(said.json()["labels"].to_string().contains("new"));
    let got = person.call("DELETE", "/repositories/", &json!({"repository_ids": [repository.id]})).await;
    assert_eq!(ids(&got), [repository.id.to_string()]);
    let now = person.contents().named("nlp/instruct-trainer").cloned().expect("still there");
    assert_eq!((now.labels, now.updated_at), (repository.labels, repository.updated_at));
}

/// What every listener has goes for this one, too.
#[tokio::test]
async fn a_lost_answer_was_carried_out_here_too() {
    let person = Person::signed_in().await;
    let id = person.contents().repositories[0].id;
    person.server.faults().add(Rule::on("/fav", Fault::LostAnswer).times(1));
    let path = format!("{}/repositories/{id}/fav", super::REGISTRY);
    let headers =
        [("authorization", person.token.as_str()), ("x-api-key", &person.key), ("x-workspace-id", &person.workspace)];
    let body = json!({"favorite": true}).to_string();
    let got = crate::demo::tests::client::send(&person.server.url, "POST", &path, &headers, body.as_bytes()).await;
    assert!(got.is_none());
    assert!(person.contents().repositories[0].favorite);
    assert_eq!(person.server.log().last().map(|last| last.path.clone()), Some(path));
}
