//! Reading a journal that may have been cut off at any byte.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::NEWEST;
use super::entry::{Header, Item, KeptManifest, Placeholder, Progress, Told};
use super::line::{self, KeptDto, Line};
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::Plan;
use crate::domain::recorded::{self, Recorded};
use crate::domain::reference::Digest;
use crate::domain::sweep::{self, Sweep};
use crate::domain::transfer::{TAGGING_VERSION, Tagging};

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
    /// Its first line cannot be read, or it has more than one.
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
            Self::Broken => {
                format!("{shown} is not the journal of an operation, or its beginning is damaged. It is left as it is.")
            }
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
    if let Some(version) = line::version(&line).filter(|version| *version > NEWEST) {
        return Err(Trouble::Newer(version));
    }
    let Ok(Line::Begin(begin)) = serde_json::from_slice(&line) else { return Err(Trouble::Broken) };
    let mut header = begin.header().ok_or(Trouble::Broken)?;
    let tagging = tagging(&header.plan)?;
    let (change, sweep) = (changed(&header.plan)?, swept(&header.plan)?);
    if tagging.is_none() && change.is_none() && sweep.is_none() {
        complete(&mut header);
    }
    let items = vec![Progress::default(); header.items.len()];
    let (kept, omitted) = (BTreeMap::new(), Vec::new());
    let id = id.to_owned();
    let mut told = Told { id, header, tagging, change, sweep, items, kept, omitted, ended: None, damaged: false };
    let mut whole = lines.whole;
    while lines.next(&mut line)? {
        if line.starts_with(b"{\"begin\":") {
            return Err(Trouble::Broken);
        }
        // Whatever a line says that cannot be read, those behind it are as true as before.
        told.damaged |= take(&mut told, &line).is_none();
        whole = lines.whole;
    }
    Ok((told, whole))
}

/// The tags that were set, where that was done. What set tags in a way that is not known here deleted nothing, and must
/// not be taken for a deletion.
fn tagging(plan: &str) -> Result<Option<Tagging>, Trouble> {
    #[derive(Deserialize)]
    struct Only {
        version: u32,
        #[serde(rename = "tagging")]
        _tagging: IgnoredAny,
    }
    let Ok(Only { version, .. }) = serde_json::from_str(plan) else { return Ok(None) };
    match Tagging::from_json(plan) {
        Some(tagging) => Ok(Some(tagging)),
        None if version > TAGGING_VERSION => Err(Trouble::Newer(version)),
        None => Err(Trouble::Broken),
    }
}

/// What was changed by a system's own interface, where that was done.
fn changed(plan: &str) -> Result<Option<Recorded>, Trouble> {
    #[derive(Deserialize)]
    struct Only {
        version: u32,
        #[serde(rename = "change")]
        _change: IgnoredAny,
    }
    let Ok(Only { version, .. }) = serde_json::from_str(plan) else { return Ok(None) };
    match Recorded::from_json(plan) {
        Some(change) => Ok(Some(change)),
        None if version > recorded::VERSION => Err(Trouble::Newer(version)),
        None => Err(Trouble::Broken),
    }
}

/// The repositories that were deleted, where that was done.
fn swept(plan: &str) -> Result<Option<Sweep>, Trouble> {
    #[derive(Deserialize)]
    struct Only {
        version: u32,
        #[serde(rename = "sweep")]
        _sweep: IgnoredAny,
    }
    let Ok(Only { version, .. }) = serde_json::from_str(plan) else { return Ok(None) };
    match Sweep::from_json(plan) {
        Some(sweep) => Ok(Some(sweep)),
        None if version > sweep::VERSION => Err(Trouble::Newer(version)),
        None => Err(Trouble::Broken),
    }
}

/// The first journals had only the tag and the digest of an item; how it is taken away, and what goes with it, is in
/// their plan.
fn complete(header: &mut Header) {
    if header.undoes.is_some() || header.items.iter().any(|item| item.method.is_some()) {
        return;
    }
    let Ok(plan) = Plan::from_json(&header.plan) else { return };
    let planned: Vec<Item> = plan.items.iter().map(Item::from).collect();
    let same = |(ours, theirs): (&Item, &Item)| (&ours.tag, &ours.digest) == (&theirs.tag, &theirs.digest);
    if planned.len() == header.items.len() && header.items.iter().zip(&planned).all(same) {
        header.items = planned;
    }
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
