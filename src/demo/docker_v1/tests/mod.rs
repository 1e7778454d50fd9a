//! The server against the protocol notes, spoken to in raw HTTP so that no client library helps.

mod layers;
mod push;
mod reference;
mod seeds;
mod switches;
mod tokens;

use serde_json::{Value, json};

use super::{Archive, DockerV1Options, DockerV1Server, Entry, Store, start_docker_v1};
use crate::demo::tests::client::{Got, send};

async fn start(store: Store, options: DockerV1Options) -> DockerV1Server {
    start_docker_v1(store, options).await.expect("loopback has a free port")
}

/// docker-registry 0.9.1 without contents.
async fn reference() -> DockerV1Server {
    start(Store::new(), DockerV1Options::reference()).await
}

async fn call(server: &DockerV1Server, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Got {
    send(&server.url, method, path, headers, body.as_bytes()).await.expect("an answer")
}

async fn get(server: &DockerV1Server, path: &str) -> Got {
    call(server, "GET", path, &[], "").await
}

fn text(got: &Got) -> &str {
    std::str::from_utf8(&got.body).expect("text")
}

fn id(letter: char) -> String {
    letter.to_string().repeat(64)
}

fn layer() -> Archive {
    Archive::tar(&[Entry::Folder("./srv/"), Entry::File("./srv/motd", "hello\n")])
}

/// Two images, `b` on `a`, and `acme/api` with `1.0` and `latest` on `b`.
fn small() -> Store {
    let mut store = Store::new();
    store.add_image(&json!({"id": id('a'), "Size": 6}), layer());
    store.add_image(&json!({"id": id('b'), "parent": id('a')}), Archive::large(&[], "srv/run", 100_000));
    for tag in ["1.0", "latest"] {
        store.tag("acme/api", tag, &id('b'), Value::Null);
    }
    store.announce("acme/api", "[]");
    store
}
