//! The client people used for Alauda, against the demo's.

use serde_json::{Value, json};
use tagboat::demo::{AlaudaOptions, alauda_catalogue, start_alauda};
use tagboat::domain::clean;

use crate::support::clients::python;
use crate::support::program::{Place, Said, by_name};

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

/// What just4alauda sees and what the program's `--json` shows are the same.
#[tokio::test(flavor = "multi_thread")]
async fn just4alauda_and_the_program_see_the_same() {
    let server = start_alauda(alauda_catalogue(), AlaudaOptions::default()).await.expect("loopback has a free port");
    let place = Place::new(&format!(
        "[[registry]]\nname = \"a\"\nkind = \"alauda\"\nurl = \"{}\"\nplain_http = true\nnamespace = \"yunfan\"\n\
         username = \"yunfan\"\ncredential = \"env:ALAUDA_SECRET\"\n",
        server.url
    ));
    let run = |arguments: &[&str]| {
        let said = place.command(arguments).env("ALAUDA_SECRET", "correct horse").output().expect("the program");
        Said::from(said).json()
    };
    let listed = run(&["repos", "a", "--json"]);
    let own = by_name(&listed["repositories"], |one| json!([one["description"].as_str().unwrap_or(""), one["public"]]));
    let tags = run(&["tags", "a/yunfan/cart", "--json"]);
    let images = by_name(&tags["tags"], |one| one["image_id"].clone());
    assert_eq!((&listed["complete"], &tags["complete"]), (&json!(true), &json!(true)));

    let did = python("alauda.py", &[&server.url, "yunfan", "correct horse", "yunfan"]).await;
    let names: Vec<Value> = own.keys().map(|name| json!(name.trim_start_matches("yunfan/"))).collect();
    let facts: Vec<Value> = own.into_values().collect();
    // The program shows no control characters.
    let shown = did["shown"].as_array().expect("a list").iter();
    let shown: Vec<Value> =
        shown.map(|one| json!([clean::line(one[0].as_str().expect("a text")).as_str(), one[1]])).collect();
    // It reads the first page only.
    assert_eq!((&did["listed"], &shown[..]), (&json!(names[..20]), &facts[..20]));
    assert_eq!(did["images"], json!(images));
    // It has deleted that one.
    let tags = run(&["tags", "a/yunfan/cart", "--json"]);
    let left = by_name(&tags["tags"], |one| one["image_id"].clone());
    assert!(left.len() + 1 == images.len() && !left.contains_key("latest"), "{left:?}");
}
