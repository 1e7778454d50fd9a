//! Repositories for tests: what is on the server, and the facts that were read of it.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::server::{Kind, Server, Thing};
use crate::domain::capability::Support;
use crate::domain::clean::Clean;
use crate::domain::cleanup::*;
use crate::domain::image::ManifestKind;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::registry::BackendKind;

pub struct World {
    pub server: Server,
    /// Read, with warnings.
    pub odd: Vec<Digest>,
    pub unreadable: Vec<Digest>,
    pub unresolved: Vec<TagName>,
    pub complete: bool,
    pub protect: Vec<&'static str>,
}

pub fn tag(text: &str) -> TagName {
    TagName::parse(text).unwrap()
}

pub fn digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

/// The tag that attaches something to the manifest of this name.
pub fn attached(name: &str, suffix: &str) -> TagName {
    tag(&format!("{}{suffix}", digest(name).to_string().replace(':', "-")))
}

impl World {
    pub fn new(kind: Kind) -> Self {
        let server = Server { kind, tags: BTreeMap::new(), things: BTreeMap::new() };
        Self {
            server,
            odd: Vec::new(),
            unreadable: Vec::new(),
            unresolved: Vec::new(),
            complete: true,
            protect: Vec::new(),
        }
    }

    /// An image with a layer of its own of 100 bytes, and a manifest of 10.
    pub fn image(&mut self, name: &str) -> &mut Thing {
        let thing = self.server.things.entry(digest(name)).or_default();
        thing.size = 10;
        thing.blobs.insert(digest(&format!("layer of {name}")), 100);
        thing
    }

    pub fn index(&mut self, name: &str, children: &[&str]) -> &mut Thing {
        let thing = self.server.things.entry(digest(name)).or_default();
        thing.size = 10;
        thing.children = children.iter().map(|child| digest(child)).collect();
        thing
    }

    pub fn referrer(&mut self, name: &str, subject: &str) {
        self.image(name).subject = Some(digest(subject));
    }

    pub fn tag(&mut self, name: &str, target: &str) {
        self.server.tags.insert(tag(name), Some(digest(target)));
    }

    pub fn snapshot(&self) -> Snapshot {
        let server = &self.server;
        let fact = |target: &Option<Digest>, name: &TagName| match target {
            _ if self.unresolved.contains(name) => Target::Unknown(Clean::fixed("the answer took too long")),
            Some(digest) => Target::At(digest.clone()),
            None => Target::Dangling,
        };
        let tags = server.tags.iter().map(|(name, target)| TagFact {
            name: name.clone(),
            target: fact(target, name),
            info: None,
            label: None,
            note: None,
            pushed: None,
        });
        let mut manifests: HashMap<Digest, Found> = HashMap::new();
        let mut referrers: HashMap<Digest, Vec<Digest>> = HashMap::new();
        for (digest, thing) in &server.things {
            for child in thing.children.iter().filter(|child| !server.things.contains_key(child)) {
                manifests.insert(child.clone(), Found::Missing);
            }
            if let Some(subject) = &thing.subject {
                referrers.entry(subject.clone()).or_default().push(digest.clone());
                if !server.things.contains_key(subject) {
                    manifests.insert(subject.clone(), Found::Missing);
                }
            }
            let found = if self.unreadable.contains(digest) {
                Found::Unreadable(Clean::fixed("503 Service Unavailable"))
            } else {
                Found::Read(self.fact(digest, thing))
            };
            manifests.insert(digest.clone(), found);
        }
        Snapshot {
            registry: "demo".to_owned(),
            origin: "https://r.example".to_owned(),
            kind: BackendKind::Oci,
            repo: RepoName::parse("team/api").unwrap(),
            time: "2026-06-01T00:00:00Z".parse::<Timestamp>().unwrap(),
            tags: tags.collect(),
            complete: self.complete,
            manifests,
            referrers,
            deep: true,
            referrers_known: true,
            deletes: Deletes {
                tag: if server.kind == Kind::DigestOnly { Support::No } else { Support::Yes },
                manifest: Support::Yes,
                vendor: false,
                tags_first: server.kind == Kind::TagsFirst,
            },
            protection: Protection::parse(self.protect.iter().copied()).unwrap(),
        }
    }

    fn fact(&self, digest: &Digest, thing: &Thing) -> ManifestFact {
        let warnings = if self.odd.contains(digest) { vec![Clean::fixed("invalid size of 0a0b")] } else { Vec::new() };
        ManifestFact {
            media_type: "application/vnd.oci.image.manifest.v1+json".into(),
            kind: if thing.children.is_empty() { ManifestKind::Manifest } else { ManifestKind::Index },
            size: thing.size,
            children: thing.children.clone().into(),
            blobs: thing.blobs.iter().map(|(blob, size)| Blob { digest: blob.clone(), size: Some(*size) }).collect(),
            subject: thing.subject.clone(),
            warnings,
        }
    }

    pub fn plan(&self, marked: &[&str], choices: &Choices) -> Plan {
        let marks = Marks { tags: marked.iter().map(|name| tag(name)).collect(), ..Marks::default() };
        plan(&self.snapshot(), &marks, choices)
    }
}
