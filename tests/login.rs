//! `tagboat login` as people and scripts use it.
#![cfg(unix)]

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use tagboat::demo::{AlaudaOptions, alauda_catalogue, start_alauda};

use crate::support::listener::{Listener, Seen, answer};
use crate::support::pty::Pty;

const PASSWORD: &str = "s3cr3t-1";

fn right(seen: &Seen) -> bool {
    seen.header("authorization").is_some_and(|sent| sent == format!("Basic {}", STANDARD.encode("me:s3cr3t-1")))
}

fn registry() -> Listener {
    Listener::start(|seen| match right(seen) {
        true => answer(200, &[], "{}"),
        false => answer(401, &[("www-authenticate", "Basic realm=\"r\"")], ""),
    })
}

fn home() -> TempDir {
    let home = TempDir::new().unwrap();
    std::fs::write(home.path().join("config.toml"), "").unwrap();
    home
}

fn start(home: TempDir, arguments: &[&str]) -> Pty {
    Pty::start_in(home, arguments, 100, 30, &[])
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn the_password_is_asked_for_and_not_shown() {
    let server = registry();
    let url = server.url();
    for (typed, code) in [("wr0ng-s3cr3t", 3), (PASSWORD, 0)] {
        let mut pty = start(home(), &["login", &url]);
        pty.wait_for("User name for 127.0.0.1");
        pty.press("me\r");
        pty.wait_for("Password for me at 127.0.0.1");
        pty.press(&format!("{typed}\r"));
        assert_eq!(pty.end(), code, "{}", pty.screen());
        assert!(!String::from_utf8_lossy(&pty.raw_output()).contains("s3cr3t"));
        let docker = text(&pty.home().join("docker/config.json"));
        assert_eq!(docker.contains(&STANDARD.encode("me:s3cr3t-1")), code == 0, "{docker}");
        let says =
            if code == 0 { "kept in Docker config.json, not encrypted" } else { "refused the user name or password" };
        assert!(pty.screen().replace('\n', "").contains(says), "{}", pty.screen());
    }
}

#[test]
fn ctrl_c_at_the_password_keeps_nothing_and_shows_what_is_typed_again() {
    let server = registry();
    let mut pty = start(home(), &["login", &server.url(), "-u", "me"]);
    pty.wait_for("Password for me");
    pty.press("s3cr3t-1\x03");
    assert_eq!(pty.end(), 130);
    assert!(!String::from_utf8_lossy(&pty.raw_output()).contains("s3cr3t"));
    assert!(server.seen().is_empty() && text(&pty.home().join("docker/config.json")).is_empty());
}

/// A registry whose token server has another name.
fn elsewhere() -> (Listener, Listener) {
    let realm = Listener::start(|seen| match right(seen) {
        true => answer(200, &[], r#"{"token":"t"}"#),
        false => answer(401, &[], ""),
    });
    let challenge = format!("Bearer realm=\"{}/token\"", realm.url_by_name());
    let registry = Listener::start(move |seen| match seen.header("authorization") {
        Some("Bearer t") => answer(200, &[], "{}"),
        _ => answer(401, &[("www-authenticate", &challenge)], ""),
    });
    (registry, realm)
}

#[test]
fn another_host_for_the_password_is_asked_about_once_and_remembered() {
    let (registry, realm) = elsewhere();
    let url = registry.url();
    let login = ["login", &url, "-u", "me", "--keep", "session"];
    let ask = |home: TempDir, said: &str| {
        let mut pty = start(home, &login);
        pty.wait_for("Password for me");
        pty.press(&format!("{PASSWORD}\r"));
        pty.wait_for("[y/N]");
        assert!(pty.screen().contains(&format!("localhost:{}", realm.address.port())), "{}", pty.screen());
        pty.press(&format!("{said}\r"));
        pty
    };
    for no in ["", "n", "x"] {
        let pty = ask(home(), no);
        assert_eq!(pty.end(), 3, "{}", pty.screen());
        assert!(realm.seen().is_empty());
    }
    let pty = ask(home(), "y");
    assert_eq!(pty.end(), 0, "{}", pty.screen());
    assert!(realm.seen().iter().any(right));
    let config = text(&pty.home().join("config.toml"));
    assert!(config.contains("trusted_realms") && config.contains(&registry.address.to_string()), "{config}");

    // The second time nobody asks.
    let again = home();
    std::fs::write(again.path().join("config.toml"), config).unwrap();
    let mut pty = start(again, &login);
    pty.wait_for("Password for me");
    pty.press(&format!("{PASSWORD}\r"));
    assert_eq!(pty.end(), 0, "{}", pty.screen());
    assert!(!pty.screen().contains("[y/N]"));
}

#[test]
fn a_host_that_looks_like_another_is_said_before_the_password_is_asked_for() {
    let pty = start(home(), &["login", "ghrc.io", "-u", "me"]);
    pty.wait_for("Password for me at ghrc.io");
    assert!(pty.screen().contains("ghrc.io looks like ghcr.io"), "{}", pty.screen());
}

#[test]
fn a_helper_has_no_terminal() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = registry();
    let home = home();
    let at = |path: &str| home.path().join(path);
    std::fs::create_dir_all(at("docker")).unwrap();
    std::fs::create_dir_all(at("bin")).unwrap();
    std::fs::write(at("docker/config.json"), r#"{"credsStore":"loud"}"#).unwrap();
    let script = "#!/bin/sh\necho 'FAKED SCREEN' > /dev/tty\necho 'FAKED ERROR' >&2\ncat > /dev/null\n";
    std::fs::write(at("bin/docker-credential-loud"), script).unwrap();
    std::fs::set_permissions(at("bin/docker-credential-loud"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", at("bin").display());
    let mut pty = Pty::start_in(home, &["login", &server.url(), "-u", "me"], 100, 30, &[("PATH", &path)]);
    pty.wait_for("Password for me");
    pty.press(&format!("{PASSWORD}\r"));
    assert_eq!(pty.end(), 0, "{}", pty.screen());
    assert!(pty.screen().contains("kept in helper"), "{}", pty.screen());
    assert!(!String::from_utf8_lossy(&pty.raw_output()).contains("FAKED"), "{}", pty.screen());
}

/// Alauda gives a token that lives (alauda.md §1.1): that is stored, and used by the next run.
#[tokio::test(flavor = "multi_thread")]
async fn where_a_password_gives_a_token_the_token_is_kept_instead() {
    let options = AlaudaOptions { user: "me".to_owned(), password: PASSWORD.into(), ..AlaudaOptions::default() };
    let server = start_alauda(alauda_catalogue(), options).await.expect("a port");
    let config = format!(
        "[[registry]]\nname = \"cn\"\nkind = \"alauda\"\nurl = \"{}\"\nnamespace = \"yunfan-labs\"\n",
        server.url
    );
    let home = home();
    std::fs::write(home.path().join("config.toml"), config).unwrap();
    let mut pty = start(home, &["login", "cn", "-u", "me"]);
    pty.wait_for("Password for me");
    pty.press(&format!("{PASSWORD}\r"));
    assert_eq!(pty.end(), 0, "{}", pty.screen());
    let docker = text(&pty.home().join("docker/config.json"));
    assert!(docker.contains("identitytoken"), "{docker}");
    assert!(!docker.contains(PASSWORD) && !docker.contains(&STANDARD.encode("me:s3cr3t-1")), "{docker}");
    server.clear_log();
    let next = pty.beside(&["repos", "cn"]).output().expect("a run");
    let listed = String::from_utf8_lossy(&next.stdout).into_owned();
    assert!(next.status.success() && listed.contains("yunfan-labs/ocr"), "{listed} {next:?}");
    assert!(server.log().iter().all(|sent| sent.method == "GET"), "no other token is made");
}
