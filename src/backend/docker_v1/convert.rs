//! From the protocol's documents to what they say. Everything in them is optional and may be wrong.

use std::sync::Arc;

use jiff::Timestamp;

use crate::backend::image_config;
use crate::backend::json::{self, Object};
use crate::domain::clean::{self, Clean};
use crate::domain::image::{HistoryEntry, ImageConfig};
use crate::domain::reference::Digest;
use crate::domain::repository::{RepoInfo, TagFacts};

/// A page of a search.
#[derive(Debug)]
pub(super) struct Results {
    pub found: Vec<Found>,
    /// Entries without a name.
    pub skipped: usize,
    /// How many pages there are, where the server counts them.
    pub pages: Option<u64>,
}

#[derive(Debug)]
pub(super) struct Found {
    pub name: String,
    pub info: RepoInfo,
}

/// `None` where there is no list of results.
pub(super) fn results(body: &[u8]) -> Option<Results> {
    let text = std::str::from_utf8(body).ok()?;
    let page = parsed(text)?;
    if !page.raw("results")?.trim_start().starts_with('[') {
        return None;
    }
    let (mut found, mut skipped) = (Vec::new(), 0);
    for entry in page.objects("results") {
        match entry.some_text("name") {
            Some(name) => found.push(Found { name, info: info(&entry) }),
            None => skipped += 1,
        }
    }
    Some(Results { found, skipped, pages: page.number("num_pages") })
}

fn info(entry: &Object<'_>) -> RepoInfo {
    let flag = |name: &str| entry.has(name).then(|| entry.flag(name));
    RepoInfo {
        description: entry.some_text("description").map(|text| clean::line(&text)),
        stars: entry.number("star_count"),
        official: flag("is_official"),
        // Two words for one thing.
        automated: flag("is_automated").or_else(|| flag("is_trusted")),
        public: flag("is_public"),
        ..RepoInfo::default()
    }
}

/// Names and image ids, as a map or as Docker Hub's list. `None` where it is neither.
pub(super) fn tags(body: &[u8]) -> Option<Vec<(String, Option<String>)>> {
    let text = std::str::from_utf8(body).ok()?.trim_start_matches('\u{feff}').trim();
    if text.starts_with('[') {
        let wrapped = format!("{{\"tags\":{text}}}");
        let list = parsed(&wrapped)?;
        let entries = list.objects("tags").into_iter();
        return Some(entries.filter_map(|entry| Some((entry.some_text("name")?, entry.some_text("layer")))).collect());
    }
    let map = parsed(text)?;
    let pair = |(name, raw): (&str, &str)| (name.to_owned(), json::string(raw).map(|text| text.into_owned()));
    Some(map.members().map(pair).collect())
}

fn parsed(text: &str) -> Option<Object<'_>> {
    match json::flaw(text) {
        Some(json::Flaw::TooDeep | json::Flaw::TooMany) => None,
        _ => Object::parse(text),
    }
}

/// An image id as the server takes it.
pub(super) fn id(text: &str) -> Option<Arc<str>> {
    let ok = matches!(text.len(), 16 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    ok.then(|| text.into())
}

/// A JSON string that is an id.
pub(super) fn id_of(body: &[u8]) -> Option<Arc<str>> {
    let text = std::str::from_utf8(body).ok()?;
    id(&json::string(text.trim())?)
}

/// A chain of ids, child first.
pub(super) fn ancestry(body: &[u8]) -> Option<Vec<Arc<str>>> {
    let ids: Vec<String> = serde_json::from_slice(body).ok()?;
    ids.iter().map(|text| id(text)).collect()
}

pub(super) fn digest(id: &str) -> Option<Digest> {
    Digest::image_id(id).ok()
}

/// One image of a chain.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub config: Arc<ImageConfig>,
    pub history: HistoryEntry,
    /// Bytes of the layer as it is stored, where the server says so.
    pub size: Option<u64>,
    /// SHA-256 over the document, a line end and the layer.
    pub checksum: Option<Arc<str>>,
    pub raw: Arc<[u8]>,
    pub warnings: Vec<Clean>,
}

/// The document of an image; it has to be one. Its keys may be written in capitals or not.
pub(super) fn step(id: &str, body: &[u8], size: Option<u64>, checksum: Option<&str>) -> Option<Step> {
    let text = std::str::from_utf8(body).ok()?;
    let lowered = lowered(&parsed(text)?);
    let fields = Object::parse(&lowered)?;
    let mut config = image_config::image_config(lowered.as_bytes());
    config.raw = body.into();
    let mut warnings = Vec::new();
    if fields.text("id").is_none_or(|own| own != id) {
        warnings.push(clean::line(&format!("the document of {id} calls itself something else")));
    }
    let made_by = fields.object("container_config").unwrap_or_default().texts("Cmd");
    let history = HistoryEntry {
        created: config.created,
        created_by: clean::line(&instruction(&made_by)),
        comment: clean::line(&fields.text("comment").unwrap_or_default()),
        empty_layer: fields.number("size") == Some(0),
    };
    let checksum = checksum.filter(|sum| sum.starts_with("sha256:")).map(Into::into);
    Some(Step { config: Arc::new(config), history, size, checksum, raw: body.into(), warnings })
}

/// The same document with its own keys in small letters.
fn lowered(document: &Object<'_>) -> String {
    let member = |(name, raw): (&str, &str)| format!("{}:{raw}", serde_json::Value::from(name.to_ascii_lowercase()));
    let members: Vec<String> = document.members().map(member).collect();
    format!("{{{}}}", members.join(","))
}

/// What of a Dockerfile made it: `#(nop)` marks what only changed the configuration.
fn instruction(command: &[String]) -> String {
    let text = match command {
        [_, flag, text] if flag == "-c" => text,
        [one] => one.strip_prefix("/bin/sh -c ").unwrap_or(one),
        [] => return String::new(),
        many => return many.join(" "),
    };
    match text.strip_prefix("#(nop) ") {
        Some(instruction) => instruction.trim_start().to_owned(),
        None => format!("RUN {text}"),
    }
}

/// What is noted of a tag: who set it, and when.
pub(super) fn facts(body: &[u8]) -> Option<TagFacts> {
    let text = std::str::from_utf8(body).ok()?;
    let note = parsed(text)?;
    let seconds = note.number("last_update").and_then(|seconds| i64::try_from(seconds).ok());
    let names = [
        ("docker", "docker_version"),
        ("go", "docker_go_version"),
        ("kernel", "kernel"),
        ("architecture", "arch"),
        ("system", "os"),
    ];
    let more = names.iter().filter_map(|(name, key)| Some((Clean::fixed(name), clean::line(&note.some_text(key)?))));
    let pushed = seconds.filter(|seconds| *seconds > 0).and_then(|seconds| Timestamp::from_second(seconds).ok());
    Some(TagFacts { pushed, more: more.collect(), ..TagFacts::default() })
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
