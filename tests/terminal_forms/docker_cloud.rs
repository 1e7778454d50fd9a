use serde_json::{Value, json};
use tagboat::demo::{
    Auth, DockerCloudOptions, DockerCloudServer, Image, OciOptions, OciServer, Push, Store, docker_cloud_catalogue,
    start_docker_cloud, start_oci,
};

use super::{Screen, sent};

const KEY: &str = "k3y-of-annika";
const USER: &str = "puller";
const PASSWORD: &str = "p4ll-m3";

/// A registry with a password, and the service that leads to it.
struct Site {
    there: OciServer,
    cloud: DockerCloudServer,
    /// `127.0.0.1:PORT` of the registry.
    address: String,
}

impl Site {
    async fn new() -> Self {
        let mut store = Store::new();
        for name in ["app/api", "app/new"] {
            let mut push = Push::to(&mut store, name);
            let made = push.image(&Image {
                created: "2026-03-04T05:06:07Z".to_owned(),
                platform: "linux/amd64".to_owned(),
                layers: vec![(name.to_owned(), 10)],
                labels: Vec::new(),
                docker: false,
            });
            push.tag(&["1"], &made);
        }
        let auth = Auth::Basic { user: USER.to_owned(), password: PASSWORD.to_owned() };
        let there = start_oci(store, OciOptions { auth, ..OciOptions::default() }).await.expect("a free port");
        let address = there.url.trim_start_matches("http://").to_owned();
        let options = DockerCloudOptions { key: KEY.into(), ..DockerCloudOptions::default() };
        let mut contents = docker_cloud_catalogue(&address);
        contents.namespaces.get_mut("annika").expect("its own").add(&format!("{address}/app/api"), None);
        let cloud = start_docker_cloud(contents, options).await.expect("a free port");
        Self { there, cloud, address }
    }

    fn screen(&self, size: (u16, u16)) -> Screen {
        Screen::open("docker-cloud", &self.cloud.url, KEY, ("username = 'annika'\n", &[]), size)
    }

    fn bodies(&self) -> Vec<Value> {
        let sent = sent(&self.cloud.log(), &["POST", "PATCH"]);
        sent.iter().map(|one| serde_json::from_str(&one.body).expect("JSON")).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_external_repository_is_tested_and_added() {
    let site = Site::new().await;
    let mut it = site.screen((100, 30));
    let name = format!("{}/app/new", site.address);
    it.press("+");
    it.wait_for("Add an external repository");
    it.paste(&name);
    it.tabs(1);
    it.paste(USER);
    it.tabs(1);
    it.paste("wr0ng");
    it.tabs(2);
    it.press("\r");
    it.says("refused the user name or password");
    assert!(site.bodies().is_empty(), "a test adds nothing");
    // Back to the password.
    it.press("\x1b[Z");
    it.press("\x1b[Z");
    it.press("\x15");
    it.paste(PASSWORD);
    it.tabs(2);
    it.press("\r");
    it.says("sign-in ok");
    it.says("pull ok, of app/new");
    it.press("\x1b[Z");
    it.press("\r");
    it.wait_for("Added ");
    it.is_on("app/new");
    assert_eq!(site.bodies(), [json!({"name": name, "username": USER, "password": PASSWORD})]);
    let stored = site.cloud.store().namespaces["annika"].repositories[&name].clone();
    assert!(stored.login.expect("a login").is(USER, PASSWORD));
    let edits = format!("username: none -> {USER}; password: none -> (not kept)");
    assert_eq!(it.pty.recorded(), [format!("create {name}: {edits} = done")]);
    // It went to the two places it is for, and to no screen.
    assert!(!String::from_utf8_lossy(&it.pty.raw_output()).contains(PASSWORD));
    assert!(site.there.log().iter().all(|one| !one.path.contains(PASSWORD)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_changed_as_far_as_it_was_typed() {
    let site = Site::new().await;
    for size in [(80, 24), (60, 20)] {
        site.cloud.clear_log();
        let mut it = site.screen(size);
        it.to("app/api");
        it.press("E");
        it.says("Only what is typed is sent");
        it.tabs(1);
        it.paste("n3w-s3cret");
        it.tabs(1);
        it.press("\r");
        it.wait_for("Changed ");
        assert_eq!(site.bodies(), [json!({"password": "n3w-s3cret"})], "{size:?}");
        let name = format!("{}/app/api", site.address);
        assert_eq!(it.pty.recorded(), [format!("credentials {name}: password: none -> (not kept) = done")]);
        assert!(!String::from_utf8_lossy(&it.pty.raw_output()).contains("n3w-s3cret"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_account_is_not_tried_and_a_name_twice_is_refused() {
    let site = Site::new().await;
    let mut it = site.screen((100, 30));
    it.press("+");
    it.wait_for("Add an external repository");
    it.paste(&format!("{}/app/api", site.address));
    it.tabs(2);
    it.paste("x");
    it.tabs(2);
    it.press("\r");
    it.says("A test needs the user name and the password.");
    // The focus is on what is missing; away with the password, and on to the button.
    it.tabs(1);
    it.press("\x15");
    it.tabs(1);
    it.press("\r");
    it.says("It is already in the list: open it there.");
    assert!(it.words().contains("/app/api"), "{}", it.words());
    assert_eq!(site.bodies().len(), 1);
}
