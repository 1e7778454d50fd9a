//! The first start on a machine where Docker knows registries already.
#![cfg(unix)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use crate::support::listener::{Listener, answer};
use crate::support::pty::Pty;

/// One that is named must be there.
const NO_CONFIG: &[(&str, &str)] = &[("TAGBOAT_CONFIG", "")];
const CONFIG: &str = "config/tagboat/config.toml";

fn registry() -> Listener {
    Listener::start(|seen| {
        let right = format!("Basic {}", STANDARD.encode("me:s3cr3t-1"));
        match seen.header("authorization") {
            Some(sent) if sent == right => answer(200, &[], "{\"repositories\":[\"team/app\"]}"),
            _ => answer(401, &[("www-authenticate", "Basic realm=\"r\"")], ""),
        }
    })
}

/// No config, and one registry that Docker is signed in to.
fn home(server: &Listener) -> TempDir {
    let home = TempDir::new().unwrap();
    std::fs::create_dir(home.path().join("docker")).unwrap();
    let host = server.url().trim_start_matches("http://").to_owned();
    let auths = serde_json::json!({ "auths": { host: { "auth": STANDARD.encode("me:s3cr3t-1") } } });
    std::fs::write(home.path().join("docker/config.json"), auths.to_string()).unwrap();
    home
}

#[test]
fn what_docker_knows_is_offered_and_kept_by_enter_without_its_secret() {
    let server = registry();
    for (cols, rows) in [(80, 24), (120, 36)] {
        let mut pty = Pty::start_in(home(&server), &[], cols, rows, NO_CONFIG);
        pty.wait_for("Import registries");
        pty.wait_until("the check", |screen| screen.contains("[x]") && screen.contains("ok,"));
        let config = pty.home().join(CONFIG);
        assert!(!config.exists(), "nothing is written before Enter");
        pty.press("\r");
        pty.wait_until("the registries", |screen| screen.contains("Registries (1)") && screen.contains("127.0.0.1"));
        let written = std::fs::read_to_string(&config).unwrap();
        assert!(written.contains(&server.url()), "{written}");
        assert!(!written.contains("s3cr3t") && !written.contains(&STANDARD.encode("me:s3cr3t-1")));
        pty.press("q");
        assert_eq!(pty.end(), 0);
    }
}

#[test]
fn escape_writes_nothing() {
    let server = registry();
    let mut pty = Pty::start_in(home(&server), &[], 80, 24, NO_CONFIG);
    pty.wait_for("Import registries");
    pty.press("\x1b");
    pty.wait_for("Registries (1)");
    assert!(!pty.home().join(CONFIG).exists());
    pty.press("q");
    assert_eq!(pty.end(), 0);
}
