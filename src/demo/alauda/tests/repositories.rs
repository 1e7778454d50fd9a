use serde_json::json;

use super::{LIST, ask, fields, get, names, options, server};

const BASE: [&str; 6] = ["description", "is_public", "logo", "namespace", "repo_name", "repo_path"];

fn with(more: &[&'static str]) -> Vec<&'static str> {
    let mut all: Vec<&str> = BASE.iter().chain(more).copied().collect();
    all.sort_unstable();
    all
}

#[tokio::test]
async fn twenty_three_repositories_are_two_pages() {
    let server = server(options()).await;
    let first = get(&server, LIST).await;
    let body = first.json();
    assert_eq!((&body["count"], &body["previous"], names(&first).len()), (&23.into(), &().into(), 20));
    assert_eq!(body["next"], format!("{}/v1/repositories/yunfan/?page=2", server.url));
    let second = get(&server, "/v1/repositories/yunfan?page=2").await;
    let rest = second.json();
    assert_eq!((names(&second).len(), &rest["next"]), (3, &().into()));
    assert_eq!(rest["previous"], format!("{}/v1/repositories/yunfan/?page=1", server.url));
    let mut all = names(&first);
    all.extend(names(&second));
    assert!(all.is_sorted() && all.len() == 23);
    for page in ["3", "0", "last"] {
        assert_eq!(get(&server, &format!("{LIST}?page={page}")).await.status, 404, "{page}");
    }
}

#[tokio::test]
async fn each_answer_has_the_fields_of_its_own() {
    let server = server(options()).await;
    let listed = get(&server, LIST).await.json()["results"][0].clone();
    let known = [
        "download",
        "full_description",
        "is_automated",
        "pulled_at",
        "pushed_at",
        "repo_starred_count",
        "updated_at",
        "upload",
    ];
    let plus = |more: &[&'static str]| with(&[&known, more].concat());
    assert_eq!(fields(&listed), plus(&["creation_at"]));
    let shown = get(&server, "/v1/repositories/yunfan/cart").await.json();
    let of_get = ["created_at", "is_repo_starred", "logo_file"];
    assert_eq!(fields(&shown), plus(&of_get));
    let built = get(&server, "/v1/repositories/yunfan/order-api/").await.json();
    assert_eq!(fields(&built), plus(&[&of_get[..], &["build_config", "created_by"]].concat()));
    assert_eq!((&built["is_automated"], &shown["is_automated"]), (&true.into(), &false.into()));

    let made = ask(&server, "POST", LIST, r#"{"repo_name":"web"}"#).await;
    assert_eq!(made.status, 201);
    assert_eq!(fields(&made.json()), with(&["creation_time", "is_automated", "updated_time"]));
    let changed = ask(&server, "PUT", "/v1/repositories/yunfan/web", "{}").await;
    assert_eq!((changed.status, fields(&changed.json())), (200, with(&[])));
}

#[tokio::test]
async fn what_it_holds_is_worth_looking_at() {
    let server = server(options()).await;
    let store = server.store();
    let company = &store.namespaces["yunfan"].repositories;
    let tags = |name: &str| company[name].tags.len();
    assert_eq!((tags("new-project"), tags("nightly")), (0, 300));
    assert!(company.values().any(|r| r.pulled_at.is_none()) && company.values().any(|r| r.pulled_at.is_some()));
    assert!(company["elk"].description.contains('\u{1b}'));
    assert_eq!(company["inventory"].description, "库存");
    let mut names: Vec<&str> = company["nightly"].tags.iter().map(|t| t.tag.as_str()).collect();
    assert!(!names.is_sorted());
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 300);
    assert!(company["nightly"].tags.iter().all(|t| t.image_id.len() == 64));
}

#[tokio::test]
async fn a_repository_is_made_changed_in_parts_and_deleted() {
    let server = server(options()).await;
    let body = r#"{"repo_name":"web","namespace":"yunfan","description":"前端页面 👍","is_public":false}"#;
    let made = ask(&server, "POST", "/v1/repositories/yunfan", body).await;
    assert_eq!((made.status, made.json()["repo_path"].as_str()), (201, Some("yunfan/web")));
    let again = ask(&server, "POST", LIST, body).await;
    assert_eq!((again.status, again.json()["detail"].is_string()), (409, true));

    let path = "/v1/repositories/yunfan/web";
    let changed = ask(&server, "PUT", path, r#"{"is_public":true}"#).await.json();
    assert_eq!((&changed["is_public"], &changed["description"]), (&true.into(), &"前端页面 👍".into()));
    let long = json!({"description": "商店", "full_description": "# 商店\n\n多行"}).to_string();
    assert_eq!(ask(&server, "PUT", &format!("{path}/"), &long).await.status, 200);
    let shown = get(&server, path).await.json();
    assert_eq!((&shown["full_description"], &shown["is_public"]), (&"# 商店\n\n多行".into(), &true.into()));
    assert!(shown["updated_at"].as_str() >= shown["created_at"].as_str());

    let gone = ask(&server, "DELETE", &format!("{path}/"), "").await;
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    for (method, body) in [("GET", ""), ("PUT", "{}"), ("DELETE", "")] {
        assert_eq!(ask(&server, method, path, body).await.status, 404, "{method}");
    }
    assert_eq!(ask(&server, "PATCH", path, "{}").await.status, 405);
    let tagged = ask(&server, "DELETE", "/v1/repositories/yunfan/nightly", "").await;
    assert_eq!(tagged.status, 204);
    assert_eq!(get(&server, "/v1/repositories/yunfan/nightly/tags").await.status, 404);
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field() {
    let server = server(options()).await;
    let long = format!(r#"{{"repo_name":"{}"}}"#, "x".repeat(101));
    for (method, path, body, field) in [
        ("POST", LIST, "{}", "repo_name"),
        ("POST", LIST, r#"{"repo_name":"Web"}"#, "repo_name"),
        ("POST", LIST, r#"{"repo_name":"a..b"}"#, "repo_name"),
        ("POST", LIST, r#"{"repo_name":"-a"}"#, "repo_name"),
        ("POST", LIST, &long, "repo_name"),
        ("POST", LIST, r#"{"repo_name":"x","namespace":"kaiyuan"}"#, "namespace"),
        ("POST", LIST, r#"{"repo_name":"x","is_public":"yes"}"#, "is_public"),
        ("POST", LIST, r#"{"repo_name":"x","build_config":7}"#, "build_config"),
        ("PUT", "/v1/repositories/yunfan/cart", r#"{"repo_name":"wagon"}"#, "repo_name"),
        ("PUT", "/v1/repositories/yunfan/cart", r#"{"description":["x"],"is_public":true}"#, "description"),
    ] {
        let got = ask(&server, method, path, body).await;
        assert_eq!((got.status, got.json()[field][0].is_string()), (400, true), "{body}");
    }
    let got = ask(&server, "POST", LIST, "repo_name=x").await;
    assert_eq!((got.status, got.json()["detail"].as_str()), (400, Some("JSON parse error")));
    assert_eq!(server.store().namespaces["yunfan"], super::alauda_catalogue().namespaces["yunfan"]);
}
