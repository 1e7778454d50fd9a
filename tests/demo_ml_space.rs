//! The vendor's own client against the stand-in of ML Space: what it lists and what it changes.

use serde_json::{Value, json};
use tagboat::demo::ml_space::{Repository, Workspace, catalogue};
use tagboat::demo::{MlSpaceOptions, MlSpaceServer, start_ml_space};

use crate::support::clients::python;
use crate::support::program::{Place, Said};

const REGISTRY: &str = "mlspace_docker_registry";

async fn demo() -> MlSpaceServer {
    start_ml_space(catalogue(), MlSpaceOptions::default()).await.expect("loopback has a free port")
}

fn workspace(server: &MlSpaceServer) -> Workspace {
    server.store().workspaces[0].clone()
}

fn repository(server: &MlSpaceServer, name: &str) -> Repository {
    workspace(server).named(name).unwrap_or_else(|| panic!("no {name}")).clone()
}

fn call(action: &str, mut arguments: Value) -> Value {
    arguments["action"] = action.into();
    json!([REGISTRY, arguments])
}

/// What the plug-in returned to each call, and whether it called that a failure. No key of the workspace is given: it
/// asks for that itself.
async fn plugin(server: &MlSpaceServer, more: &[(&str, &str)], calls: &[Value]) -> Vec<(bool, Value)> {
    let person = server.store().accounts[0].clone();
    let mut settings = json!({
        "MLSPACE_BASE_URL": server.url,
        "MLSPACE_CLIENT_ID": person.key_id,
        "MLSPACE_CLIENT_SECRET": person.key_secret,
        "MLSPACE_WORKSPACE_ID": workspace(server).id.to_string(),
    });
    for (name, value) in more {
        settings[*name] = (*value).into();
    }
    let (settings, calls) = (settings.to_string(), Value::from(calls).to_string());
    let results = python("ml_space.py", &[&settings, &calls]).await;
    let one = |result: &Value| (result["failed"].as_bool().expect("a flag"), result["said"].clone());
    results.as_array().expect("a list").iter().map(one).collect()
}

/// The answers, none of which may be a failure.
async fn done(server: &MlSpaceServer, calls: &[Value]) -> Vec<Value> {
    let results = plugin(server, &[], calls).await;
    results.into_iter().map(|(failed, said)| if failed { panic!("{said}") } else { said }).collect()
}

fn texts(list: &Value, key: &str) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter().map(|entry| entry[key].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn the_plugin_lists_what_there_is() {
    let server = demo().await;
    let trainer = repository(&server, "nlp/instruct-trainer");
    let image = &trainer.images[0];
    let said = done(
        &server,
        &[
            json!(["mlspace_workspaces", {"action": "list"}]),
            call("current_registry", json!({})),
            call("list_repos", json!({})),
            call("list_repos", json!({"page": 2, "page_size": 20})),
            call("get_repo", json!({"repository_id": trainer.id})),
            call("list_images", json!({"repository_id": trainer.id})),
            call("get_image", json!({"image_id": image.id})),
            call("list_tags", json!({"image_id": image.id})),
        ],
    )
    .await;
    let [workspaces, registry, repos, page, one, images, shown, tags] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(texts(&workspaces["workspaces"], "name"), ["vision-prod", "nlp-research", "sandbox"]);
    let want: Vec<String> = workspace(&server).repositories.iter().map(|it| it.name.clone()).collect();
    assert_eq!(registry["repositories_count"], want.len());
    assert_eq!(texts(repos, "name"), want);
    assert_eq!(texts(page, "name"), want[20..40]);
    assert_eq!((&one["images_count"], &one["labels"]), (&json!(1), &json!(trainer.labels)));
    assert_eq!(texts(images, "digest"), [image.digest.as_str()]);
    assert_eq!((&shown["size"], &shown["extra_attrs"]["architecture"]), (&json!(image.size), &json!("amd64")));
    let want: Vec<String> = image.tags.iter().map(|tag| tag.name.clone()).collect();
    assert_eq!(texts(tags, "name"), want);
    let want: Vec<Option<String>> = image.tags.iter().map(|tag| tag.color.clone()).collect();
    let colours = tags.as_array().expect("a list").iter().map(|tag| tag["color"].as_str().map(str::to_owned));
    assert_eq!(colours.collect::<Vec<_>>(), want);
    assert_eq!(server.tokens_issued(), 1);
}

#[tokio::test]
async fn the_plugin_tags_recolours_marks_and_describes() {
    let server = demo().await;
    let trainer = repository(&server, "nlp/instruct-trainer");
    let (image, first) = (trainer.images[0].id, trainer.images[0].tags[0].clone());
    let update = json!({"description": "Обучение", "labels": ["h100"], "labels_to_delete": ["a100"]});
    let said = done(
        &server,
        &[
            call("create_tag", json!({"body": {"image_id": image, "name": "from-plugin", "color": "#00FF7F"}})),
            call("update_tag", json!({"tag_id": first.id, "body": {"color": "#112233"}})),
            call("repo_fav", json!({"repository_id": trainer.id, "body": {"favorite": true}})),
            call("update_repo", json!({"repository_id": trainer.id, "body": update})),
        ],
    )
    .await;
    let now = repository(&server, "nlp/instruct-trainer");
    let tag = |name: &str| now.images[0].tags.iter().find(|tag| tag.name == name).expect("a tag").clone();
    let made = tag("from-plugin");
    assert_eq!((said[0]["id"].as_str(), made.color.as_deref()), (Some(&*made.id.to_string()), Some("#00FF7F")));
    assert_eq!(tag(&first.name).color.as_deref(), Some("#112233"));
    assert!(now.favorite);
    let labels = now.labels.unwrap_or_default();
    assert!(labels.contains(&"h100".to_owned()) && !labels.contains(&"a100".to_owned()));
    assert_eq!(now.description.as_deref(), Some("Обучение"));
}

#[tokio::test]
async fn the_plugin_deletes_in_batches() {
    let server = demo().await;
    let (trainer, palette) = (repository(&server, "nlp/instruct-trainer"), repository(&server, "labelling/palette"));
    let tags: Vec<String> = trainer.images[0].tags[..3].iter().map(|tag| tag.id.to_string()).collect();
    let loader = repository(&server, "datasets/loader");
    let said = done(
        &server,
        &[
            call("delete_tags", json!({"body": {"tag_ids": tags}, "confirm": true})),
            call("delete_images", json!({"body": {"image_ids": [palette.images[0].id]}, "confirm": true})),
            call("delete_repos", json!({"body": {"repository_ids": [loader.id]}, "confirm": true})),
        ],
    )
    .await;
    assert_eq!(said, [json!(tags), json!([palette.images[0].id]), json!([loader.id])]);
    assert_eq!(repository(&server, "nlp/instruct-trainer").images[0].tags.len(), 9);
    assert!(repository(&server, "labelling/palette").images.is_empty());
    assert!(workspace(&server).named("datasets/loader").is_none());
}

#[tokio::test]
async fn the_plugin_gets_a_new_password_only_when_it_is_allowed() {
    let server = demo().await;
    let before = server.store().accounts[0].password.clone();
    let ask = [call("generate_password", json!({"confirm": true, "reveal_secret": true}))];
    let refused = plugin(&server, &[], &ask).await;
    assert!(refused[0].0 && server.passwords_asked() == 0);
    let allowed = [("MLSPACE_ALLOW_REGISTRY_PASSWORD_ROTATION", "true")];
    let said = plugin(&server, &allowed, &ask).await;
    let now = server.store().accounts[0].password.clone();
    assert_eq!((said[0].0, &said[0].1["password"]), (false, &json!(now)));
    assert!(now != before && server.passwords_asked() == 1);
}

/// What it makes of the things that go wrong is what its own texts say of them.
#[tokio::test]
async fn the_plugin_understands_what_goes_wrong() {
    let server = demo().await;
    let trainer = repository(&server, "nlp/instruct-trainer");
    let update = |text: &str| {
        call("update_repo", json!({"repository_id": trainer.id, "body": {"description": text, "labels": ["x"]}}))
    };
    let absent = call("get_repo", json!({"repository_id": "3fa85f64-5717-4562-b3fc-2c963f66afa6"}));
    server.switches().not_found = tagboat::demo::ml_space::NotFound::HtmlInJson;
    server.switches().forgets_writes = true;
    server.switches().broken.insert(trainer.images[0].id);
    let broken = call("get_image", json!({"image_id": trainer.images[0].id}));
    let invalid = call("list_tags", json!({"image_id": "latest"}));
    let calls = [update("see ../x"), absent, update("fine"), broken, invalid];
    let said = plugin(&server, &[], &calls).await;
    let wanted =
        ["445", "HTML error page", "not confirmed", "server error (500)", "image_id: Input should be a valid UUID"];
    for ((failed, said), want) in said.iter().zip(wanted) {
        assert!(*failed && said.as_str().is_some_and(|text| text.contains(want)), "{want}: {said}");
    }

    server.switches().limited = Some(tagboat::demo::ml_space::Limited { requests: 1, retry_after: Some(7) });
    let said = plugin(&server, &[], &[call("current_registry", json!({}))]).await;
    assert!(said[0].0 && said[0].1.as_str().is_some_and(|text| text.contains("Retry after 7s")), "{said:?}");
}

/// A token that is over in the middle is renewed, and the call is done once.
#[tokio::test]
async fn the_plugin_renews_its_token() {
    let server = demo().await;
    let over = tagboat::demo::Fault::Answer {
        status: 401,
        headers: Vec::new(),
        body: br#"{"error_code":20,"error_message":"Token has expired"}"#.to_vec(),
    };
    server.faults().add(tagboat::demo::Rule::on("/registries/current", over).times(1));
    let said = done(&server, &[call("current_registry", json!({}))]).await;
    assert_eq!(said[0]["repositories_count"], workspace(&server).repositories.len());
    assert_eq!(server.tokens_issued(), 2);
}

/// The program's own commands, signed in by the environment as a script would be.
fn program(server: &MlSpaceServer, arguments: &[&str]) -> Said {
    let person = server.store().accounts[0].clone();
    let place = Place::new(&format!(
        "[[registry]]\nname = \"ml\"\nkind = \"ml-space\"\nurl = \"{}\"\nworkspace = \"{}\"\nplain_http = true\n\
         username = \"{}\"\ncredential = \"env:ML_SPACE_SECRET\"\n",
        server.url,
        workspace(server).id,
        person.key_id,
    ));
    let said = place.command(arguments).env("ML_SPACE_SECRET", person.key_secret).output().expect("the program");
    Said::from(said)
}

/// What the plug-in sees and what the program's `--json` shows are the same.
#[tokio::test(flavor = "multi_thread")]
async fn the_plugin_and_the_program_see_the_same() {
    let server = demo().await;
    let trainer = repository(&server, "nlp/instruct-trainer");
    let calls = [
        call("list_repos", json!({})),
        call("list_tags", json!({"image_id": trainer.images[0].id})),
        call("get_image", json!({"image_id": trainer.images[0].id})),
    ];
    let plugin = done(&server, &calls).await;
    let fine = |one: &&Value| !one["name"].as_str().is_some_and(|name| name.contains('\u{1b}'));
    let row = |one: &Value| {
        let tags = one["tags"].as_array().map(Vec::len);
        json!([one["name"], one["favorite"], one["description"], tags, one["updated_at"]])
    };
    let want: Vec<Value> = plugin[0].as_array().expect("a list").iter().filter(fine).map(row).collect();
    let said = program(&server, &["repos", "ml", "--json"]).json();
    let row =
        |one: &Value| json!([one["name"], one["favourite"], one["description"], one["tag_count"], one["updated"]]);
    let own = said["repositories"].as_array().expect("a list").iter();
    let own: Vec<Value> = own.filter(|one| !one["tag_count"].is_null()).map(row).collect();
    assert_eq!((own, &said["complete"]), (want, &json!(true)));

    let said = program(&server, &["tags", "ml/nlp/instruct-trainer", "--json"]).json();
    let pairs = |list: &Value, colour: &str| {
        let pair = |one: &Value| (one["name"].to_string(), one[colour].to_string());
        list.as_array().expect("a list").iter().map(pair).collect::<std::collections::BTreeMap<_, _>>()
    };
    assert_eq!(pairs(&said["tags"], "colour"), pairs(&plugin[1], "color"));
    let digests = said["tags"].as_array().expect("a list").iter().all(|one| one["digest"] == plugin[2]["digest"]);
    assert!(digests && said["tags"][0]["size"] == plugin[2]["size"]);

    let said = program(&server, &["inspect", "ml/nlp/instruct-trainer:latest", "--json"]).json();
    assert_eq!((&said["digest"], &said["size"]), (&plugin[2]["digest"], &plugin[2]["size"]));
    assert_eq!(said["platforms"][0]["architecture"], plugin[2]["extra_attrs"]["architecture"]);
}
