use serde_json::{Value, json};

use crate::domain::cleanup::tests::server::Kind;
use crate::domain::cleanup::tests::world::{World, digest, tag};
use crate::domain::cleanup::*;

/// An index with an entry and a signature goes, a shared tag and a dangling one go, a protected one stays.
fn saved() -> Value {
    let mut world = World::new(Kind::TagToo);
    world.image("child");
    world.index("index", &["child"]);
    world.referrer("signature", "index");
    world.image("shared");
    world.tag("release", "index");
    world.tag("a", "shared");
    world.tag("b", "shared");
    world.tag("keep", "shared");
    world.server.tags.insert(tag("hollow"), None);
    world.protect = vec!["keep"];
    let choices = Choices { children: true, referrers: true, ..Choices::default() };
    let plan = world.plan(&["release", "a", "keep", "hollow"], &choices);
    assert_eq!(plan.items.len(), 5);
    serde_json::from_str(&plan.to_json().unwrap()).unwrap()
}

type Edit = fn(&mut Value);

fn read(value: &Value) -> Result<Plan, String> {
    Plan::from_json(&value.to_string()).map_err(|error| error.to_string())
}

#[test]
fn a_plan_has_the_form_of_its_contract_and_comes_back_the_same() {
    let value = saved();
    let plan = read(&value).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&plan.to_json().unwrap()).unwrap(), value);
    assert_eq!(
        (&value["version"], &value["registry"], &value["repository"]),
        (&json!(1), &json!("demo"), &json!("team/api"))
    );
    assert_eq!(value["created"], "2026-06-01T00:00:00Z");
    assert_eq!(value["items"][0]["tag"], "a");
    assert_eq!(value["items"][0]["method"], "untag");
    assert_eq!(value["items"][0]["siblings"], json!(["b", "keep"]));
    assert_eq!((&value["items"][1]["tag"], &value["items"][1]["digest"]), (&json!("hollow"), &Value::Null));
    assert_eq!(value["items"][2]["method"], "delete-manifest");
    assert_eq!(value["items"][2]["children"], json!([digest("child").to_string()]));
    assert_eq!(value["items"][2]["referrers"], json!([digest("signature").to_string()]));
    assert_eq!(value["items"][3]["after"], json!([digest("index").to_string()]));
    assert_eq!(value["kept"][0]["tag"], "keep");
    assert_eq!(value["kept"][0]["why"], "protected by “keep”");
    assert_eq!((&value["reclaimable_bytes"], &value["reclaimable_is"]), (&json!(230), &json!("exact")));
}

#[test]
fn fields_it_does_not_know_are_left_aside_and_other_versions_refused() {
    let mut value = saved();
    value["later"] = json!({"x": 1});
    value["items"][0]["later"] = json!(1);
    assert!(read(&value).is_ok());
    value["version"] = json!(2);
    assert_eq!(read(&value).unwrap_err(), "this plan is of version 2, and this tagboat knows version 1");
    for no_plan in ["", "[]", "{}", "{\"version\":1}", "{\"version\":\"1\"}"] {
        assert!(Plan::from_json(no_plan).unwrap_err().to_string().starts_with("this is no plan: "), "{no_plan}");
    }
}

#[test]
fn a_plan_edited_into_nonsense_is_refused_with_what_is_wrong() {
    let edits: [(&str, Edit, &str); 20] = [
        ("name", |v| v["repository"] = json!("Team/../x"), "not a valid repository name"),
        ("time", |v| v["created"] = json!("yesterday"), "is not a time"),
        ("registry", |v| v["registry"] = json!(""), "which registry"),
        ("tag", |v| v["items"][0]["tag"] = json!("a/b"), "item 1: “a/b” is not a valid tag"),
        ("digest", |v| v["items"][0]["digest"] = json!("sha256:../../x"), "item 1: "),
        ("method", |v| v["items"][0]["method"] = json!("burn"), "item 1: there is no method “burn”"),
        ("role", |v| v["items"][0]["role"] = json!("hero"), "there is no role"),
        ("no tag", |v| v["items"][0]["tag"] = Value::Null, "takes a tag away, but names none"),
        ("no digest", |v| v["items"][2]["digest"] = Value::Null, "names no digest"),
        ("placeholder", |v| v["items"][1]["method"] = json!("placeholder"), "the digest that is kept"),
        ("twice", |v| v["items"][1]["tag"] = json!("a"), "item 2: the tag a is deleted twice"),
        ("own sibling", |v| v["items"][0]["siblings"] = json!(["a"]), "its own sibling"),
        ("kept", |v| v["kept"][0]["tag"] = json!("a"), "the tag a is kept and deleted"),
        ("parent", |v| drop(v["items"].as_array_mut().unwrap().remove(2)), "which nothing before it deletes"),
        ("order", |v| v["items"].as_array_mut().unwrap().swap(2, 3), "which nothing before it deletes"),
        ("protected", |v| v["items"][0]["protected"] = json!(true), "nobody lifted that"),
        ("bytes", |v| v["reclaimable_bytes"] = json!(999), "contradict each other"),
        ("bytes", |v| v["reclaimable_is"] = json!("roughly"), "exact or lower-bound"),
        ("unsure", |v| v["unsure"] = json!("the list is not complete"), "what uses them is not known"),
        ("tags", |v| v["tags_before"] = json!(1), "3 tags of 1"),
    ];
    for (what, edit, why) in edits {
        let mut value = saved();
        edit(&mut value);
        let error = read(&value).expect_err(what);
        assert!(error.contains(why), "{what}: {error}");
    }
    let mut value = saved();
    value["items"].as_array_mut().unwrap().remove(2);
    value["items"][2]["after"] = json!([]);
    assert!(read(&value).unwrap_err().contains("lists it and stays"));
}

#[test]
fn what_a_plan_file_says_is_cleaned() {
    let mut value = saved();
    value["items"][0]["warnings"] = json!(["\u{1b}]0;x\u{7}"]);
    value["kept"][0]["why"] = json!("\u{202e}");
    let plan = read(&value).unwrap();
    assert!(plan.items[0].warnings[0].was_changed() && plan.kept[0].why.was_changed());
}
