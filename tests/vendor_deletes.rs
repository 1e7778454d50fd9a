//! Deletions at the systems that are not OCI, through the whole program: what is on the screen and in the output, and
//! what the server has afterwards.
#![cfg(unix)]

mod commands;
mod many;
mod screens;

use std::collections::BTreeMap;
use tagboat::demo::docker_v1::{DockerV1Options, DockerV1Server, start_docker_v1};
use tagboat::demo::{
    AlaudaOptions, AlaudaServer, Faults, Logged, MlSpaceOptions, MlSpaceServer, Traffic, alauda_catalogue,
    start_alauda, start_ml_space,
};
use tagboat::domain::registry::BackendKind;

use crate::support::gestures::look;
use crate::support::program::{Place, Said};
use crate::support::pty::Pty;

/// Two tags on one image, one on another, and the variable its secret is in.
pub const SECRET: &str = "SECRET_OF_R";

enum Server {
    MlSpace(MlSpaceServer),
    Alauda(AlaudaServer),
    DockerV1(DockerV1Server),
}

pub struct Site {
    server: Server,
    config: String,
    pub secret: String,
    pub repo: &'static str,
    pub shared: [&'static str; 2],
    pub single: &'static str,
}

impl Site {
    pub async fn of(kind: BackendKind) -> Self {
        match kind {
            BackendKind::MlSpace => Self::ml_space(0).await,
            BackendKind::Alauda => Self::alauda().await,
            _ => Self::docker_v1().await,
        }
    }

    /// With so many tags more, each on an image of its own.
    pub async fn ml_space(more: usize) -> Self {
        let store = crate::batch_many::store(more);
        let person = store.accounts[0].clone();
        let workspace = store.workspaces[0].id;
        let server = start_ml_space(store, MlSpaceOptions::default()).await.expect("a free port");
        let place = format!("kind = 'ml-space'\nworkspace = '{workspace}'\nusername = '{}'\n", person.key_id);
        let config = config(&server.url, &place);
        let (repo, shared) = (crate::batch_many::REPO, ["a1", "a2"]);
        Self { server: Server::MlSpace(server), config, secret: person.key_secret, repo, shared, single: "b" }
    }

    async fn alauda() -> Self {
        let options = AlaudaOptions { password: "pass".into(), ..AlaudaOptions::default() };
        let server = start_alauda(alauda_catalogue(), options).await.expect("a free port");
        {
            let mut store = server.store();
            let namespace = store.namespaces.get_mut("yunfan").expect("a company");
            let tags = &mut namespace.repositories.get_mut("cart").expect("a cart").tags;
            let one =
                |tag: &str, letter: &str| tagboat::demo::AlaudaTag { tag: tag.to_owned(), image_id: letter.repeat(64) };
            *tags = vec![one("latest", "a"), one("1.0", "a"), one("0.9", "b"), one("0.8", "c")];
        }
        let place = "kind = 'alauda'\nnamespace = 'yunfan'\nusername = 'yunfan'\n";
        let config = config(&server.url, place);
        let (repo, shared) = ("yunfan/cart", ["latest", "1.0"]);
        Self { server: Server::Alauda(server), config, secret: "pass".to_owned(), repo, shared, single: "0.9" }
    }

    async fn docker_v1() -> Self {
        let mut store = crate::backend_docker_v1::small();
        let repo = crate::backend_docker_v1::REPO;
        for (tag, letter) in [("0.9", "b"), ("0.8", "a")] {
            store.tag(repo, tag, &letter.repeat(64), serde_json::json!({}));
        }
        let server = start_docker_v1(store, DockerV1Options::default()).await.expect("a free port");
        let config = config(&server.url, "kind = 'docker-v1'\ncredential = 'none'\n").replace(&credential(), "");
        let shared = ["latest", "1.0"];
        Self { server: Server::DockerV1(server), config, secret: String::new(), repo, shared, single: "0.9" }
    }

    fn traffic(&self) -> &Traffic {
        match &self.server {
            Server::MlSpace(server) => server,
            Server::Alauda(server) => server,
            Server::DockerV1(server) => server,
        }
    }

    fn faults(&self) -> &Faults {
        self.traffic().faults()
    }

    pub fn writes(&self) -> Vec<Logged> {
        let reads = |seen: &Logged| seen.method == "GET" || seen.path.ends_with("auth") || seen.path.contains("token");
        self.traffic().log().into_iter().filter(|seen| !reads(seen)).collect()
    }

    /// Every tag, and what it is on.
    pub fn tags(&self) -> BTreeMap<String, String> {
        match &self.server {
            Server::MlSpace(server) => {
                let store = server.store();
                crate::batch_many::tags_of(store.workspaces[0].named(self.repo).expect("the repository"))
            }
            Server::Alauda(server) => {
                let store = server.store();
                let tags = store.namespaces["yunfan"].repositories["cart"].tags.clone();
                tags.into_iter().map(|tag| (tag.tag, tag.image_id)).collect()
            }
            Server::DockerV1(server) => {
                let mut store = server.store();
                let tags = &store.repository(self.repo).tags;
                tags.iter().map(|(name, tag)| (name.clone(), tag.image.clone())).collect()
            }
        }
    }

    fn restores(&self) -> bool {
        matches!(self.server, Server::DockerV1(_))
    }

    pub fn place(&self) -> Place {
        Place::new(&self.config)
    }

    pub fn run(&self, place: &Place, arguments: &[&str]) -> Said {
        place.command(arguments).env(SECRET, &self.secret).output().expect("it starts").into()
    }

    /// The list of tags on a terminal.
    fn open(&self, (cols, rows): (u16, u16)) -> Pty {
        let target = format!("r/{}", self.repo);
        let pty = Pty::start_configured(&self.config, &[&target], cols, rows, &[(SECRET, &self.secret)]);
        pty.wait_for(&format!("complete: {} tags", self.tags().len()));
        pty
    }
}

fn credential() -> String {
    format!("credential = 'env:{SECRET}'\n")
}

fn config(url: &str, more: &str) -> String {
    format!("[[registry]]\nname = 'r'\nurl = '{url}'\n{}{more}", credential())
}

pub const KINDS: [BackendKind; 3] = [BackendKind::MlSpace, BackendKind::Alauda, BackendKind::DockerV1];
const SIZES: [(u16, u16); 2] = [(120, 36), (80, 24)];

/// The cursor onto what a filter leaves.
fn to(pty: &mut Pty, filter: &str) {
    pty.narrow(filter, "shown");
}

/// The plan for what is marked, seen.
fn plan(pty: &mut Pty) {
    pty.press("d");
    pty.wait_for("facts of");
    look();
}

/// Types what is asked for, and starts.
fn confirm(pty: &mut Pty, typed: &str) {
    pty.press("\t");
    pty.press("\t");
    pty.type_what_is_asked(typed);
    pty.wait_for("Ended at");
}

fn quit(mut pty: Pty) {
    pty.press("\x03");
    pty.press("q");
    assert_eq!(pty.end(), 0);
}

/// What the second protocol alone has.
#[track_caller]
fn in_its_own_words(text: &str) {
    let text = text.to_lowercase();
    for foreign in ["manifest", "digest", "garbage", "referrer", "placeholder", "children"] {
        assert!(!text.contains(foreign), "{foreign}: {text}");
    }
}
