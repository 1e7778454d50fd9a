//! Many requests at the rate the registry bears.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::backend::{Backend, Error, Result};
use crate::domain::error::ErrorKind;

/// Errors in a row after which the rest is not asked any more.
const IN_A_ROW: usize = 8;

/// Starts one request after the other, as many at once as the adaptive limit lets through, and hands on what comes back
/// in the order of arrival. An error of `done` ends it.
pub async fn polite<W, F: Future>(
    backend: &dyn Backend,
    work: impl IntoIterator<Item = W>,
    start: impl Fn(W) -> F,
    mut done: impl FnMut(F::Output) -> Result<()>,
) -> Result<()> {
    let mut waiting = work.into_iter().fuse();
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < backend.parallelism().max(1) {
            let Some(next) = waiting.next() else { break };
            running.push(start(next));
        }
        let Some(answer) = running.next().await else { return Ok(()) };
        done(answer)?;
    }
}

/// Tells an error about one thing from an end of the conversation.
#[derive(Debug, Default)]
pub struct Patience {
    in_a_row: usize,
}

impl Patience {
    pub fn fine(&mut self) {
        self.in_a_row = 0;
    }

    /// `Err` where asking on makes no sense.
    pub fn failed(&mut self, error: Error) -> Result<Error> {
        use ErrorKind as K;
        match error.kind {
            K::SignIn | K::UntrustedRealm | K::NotEncrypted | K::Tls | K::RateLimited | K::Cancelled => Err(error),
            K::Network | K::Timeout | K::Server => {
                self.in_a_row += 1;
                if self.in_a_row >= IN_A_ROW { Err(error) } else { Ok(error) }
            }
            _ => {
                self.fine();
                Ok(error)
            }
        }
    }
}
