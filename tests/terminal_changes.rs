//! Changes by a system's own interface through the whole program: keys, what is on the screen, and what the server has
//! then. Also when it refuses, loses its answer, or takes a change and does nothing.
#![cfg(unix)]

mod colours;
mod favourites;
mod tags;

use std::time::Duration;

use tagboat::demo::ml_space::{Image, Repository, catalogue};
use tagboat::demo::{Fault, Logged, MlSpaceOptions, MlSpaceServer, Rule, start_ml_space};

use crate::support::pty::Pty;

const SIZES: [(u16, u16); 2] = [(120, 36), (80, 24)];
/// A repository with twelve tags on one image; no favourite.
const TRAINER: &str = "nlp/instruct-trainer";

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
        self.pty.narrow(name, " 1/66 shown");
    }

    /// Out of all dialogs, and out of the program.
    #[track_caller]
    fn end(mut self) {
        self.pty.press("q");
        assert_eq!(self.pty.end(), 0);
    }
}

/// Onto the only tag with this in its name.
#[track_caller]
fn onto(pty: &mut Pty, tag: &str) {
    pty.narrow(tag, " 1/");
}

/// `t`, another name, and the colour where there are colours.
#[track_caller]
fn new_tag(pty: &mut Pty, name: &str, colour: Option<&str>) {
    pty.name_tag(name);
    if let Some(colour) = colour {
        pty.press("\t");
        pty.wait_for("type #RRGGBB");
        pty.press(colour);
        pty.wait_for(colour);
    }
}

/// What is answered to the one request of a job, what is said then, and whether it was done.
fn answers() -> [(Fault, &'static str, bool); 4] {
    [
        (Fault::status(403), "403", false),
        (Fault::status(429), "429", false),
        (Fault::html_error(502), "502", false),
        (Fault::LostAnswer, "Job 1 is done", true),
    ]
}

/// The tags of the repository on a screen, the cursor on `latest`, and this answer to what changes a tag.
async fn at_latest(method: &'static str, fault: Fault) -> MlSpace {
    let mut screen = MlSpace::start((100, 30), &[]).await;
    screen.open(TRAINER, 12);
    onto(&mut screen.pty, "latest");
    screen.server.faults().add(Rule::on("/docker_registry/v2/tags/", fault).method(method));
    screen
}

/// The newest operation of the history is taken back; the numbers that are asked for are typed.
#[track_caller]
fn take_back(pty: &mut Pty, says: &str, done: &str) {
    pty.press("\x1b");
    pty.press("gx");
    pty.wait_for("can be put back");
    pty.take_back(says);
    pty.wait_for(done);
}
