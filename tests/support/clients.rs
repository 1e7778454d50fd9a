//! Other people's clients, in the environment that tests/clients.sh makes: scripts of ours drive them.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;

/// What they wait for at most, so that one that hangs is a failure with a name.
const PATIENCE: Duration = Duration::from_secs(60);

fn home() -> PathBuf {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-clients");
    let home = std::env::var_os("TAGBOAT_TEST_CLIENTS").map_or(made, PathBuf::from);
    let installed = home.join("installed");
    assert!(
        installed.is_file(),
        "{} is not there: run tests/clients.sh, which installs the clients",
        installed.display()
    );
    home
}

/// Runs `tests/clients/SCRIPT` with the clients from PyPI; what it prints is JSON.
pub async fn python(script: &str, arguments: &[&str]) -> Value {
    let mut command = Command::new(home().join("python/bin/python"));
    // What lies beside a script must not be taken for a module, and nothing is to be written there.
    command.args(["-P", "-B"]);
    run(command, script, arguments).await
}

/// Runs `tests/clients/SCRIPT` with the clients from npm; what it prints is JSON.
pub async fn node(script: &str, arguments: &[&str]) -> Value {
    let mut command = Command::new("node");
    command.env("NODE_PATH", home().join("node/node_modules"));
    run(command, script, arguments).await
}

async fn run(mut command: Command, script: &str, arguments: &[&str]) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
    command.arg(path).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    // Loopback is never reached through a proxy.
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(name);
    }
    let ended = tokio::time::timeout(PATIENCE, command.output()).await;
    let ended = ended.unwrap_or_else(|_| panic!("{script} {arguments:?} did not end in {PATIENCE:?}"));
    let Output { status, stdout, stderr } = ended
        .unwrap_or_else(|why| panic!("{script} cannot be started ({why}); tests/clients.sh installs what runs it"));
    let said = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{script} {arguments:?}: {status}\n{said}");
    serde_json::from_slice(&stdout).unwrap_or_else(|why| {
        panic!("{script} {arguments:?} printed no JSON ({why}): {}\n{said}", String::from_utf8_lossy(&stdout))
    })
}
