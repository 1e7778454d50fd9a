//! One blob: linked where the registry does that, else sent through here.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::run::Run;
use crate::backend::{self, BlobRef, Copied, Delivery, Error, Mounted, copy_blob};
use crate::domain::clean::Clean;
use crate::domain::error::ErrorKind;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::transfer::{Blob, Way};
use crate::runtime::batch::{Event, Phase};
use crate::runtime::batch::{Stop, answer};

/// What is said of a blob that the registry took from another repository by itself.
pub const LINKED: &str = "linked within the registry";
/// As often is a blob begun anew, and after these waits.
const AGAIN: [Duration; 3] = [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(5)];
/// How often its bytes are told.
const RHYTHM: Duration = Duration::from_millis(100);

/// Whether the registry links blobs, as far as it has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mounts {
    Unknown,
    Yes,
    No,
}

impl Run<'_> {
    pub(super) async fn bring(&mut self, at: usize, blob: &Blob) -> Ended {
        let (mut limited, mut broken) = (0, 0);
        loop {
            self.tell(Event::Item { at, phase: Phase::Sending }).await;
            let error = match self.once(at, blob).await {
                Ok(ended) => return ended,
                Err(error) => error,
            };
            if self.is_over() {
                return self.given_up();
            }
            let wait = match error.kind {
                ErrorKind::RateLimited => {
                    limited += 1;
                    answer::pause(&error, limited - 1)
                }
                // Whether it came is looked up first; a blob is what its digest says, so nothing is done twice.
                ErrorKind::Network | ErrorKind::Timeout | ErrorKind::Server => {
                    broken += 1;
                    AGAIN.get(broken - 1).copied()
                }
                _ => None,
            };
            let Some(wait) = wait else { return self.failed(&error) };
            if !self.wait(at, wait, error.what).await {
                return self.given_up();
            }
        }
    }

    async fn once(&mut self, at: usize, blob: &Blob) -> backend::Result<Ended> {
        let transfer = self.transfer();
        if transfer.way == Way::Mount && self.mounts != Mounts::No && self.mount(blob).await? {
            return Ok(Ended::because(Outcome::Done, Clean::fixed(LINKED)));
        }
        let (from, to) = self.places();
        let wanted = BlobRef { digest: blob.digest.clone(), size: blob.size };
        let told = Mutex::new(Instant::now());
        let progress = |bytes: u64| {
            let due = told.lock().is_ok_and(|mut told| {
                let due = told.elapsed() >= RHYTHM || bytes == blob.size;
                if due {
                    *told = Instant::now();
                }
                due
            });
            if due {
                self.hint(Event::Moved { at, bytes });
            }
            !self.is_over()
        };
        Ok(match copy_blob(from, to, &wanted, &progress).await? {
            Copied::Present => Ended::because(Outcome::Done, Clean::fixed("it was there already")),
            Copied::Moved => Ended::done(),
        })
    }

    /// False: it has to be sent.
    async fn mount(&mut self, blob: &Blob) -> backend::Result<bool> {
        let transfer = self.transfer();
        let mounted = self.to().mount_blob(&transfer.to.repo, &blob.digest, &transfer.from.repo).await;
        let linked = match mounted {
            Ok(Mounted::Done) => true,
            Ok(Mounted::No) => false,
            Err(error) if is_no_way(&error) => false,
            Err(error) => return Err(error),
        };
        // One that it has linked before it may link again; who never did is not asked about every blob.
        self.mounts = match (linked, self.mounts) {
            (true, _) | (false, Mounts::Yes) => Mounts::Yes,
            (false, _) => Mounts::No,
        };
        Ok(linked)
    }

    pub(super) fn failed(&mut self, error: &Error) -> Ended {
        self.stopped.get_or_insert(Stop::Registry(error.what.clone()));
        self.error.get_or_insert_with(|| error.clone());
        let refused = error.delivery == Delivery::Answered && error.kind != ErrorKind::Server;
        let outcome = if refused { Outcome::Refused } else { Outcome::Failed };
        Ended::because(outcome, error.what.clone())
    }

    pub(super) fn given_up(&mut self) -> Ended {
        self.stopped.get_or_insert(Stop::Cancelled);
        Ended::because(Outcome::Skipped, Clean::fixed("stopped; what had been sent of it is given up"))
    }
}

/// It links nothing, or not this. A refusal of the account is none of these.
fn is_no_way(error: &Error) -> bool {
    use ErrorKind as K;
    matches!(error.kind, K::Unsupported | K::NotFound | K::Refused | K::BadAnswer)
}
