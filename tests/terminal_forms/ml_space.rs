use serde_json::{Value, json};
use tagboat::demo::ml_space::{Repository, catalogue};
use tagboat::demo::{Fault, MlSpaceOptions, MlSpaceServer, Rule, start_ml_space};

use super::{Screen, sent};

const TRAINER: &str = "nlp/instruct-trainer";

pub(super) async fn server() -> MlSpaceServer {
    let mut store = catalogue();
    let repositories = &mut store.workspaces[0].repositories;
    let trainer = repositories.iter_mut().find(|one| one.name == TRAINER).expect("it is there");
    trainer.labels = Some(["gpu", "обучение", "old"].map(str::to_owned).into());
    start_ml_space(store, MlSpaceOptions::default()).await.expect("loopback has a free port")
}

pub(super) fn screen(server: &MlSpaceServer, arguments: &[&str], size: (u16, u16)) -> Screen {
    let (person, workspace) = {
        let store = server.store();
        (store.accounts[0].clone(), store.workspaces[0].id.to_string())
    };
    let more = format!("username = '{}'\nworkspace = '{workspace}'\n", person.key_id);
    Screen::open("ml-space", &server.url, &person.key_secret, (&more, arguments), size)
}

fn trainer(server: &MlSpaceServer) -> Repository {
    server.store().workspaces[0].named(TRAINER).expect("it is there").clone()
}

fn bodies(server: &MlSpaceServer) -> Vec<Value> {
    let sent = sent(&server.log(), &["PUT"]);
    sent.iter().map(|one| serde_json::from_str(&one.body).expect("JSON")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_added_and_taken_away() {
    for size in [(100, 30), (60, 20)] {
        let server = server().await;
        let before = trainer(&server).description;
        let mut it = screen(&server, &[], size);
        it.to(TRAINER);
        it.press("E");
        it.wait_for("обучение");
        it.tabs(1);
        it.paste("новая 标签");
        it.press("\r");
        it.wait_for("+ новая 标签  is added");
        // Up from the field: the new one, then "old".
        it.press("\x1b[A");
        it.press("\x1b[A");
        it.press(" ");
        it.wait_for("- old  is taken away");
        it.tabs(1);
        it.press("\r");
        it.wait_for("Changed ");
        let wanted = json!({"labels": ["новая 标签"], "labels_to_delete": ["old"]});
        assert_eq!(bodies(&server), [wanted], "{size:?}");
        let edits = "label: none -> новая 标签; label: old -> none";
        assert_eq!(it.pty.recorded(), [format!("edit {TRAINER}: {edits} = done")]);
        let mut labels = trainer(&server).labels.expect("labels");
        labels.sort();
        assert_eq!(labels, ["gpu", "новая 标签", "обучение"]);
        assert_eq!(trainer(&server).description, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_and_not_done_is_said_and_not_sent_again() {
    let server = server().await;
    let mut it = screen(&server, &[], (80, 24));
    it.to(TRAINER);
    it.press("E");
    it.wait_for("обучение");
    server.switches().forgets_writes = true;
    it.press("\x05");
    it.paste("!");
    it.tabs(2);
    it.press("\r");
    it.says("took it, and does not show it so");
    assert!(it.words().contains("обучение"), "everything is there yet");
    assert_eq!(bodies(&server).len(), 1);
    let recorded = it.pty.recorded();
    assert!(recorded.len() == 1 && recorded[0].ends_with(" = unknown"), "{recorded:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_in_front_and_wrong_fields_are_said_where_they_belong() {
    let server = server().await;
    let mut it = screen(&server, &[], (80, 24));
    it.to(TRAINER);
    it.press("E");
    it.wait_for("обучение");
    let body = br#"{"detail":[{"loc":["body","labels",0],"msg":"str type expected","type":"type_error.str"}]}"#;
    let answer = Fault::Answer { status: 422, headers: Vec::new(), body: body.to_vec() };
    server.faults().add(Rule::on("/repositories/", answer).method("PUT").times(1));
    server.faults().add(Rule::on("/repositories/", Fault::html_error(445)).method("PUT").times(1));
    it.press("\x05");
    it.paste("!");
    it.tabs(2);
    it.press("\r");
    it.says("str type expected");
    it.says("see the marked fields");
    it.tabs(1);
    it.press("\r");
    it.says("445");
    assert!(!it.words().contains("nginx"), "{}", it.words());
    it.tabs(0);
    it.press("\r");
    it.wait_for("Changed ");
    assert!(trainer(&server).description.is_some_and(|text| text.ends_with('!')));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_repository_is_made_by_hand_here() {
    let server = server().await;
    let mut it = screen(&server, &[], (80, 24));
    it.press("+");
    it.wait_for("the first push to it makes one");
}
