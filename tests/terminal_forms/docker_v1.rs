use tagboat::demo::docker_v1::catalogue;
use tagboat::demo::{DockerV1Options, DockerV1Server, start_docker_v1};

use super::{Screen, sent};

async fn server() -> DockerV1Server {
    start_docker_v1(catalogue(), DockerV1Options::default()).await.expect("loopback has a free port")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_is_announced_and_hidden() {
    let server = server().await;
    for size in [(100, 30), (80, 24)] {
        let name = format!("zz/new-{}", size.0);
        let mut it = Screen::open("docker-v1", &server.url, "", ("", &[]), size);
        it.press("+");
        it.wait_for("Create a repository");
        it.paste(&name);
        it.tabs(1);
        it.press("\x1b[C");
        it.wait_for("only those with rights (private)");
        it.tabs(1);
        it.press("\r");
        it.wait_for("Created ");
        it.is_on(&name);
        it.press("E");
        it.wait_for("(o) only those with rights (private)");
        it.press("\x1b[C");
        it.tabs(1);
        it.press("\r");
        it.wait_for("Changed ");
        let want = [
            format!("edit {name}: visibility: private -> public = done"),
            format!("create {name}: visibility: none -> private = done"),
        ];
        assert_eq!(it.pty.recorded(), want);
    }
    let puts = sent(&server.log(), &["PUT"]);
    let properties: Vec<&str> =
        puts.iter().filter(|one| one.path.ends_with("/properties")).map(|one| one.body.as_str()).collect();
    let (private, public) = (r#"{"access":"private"}"#, r#"{"access":"public"}"#);
    assert_eq!(properties, [private, public, private, public]);
}
