//! Layers that are true to the byte and cost nothing until somebody downloads them.
//!
//! A layer is a tar archive in gzip members: some number of times the same piece, then a member of its own. The hash of
//! the pieces is the same for every layer with that many, so its state is looked up in a table, and only the last
//! member, two kilobytes, is hashed when a layer is made. Sizes look like real life, digests and diff ids hold.

use std::sync::{Arc, OnceLock};

use hyper::body::Bytes;
use sha2::block_api::compress256;

use super::reply::Payload;
use crate::domain::reference::Digest;

/// Content of one piece.
const PIECE: usize = 256 * 1024;
/// A piece in the archive: its header and its content.
const PIECE_TAR: usize = 512 + PIECE;
/// A piece as it travels. A multiple of SHA-256's block, like the one before: that is what the padding in its gzip
/// header is for.
const PIECE_GZIP: usize = PIECE_TAR + 5 * PIECE_TAR.div_ceil(STORED) + 10 + PADDING.len() + 1 + 8;
const PADDING: &str = "piece-of-a-demolayer";
/// The longest stored block of deflate.
const STORED: usize = 65_535;
const _: () = assert!(PIECE_TAR.is_multiple_of(64) && PIECE_GZIP.is_multiple_of(64));

/// What SHA-256 starts from (FIPS 180-4, 5.3.3).
const START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// A line for each number of pieces a layer may have: the number, the state after them compressed, the state after
/// them uncompressed. A test makes it, and checks it.
const STATES: &str = include_str!("layer_states.txt");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    pieces: u64,
    gzip: [u32; 8],
    tar: [u32; 8],
}

fn states() -> &'static [State] {
    static STATES_READ: OnceLock<Vec<State>> = OnceLock::new();
    STATES_READ.get_or_init(|| {
        let words =
            |text: &str| std::array::from_fn(|at| u32::from_str_radix(&text[at * 8..at * 8 + 8], 16).unwrap_or(0));
        let line = |line: &str| {
            let mut parts = line.split(' ');
            let pieces = parts.next()?.parse().ok()?;
            Some(State { pieces, gzip: words(parts.next()?), tar: words(parts.next()?) })
        };
        let none = State { pieces: 0, gzip: START, tar: START };
        std::iter::once(none).chain(STATES.lines().filter_map(line)).collect()
    })
}

/// A layer before it is downloaded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Layer {
    name: Arc<str>,
    pieces: u64,
}

/// What a manifest and a config say about a layer.
#[derive(Clone, Debug)]
pub struct Described {
    pub digest: Digest,
    /// Of the archive, uncompressed.
    pub diff_id: Digest,
    pub size: u64,
}

impl Layer {
    /// Of about that size, half a gigabyte at most; the same name is the same content.
    pub fn new(name: &str, wanted: u64) -> Self {
        let most = wanted / PIECE_GZIP as u64;
        let pieces = states().iter().map(|state| state.pieces).take_while(|pieces| *pieces <= most).last();
        Self { name: name.into(), pieces: pieces.unwrap_or(0) }
    }

    pub fn size(&self) -> u64 {
        self.pieces * PIECE_GZIP as u64 + self.end().len() as u64
    }

    pub fn describe(&self) -> Described {
        let (tar, gzip) = (self.end_tar(), self.end());
        let state = states().iter().find(|state| state.pieces == self.pieces).copied();
        let state = state.unwrap_or(State { pieces: 0, gzip: START, tar: START });
        Described {
            digest: finish(state.gzip, self.pieces * PIECE_GZIP as u64, &gzip),
            diff_id: finish(state.tar, self.pieces * PIECE_TAR as u64, &tar),
            size: self.pieces * PIECE_GZIP as u64 + gzip.len() as u64,
        }
    }

    /// The bytes from `start` up to `end`.
    pub(super) fn part(&self, start: u64, end: u64) -> Payload {
        let common = self.pieces * PIECE_GZIP as u64;
        let tail = Bytes::from(self.end());
        let at = |n: u64| usize::try_from(n.saturating_sub(common)).map_or(tail.len(), |n| n.min(tail.len()));
        let tail = tail.slice(at(start)..at(end));
        let repeated = common.min(end).saturating_sub(start);
        let pattern = if repeated > 0 { piece() } else { Bytes::new() };
        let offset = usize::try_from(start % PIECE_GZIP as u64).unwrap_or(0);
        Payload { pattern, repeated, offset, tail, ..Payload::default() }
    }

    /// The last file of the archive, and the archive's end.
    fn end_tar(&self) -> Vec<u8> {
        let seed = self.name.bytes().fold(1, |seed, b| noise(seed ^ u64::from(b)));
        let mut content = format!("{}\n", self.name).into_bytes();
        // Cut off at what fits into one record.
        fill(&mut content, seed, 64 + (seed % 300) as usize);
        content.truncate(512);
        let mut tar = file(&format!("opt/{:016x}", noise(seed)), &content);
        tar.resize(tar.len() + 1024, 0);
        tar
    }

    fn end(&self) -> Vec<u8> {
        gzip(&self.end_tar(), None)
    }
}

fn piece() -> Bytes {
    static MADE: OnceLock<Bytes> = OnceLock::new();
    MADE.get_or_init(|| gzip(&piece_tar(), Some(PADDING)).into()).clone()
}

fn piece_tar() -> Vec<u8> {
    let mut content = Vec::with_capacity(PIECE);
    fill(&mut content, 7, PIECE);
    file("usr/lib/piece", &content)
}

/// splitmix64: data no compression makes smaller, the same every time.
fn noise(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn fill(bytes: &mut Vec<u8>, mut seed: u64, more: usize) {
    let length = bytes.len() + more;
    while bytes.len() < length {
        seed = noise(seed);
        bytes.extend_from_slice(&seed.to_le_bytes());
    }
    bytes.truncate(length);
}

/// A file in an archive (POSIX ustar), padded to whole records.
fn file(name: &str, content: &[u8]) -> Vec<u8> {
    let mut tar = vec![0; 512];
    let mut put = |at: usize, text: &str| tar[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000644\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{:011o}\0", content.len()));
    put(136, "14000000000\0");
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = tar.iter().map(|b| u32::from(*b)).sum();
    tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    tar.extend_from_slice(content);
    tar.resize(tar.len().next_multiple_of(512), 0);
    tar
}

/// A gzip member that stores (RFC 1951, 3.2.4; RFC 1952): the content would not get smaller anyway.
pub(super) fn gzip(data: &[u8], name: Option<&str>) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, if name.is_some() { 8 } else { 0 }, 0, 0, 0, 0, 0, 255];
    if let Some(name) = name {
        out.extend_from_slice(name.as_bytes());
        out.push(0);
    }
    let blocks = data.len().div_ceil(STORED);
    for (at, block) in data.chunks(STORED).enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(at + 1 == blocks));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    let mut crc = flate2::Crc::new();
    crc.update(data);
    out.extend_from_slice(&crc.sum().to_le_bytes());
    out.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes());
    out
}

/// SHA-256 of `before` bytes whose state is known, and these.
fn finish(mut state: [u32; 8], before: u64, bytes: &[u8]) -> Digest {
    let (blocks, rest) = bytes.as_chunks::<64>();
    compress256(&mut state, blocks);
    let mut last = [[0_u8; 64]; 2];
    let flat = last.as_flattened_mut();
    flat[..rest.len()].copy_from_slice(rest);
    flat[rest.len()] = 0x80;
    let length = if rest.len() < 56 { 64 } else { 128 };
    flat[length - 8..length].copy_from_slice(&((before + bytes.len() as u64) * 8).to_be_bytes());
    compress256(&mut state, &last[..length / 64]);
    let mut digest = [0; 32];
    for (to, word) in digest.chunks_mut(4).zip(state) {
        to.copy_from_slice(&word.to_be_bytes());
    }
    Digest::Sha256(digest)
}

#[cfg(test)]
#[path = "layer_tests.rs"]
mod tests;
