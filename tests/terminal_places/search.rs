//! The search of a registry of the first protocol.

use tagboat::demo::docker_v1::{DockerV1Options, DockerV1Server, catalogue, start_docker_v1};
use tagboat::demo::{Fault, Rule};

use super::{SIZES, after, entry, faults, start};
use crate::support::pty::Pty;

const EMPTY: &str = r#"{"query":"","num_results":0,"results":[]}"#;

async fn server() -> DockerV1Server {
    start_docker_v1(catalogue(), DockerV1Options::default()).await.expect("loopback has a free port")
}

fn open(server: &DockerV1Server, size: (u16, u16)) -> Pty {
    start(&entry("old", "docker-v1", &server.url, None, ""), "old", size, "")
}

fn asked(server: &DockerV1Server, term: &str) -> usize {
    let query = format!("q={term}&");
    server.log().iter().filter(|sent| sent.path == "/v1/search" && sent.query.starts_with(&query)).count()
}

#[track_caller]
fn search(pty: &mut Pty, term: &str) {
    pty.press("gs");
    after(pty, "Search the registry", &format!("{term}\r"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_takes_the_place_of_the_list() {
    let server = server().await;
    for size in SIZES {
        server.clear_log();
        let mut pty = open(&server, size);
        pty.wait_for("complete: ");
        search(&mut pty, "redis");
        pty.wait_until("what was found", |screen| {
            screen.contains("search: redis") && screen.contains("data/redis") && !screen.contains("billing/pdf")
        });
        assert_eq!(asked(&server, "redis"), 1);
        // Another one takes its place.
        pty.press("gs");
        after(&mut pty, "Search the registry", "\x15kafka\r");
        pty.wait_until("the other one", |screen| screen.contains("search: kafka") && screen.contains("data/kafka"));
        pty.press("\x1b");
        pty.wait_until("the list again", |screen| {
            screen.contains("Repositories") && screen.contains("accounts/identity")
        });
        // The terms come back, the newest first.
        pty.press("gs");
        after(&mut pty, "Search the registry", "\x1b[A");
        pty.press("\x1b[A");
        pty.press("\r");
        pty.wait_until("the first one", |screen| screen.contains("search: redis") && screen.contains("data/redis"));
        assert_eq!((asked(&server, "redis"), asked(&server, "kafka"), asked(&server, "")), (2, 1, 1));
        pty.press("q");
        assert_eq!(pty.end(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_lists_nothing_is_searched() {
    let server = server().await;
    let empty = Fault::Answer { status: 200, headers: Vec::new(), body: EMPTY.as_bytes().to_vec() };
    server.faults().add(Rule::on("/v1/search?q=&", empty));
    let mut pty = open(&server, (80, 24));
    after(&mut pty, "lists nothing by itself", "redis\r");
    pty.wait_for("data/redis");
    pty.press("\x1b");
    pty.wait_for("it can be searched");
    pty.press("q");
    assert_eq!(pty.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_fails_says_why_and_is_tried_again() {
    let server = server().await;
    let mut pty = open(&server, (120, 36));
    pty.wait_for("complete: ");
    for (fault, said) in faults() {
        server.faults().add(Rule::on("q=redis", fault));
        search(&mut pty, "redis");
        pty.wait_for(said);
        server.faults().clear();
        pty.press("r");
        pty.wait_for("data/redis");
        pty.press("\x1b");
        pty.wait_for("accounts/identity");
        pty.press("gs");
        after(&mut pty, "Search the registry", "\x1b");
        pty.wait_until("no dialog", |screen| !screen.contains("Search the registry"));
    }
    pty.press("q");
    assert_eq!(pty.end(), 0);
}
