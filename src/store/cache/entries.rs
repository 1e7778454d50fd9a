//! How a saved tag list is written: a line of JSON for each manifest, an empty line, then the tags in the order of their
//! names, each with the number of its manifest. Tags on one manifest share its line. Sorting is done when it is written,
//! because nobody waits for that, and whoever reads it waits for the first rows.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::lists::SavedTag;
use crate::domain::clean::{self, Clean};
use crate::domain::image::{ManifestKind, Platform};
use crate::domain::order;
use crate::domain::reference::{Digest, TagName};
use crate::domain::tag::DigestInfo;

/// About what a tag with its manifest takes.
pub(super) const TAG_SIZE: usize = 256;
pub(super) const NAME_SIZE: usize = 48;
const HEAD: &str = "tags 2";

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

pub(super) fn write_tags(tags: impl Iterator<Item = SavedTag>) -> String {
    let mut tags: Vec<SavedTag> = tags.collect();
    order::sort_by_name(&mut tags, |(tag, _)| tag.as_str());
    let mut numbers: HashMap<Digest, Option<usize>> = HashMap::new();
    let mut count = 0;
    let mut infos = format!("{HEAD}\n");
    let mut names = String::new();
    for (tag, info) in tags {
        names.push_str(tag.as_str());
        let number = info.and_then(|info| {
            *numbers.entry(info.digest.clone()).or_insert_with(|| {
                infos.push_str(&line(&info)?);
                infos.push('\n');
                count += 1;
                Some(count - 1)
            })
        });
        if let Some(number) = number {
            let _ = write!(names, " {number}");
        }
        names.push('\n');
    }
    infos.reserve_exact(names.len() + 1);
    infos + "\n" + &names
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
pub(super) fn read_tags(text: &str) -> Option<Vec<SavedTag>> {
    let mut lines = text.lines();
    if lines.next()? != HEAD {
        return None;
    }
    let mut shared = Shared::default();
    let infos: Vec<Arc<DigestInfo>> = lines
        .by_ref()
        .take_while(|line| !line.is_empty())
        .map(|line| info(line, &mut shared))
        .collect::<Option<_>>()?;
    let tag = |line: &str| match line.split_once(' ') {
        Some((tag, number)) => {
            Some((TagName::parse(tag).ok()?, Some(infos.get(number.parse::<usize>().ok()?)?.clone())))
        }
        None => Some((TagName::parse(line).ok()?, None)),
    };
    lines.map(tag).collect()
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
        digest: Digest::parse(&dto.digest).ok()?,
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
        let text = write_tags(tags.clone().into_iter());
        assert_eq!(text.matches("application/x+json").count(), 2);
        let back = read_tags(&text).unwrap();
        assert_eq!(back, tags);
        let platforms = |n: usize| &back[n].1.as_ref().unwrap().platforms;
        assert!(Arc::ptr_eq(platforms(0), platforms(2)));
    }

    #[test]
    fn tags_come_back_in_the_order_of_their_names() {
        let tags = ["latest", "1.10", "1.9"].map(|name| (tag(name), None));
        let back = read_tags(&write_tags(tags.into_iter())).unwrap();
        assert_eq!(back, ["1.9", "1.10", "latest"].map(|name| (tag(name), None)));
    }

    #[test]
    fn what_was_escaped_is_not_escaped_again() {
        let tags = vec![(tag("a"), Some(info("1", "lin\u{202e}ux"))), (tag("b"), Some(info("1", "lin\u{202e}ux")))];
        let back = read_tags(&write_tags(tags.into_iter())).unwrap();
        assert_eq!(back, [(tag("a"), None), (tag("b"), None)]);
    }

    #[test]
    fn what_another_version_wrote_is_no_list() {
        for text in ["", "a\nb\n", "tags 1\n\na\n", "tags 2\n{}\n\na 0\n", "tags 2\n\na 0\n", "tags 2\n\n../x\n"] {
            assert_eq!(read_tags(text), None, "{text:?}");
        }
        assert_eq!(read_tags("tags 2\n\n"), Some(Vec::new()));
    }
}
