//! Layers by themselves: fetched into a file, or pushed from one. Each is a job of one item.

mod fetch;
mod plan;
mod push;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::copying::End;
use super::jobs::Jobs;
use crate::app::job::{JobEvent, JobId, Step};
use crate::app::layer::{FileSpot, LayerOrder, Way};
use crate::app::modal::file_form::NotSaved;
use crate::app::msg::Msg;
use crate::backend::Error;
use crate::domain::clean;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::Digest;
use crate::store::journal::Journals;
use crate::store::part;

pub use plan::{plan, presence};
use push::Recording;

/// Pieces between the network and the disk.
const PIECES: usize = 8;
/// Bytes between two words about them.
const WORDS: u64 = 1 << 18;

/// A job that is told what happens to its one item.
#[derive(Clone)]
struct Telling {
    job: JobId,
    channel: mpsc::Sender<Msg>,
}

impl Telling {
    async fn tell(&self, event: JobEvent) {
        // The loop is gone at the end of the program; then nobody waits for this.
        let _ = self.channel.send(Msg::Job { job: self.job, event }).await;
    }

    /// What may be lost: the next one says more.
    fn moved(&self, bytes: u64) {
        let _ = self.channel.try_send(Msg::Job { job: self.job, event: JobEvent::Moved { at: 0, bytes } });
    }
}

impl Jobs {
    pub fn start_layer(
        &mut self,
        job: JobId,
        there: End,
        order: Arc<LayerOrder>,
        channel: mpsc::Sender<Msg>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (stop, done) = self.enter(job);
        let journals = self.journals();
        async move {
            let telling = Telling { job, channel };
            telling.tell(JobEvent::Item { at: 0, step: Step::Sending }).await;
            let ended = run(there, journals, &order, &telling, &stop).await;
            telling.tell(JobEvent::Finished { items: vec![ended], stopped: None }).await;
            drop(done);
        }
    }
}

async fn run(
    there: End,
    journals: Option<Journals>,
    order: &LayerOrder,
    telling: &Telling,
    stop: &CancellationToken,
) -> Ended {
    let connection = match there.connection {
        Ok(connection) => connection,
        Err(error) => return failed(&error),
    };
    let Some(layers) = connection.backend.layers() else {
        return failed(&Error::unsupported("layers by themselves"));
    };
    match &order.way {
        Way::Fetch { path, replace } => fetch::fetch(layers, order, path.into(), *replace, telling, stop).await,
        Way::Push(files) => {
            let account = connection.account.account_now();
            let recording = Recording { journals, profile: &there.profile, account };
            push::push(layers, order, files, recording, telling, stop).await
        }
    }
}

fn failed(error: &Error) -> Ended {
    use crate::domain::error::ErrorKind as K;
    let outcome = match error.kind {
        _ if error.outcome_unknown() => Outcome::Unknown,
        K::Denied | K::SignIn | K::Forbidden | K::Refused | K::Unsupported | K::NotFound => Outcome::Refused,
        _ => Outcome::Failed,
    };
    let report = error.report();
    Ended::because(outcome, clean::line(&format!("{}. {}", report.what, report.hint)))
}

/// By which a part is known to be one of this layer.
fn mark(image: &Digest) -> String {
    let text = image.as_image_id().map_or_else(|| image.to_string(), str::to_owned);
    text.chars().filter(char::is_ascii_alphanumeric).take(12).collect()
}

fn whole(path: &str, home: Option<PathBuf>) -> PathBuf {
    let file = crate::store::save::expand(path, home.as_deref());
    std::path::absolute(&file).unwrap_or(file)
}

/// Whether a layer can become this file.
pub async fn look(path: String, replace: bool, image: Digest, home: Option<PathBuf>) -> Result<FileSpot, NotSaved> {
    let file = whole(&path, home);
    let name = file.display().to_string();
    let refused = |why: String, exists| NotSaved { why: clean::line(&why), exists };
    match tokio::task::spawn_blocking(move || part::look(&file, &mark(&image), replace)).await {
        Ok(Ok(part)) => Ok(FileSpot { path: name, part }),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(refused(format!("{name} exists already. Press the button again to replace it."), true))
        }
        Ok(Err(error)) => Err(refused(format!("{name} cannot be written: {error}"), false)),
        Err(_) => Err(refused(format!("{name} was not looked at: a fault in tagboat; the log has more"), false)),
    }
}

/// What the disk said, in a sentence.
fn disk(doing: &str, path: &std::path::Path, error: &std::io::Error) -> String {
    use std::io::ErrorKind as K;
    let shown = path.display();
    match error.kind() {
        K::StorageFull | K::QuotaExceeded | K::FileTooLarge => format!("there is no room for {shown}: {error}"),
        _ => format!("{shown} could not be {doing}: {error}"),
    }
}
