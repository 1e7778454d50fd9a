use serde_json::{Value, json};
use tagboat::demo::{AlaudaOptions, AlaudaRepository, AlaudaServer, Fault, Rule, alauda_catalogue, start_alauda};

use super::{Screen, refusals, sent};

const PASSWORD: &str = "pass-of-yunfan";

async fn server() -> AlaudaServer {
    let options = AlaudaOptions { password: PASSWORD.into(), ..AlaudaOptions::default() };
    let server = start_alauda(alauda_catalogue(), options).await.expect("loopback has a free port");
    let long = "# 订单\n\n第一段\n\n    docker pull x\n";
    change(&server, "order-api", |it| (it.full_description, it.is_public) = (long.to_owned(), false));
    server
}

fn change(server: &AlaudaServer, name: &str, change: impl FnOnce(&mut AlaudaRepository)) {
    let mut store = server.store();
    change(store.namespaces.get_mut("yunfan").and_then(|it| it.repositories.get_mut(name)).expect("it is there"));
}

fn repository(server: &AlaudaServer, name: &str) -> AlaudaRepository {
    server.store().namespaces["yunfan"].repositories[name].clone()
}

fn screen(server: &AlaudaServer, size: (u16, u16)) -> Screen {
    let more = ("namespace = 'yunfan'\nusername = 'yunfan'\n", &[][..]);
    Screen::open("alauda", &server.url, PASSWORD, more, size)
}

fn bodies(server: &AlaudaServer) -> Vec<Value> {
    let sent = sent(&server.log(), &["POST", "PUT"]);
    sent.iter().map(|one| serde_json::from_str(&one.body).expect("JSON")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_text_is_edited_and_the_others_stay() {
    let server = server().await;
    for size in [(120, 36), (80, 24), (60, 20)] {
        change(&server, "order-api", |it| it.description = "订单服务".to_owned());
        server.clear_log();
        let before = repository(&server, "order-api");
        let mut it = screen(&server, size);
        it.to("order-api");
        it.press("E");
        it.wait_for("订单服务");
        it.wait_for("Who sees it");
        it.press("\x05");
        it.paste("（新版）");
        it.wait_for("订单服务（新版）");
        it.tabs(3);
        it.press("\r");
        it.wait_for("Changed yunfan/order-api.");
        let after = repository(&server, "order-api");
        assert_eq!(after.description, "订单服务（新版）");
        assert_eq!((&after.full_description, after.is_public), (&before.full_description, before.is_public));
        assert_eq!(bodies(&server), [json!({"description": "订单服务（新版）"})], "{size:?}");
        let edits = "description: 订单服务 -> 订单服务（新版）";
        assert_eq!(it.pty.recorded(), [format!("edit yunfan/order-api: {edits} = done")]);
        // The row is read again, and the cursor stays.
        it.is_on("order-api");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_text_is_edited_line_by_line() {
    let server = server().await;
    let mut it = screen(&server, (100, 30));
    it.to("order-api");
    it.press("E");
    it.wait_for("docker pull x");
    it.press("\t");
    it.press("\x1b[B");
    it.press("\x1b[B");
    it.press("\x05");
    it.press("\r");
    it.paste("第二段\r\n第三段");
    it.wait_for("第三段");
    it.tabs(1);
    it.press("\x1b[C");
    it.wait_for("(o) everybody");
    it.tabs(1);
    it.press("\r");
    it.wait_for("Changed ");
    let now = repository(&server, "order-api");
    assert_eq!(now.full_description, "# 订单\n\n第一段\n第二段\n第三段\n\n    docker pull x\n");
    assert!(now.is_public);
    assert_eq!(bodies(&server).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_repository_is_there_with_the_cursor_on_it() {
    let server = server().await;
    for (size, name) in [((120, 36), "zz-new"), ((60, 20), "zz-narrow")] {
        server.clear_log();
        let mut it = screen(&server, size);
        it.press("+");
        it.wait_for("yunfan/");
        it.paste(name);
        it.tabs(1);
        it.paste("前端仓库");
        it.wait_for("前端仓库");
        // Over the full text and who sees it.
        it.tabs(2);
        it.press("\x1b[C");
        it.tabs(1);
        it.press("\r");
        it.wait_for("Created ");
        it.is_on(name);
        let made = repository(&server, name);
        assert_eq!((made.description.as_str(), made.is_public), ("前端仓库", false));
        let posts: Vec<Value> = bodies(&server);
        let wanted = json!({"repo_name": name, "namespace": "yunfan", "description": "前端仓库", "is_public": false});
        assert_eq!(posts, [wanted], "{size:?}");
        let edits = "description: none -> 前端仓库; visibility: none -> private";
        assert_eq!(it.pty.recorded(), [format!("create yunfan/{name}: {edits} = done")]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_says_of_a_field_stands_at_it_and_the_next_try_works() {
    let server = server().await;
    let mut it = screen(&server, (100, 30));
    it.press("+");
    it.wait_for("yunfan/");
    it.paste("Wrong--Name");
    it.tabs(1);
    it.paste("库存");
    it.tabs(3);
    it.press("\r");
    it.says("Lower-case letters, digits and single . _ - between them.");
    it.says("refused it: see the marked fields");
    assert!(it.words().contains("yunfan/Wrong--Name") && it.words().contains("库存"), "{}", it.words());
    // The focus is on the field.
    it.press("\x15");
    it.paste("yunfan/right-name");
    it.pty.wait_until("no complaint", |screen| !screen.contains("Lower-case"));
    it.tabs(4);
    it.press("\r");
    it.wait_for("Created yunfan/right-name.");
    assert_eq!(repository(&server, "right-name").description, "库存");
    assert_eq!(bodies(&server).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_fails_is_sent_once_and_loses_nothing() {
    for (fault, words) in refusals() {
        let server = server().await;
        change(&server, "order-api", |it| it.description = "订单服务".to_owned());
        let mut it = screen(&server, (100, 30));
        it.to("order-api");
        it.press("E");
        it.wait_for("Who sees it");
        server.faults().add(Rule::on("/order-api", fault.clone()).method("PUT"));
        server.clear_log();
        it.press("\x05");
        it.paste("改");
        it.tabs(3);
        it.press("\r");
        it.says(words);
        assert!(it.words().contains("订单服务改") && !it.words().contains("<html"), "{fault:?}: {}", it.words());
        // After a 401 the account has a new token and it goes out with that: it was not done before.
        let most = if words == "401" { 2 } else { 1 };
        assert!((1..=most).contains(&bodies(&server).len()), "{fault:?}: {:?}", bodies(&server));
        // A gateway that gave up says nothing of the server behind it.
        let end = if matches!(words, "502" | "may have been done") { " = unknown" } else { " = refused" };
        let recorded = it.pty.recorded();
        assert!(recorded.len() == 1 && recorded[0].ends_with(end), "{fault:?}: {recorded:?}");
        server.faults().clear();
        it.press("\x1b");
        it.pty.wait_until("the list", |screen| !screen.contains("Who sees it"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_answer_to_a_change_is_read_again_and_what_is_there_counts() {
    let server = server().await;
    let mut it = screen(&server, (100, 30));
    it.to("order-api");
    it.press("E");
    it.wait_for("Who sees it");
    server.faults().add(Rule::on("/order-api", Fault::Html).method("PUT"));
    it.press("\x05");
    it.paste("x");
    it.tabs(3);
    it.press("\r");
    // The page was no answer of the service: nothing was changed, and that is what is said.
    it.says("took it, and does not show it so");
    assert_eq!(bodies(&server).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_edited_that_could_not_be_read() {
    let server = server().await;
    let mut it = screen(&server, (80, 24));
    it.to("order-api");
    server.faults().add(Rule::on("/order-api", Fault::status(500)).method("GET"));
    it.press("E");
    it.says("Nothing can be edited before it is read.");
    server.faults().clear();
    it.press("r");
    it.wait_for("Who sees it");
    it.press("\x1b");
    assert!(bodies(&server).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_offers_no_form_and_says_why() {
    let server = server().await;
    let more = ("namespace = 'yunfan'\nusername = 'yunfan'\n", &["--read-only"][..]);
    // The token needs a sign-in, which is no change.
    let mut it = Screen::open("alauda", &server.url, PASSWORD, more, (100, 30));
    for key in ["+", "E"] {
        it.press(key);
        it.wait_for("read-only");
        it.press("\x1b");
        // A key right behind an Esc may be read as one with it.
        it.press("\x0c");
    }
    it.press("W");
    it.wait_for("make no passwords");
    assert!(bodies(&server).is_empty());
}
