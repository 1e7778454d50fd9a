//! Repositories that live at another registry.

use tagboat::demo::{Logged, OciOptions, catalogue, start_oci};

use super::{KEY, after, cloud, entry, head, of_cloud, start, whole};
use crate::support::pty::Pty;

const ENTRY: &str = "team/checkout/api";

#[track_caller]
fn choose(pty: &mut Pty) {
    whole(pty, 61);
    pty.narrow(ENTRY, "1/61");
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
        choose(&mut pty);
        pty.press(keys);
        let counted = |screen: &str| screen.contains("complete: 63 tags") || screen.contains("TAG  63");
        pty.wait_until("its tags", |screen| head(screen).contains(ENTRY) && counted(screen));
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
    choose(&mut pty);
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

/// Nobody listens there: that is said, and the list stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_not_there_leaves_everything_as_it_was() {
    let server = cloud("127.0.0.1:9").await;
    let mut pty = start(&of_cloud(&server), "cloud", (80, 24), KEY);
    choose(&mut pty);
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
    choose(&mut pty);
    pty.press("\r");
    pty.wait_for("no registry can be at that address");
    pty.press("q");
    assert_eq!(pty.end(), 0);
}
