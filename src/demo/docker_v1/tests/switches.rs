//! The ways servers of this protocol differ.

use serde_json::json;

use super::{call, get, small, start, text};
use crate::demo::docker_v1::{Access, DockerV1Options, Endpoints, Page, Search, TagForm, catalogue};

#[tokio::test]
async fn a_search_is_paged() {
    for (form, page) in [(Page::Number, json!(2)), (Page::Text, json!("2"))] {
        let options = DockerV1Options { search: Search::Paged(form), ..DockerV1Options::default() };
        let server = start(catalogue(), options).await;
        let all = server.store().announced.len();
        let got = get(&server, "/v1/search?q=&page=2&n=30").await.json();
        assert_eq!((&got["page"], &got["page_size"], &got["num_results"]), (&page, &json!(30), &json!(all)));
        assert_eq!(got["num_pages"], all.div_ceil(30));
        assert_eq!(got["results"].as_array().map(Vec::len), Some(30));
        let last = get(&server, "/v1/search?q=&page=3&n=30").await.json();
        assert_eq!(last["results"].as_array().map(Vec::len), Some(all - 60));
        let default = get(&server, "/v1/search?q=").await.json();
        assert_eq!(default["results"].as_array().map(Vec::len), Some(25));
        // An official repository goes without its namespace.
        assert_eq!(get(&server, "/v1/search?q=library/redis").await.json()["results"][0]["name"], "redis");
    }
    let server = start(small(), DockerV1Options { search: Search::Off, ..DockerV1Options::default() }).await;
    assert_eq!(get(&server, "/v1/search?q=").await.header("content-type"), "text/html");
}

#[tokio::test]
async fn tags_come_as_a_list_with_cut_ids() {
    let server = start(small(), DockerV1Options { tags: TagForm::List, ..DockerV1Options::default() }).await;
    let got = get(&server, "/v1/repositories/acme/api/tags").await;
    let want = r#"[{"layer": "bbbbbbbb", "name": "1.0"}, {"layer": "bbbbbbbb", "name": "latest"}]"#;
    assert_eq!(text(&got), want);
}

#[tokio::test]
async fn the_registry_is_named_in_three_ways() {
    for (endpoints, word) in [(Endpoints::Host, true), (Endpoints::Two, false), (Endpoints::Url, false)] {
        let options = DockerV1Options { endpoints, token_word: word, ..DockerV1Options::default() };
        let server = start(small(), options).await;
        let got = get(&server, "/v1/repositories/acme/api/images").await;
        let host = server.url.trim_start_matches("http://");
        let want = match endpoints {
            Endpoints::Host => host.to_owned(),
            Endpoints::Two => format!("{host}, {}", host.replace("127.0.0.1", "localhost")),
            Endpoints::Url => format!("http://{host}/v1/"),
        };
        assert_eq!(got.header("x-docker-endpoints"), want);
        assert_eq!(got.header("x-docker-token").starts_with("Token "), word);
    }
}

#[tokio::test]
async fn a_password_opens_everything_but_the_greeting() {
    let access = Access::Basic { user: "ann".to_owned(), password: "secret".to_owned() };
    let server = start(small(), DockerV1Options { access, ..DockerV1Options::default() }).await;
    assert_eq!(get(&server, "/v1/_ping").await.status, 200);
    for path in ["/v1/search", "/v1/repositories/acme/api/tags", "/v1/users/"] {
        let refused = get(&server, path).await;
        assert_eq!((refused.status, refused.header("content-type")), (401, "text/html"), "{path}");
        assert_eq!(refused.header("www-authenticate"), "Basic realm=\"Docker registry\"");
        let right = call(&server, "GET", path, &[("authorization", "Basic YW5uOnNlY3JldA==")], "").await;
        assert_eq!(right.status, 200, "{path}");
    }
}
