//! What a request is for.

/// What kind of request this is: decides deadlines, caps, encodings and what is logged. Every kind has a row in the
/// leak test (safety.md I1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    Ping,
    Catalog,
    Tags,
    Manifest,
    Referrers,
    /// A small blob that is read whole, such as a config.
    Blob,
    /// A blob of any size, handed on while it is read.
    Layer,
    HasBlob,
    DeleteTag,
    DeleteManifest,
    /// The DELETE of something that does not exist.
    ProbeDelete,
    /// The same of a tag.
    ProbeUntag,
    PutManifest,
    Mount,
    BeginUpload,
    Upload,
    CancelUpload,
    /// Of the systems that are not OCI: a list, another read, a change, each in words ("listing namespaces").
    List(&'static str),
    Read(&'static str),
    Change(&'static str),
    /// A POST that gives a token and changes nothing else.
    SignIn,
}

impl Op {
    /// For sentences: "r.example answered 404 to …".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Ping => "the first greeting",
            Self::Catalog => "listing repositories",
            Self::Tags => "listing tags",
            Self::Manifest => "reading a manifest",
            Self::Referrers => "reading referrers",
            Self::Blob | Self::Layer => "reading a blob",
            Self::HasBlob => "looking for a blob",
            Self::DeleteTag => "deleting a tag",
            Self::DeleteManifest => "deleting a manifest",
            Self::ProbeDelete => "asking whether it deletes",
            Self::ProbeUntag => "asking whether it deletes a tag alone",
            Self::PutManifest => "writing a manifest",
            Self::Mount => "mounting a blob",
            Self::BeginUpload => "beginning an upload",
            Self::Upload => "uploading a blob",
            Self::CancelUpload => "giving up an upload",
            Self::List(words) | Self::Read(words) | Self::Change(words) => words,
            Self::SignIn => "the sign-in",
        }
    }

    pub(super) fn is_list(self) -> bool {
        matches!(self, Self::Catalog | Self::Tags | Self::List(_))
    }

    /// Changes something, or could.
    pub fn writes(self) -> bool {
        match self {
            Self::Ping
            | Self::Catalog
            | Self::Tags
            | Self::Manifest
            | Self::Referrers
            | Self::Blob
            | Self::Layer
            | Self::HasBlob
            | Self::List(_)
            | Self::Read(_)
            | Self::SignIn => false,
            Self::DeleteTag
            | Self::DeleteManifest
            | Self::ProbeDelete
            | Self::ProbeUntag
            | Self::PutManifest
            | Self::Mount
            | Self::BeginUpload
            | Self::Upload
            | Self::CancelUpload
            | Self::Change(_) => true,
        }
    }
}
