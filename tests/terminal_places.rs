//! Ways within and between systems, at the keys: searches, namespaces and workspaces, the registries of an account,
//! repositories that live elsewhere.
#![cfg(unix)]

mod elsewhere;
mod groups;
mod scopes;
mod search;

use tagboat::demo::{DockerCloudOptions, DockerCloudServer, Fault, docker_cloud_catalogue, start_docker_cloud};

use crate::support::pty::Pty;

const KEY: &str = "k3y-of-annika";
/// Two panes, one, and no frame.
const SIZES: [(u16, u16); 3] = [(120, 36), (80, 24), (60, 20)];

/// Ways in which an answer can go wrong, and what is said of each.
fn faults() -> Vec<(Fault, &'static str)> {
    vec![
        (Fault::status(403), "answered 403 to"),
        (Fault::too_many_requests("3600"), "answered 429 to"),
        (Fault::html_error(502), "answered 502 to"),
        (Fault::Html, "web page"),
        (Fault::Truncate(9), "ends too early"),
    ]
}

/// A registry of the config, with its secret in the environment where it has a user.
fn entry(name: &str, kind: &str, url: &str, user: Option<&str>, more: &str) -> String {
    let account = user
        .map_or("credential = 'none'".to_owned(), |user| format!("username = '{user}'\ncredential = 'env:THE_SECRET'"));
    format!("[[registry]]\nname = '{name}'\nkind = '{kind}'\nurl = '{url}'\n{account}\n{more}\n")
}

fn start(config: &str, registry: &str, size: (u16, u16), secret: &str) -> Pty {
    Pty::start_configured(config, &[registry], size.0, size.1, &[("THE_SECRET", secret)])
}

/// A Docker Cloud, some of whose entries live at `registry`.
async fn cloud(registry: &str) -> DockerCloudServer {
    let options = DockerCloudOptions { key: KEY.into(), ..DockerCloudOptions::default() };
    start_docker_cloud(docker_cloud_catalogue(registry), options).await.expect("loopback has a free port")
}

fn of_cloud(server: &DockerCloudServer) -> String {
    entry("cloud", "docker-cloud", &server.url, Some("annika"), "")
}

/// Presses the keys once the text is there.
#[track_caller]
fn after(pty: &mut Pty, text: &str, keys: &str) {
    pty.wait_for(text);
    pty.press(keys);
}

/// The list is whole, and this long.
#[track_caller]
fn whole(pty: &Pty, count: usize) {
    pty.wait_until("the whole list", |screen| is_whole(screen, count));
}

/// Said at the border of a list, or in the status line where there is no room for one.
fn is_whole(screen: &str, count: usize) -> bool {
    screen.contains(&format!(" complete: {count} names"))
}

fn head(screen: &str) -> &str {
    screen.lines().next().unwrap_or_default()
}
