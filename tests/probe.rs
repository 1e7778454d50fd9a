//! What is tried before it is kept: the address in the add dialog, and a CA file.
#![cfg(unix)]

use tempfile::TempDir;

use crate::support::certificates;
use crate::support::listener::{Listener, Seen, answer, closed_port};
use crate::support::pty::Pty;

const TAB: &str = "\t";
const BACK_TAB: &str = "\x1b[Z";
/// Empties a field.
const CLEAR: &str = "\x15";

fn open(seen: &Seen) -> Vec<u8> {
    let list = if seen.is_for("/v2/_catalog") { r#"{"repositories":["team/app"]}"# } else { "{}" };
    answer(200, &[], list)
}

fn paste(pty: &mut Pty, text: &str) {
    pty.press(&format!("\x1b[200~{text}\x1b[201~"));
}

/// Presses Test with the focus on the address, and comes back to it.
fn test(pty: &mut Pty, address: &str, says: &str) {
    pty.press(CLEAR);
    paste(pty, address);
    for key in [TAB; 10] {
        pty.press(key);
    }
    pty.press("\r");
    pty.wait_until(says, |screen| screen.contains(says) && !screen.contains("Trying it..."));
    for key in [BACK_TAB; 10] {
        pty.press(key);
    }
}

#[test]
fn an_address_is_tried_before_it_is_added() {
    let dir = TempDir::new().unwrap();
    let ca = certificates::for_loopback(dir.path());
    let good = Listener::start(open);
    let closed = Listener::start(|_| answer(401, &[("www-authenticate", "Basic realm=\"r\"")], ""));
    let page = Listener::start(|_| answer(200, &[("content-type", "text/html")], "<html>Hello</html>"));
    let encrypted = Listener::start_tls(dir.path(), open);
    let nobody = format!("127.0.0.1:{}", closed_port());

    let mut pty = Pty::start(&[], 120, 36);
    pty.wait_for("Welcome to tagboat");
    pty.press("+");
    pty.wait_for("Add a registry");
    test(&mut pty, &good.url(), "ok List       1 repository");
    assert!(pty.screen().contains("ok TLS        none: http, not encrypted"), "{}", pty.screen());
    test(&mut pty, &nobody, "NO Host       ");
    test(&mut pty, &page.url(), "a web page");
    test(&mut pty, &closed.url(), "NO Sign-in    ");
    test(&mut pty, &encrypted.url(), "NO TLS        ");
    // The address has the focus; three fields on is the CA file.
    for key in [TAB; 3] {
        pty.press(key);
    }
    paste(&mut pty, &ca.display().to_string());
    for key in [BACK_TAB; 3] {
        pty.press(key);
    }
    test(&mut pty, &encrypted.url(), "ok TLS        encrypted, http/1.1");

    pty.press("\x1b");
    pty.wait_until("the dialog is closed", |screen| !screen.contains("Add a registry"));
    assert!(!pty.screen().contains("127.0.0.1"), "a test adds nothing: {}", pty.screen());
    assert_eq!(std::fs::read_to_string(pty.home().join("config.toml")).unwrap(), "");
    assert!(closed.seen().iter().all(|seen| seen.header("authorization").is_none()));
    pty.press("q");
    assert_eq!(pty.end(), 0);
}

#[test]
fn a_ca_file_is_kept_when_it_makes_the_certificate_good() {
    let (dir, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let right = certificates::for_loopback(dir.path());
    let wrong = certificates::for_loopback(other.path());
    let server = Listener::start_tls(dir.path(), open);
    let config = format!("[[registry]]\nname = \"lab\"\nurl = \"{}\"\n", server.url());
    let mut pty = Pty::start_configured(&config, &["lab"], 100, 30, &[]);
    pty.wait_for("an authority this machine does not know");
    pty.press("e");
    pty.wait_for("CA file for");
    for (file, says) in [
        ("ca.pem".to_owned(), "Enter the whole path"),
        (format!("{}/nothing.pem", dir.path().display()), "nothing.pem"),
        (wrong.display().to_string(), "not signed by the authority of that name"),
    ] {
        pty.press(CLEAR);
        paste(&mut pty, &file);
        pty.press(TAB);
        pty.press("\r");
        pty.wait_until(says, |screen| screen.contains(says) && !screen.contains("Trying it"));
        // A path that is none has the focus back already.
        if !says.starts_with("Enter") {
            pty.press(BACK_TAB);
        }
    }
    let kept = || std::fs::read_to_string(pty.home().join("config.toml")).unwrap();
    assert_eq!(kept(), config);
    pty.press(CLEAR);
    paste(&mut pty, &right.display().to_string());
    pty.press(TAB);
    pty.press("\r");
    pty.wait_until("the repositories", |screen| screen.contains("team/app") && !screen.contains("CA file for"));
    let kept = std::fs::read_to_string(pty.home().join("config.toml")).unwrap();
    assert!(kept.contains(&format!("ca_cert = \"{}\"", right.display())), "{kept}");
    pty.press("q");
    assert_eq!(pty.end(), 0);
}
