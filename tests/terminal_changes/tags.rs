use serde_json::json;
use tagboat::demo::docker_v1::{Archive, DockerV1Options, DockerV1Server, Store, start_docker_v1};

use super::*;

/// A repository with two images that have tags; one tag of each.
fn two(screen: &MlSpace) -> (String, usize, String, String) {
    let store = screen.server.store();
    let fit = |repository: &&Repository| repository.images.iter().filter(|image| !image.tags.is_empty()).count() > 1;
    let found = store.workspaces[0].repositories.iter().filter(fit).find_map(|repository| {
        let tags: Vec<&str> =
            repository.images.iter().flat_map(|image| &image.tags).map(|tag| tag.name.as_str()).collect();
        let alone = |name: &str| tags.iter().filter(|other| other.contains(name)).count() == 1;
        let mut names = repository.images.iter().filter_map(|image| Some(image.tags.first()?.name.clone()));
        let (first, second) = (names.next()?, names.next()?);
        let names = store.workspaces[0].repositories.iter().filter(|other| other.name.contains(&repository.name));
        let fits = alone(&second) && names.count() == 1;
        fits.then(|| (repository.name.clone(), tags.len(), first, second))
    });
    found.expect("a repository with two tagged images")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_tag_has_the_colour_that_was_picked_and_goes_again() {
    for size in SIZES {
        let mut screen = MlSpace::start(size, &[]).await;
        screen.open(TRAINER, 12);
        let image = screen.tag(TRAINER, "latest").expect("a tag").0;
        onto(&mut screen.pty, "latest");
        new_tag(&mut screen.pty, "rollback", Some("#2e86c1"));
        assert!(screen.pty.screen().contains("Not     copies elsewhere"), "{}", screen.pty.screen());
        screen.pty.press("\r");
        screen.pty.wait_for("Job 1 is done: 1 of 1 items.");
        assert_eq!(screen.tag(TRAINER, "rollback"), Some((image, Some("#2E86C1".to_owned()))));
        assert_eq!(screen.sent().len(), 1);
        take_back(&mut screen.pty, "Removed again: 1 tag", "Job 2 is done");
        assert_eq!(screen.tag(TRAINER, "rollback"), None);
        screen.pty.press("\x1b");
        screen.end();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_moved_when_that_is_said_keeps_its_colour_and_comes_back() {
    let mut screen = MlSpace::start((120, 36), &[]).await;
    let (repository, tags, moved, onto_tag) = two(&screen);
    let (before, target) = (screen.tag(&repository, &moved), screen.tag(&repository, &onto_tag).expect("a tag").0);
    screen.open(&repository, tags);
    onto(&mut screen.pty, &onto_tag);
    new_tag(&mut screen.pty, &moved, None);
    screen.pty.wait_for("you are asked before it is moved");
    screen.pty.press("\r");
    screen.pty.wait_until("no colour is typed", |screen| screen.contains("type #RRGGBB"));
    screen.pty.press("\r");
    screen.pty.wait_for("Move an existing tag?");
    assert!(screen.sent().is_empty());
    screen.pty.press("y");
    screen.pty.wait_for("Job 1 is done: 1 of 1 items.");
    let colour = before.clone().expect("a tag").1;
    assert_eq!(screen.tag(&repository, &moved), Some((target, colour)));
    assert_eq!(screen.sent().len(), 1);
    take_back(&mut screen.pty, "Moved back: 1 tag", "Job 2 is done");
    assert_eq!(screen.tag(&repository, &moved), before);
    screen.pty.press("\x1b");
    screen.end();
}

/// Whatever comes of it, one request.
#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_said_and_nothing_is_sent_twice() {
    for (fault, words, there) in answers() {
        let mut screen = at_latest("POST", fault).await;
        new_tag(&mut screen.pty, "rollback", Some("#2e86c1"));
        screen.pty.press("\r");
        screen.pty.wait_for(words);
        screen.pty.wait_for("Job 1");
        assert_eq!((screen.sent().len(), screen.tag(TRAINER, "rollback").is_some()), (1, there), "{words}");
        screen.pty.press("\x1b");
        screen.end();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colour_that_is_none_is_refused_where_it_stands() {
    let mut screen = MlSpace::start((80, 24), &[]).await;
    screen.open(TRAINER, 12);
    onto(&mut screen.pty, "latest");
    new_tag(&mut screen.pty, "rollback", Some("#12"));
    screen.pty.press("\r");
    screen.pty.wait_for("or #RRGGBB");
    assert!(screen.sent().is_empty());
    screen.pty.press("\x1b");
    screen.end();
}

fn id(letter: char) -> String {
    letter.to_string().repeat(64)
}

/// `acme/api` with `1.0` on one image and `2.0` on another.
async fn first_protocol() -> DockerV1Server {
    let mut store = Store::new();
    for (letter, tag) in [('a', "1.0"), ('b', "2.0")] {
        let fields = json!({"id": id(letter), "created": "2015-03-09T11:42:07.301938Z", "os": "linux"});
        store.add_image(&fields, Archive::default());
        store.tag("acme/api", tag, &id(letter), json!({}));
    }
    store.announce("acme/api", "[]");
    start_docker_v1(store, DockerV1Options::default()).await.expect("loopback has a free port")
}

fn image_of(server: &DockerV1Server, tag: &str) -> Option<String> {
    server.store().repositories["acme/api"].tag(tag).map(|tag| tag.image.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_first_protocol_a_tag_is_set_moved_and_taken_back() {
    for size in SIZES {
        let server = first_protocol().await;
        let config = format!("[[registry]]\nname = \"v1\"\nkind = \"docker-v1\"\nurl = \"{}\"\n", server.url);
        let arguments = ["--plain-http", "--no-cache", "v1/acme/api"];
        let mut pty = Pty::start_configured(&config, &arguments, size.0, size.1, &[]);
        pty.wait_for("complete: 2 tags");
        onto(&mut pty, "2.0");
        new_tag(&mut pty, "stable", None);
        assert!(!pty.screen().contains("Colour"), "it keeps none: {}", pty.screen());
        pty.press("\r");
        pty.wait_for("Job 1 is done: 1 of 1 items.");
        assert_eq!(image_of(&server, "stable"), Some(id('b')));
        take_back(&mut pty, "Removed again: 1 tag", "Job 2 is done");
        assert_eq!(image_of(&server, "stable"), None);
        pty.press("\x1b");
        pty.wait_for("History  ");
        pty.press("\x1b");
        pty.wait_until("the tags", |screen| screen.contains("complete: 2 tags"));
        new_tag(&mut pty, "1.0", None);
        pty.press("\r");
        pty.wait_for("Move an existing tag?");
        pty.press("y");
        pty.wait_for("Job 3 is done: 1 of 1 items.");
        assert_eq!(image_of(&server, "1.0"), Some(id('b')));
        take_back(&mut pty, "Moved back: 1 tag", "Job 4 is done");
        assert_eq!(image_of(&server, "1.0"), Some(id('a')));
        pty.press("\x1b");
        pty.press("q");
        assert_eq!(pty.end(), 0);
    }
}
