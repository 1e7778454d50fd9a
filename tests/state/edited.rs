//! The config is edited while the program runs.

use std::path::Path;

use tempfile::TempDir;

use crate::support::program::Demo;
use crate::support::pty::Pty;

fn registry(name: &str, demo: &Demo) -> String {
    format!("[[registry]]\nname = \"{name}\"\nurl = \"http://{}\"\nplain_http = true\n", demo.host)
}

/// As editors and tagboat do: another file is put in the place of the old one.
fn put(file: &Path, text: &str) {
    let new = file.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(&new, file).unwrap();
}

#[test]
fn an_edit_of_the_config_is_on_screen_at_once() {
    let demo = Demo::start(&[]);
    let home = tempfile::tempdir().unwrap();
    // A link, as people have it who keep such files elsewhere.
    let dotfiles: TempDir = tempfile::tempdir().unwrap();
    let (file, link) = (dotfiles.path().join("tagboat.toml"), home.path().join("config.toml"));
    std::fs::write(&file, registry("shop", &demo)).unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let mut pty = Pty::start_in(home, &[], 110, 30, &[]);
    pty.wait_for("Registries (1)");

    put(&file, &(registry("shop", &demo) + &registry("stage", &demo)));
    pty.wait_for("Registries (2)");
    pty.wait_for("The config was edited: stage added.");

    put(&file, &registry("shop", &demo).replace("plain_http", "plain_htp"));
    pty.wait_for("The edited config is not taken over. config.toml:4:1:");
    pty.wait_for("Registries (2)");

    pty.press("\r");
    pty.wait_for("complete: 66 names");
    // Written in place, as `echo >>` does, while it is open.
    std::fs::write(&file, registry("shop", &demo) + "env = \"PROD\"\n[keys.everywhere]\nhelp = \"f1\"\n").unwrap();
    pty.wait_for("[PROD");
    pty.wait_for("F1 help");
    pty.wait_for("complete: 66 names");
    pty.press("\x1b");
    pty.wait_for("Registries (1)");
    pty.press("q");
    assert_eq!(pty.end(), 0);
}
