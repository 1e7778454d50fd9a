//! Layers by themselves through the whole program: into a file, and from one.
#![cfg(unix)]

mod fetched;
mod pushed;

use std::path::PathBuf;

use serde_json::{Value, json};
use tagboat::demo::docker_v1::{Archive, DockerV1Options, DockerV1Server, Entry, Store, Sum, start_docker_v1};
use tempfile::TempDir;

use crate::support::pty::Pty;

/// Larger than what is on its way at a time.
const LARGE: u64 = 3_000_000;
const REPO: &str = "acme/api";

fn id(letter: char) -> String {
    letter.to_string().repeat(64)
}

fn fields(letter: char, parent: Option<char>) -> Value {
    let mut fields = json!({
        "id": id(letter), "created": "2015-03-09T11:42:07Z", "os": "linux", "architecture": "amd64",
        "container_config": {"Cmd": ["/bin/sh", "-c", "make install"]}, "config": {"Cmd": ["/srv/run"]},
    });
    if let Some(parent) = parent {
        fields["parent"] = id(parent).into();
    }
    fields
}

/// `acme/api:1.0`: a small layer, a large one above it, one with a wrong checksum and one without any.
fn store() -> Store {
    let mut store = Store::new();
    store.add_image(&fields('a', None), Archive::tar(&[Entry::File("./srv/motd", "hello\n")]));
    store.add_image(&fields('b', Some('a')), Archive::large(&[], "srv/run", LARGE));
    for (letter, parent) in [('c', 'b'), ('d', 'c')] {
        store.add_image(&fields(letter, Some(parent)), Archive::tar(&[Entry::Folder("./srv/")]));
    }
    store.images.get_mut(&id('c')).expect("an image").sum = Sum::Kept(format!("sha256:{}", "0".repeat(64)));
    store.images.get_mut(&id('d')).expect("an image").sum = Sum::None;
    store.tag(REPO, "1.0", &id('d'), json!({"last_update": 1_425_901_327}));
    store.announce(REPO, "[]");
    store
}

struct Site {
    server: DockerV1Server,
    pty: Pty,
    dir: TempDir,
}

impl Site {
    async fn new(target: &str, (cols, rows): (u16, u16), arguments: &[&str]) -> Self {
        let server = start_docker_v1(store(), DockerV1Options::default()).await.expect("a free port");
        let config = format!("[[registry]]\nname = 'old'\nkind = 'docker-v1'\nurl = '{}'\n", server.url);
        let arguments: Vec<&str> = [target].iter().chain(arguments).copied().collect();
        let pty = Pty::start_configured(&config, &arguments, cols, rows, &[]);
        Self { server, pty, dir: tempfile::tempdir().expect("a directory") }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).expect("the directory");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn layer(&self, letter: char) -> Vec<u8> {
        self.server.store().images[&id(letter)].layer.as_ref().expect("a layer").to_vec()
    }

    /// Pasted, as a person does it with a path.
    fn paste(&mut self, text: &str) {
        self.pty.press(&format!("\x1b[200~{text}\x1b[201~"));
    }

    /// How often the server was asked this.
    fn asked(&self, method: &str, path: &str) -> usize {
        self.server.log().iter().filter(|seen| seen.method == method && seen.path.ends_with(path)).count()
    }

    /// What stands beside the sign of a line that is too long for the screen, joined again.
    fn says(&self, text: &str) -> bool {
        let joined = |screen: &str| screen.split(['\n', '│', '|']).map(str::trim).collect::<Vec<_>>().join(" ");
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        squeezed(&joined(&self.pty.screen())).contains(&squeezed(text))
    }

    #[track_caller]
    fn ended(&self, says: &str) {
        self.pty.wait_for("Ended at");
        assert!(self.says(says), "{says}\n{}", self.pty.screen());
    }

    fn quit(mut self) {
        self.pty.press("\x03");
        self.pty.press("q");
        assert_eq!(self.pty.end(), 0);
    }
}
