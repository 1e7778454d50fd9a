//! Answers that would fill the machine: the program reads its share, says what is wrong, and ends. It runs with a limit
//! of its own, so that wanting more ends it differently.
#![cfg(unix)]

use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::json;
use tagboat::demo::{Fault, OCI_MANIFEST, OciOptions, OciServer, Rule, Store, start_oci};

use crate::support::listener::{Listener, Seen, answer};
use crate::support::program::{Place, Said};

/// MiB: what safety asks for, whatever a registry sends.
const MOST: u64 = 300;
/// A list that takes longer than this is not coming to an end.
const SOON: Duration = Duration::from_secs(120);

async fn within(mebibytes: u64, arguments: &[&str]) -> Output {
    let place = Place::new("");
    let command = tokio::process::Command::from(place.command_within(mebibytes, arguments)).kill_on_drop(true).output();
    tokio::time::timeout(SOON, command).await.expect("an end").expect("the program")
}

async fn server(path: &str, faults: Vec<Fault>) -> OciServer {
    let server = start_oci(Store::new(), OciOptions::default()).await.expect("loopback has a free port");
    faults.into_iter().for_each(|fault| server.faults().add(Rule::on(path, fault)));
    server
}

fn ok(body: &str) -> Fault {
    Fault::Answer { status: 200, headers: Vec::new(), body: body.into() }
}

/// Spaces without end; with an honest length they would be refused unread.
fn padded() -> Vec<Fault> {
    vec![Fault::Pad(10 << 30), Fault::Header("content-length".to_owned(), None), ok("{")]
}

fn nested() -> Fault {
    let brackets = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    ok(&format!(r#"{{"schemaVersion":2,"repositories":{brackets},"tags":{brackets},"manifests":{brackets}}}"#))
}

#[tokio::test]
async fn bombs_are_read_in_bounds() {
    for (path, command, name, word) in [
        ("_catalog", &["repos"][..], "", "more than the 16 MiB"),
        ("tags/list", &["tags"], "/a", "more than the 64 MiB"),
        ("/manifests/", &["inspect"], "/a:1", "more than the 4 MiB"),
        ("/manifests/", &["inspect", "--large"], "/a:1", "more than the 32 MiB"),
    ] {
        for (faults, is_nested) in [(vec![Fault::GzipBomb(10 << 30)], false), (padded(), false), (vec![nested()], true)]
        {
            let server = server(path, faults).await;
            let image = format!("{}{name}", server.url.trim_start_matches("http://"));
            let began = Instant::now();
            let said = Said::from(within(MOST, &[command, &[image.as_str()]].concat()).await);
            let what = format!("{command:?}: {:?} {}", said.code, said.err);
            assert!(began.elapsed() < SOON / 2, "{what}: {:?}", began.elapsed());
            if is_nested {
                // One entry that is no name, or a document of which only the raw view is left.
                let note = if command[0] == "inspect" { "nested more than 64 levels" } else { "1 entry skipped" };
                assert!(said.code == Some(0) && said.err.contains(note), "{what}");
            } else {
                assert!(matches!(said.code, Some(1..=7)) && said.err.contains(word), "{what}");
            }
        }
    }
}

/// As many values as are taken apart, in a manifest and in its config of 32 MiB each.
#[tokio::test]
async fn what_is_large_and_asked_for_is_read_in_bounds() {
    const LENGTH: usize = 32 << 20;
    let mut store = Store::new();
    let padded = |document: serde_json::Value| {
        let mut bytes = document.to_string().into_bytes();
        bytes.resize(LENGTH, b' ');
        bytes
    };
    let config = padded(json!({"os": "linux", "architecture": "arm64", "history": vec![json!({}); 99_900 / 2]}));
    let config = store.add_blob("a", config);
    let entry = |n: usize| json!({"digest": format!("sha256:{n:064x}"), "size": n});
    let manifest = json!({
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config.to_string(), "size": LENGTH},
        "layers": (0..33_000).map(entry).collect::<Vec<_>>(),
    });
    let digest = store.add_manifest("a", OCI_MANIFEST, padded(manifest));
    store.tag("a", "1", &digest);
    let server = start_oci(store, OciOptions::default()).await.expect("loopback has a free port");
    let image = format!("{}/a:1", server.url.trim_start_matches("http://"));
    let said = Said::from(within(MOST, &["inspect", &image]).await);
    assert!(said.code == Some(5) && said.err.contains("`tagboat inspect --large`"), "{:?} {}", said.code, said.err);
    for arguments in [&["inspect", "--large", &image][..], &["inspect", "--large", "--json", &image]] {
        let said = Said::from(within(MOST, arguments).await);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(said.out.contains("arm64") && said.out.contains(&format!("{:064x}", 32_999)), "{arguments:?}");
    }
}

/// The limit is one: with less than an answer may have, the program does not get that far.
#[tokio::test]
async fn the_limit_of_these_tests_holds() {
    let server = server("tags/list", vec![Fault::GzipBomb(10 << 30)]).await;
    let image = format!("{}/a", server.url.trim_start_matches("http://"));
    let output = within(60, &["tags", &image]).await;
    assert_eq!(output.status.code(), None, "{}", String::from_utf8_lossy(&output.stderr));
}

/// A page of names nobody has seen yet, and a link to the next one, for ever.
fn endless(seen: &Seen) -> Vec<u8> {
    let page: u64 = seen.line.split(['=', ' ', '&']).find_map(|part| part.parse().ok()).unwrap_or(0);
    if seen.is_for("/v2/") {
        return answer(200, &[("content-type", "application/json")], "{}");
    }
    let names: Vec<String> = (0..25_000).map(|n| format!("\"r{page}-{n}\"")).collect();
    let key = if seen.line.contains("_catalog") { "repositories" } else { "tags" };
    let link = format!("<?last={}>; rel=\"next\"", page + 1);
    let body = format!(r#"{{"{key}":[{}]}}"#, names.join(","));
    answer(200, &[("content-type", "application/json"), ("link", &link)], body)
}

#[tokio::test]
async fn a_list_without_end_ends() {
    let server = Listener::start(endless);
    let host = server.address.to_string();
    for arguments in [vec!["repos", &host], vec!["tags", &format!("{host}/a"), "--names"]] {
        let output = within(MOST, &arguments).await;
        let said = String::from_utf8_lossy(&output.stderr);
        let names = output.stdout.iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(output.status.code(), Some(7), "{arguments:?}: {said}");
        assert!((900_000..=1_000_001).contains(&names), "{arguments:?}: {names}");
        assert!(said.contains("incomplete: the list is longer than tagboat reads"), "{arguments:?}: {said}");
    }
}
