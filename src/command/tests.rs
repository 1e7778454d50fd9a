//! Commands against the demo registry: what goes to stdout, and the exit codes.

use clap::Parser as _;
use serde_json::Value;

use super::{Io, report, run};
use crate::cli::{Cli, Command};
use crate::demo::{self, DemoOptions, Running};
use crate::runtime::world::{Options, World};
use crate::store::env::Env;

struct Place {
    running: Running,
    dir: tempfile::TempDir,
}

struct Said {
    code: u8,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

impl Place {
    async fn new(arguments: &[&str]) -> Self {
        let cli = Cli::try_parse_from(["tagboat", "demo"].iter().chain(arguments)).unwrap();
        let Some(Command::Demo(demo)) = cli.command else { unreachable!() };
        let running = demo::start(DemoOptions { base_port: None, ..demo.options() }).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let url = &running.endpoints[0].url;
        let text = format!(
            "[[registry]]\nname = \"demo\"\nurl = \"{url}\"\ncredential = \"store\"\nrepositories = [\"pinned/one\"]\n"
        );
        std::fs::write(dir.path().join("config.toml"), text).unwrap();
        Self { running, dir }
    }

    fn world(&self) -> World {
        let options = Options {
            config: Some(self.dir.path().join("config.toml")),
            state_dir: Some(self.dir.path().join("state")),
            ..Options::default()
        };
        World::load(&options, Env::fixed([])).unwrap()
    }

    async fn run(&self, arguments: &[&str]) -> Said {
        let cli = Cli::try_parse_from(["tagboat"].iter().chain(arguments)).unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut io = Io::new(&mut out, &mut err);
        (io.json, io.quiet) = (cli.global.json, cli.global.quiet);
        let outcome = run(&cli.command.unwrap(), &self.world(), &mut io).await.unwrap();
        let code = report(outcome, &mut io);
        Said { code, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
    }
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A repository of the demo that has tags, and its tags' names.
async fn some_repository(place: &Place) -> String {
    let repos = place.run(&["repos", "demo", "--json"]).await.json();
    let names = repos["repositories"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned());
    for name in names {
        let target = format!("demo/{name}");
        let tags = place.run(&["tags", &target, "--names", "--json"]).await;
        if tags.code == 0 && (2..200).contains(&tags.json()["tags"].as_array().unwrap().len()) {
            return target;
        }
    }
    panic!("the demo has no repository with a few tags");
}

#[tokio::test]
async fn repositories_as_text_and_as_json() {
    let place = Place::new(&[]).await;
    let text = place.run(&["repos", "demo"]).await;
    assert_eq!(text.code, 0, "{}", text.err);
    assert!(text.out.lines().any(|line| line == "pinned/one"));
    let json = place.run(&["repos", "demo", "--json"]).await;
    let value = json.json();
    assert_eq!((json.code, json.err.as_str()), (0, ""));
    let mut fields = keys(&value);
    fields.sort_unstable();
    assert_eq!(fields, ["complete", "note", "registry", "repositories"]);
    assert_eq!((&value["registry"], &value["complete"]), (&"demo".into(), &true.into()));
    let first = &value["repositories"][0];
    let mut fields = keys(first);
    fields.sort_unstable();
    assert_eq!(fields, ["description", "favourite", "name", "public", "pulls", "tag_count", "updated"]);
    assert!(first["tag_count"].is_null());
    assert_eq!(value["repositories"].as_array().unwrap().len(), text.out.lines().count());
}

#[tokio::test]
async fn tags_with_details_and_without() {
    let place = Place::new(&[]).await;
    let target = some_repository(&place).await;
    let names = place.run(&["tags", &target, "--names"]).await;
    let full = place.run(&["tags", &target, "--json"]).await;
    let value = full.json();
    let rows = value["tags"].as_array().unwrap();
    assert_eq!(names.out.lines().count(), rows.len());
    let mut fields = keys(&rows[0]);
    fields.sort_unstable();
    assert_eq!(
        fields,
        ["colour", "created", "digest", "media_type", "name", "platforms", "shared_with", "size", "state"]
    );
    for row in rows.iter().filter(|row| row["state"] == "ok") {
        assert!(row["digest"].as_str().unwrap().starts_with("sha256:"), "{row}");
        assert!(row["shared_with"].is_array());
        let on: Vec<_> = rows.iter().filter(|other| other["digest"] == row["digest"]).collect();
        assert_eq!(row["shared_with"].as_array().unwrap().len(), on.len() - 1);
    }
    let bare = place.run(&["tags", &target, "--names", "--json"]).await.json();
    assert!(bare["tags"][0]["digest"].is_null() && bare["tags"][0]["state"].is_null());
    let name = rows[0]["name"].as_str().unwrap();
    let one = place.run(&["tags", &target, "--json", "--filter", &format!("~^{name}$")]).await.json();
    assert_eq!((one["tags"].as_array().unwrap().len(), &one["tags"][0]["name"]), (1, &name.into()));
    assert_eq!(place.run(&["tags", &target, "--names", "--filter", "age>9000y"]).await.out, "");
}

#[tokio::test]
async fn an_image_in_full() {
    let place = Place::new(&[]).await;
    let target = some_repository(&place).await;
    let tags = place.run(&["tags", &target, "--json"]).await.json();
    let row = tags["tags"].as_array().unwrap().iter().find(|row| row["state"] == "ok").unwrap().clone();
    let image = format!("{target}:{}", row["name"].as_str().unwrap());
    let said = place.run(&["inspect", &image, "--json"]).await;
    let value = said.json();
    assert_eq!(said.code, 0, "{}", said.err);
    for field in ["digest", "media_type", "size"] {
        assert_eq!(value[field], row[field], "{field}");
    }
    for field in ["reference", "kind", "platforms", "config", "layers", "history", "referrers", "tags"] {
        assert!(value.get(field).is_some(), "{field}");
    }
    let mut others: Vec<Value> = row["shared_with"].as_array().unwrap().clone();
    others.push(row["name"].clone());
    let mut on_digest = value["tags"].as_array().unwrap().clone();
    others.sort_by_key(Value::to_string);
    on_digest.sort_by_key(Value::to_string);
    assert_eq!(on_digest, others);
    assert_eq!(value["reference"], image);
    assert!(place.run(&["inspect", &image]).await.out.contains(row["digest"].as_str().unwrap()));
}

#[tokio::test]
async fn failures_have_a_code_two_sentences_and_json() {
    let place = Place::new(&[]).await;
    for (arguments, code, kind) in [
        (["tags", "demo/no/such"], 4, "not-found"),
        (["inspect", "demo/no/such:1"], 4, "not-found"),
        (["repos", "demmo"], 2, "usage"),
        (["tags", "demo"], 2, "usage"),
        (["repos", "http://127.0.0.1:1"], 5, "network"),
    ] {
        let said = place.run(&arguments).await;
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{arguments:?}: {}", said.err);
        assert_eq!(said.err.lines().count(), 2, "{}", said.err);
        let said = place.run(&[arguments[0], arguments[1], "--json"]).await;
        assert_eq!((said.code, &said.json()["error"]["kind"]), (code, &kind.into()), "{arguments:?}");
    }
    let bad = place.run(&["tags", "demo/a", "--filter", "~("]).await;
    assert_eq!(bad.code, 2, "{}", bad.err);
}

#[tokio::test]
async fn what_a_hostile_server_sends_does_not_reach_the_terminal() {
    let place = Place::new(&["--profile", "hostile"]).await;
    let plain = |text: &str| text.chars().all(|c| c == '\n' || !c.is_control());
    for arguments in [["repos", "demo"], ["registries", "-q"]] {
        let said = place.run(&arguments).await;
        assert!(plain(&said.out) && plain(&said.err), "{arguments:?}");
        let said = place.run(&[arguments[0], arguments[1], "--json"]).await;
        assert!(said.out.is_ascii() && plain(&said.out));
        said.json();
    }
}

#[tokio::test]
async fn signing_in_is_needed_tried_and_kept() {
    for how in ["basic", "bearer"] {
        let place = Place::new(&["--auth", how]).await;
        assert_eq!(place.run(&["repos", "demo", "--json"]).await.code, 3);
        let world = place.world();
        let profile = &world.config.registries[0];
        let endpoint = &place.running.endpoints[0];
        let (user, password) = (endpoint.username.clone().unwrap(), endpoint.password.clone().unwrap());
        let keep = crate::store::credentials::SaveIn::Store;
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut io = Io::new(&mut out, &mut err);
        let wrong = super::login::sign_in(&world, profile, user.clone(), "wrong".into(), &keep, false, &mut io).await;
        assert_eq!(report(wrong.map(|_| 0), &mut io), 3);
        assert_eq!(place.run(&["repos", "demo", "--json"]).await.code, 3);
        super::login::sign_in(&world, profile, user, password.clone().into(), &keep, false, &mut io).await.unwrap();
        assert!(!String::from_utf8(err).unwrap().contains(&password));
        assert_eq!(place.run(&["repos", "demo", "--json"]).await.code, 0);
        let gone = place.run(&["logout", "demo", "--json"]).await;
        assert_eq!((gone.code, gone.json()["erased"].as_array().unwrap().len()), (0, 1));
        assert_eq!(place.run(&["repos", "demo", "--json"]).await.code, 3);
    }
}

struct Closed;

impl std::io::Write for Closed {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_closed_stdout_ends_quietly() {
    let place = Place::new(&[]).await;
    let cli = Cli::try_parse_from(["tagboat", "repos", "demo"]).unwrap();
    let (mut out, mut err) = (Closed, Vec::new());
    let mut io = Io::new(&mut out, &mut err);
    let outcome = run(&cli.command.unwrap(), &place.world(), &mut io).await.unwrap();
    assert_eq!(report(outcome, &mut io), 141);
    assert!(err.is_empty());
}

#[tokio::test]
async fn the_demo_says_where_it_is() {
    let cli = Cli::try_parse_from(["tagboat", "demo", "--serve", "--auth", "basic"]).unwrap();
    let Some(Command::Demo(demo)) = cli.command else { unreachable!() };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let running = super::demo::serve(&demo, &mut Io::new(&mut out, &mut err)).await.unwrap();
    let lines: Vec<Value> =
        String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), running.endpoints.len() + 1);
    assert_eq!(lines[0]["url"], running.endpoints[0].url);
    assert!(lines[0]["token"].is_null() && lines[0]["password"].is_string());
    let space = lines.iter().find(|line| line["kind"] == "ml-space").unwrap();
    assert!(space["workspace"].is_string() && space["password"].is_string());
    assert_eq!(lines.last(), Some(&serde_json::json!({ "ready": true })));
}

#[tokio::test]
async fn registries_are_asked_and_favourites_are_marked() {
    let place = Place::new(&[]).await;
    let path = place.dir.path().join("config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let down = "[[registry]]\nname = \"down\"\nurl = \"http://127.0.0.1:1\"\n";
    let older = "[[registry]]\nname = \"older\"\nkind = \"docker-v1\"\nurl = \"http://127.0.0.1:1\"\n";
    let said = place.run(&["registries", "--json"]).await;
    let value = said.json();
    assert_eq!((said.code, &value[0]["favourite"], &value[0]["error"]), (0, &false.into(), &Value::Null));
    assert_eq!(value[0]["capabilities"]["auth"], "none");
    let known = &value[0]["capabilities"];
    assert_eq!((&known["listing"], &known["referrers"]), (&true.into(), &false.into()), "{known}");
    // Its first repository has one tag, and one tag shows no pages. A delete is never tried out.
    assert!(["paging", "delete", "tag_delete"].iter().all(|what| known[what].is_null()), "{known}");
    assert!(value[0]["capabilities"]["rtt_ms"].as_f64().is_some_and(|ms| ms > 0.0));
    std::fs::write(&path, format!("{text}{older}{down}")).unwrap();
    let store = crate::store::state::StateStore::open(Some(&place.dir.path().join("state"))).unwrap();
    store.set_favourite("demo", "", true);
    store.set_favourite("demo", "pinned/one", true);
    let said = place.run(&["registries", "--json"]).await;
    let value = said.json();
    assert_eq!((said.code, &value[0]["favourite"]), (7, &true.into()), "{value}");
    for down in 1..=2 {
        assert!(value[down]["capabilities"]["auth"].is_null(), "{value}");
        assert_eq!(value[down]["error"]["kind"], "network", "{value}");
    }
    assert_eq!(place.run(&["registries"]).await.out.lines().count(), 4);
    let repos = place.run(&["repos", "demo", "--json"]).await.json();
    let marked: Vec<_> =
        repos["repositories"].as_array().unwrap().iter().filter(|row| row["favourite"] == true).collect();
    assert!(marked.len() == 1 && marked[0]["name"] == "pinned/one");
}
