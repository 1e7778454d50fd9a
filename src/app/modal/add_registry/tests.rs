use super::fields::Slot;
use super::*;
use crate::app::modal::form::{Control, insert};

fn press(dialog: &mut AddRegistry, keys: &str) -> Outcome {
    keys.split(' ').map(|key| dialog.key(key.parse().unwrap())).last().unwrap()
}

/// Chooses the kind this many steps from the first.
fn of_kind(kind: Option<BackendKind>) -> AddRegistry {
    let mut dialog = AddRegistry::default();
    dialog.form.focus = 0;
    for _ in 0..KINDS.iter().position(|one| *one == kind).unwrap() {
        press(&mut dialog, "space");
    }
    assert_eq!(dialog.kind(), kind);
    dialog
}

fn fill(dialog: &mut AddRegistry, fields: &[(Slot, &str)]) {
    for (slot, text) in fields {
        let at = dialog.at(*slot);
        let Control::Text { field, .. } = &mut dialog.form.controls[at] else { panic!("{slot:?} is no field") };
        insert(field, text);
    }
}

fn filled(fields: &[(Slot, &str)]) -> AddRegistry {
    let mut dialog = AddRegistry::default();
    fill(&mut dialog, fields);
    dialog
}

#[test]
fn addresses_become_profiles() {
    let of = |address: &str| filled(&[(Slot::Address, address)]).entered().map(|p| (p.name, p.url, p.plain_http));
    let want = |name: &str, url: &str, plain| Ok((name.to_owned(), url.to_owned(), plain));
    assert_eq!(of("r.example"), want("r.example", "https://r.example", false));
    assert_eq!(of("localhost:5000"), want("localhost:5000", "http://localhost:5000", true));
    assert_eq!(of("https://r.example/a/"), want("r.example", "https://r.example/a", false));
    for wrong in ["", "ftp://x", "u:p@r.example", "a b"] {
        assert_eq!(of(wrong).map_err(|e| e.0), Err(Slot::Address), "{wrong}");
    }
}

#[test]
fn plain_http_is_confirmed_by_choosing_it() {
    let mut dialog = filled(&[(Slot::Address, "http://r.example")]);
    assert_eq!(dialog.entered().map_err(|e| e.0), Err(Slot::Transport));
    dialog.form.focus = dialog.at(Slot::Transport);
    press(&mut dialog, "space");
    assert!(dialog.entered().is_ok_and(|p| p.plain_http));
}

#[test]
fn names_and_files_are_checked_before_anything_is_sent() {
    let wrong = |slot, text| filled(&[(Slot::Address, "r.example"), (slot, text)]).entered().map_err(|e| e.0);
    assert_eq!(wrong(Slot::Name, "a/b"), Err(Slot::Name));
    assert_eq!(wrong(Slot::CaFile, "ca.pem"), Err(Slot::CaFile));
    assert_eq!(wrong(Slot::Secret, "s3cret"), Err(Slot::User), "nobody's password");
    let profile =
        filled(&[(Slot::Address, "r.example"), (Slot::CaFile, "/ca.pem"), (Slot::Env, "PROD"), (Slot::User, "bob")]);
    let profile = profile.entered().unwrap();
    assert_eq!((profile.env.as_deref(), profile.username.as_deref()), (Some("PROD"), Some("bob")));
}

#[test]
fn each_kind_has_its_fields_and_keeps_what_was_entered() {
    let labels =
        |dialog: &AddRegistry| -> Vec<&'static str> { dialog.form.controls.iter().map(Control::label).collect() };
    let ml = of_kind(Some(BackendKind::MlSpace));
    for label in ["Key ID", "Key Secret", "Workspace"] {
        assert!(labels(&ml).contains(&label), "{label}");
    }
    assert!(labels(&of_kind(Some(BackendKind::DockerCloud))).contains(&"API key"));
    assert!(labels(&of_kind(Some(BackendKind::Alauda))).contains(&"Namespace"));
    assert!(!labels(&of_kind(Some(BackendKind::DockerV1))).contains(&"Namespace"));

    let mut dialog = of_kind(Some(BackendKind::Alauda));
    fill(&mut dialog, &[(Slot::Address, "a.example"), (Slot::Scope, "acme"), (Slot::User, "li")]);
    press(&mut dialog, "space");
    let profile = dialog.entered().unwrap();
    assert_eq!((profile.kind, profile.workspace.as_deref()), (BackendKind::MlSpace, Some("acme")));
    assert_eq!((profile.username.as_deref(), profile.namespace), (Some("li"), None));
}

#[test]
fn a_secret_alone_is_a_token_where_there_are_tokens() {
    let mut dialog = of_kind(Some(BackendKind::Alauda));
    fill(&mut dialog, &[(Slot::Address, "a.example"), (Slot::Secret, "t0ken")]);
    assert!(dialog.entered().is_ok());
    assert!(matches!(dialog.credential(), Some(Credential::RegistryToken(_))));
    assert!(!format!("{dialog:?}").contains("t0ken"), "nothing typed is in what is logged");
    fill(&mut dialog, &[(Slot::User, "li")]);
    assert!(matches!(dialog.credential(), Some(Credential::Basic { username, .. }) if username == "li"));
}

#[test]
fn the_path_of_the_old_clients_is_left_out() {
    let mut dialog = of_kind(Some(BackendKind::DockerV1));
    fill(&mut dialog, &[(Slot::Address, "https://old.example/v1/")]);
    assert_eq!(dialog.entered().unwrap().url, "https://old.example");
}

#[test]
fn what_it_is_is_asked_once_for_each_address() {
    let mut dialog = filled(&[(Slot::Address, "r.example")]);
    let profile = dialog.entered().unwrap();
    assert!(dialog.has_to_ask(&profile) && dialog.trial(&profile).detect);
    dialog.learn("https://r.example", Some(BackendKind::DockerV1));
    let profile = dialog.entered().unwrap();
    assert_eq!((dialog.has_to_ask(&profile), profile.kind), (false, BackendKind::DockerV1));
    fill(&mut dialog, &[(Slot::Address, ".org")]);
    let profile = dialog.entered().unwrap();
    assert_eq!((dialog.has_to_ask(&profile), profile.kind), (true, BackendKind::Oci));
}
