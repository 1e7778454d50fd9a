//! The sign-in dialog at work: what a test says, that Enter after the password signs in, and that the reading goes on.
#![cfg(unix)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::listener::{Listener, answer};
use crate::support::pty::Pty;

fn registry() -> Listener {
    Listener::start(|seen| {
        let right = format!("Basic {}", STANDARD.encode("me:s3cr3t-1"));
        match (seen.header("authorization"), seen.line.as_str()) {
            (Some(sent), path) if sent == right && path.contains("/tags/list") => {
                answer(200, &[], r#"{"name":"team/app","tags":["v1"]}"#)
            }
            (Some(sent), path) if sent == right && path.contains("/manifests/") => answer(404, &[], "{}"),
            (Some(sent), _) if sent == right => answer(200, &[], r#"{"repositories":["team/app"]}"#),
            _ => answer(401, &[("www-authenticate", "Basic realm=\"r\"")], ""),
        }
    })
}

#[test]
fn a_sign_in_is_tested_then_done_and_the_reading_goes_on() {
    let server = registry();
    let url = server.url();
    for (cols, rows) in [(80, 24), (120, 36)] {
        let mut pty = Pty::start(&[&url], cols, rows);
        pty.wait_for("Sign in to 127.0.0.1");
        for key in ["m", "e", "\t", "n", "o", "\t", "\t", "\t", "\r"] {
            pty.press(key);
        }
        pty.wait_for("refused the user name or password");
        // Back from the button to the password.
        for key in ["\x1b[Z", "\x1b[Z", "\x1b[Z", "\x15"] {
            pty.press(key);
        }
        for key in "s3cr3t-1".chars() {
            pty.press(&key.to_string());
        }
        for key in ["\t", "\t", "\t", "\r"] {
            pty.press(key);
        }
        pty.wait_until("what the account may do", |screen| {
            screen.contains("sign-in   ok") && screen.contains("pull      ok, of team/app")
        });
        for key in ["\x1b[Z", "\x1b[Z", "\x1b[Z", "\r"] {
            pty.press(key);
        }
        pty.wait_until("the repositories", |screen| screen.contains("team/app") && !screen.contains("Sign in to"));
        pty.press("q");
        assert_eq!(pty.end(), 0);
    }
}
