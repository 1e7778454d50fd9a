//! Layers fetched and pushed.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_RANGE, CONTENT_TYPE, HeaderValue, RANGE};
use serde_json::json;
use sha2::Digest as _;
use tokio::sync::mpsc;

use super::session::{To, Way};
use super::{DockerV1, assumed, convert, images};
use crate::backend::error::{Error, Result};
use crate::backend::http::{Answer, Ask, Content, Flow, Op, Piece, Tap, limits};
use crate::backend::json::Object;
use crate::backend::layers::{self, LayerFacts, Pushed};
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::reference::{Digest, RepoName};

/// The most bytes that are taken for a layer whose size nobody tells.
const MOST: u64 = 64 * 1024 * limits::MIB;
const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");
const DOCUMENT: Op = Op::Change("sending an image's document");
const LAYER: Op = Op::Change("sending a layer");
const CHECKSUM: Op = Op::Change("sending a checksum");
const LIST: Op = Op::Change("adding to a repository's images");
/// Pieces in hand.
const PIECES: usize = 4;

impl DockerV1 {
    pub(super) async fn facts(&self, repo: &RepoName, image: &Digest) -> Result<LayerFacts> {
        let id = images::image_id(image)?;
        let step = self.step(repo, &id).await?;
        Ok(LayerFacts { document: Arc::clone(&step.raw), size: step.size, checksum: step.checksum.clone() })
    }

    pub(super) async fn pass_layer(
        &self,
        repo: &RepoName,
        image: &Digest,
        size: Option<u64>,
        from: u64,
        into: mpsc::Sender<Bytes>,
    ) -> Result<()> {
        let id = images::image_id(image)?;
        let path = format!("/v1/images/{id}/layer");
        let mut reading = Reading { taken: from, into };
        let mut tries = 1;
        while size != Some(reading.taken) {
            let before = reading.taken;
            let (start, range) = range(before, size);
            let mut ask = Ask { cap: size.unwrap_or(MOST), ..Ask::get(Op::Layer, &path) };
            ask.headers.insert(ACCEPT, OCTETS);
            ask.headers.extend(range.map(|range| (RANGE, range)));
            let (tap, pieces) = Tap::new();
            let (answer, read) = tokio::join!(self.call_to(To::Read(repo), ask, tap), reading.take(pieces, start));
            read?;
            match answer {
                // docker-registry 0.9.1 has no other words for a layer of no bytes.
                Ok(answer) if answer.status == 416 && size.is_none() && before == 0 => return Ok(()),
                Ok(answer) => {
                    let answer = self.taken(Op::Layer, answer)?;
                    return self.ended(&answer, start, reading.taken, size);
                }
                // Again from where it broke off, as long as there is progress.
                Err(error) if broke_off(&error) && tries < limits::TRIES => {
                    tries = if reading.taken > before { 1 } else { tries + 1 };
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// An answer that came to its end.
    fn ended(&self, answer: &Answer, start: u64, taken: u64, size: Option<u64>) -> Result<()> {
        let host = self.http.host();
        let wrong = |what: String| Err(Error::new(ErrorKind::BadAnswer, what));
        // docker-registry 0.9.1 leaves the unit out.
        let range = answer.headers.get(CONTENT_RANGE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let from = range.trim_start_matches("bytes").trim_start().split('-').next().and_then(|n| n.parse().ok());
        if answer.status == 206 && from.is_some_and(|from: u64| from != start) {
            return wrong(format!("{host} sent another part of the layer than was asked for"));
        }
        match size {
            Some(size) if size != taken => {
                wrong(format!("{host} sent {taken} bytes of a layer that should have {size}"))
            }
            _ => Ok(()),
        }
    }

    /// Document, layer, checksum, and the list of the repository's images, in this order: the image cannot be read before
    /// the third, and no search knows of it before the last.
    pub(super) async fn send_image(
        &self,
        repo: &RepoName,
        document: Bytes,
        size: u64,
        layer: mpsc::Receiver<Bytes>,
    ) -> Result<Pushed> {
        let id = named(&document)?;
        self.prepare(repo, &[&id]).await?;
        if self.has(repo, &id).await {
            return Ok(Pushed::Present);
        }
        let to = [&*id];
        let to = To::Write(repo, &to);
        let path = |what: &str| format!("/v1/images/{id}/{what}");
        let (json, layer_path, sum_path) = (path("json"), path("layer"), path("checksum"));
        let content = Content::Bytes(document.clone());
        let mut ask = Ask { method: Method::PUT, content, turn: Some(repo), ..Ask::get(DOCUMENT, &json) };
        ask.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let answer = self.call(to, ask).await?;
        if answer.status == 409 {
            return Ok(Pushed::Present);
        }
        self.taken(DOCUMENT, answer)?;
        let unfinished =
            |error: Error| error.hint("The image is half there: nobody can read it until it is pushed again.");
        let sum = self.send_layer(to, repo, &layer_path, &document, size, layer).await.map_err(unfinished)?;
        let mut ask = Ask { method: Method::PUT, turn: Some(repo), ..Ask::get(CHECKSUM, &sum_path) };
        let value =
            HeaderValue::from_str(&sum).map_err(|_| Error::new(ErrorKind::Internal, "a checksum is no header"))?;
        // The second is what older servers look for.
        ask = ask.header("x-docker-checksum-payload", value.clone()).header("x-docker-checksum", value);
        let answer = self.call(to, ask).await.map_err(unfinished)?;
        self.taken(CHECKSUM, answer).map_err(unfinished)?;
        let list = format!("/v1/repositories/{}/images", assumed::full(repo));
        let entry = json!([{"id": &*id, "checksum": sum}]);
        let ask = Ask { turn: Some(repo), ..Ask::json(LIST, Method::PUT, &list, &entry) };
        let answer = self.call(To::Index, ask).await?;
        self.taken(LIST, answer)?;
        Ok(Pushed::Done(sum))
    }

    /// Sends what comes and adds it up on the way.
    async fn send_layer(
        &self,
        to: To<'_>,
        repo: &RepoName,
        path: &str,
        document: &[u8],
        size: u64,
        mut layer: mpsc::Receiver<Bytes>,
    ) -> Result<String> {
        let (out, source) = mpsc::channel(PIECES);
        let content = Content::Flow(Arc::new(Flow::new(size, source)));
        let mut ask = Ask { method: Method::PUT, content, turn: Some(repo), ..Ask::get(LAYER, path) };
        ask.headers.insert(CONTENT_TYPE, OCTETS);
        let counted = async {
            let mut hash = layers::begun(document);
            while let Some(bytes) = layer.recv().await {
                hash.update(&bytes);
                if out.send(bytes).await.is_err() {
                    break;
                }
            }
            drop(out);
            layers::ended(hash)
        };
        let mut counted = std::pin::pin!(counted);
        let mut sending = std::pin::pin!(self.call(to, ask));
        // Who refuses the layer need not read all of it.
        let (answer, sum) = tokio::select! {
            sum = &mut counted => (sending.await?, sum),
            answer = &mut sending => {
                let answer = self.taken(LAYER, answer?)?;
                (answer, counted.await)
            }
        };
        self.taken(LAYER, answer).map(|_| sum)
    }

    /// Tells the repository of its images, and where an index is, takes the token that comes with it.
    async fn prepare(&self, repo: &RepoName, images: &[&str]) -> Result<()> {
        let answer = self.announce(repo, images).await?;
        if self.way().await? == Way::Index {
            self.keep_write_pass(repo, &answer).await?;
        }
        Ok(())
    }

    /// Whatever keeps it from telling counts as no: the server refuses what it has (docker-v1.md §7).
    async fn has(&self, repo: &RepoName, id: &str) -> bool {
        self.document(repo, id).await.is_ok_and(|answer| answer.status == 200)
    }
}

/// The id of the image a document is of.
pub(super) fn named(document: &[u8]) -> Result<Arc<str>> {
    let text = std::str::from_utf8(document).unwrap_or("");
    let id = Object::parse(text).and_then(|fields| fields.some_text("id"));
    let wrong = |what: &str| Error::new(ErrorKind::Refused, what);
    let id = id.ok_or_else(|| wrong("the document of an image has to be JSON with the image's id"))?;
    convert::id(&id).ok_or_else(|| wrong(&format!("{} is no image id: 64 hexadecimal digits", clean::identifier(&id))))
}

/// From which byte on to ask for how many. Both ends are named, and never for a single byte: docker-registry 0.9.1
/// promises one too many where the end is open, and has none to give where both are the same.
fn range(taken: u64, size: Option<u64>) -> (u64, Option<HeaderValue>) {
    let Some(size) = size.filter(|size| taken > 0 && *size > 2) else { return (0, None) };
    let start = taken.min(size - 2);
    (start, HeaderValue::from_str(&format!("bytes={start}-{}", size - 1)).ok())
}

fn broke_off(error: &Error) -> bool {
    error.status.is_none() && matches!(error.kind, ErrorKind::Network | ErrorKind::BadAnswer | ErrorKind::Timeout)
}

struct Reading {
    /// Bytes that were handed on, those before the first of them included.
    taken: u64,
    into: mpsc::Sender<Bytes>,
}

impl Reading {
    /// The pieces of one answer to a request for what begins at `start`.
    async fn take(&mut self, mut pieces: mpsc::Receiver<Piece>, start: u64) -> Result<()> {
        let mut at = start;
        while let Some(piece) = pieces.recv().await {
            match piece {
                // A server that knows no ranges begins at the beginning.
                Piece::Begin { status } => at = if status == 206 { start } else { 0 },
                Piece::Bytes(bytes) => {
                    let known = usize::try_from(self.taken.saturating_sub(at)).unwrap_or(usize::MAX).min(bytes.len());
                    at += bytes.len() as u64;
                    let new = bytes.slice(known..);
                    if new.is_empty() {
                        continue;
                    }
                    self.taken += new.len() as u64;
                    let gone = |_| Error::new(ErrorKind::Cancelled, "nobody reads this layer any more");
                    self.into.send(new).await.map_err(gone)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_both_ends_and_never_one_byte() {
        let asked = |taken, size| {
            let (start, range) = range(taken, size);
            (start, range.map(|range| range.to_str().expect("text").to_owned()))
        };
        assert_eq!(asked(0, Some(10)), (0, None));
        assert_eq!(asked(4, Some(10)), (4, Some("bytes=4-9".to_owned())));
        assert_eq!(asked(9, Some(10)), (8, Some("bytes=8-9".to_owned())), "two bytes for the last one");
        assert_eq!(asked(1, Some(2)), (0, None));
        assert_eq!(asked(5, None), (0, None));
    }

    #[test]
    fn a_document_names_its_image() {
        let id = "0a".repeat(32);
        assert_eq!(named(format!(r#"{{"id":"{id}"}}"#).as_bytes()).ok().as_deref(), Some(id.as_str()));
        for bad in ["", "[]", "{}", r#"{"id":7}"#, r#"{"id":"../../x"}"#] {
            assert_eq!(named(bad.as_bytes()).map_err(|error| error.kind), Err(ErrorKind::Refused), "{bad}");
        }
    }
}
