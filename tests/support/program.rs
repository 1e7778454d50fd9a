//! The program as a script runs it: arguments in, what it writes and its exit code out.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::pty;

/// A directory of its own for config and state.
pub struct Place {
    pub home: TempDir,
}

pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|why| panic!("{why}: {:?}; {}", self.out, self.err))
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Place {
    /// With this config.
    pub fn new(config: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("config.toml"), config).unwrap();
        Self { home }
    }

    pub fn path(&self) -> &Path {
        self.home.path()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tagboat"));
        command.args(arguments).env_clear().envs(pty::env(&self.home)).stdin(Stdio::null());
        command
    }

    /// The program with so many MiB of memory at most: it is ended when it wants more.
    pub fn command_within(&self, mebibytes: u64, arguments: &[&str]) -> Command {
        let mut command = Command::new("/bin/sh");
        let limit = format!("ulimit -c 0; ulimit -d {}; exec \"$@\"", mebibytes * 1024);
        command.args(["-c", &limit, "sh", env!("CARGO_BIN_EXE_tagboat")]).args(arguments);
        command.env_clear().envs(pty::env(&self.home)).stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        self.command(arguments).output().unwrap().into()
    }
}

/// Of a list in JSON: what `key` gives of each entry, by its name.
pub fn by_name(list: &Value, key: impl Fn(&Value) -> Value) -> BTreeMap<String, Value> {
    let list = list.as_array().expect("a list");
    list.iter().map(|one| (one["name"].as_str().expect("a name").to_owned(), key(one))).collect()
}

/// The demo's registries in a process of their own.
pub struct Demo {
    process: Child,
    pub host: String,
    _place: Place,
    /// Kept open, or the demo would write to nobody.
    _out: BufReader<ChildStdout>,
}

impl Demo {
    pub fn start(arguments: &[&str]) -> Self {
        let place = Place::new("");
        let all = [&["demo", "--serve"], arguments].concat();
        let mut process = place.command(&all).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut host = None;
        let mut line = String::new();
        while out.read_line(&mut line).unwrap() > 0 {
            let said: Value = serde_json::from_str(&line).unwrap();
            if said["ready"] == true {
                break;
            }
            let url = said["url"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
            host.get_or_insert(url);
            line.clear();
        }
        Self { process, host: host.expect("a registry"), _place: place, _out: out }
    }

    /// A repository of it, as commands name it.
    pub fn repo(&self, name: &str) -> String {
        format!("{}/{name}", self.host)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
