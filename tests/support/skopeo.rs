//! skopeo, the other client: what it pushes we must read, and what it says we must say too.

use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

/// In a home of its own.
pub struct Skopeo(TempDir);

impl Skopeo {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    /// What it prints.
    pub async fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("skopeo");
        command.arg("--insecure-policy").args(arguments).env_clear().env("PATH", "/usr/bin:/bin");
        command.env("HOME", self.0.path()).env("TMPDIR", self.0.path()).stdin(Stdio::null()).kill_on_drop(true);
        let output = command.output().await.unwrap_or_else(|why| {
            panic!("skopeo cannot be started ({why}); tests/run.sh installs it, or: apt-get install skopeo")
        });
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "skopeo {arguments:?}: {said}");
        String::from_utf8(output.stdout).expect("text")
    }

    pub async fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run(arguments).await).expect("JSON")
    }

    /// From one registry to another, both without TLS.
    pub async fn copy(&self, from: &str, to: &str, how: &[&str]) {
        let plain = ["copy", "--src-tls-verify=false", "--dest-tls-verify=false", from, to];
        self.run(&[&plain[..], how].concat()).await;
    }
}

/// As skopeo names an image of the registry at this URL.
pub fn image(url: &str, name: &str) -> String {
    format!("docker://{}/{name}", url.trim_start_matches("http://"))
}
