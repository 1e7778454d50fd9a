//! Layers: tar archives, uploaded or made while they are sent.

use std::sync::OnceLock;

use hyper::body::Bytes;
use sha2::{Digest as _, Sha256};

use crate::demo::layer::gzip;
use crate::demo::reply::Payload;
use crate::domain::reference::hex;

/// The bytes of a layer: some that are kept, a pattern over and over, some that are kept.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    head: Bytes,
    pattern: Bytes,
    repeated: u64,
    tail: Bytes,
}

/// A member of an archive.
#[derive(Clone, Copy, Debug)]
pub enum Entry<'a> {
    Folder(&'a str),
    File(&'a str, &'a str),
    Program(&'a str, &'a str),
    Link(&'a str, &'a str),
    /// What takes this file of the layers below away.
    Gone(&'a str),
}

/// 2015-03-09T11:40:00Z: builds of that day agree on it.
const MTIME: u64 = 1_425_901_200;
const PATTERN: usize = 64 * 1024;

impl Archive {
    pub fn uploaded(bytes: Bytes) -> Self {
        Self { head: bytes, ..Self::default() }
    }

    /// A tar as Docker made them: not compressed.
    pub fn tar(entries: &[Entry<'_>]) -> Self {
        Self::uploaded(closed(members(entries)).into())
    }

    pub fn gzip(entries: &[Entry<'_>]) -> Self {
        Self::uploaded(gzip(&closed(members(entries)), None).into())
    }

    /// A tar whose last member is a file of that size, which costs nothing until somebody downloads it.
    pub fn large(entries: &[Entry<'_>], name: &str, size: u64) -> Self {
        let mut head = members(entries);
        head.extend_from_slice(&header(name, b'0', 0o755, size, ""));
        let padding = usize::try_from(size.next_multiple_of(512) - size).unwrap_or(0);
        Self { head: head.into(), pattern: pattern(), repeated: size, tail: vec![0; padding + 1024].into() }
    }

    pub fn size(&self) -> u64 {
        self.head.len() as u64 + self.repeated + self.tail.len() as u64
    }

    /// The bytes from `start` up to `end`.
    pub(super) fn part(&self, start: u64, end: u64) -> Payload {
        let (after_head, after_pattern) = (self.head.len() as u64, self.head.len() as u64 + self.repeated);
        let cut = |bytes: &Bytes, before: u64| {
            let at = |n: u64| usize::try_from(n.saturating_sub(before)).map_or(bytes.len(), |n| n.min(bytes.len()));
            bytes.slice(at(start)..at(end).max(at(start)))
        };
        let from = start.clamp(after_head, after_pattern);
        let repeated = end.clamp(from, after_pattern) - from;
        let offset = usize::try_from((from - after_head) % PATTERN as u64).unwrap_or(0);
        let (head, tail) = (cut(&self.head, 0), cut(&self.tail, after_pattern));
        Payload { head, pattern: self.pattern.clone(), repeated, offset, tail, ..Payload::default() }
    }

    /// The whole of it.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.each(|part| bytes.extend_from_slice(part));
        bytes
    }

    fn each(&self, mut take: impl FnMut(&[u8])) {
        take(&self.head);
        let mut left = self.repeated;
        while left > 0 {
            let size = left.min(self.pattern.len() as u64);
            take(&self.pattern[..usize::try_from(size).unwrap_or(self.pattern.len())]);
            left -= size;
        }
        take(&self.tail);
    }

    /// What the server computes while a layer arrives: the hash of the document, a line end and the layer.
    pub fn checksum(&self, json: &[u8]) -> String {
        let mut hash = Sha256::new();
        hash.update(json);
        hash.update(b"\n");
        self.each(|part| hash.update(part));
        format!("sha256:{}", hex(&hash.finalize()))
    }

    /// The bytes at a place, as far as they are kept; the pattern is content that nobody looks into.
    pub(super) fn kept(&self, at: u64, length: usize) -> Option<&[u8]> {
        let after = self.head.len() as u64 + self.repeated;
        let (bytes, at) = if at < after { (&self.head, at) } else { (&self.tail, at - after) };
        let at = usize::try_from(at).ok()?;
        bytes.get(at..at.checked_add(length)?)
    }

    /// The archive in its compressed form, when it has one.
    pub(super) fn gzipped(&self) -> Option<&[u8]> {
        self.head.starts_with(&[0x1f, 0x8b]).then_some(&*self.head)
    }
}

/// Bytes that do not compress, the same every time.
fn pattern() -> Bytes {
    static MADE: OnceLock<Bytes> = OnceLock::new();
    let make = || {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let word = |_| {
            // xorshift64
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        };
        (0..PATTERN / 8).flat_map(word).collect::<Vec<u8>>().into()
    };
    MADE.get_or_init(make).clone()
}

fn closed(mut tar: Vec<u8>) -> Vec<u8> {
    tar.resize(tar.len() + 1024, 0);
    tar
}

fn members(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut tar = Vec::new();
    for entry in entries {
        let (header, content) = match *entry {
            Entry::Folder(name) => (header(name, b'5', 0o755, 0, ""), ""),
            Entry::File(name, content) => (header(name, b'0', 0o644, content.len() as u64, ""), content),
            Entry::Program(name, content) => (header(name, b'0', 0o755, content.len() as u64, ""), content),
            Entry::Link(name, to) => (header(name, b'2', 0o777, 0, to), ""),
            Entry::Gone(name) => {
                let (folder, file) = name.rsplit_once('/').map_or(("", name), |(folder, file)| (folder, file));
                let slash = if folder.is_empty() { "" } else { "/" };
                (header(&format!("{folder}{slash}.wh.{file}"), b'0', 0o600, 0, ""), "")
            }
        };
        tar.extend_from_slice(&header);
        tar.extend_from_slice(content.as_bytes());
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar
}

/// POSIX ustar.
fn header(name: &str, kind: u8, mode: u32, size: u64, link: &str) -> [u8; 512] {
    let mut tar = [0; 512];
    let mut put = |at: usize, text: &str| tar[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, &format!("{mode:07o}\0"));
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{size:011o}\0"));
    put(136, &format!("{MTIME:011o}\0"));
    put(148, "        ");
    put(157, link);
    put(257, "ustar\x0000");
    tar[156] = kind;
    let sum: u32 = tar.iter().map(|byte| u32::from(*byte)).sum();
    tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    tar
}
