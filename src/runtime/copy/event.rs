//! What a running copy tells. `at` is a position in `Transfer::steps`.

use std::time::Duration;

use crate::domain::clean::Clean;
use crate::domain::outcome::Ended;
use crate::domain::reference::Digest;
use crate::runtime::batch::Totals;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is recorded from here on, under this id.
    Began {
        journal: String,
    },
    Step {
        at: usize,
        phase: Phase,
    },
    /// So many bytes of this blob have been handed on.
    Moved {
        at: usize,
        bytes: u64,
    },
    Ended {
        at: usize,
        ended: Ended,
        totals: Totals,
    },
    /// The registry wants a pause, or something broke off and is begun anew after one.
    Waiting {
        at: usize,
        wait: Duration,
        why: Clean,
    },
    /// There is no room left to keep this manifest: undo will not bring it back.
    NotKept {
        digest: Digest,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Checking,
    Sending,
    Verifying,
}
