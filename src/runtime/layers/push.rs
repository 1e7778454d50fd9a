//! A layer from a file, with its document and its checksum. Recorded, and sent once: what came of it is looked for
//! afterwards.

use std::io::Read as _;
use std::path::Path;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::plan::{open, read_document};
use super::{PIECES, Telling, WORDS, disk, failed};
use crate::app::job::{JobEvent, Step};
use crate::app::layer::{LayerOrder, Push};
use crate::backend::layers::{Layers, Pushed};
use crate::domain::clean::{self, Clean};
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::recorded::Recorded;
use crate::domain::reference::Digest;
use crate::domain::registry::RegistryProfile;
use crate::domain::text;
use crate::runtime::batch::record::Record;
use crate::store::journal::{Header, Item, Journals};

/// Read at once.
const PIECE: usize = 1 << 16;

/// Where it is recorded, and of whom.
pub(super) struct Recording<'a> {
    pub journals: Option<Journals>,
    pub profile: &'a RegistryProfile,
    pub account: Option<String>,
}

impl Recording<'_> {
    async fn begin(self, order: &LayerOrder, files: &Push) -> Result<Record, Clean> {
        let recorded = Recorded::upload(&order.image, order.size.unwrap_or(0), &files.layer);
        let plan = recorded.to_json(self.profile.kind).map_err(|error| clean::line(&error.to_string()))?;
        let header = Header {
            time: Timestamp::now(),
            registry: self.profile.name.clone(),
            origin: self.profile.origin(),
            account: self.account,
            repo: order.repo.clone(),
            undoes: None,
            items: vec![Item { digest: Some(order.image.clone()), ..Item::default() }],
            plan,
        };
        Record::of_one(self.journals, header).await
    }
}

pub(super) async fn push(
    layers: &dyn Layers,
    order: &LayerOrder,
    files: &Push,
    recording: Recording<'_>,
    telling: &Telling,
    stop: &CancellationToken,
) -> Ended {
    let path = files.document.clone();
    let document = match tokio::task::spawn_blocking(move || read_document(Path::new(&path))).await {
        Ok(Ok(bytes)) if Digest::of(&bytes) == files.digest => bytes,
        Ok(Ok(_)) => return changed(&files.document),
        Ok(Err(error)) => return failed(&error),
        Err(_) => return Ended::because(Outcome::Failed, clean::line("the metadata was not read: a fault in tagboat")),
    };
    if stop.is_cancelled() {
        return Ended::because(Outcome::Skipped, clean::line("stopped before it began"));
    }
    let record = match recording.begin(order, files).await {
        Ok(record) => record,
        Err(why) => return Ended::because(Outcome::Failed, clean::line(&format!("nothing was sent: {why}"))),
    };
    telling.tell(JobEvent::Began { journal: record.id().to_owned() }).await;
    let ended = sent(layers, order, files, document, telling, stop).await;
    record.answered(&ended).await;
    ended
}

async fn sent(
    layers: &dyn Layers,
    order: &LayerOrder,
    files: &Push,
    document: Vec<u8>,
    telling: &Telling,
    stop: &CancellationToken,
) -> Ended {
    let size = order.size.unwrap_or(0);
    let (pieces, layer) = mpsc::channel(PIECES);
    let (path, told, stopped) = (files.layer.clone(), telling.clone(), stop.clone());
    let reading = tokio::task::spawn_blocking(move || read(Path::new(&path), size, &pieces, &told, &stopped));
    let pushed = layers.push(&order.repo, Bytes::from(document), size, layer).await;
    let read = reading.await.unwrap_or(Err(Clean::fixed("reading the layer ended without a result")));
    match pushed {
        Ok(Pushed::Present) => {
            let why = "it was there already, and images never change: nothing was sent";
            Ended::because(Outcome::Done, clean::line(why))
        }
        Ok(Pushed::Done(sum)) => {
            telling.tell(JobEvent::Item { at: 0, step: Step::Verifying }).await;
            verified(layers, order, &sum).await
        }
        Err(error) => {
            let ended = failed(&error);
            // What ended it, where that was on this side.
            let why = match (read, ended.why) {
                (Err(why), Some(said)) => format!("{why}. {said}"),
                (_, said) => said.map(|said| said.to_string()).unwrap_or_default(),
            };
            Ended::because(ended.outcome, clean::line(&why))
        }
    }
}

fn changed(path: &str) -> Ended {
    let why = format!("{path} is another file than when it was looked at: nothing was sent");
    Ended::because(Outcome::Changed, clean::line(&why))
}

/// The layer's bytes. Fewer than were announced end the request without an image.
fn read(
    path: &Path,
    size: u64,
    pieces: &mpsc::Sender<Bytes>,
    telling: &Telling,
    stop: &CancellationToken,
) -> Result<(), Clean> {
    let wrong = |error: std::io::Error| clean::line(&disk("read", path, &error));
    let mut file = open(path).map_err(wrong)?;
    if file.metadata().map_err(wrong)?.len() != size {
        return Err(clean::line(&format!("{} has another length than when it was looked at", path.display())));
    }
    let (mut sent, mut told) = (0, 0);
    let mut buffer = vec![0; PIECE];
    loop {
        if stop.is_cancelled() {
            return Err(Clean::fixed("stopped while the layer was on its way"));
        }
        let n = file.read(&mut buffer).map_err(wrong)?;
        if n == 0 || pieces.blocking_send(Bytes::copy_from_slice(&buffer[..n])).is_err() {
            telling.moved(sent);
            return Ok(());
        }
        sent += n as u64;
        if sent - told >= WORDS {
            told = sent;
            telling.moved(sent);
        }
    }
}

/// It can be read now, and the server keeps this checksum.
async fn verified(layers: &dyn Layers, order: &LayerOrder, sum: &str) -> Ended {
    let length = text::size(order.size.unwrap_or(0));
    match layers.layer(&order.repo, &order.image).await {
        Ok(facts) if facts.checksum.as_deref() == Some(sum) => {
            let what = format!(
                "verified: the image is there with the checksum {sum}, {length}. t on a tag or image sets a tag"
            );
            Ended::because(Outcome::Done, clean::line(&what))
        }
        Ok(facts) => {
            let told = facts.checksum.as_deref().unwrap_or("none");
            let why = format!("the image is there, and the server keeps another checksum: {told}, and sent was {sum}");
            Ended::because(if facts.checksum.is_none() { Outcome::Done } else { Outcome::Failed }, clean::line(&why))
        }
        Err(error) => {
            let why = format!("sent, and whether it is there could not be seen: {}", error.what);
            Ended::because(Outcome::Unknown, clean::line(&why))
        }
    }
}
