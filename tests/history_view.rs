//! The history on the screen, from the keys to the state of the server.
#![cfg(unix)]

use rustix::process::Signal;
use tagboat::demo::{Fault, OciOptions, Profile, Rule};
use tagboat::domain::cleanup::{Choices, Siblings};
use tagboat::domain::outcome::Outcome;
use tagboat::store::journal::{Header, Item};

use crate::support::cleanup::{REPO, World};
use crate::support::gestures::look;
use crate::support::pty::Pty;

/// The program, over the world's registry and its journals.
fn screen(world: &World, target: &[&str]) -> Pty {
    let state = world.home.path().display().to_string();
    let mut args = vec!["--state-dir", state.as_str(), "--no-cache"];
    args.extend(target);
    Pty::start_configured(&config(world, ""), &args, 120, 36, &[])
}

fn config(world: &World, more: &str) -> String {
    format!("{more}\n[[registry]]\nname = \"test\"\nurl = \"{}\"\n", world.server.url)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_with_a_digest_is_in_the_history_and_comes_back_from_there() {
    let world = World::new(Profile::Reference).await;
    let before = world.repository();
    let choices = Choices { manifests: true, siblings: Siblings::All, ..Choices::default() };
    let plan = world.plan(&["a1"], &choices).await;
    let (report, _) = world.run(&plan).await;
    assert_eq!(report.items.iter().map(|one| one.outcome).collect::<Vec<_>>(), [Outcome::Done]);
    assert!(["a1", "a2", "a3"].iter().all(|name| !world.repository().tags.contains_key(*name)));

    let mut pty = screen(&world, &[]);
    pty.wait_for("Registries");
    pty.press("gx");
    pty.wait_for("can be put back");
    pty.wait_for("3 tags");
    pty.press("\r");
    pty.wait_for("with a1");
    assert!(world.server.log().iter().all(|one| one.method != "PUT"));
    pty.press("u");
    pty.wait_for("Comes back: 3 tags, 1 manifest");
    look();
    pty.press("\r");
    pty.wait_for("What was deleted");
    assert!(world.server.log().iter().all(|one| one.method != "PUT"), "Enter alone does nothing");
    pty.press("u");
    pty.wait_for("Comes back: 3 tags, 1 manifest");
    look();
    pty.press("y");
    pty.wait_for("Job 1 is done: 4 of 4 items.");
    assert_eq!(world.repository().tags, before.tags);
    assert_eq!(world.repository().manifests.len(), before.manifests.len());
    pty.press("\x1b");
    pty.wait_for("was put back");
    pty.press("gj");
    pty.wait_for("100%");
    pty.press("q");
    assert_eq!(pty.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_is_elsewhere_by_now_is_moved_only_when_its_number_is_typed() {
    let world = World::new(Profile::Distribution3).await;
    let (before, e) = (world.repository(), world.at("e"));
    let plan = world.plan(&["b"], &Choices::default()).await;
    world.run(&plan).await;
    world.server.store().tag(REPO, "b", &e);
    let mut pty = screen(&world, &[]);
    pty.wait_for("Registries");
    pty.press("gx");
    pty.wait_for("can be put back");
    pty.press("u");
    pty.wait_for("and is left there");
    look();
    pty.press("1");
    pty.wait_for("Type how many tags it is about: 1");
    look();
    pty.press("\t");
    pty.type_what_is_asked("1");
    pty.wait_for("Job 1 is done");
    assert_eq!(world.repository().tags, before.tags);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_kill_broke_off_is_said_at_the_next_start_and_settled_on_demand() {
    let world = World::new(Profile::Distribution3).await;
    let before = world.repository();
    // The tag is deleted, and the answer never comes.
    world.server.faults().add(Rule::on("/manifests/b", Fault::Silence).method("DELETE").times(1));
    let mut pty = screen(&world, &[&format!("test/{REPO}")]);
    pty.wait_for("complete");
    pty.press("/");
    pty.wait_for("Enter keep");
    pty.press("b");
    pty.press("\r");
    pty.press("d");
    pty.wait_for("y deletes it");
    look();
    pty.press("y");
    pty.wait_for("sending");
    // Beside a question of how the registry deletes, which names nothing that is there.
    let sent = || world.server.log().iter().filter(|one| one.method == "DELETE" && one.path.ends_with("/b")).count();
    while sent() == 0 {
        tokio::task::yield_now().await;
    }
    pty.signal(Signal::KILL);
    pty.end();

    let mut pty = screen(&world, &[]);
    pty.wait_for("An operation was not finished");
    pty.wait_for("1 unfinished");
    assert_eq!(sent(), 1, "nothing of it runs by itself");
    pty.press("gx");
    pty.wait_for("NOT FINISHED");
    pty.press("\r");
    pty.wait_for("It broke off in the middle");
    pty.press("c");
    pty.wait_for("What the registry says of 1 item now");
    assert_eq!(world.journals().unfinished().journals.len(), 1, "looking decides nothing");
    look();
    pty.press("y");
    pty.wait_for("Job 1");
    pty.wait_for("Ended at");
    assert!(world.journals().unfinished().journals.is_empty());
    assert_eq!(sent(), 1);
    pty.press("\x1b");
    pty.wait_until("it has ended", |screen| !screen.contains("unfinished"));
    let gone = !world.repository().tags.contains_key("b");
    if gone {
        pty.press("u");
        pty.wait_for("Comes back: 1 tag");
        look();
        pty.press("y");
        pty.wait_for("Job 2 is done");
    }
    assert_eq!(world.repository().tags, before.tags);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_instance_does_is_running_and_not_unfinished() {
    let world = World::new(Profile::Distribution3).await;
    let plan = world.plan(&["b"], &Choices::default()).await;
    let item = Item { tag: plan.items[0].tag.clone(), digest: plan.items[0].digest.clone(), ..Item::default() };
    let header = Header {
        time: plan.created,
        registry: plan.registry.clone(),
        origin: plan.origin.clone(),
        account: None,
        repo: plan.repo.clone(),
        undoes: None,
        items: vec![item],
        plan: plan.to_json().unwrap(),
    };
    // Held as long as this process has it.
    let mut journal = world.journals().begin(&header).unwrap();
    journal.sending(0).unwrap();
    let mut pty = screen(&world, &[]);
    pty.wait_for("Registries");
    pty.press("gx");
    pty.wait_for("still running");
    assert!(!pty.screen().contains("unfinished"), "{}", pty.screen());
    drop(journal);
    pty.press("r");
    pty.wait_for("NOT FINISHED");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_history_off_it_is_said_before_a_deletion_and_in_the_view() {
    let world = World::with(OciOptions { profile: Profile::Distribution3, ..OciOptions::default() }).await;
    let state = world.home.path().display().to_string();
    let config = config(&world, "[history]\nenabled = false\n");
    let args = ["--state-dir", &state, "--no-cache", &format!("test/{REPO}")];
    let mut pty = Pty::start_configured(&config, &args, 120, 36, &[]);
    pty.wait_for("complete");
    pty.press("d");
    pty.wait_for("this cannot be undone");
    pty.press("\x1b");
    pty.wait_until("the plan is closed", |screen| !screen.contains("Delete plan"));
    pty.press("gx");
    pty.wait_for("The history is switched off in the config");
    // A journal of a newer version is named, and left alone.
    let newer = world.home.path().join("journal/20261101-080000-0001.journal");
    std::fs::create_dir_all(newer.parent().unwrap()).unwrap();
    std::fs::write(&newer, "{\"begin\":{\"version\":9,\"what\":[]}}\n").unwrap();
    pty.press("r");
    pty.wait_for("newer tagboat");
    assert!(newer.exists());
}
