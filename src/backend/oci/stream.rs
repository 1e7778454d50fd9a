//! The names of a list while its page still arrives. A page may have a million of them (distribution 2.8 knows no
//! paging of tags, oci-distribution.md §4.2), and the first are worth seeing before the last have come.
//!
//! Only the inside of the list is read on the way. Everything else of the document is kept, with an empty list in place
//! of the one that was read, and goes through the strict reading of a whole page at the end.

use bytes::Bytes;
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use super::listing::{self, Entries, Kind, Unlisted};
use super::walk::Part;
use crate::backend::http::Piece;

/// Names that are handed on even though more can be read at once.
const MANY: usize = 2_000;

/// What is left of a page when its body has ended.
pub(super) struct Rest {
    /// The names that were not handed on, or why the page is none.
    pub entries: Result<Entries, Unlisted>,
    /// The document without the names that were read on the way.
    pub body: Bytes,
    pub bytes: usize,
    /// All its entries, those that were handed on included.
    pub sent: usize,
}

/// Reads along and hands names on. Ends with the body, or when nobody wants names any more.
pub(super) async fn read(kind: Kind, mut pieces: mpsc::Receiver<Piece>, parts: mpsc::Sender<Part>) -> Rest {
    let mut page = Scanner::new(kind);
    let mut handed_on = 0;
    while let Some(piece) = pieces.recv().await {
        match piece {
            Piece::Begin { .. } => {
                page = Scanner::new(kind);
                if std::mem::take(&mut handed_on) > 0 && parts.send(Part::Again).await.is_err() {
                    break;
                }
            }
            Piece::Bytes(bytes) => page.feed(&bytes),
        }
        let found = page.found.sent();
        if found >= MANY || (found > 0 && pieces.is_empty()) {
            handed_on += found;
            if parts.send(Part::Entries(std::mem::take(&mut page.found))).await.is_err() {
                break;
            }
        }
    }
    let rest = page.end();
    Rest { sent: handed_on + rest.sent, ..rest }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Not in the list: the depth, and whether in a string.
    Outside,
    /// In the list, where an entry or its end may be.
    First,
    /// After a comma.
    Entry,
    /// After an entry.
    After,
    /// In an entry that is a string.
    Text,
    /// In one that is an array or an object, this deep.
    Nested(u32),
    /// In a number or another word.
    Word,
    /// What came is no JSON.
    Broken,
}

struct Scanner {
    kind: Kind,
    at: At,
    /// Brackets open outside the list.
    depth: u32,
    in_text: bool,
    escaped: bool,
    /// The last string of the document's own level, as far as it can be the list's name.
    word: Vec<u8>,
    /// That string names the value that comes next.
    named: bool,
    /// The list has been read.
    done: bool,
    /// An entry that began in an earlier piece, or that is not a plain string.
    entry: Vec<u8>,
    found: Entries,
    skeleton: Vec<u8>,
    bytes: usize,
}

impl Scanner {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            at: At::Outside,
            depth: 0,
            in_text: false,
            escaped: false,
            word: Vec::new(),
            named: false,
            done: false,
            entry: Vec::new(),
            found: Entries::default(),
            skeleton: Vec::new(),
            bytes: 0,
        }
    }

    fn feed(&mut self, piece: &[u8]) {
        self.bytes += piece.len();
        let mut rest = piece;
        while !rest.is_empty() {
            let used = match self.at {
                At::Broken => return,
                At::Outside => self.outside(rest),
                At::First | At::Entry | At::After => self.between(rest[0]),
                At::Text => self.text(rest),
                At::Nested(depth) => self.nested(rest, depth),
                At::Word => self.word(rest),
            };
            rest = &rest[used..];
        }
    }

    /// Looks for the list; returns how many bytes lie before its first entry.
    fn outside(&mut self, rest: &[u8]) -> usize {
        for (at, byte) in rest.iter().copied().enumerate() {
            if self.in_text {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_text = false,
                    _ => {}
                }
                if self.in_text && self.word.len() <= self.kind.field().len() {
                    self.word.push(byte);
                }
                continue;
            }
            match byte {
                b'"' => {
                    (self.in_text, self.named) = (true, false);
                    self.word.clear();
                }
                b':' => self.named = self.depth == 1 && !self.done && self.word == self.kind.field().as_bytes(),
                b'[' if self.named => {
                    self.skeleton.extend_from_slice(&rest[..=at]);
                    self.at = At::First;
                    return at + 1;
                }
                b'{' | b'[' => {
                    self.depth += 1;
                    self.named = false;
                }
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ => self.named = false,
            }
        }
        self.skeleton.extend_from_slice(rest);
        rest.len()
    }

    fn between(&mut self, byte: u8) -> usize {
        self.at = match (self.at, byte) {
            (at, b' ' | b'\t' | b'\r' | b'\n') => at,
            (At::First | At::After, b']') => {
                self.skeleton.push(byte);
                (self.done, self.named) = (true, false);
                At::Outside
            }
            (At::After, b',') => At::Entry,
            (At::After, _) => At::Broken,
            (_, b'"') => {
                self.entry.clear();
                self.entry.push(byte);
                At::Text
            }
            (_, b'{' | b'[') => {
                self.entry.clear();
                self.entry.push(byte);
                At::Nested(1)
            }
            (_, b']' | b'}' | b',' | b':') => At::Broken,
            _ => {
                self.entry.clear();
                self.entry.push(byte);
                At::Word
            }
        };
        1
    }

    fn text(&mut self, rest: &[u8]) -> usize {
        if std::mem::take(&mut self.escaped) {
            self.entry.push(rest[0]);
            return 1;
        }
        let Some(end) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) else {
            self.entry.extend_from_slice(rest);
            return rest.len();
        };
        if rest[end] == b'\\' {
            self.entry.extend_from_slice(&rest[..=end]);
            self.escaped = true;
            return end + 1;
        }
        // All of it is here, as written: nearly every name.
        if self.entry.len() == 1 && rest[..end].iter().all(|byte| *byte >= b' ') {
            self.found.name(&String::from_utf8_lossy(&rest[..end]));
            self.at = At::After;
        } else {
            self.entry.extend_from_slice(&rest[..=end]);
            self.take();
        }
        end + 1
    }

    fn nested(&mut self, rest: &[u8], mut depth: u32) -> usize {
        for (at, byte) in rest.iter().copied().enumerate() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_text => self.escaped = true,
                b'"' => self.in_text = !self.in_text,
                _ if self.in_text => {}
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.entry.extend_from_slice(&rest[..=at]);
                self.take();
                return at + 1;
            }
        }
        self.entry.extend_from_slice(rest);
        self.at = At::Nested(depth);
        rest.len()
    }

    fn word(&mut self, rest: &[u8]) -> usize {
        let ends = |byte: &u8| matches!(byte, b',' | b']' | b' ' | b'\t' | b'\r' | b'\n');
        let end = rest.iter().position(ends).unwrap_or(rest.len());
        self.entry.extend_from_slice(&rest[..end]);
        if end < rest.len() {
            self.take();
        }
        end
    }

    /// The entry is complete.
    fn take(&mut self) {
        let text = String::from_utf8_lossy(&self.entry);
        self.at = match serde_json::from_str::<&RawValue>(&text) {
            Ok(entry) => {
                self.found.take(entry);
                At::After
            }
            Err(_) => At::Broken,
        };
    }

    fn end(self) -> Rest {
        let body = Bytes::from(self.skeleton);
        let entries = match self.at {
            At::Outside => listing::entries(self.kind, &body).map(|rest| if self.done { self.found } else { rest }),
            _ => Err(Unlisted::Shape),
        };
        let sent = entries.as_ref().map_or(0, Entries::sent);
        Rest { entries, body, bytes: self.bytes, sent }
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
