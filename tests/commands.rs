//! The commands as scripts use them: the real program, its streams and its exit codes.
#![cfg(unix)]

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::sync::mpsc;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tagboat::domain::reference::Digest;

use crate::support::images::{Image, OCI_INDEX, OCI_MANIFEST};
use crate::support::listener::{self, Listener};
use crate::support::program::{Demo, Place, Said};

const API: &str = "team/checkout/api";

#[test]
fn every_exit_code() {
    let demo = Demo::start(&[]);
    let closed = Demo::start(&["--auth", "basic"]);
    let hostile = Demo::start(&["--profile", "hostile"]);
    let place = Place::new("");
    for (arguments, code) in [
        (vec!["repos", &demo.host], 0),
        (vec!["repos", "no-such-name"], 2),
        (vec!["tags", &demo.host], 2),
        (vec!["nonsense", "x"], 2),
        (vec!["repos", &demo.host, "--nonsense"], 2),
        (vec!["repos", &demo.host, "--filter", "~("], 2),
        (vec!["repos", &demo.host, "--filter", "age>30d"], 2),
        (vec!["repos", &closed.host], 3),
        (vec!["tags", &demo.repo("no/such")], 4),
        (vec!["inspect", &demo.repo("team/checkout/api:no-such")], 4),
        (vec!["repos", "127.0.0.1:1"], 5),
        (vec!["tags", &hostile.repo(API), "--names"], 7),
    ] {
        let said = place.run(&arguments);
        assert_eq!(said.code, Some(code), "{arguments:?}: {}", said.err);
        if (1..7).contains(&code) {
            assert_eq!(said.out, "", "{arguments:?}");
            assert!(said.err.starts_with("tagboat: ") || said.err.starts_with("error: "), "{}", said.err);
            assert!(said.err.trim_end().lines().count() >= 2, "what, and what to do: {}", said.err);
        }
        // Whatever goes wrong, a script that asked for JSON can read it.
        let said = place.run(&[&arguments[..], &["--json"]].concat());
        assert_eq!(said.code, Some(code), "{arguments:?}: {}", said.err);
        assert_eq!(said.json().get("error").is_some(), (1..7).contains(&code), "{}", said.out);
    }
}

/// The note goes to stderr: what reads the JSON sees the list as far as it was read, and the exit code.
#[test]
fn referrers_that_are_not_all_are_said_beside_the_image() {
    let run = |more: &'static str, arguments: &[&str]| {
        let image = Image::new(OCI_MANIFEST, "inspect", "amd64");
        let server = Listener::start(move |seen| {
            let path = seen.line.split(['?', ' ']).nth(1).unwrap_or_default();
            let entry = format!(r#"{{"mediaType":"{OCI_MANIFEST}","digest":"{}","size":7}}"#, image.digest());
            let index = format!(r#"{{"schemaVersion":2,"mediaType":"{OCI_INDEX}","manifests":[{entry}]}}"#);
            let blob = image.blobs.iter().find(|blob| path.ends_with(&Digest::of(blob).to_string()));
            match blob {
                Some(blob) => listener::answer(200, &[], blob),
                None if path.contains("/referrers/") => {
                    listener::answer(200, &[("content-type", OCI_INDEX), ("link", more)], index)
                }
                None if path.contains("/manifests/") => {
                    listener::answer(200, &[("content-type", OCI_MANIFEST)], &image.manifest)
                }
                None => {
                    listener::answer(200, &[("content-type", "application/json")], r#"{"name":"app","tags":["1"]}"#)
                }
            }
        });
        let target = format!("{}/app:1", server.url());
        Place::new("").run(&[&["inspect", &target], arguments].concat())
    };
    let without_its_address = |said: &Said| {
        let mut value = said.json();
        value.as_object_mut().expect("an object").remove("reference");
        value
    };
    let whole = run("<?x>; rel=\"prev\"", &["--json"]);
    assert_eq!((whole.code, whole.err.as_str()), (Some(0), ""));
    for arguments in [&["--json"][..], &[]] {
        let part = run("<?next=1>; rel=\"next\"", arguments);
        assert_eq!(part.code, Some(7), "{}", part.err);
        assert!(part.err.contains("Referrers incomplete: "), "{}", part.err);
        match arguments {
            [] => assert!(part.out.contains("Referrers:\n"), "{}", part.out),
            _ => assert_eq!(without_its_address(&part), without_its_address(&whole)),
        }
    }
    assert_eq!(whole.json()["referrers"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_full_disk_is_an_unexpected_error_and_a_closed_pipe_is_none() {
    let demo = Demo::start(&[]);
    let place = Place::new("");
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let said = Said::from(place.command(&["repos", &demo.host]).stdout(full).output().unwrap());
    assert_eq!((said.code, said.err.lines().count()), (Some(1), 2), "{}", said.err);
    let many = demo.repo("ci/monorepo");
    let mut child =
        place.command(&["tags", &many, "--names"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(141), ""));
    assert!(!first.is_empty());
}

#[test]
fn a_signal_ends_a_command_with_its_code() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let place = Place::new("");
        let mut child = place.command(&["demo", "--serve"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("ready") {
            line.clear();
            assert!(out.read_line(&mut line).unwrap() > 0);
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code));
    }
}

#[test]
fn lists_in_every_format_hold_the_same() {
    let demo = Demo::start(&[]);
    let place = Place::new("");
    let repo = demo.repo(API);
    let filter = ["--filter", "v1.6* !~rc"];
    let run = |more: &[&str]| {
        let said = place.run(&[&["tags", &repo][..], &filter, more].concat());
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{more:?}");
        said
    };
    let json = run(&["--json"]).json();
    let rows = json["tags"].as_array().unwrap();
    assert!(rows.len() > 1, "{json}");
    let names: Vec<&str> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    let sorted = |mut all: Vec<String>| {
        all.sort();
        all
    };
    let want = sorted(names.iter().map(ToString::to_string).collect());
    assert_eq!(sorted(run(&["--names"]).out.lines().map(str::to_owned).collect()), want);
    let lines = run(&["--jsonl"]).out;
    let objects: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(sorted(objects.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()), want);
    for object in &objects {
        let row = rows.iter().find(|row| row["name"] == object["name"]).unwrap();
        for field in ["digest", "media_type", "created", "size", "platforms", "state", "colour"] {
            assert_eq!(row[field], object[field], "{field}");
        }
    }
    let csv = run(&["--csv"]).out;
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("name,digest,media_type,created,size,platforms,shared_with,state"));
    for (line, row) in lines.zip(rows) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!((cells[0], cells[1]), (row["name"].as_str().unwrap(), row["digest"].as_str().unwrap()));
        assert_eq!((cells[4], cells[7]), (row["size"].to_string().as_str(), "ok"));
    }
    assert_eq!(run(&["--csv", "--names"]).out.lines().next(), Some("name"));
    assert_eq!(place.run(&["tags", &repo, "--csv", "--json"]).code, Some(2));
}

#[test]
fn repositories_take_the_filter_too() {
    let demo = Demo::start(&[]);
    let place = Place::new("");
    let all = place.run(&["repos", &demo.host]).out;
    let some = place.run(&["repos", &demo.host, "--filter", "team/* !~search"]).out;
    let want: String = all
        .lines()
        .filter(|name| name.starts_with("team/") && !name.contains("search"))
        .map(|l| format!("{l}\n"))
        .collect();
    assert!(!want.is_empty() && want != all);
    assert_eq!(some, want);
    let lines = place.run(&["repos", &demo.host, "--filter", "team/* !~search", "--jsonl"]).out;
    let names: String = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["name"].as_str().unwrap().to_owned() + "\n")
        .collect();
    assert_eq!(names, want);
    let csv = place.run(&["repos", &demo.host, "--filter", "no-such-name", "--csv"]);
    assert_eq!(csv.out, "name,favourite,description,tag_count,updated,pulls,public\n");
}

/// Answers one request with JSON, and `head` among the headers.
fn answer(stream: TcpStream, head: &str, body: &str) {
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{head}connection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
}

fn path(stream: &TcpStream) -> String {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let request = lines.next().unwrap().unwrap();
    lines.find(|line| line.as_ref().is_ok_and(String::is_empty));
    request.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn names_are_written_as_the_pages_arrive() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let (go_on, wait) = mpsc::channel::<()>();
    let server = std::thread::spawn(move || {
        let mut wait = Some(wait);
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let path = path(&stream);
            if path.contains("last=") {
                wait.take().unwrap().recv().unwrap();
                answer(stream, "", r#"{"name":"a/b","tags":["two"]}"#);
                return;
            }
            match path.contains("tags/list") {
                true => answer(
                    stream,
                    "link: </v2/a/b/tags/list?n=1&last=one>; rel=\"next\"\r\n",
                    r#"{"name":"a/b","tags":["one"]}"#,
                ),
                false => answer(stream, "", "{}"),
            }
        }
    });
    let place = Place::new("");
    let target = format!("{host}/a/b");
    let mut child = place.command(&["tags", &target, "--names"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(out.next().unwrap().unwrap(), "one");
    go_on.send(()).unwrap();
    assert_eq!(out.map(Result::unwrap).collect::<Vec<_>>(), ["two"]);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    server.join().unwrap();
}

#[test]
fn an_image_is_told_in_the_fields_of_the_contract() {
    let demo = Demo::start(&[]);
    let place = Place::new("");
    for (image, kind) in [
        (format!("{API}:v1.6.1"), "index"),
        ("lab/labels:latest".to_owned(), "manifest"),
        ("legacy/schema1-billing:2016-02".to_owned(), "schema1"),
    ] {
        let said = place.run(&["inspect", &demo.repo(&image), "--json"]);
        assert_eq!(said.code, Some(0), "{}", said.err);
        let value = said.json();
        let mut fields: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        fields.sort_unstable();
        let want = [
            "config",
            "digest",
            "history",
            "kind",
            "layers",
            "media_type",
            "platforms",
            "reference",
            "referrers",
            "size",
            "tags",
        ];
        assert_eq!(fields, want);
        assert_eq!((&value["kind"], &value["reference"]), (&kind.into(), &demo.repo(&image).into()));
        let tag = image.rsplit(':').next().unwrap();
        assert!(value["tags"].as_array().unwrap().contains(&tag.into()), "{value}");
        for platform in value["platforms"].as_array().unwrap() {
            let mut fields: Vec<&str> = platform.as_object().unwrap().keys().map(String::as_str).collect();
            fields.sort_unstable();
            assert_eq!(fields, ["architecture", "digest", "os", "size", "variant"]);
        }
        assert!(!value["layers"].as_array().unwrap().is_empty());
    }
}

#[test]
fn a_wrong_config_is_told_with_its_place() {
    let place = Place::new("mouse = true\nthem = 'dark'\n");
    for arguments in [&["config", "check"][..], &["keys"], &["registries"], &["repos", "x.example"]] {
        let said = place.run(arguments);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(
            said.err.contains("config.toml:2:1: unknown key “them”") && said.err.contains("“theme”"),
            "{}",
            said.err
        );
    }
    assert_eq!(place.run(&["config", "check", "--json"]).json()["error"]["kind"], "config");
    let keys = Place::new("[keys.tags]\nrange = 'b'\nmark = 'b'\n");
    let said = keys.run(&["config", "check"]);
    assert_eq!(said.code, Some(2));
    assert!(
        said.err.contains("config.toml:3:1: ") && said.err.contains("mark") && said.err.contains("range"),
        "{}",
        said.err
    );
    let open = Place::new("[[registry]]\nname = 'a'\nurl = 'https://a.example'\n");
    assert_eq!(open.run(&["config", "check"]).code, Some(0));
    std::fs::set_permissions(open.path().join("config.toml"), PermissionsExt::from_mode(0o666)).unwrap();
    let said = open.run(&["config", "check"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("others can write it"), "{}", said.err);
}

#[test]
fn a_theme_is_built_in_a_file_or_one_beside_the_config() {
    let place = Place::new("");
    let said = place.run(&["demo", "--theme", "drak"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("--theme") && said.err.contains("did you mean “dark”?"), "{}", said.err);
    std::fs::create_dir(place.path().join("themes")).unwrap();
    std::fs::write(place.path().join("themes/mine.toml"), "").unwrap();
    let said = place.run(&["demo", "--theme", "mine"]);
    // The theme is known; what is missing is the terminal.
    assert!(!said.err.contains("theme"), "{}", said.err);
}

#[test]
fn what_needs_no_registry() {
    let place = Place::new("[keys.tags]\nmark = ['insert']\n");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let said = place.run(&["completions", shell]);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{shell}");
        for word in ["tagboat", "inspect", "--jsonl", "--state-dir"] {
            assert!(said.out.contains(word.trim_start_matches('-')), "{shell}: {word}");
        }
    }
    let man = place.run(&["man"]).out;
    assert!(man.contains(".TH tagboat 1") && man.contains(".SH SYNOPSIS") && man.contains("TAGBOAT_"), "{man}");
    let keys = place.run(&["keys"]).out;
    assert!(keys.lines().any(|line| line.starts_with("insert ") && line.contains("mark")), "{keys}");
    let rows = place.run(&["keys", "--json"]).json();
    assert!(rows.as_array().unwrap().iter().any(|row| row["action"] == "mark" && row["keys"][0] == "insert"));
    assert_eq!(place.run(&["--version"]).code, Some(0));
    let said = place.run(&["config", "path", "--state-dir", "/nowhere"]);
    assert_eq!(said.out, format!("{}\n", place.path().join("config.toml").display()));
}
