//! Repositories that live at another registry.

use serde_json::json;
use tagboat::demo::docker_v1::{self, Archive, DockerV1Options, start_docker_v1};
use tagboat::demo::{Logged, OciOptions, catalogue, start_oci};

use super::{KEY, SIZES, after, cloud, entry, head, of_cloud, start, whole};
use crate::support::pty::Pty;

const ENTRY: &str = "team/checkout/api";

#[track_caller]
fn choose(pty: &mut Pty, name: &str) {
    whole(pty, 61);
    pty.narrow(name, "1/61");
}

/// The account of Docker Cloud is for Docker Cloud alone.
fn is_clean(log: &[Logged]) {
    assert!(!log.is_empty());
    for sent in log {
        let all = format!("{sent:?}");
        assert!(!all.contains(KEY) && !all.contains("annika") && sent.header("authorization").is_none(), "{all}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_opens_at_the_registry_of_the_list() {
    let registry = start_oci(catalogue(), OciOptions::default()).await.expect("loopback has a free port");
    let host = registry.url.strip_prefix("http://").unwrap().to_owned();
    let server = cloud(&host).await;
    for (size, keys) in [((120, 36), "\r"), ((80, 24), "go"), ((60, 20), "\r")] {
        registry.clear_log();
        let config = of_cloud(&server) + &entry("own", "oci", &registry.url, None, "plain_http = true");
        let mut pty = start(&config, "cloud", size, KEY);
        choose(&mut pty, ENTRY);
        pty.press(keys);
        pty.wait_until("its tags", |screen| head(screen).contains(ENTRY) && screen.contains("complete: 63 tags"));
        assert!(head(&pty.screen()).contains("own > "), "{}", pty.screen());
        pty.press("\x1b");
        pty.wait_until("the entry again", |screen| screen.contains("1/61") && head(screen).contains("cloud > "));
        is_clean(&registry.log());
        pty.press("q");
        assert_eq!(pty.end(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_not_in_the_list_is_asked_about_first() {
    let registry = start_oci(catalogue(), OciOptions::default()).await.expect("loopback has a free port");
    let host = registry.url.strip_prefix("http://").unwrap().to_owned();
    let server = cloud(&host).await;
    let mut pty = start(&of_cloud(&server), "cloud", (80, 24), KEY);
    choose(&mut pty, ENTRY);
    pty.press("\r");
    pty.wait_until("the question", |screen| screen.contains(&host) && screen.contains("plain http"));
    // Enter alone is no yes.
    pty.press("\r");
    pty.wait_until("no question", |screen| !screen.contains("lives at"));
    assert!(registry.log().is_empty());
    pty.press("\r");
    after(&mut pty, "lives at", "y");
    pty.wait_until("its tags", |screen| head(screen).contains(ENTRY) && screen.contains("complete: 63 tags"));
    is_clean(&registry.log());
    // For this run only.
    assert!(!std::fs::read_to_string(pty.home().join("config.toml")).unwrap().contains(&host));
    pty.press("\x1b");
    pty.wait_for("1/61");
    pty.press("q");
    assert_eq!(pty.end(), 0);
}

/// A name that the first protocol can have, too: two parts at most.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_the_first_protocol_is_found_out() {
    const SHORT: &str = "data/airflow";
    let mut store = docker_v1::Store::new();
    store.announce(SHORT, "[]");
    let id = "5e".repeat(32);
    store.add_image(&json!({"id": id}), Archive::default());
    store.tag(SHORT, "v1", &id, json!({}));
    let registry = start_docker_v1(store, DockerV1Options::default()).await.expect("loopback has a free port");
    let host = registry.url.strip_prefix("http://").unwrap().to_owned();
    let server = cloud(&host).await;
    for size in SIZES {
        registry.clear_log();
        let mut pty = start(&of_cloud(&server), "cloud", size, KEY);
        choose(&mut pty, SHORT);
        pty.press("\r");
        after(&mut pty, "lives at", "y");
        pty.wait_until("its tags", |screen| head(screen).contains(SHORT) && screen.contains("complete: 1 tag"));
        is_clean(&registry.log());
        let asked = format!("/v1/repositories/{SHORT}/tags");
        assert!(registry.log().iter().any(|sent| sent.path == asked));
        pty.press("\x1b");
        pty.wait_until("the entry again", |screen| screen.contains("1/61") && head(screen).contains("cloud > "));
        pty.press("q");
        assert_eq!(pty.end(), 0);
    }
}

/// The list can name what the registry does not have.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_at_its_registry_says_so() {
    let registry =
        start_docker_v1(docker_v1::Store::new(), DockerV1Options::default()).await.expect("loopback has a free port");
    let host = registry.url.strip_prefix("http://").unwrap().to_owned();
    let server = cloud(&host).await;
    let mut pty = start(&of_cloud(&server), "cloud", (80, 24), KEY);
    choose(&mut pty, ENTRY);
    pty.press("\r");
    after(&mut pty, "lives at", "y");
    pty.wait_until("why there are no tags", |screen| {
        head(screen).contains(ENTRY) && screen.contains("answered 404 to") && screen.contains("It is not there")
    });
    is_clean(&registry.log());
    pty.press("\x1b");
    pty.wait_until("the entry again", |screen| screen.contains("1/61") && head(screen).contains("cloud > "));
    pty.press("q");
    assert_eq!(pty.end(), 0);
}

/// Nobody listens there: that is said, and the list stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_not_there_leaves_everything_as_it_was() {
    let server = cloud("127.0.0.1:9").await;
    let mut pty = start(&of_cloud(&server), "cloud", (80, 24), KEY);
    choose(&mut pty, ENTRY);
    pty.press("\r");
    after(&mut pty, "lives at", "y");
    pty.wait_for("127.0.0.1:9");
    pty.wait_until("the reason", |screen| screen.contains("refused") || screen.contains("nobody"));
    assert!(head(&pty.screen()).contains("cloud > "), "{}", pty.screen());
    pty.press("q");
    assert_eq!(pty.end(), 0);
}

/// What the account's list names as a place can be anything.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_the_machines_of_a_cloud_is_never_asked() {
    let server = cloud("169.254.169.254:80").await;
    let mut pty = start(&of_cloud(&server), "cloud", (80, 24), KEY);
    choose(&mut pty, ENTRY);
    pty.press("\r");
    pty.wait_for("no registry can be at that address");
    pty.press("q");
    assert_eq!(pty.end(), 0);
}
