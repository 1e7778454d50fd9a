//! How few requests it takes.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;
use tagboat::backend::{Context, Settings, open};
use tagboat::demo::{OciOptions, OciServer, Push, Store, start_oci};
use tagboat::domain::content::ContentCache;
use tagboat::domain::reference::Digest;
use tagboat::domain::secret::{CredentialSource, Found};

use super::{APP, Pair, image, many_tags};
use crate::support::client::{profile, repo, tag};
use crate::support::walk::by_tag;

/// A cache that outlives a client, as the one on disk does.
#[derive(Default)]
struct Kept(std::sync::Mutex<std::collections::HashMap<Digest, (Vec<u8>, String)>>);

impl ContentCache for Kept {
    fn get(&self, digest: &Digest) -> Option<(Vec<u8>, String)> {
        self.0.lock().expect("not poisoned").get(digest).cloned()
    }
    fn put(&self, digest: &Digest, media_type: &str, bytes: &[u8]) {
        self.0.lock().expect("not poisoned").insert(digest.clone(), (bytes.to_vec(), media_type.to_owned()));
    }
}

struct Nobody;

#[async_trait]
impl CredentialSource for Nobody {
    async fn lookup(&self, _host: &str) -> Found {
        Found::default()
    }
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("t{n:03}")).collect()
}

fn count(server: &OciServer, method: &str, part: &str) -> usize {
    server.log().iter().filter(|seen| seen.method == method && seen.path.contains(part)).count()
}

#[tokio::test]
async fn tags_on_one_digest_share_everything_but_their_own_request() {
    let pair = Pair::with(many_tags(60), Settings::default()).await;
    let app = repo(APP);
    for name in names(60) {
        pair.backend.tag_info(&app, &tag(&name)).await.expect("a tag");
    }
    assert_eq!(pair.asked("/manifests/t"), 60, "what a tag points at is always asked, once");
    assert_eq!(pair.asked("/manifests/sha256"), 0);
    assert_eq!(pair.asked("/blobs/"), 1, "the config once");
    // The second answer shows that this repository's tags share content; from then on a HEAD is enough.
    assert_eq!(pair.asked_by("GET", "/manifests/"), 2);
}

#[tokio::test]
async fn tags_asked_for_together_share_their_config() {
    let pair = Pair::with(many_tags(60), Settings::default()).await;
    let app = repo(APP);
    let all = names(60);
    let infos = join_all(all.iter().map(|name| {
        let (backend, app, name) = (Arc::clone(&pair.backend), app.clone(), tag(name));
        async move { backend.tag_info(&app, &name).await }
    }))
    .await;
    let digests: std::collections::HashSet<_> =
        infos.iter().map(|info| &info.as_ref().expect("a tag").digest).collect();
    assert_eq!(digests.len(), 1);
    assert_eq!((pair.asked("/manifests/t"), pair.asked("/blobs/")), (60, 1));
}

/// Two indexes with the same children.
fn family() -> Store {
    let mut store = Store::new();
    let mut push = Push::to(&mut store, APP);
    let children = ["linux/amd64", "linux/arm64", "linux/s390x"].map(|platform| push.image(&image(platform, platform)));
    let one = push.index(&children);
    let two = push.index(&children[..2]);
    push.tag(&["one"], &one);
    push.tag(&["two"], &two);
    store
}

#[tokio::test]
async fn children_and_configs_are_read_once() {
    let pair = Pair::with(family(), Settings::default()).await;
    let app = repo(APP);
    for name in ["one", "two"] {
        pair.backend.tag_info(&app, &tag(name)).await.expect("a tag");
        pair.backend.image(&app, &by_tag(name), None).await.expect("an image");
    }
    let mut asked: Vec<String> = pair.server.log().into_iter().map(|seen| seen.path).collect();
    asked.retain(|path| path.contains("sha256:"));
    let all = asked.len();
    asked.sort();
    asked.dedup();
    assert_eq!((asked.len(), all), (4, 4), "three children and the config of one: {asked:?}");
}

#[tokio::test]
async fn a_second_visit_is_one_head_a_tag_at_most() {
    let server = start_oci(many_tags(50), OciOptions::default()).await.expect("loopback has a free port");
    let kept: Arc<Kept> = Arc::default();
    let context = Context {
        credentials: Arc::new(Nobody),
        cache: Arc::clone(&kept) as Arc<dyn ContentCache>,
        settings: Settings::default(),
    };
    let app = repo(APP);
    for visit in 0..2 {
        // A new client: a new start of the program.
        let backend = open(&profile(&server.url), &context).expect("a client");
        server.clear_log();
        for name in names(50) {
            backend.tag_info(&app, &tag(&name)).await.expect("a tag");
        }
        let gets = count(&server, "GET", "/manifests/");
        if visit == 1 {
            assert!(gets <= 1, "{gets} GETs of what is known");
            assert_eq!(count(&server, "GET", "/blobs/"), 0);
            assert_eq!(server.log().len(), 50);
        }
    }
}

#[tokio::test]
async fn reads_of_one_digest_at_one_time_are_joined() {
    let pair = Pair::start().await;
    let digest = pair.server.store().resolve(APP, "v1").expect("pushed");
    let reference = tagboat::domain::reference::Reference::Digest(digest);
    let app = repo(APP);
    let reads = (0..20).map(|_| pair.backend.manifest(&app, &reference));
    assert!(join_all(reads).await.iter().all(Result::is_ok));
    assert_eq!(pair.asked("/manifests/"), 1);
}

#[tokio::test]
async fn the_referrers_api_is_missed_once() {
    let pair = Pair::start().await;
    let digest = pair.server.store().resolve(APP, "v1").expect("pushed");
    for _ in 0..3 {
        let referrers = pair.backend.referrers(&repo(APP), &digest).await.expect("none");
        assert!(referrers.list.is_empty() && referrers.by_tag);
    }
    assert_eq!(pair.asked("/referrers/"), 1);
}

#[tokio::test]
async fn no_more_is_in_flight_than_was_set() {
    let settings = Settings { max_in_flight: Some(3), ..Settings::default() };
    let pair = Pair::with(many_tags(100), settings).await;
    pair.fault("/manifests/", tagboat::demo::Fault::Delay(std::time::Duration::from_millis(5)));
    let app = repo(APP);
    let all: Vec<_> = names(100).iter().map(|name| tag(name)).collect();
    let reads = all.iter().map(|name| pair.backend.tag_info(&app, name));
    assert!(join_all(reads).await.iter().all(Result::is_ok));
    assert!((2..=3).contains(&pair.server.peak()), "{}", pair.server.peak());
}
