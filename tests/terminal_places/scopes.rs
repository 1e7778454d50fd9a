//! Namespaces and workspaces.

use tagboat::demo::ml_space::catalogue;
use tagboat::demo::{
    AlaudaOptions, MlSpaceOptions, MlSpaceServer, Rule, alauda_catalogue, start_alauda, start_ml_space,
};

use super::{KEY, SIZES, after, cloud, entry, faults, head, is_whole, of_cloud, start, whole};
use crate::support::pty::Pty;

async fn ml_space() -> (MlSpaceServer, String, String) {
    let server = start_ml_space(catalogue(), MlSpaceOptions::default()).await.expect("loopback has a free port");
    let person = server.store().accounts[0].clone();
    (server, person.key_id, person.key_secret)
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_said_which_workspace_it_is_chosen_and_kept() {
    for size in SIZES {
        let (server, user, secret) = ml_space().await;
        let config = entry("ml", "ml-space", &server.url, Some(&user), "");
        let mut pty = start(&config, "ml", size, &secret);
        pty.wait_until("the chooser", |screen| screen.contains("vision-prod") && screen.contains("sandbox"));
        pty.press("nlp");
        pty.wait_until("one left", |screen| screen.contains("nlp-research") && screen.contains(" 1 found"));
        pty.press("\r");
        pty.wait_until("its list", |screen| screen.contains("complete: ") && !screen.contains("base/cuda-runtime"));
        assert!(head(&pty.screen()).contains("(nlp-research)"), "{}", pty.screen());
        let file = pty.home().join("config.toml");
        assert!(!std::fs::read_to_string(&file).unwrap().contains("workspace"), "for this run");
        // Another one, and for the next run, too.
        pty.press("gw");
        after(&mut pty, "vision-prod", "vision");
        pty.press("\t");
        after(&mut pty, "[x]", "\r");
        pty.wait_until("the other list", |screen| {
            screen.contains("base/cuda-runtime") && screen.contains("complete: ")
        });
        let id = server.store().workspaces[0].id.to_string();
        let written = std::fs::read_to_string(&file).unwrap();
        assert!(written.contains(&format!("workspace = \"{id}\"")), "{written}");
        // Back in the first one nothing of the other is shown.
        pty.press("gw");
        after(&mut pty, "nlp-research", "nlp\r");
        pty.wait_until("the first list", |screen| {
            head(screen).contains("(nlp-research)")
                && !screen.contains("base/cuda-runtime")
                && screen.contains("complete: ")
        });
        pty.press("q");
        assert_eq!(pty.end(), 0);
    }
}

/// Nobody said which, and there is only one: it is that one's all the same, in the commands and on the screen.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_belongs_to_the_only_workspace() {
    const REPO: &str = "nlp/instruct-trainer";
    let (server, user, secret) = ml_space().await;
    let others = server.store().workspaces.split_off(1);
    let (id, tag) = {
        let store = server.store();
        let one = &store.workspaces[0];
        (one.id.to_string(), one.named(REPO).unwrap().images[0].tags[0].name.clone())
    };
    let mut pty = start(&entry("ml", "ml-space", &server.url, Some(&user), ""), "ml", (120, 36), &secret);
    pty.wait_until("its list", |screen| head(screen).contains("(vision-prod)") && is_whole(screen, 66));
    let beside = |pty: &Pty, arguments: &[&str]| {
        let output = pty.beside(arguments).env("THE_SECRET", &secret).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let place = format!("ml/{REPO}");
    let set = ["labels", "set", &place, &tag, "--note", "until the audit"];
    let (code, _, said) = beside(&pty, &set);
    assert_eq!(code, Some(0), "{said}");
    let (_, kept, said) = beside(&pty, &["labels", "list", "ml", "--json"]);
    let kept: serde_json::Value = serde_json::from_str(&kept).expect(&said);
    assert_eq!(kept["tags"][0]["registry"], format!("{}#{id}", server.url), "{kept}");
    let (_, plan, said) = beside(&pty, &["plan", &place, "--mark", &tag, "--json"]);
    let plan: serde_json::Value = serde_json::from_str(&plan).expect(&said);
    assert_eq!(plan["origin"], format!("{}#{id}", server.url), "{plan}");
    pty.narrow(REPO, "1/66");
    pty.press("\r");
    pty.wait_until("its tags", |screen| head(screen).contains(REPO) && screen.contains(&tag));
    pty.filter(&tag);
    after(&mut pty, "until the audit", "\r");
    // The config still says nothing, and when there are more it has to.
    assert!(!std::fs::read_to_string(pty.home().join("config.toml")).unwrap().contains("workspace"));
    server.store().workspaces.extend(others);
    let (code, _, said) = beside(&pty, &set);
    assert!(code != Some(0) && said.contains("has 3 workspaces, and the config does not say which"), "{said}");
    pty.press("q");
    assert_eq!(pty.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_favourite_of_one_namespace_is_none_of_another() {
    let server = cloud("127.0.0.1:9").await;
    let mut pty = start(&of_cloud(&server), "cloud", (120, 36), KEY);
    // Both have this one.
    whole(&pty, 61);
    pty.filter("team/checkout/api");
    pty.wait_for("1/61");
    pty.press("\r");
    pty.press("f");
    pty.press("\x1b");
    pty.press("gw");
    after(&mut pty, "your own", "harbourline");
    after(&mut pty, "as typed", "\r");
    pty.wait_until("the other list", |screen| {
        let headed = screen.contains("quay.io") && screen.contains("coreos/etcd");
        head(screen).contains("(harbourline)") && is_whole(screen, 6) && headed
    });
    pty.press("*");
    pty.wait_for("No repository is a favourite here");
    pty.press("\x1b");
    pty.press("gw");
    after(&mut pty, "your own", "your\r");
    pty.wait_until("the first list", |screen| !head(screen).contains("(harbourline)") && is_whole(screen, 61));
    pty.press("*");
    pty.wait_until("its favourite", |screen| screen.contains("1/61") && screen.contains("team/checkout/api"));
    assert!(server.log().iter().any(|sent| sent.path.starts_with("/api/repo/v1/harbourline/repository/")));
    pty.press("q");
    assert_eq!(pty.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn namespaces_that_cannot_be_read_say_why_and_are_asked_for_again() {
    let options = AlaudaOptions { password: "s3cr3t-of-li".into(), ..AlaudaOptions::default() };
    let server = start_alauda(alauda_catalogue(), options).await.expect("loopback has a free port");
    let mut pty = start(&entry("yun", "alauda", &server.url, Some("yunfan"), ""), "yun", (80, 24), "s3cr3t-of-li");
    pty.wait_for("yunfan/account-api");
    for ((fault, said), narrow) in faults().into_iter().zip([false, true].into_iter().cycle()) {
        // All of the reason is there at either size, and what to do about it.
        pty.resize(if narrow { 60 } else { 80 }, 24);
        server.faults().add(Rule::on("/orgs/", fault));
        pty.press("gw");
        pty.wait_until(said, |screen| screen.contains(said) && screen.contains("asks again."));
        server.faults().clear();
        pty.press("\r");
        after(&mut pty, "yunfan-labs", "\x1b");
        pty.wait_until("no dialog", |screen| !screen.contains("Namespace:"));
    }
    // A token that is over in the middle is renewed, once.
    server.revoke_token();
    let before = server.tokens_issued();
    pty.press("gw");
    after(&mut pty, "yunfan-labs", "labs\r");
    pty.wait_until("the other namespace", |screen| {
        screen.contains("yunfan-labs/ocr") && head(screen).contains("(yunfan-labs)")
    });
    // The new connection signs in for itself.
    assert!((1..=2).contains(&(server.tokens_issued() - before)));
    // One that is refused says so in its place, and the way out is the chooser.
    pty.press("gw");
    after(&mut pty, "kaiyuan", "nobodys");
    after(&mut pty, "as typed", "\r");
    pty.wait_for("answered 404 to");
    pty.press("gw");
    after(&mut pty, "kaiyuan", "kaiyuan\r");
    pty.wait_for("kaiyuan/blog");
    pty.press("q");
    assert_eq!(pty.end(), 0);
    assert!(!String::from_utf8_lossy(&pty.raw_output()).contains("s3cr3t"));
}
