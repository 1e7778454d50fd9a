//! The client people used for Alauda, against the demo's.

use serde_json::{Value, json};
use tagboat::demo::{AlaudaOptions, alauda_catalogue, start_alauda};

use crate::support::clients::python;

/// just4alauda 0.2.12 takes 201 for a creation and 204 for a deletion, nothing else.
#[tokio::test]
async fn just4alauda_lists_creates_changes_and_deletes() {
    let server = start_alauda(alauda_catalogue(), AlaudaOptions::default()).await.expect("loopback has a free port");
    let before = server.store().clone();
    let did = python("alauda.py", &[&server.url, "yunfan", "correct horse", "yunfan"]).await;

    let company = &before.namespaces["yunfan"].repositories;
    let first: Vec<&String> = company.keys().take(20).collect();
    assert_eq!(did["listed"], json!(first));
    let stars: Vec<Value> = company.iter().take(3).map(|(name, it)| json!([name, it.is_starred])).collect();
    assert_eq!(did["stars"], json!(stars));
    assert_eq!((&did["wrong_password"], &did["unknown"]), (&Value::Null, &Value::Null));
    assert_eq!(did["built_from"], json!(["master"]));

    let made = &did["made"];
    assert_eq!((&made["repo_path"], &made["is_public"]), (&json!("yunfan/from-python"), &json!(true)));
    assert_eq!(did["found"], json!(["由 just4alauda 创建", true, "", false]));
    assert_eq!((&did["again"], &did["updated"]), (&json!("409"), &json!(false)));
    let mut tags: Vec<&str> = company["cart"].tags.iter().map(|tag| tag.tag.as_str()).collect();
    tags.sort_unstable();
    assert_eq!(did["tags"], json!(tags));
    assert_eq!((&did["tag_deleted"], &did["deleted"], &did["after"]), (&json!(204), &json!(true), &Value::Null));

    let mut wanted = before;
    let cart = wanted.namespaces.get_mut("yunfan").and_then(|n| n.repositories.get_mut("cart")).expect("a cart");
    cart.tags.retain(|tag| tag.tag != "latest");
    assert!(*server.store() == wanted, "something else changed");
    assert_eq!(server.tokens_issued(), 1);
}
