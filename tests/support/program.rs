//! The program as a script runs it: arguments in, what it writes and its exit code out.
#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Output, Stdio};

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
}
