//! What a journal keeps of a change that set tags: enough to take it back.

use serde::{Deserialize, Serialize};

use super::{Call, TagMove, Transfer, Way};
use crate::domain::reference::{Digest, TagName};
use crate::domain::registry::BackendKind;

/// The newest form. Taggings by a system's own call have it; others are written as they always were, so that older
/// versions go on reading them.
pub const VERSION: u32 = 2;
const OLD: u32 = 1;

/// The tags that an operation set, and what they were on before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagging {
    /// Content came along.
    pub copied: bool,
    /// Where from, as people write it.
    pub from: String,
    pub moves: Vec<TagMove>,
    /// It was done by the system's own call, and is taken back by it: no manifest is needed for that.
    pub call: Option<Call>,
}

#[derive(Serialize, Deserialize)]
struct Dto {
    version: u32,
    /// Read by `cleanup::json::kind_of`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    tagging: TaggingDto,
}

#[derive(Serialize, Deserialize)]
struct TaggingDto {
    copied: bool,
    from: String,
    tags: Vec<MoveDto>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    call: Option<Call>,
}

#[derive(Serialize, Deserialize)]
struct MoveDto {
    tag: String,
    digest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<String>,
}

impl Tagging {
    pub fn of(transfer: &Transfer) -> Self {
        let sign = if matches!(transfer.source, crate::domain::reference::Reference::Tag(_)) { ':' } else { '@' };
        let from = format!("{}/{}{sign}{}", transfer.from.registry, transfer.from.repo, transfer.source);
        Self { copied: transfer.way != Way::Tag, from, moves: transfer.tags.clone(), call: transfer.call.clone() }
    }

    /// The move of this tag.
    pub fn of_tag(&self, tag: &TagName) -> Option<&TagMove> {
        self.moves.iter().find(|one| one.tag == *tag)
    }

    /// `kind`: that of the registry.
    pub fn to_json(&self, kind: BackendKind) -> serde_json::Result<String> {
        let tags = self.moves.iter().map(|one| MoveDto {
            tag: one.tag.to_string(),
            digest: one.digest.to_string(),
            before: one.before.as_ref().map(ToString::to_string),
        });
        let version = if self.call.is_some() { VERSION } else { OLD };
        let (from, call) = (self.from.clone(), self.call.clone());
        let tagging = TaggingDto { copied: self.copied, from, tags: tags.collect(), call };
        serde_json::to_string(&Dto { version, kind: Some(kind.word().to_owned()), tagging })
    }

    /// `None` for what is something else, or cannot be read.
    pub fn from_json(text: &str) -> Option<Self> {
        let Dto { version: OLD..=VERSION, tagging, .. } = serde_json::from_str(text).ok()? else { return None };
        let one = |dto: MoveDto| {
            let before = dto.before.map(|text| Digest::stored(&text)).transpose().ok()?;
            Some(TagMove { tag: TagName::parse(&dto.tag).ok()?, digest: Digest::stored(&dto.digest).ok()?, before })
        };
        let moves = tagging.tags.into_iter().map(one).collect::<Option<_>>()?;
        Some(Self { copied: tagging.copied, from: tagging.from, moves, call: tagging.call })
    }
}
