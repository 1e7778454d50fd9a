//! The tables of the README are made from the program. `UPDATE_DOCS=1 cargo test docs` writes them anew.

use tagboat::app::action::{Action, Group};
use tagboat::app::keymap::{EVERYWHERE, Keymap, VIEWS};
use tagboat::domain::registry::BackendKind;

use crate::support::tree::root;

/// One row an action, with the views where its keys hold.
fn keys() -> String {
    let map = Keymap::builtin();
    let mut text = String::from("| keys | what | where |\n|---|---|---|\n");
    for group in Group::ALL {
        for action in Action::ALL.iter().filter(|action| action.group() == group) {
            // The views that know the action by keys of their own; a general key counts once.
            let general = map.keys(EVERYWHERE, *action);
            let (keys, place) = if general.is_empty() {
                let views: Vec<_> = VIEWS.into_iter().filter(|view| !map.keys(view, *action).is_empty()).collect();
                let Some(first) = views.first() else { continue };
                (map.keys(first, *action), views.join(", "))
            } else {
                (general, EVERYWHERE.to_owned())
            };
            let keys: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
            text += &format!("| {} | {} | {place} |\n", keys.join(" "), action.title());
        }
    }
    text
}

fn backends() -> String {
    let mut text = String::from("| kind | what it is | state |\n|---|---|---|\n");
    for kind in BackendKind::ALL {
        let (what, state) = match kind {
            BackendKind::Oci => ("any OCI Distribution or Docker Registry v2 server", "reads, deletes, tags"),
            BackendKind::DockerV1 => (
                "Docker Registry v1, and the old Hub with its token sign-in",
                "reads, deletes tags and repositories, sets tags, makes repositories, layers down and up",
            ),
            BackendKind::DockerCloud => {
                ("Docker Cloud: registries and external repositories", "reads, adds, removes, sets accounts")
            }
            BackendKind::Alauda => (
                "Alauda image repositories, API v1",
                "reads, deletes tags and repositories, makes and edits repositories",
            ),
            BackendKind::MlSpace => (
                "ML Space docker registry, public API v2",
                "reads, deletes tags, images and repositories, sets and colours tags, edits repositories",
            ),
        };
        text += &format!("| `{}` | {what} | {state} |\n", kind.word());
    }
    text
}

/// The text between the markers of `name` must be `want`.
fn check(name: &str, want: &str) {
    // Both tables are in one file, and tests run side by side.
    static README: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _alone = README.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let path = root().join("README.md");
    let readme = std::fs::read_to_string(&path).expect("README.md");
    let (begin, end) = (format!("<!-- {name}:begin -->\n"), format!("<!-- {name}:end -->"));
    let start = readme.find(&begin).unwrap_or_else(|| panic!("README.md has no {begin}")) + begin.len();
    let stop = readme[start..].find(&end).unwrap_or_else(|| panic!("README.md has no {end}")) + start;
    if readme[start..stop] == *want {
        return;
    }
    assert!(std::env::var_os("UPDATE_DOCS").is_some(), "README.md, {name}: the table should be\n{want}");
    std::fs::write(&path, format!("{}{want}{}", &readme[..start], &readme[stop..])).expect("README.md written");
}

#[test]
fn the_readme_has_the_keys() {
    check("keys", &keys());
}

#[test]
fn the_readme_has_the_backends() {
    check("backends", &backends());
}
