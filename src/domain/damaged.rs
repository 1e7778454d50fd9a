//! Real samples of foreign text, damaged: what every parser of such text must take without a panic or a pause
//! (safety.md I9).

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// The longest input.
const MOST: usize = 64 * 1024;
/// The longest time one input may take, of this thread alone: other work of the machine does not count.
const PAUSE: Duration = Duration::from_millis(100);

/// What parsers stumble over, whatever their format.
const STUMBLES: [&str; 26] = [
    "\"",
    "\\",
    "\\\"",
    "\\u0000",
    "\\ud800",
    "\0",
    "\u{1b}[2J",
    "\r\n",
    "\u{202e}",
    "\u{feff}",
    "e\u{301}\u{301}",
    ",",
    ";",
    "=",
    ":",
    "/",
    "../",
    "@",
    "%",
    "[",
    "{",
    "}",
    "]",
    "1e400",
    "-9223372036854775809",
    "\n",
];

#[derive(Clone, Debug)]
enum Change {
    Flip(Index, u8),
    Insert(Index, &'static str),
    Remove(Index, usize),
    /// The bytes between two places, so often.
    Repeat(Index, usize, usize),
    Cut(Index),
    /// The rest of another sample.
    Splice(Index, Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<Index>;
    prop_oneof![
        4 => (place(), any::<u8>()).prop_map(|(at, byte)| Change::Flip(at, byte)),
        6 => (place(), select(STUMBLES.as_slice())).prop_map(|(at, text)| Change::Insert(at, text)),
        3 => (place(), 1..40_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        3 => (place(), 1..60_usize, 1..8_usize).prop_map(|(at, length, times)| Change::Repeat(at, length, times)),
        1 => (place(), 1..60_usize, Just(MOST)).prop_map(|(at, length, times)| Change::Repeat(at, length, times)),
        1 => place().prop_map(Change::Cut),
        2 => (place(), place(), place()).prop_map(|(at, other, from)| Change::Splice(at, other, from)),
    ]
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>, samples: &[&str]) {
        let place = |at: &Index, bytes: &[u8]| at.index(bytes.len() + 1);
        match self {
            Self::Flip(at, byte) => {
                let at = place(at, bytes);
                if let Some(old) = bytes.get_mut(at) {
                    *old = *byte;
                }
            }
            Self::Insert(at, text) => {
                let at = place(at, bytes);
                bytes.splice(at..at, text.bytes());
            }
            Self::Remove(at, length) => {
                let at = place(at, bytes);
                bytes.drain(at..bytes.len().min(at + length));
            }
            Self::Repeat(at, length, times) => {
                let at = place(at, bytes);
                let piece = bytes[at..bytes.len().min(at + length)].to_vec();
                let times = (*times).min(MOST.saturating_sub(bytes.len()) / piece.len().max(1));
                bytes.splice(at..at, piece.repeat(times));
            }
            Self::Cut(at) => bytes.truncate(place(at, bytes)),
            Self::Splice(at, other, from) => {
                let other = samples[other.index(samples.len())].as_bytes();
                bytes.truncate(place(at, bytes));
                bytes.extend_from_slice(&other[from.index(other.len() + 1)..]);
            }
        }
        bytes.truncate(MOST);
    }
}

/// One of the samples with a few changes. Most inputs stay close to what is valid; some are as long as they may be.
pub fn bytes(samples: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    (select(samples), proptest::collection::vec(change(), 0..6)).prop_map(|(sample, changes)| {
        let mut bytes = sample.as_bytes().to_vec();
        changes.iter().for_each(|change| change.apply(&mut bytes, samples));
        bytes
    })
}

/// As `bytes`, where only text can come.
pub fn text(samples: &'static [&'static str]) -> impl Strategy<Value = String> {
    bytes(samples).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Runs the parser, and fails when it takes too long.
#[track_caller]
pub fn soon<T>(parse: impl FnOnce() -> T) -> T {
    let spent = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
    };
    let began = spent();
    let parsed = parse();
    let took = spent().saturating_sub(began);
    assert!(took < PAUSE, "took {took:?}");
    parsed
}
