//! Labels and notes of tags: in the commands, in a file, on the screen of two programs at once.
#![cfg(unix)]

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::program::{Demo, Place, Said};
use crate::support::pty::Pty;

const REPO: &str = "library/alpine";

/// A registry, called `shop`, and a home.
struct Site {
    demo: Demo,
    place: Place,
}

fn config(demo: &Demo) -> String {
    format!("[[registry]]\nname = \"shop\"\nurl = \"http://{}\"\nplain_http = true\n", demo.host)
}

impl Site {
    fn new(more: &str) -> Self {
        let demo = Demo::start(&[]);
        let place = Place::new(&format!("{}{more}", config(&demo)));
        Self { demo, place }
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Said {
        let said = self.place.run(arguments);
        assert_eq!(said.code, Some(0), "{arguments:?}: {}{}", said.out, said.err);
        said
    }

    #[track_caller]
    fn set(&self, tags: &[&str], how: &[&str]) -> Said {
        let repo = format!("shop/{REPO}");
        self.run(&[&["labels", "set", &repo], tags, how].concat())
    }

    /// Names of the tags that this filter lets through.
    fn names(&self, filter: &str) -> Vec<String> {
        let repo = format!("shop/{REPO}");
        let said = self.run(&["tags", &repo, "--names", "--filter", filter]);
        said.out.lines().map(str::to_owned).collect()
    }

    fn colours(&self) -> Vec<(String, Value)> {
        let said = self.run(&["tags", &format!("shop/{REPO}"), "--json"]).json();
        let tags = said["tags"].as_array().expect("tags").iter();
        let named = |tag: &Value| (tag["name"].as_str().expect("a name").to_owned(), tag["colour"].clone());
        tags.map(named).filter(|(_, colour)| !colour.is_null()).collect()
    }

    fn export(&self) -> String {
        self.run(&["labels", "export"]).out
    }
}

#[test]
fn labels_are_set_shown_filtered_and_planned_by() {
    let site = Site::new("protect = [\"label:keep\"]\n[[label]]\nletter = 'P'\nname = 'pin'\ncolour = '#ff8800'\n");
    assert_eq!(site.colours(), []);
    site.set(&["3.9.6", "3.10.9"], &["--label", "stale", "--note", "ask ops first"]);
    site.set(&["3.18.9"], &["--label", "PIN"]);
    site.set(&["3.19.4"], &["--label", "keep"]);
    let yellow = |name: &str| (name.to_owned(), Value::from("yellow"));
    let pin = ("3.18.9".to_owned(), Value::from("#FF8800"));
    let keep = ("3.19.4".to_owned(), Value::from("green"));
    assert_eq!(site.colours(), [yellow("3.9.6"), yellow("3.10.9"), pin, keep]);
    assert_eq!(site.names("label:stale"), ["3.9.6", "3.10.9"]);
    assert_eq!(site.names("note:ops !3.9.6"), ["3.10.9"]);
    let plan = site.run(&["plan", &format!("shop/{REPO}"), "--mark", "label:stale", "--mark", "label:keep", "--json"]);
    let plan = plan.json();
    let kept = plan["kept"].as_array().expect("what stays").iter();
    let protected: Vec<_> = kept.clone().filter(|one| one["by"] == "protection").map(|one| &one["tag"]).collect();
    assert_eq!(protected, ["3.19.4"], "{plan}");
    // Other tags are on their digests, so that they stay as well; but they were marked.
    let marked: Vec<_> = kept.filter(|one| one["by"] == "held").map(|one| &one["tag"]).collect();
    assert_eq!(marked, ["3.9.6", "3.10.9"], "{plan}");
    site.set(&["3.9.6"], &["--label", "rule", "--note", ""]);
    assert_eq!(site.names("label:stale"), ["3.10.9"]);
    let listed = site.run(&["labels", "list", "shop", "--json"]).json();
    assert_eq!(listed["tags"].as_array().map(Vec::len), Some(3), "{listed}");
    assert_eq!(listed["labels"][0]["name"], "pin");
}

#[test]
fn what_is_exported_can_be_imported_elsewhere() {
    let site = Site::new("");
    site.set(&["3.9.6"], &["--label", "stale", "--note", "it's \"quoted\" — 日本"]);
    site.run(&["labels", "favourite", "shop"]);
    site.run(&["labels", "favourite", &format!("shop/{REPO}")]);
    let text = site.export();
    // Another machine, which knows something already.
    let other = Site { demo: Demo::start(&[]), place: Place::new(&config(&site.demo)) };
    other.set(&["3.9.6"], &["--label", "keep"]);
    other.set(&["3.10.9"], &["--label", "broken"]);
    let file = other.place.path().join("labels.toml");
    std::fs::write(&file, &text).unwrap();
    let file = file.to_str().unwrap();
    let before = other.export();
    let said = other.run(&["labels", "import", file, "--dry-run"]);
    assert!(said.out.contains(":3.9.6: stale, was keep"), "{}", said.out);
    assert!(said.out.contains("shop: favourite") && said.err.contains("dry-run"), "{}", said.out);
    assert_eq!(other.export(), before);
    let said = other.run(&["labels", "import", file, "--json"]).json();
    assert_eq!(said["changes"].as_array().map(Vec::len), Some(4), "{said}");
    assert_eq!(other.names("label:stale"), ["3.9.6"]);
    assert_eq!(other.names("label:broken"), ["3.10.9"]);
    let repos = other.run(&["repos", "shop", "--filter", "is:favourite", "--json"]).json();
    assert_eq!(repos["repositories"][0]["favourite"], true);
    // The second time nothing is left to do, and what came is given on as it was.
    assert_eq!(other.run(&["labels", "import", file]).out, "");
    other.set(&["3.10.9"], &["--label", "rule"]);
    assert_eq!(other.export(), text);
}

#[test]
fn mistakes_are_told_and_change_nothing() {
    let site = Site::new("");
    let before = site.export();
    let file = site.place.path().join("wrong.toml");
    let path = file.to_str().unwrap();
    let good = "[[tag]]\nregistry = 'https://r'\nrepository = 'a'\ntag = 'b'\nnote = 'x'\n";
    for (text, place) in [
        ("", ":1:"),
        ("version = 1\n[[tags]]\n", ":2:"),
        (&*format!("version = 1\n{good}[[label]]\nname = 'x'\nletter = '??'\ncolour = 'red'\n"), ":9:10: "),
    ] {
        std::fs::write(&file, text).unwrap();
        let said = site.place.run(&["labels", "import", path]);
        assert_eq!(said.code, Some(2), "{text:?}: {}", said.err);
        assert!(said.err.contains(&format!("wrong.toml{place}")), "{}", said.err);
    }
    let repo = format!("shop/{REPO}");
    let exists = ["labels", "export", "--out", path];
    for (line, word) in [
        (&["labels", "import", "none.toml"][..], "no such file"),
        (&["labels", "set", &repo, "1.0", "--label", "stael"], "stale"),
        (&["labels", "set", &repo, "not a tag", "--note", "x"], "tag"),
        (&["labels", "set", &repo, "1.0"], "--label"),
        (&["labels", "favourite", &format!("{repo}:1.0")], "favourites"),
        (&exists, "exists already"),
    ] {
        let said = site.place.run(line);
        assert_eq!(said.code, Some(2), "{line:?}: {}", said.err);
        assert!(said.err.contains(word), "{line:?}: {}", said.err);
    }
    assert_eq!(site.export(), before);
}

fn open(config: &str, state: &str, more: &[(&str, &str)]) -> Pty {
    let all = [&[("TAGBOAT_STATE_DIR", state)], more].concat();
    let mut pty = Pty::start_configured(config, &[&format!("shop/{REPO}")], 120, 36, &all);
    pty.wait_for("complete:");
    pty.filter("~^3.9.6$");
    pty.press("\r");
    pty.wait_for("1/20 shown");
    pty.wait_for("Space mark");
    pty
}

#[test]
fn a_label_is_on_the_screen_at_once_on_the_other_screen_soon_and_there_the_next_time() {
    let demo = Demo::start(&[]);
    let state = tempfile::tempdir().unwrap();
    let (config, dir) = (config(&demo), state.path().display().to_string());
    let (mut one, mut two) = (open(&config, &dir, &[]), open(&config, &dir, &[]));
    one.press("c");
    one.wait_for("Label 3.9.6");
    one.press("s\r");
    let labelled = |screen: &str| screen.contains(" S 3.9.6 ");
    one.wait_until("its label", labelled);
    let begun = Instant::now();
    two.wait_until("the label of the other", labelled);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    // Each changes something of the same tag, and neither loses what the other said.
    two.press("c");
    two.wait_for("Label 3.9.6");
    two.press("\x1b[Z");
    two.press("\x1b[Z");
    two.press("\x1b[Z");
    two.press("ask ops first\r");
    one.wait_for("ask ops first");
    one.press("u");
    one.wait_until("no label", |screen| !labelled(screen) && screen.contains("ask ops first"));
    for mut pty in [one, two] {
        pty.press("q");
        assert_eq!(pty.end(), 0);
    }
    let mut three = open(&config, &dir, &[("NO_COLOR", "1")]);
    three.wait_for("ask ops first");
    three.press("c");
    three.press("k\r");
    three.wait_until("a letter without a colour", |screen| screen.contains(" K 3.9.6 "));
    three.press("q");
    assert_eq!(three.end(), 0);
    let mode = std::os::unix::fs::MetadataExt::mode(&state.path().join("state.db").metadata().unwrap());
    assert_eq!(mode & 0o777, 0o600);
}

/// A command of the list of commands, and the file it asks for.
fn with_file(pty: &mut Pty, command: &str, file: &str) {
    pty.press(":");
    pty.wait_for("Command");
    pty.press(command);
    pty.wait_for("> ");
    pty.press("\r");
    pty.wait_for("File");
    pty.press("\x15");
    pty.press(file);
    pty.wait_for(file);
    pty.press("\r");
}

#[test]
fn labels_go_to_a_file_and_come_from_one_by_the_list_of_commands() {
    let demo = Demo::start(&[]);
    let [here, there] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let file = here.path().join("l.toml").display().to_string();
    let config = config(&demo);
    let mut pty = open(&config, &here.path().display().to_string(), &[]);
    pty.press("c");
    pty.wait_for("Label 3.9.6");
    pty.press("s\r");
    pty.wait_for(" S 3.9.6 ");
    with_file(&mut pty, "export-labels", &file);
    pty.wait_for("Saved labels, notes, rules and favourites in");
    assert!(std::fs::read_to_string(&file).unwrap().contains("label = \"stale\""));
    with_file(&mut pty, "export-labels", &file);
    pty.wait_for("exists already. Press the button again");
    pty.press("\x1b");
    pty.press("q");
    assert_eq!(pty.end(), 0);

    let mut pty = open(&config, &there.path().display().to_string(), &[]);
    with_file(&mut pty, "import-labels", &format!("{file}.not"));
    pty.wait_for("there is no such file");
    pty.press("\x1b");
    with_file(&mut pty, "import-labels", &file);
    pty.wait_for("Changes the label of 1 tag.");
    assert!(!pty.screen().contains(" S 3.9.6 "), "{}", pty.screen());
    pty.press("\r");
    pty.wait_for("Imported the label of 1 tag.");
    pty.wait_for(" S 3.9.6 ");
    pty.press("q");
    assert_eq!(pty.end(), 0);
}
