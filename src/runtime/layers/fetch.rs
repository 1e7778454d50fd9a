//! A layer into a file: gone on with where a part of it is there, compared with what the server keeps, and given its
//! name only when it is whole.

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{PIECES, Telling, WORDS, disk, failed, mark};
use crate::app::job::{JobEvent, Step};
use crate::app::layer::LayerOrder;
use crate::backend::Error;
use crate::backend::layers::{LayerFacts, LayerSum, Layers, Verdict};
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::text;
use crate::store::part::Part;

/// How a page for people begins, which no tar and no compressed one does.
const PAGES: [&[u8]; 3] = [b"<!doctype", b"<html", b"<?xml"];

/// What is on the disk, and how far the sum of it is.
struct Held {
    part: Part,
    sum: LayerSum,
    /// The first bytes.
    head: Vec<u8>,
}

impl Held {
    /// What is there already; more than the layer has is none of it.
    fn open(path: &Path, order: &LayerOrder, replace: bool, facts: &LayerFacts) -> io::Result<Self> {
        let mut part = Part::open(path, &mark(&order.image), replace)?;
        if facts.size.is_some_and(|size| part.length() > size) {
            part.restart()?;
        }
        let mut held = (LayerSum::of(facts), Vec::new());
        part.each(|bytes| note(&mut held, bytes))?;
        let (sum, head) = held;
        Ok(Self { part, sum, head })
    }

    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.part.add(bytes)?;
        self.sum.add(bytes);
        head(&mut self.head, bytes);
        Ok(())
    }

    fn is_page(&self) -> bool {
        let start = self.head.trim_ascii_start().to_ascii_lowercase();
        PAGES.iter().any(|page| start.starts_with(page))
    }
}

fn note((sum, start): &mut (LayerSum, Vec<u8>), bytes: &[u8]) {
    sum.add(bytes);
    head(start, bytes);
}

fn head(start: &mut Vec<u8>, bytes: &[u8]) {
    let room = 64_usize.saturating_sub(start.len()).min(bytes.len());
    start.extend_from_slice(&bytes[..room]);
}

pub(super) async fn fetch(
    layers: &dyn Layers,
    order: &LayerOrder,
    path: PathBuf,
    replace: bool,
    telling: &Telling,
    stop: &CancellationToken,
) -> Ended {
    let facts = tokio::select! {
        facts = layers.layer(&order.repo, &order.image) => facts,
        () = stop.cancelled() => return Ended::because(Outcome::Skipped, clean::line("stopped before it began")),
    };
    let facts = match facts {
        Ok(facts) => facts,
        Err(error) => return unread(&error),
    };
    let opened = {
        let (path, order, facts) = (path.clone(), order.clone(), facts.clone());
        tokio::task::spawn_blocking(move || Held::open(&path, &order, replace, &facts)).await
    };
    let held = match opened {
        Ok(Ok(held)) => held,
        Ok(Err(error)) if error.kind() == io::ErrorKind::AlreadyExists => {
            let why = format!("{} exists by now, and was left as it is", path.display());
            return Ended::because(Outcome::Refused, clean::line(&why));
        }
        Ok(Err(error)) => return Ended::because(Outcome::Failed, clean::line(&disk("written", &path, &error))),
        Err(_) => return fault(),
    };
    let from = held.part.length();
    if from > 0 {
        let text = format!("{} of it were there; it goes on from there.", text::size(from));
        telling.tell(JobEvent::Said(clean::line(&text))).await;
    }
    telling.moved(from);
    let (to_disk, pieces) = mpsc::channel(PIECES);
    let told = telling.clone();
    let writing = tokio::task::spawn_blocking(move || write(held, pieces, &told));
    let read = tokio::select! {
        read = layers.read_layer(&order.repo, &order.image, &facts, from, to_disk) => Some(read),
        () = stop.cancelled() => None,
    };
    let Ok((held, written)) = writing.await else { return fault() };
    match (written, read) {
        (Err(error), _) => {
            let why = format!("{}. {}", disk("written", &path, &error), kept(held));
            Ended::because(Outcome::Failed, clean::line(&why))
        }
        // Also where the length is that of the page: it is no part of any layer.
        (Ok(()), _) if held.is_page() => {
            let why = "the server sent a web page instead of the layer; something between may have answered";
            Ended::because(Outcome::Failed, discarded(held, why))
        }
        (Ok(()), None) => Ended::because(Outcome::Skipped, clean::line(&format!("stopped: {}", kept(held)))),
        (Ok(()), Some(Err(error))) => {
            let ended = unread(&error);
            let why = ended.why.map(|why| format!("{why} {}", kept(held))).unwrap_or_default();
            Ended::because(ended.outcome, clean::line(&why))
        }
        (Ok(()), Some(Ok(()))) => {
            telling.tell(JobEvent::Item { at: 0, step: Step::Verifying }).await;
            match tokio::task::spawn_blocking(move || close(held, &path)).await {
                Ok(ended) => ended,
                Err(_) => fault(),
            }
        }
    }
}

/// Of what is only read, it is known that it was not done.
fn unread(error: &Error) -> Ended {
    let ended = failed(error);
    match ended.outcome {
        Outcome::Unknown => Ended { outcome: Outcome::Failed, ..ended },
        _ => ended,
    }
}

/// What is there after it broke off.
fn kept(held: Held) -> String {
    if held.part.length() == 0 {
        return discarded(held, "Nothing came of it.").to_string();
    }
    let (length, path) = (text::size(held.part.length()), held.part.path().display());
    format!("{length} are kept in {path}; r goes on from there.")
}

/// Takes the pieces to the disk, until no more come. What is written is given back whatever happens.
fn write(mut held: Held, mut pieces: mpsc::Receiver<Bytes>, telling: &Telling) -> (Held, io::Result<()>) {
    let mut told = held.part.length();
    while let Some(bytes) = pieces.blocking_recv() {
        if let Err(error) = held.add(&bytes) {
            return (held, Err(error));
        }
        if held.part.length() - told >= WORDS {
            told = held.part.length();
            telling.moved(told);
        }
    }
    telling.moved(held.part.length());
    (held, Ok(()))
}

fn discarded(held: Held, why: &str) -> clean::Clean {
    match held.part.discard() {
        Ok(()) => clean::line(why),
        Err(error) => clean::line(&format!("{why}; what came of it could not be removed: {error}")),
    }
}

/// The whole layer is there.
fn close(held: Held, path: &Path) -> Ended {
    let length = text::size(held.part.length());
    let shown = path.display();
    let saved = match held.sum.end() {
        Verdict::Same => format!("verified: the checksum is the server's. {length} in {shown}"),
        Verdict::Untold => format!("not verified: the server told nothing to compare with. {length} in {shown}"),
        Verdict::Differs { told, found } => {
            let aside = match held.part.set_aside("differs") {
                Ok(aside) => format!("What came is in {}", aside.display()),
                Err(error) => format!("What came could not be set aside: {error}"),
            };
            let why = format!("differs: the server keeps {told}, and these bytes have {found}. {aside}.");
            return Ended::because(Outcome::Failed, clean::line(&why));
        }
    };
    match held.part.finish() {
        Ok(()) => Ended::because(Outcome::Done, clean::line(&saved)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let why = format!("{shown} came to be meanwhile, and was left as it is; the layer is beside it, as .part");
            Ended::because(Outcome::Refused, clean::line(&why))
        }
        Err(error) => Ended::because(Outcome::Failed, clean::line(&disk("given its name", path, &error))),
    }
}

fn fault() -> Ended {
    failed(&Error::new(ErrorKind::Internal, "a task of tagboat's own ended without a result"))
}
