//! What the same things are called at each kind of system, and what there is none of. Whatever speaks of what a tag is
//! on takes its words from here.

use super::cleanup::Method;
use super::registry::BackendKind;
use super::text::count;

#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    /// As the subject of a sentence about what it can do.
    pub system: &'static str,
    /// What a tag is on, and goes by `id`.
    pub thing: &'static str,
    pub things: &'static str,
    pub id: &'static str,
    pub ids: &'static str,
    /// Head of the column of these.
    pub column: &'static str,
    /// Things list others, others refer to them, and a placeholder can take a tag: the OCI interface.
    pub nests: bool,
    /// What nothing leads to is collected some day, and takes its space along.
    pub collects: bool,
    /// What becomes of what a tag was on, when it goes alone.
    pub stays: &'static str,
    /// What becomes of what a tag was on, when nothing else leads there. Blobs without a manifest, and manifests that
    /// nobody wants, are an OCI registry's to remove.
    pub untagged: &'static str,
    /// What was deleted can be put back as it was.
    pub restores: bool,
    /// What an undo needs besides what is kept, in a few words.
    pub undo: &'static str,
    /// What brings something back where the system itself takes nothing back.
    pub instead: &'static str,
}

const OCI: Words = Words {
    system: "this registry",
    thing: "manifest",
    things: "manifests",
    id: "digest",
    ids: "digests",
    column: "DIGEST",
    nests: true,
    collects: true,
    stays: "no manifest is deleted",
    untagged: "manifests and blobs stay until the registry removes them",
    restores: true,
    undo: "manifests are kept; it works until garbage is collected",
    instead: "Push it again from where it is still kept.",
};

const DOCKER_V1: Words = Words {
    system: "a registry of the first protocol",
    thing: "image",
    things: "images",
    id: "image",
    ids: "images",
    column: "IMAGE",
    nests: false,
    collects: false,
    stays: "no image is deleted",
    untagged: "its image and the layers of it stay",
    restores: true,
    undo: "u sets the tags again, while their images are there",
    instead: "Set the tag again, or push its image again with docker.",
};

const ALAUDA: Words = Words {
    system: "Alauda",
    restores: false,
    instead: "Push the image again with docker, from where it is still kept.",
    ..DOCKER_V1
};

const ML_SPACE: Words = Words {
    system: "ML Space",
    restores: false,
    instead: "Where the image is still there, set the tag on it again; else push it again with docker.",
    ..DOCKER_V1
};

const DOCKER_CLOUD: Words =
    Words { system: "Docker Cloud", restores: false, instead: "Add the repository again.", ..DOCKER_V1 };

impl BackendKind {
    pub fn words(self) -> &'static Words {
        match self {
            Self::Oci => &OCI,
            Self::DockerV1 => &DOCKER_V1,
            Self::DockerCloud => &DOCKER_CLOUD,
            Self::Alauda => &ALAUDA,
            Self::MlSpace => &ML_SPACE,
        }
    }
}

impl Words {
    /// Said before anything is deleted, and wherever an undo would be.
    pub fn never(&self) -> Option<String> {
        (!self.restores).then(|| format!("This cannot be undone: {} takes nothing back.", self.system))
    }

    /// How an item goes, for people.
    pub fn way(&self, method: Method) -> &'static str {
        match method {
            Method::Vendor if !self.nests => "untag",
            Method::DeleteManifest if !self.nests => "delete image",
            method => method.word(),
        }
    }

    /// "1 manifest", "3 images"
    pub fn count(&self, n: usize) -> String {
        if n == 1 { format!("1 {}", self.thing) } else { format!("{} {}", count(n), self.things) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_second_protocol_speaks_of_manifests() {
        for kind in BackendKind::ALL {
            let words = kind.words();
            let all = format!("{words:?}").to_lowercase();
            assert_eq!(all.contains("manifest") || all.contains("digest"), kind == BackendKind::Oci, "{all}");
        }
        assert_eq!((OCI.count(1), ML_SPACE.count(2)), ("1 manifest".to_owned(), "2 images".to_owned()));
    }
}
