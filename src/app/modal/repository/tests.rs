use secrecy::ExposeSecret as _;

use super::*;
use crate::domain::change::Parts;
use crate::domain::error::ErrorKind;

const ALAUDA: Parts = Parts {
    create: &[Part::Name, Part::Description, Part::FullDescription, Part::Visibility],
    edit: &[Part::Description, Part::FullDescription, Part::Visibility],
};
const ML_SPACE: Parts = Parts { create: &[], edit: &[Part::Description, Part::Labels] };
const CLOUD: Parts = Parts { create: &[Part::Name, Part::Account], edit: &[Part::Account] };

fn caps(parts: Parts) -> Capabilities {
    Capabilities { parts, ..Capabilities::default() }
}

fn editing(parts: Parts, info: RepoInfo) -> RepositoryDialog {
    let repo = RepoName::loose("acme/web").unwrap();
    let host = Clean::fixed("api.example");
    let mut dialog = RepositoryDialog::of(RegistryId(0), BackendKind::Alauda, host, &caps(parts), repo);
    dialog.has_read(Ok(Arc::new(info)));
    dialog
}

fn new_one(kind: BackendKind, parts: Parts, begin: &str) -> RepositoryDialog {
    RepositoryDialog::new_one(RegistryId(0), kind, Clean::fixed("api.example"), &caps(parts), begin)
}

fn known() -> RepoInfo {
    RepoInfo {
        description: Some(clean::line("前端")),
        full_description: Some(clean::block("# 前端\n\nZwei\n  drei\n")),
        public: Some(false),
        labels: ["gpu", "тест"].map(clean::line).into(),
        ..RepoInfo::default()
    }
}

fn press(dialog: &mut RepositoryDialog, keys: &str) -> Outcome {
    keys.split(' ').fold(Outcome::Stay, |_, key| dialog.key(key.parse().unwrap()))
}

/// What the button would send.
fn sent(dialog: &RepositoryDialog) -> Filled {
    match dialog.change().expect("nothing wrong").expect("something changed") {
        Change::Create(form) | Change::Edit(form) => *form,
        other => panic!("{other:?}"),
    }
}

fn report(fields: &[(&str, &str)]) -> ErrorReport {
    ErrorReport {
        kind: ErrorKind::Refused,
        what: Clean::fixed("api.example refused it: 400"),
        hint: Clean::fixed("Change it."),
        realm: None,
        fields: fields.iter().map(|(name, why)| ((*name).to_owned(), clean::line(why))).collect(),
        unsure: false,
    }
}

#[test]
fn only_what_was_changed_is_sent_and_long_texts_stay_as_they_are() {
    let mut dialog = editing(ALAUDA, known());
    assert!(dialog.change().unwrap().is_none());
    press(&mut dialog, "end !");
    let form = sent(&dialog);
    assert_eq!(form.description.as_deref(), Some("前端!"));
    assert_eq!((form.full_description, form.public), (None, None));
    // The same text again is no change.
    press(&mut dialog, "backspace");
    assert!(dialog.change().unwrap().is_none());
    press(&mut dialog, "tab down down end x tab right");
    let form = sent(&dialog);
    assert_eq!(form.full_description.as_deref(), Some("# 前端\n\nZweix\n  drei\n"));
    assert_eq!((form.description, form.public), (None, Some(true)));
}

#[test]
fn a_text_can_be_taken_away() {
    let mut dialog = editing(ALAUDA, known());
    press(&mut dialog, "ctrl-u");
    assert_eq!(sent(&dialog).description.as_deref(), Some(""));
}

#[test]
fn labels_are_sent_as_a_difference() {
    let mut dialog = editing(ML_SPACE, known());
    press(&mut dialog, "tab n e w enter up up up space");
    let form = sent(&dialog);
    assert_eq!((form.labels_added, form.labels_removed), (vec!["new".to_owned()], vec!["gpu".to_owned()]));
    assert_eq!(form.description, None);
}

#[test]
fn who_sees_it_may_not_be_known_and_is_then_left_alone() {
    let mut dialog = editing(ALAUDA, RepoInfo { public: None, ..known() });
    let at = dialog.fields.at(Field::Visibility).unwrap();
    dialog.form.focus = at;
    assert!(dialog.change().unwrap().is_none());
    press(&mut dialog, "right");
    assert_eq!(sent(&dialog).public, Some(false));
    press(&mut dialog, "right");
    assert_eq!(sent(&dialog).public, Some(true));
}

#[test]
fn a_new_one_has_a_name_by_the_grammar_of_its_system() {
    let mut dialog = new_one(BackendKind::Alauda, ALAUDA, "yunfan/");
    press(&mut dialog, "w e b");
    let form = sent(&dialog);
    assert_eq!((form.repo.as_str(), form.description, form.public), ("yunfan/web", None, None));
    let mut dialog = new_one(BackendKind::Alauda, ALAUDA, "");
    assert!(matches!(dialog.go(), Outcome::Stay));
    assert_eq!(dialog.form.wrong.len(), 1);
    assert_eq!(dialog.form.focus, dialog.fields.at(Field::Name).unwrap());
    // Typing takes the complaint away.
    press(&mut dialog, "w");
    assert!(dialog.form.wrong.is_empty());
}

#[test]
fn an_account_is_sent_as_far_as_it_was_typed_and_is_in_no_debug_text() {
    let repo = RepoName::loose("quay.io/acme/api").unwrap();
    let host = Clean::fixed("cloud.example");
    let mut dialog = RepositoryDialog::of(RegistryId(0), BackendKind::DockerCloud, host, &caps(CLOUD), repo);
    assert!(!dialog.needs_reading());
    assert!(dialog.change().unwrap().is_none());
    press(&mut dialog, "tab s 3 c r 3 t");
    match dialog.change().unwrap().unwrap() {
        Change::Credentials { username, password, .. } => {
            assert_eq!((username, password.unwrap().expose_secret()), (None, "s3cr3t"));
        }
        other => panic!("{other:?}"),
    }
    // Half of it cannot be tried.
    assert!(matches!(dialog.test(), Outcome::Stay));
    assert_eq!(dialog.form.focus, dialog.fields.at(Field::User).unwrap());
    press(&mut dialog, "m e");
    let tried = dialog.test();
    assert!(matches!(tried, Outcome::Act(Then::TestAccount(..))));
    assert!(!format!("{dialog:?} {tried:?}").contains("s3cr3t"));
}

#[test]
fn a_new_entry_has_both_parts_of_an_account_or_none() {
    let mut dialog = new_one(BackendKind::DockerCloud, CLOUD, "");
    press(&mut dialog, "q u a y . i o / a tab m e");
    assert_eq!(dialog.change().unwrap_err().0, Field::Password);
    press(&mut dialog, "tab p w");
    let form = sent(&dialog);
    assert_eq!((form.username.as_deref(), form.password.unwrap().expose_secret()), (Some("me"), "pw"));
}

#[test]
fn what_the_server_says_of_a_field_stands_there_and_what_was_typed_stays() {
    let mut dialog = new_one(BackendKind::Alauda, ALAUDA, "yunfan/");
    press(&mut dialog, "W e b tab x");
    dialog.stage = Stage::Sent(ChangeId(7));
    dialog.refused(&report(&[("repo_name", "Lower-case letters only."), ("is_public", "Not a valid boolean.")]));
    let at = |field| dialog.fields.at(field).unwrap();
    let wrong: Vec<(usize, &str)> = dialog.form.wrong.iter().map(|(at, why)| (*at, why.as_str())).collect();
    assert_eq!(wrong, [(at(Field::Name), "Lower-case letters only."), (at(Field::Visibility), "Not a valid boolean.")]);
    assert_eq!((dialog.form.focus, &dialog.stage), (at(Field::Name), &Stage::Open));
    assert!(dialog.error.as_ref().unwrap().as_str().contains("see the marked fields"));
    let form = sent(&dialog);
    assert_eq!((form.repo.as_str(), form.description.as_deref()), ("yunfan/Web", Some("x")));
}

#[test]
fn an_error_of_no_field_is_said_in_full_and_a_lost_answer_is_not_taken_for_a_no() {
    let mut dialog = editing(ALAUDA, known());
    dialog.refused(&report(&[("build_config", "Invalid.")]));
    assert_eq!(dialog.error.as_ref().unwrap().as_str(), "api.example refused it: 400. Change it.");
    dialog.refused(&ErrorReport { unsure: true, ..report(&[]) });
    assert!(dialog.error.as_ref().unwrap().as_str().contains("may have been done"));
    dialog.unconfirmed();
    assert!(dialog.error.as_ref().unwrap().as_str().contains("does not show it so"));
}

#[test]
fn while_it_is_read_nothing_is_typed_into_it() {
    let mut dialog = editing(ALAUDA, known());
    dialog.reading(RequestId(3));
    press(&mut dialog, "x enter tab enter");
    assert!(!dialog.typing() && dialog.stage == Stage::Reading(RequestId(3)));
    dialog.has_read(Err(report(&[])));
    assert!(matches!(press(&mut dialog, "r"), Outcome::Act(Then::ReadRepository(_))));
    assert!(matches!(press(&mut dialog, "esc"), Outcome::Close));
}
