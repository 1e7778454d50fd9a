//! What is in a layer, as the server tells it.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};

use super::archive::Archive;
use super::store::Store;

/// The archive cannot be read.
#[derive(Debug)]
pub(super) struct Unreadable;

const RECORD: usize = 512;

/// A row for each member: path, type, whether it is a mark of deletion, size, time, mode, user and group.
pub(super) fn files(layer: &Archive) -> Result<Vec<Value>, Unreadable> {
    let unpacked;
    let layer = match layer.gzipped() {
        Some(packed) => {
            let mut bytes = Vec::new();
            MultiGzDecoder::new(packed).read_to_end(&mut bytes).map_err(|_| Unreadable)?;
            unpacked = Archive::uploaded(bytes.into());
            &unpacked
        }
        None => layer,
    };
    let mut rows = Vec::new();
    let mut at = 0;
    let mut long_name = None;
    loop {
        let header = layer.kept(at, RECORD).ok_or(Unreadable)?;
        if header.iter().all(|byte| *byte == 0) {
            return Ok(rows);
        }
        let sum: u64 = (0..RECORD).map(|n| if (148..156).contains(&n) { 32 } else { u64::from(header[n]) }).sum();
        if number(&header[148..156]) != sum {
            return Err(Unreadable);
        }
        let size = number(&header[124..136]);
        let content = || layer.kept(at + RECORD as u64, usize::try_from(size).ok()?);
        match header[156] {
            // GNU's and POSIX's ways to give the next member a long name.
            b'L' => long_name = content().map(text),
            b'x' => long_name = content().and_then(path_record),
            b'g' => {}
            kind => {
                let name = long_name.take().unwrap_or_else(|| name(header));
                let name = if kind == b'5' { name.trim_end_matches('/').to_owned() } else { name };
                rows.extend(row(&name, kind, header, size));
            }
        }
        at += RECORD as u64 + size.next_multiple_of(RECORD as u64);
    }
}

/// Two of the server's habits: a mark of deletion counts only below `./`, and the book-keeping ones are left out.
fn row(name: &str, kind: u8, header: &[u8], size: u64) -> Option<Value> {
    let name =
        if name == "." { "/".to_owned() } else { name.strip_prefix("./").map_or(name.to_owned(), |n| format!("/{n}")) };
    let gone = name.strip_prefix("/.wh.").map(|name| format!("/{name}"));
    let deleted = gone.is_some();
    let name = gone.unwrap_or(name);
    if name.starts_with("/.wh.") {
        return None;
    }
    let letter = match kind {
        b'0' | 0 => "f",
        b'1' => "l",
        b'2' => "s",
        b'3' => "c",
        b'4' => "b",
        b'5' => "d",
        b'6' => "i",
        b'7' => "t",
        _ => "u",
    };
    let field = |from: usize, to: usize| number(&header[from..to]);
    Some(json!([name, letter, deleted, size, field(136, 148), field(100, 108), field(108, 116), field(116, 124)]))
}

fn number(octal: &[u8]) -> u64 {
    u64::from_str_radix(text(octal).trim(), 8).unwrap_or(0)
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

fn name(header: &[u8]) -> String {
    let (name, prefix) = (text(&header[..100]), text(&header[345..500]));
    if prefix.is_empty() || &header[257..262] != b"ustar" { name } else { format!("{prefix}/{name}") }
}

/// `path` among the records of an extended header, each `length key=value` and a line end.
fn path_record(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().find_map(|line| Some(line.split_once(' ')?.1.strip_prefix("path=")?.to_owned()))
}

/// What a layer takes away, changes and adds, with everything below it.
pub(super) fn diff(store: &Store, id: &str) -> Result<Option<Value>, Unreadable> {
    let map = |id: &str| -> Result<Option<BTreeMap<String, Value>>, Unreadable> {
        let Some(layer) = store.images.get(id).and_then(|image| image.layer.as_ref()) else { return Ok(None) };
        let rows = files(layer)?.into_iter();
        let pair = |mut row: Value| {
            let mut cells = row.as_array_mut().map(std::mem::take).unwrap_or_default();
            let name = cells.remove(0).as_str().unwrap_or("").to_owned();
            (name, Value::from(cells))
        };
        Ok(Some(rows.map(pair).collect()))
    };
    let Some(mut left) = map(id)? else { return Ok(None) };
    let (mut deleted, mut changed, mut created) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let ancestry = store.images.get(id).map(|image| image.ancestry.clone()).unwrap_or_default();
    for ancestor in ancestry.iter().skip(1) {
        let Some(below) = map(ancestor)? else { return Ok(None) };
        left.retain(|name, row| {
            let to = if row[1] == true {
                &mut deleted
            } else {
                match below.get(name) {
                    Some(old) if old[1] == true => &mut created,
                    Some(_) => &mut changed,
                    None => return true,
                }
            };
            to.insert(name.clone(), row.clone());
            false
        });
    }
    created.append(&mut left);
    Ok(Some(json!({"deleted": deleted, "changed": changed, "created": created})))
}
