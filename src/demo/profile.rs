//! Which registry the server plays. The columns of oci-distribution.md §11.1 and the list rules of §4 and §16, as data.

/// A registry whose behaviour is imitated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Profile {
    /// distribution 2.8.2
    #[default]
    Reference,
    /// distribution 3.1.1
    Distribution3,
    GoContainerRegistry,
    Zot,
    Harbor,
    Quay,
    Gcr,
    Gitea,
    Ghcr,
    /// distribution 2.8.2 whose lists and headers try to harm the reader.
    Hostile,
}

/// What `DELETE …/manifests/<tag>` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagDelete {
    /// 400 `DIGEST_INVALID`, for unknown tags too.
    DigestInvalid,
    /// 202, and only the tag goes.
    Untag,
    /// 400 `UNSUPPORTED`
    Unsupported,
    /// 405 `UNSUPPORTED`
    NotAllowed,
}

/// What `DELETE …/manifests/<digest>` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DigestDelete {
    /// 202; the manifest and every tag on it go.
    WithTags,
    /// 202; tags on it still resolve.
    TagsStay,
    /// As `WithTags`, but 405 `DENIED` while an index refers to it.
    DeniedInIndex,
    /// As `WithTags`, but 412 `PRECONDITION` while an index refers to it.
    PreconditionInIndex,
    /// As `WithTags`, but 404 when it has no tag.
    OnlyTagged,
    /// 400 while tags or an index point at it.
    OnlyDangling,
    /// 405 `UNSUPPORTED`
    NotAllowed,
}

/// How `tags/list` takes `n` and `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagPages {
    /// Both ignored, everything in one answer, in directory order.
    Ignored,
    /// Sorted, with a `Link`; `n` above `max` is an error when `strict`, else taken as `max`.
    Linked { max: usize, strict: bool },
    /// Sorted and cut at `n`, without a `Link`.
    Cut,
}

/// A profile spelled out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Semantics {
    pub catalogue: bool,
    /// 3.x answers a negative catalogue `n` with 400; 2.8 takes its default.
    pub strict_numbers: bool,
    pub tag_pages: TagPages,
    pub absolute_links: bool,
    /// A list of tags also says which manifests have them, and which repositories lie below (GCR).
    pub maps: bool,
    /// Whether manifests are converted or hidden by the Accept header (§5.1).
    pub converts: bool,
    pub tag_delete: TagDelete,
    pub digest_delete: DigestDelete,
    pub referrers: bool,
    pub json_type: &'static str,
}

const REFERENCE: Semantics = Semantics {
    catalogue: true,
    strict_numbers: false,
    tag_pages: TagPages::Ignored,
    absolute_links: false,
    maps: false,
    converts: true,
    tag_delete: TagDelete::DigestInvalid,
    digest_delete: DigestDelete::WithTags,
    referrers: false,
    json_type: "application/json; charset=utf-8",
};

const MODERN: Semantics = Semantics {
    strict_numbers: true,
    tag_pages: TagPages::Linked { max: 1000, strict: true },
    converts: false,
    tag_delete: TagDelete::Untag,
    json_type: "application/json",
    ..REFERENCE
};

const LENIENT_PAGES: TagPages = TagPages::Linked { max: 1000, strict: false };

impl Profile {
    const ALL: [(&'static str, Self); 10] = [
        ("reference", Self::Reference),
        ("distribution-3", Self::Distribution3),
        ("go-containerregistry", Self::GoContainerRegistry),
        ("zot", Self::Zot),
        ("harbor", Self::Harbor),
        ("quay", Self::Quay),
        ("gcr", Self::Gcr),
        ("gitea", Self::Gitea),
        ("ghcr", Self::Ghcr),
        ("hostile", Self::Hostile),
    ];

    /// The words `--profile` takes.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().map(|(name, _)| name)
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(word, _)| *word == name).map(|(_, profile)| profile)
    }

    pub(super) fn semantics(self) -> Semantics {
        match self {
            Self::Reference | Self::Hostile => REFERENCE,
            Self::Distribution3 => MODERN,
            Self::GoContainerRegistry => {
                Semantics { tag_pages: TagPages::Cut, digest_delete: DigestDelete::TagsStay, referrers: true, ..MODERN }
            }
            Self::Zot => Semantics {
                tag_pages: LENIENT_PAGES,
                digest_delete: DigestDelete::DeniedInIndex,
                referrers: true,
                ..MODERN
            },
            Self::Harbor => Semantics {
                tag_pages: LENIENT_PAGES,
                tag_delete: TagDelete::Unsupported,
                digest_delete: DigestDelete::PreconditionInIndex,
                referrers: true,
                ..MODERN
            },
            Self::Quay => Semantics {
                tag_pages: TagPages::Linked { max: 100, strict: false },
                absolute_links: true,
                digest_delete: DigestDelete::OnlyTagged,
                referrers: true,
                ..MODERN
            },
            Self::Gcr => Semantics {
                tag_pages: TagPages::Ignored,
                maps: true,
                digest_delete: DigestDelete::OnlyDangling,
                ..MODERN
            },
            Self::Gitea => Semantics { tag_pages: TagPages::Cut, ..MODERN },
            Self::Ghcr => Semantics {
                catalogue: false,
                tag_pages: LENIENT_PAGES,
                tag_delete: TagDelete::NotAllowed,
                digest_delete: DigestDelete::NotAllowed,
                ..MODERN
            },
        }
    }
}
