//! Other people's clients against the stand-ins: the environment they are in.

use serde_json::Value;

use crate::support::clients::{node, python};

/// What a client does was looked at in these versions; another one proves nothing about it.
#[tokio::test]
async fn the_clients_are_the_pinned_ones() {
    let installed = python("versions.py", &[]).await;
    let pinned = include_str!("clients/requirements.txt").lines().filter_map(|line| line.split_once("=="));
    let mut count = 0;
    for (name, version) in pinned {
        assert_eq!(installed[name], version, "{name}");
        count += 1;
    }
    assert!(count > 0, "nothing is pinned");
    let wanted: Value = serde_json::from_str(include_str!("clients/package.json")).expect("JSON");
    assert_eq!(node("versions.js", &[]).await, wanted["dependencies"]);
}
