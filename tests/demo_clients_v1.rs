//! Clients of the first protocol against its stand-in: what they read is what it holds, what they write is there.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tagboat::demo::docker_v1::{
    Access, DockerV1Options, DockerV1Server, Endpoints, Page, Search, Store, catalogue, start_docker_v1,
};
use tagboat::domain::reference::hex;

use crate::support::clients::{node, python};
use crate::support::program::{Place, by_name};

const REPOSITORY: &str = "attic/documents";
const TAG: &str = "wide-text";

async fn start(options: DockerV1Options) -> DockerV1Server {
    start_docker_v1(catalogue(), options).await.expect("loopback has a free port")
}

/// The ids of an image's chain, and their documents.
fn chain(store: &Store, image: &str) -> (Value, Value) {
    let ancestry = &store.images[image].ancestry;
    (json!(ancestry), ancestry.iter().map(|id| store.images[id].fields()).collect())
}

fn layers(store: &Store, ids: &Value) -> Value {
    let layer = |id: &Value| {
        let image = &store.images[id.as_str().expect("an id")];
        let bytes = image.layer.as_ref().expect("a layer").to_vec();
        json!({"size": bytes.len(), "sha256": hex(&Sha256::digest(&bytes))})
    };
    ids.as_array().expect("ids").iter().map(layer).collect()
}

fn tags(store: &Store) -> Vec<String> {
    store.repositories[REPOSITORY].tags.keys().cloned().collect()
}

/// With a password and without, against one that answers as docker-registry 0.9.1 and one that pages its search.
#[tokio::test]
async fn the_python_client_reads_tags_and_deletes() {
    let basic = Access::Basic { user: "ann".to_owned(), password: "p:w".to_owned() };
    for (access, account) in [(Access::Open, &[][..]), (basic, &["ann", "p:w"])] {
        let server = start(DockerV1Options { access, ..DockerV1Options::reference() }).await;
        let before = server.store().clone();
        let arguments = [&[server.url.as_str(), REPOSITORY, TAG, "reviewed"], account].concat();
        let said = python("docker_v1.py", &arguments).await;

        let image = before.repositories[REPOSITORY].tags[TAG].image.clone();
        let (ancestry, documents) = chain(&before, &image);
        assert_eq!(said["status"], json!({}));
        assert_eq!(said["repositories"], json!(sorted(&before.announced)));
        assert_eq!((&said["image"], &said["image_of_tag"]), (&json!(image), &json!(image)));
        assert_eq!((&said["ancestry"], &said["json"]), (&ancestry, &documents));
        assert_eq!(said["tag_data"], before.repositories[REPOSITORY].tags[TAG].info);
        let found = &said["found"];
        assert_eq!((&found["num_results"], &found["results"][0]["name"]), (&json!(1), &json!(REPOSITORY)));

        let old = tags(&before);
        assert_eq!((&said["tags"], &said["tags_after_deleting"]), (&json!(old), &json!(old)));
        let with_new = sorted(&[old, vec!["reviewed".to_owned()]].concat());
        assert_eq!((&said["tags_after_setting"], &said["image_of_new_tag"]), (&json!(with_new), &json!(image)));
        assert_eq!((&said["set"], &said["deleted"], &said["deleted_again"]), (&json!(true), &json!(true), &json!(404)));
        assert_eq!((&said["repository_deleted"], &said["tags_at_last"]), (&json!(true), &json!(404)));
        assert!(!server.store().repositories.contains_key(REPOSITORY));
        assert_eq!(said["layers"], layers(&before, &ancestry));
    }
}

fn sorted(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort();
    names
}

/// Its layers come from another origin, where its token must not be seen.
#[tokio::test]
async fn the_node_client_reads_everything() {
    let options = [
        DockerV1Options::reference(),
        DockerV1Options { redirects_layers: true, ..DockerV1Options::default() },
        DockerV1Options { search: Search::Paged(Page::Text), endpoints: Endpoints::Two, ..DockerV1Options::default() },
    ];
    for options in options {
        let redirects = options.redirects_layers;
        let server = start(options).await;
        let host = server.url.trim_start_matches("http://");
        let said = node("docker_v1.js", &[host, REPOSITORY, TAG]).await;
        let store = server.store().clone();
        let repository = &store.repositories[REPOSITORY];
        let image = &repository.tags[TAG].image;
        let (ancestry, documents) = chain(&store, image);
        assert_eq!(said["search"]["results"][0]["name"], REPOSITORY);
        assert_eq!(said["images"].as_array().map(Vec::len), Some(repository.tags.len()));
        let pairs = repository.tags.iter().map(|(tag, set)| (tag.clone(), json!(set.image)));
        assert_eq!(said["tags"], Value::Object(pairs.collect()));
        assert_eq!((&said["image"], &said["ancestry"], &said["json"]), (&json!(image), &ancestry, &documents));
        let log = server.log();
        assert!(log.iter().any(|request| request.header("authorization").is_some_and(|v| v.starts_with("Token "))));
        if let Some(storage) = server.storage() {
            let log = storage.log();
            assert_eq!(log.len(), ancestry.as_array().map_or(0, Vec::len));
            assert!(log.iter().all(|request| request.header("authorization").is_none()));
        }
        assert_eq!(said["layers"], layers(&store, &ancestry), "redirected: {redirects}");
    }
}

/// What the clients see and what the program's `--json` shows are the same.
#[tokio::test(flavor = "multi_thread")]
async fn the_clients_and_the_program_see_the_same() {
    let server = start(DockerV1Options::reference()).await;
    let place = Place::new(&format!(
        "[[registry]]\nname = \"v1\"\nkind = \"docker-v1\"\nurl = \"{}\"\nplain_http = true\n",
        server.url
    ));
    let listed = place.run(&["repos", "v1", "--json"]).json();
    let own = by_name(&listed["repositories"], |_| Value::Null);
    let tags = place.run(&["tags", &format!("v1/{REPOSITORY}"), "--json"]).json();
    let images = by_name(&tags["tags"], |one| one["image_id"].clone());
    assert_eq!((&listed["complete"], &tags["complete"]), (&json!(true), &json!(true)));

    let host = server.url.trim_start_matches("http://");
    let reads = node("docker_v1.js", &[host, REPOSITORY, TAG]).await;
    assert_eq!(reads["tags"], json!(images));
    let found = by_name(&reads["search"]["results"], |_| Value::Null);
    assert!(!found.is_empty() && found.keys().eq(own.keys().filter(|name| name.contains(REPOSITORY))), "{found:?}");
    // It deletes the repository at last.
    let said = python("docker_v1.py", &[&server.url, REPOSITORY, TAG, "reviewed"]).await;
    assert_eq!((&said["repositories"], &said["images"]), (&json!(own.keys().collect::<Vec<_>>()), &json!(images)));
    let now = place.run(&["repos", "v1", "--json"]).json();
    let now = by_name(&now["repositories"], |_| Value::Null);
    assert!(!now.contains_key(REPOSITORY) && now.len() + 1 == own.len(), "{now:?}");
}
