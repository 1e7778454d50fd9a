//! How a saved tag list is written: a line of JSON for each manifest, an empty line, then the tags in the order of their
//! names, each with the number of its manifest. Tags on one manifest share its line. Sorting is done when it is written,
//! because nobody waits for that, and whoever reads it waits for the first rows. All of it lies in pieces of whole lines.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::lists::SavedTag;
use super::writer::Put;
use crate::domain::clean::{self, Clean};
use crate::domain::image::{ManifestKind, Platform};
use crate::domain::order;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::tag::DigestInfo;

/// About what a tag with its manifest takes.
pub(super) const TAG_SIZE: usize = 256;
pub(super) const NAME_SIZE: usize = 48;
/// Bytes of a piece, about.
const PIECE: usize = 256 << 10;
const HEAD: &str = "tags 2";

/// Lines, handed on in pieces.
struct Lines<'a, 'b> {
    text: String,
    put: &'a mut Put<'b>,
}

impl<'a, 'b> Lines<'a, 'b> {
    fn new(put: &'a mut Put<'b>) -> Self {
        Self { text: String::with_capacity(PIECE), put }
    }

    fn line(&mut self, line: &str) -> rusqlite::Result<()> {
        if self.text.len() + line.len() >= PIECE {
            (self.put)(&self.text)?;
            self.text.clear();
        }
        self.text.push_str(line);
        self.text.push('\n');
        Ok(())
    }

    /// There is a last piece always: a list of nothing is a list.
    fn end(self) -> rusqlite::Result<()> {
        (self.put)(&self.text)
    }
}

pub(super) fn write_names(names: impl Iterator<Item = RepoName>, put: &mut Put<'_>) -> rusqlite::Result<()> {
    let mut lines = Lines::new(put);
    for name in names {
        lines.line(name.as_str())?;
    }
    lines.end()
}

pub(super) fn read_names(pieces: Vec<String>) -> Option<Vec<RepoName>> {
    let mut names = Vec::new();
    for piece in pieces {
        for line in piece.lines() {
            names.push(RepoName::loose(line).ok()?);
        }
    }
    Some(names)
}

#[derive(Serialize, Deserialize)]
struct InfoDto<'a> {
    #[serde(borrow, rename = "d")]
    digest: Cow<'a, str>,
    #[serde(borrow, rename = "m")]
    media_type: Cow<'a, str>,
    #[serde(rename = "k")]
    kind: u8,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    created: Option<Timestamp>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// System, architecture, variant, version.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    platforms: Vec<[Option<String>; 4]>,
    #[serde(borrow, rename = "a", default, skip_serializing_if = "Option::is_none")]
    artifact: Option<Cow<'a, str>>,
}

const KINDS: [ManifestKind; 5] =
    [ManifestKind::Index, ManifestKind::Manifest, ManifestKind::Schema1, ManifestKind::Artifact, ManifestKind::Unknown];

pub(super) fn write_tags(tags: impl Iterator<Item = SavedTag>, put: &mut Put<'_>) -> rusqlite::Result<()> {
    let mut tags: Vec<SavedTag> = tags.collect();
    order::sort_by_name(&mut tags, |(tag, _)| tag.as_str());
    let mut lines = Lines::new(put);
    lines.line(HEAD)?;
    let mut numbers: HashMap<&Digest, Option<usize>> = HashMap::new();
    let mut count = 0;
    for (_, info) in &tags {
        let Some(info) = info else { continue };
        if let Entry::Vacant(new) = numbers.entry(&info.digest) {
            let line = line(info);
            new.insert(line.is_some().then_some(count));
            if let Some(line) = line {
                lines.line(&line)?;
                count += 1;
            }
        }
    }
    lines.line("")?;
    for (tag, info) in &tags {
        match info.as_ref().and_then(|info| numbers.get(&info.digest).copied().flatten()) {
            Some(number) => lines.line(&format!("{tag} {number}"))?,
            None => lines.line(tag.as_str())?,
        }
    }
    lines.end()
}

/// `None` where the texts are not what the server sent: cleaned again, they would not stay the same.
fn line(info: &DigestInfo) -> Option<String> {
    let plain = |text: &Clean| (!text.was_changed()).then(|| text.to_string());
    let optional = |text: &Option<Clean>| match text {
        Some(text) => plain(text).map(Some),
        None => Some(None),
    };
    let platform = |p: &Platform| {
        Some([Some(plain(&p.os)?), Some(plain(&p.architecture)?), optional(&p.variant)?, optional(&p.os_version)?])
    };
    let dto = InfoDto {
        digest: info.digest.to_string().into(),
        media_type: info.media_type.as_ref().into(),
        kind: KINDS.iter().position(|kind| *kind == info.kind)? as u8,
        created: info.created,
        size: info.size,
        platforms: info.platforms.iter().map(platform).collect::<Option<_>>()?,
        artifact: info.artifact.as_deref().map(Cow::Borrowed),
    };
    serde_json::to_string(&dto).ok()
}

/// `None` when it is not what this version writes.
pub(super) fn read_tags(pieces: Vec<String>) -> Option<Vec<SavedTag>> {
    let mut shared = Shared::default();
    let mut infos: Vec<Arc<DigestInfo>> = Vec::new();
    let mut tags = Vec::new();
    let mut part = Part::Head;
    // Each piece is given back as soon as it is read.
    for piece in pieces {
        for line in piece.lines() {
            match part {
                Part::Head if line == HEAD => part = Part::Infos,
                Part::Head => return None,
                Part::Infos if line.is_empty() => part = Part::Tags,
                Part::Infos => infos.push(info(line, &mut shared)?),
                Part::Tags => tags.push(saved_tag(line, &infos)?),
            }
        }
    }
    matches!(part, Part::Tags).then_some(tags)
}

#[derive(Clone, Copy)]
enum Part {
    Head,
    Infos,
    Tags,
}

fn saved_tag(line: &str, infos: &[Arc<DigestInfo>]) -> Option<SavedTag> {
    match line.split_once(' ') {
        Some((tag, number)) => {
            Some((TagName::parse(tag).ok()?, Some(infos.get(number.parse::<usize>().ok()?)?.clone())))
        }
        None => Some((TagName::parse(line).ok()?, None)),
    }
}

/// The same few texts come again and again.
#[derive(Default)]
struct Shared {
    texts: HashSet<Arc<str>>,
    platforms: HashSet<Arc<[Platform]>>,
}

impl Shared {
    fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return known.clone();
        }
        let text: Arc<str> = text.into();
        self.texts.insert(text.clone());
        text
    }

    fn platforms(&mut self, platforms: Vec<Platform>) -> Arc<[Platform]> {
        if let Some(known) = self.platforms.get(platforms.as_slice()) {
            return known.clone();
        }
        let platforms: Arc<[Platform]> = platforms.into();
        self.platforms.insert(platforms.clone());
        platforms
    }
}

fn info(line: &str, shared: &mut Shared) -> Option<Arc<DigestInfo>> {
    let dto: InfoDto<'_> = serde_json::from_str(line).ok()?;
    let text = |text: &Option<String>| text.as_deref().map(clean::identifier);
    let platform = |[os, architecture, variant, version]: &[Option<String>; 4]| {
        let (variant, os_version) = (text(variant), text(version));
        Some(Platform { os: text(os)?, architecture: text(architecture)?, variant, os_version })
    };
    let platforms = dto.platforms.iter().map(platform).collect::<Option<Vec<_>>>()?;
    Some(Arc::new(DigestInfo {
        digest: Digest::stored(&dto.digest).ok()?,
        media_type: shared.text(&dto.media_type),
        kind: *KINDS.get(usize::from(dto.kind))?,
        created: dto.created,
        size: dto.size,
        platforms: shared.platforms(platforms),
        artifact: dto.artifact.map(|text| shared.text(&text)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(tags: impl Iterator<Item = SavedTag>) -> Vec<String> {
        let mut pieces = Vec::new();
        write_tags(tags, &mut |piece| {
            pieces.push(piece.to_owned());
            Ok(())
        })
        .unwrap();
        pieces
    }

    fn tag(name: &str) -> TagName {
        TagName::parse(name).unwrap()
    }

    fn info(content: &str, os: &str) -> Arc<DigestInfo> {
        let platform = Platform {
            os: clean::identifier(os),
            architecture: clean::identifier("arm"),
            variant: Some(clean::identifier("v7")),
            os_version: None,
        };
        Arc::new(DigestInfo {
            digest: Digest::of(content.as_bytes()),
            media_type: "application/x+json".into(),
            kind: ManifestKind::Index,
            created: Some("2026-01-02T03:04:05.678Z".parse().unwrap()),
            size: Some(7),
            platforms: vec![platform].into(),
            artifact: Some("a \"b\"".into()),
        })
    }

    #[test]
    fn a_list_comes_back_with_its_details_once_a_manifest() {
        let (one, two) = (info("1", "linux"), info("2", "linux"));
        let tags = vec![
            (tag("a"), Some(one.clone())),
            (tag("b"), None),
            (tag("c"), Some(two.clone())),
            (tag("d"), Some(one.clone())),
        ];
        let text = written(tags.clone().into_iter());
        assert_eq!(text.concat().matches("application/x+json").count(), 2);
        let back = read_tags(text).unwrap();
        assert_eq!(back, tags);
        let platforms = |n: usize| &back[n].1.as_ref().unwrap().platforms;
        assert!(Arc::ptr_eq(platforms(0), platforms(2)));
    }

    #[test]
    fn tags_come_back_in_the_order_of_their_names() {
        let tags = ["latest", "1.10", "1.9"].map(|name| (tag(name), None));
        let back = read_tags(written(tags.into_iter())).unwrap();
        assert_eq!(back, ["1.9", "1.10", "latest"].map(|name| (tag(name), None)));
    }

    #[test]
    fn what_was_escaped_is_not_escaped_again() {
        let tags = vec![(tag("a"), Some(info("1", "lin\u{202e}ux"))), (tag("b"), Some(info("1", "lin\u{202e}ux")))];
        let back = read_tags(written(tags.into_iter())).unwrap();
        assert_eq!(back, [(tag("a"), None), (tag("b"), None)]);
    }

    #[test]
    fn what_another_version_wrote_is_no_list() {
        for text in ["", "a\nb\n", "tags 1\n\na\n", "tags 2\n{}\n\na 0\n", "tags 2\n\na 0\n", "tags 2\n\n../x\n"] {
            assert_eq!(read_tags(vec![text.to_owned()]), None, "{text:?}");
        }
        assert_eq!(read_tags(vec!["tags 2\n\n".to_owned()]), Some(Vec::new()));
        assert_eq!(read_tags(Vec::new()), None);
        assert_eq!(read_tags(vec!["tags 2\n".to_owned()]), None, "cut off");
    }

    #[test]
    fn a_long_list_lies_in_pieces() {
        let tags: Vec<SavedTag> = (0..9_000)
            .map(|n| (tag(&format!("b-{n:05}")), (n % 3 > 0).then(|| info(&n.to_string(), "linux"))))
            .collect();
        let pieces = written(tags.clone().into_iter());
        assert!(pieces.len() > 3 && pieces.iter().all(|piece| piece.len() <= PIECE + 1 && piece.ends_with('\n')));
        assert_eq!(read_tags(pieces).unwrap(), tags);
    }

    #[test]
    fn names_come_back_and_none_too() {
        for count in [0, 30_000] {
            let names: Vec<RepoName> = (0..count).map(|n| RepoName::parse(&format!("team/app-{n}")).unwrap()).collect();
            let mut pieces = Vec::new();
            write_names(names.clone().into_iter(), &mut |piece| {
                pieces.push(piece.to_owned());
                Ok(())
            })
            .unwrap();
            assert_eq!((pieces.len() > 1, read_names(pieces)), (count > 0, Some(names)));
        }
    }
}
