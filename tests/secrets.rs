//! Marker secrets through every flow at the highest log level: afterwards no file, no output and no argument holds one,
//! but the place its owner chose.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::listener::{Listener, Seen, answer, closed_port};
use crate::support::program::{Place, Said};
use crate::support::pty::Pty;

/// What is in all markers.
const MARKER: &str = "s3cr3t-";

/// The marker, and its base64 at each of the three places it can have in a group.
fn forms() -> Vec<Vec<u8>> {
    let mut forms = vec![MARKER.as_bytes().to_vec()];
    for before in 0..3 {
        let encoded = STANDARD.encode([&b"   "[..before], MARKER.as_bytes()].concat());
        let (from, to) = ((before * 8).div_ceil(6), (before + MARKER.len()) * 8 / 6);
        forms.push(encoded.as_bytes()[from..to].to_vec());
    }
    forms
}

fn holds_a_secret(bytes: &[u8]) -> bool {
    forms().iter().any(|form| bytes.windows(form.len()).any(|part| part == form))
}

/// Every file below this directory that holds a secret.
fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            found.extend(files_below(&entry));
        } else if holds_a_secret(&std::fs::read(&entry).expect("a file")) {
            found.push(entry);
        }
    }
    found
}

#[track_caller]
fn kept_in(place: &Place, said: &Said, only: &[&str]) {
    assert!(!holds_a_secret(said.out.as_bytes()), "{}", said.out);
    assert!(!holds_a_secret(said.err.as_bytes()), "{}", said.err);
    let log = place.path().join("state/tagboat/tagboat.log");
    assert!(log.metadata().is_ok_and(|log| log.len() > 0), "there is a log, and it was looked at");
    let want: Vec<_> = only.iter().map(|file| place.path().join(file)).collect();
    assert_eq!(files_below(place.path()), want);
    for file in want {
        assert_eq!(file.metadata().expect("the file").permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
}

fn config(url: &str) -> String {
    format!("[[registry]]\nname = \"r\"\nurl = \"{url}\"\nusername = \"me\"\ncredential = \"env:PASS\"\n")
}

fn run(place: &Place, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Said {
    let all = [arguments, &["-vvv"]].concat();
    let mut command = place.command(&all);
    command.envs(variables.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program");
    // A program that reads nothing may be gone already.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("its end").into()
}

/// Repeats everything it was sent, in body and headers: what a debugging proxy does.
fn echo(status: u16, challenge: &str, seen: &Seen) -> Vec<u8> {
    let sent = seen.header("authorization").unwrap_or_default().to_owned();
    let pair = sent.split_once(' ').and_then(|(_, pair)| STANDARD.decode(pair).ok()).unwrap_or_default();
    let text = format!("{sent} {} {} {}", String::from_utf8_lossy(&pair), seen.body, seen.line);
    let body = serde_json::json!({"errors": [{"code": "DENIED", "message": text}]}).to_string();
    answer(status, &[("www-authenticate", challenge), ("warning", &format!("299 - \"{sent}\""))], body)
}

const COMMANDS: [&[&str]; 4] =
    [&["tags", "r/app"], &["repos", "r"], &["inspect", "r/app:1"], &["tags", "r/app", "--json"]];

#[test]
fn a_server_that_repeats_the_password_does_not_make_us_repeat_it() {
    for status in [400, 401, 403, 404, 500] {
        let server = Listener::start(move |seen| match seen.header("authorization") {
            Some(_) => echo(status, "Basic realm=\"r\"", seen),
            None => answer(401, &[("www-authenticate", "Basic realm=\"r\"")], ""),
        });
        let place = Place::new(&config(&server.url()));
        for command in COMMANDS {
            let said = run(&place, command, &[("PASS", "s3cr3t-1")], "");
            assert_ne!(said.code, Some(0), "{status} {command:?}");
            kept_in(&place, &said, &[]);
        }
        assert!(server.seen().iter().any(|seen| seen.header("authorization").is_some()));
    }
}

#[test]
fn tokens_and_what_token_servers_say_stay_inside() {
    // Bad: the registry refuses and repeats the token. Worse: the token server repeats the password.
    for (token_status, registry_status) in [(200, 200), (200, 401), (200, 403), (401, 401), (403, 401), (500, 401)] {
        let server = Listener::start(move |seen| {
            let challenge = "Bearer realm=\"/token\",scope=\"repository:app:pull\"";
            match seen.header("authorization") {
                _ if seen.is_for("/token") && token_status == 200 => answer(200, &[], r#"{"token":"s3cr3t-token"}"#),
                _ if seen.is_for("/token") => echo(token_status, "Basic realm=\"t\"", seen),
                Some(_) if registry_status == 200 => answer(200, &[], r#"{"name":"app","tags":["1"]}"#),
                Some(_) => echo(registry_status, challenge, seen),
                None => answer(401, &[("www-authenticate", challenge)], ""),
            }
        });
        let place = Place::new(&config(&server.url()));
        for command in COMMANDS {
            kept_in(&place, &run(&place, command, &[("PASS", "s3cr3t-2")], ""), &[]);
        }
    }
}

#[test]
fn identity_tokens_go_out_and_nowhere_else() {
    let server = Listener::start(|seen| match seen.is_for("/token") {
        true => echo(401, "Basic realm=\"t\"", seen),
        false => answer(401, &[("www-authenticate", "Bearer realm=\"/token\"")], ""),
    });
    let place = Place::new("");
    let docker = place.path().join("docker/config.json");
    std::fs::create_dir_all(docker.parent().expect("a directory")).expect("a directory");
    let host = server.address;
    std::fs::write(&docker, format!("{{\"auths\":{{\"{host}\":{{\"identitytoken\":\"s3cr3t-3\"}}}}}}"))
        .expect("a file");
    std::fs::set_permissions(&docker, std::fs::Permissions::from_mode(0o600)).expect("its owner's alone");
    let said = run(&place, &["tags", &format!("{}/app", server.url())], &[], "");
    assert_eq!(said.code, Some(3), "{}", said.err);
    assert!(server.seen().iter().any(|seen| seen.body.contains("s3cr3t-3")), "{:?}", server.seen());
    kept_in(&place, &said, &["docker/config.json"]);
}

#[test]
fn signed_addresses_and_proxy_passwords_are_not_told() {
    let cdn = Listener::start(|seen| answer(403, &[], format!("<Error><Url>{}</Url></Error>", seen.line)));
    let target = format!("{}/blob?X-Amz-Signature=s3cr3t-4", cdn.url());
    let server = Listener::start(move |_| answer(307, &[("location", &target)], ""));
    let place = Place::new(&config(&server.url()));
    for command in COMMANDS {
        kept_in(&place, &run(&place, command, &[("PASS", "s3cr3t-5")], ""), &[]);
    }
    assert!(cdn.seen().iter().any(|seen| seen.line.contains("s3cr3t-4")));
    let proxy = format!("http://p:s3cr3t-6@127.0.0.1:{}", closed_port());
    let said = run(&place, &["tags", "https://registry.test/app"], &[("HTTPS_PROXY", &proxy)], "");
    assert_eq!(said.code, Some(5), "{}", said.err);
    kept_in(&place, &said, &[]);
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    let place = Place::new("");
    for arguments in [
        ["tags", "https://me:s3cr3t-7@registry.test/app"],
        ["login", "https://me:s3cr3t-7@registry.test"],
        ["repos", "me:s3cr3t-7@registry.test"],
    ] {
        let said = run(&place, &arguments, &[], "");
        assert_eq!(said.code, Some(2), "{}", said.err);
        assert!(!holds_a_secret(said.err.as_bytes()) && !holds_a_secret(said.out.as_bytes()), "{}", said.err);
        assert!(files_below(place.path()).is_empty());
    }
}

/// Takes `me` with `s3cr3t-8`.
fn signs_in() -> Listener {
    let right = format!("Basic {}", STANDARD.encode("me:s3cr3t-8"));
    Listener::start(move |seen| match seen.header("authorization") {
        Some(sent) if sent == right => answer(200, &[], "{}"),
        _ => answer(401, &[("www-authenticate", "Basic realm=\"r\"")], ""),
    })
}

#[test]
fn a_sign_in_is_kept_where_its_owner_says_and_gone_after_the_sign_out() {
    let server = signs_in();
    for (keep, credential, file) in [
        ("session", "store", None),
        ("own", "store", Some("state/tagboat/credentials.json")),
        ("docker", "docker", Some("docker/config.json")),
    ] {
        let text = format!("[[registry]]\nname = \"r\"\nurl = \"{}\"\ncredential = \"{credential}\"\n", server.url());
        let place = Place::new(&text);
        let login = ["login", "r", "-u", "me", "--password-stdin", "--keep", keep];
        let refused = run(&place, &login, &[], "s3cr3t-wrong\n");
        assert_eq!(refused.code, Some(3), "{}", refused.err);
        kept_in(&place, &refused, &[]);
        let said = run(&place, &login, &[], "s3cr3t-8\n");
        assert_eq!(said.code, Some(0), "{}", said.err);
        kept_in(&place, &said, file.as_slice());
        let again = run(&place, &["logout", "r"], &[], "");
        assert_eq!(again.code, Some(0), "{}", again.err);
        kept_in(&place, &again, &[]);
    }
}

fn sign_in(pty: &mut Pty, password: &str) {
    pty.wait_for("Sign in to");
    for keys in ["me", "\t", password] {
        pty.press(keys);
    }
    pty.wait_for(&"*".repeat(password.len()));
    // Over the place to keep it, which is this session, to the button.
    for key in ["\t", "\t", "\r"] {
        pty.press(key);
    }
}

/// With the password in memory and in use, from the keys or from the environment.
#[test]
fn a_panic_tells_no_secret() {
    let server = signs_in();
    for (panics, typed) in [("main", true), ("task", true), ("main", false), ("task", false)] {
        let place = Place::new(&if typed { String::new() } else { config(&server.url()) });
        let now = place.path().join("now");
        let when = now.display().to_string();
        let more = [("TAGBOAT_TEST_PANIC", panics), ("TAGBOAT_TEST_PANIC_WHEN", &when), ("PASS", "s3cr3t-8")];
        let url = server.url();
        let target = if typed { url.as_str() } else { "r" };
        let mut pty = Pty::start_in(place.home, &[target, "-vvv"], 100, 30, &more[..if typed { 2 } else { 3 }]);
        if typed {
            sign_in(&mut pty, "s3cr3t-8");
            pty.wait_for("Signed in");
        } else {
            pty.wait_for("Repositories");
        }
        std::fs::write(now, "").expect("a file");
        pty.press("?");
        let log = pty.home().join("state/tagboat/tagboat.log");
        if panics == "main" {
            assert_eq!(pty.end(), 101);
            let raw = String::from_utf8_lossy(&pty.raw_output()).into_owned();
            assert!(raw.contains("stopped because of an internal error"), "{raw}");
        } else {
            let told = |log: &Path| std::fs::read_to_string(log).is_ok_and(|text| text.contains("asked for by a test"));
            for key in ["\x1b", "?"].into_iter().cycle().take(20) {
                if told(&log) {
                    break;
                }
                pty.press(key);
            }
            assert!(told(&log) && pty.running());
        }
        assert!(!holds_a_secret(&pty.raw_output()), "{panics}");
        assert_eq!(files_below(pty.home()), Vec::<PathBuf>::new(), "{panics}");
    }
    assert!(server.seen().iter().any(|seen| seen.header("authorization").is_some()));
}

#[test]
fn what_is_typed_on_the_screen_is_neither_shown_nor_kept() {
    let server = signs_in();
    for (password, says) in [("s3cr3t-wrong", "refused the user name"), ("s3cr3t-8", "Signed in")] {
        let mut pty = Pty::start_in(Place::new("").home, &[&server.url(), "-vvv"], 100, 30, &[]);
        sign_in(&mut pty, password);
        pty.wait_for(says);
        assert!(!holds_a_secret(&pty.raw_output()), "{}", pty.screen());
        assert_eq!(files_below(pty.home()), Vec::<PathBuf>::new());
    }
    let sent = |seen: &&Seen| seen.header("authorization").is_some();
    assert!(server.seen().iter().filter(sent).count() >= 2);
}

#[cfg(target_os = "linux")]
#[test]
fn no_argument_and_no_variable_of_the_process_holds_the_password() {
    let (tell, told) = mpsc::channel();
    let hold = Arc::new(Mutex::new(()));
    let held = Arc::clone(&hold);
    let server = Listener::start(move |_| {
        let _ = tell.send(());
        drop(held.lock());
        answer(500, &[], "")
    });
    let looking = hold.lock().expect("it");
    let place = Place::new("");
    let url = server.url();
    let mut command = place.command(&["login", &url, "-u", "me", "--password-stdin", "--keep", "session"]);
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program");
    child.stdin.take().expect("a pipe").write_all(b"s3cr3t-9\n").expect("it reads");
    told.recv().expect("a request: the password has been read");
    for file in ["cmdline", "environ", "comm"] {
        let path = format!("/proc/{}/{file}", child.id());
        // The kernel closes `environ` even to ourselves, because the program asked for that.
        let text = match std::fs::read(&path) {
            Err(error) if file == "environ" && error.kind() == std::io::ErrorKind::PermissionDenied => Vec::new(),
            read => read.unwrap_or_else(|error| panic!("{path}: {error}")),
        };
        assert!(!holds_a_secret(&text), "{file}");
    }
    child.kill().expect("it runs");
    child.wait().expect("its end");
    drop(looking);
}

#[test]
fn the_search_finds_what_it_should() {
    for before in 0..4 {
        let text = STANDARD.encode(format!("{}s3cr3t-1:x", "u".repeat(before)));
        assert!(holds_a_secret(text.as_bytes()), "{text}");
    }
    assert!(!holds_a_secret(STANDARD.encode("user:password").as_bytes()));
}

#[test]
fn what_is_typed_into_the_dialog_is_not_in_its_debug_output() {
    use tagboat::app::modal::sign_in::SignIn;
    use tagboat::domain::clean;
    use tagboat::domain::registry::{BackendKind, RegistryId};
    let mut dialog =
        SignIn::new(RegistryId(0), BackendKind::Oci, clean::identifier("r.example"), Vec::new(), Some("me"));
    dialog.form.paste("s3cr3t-10");
    assert!(dialog.form.controls.len() > 2 && format!("{dialog:?}").contains("Password"));
    assert!(!holds_a_secret(format!("{dialog:?} {:?}", dialog.credential()).as_bytes()), "{dialog:?}");
}
