//! Changes by a system's own interface through the whole program: keys, what is on the screen, and what the server has
//! then. Also when it refuses, loses its answer, or takes a change and does nothing.
#![cfg(unix)]

mod colours;
mod favourites;
mod tags;

use std::time::Duration;

use tagboat::demo::ml_space::{Image, Repository, catalogue};
use tagboat::demo::{Fault, Logged, MlSpaceOptions, MlSpaceServer, Rule, start_ml_space};

use crate::support::pty::{self, Pty};

const SIZES: [(u16, u16); 2] = [(120, 36), (80, 24)];
/// A repository with twelve tags on one image; no favourite.
const TRAINER: &str = "llm/instruct-trainer";

/// The stand-in of ML Space, and a screen on its first workspace.
struct MlSpace {
    server: MlSpaceServer,
    pty: Pty,
}

impl MlSpace {
    async fn start(size: (u16, u16), more: &[&str]) -> Self {
        let server = start_ml_space(catalogue(), MlSpaceOptions::default()).await.expect("loopback has a free port");
        let (person, workspace) = {
            let store = server.store();
            (store.accounts[0].clone(), store.workspaces[0].id)
        };
        let config = format!(
            "[[registry]]\nname = \"ml\"\nkind = \"ml-space\"\nurl = \"{}\"\nusername = \"{}\"\n\
             credential = \"env:ML_SECRET\"\nworkspace = \"{workspace}\"\n",
            server.url, person.key_id
        );
        let arguments = [more, &["--plain-http", "--no-cache", "ml"]].concat();
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("config.toml"), config).unwrap();
        let state = home.path().join("state").display().to_string();
        let arguments = [&["--state-dir", &state], &arguments[..]].concat();
        let secret = [("ML_SECRET", person.key_secret.as_str())];
        let pty = Pty::start_in(home, &arguments, size.0, size.1, &secret);
        pty.wait_for("complete: 66 names");
        Self { server, pty }
    }

    /// The tags of a repository are on the screen.
    #[track_caller]
    fn open(&mut self, repository: &str, tags: usize) {
        self.to(repository);
        self.pty.press("\r");
        self.pty.wait_for(&format!("complete: {tags} tags"));
    }

    /// The image of a repository that a tag is on, and the colour it has.
    fn tag(&self, repository: &str, name: &str) -> Option<(String, Option<String>)> {
        let repository = self.repository(repository);
        let on = |image: &Image| image.tags.iter().find(|tag| tag.name == name).map(|tag| tag.color.clone());
        repository.images.iter().find_map(|image| Some((image.digest.clone(), on(image)?)))
    }

    fn repository(&self, name: &str) -> Repository {
        let store = self.server.store();
        store.workspaces[0].named(name).unwrap_or_else(|| panic!("no {name}")).clone()
    }

    /// What was sent to change something.
    fn sent(&self) -> Vec<Logged> {
        let reads = |seen: &Logged| seen.method == "GET" || seen.path.ends_with("/service_auth");
        self.server.log().into_iter().filter(|seen| !reads(seen)).collect()
    }

    /// The cursor goes to the only repository with this in its name.
    #[track_caller]
    fn to(&mut self, name: &str) {
        self.pty.filter(name);
        self.pty.wait_for(" 1/66 shown");
        self.pty.press("\r");
        self.pty.wait_until("the list", |screen| !screen.contains("Enter keep"));
    }

    /// Out of all dialogs, and out of the program.
    #[track_caller]
    fn end(mut self) {
        self.pty.press("q");
        assert_eq!(self.pty.end(), 0);
    }
}

/// Keys are not taken before what asks has been seen.
fn seen() {
    pty::pause(Duration::from_millis(350));
}

/// Onto the only tag with this in its name.
#[track_caller]
fn onto(pty: &mut Pty, tag: &str) {
    pty.filter(tag);
    pty.wait_for(" 1/");
    pty.press("\r");
    pty.wait_until("the list", |screen| !screen.contains("Enter keep"));
}

/// `t`, another name, and the colour where there are colours.
#[track_caller]
fn new_tag(pty: &mut Pty, name: &str, colour: Option<&str>) {
    pty.press("t");
    pty.wait_for("New tag");
    pty.wait_for("on this image already");
    pty.press("\x15");
    pty.press(name);
    pty.wait_for("Exists ");
    pty.wait_until("the target is seen", |screen| !screen.contains("Exists  ..."));
    if let Some(colour) = colour {
        pty.press("\t");
        pty.wait_for("type #RRGGBB");
        pty.press(colour);
        pty.wait_for(colour);
    }
}

/// The newest operation of the history is taken back; the numbers that are asked for are typed.
#[track_caller]
fn take_back(pty: &mut Pty, says: &str, done: &str) {
    pty.press("\x1b");
    pty.press("gx");
    pty.wait_for("can be put back");
    pty.press("u");
    pty.wait_for(says);
    seen();
    pty.press("\t1");
    pty.wait_for("matches");
    pty.press("\t");
    seen();
    pty.press("\r");
    pty.wait_for(done);
}
