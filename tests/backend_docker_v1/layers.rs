//! Layers fetched, resumed, compared and pushed.

use bytes::Bytes;
use serde_json::json;
use tagboat::backend::layers::{LayerFacts, LayerSum, Pushed, Verdict};
use tagboat::backend::{Delivery, Error};
use tagboat::demo::docker_v1::{Archive, DockerV1Options, Entry, IndexRules};
use tagboat::demo::{Fault, Rule};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::reference::{Digest, RepoName};
use tokio::sync::mpsc;

use super::{Pair, REPO, id, image, index, is_clear, repo, with_password};
use crate::support::walk::{by_tag, repositories};

impl Pair {
    async fn facts(&self, of: &RepoName, layer: &Digest) -> LayerFacts {
        self.backend.layers().expect("layers").layer(of, layer).await.expect("what is known of it")
    }

    /// The bytes from `from` on, and what became of it.
    async fn fetch(&self, layer: &Digest, facts: &LayerFacts, from: u64) -> (Vec<u8>, Result<(), Error>) {
        let (sender, mut pieces) = mpsc::channel::<Bytes>(2);
        let name = repo(REPO);
        let gather = async {
            let mut all = Vec::new();
            while let Some(bytes) = pieces.recv().await {
                all.extend_from_slice(&bytes);
            }
            all
        };
        let layers = self.backend.layers().expect("layers");
        let (end, bytes) = tokio::join!(layers.read_layer(&name, layer, facts, from, sender), gather);
        (bytes, end)
    }

    fn held(&self, letter: char) -> Vec<u8> {
        self.server.store().images[&id(letter)].layer.as_ref().expect("a layer").to_vec()
    }

    /// Pushes a document with this layer, in pieces.
    async fn push(&self, document: &str, size: u64, pieces: &[&[u8]]) -> Result<Pushed, Error> {
        let (sender, source) = mpsc::channel(1);
        let feed = async {
            for piece in pieces {
                if sender.send(Bytes::copy_from_slice(piece)).await.is_err() {
                    break;
                }
            }
            drop(sender);
        };
        let layers = self.backend.layers().expect("layers");
        let name = repo("acme/new");
        let document = Bytes::from(document.to_owned());
        tokio::join!(layers.push(&name, document, size, source), feed).0
    }
}

fn verdict(facts: &LayerFacts, bytes: &[u8]) -> Verdict {
    let mut sum = LayerSum::of(facts);
    sum.add(bytes);
    sum.end()
}

#[tokio::test]
async fn a_layer_comes_whole_and_is_what_was_pushed() {
    let redirected = DockerV1Options { redirects_layers: true, ..DockerV1Options::default() };
    for options in [DockerV1Options::reference(), redirected, with_password(), index(IndexRules::default())] {
        let pair = Pair::start(options).await;
        for letter in ['a', 'b', 'c'] {
            let facts = pair.facts(&repo(REPO), &image(letter)).await;
            let (bytes, end) = pair.fetch(&image(letter), &facts, 0).await;
            end.expect("a layer");
            assert_eq!(bytes, pair.held(letter));
            assert_eq!(verdict(&facts, &bytes), Verdict::Same, "{letter}");
        }
        if let Some(storage) = pair.server.storage() {
            assert!(storage.log().iter().all(|seen| seen.header("authorization").or(seen.header("cookie")).is_none()));
        }
    }
}

#[tokio::test]
async fn what_was_not_pushed_is_found_out() {
    let pair = Pair::full().await;
    let broken = repo("attic/broken");
    let digest = pair.backend.resolve(&broken, &by_tag("wrong-checksum")).await.expect("a tag").digest;
    let facts = pair.facts(&broken, &digest).await;
    let (bytes, end) = pair.fetch(&digest, &facts, 0).await;
    end.expect("bytes");
    assert!(matches!(verdict(&facts, &bytes), Verdict::Differs { .. }));
    let documents = repo("attic/documents");
    let digest = pair.backend.resolve(&documents, &by_tag("docker-0.5")).await.expect("a tag").digest;
    assert_eq!(pair.facts(&documents, &digest).await.checksum, None, "the server tells none");
}

/// From every place, with ranges as they should be and as docker-registry does them.
#[tokio::test]
async fn a_layer_goes_on_where_it_was() {
    for options in [DockerV1Options::default(), DockerV1Options::reference()] {
        let pair = Pair::start(options).await;
        let whole = pair.held('b');
        let size = whole.len() as u64;
        let facts = pair.facts(&repo(REPO), &image('b')).await;
        for from in [0, 1, 511, 65_536, size - 2, size - 1, size] {
            let (bytes, end) = pair.fetch(&image('b'), &facts, from).await;
            end.unwrap_or_else(|error| panic!("{from}: {error}"));
            assert_eq!(bytes, whole[usize::try_from(from).expect("small")..], "{from}");
        }
        // It breaks off twice, and the reader sees nothing of that.
        pair.server.faults().add(Rule::on("/layer", Fault::Truncate(100_000)).times(1));
        pair.server.faults().add(Rule::on("/layer", Fault::Truncate(50_000)).times(1));
        let (bytes, end) = pair.fetch(&image('b'), &facts, 0).await;
        end.expect("a layer");
        assert!(bytes == whole);
        // It breaks off for good: what came is kept by the reader, who goes on from there.
        pair.server.faults().add(Rule::on("/layer", Fault::Truncate(0)));
        let (bytes, end) = pair.fetch(&image('b'), &facts, 1000).await;
        assert_eq!((bytes.len(), end.map_err(|error| error.status)), (0, Err(None)));
    }
}

/// A server that knows no ranges begins again, and the reader gets every byte once.
#[tokio::test]
async fn a_server_without_ranges_begins_again() {
    let pair = Pair::start(DockerV1Options::default()).await;
    let whole = pair.held('b');
    let facts = pair.facts(&repo(REPO), &image('b')).await;
    let body = Fault::Answer { status: 200, headers: Vec::new(), body: whole.clone() };
    pair.server.faults().add(Rule::on("/layer", body));
    let (bytes, end) = pair.fetch(&image('b'), &facts, 70_000).await;
    end.expect("a layer");
    assert!(bytes == whole[70_000..]);
    pair.server.faults().clear();
    let short = Fault::Answer { status: 200, headers: Vec::new(), body: whole[..9].to_vec() };
    pair.server.faults().add(Rule::on("/layer", short));
    let (_, end) = pair.fetch(&image('b'), &facts, 0).await;
    let error = end.expect_err("too short");
    assert_eq!(error.kind, ErrorKind::BadAnswer);
    is_clear(&error, &["9 bytes", "should have"]);
}

fn document(letter: char, parent: Option<char>) -> String {
    let parent = parent.map_or(String::new(), |parent| format!(", \"parent\": \"{}\"", id(parent)));
    format!("{{ \"id\": \"{}\"{parent}, \"Size\": 5 }}\n", id(letter))
}

fn ways() -> [DockerV1Options; 4] {
    let cookie = IndexRules { single_use: true, cookie: true, ..IndexRules::default() };
    [DockerV1Options::reference(), with_password(), index(IndexRules::default()), index(cookie)]
}

#[tokio::test]
async fn an_image_is_pushed_and_readable() {
    for options in ways() {
        let pair = Pair::start(options).await;
        let layer = Archive::tar(&[Entry::File("./etc/motd", "pushed\n")]).to_vec();
        let (head, tail) = layer.split_at(700);
        let text = document('e', Some('a'));
        let pushed = pair.push(&text, layer.len() as u64, &[head, tail]).await.expect("pushed");
        let Pushed::Done(sum) = pushed else { panic!("it was not there") };
        {
            let store = pair.server.store();
            let image = &store.images[&id('e')];
            assert_eq!((image.json.as_ref(), image.unfinished), (text.as_bytes(), false));
            assert_eq!((image.checksum(), &image.ancestry), (Some(sum), &vec![id('e'), id('a')]));
            assert_eq!(image.layer.as_ref().map(Archive::to_vec), Some(layer.clone()));
        }
        assert_eq!(pair.push(&text, 5, &[b"other"]).await.expect("there"), Pushed::Present);
        let walked = repositories(&*pair.backend).await.expect("a list");
        assert!(walked.names.contains(&"acme/new".to_owned()), "a search finds it");
        let facts = pair.facts(&repo("acme/new"), &image('e')).await;
        assert_eq!((facts.document.as_ref(), facts.size), (text.as_bytes(), Some(layer.len() as u64)));
    }
}

#[tokio::test]
async fn a_push_that_breaks_off_is_done_again() {
    for options in [DockerV1Options::reference(), index(IndexRules::default())] {
        let pair = Pair::start(options).await;
        let text = document('e', None);
        let error = pair.push(&text, 9, &[b"half"]).await.expect_err("too few bytes");
        is_clear(&error, &["half there"]);
        assert!(pair.server.store().images[&id('e')].unfinished);
        for (path, fault) in [("/layer", Fault::status(500)), ("/checksum", Fault::status(503))] {
            pair.server.registry().faults().add(Rule::on(path, fault).method("PUT").times(1));
            let error = pair.push(&text, 5, &[b"whole"]).await.expect_err("a fault");
            assert_eq!((error.kind, error.delivery), (ErrorKind::Server, Delivery::Answered), "{path}");
            is_clear(&error, &["half there", "pushed again"]);
        }
        assert!(matches!(pair.push(&text, 5, &[b"whole"]).await, Ok(Pushed::Done(_))));
        assert!(!pair.server.store().images[&id('e')].unfinished);
    }
}

#[tokio::test]
async fn what_cannot_be_pushed_is_refused() {
    let pair = Pair::start(DockerV1Options::reference()).await;
    let orphan = pair.push(&document('e', Some('d')), 1, &[b"x"]).await.expect_err("no parent");
    is_clear(&orphan, &["non existing parent"]);
    for text in ["", "{}", "{\"id\": \"../../x\"}"] {
        pair.server.clear_log();
        let error = pair.push(text, 1, &[b"x"]).await.expect_err(text);
        assert_eq!((error.kind, pair.server.log().len()), (ErrorKind::Refused, 0), "{text}");
    }
    let sum = json!(pair.server.store().images.len());
    assert_eq!(sum, 3);
}
