//! Reading a journal that may have been cut off at any byte.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::IgnoredAny;

use super::VERSION;
use super::entry::{KeptManifest, Placeholder, Progress, Told};
use super::line::{self, KeptDto, Line};
use crate::domain::clean::{self, Clean};
use crate::domain::reference::Digest;
use crate::domain::transfer::Tagging;

/// The longest line: a plan for a hundred thousand tags is a tenth of it.
const LINE: u64 = 256 << 20;

/// Why a journal is not read.
#[derive(Debug)]
pub enum Trouble {
    /// No such operation.
    Missing,
    /// Another tagboat is at it.
    Held,
    Newer(u32),
    /// Its first line cannot be read.
    Broken,
    Io(io::Error),
}

impl Trouble {
    /// One sentence for the user.
    pub fn say(&self, path: &Path) -> Clean {
        let shown = path.display();
        clean::line(&match self {
            Self::Missing => format!("There is no journal {shown}."),
            Self::Held => format!("Another tagboat is at work on {shown}."),
            Self::Newer(version) => {
                format!(
                    "{shown} was written by a newer tagboat (format {version}). It is left as it is; use that version."
                )
            }
            Self::Broken => format!("{shown} is not a journal, or its beginning is damaged. It is left as it is."),
            Self::Io(error) => format!("{shown} cannot be read: {error}."),
        })
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::Missing } else { Self::Io(error) }
    }
}

/// What it tells, and how many bytes of whole lines that took.
pub(super) fn told(file: &File, id: &str) -> Result<(Told, u64), Trouble> {
    let mut lines = Lines::new(file);
    let mut line = Vec::new();
    if !lines.next(&mut line)? {
        return Err(Trouble::Broken);
    }
    if let Some(version) = line::version(&line).filter(|version| *version > VERSION) {
        return Err(Trouble::Newer(version));
    }
    let Ok(Line::Begin(begin)) = serde_json::from_slice(&line) else { return Err(Trouble::Broken) };
    let header = begin.header().ok_or(Trouble::Broken)?;
    let items = vec![Progress::default(); header.items.len()];
    let (kept, omitted) = (BTreeMap::new(), Vec::new());
    let tagging = Tagging::from_json(&header.plan);
    let mut told = Told { id: id.to_owned(), header, tagging, items, kept, omitted, ended: None, damaged: false };
    let mut whole = lines.whole;
    while lines.next(&mut line)? {
        if take(&mut told, &line).is_none() {
            told.damaged = true;
            break;
        }
        whole = lines.whole;
    }
    Ok((told, whole))
}

/// `None` where the line makes no sense.
fn take(told: &mut Told, line: &[u8]) -> Option<()> {
    match serde_json::from_slice(line) {
        Ok(Line::Begin(_)) => return None,
        Ok(Line::Kept(kept)) => {
            told.kept.insert(Digest::stored(&kept.digest).ok()?, kept.size);
        }
        Ok(Line::Omitted { digest, .. }) => told.omitted.push(Digest::stored(&digest).ok()?),
        Ok(Line::Step { item, state, why, .. }) => {
            let item = told.items.get_mut(item)?;
            item.state = line::state(&state)?;
            item.why = why.as_deref().map(clean::line);
        }
        Ok(Line::Placeholder { item, step, digest }) => {
            let digest = Digest::stored(&digest).ok()?;
            told.items.get_mut(item)?.placeholder = Some(Placeholder { step: line::step(&step)?, digest });
        }
        Ok(Line::End { at }) => told.ended = Some(at),
        // A kind of line that came later, in a form that did not change.
        Err(_) => {
            let other: HashMap<&str, IgnoredAny> = serde_json::from_slice(line).ok()?;
            let known = ["begin", "kept", "omitted", "step", "placeholder", "end"];
            (other.len() == 1 && !known.iter().any(|kind| other.contains_key(kind))).then_some(())?;
        }
    }
    Some(())
}

/// The manifests it keeps. Bytes that do not have their digest any more are left out.
pub(super) fn kept(file: &File) -> Result<HashMap<Digest, KeptManifest>, Trouble> {
    let mut lines = Lines::new(file);
    let (mut line, mut all) = (Vec::new(), HashMap::new());
    while lines.next(&mut line)? {
        let Ok(Line::Kept(KeptDto { digest, media_type, bytes, .. })) = serde_json::from_slice(&line) else { continue };
        let (Ok(digest), Ok(bytes)) = (Digest::stored(&digest), STANDARD.decode(bytes.as_bytes())) else { continue };
        // `None`: an algorithm nobody here can compute; the registry will.
        if digest.matches(&bytes) != Some(false) {
            all.insert(digest, KeptManifest { media_type, bytes });
        }
    }
    Ok(all)
}

struct Lines<'a> {
    reader: BufReader<&'a File>,
    /// Bytes up to the end of the last whole line.
    whole: u64,
}

impl<'a> Lines<'a> {
    fn new(file: &'a File) -> Self {
        Self { reader: BufReader::with_capacity(1 << 16, file), whole: 0 }
    }

    /// The next whole line. What has no line end was never finished, and counts as not written.
    fn next(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        line.clear();
        let read = (&mut self.reader).take(LINE).read_until(b'\n', line)?;
        if line.pop() != Some(b'\n') {
            return Ok(false);
        }
        self.whole += read as u64;
        Ok(true)
    }
}
