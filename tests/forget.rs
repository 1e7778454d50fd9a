//! A registry that is forgotten leaves the config, and `u` brings it back to its place there, comments included.
#![cfg(unix)]

use std::path::Path;

use crate::support::listener::closed_port;
use crate::support::pty::Pty;

fn read(home: &Path) -> String {
    std::fs::read_to_string(home.join("config.toml")).unwrap()
}

#[test]
fn a_forgotten_registry_comes_back_as_it_stood_in_the_config() {
    let url = format!("http://127.0.0.1:{}", closed_port());
    let entry = |name: &str| format!("[[registry]]\nname = \"{name}\" # {name}\nurl = \"{url}\"\n");
    let config = format!("theme = \"mono\"\n\n{}\n# Eva's.\n{}\n{}", entry("one"), entry("three"), entry("two"));
    let mut pty = Pty::start_configured(&config, &[], 100, 30, &[]);
    pty.wait_for("Registries (3)");
    pty.press("j");
    pty.press("d");
    pty.wait_for("u brings it back");
    let without = read(pty.home());
    assert!(!without.contains("three") && !without.contains("Eva") && without.contains("# two"), "{without}");
    pty.wait_for("Registries (2)");
    pty.press("u");
    pty.wait_for("three is back.");
    pty.wait_for("Registries (3)");
    assert_eq!(read(pty.home()), config);
    pty.press("q");
    assert_eq!(pty.end(), 0);
}

#[test]
fn forgetting_a_demo_registry_leaves_one_of_that_name_in_the_config_alone() {
    let config = "[[registry]]\nname = \"demo-oci\"\nurl = \"https://registry.example\"\n";
    let mut pty = Pty::start_configured(config, &["demo"], 100, 30, &[]);
    pty.wait_for("demo-oci");
    pty.press("d");
    pty.wait_for("u brings it back");
    assert_eq!(read(pty.home()), config);
    pty.press("u");
    pty.wait_for("demo-oci is back.");
    assert_eq!(read(pty.home()), config);
    pty.press("q");
    assert_eq!(pty.end(), 0);
}
