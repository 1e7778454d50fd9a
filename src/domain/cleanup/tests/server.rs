//! A registry in memory that does what the items of a plan ask, knowing nothing of how plans are made.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::cleanup::item::{Item, Method};
use crate::domain::reference::{Digest, TagName};

/// oci-distribution.md §11.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// distribution 2.8: digests only, with every tag on them.
    DigestOnly,
    /// distribution 3.x: a tag alone, too.
    TagToo,
    /// Google's: no digest while a tag is on it or an index lists it.
    TagsFirst,
}

#[derive(Clone, Debug, Default)]
pub struct Thing {
    pub children: Vec<Digest>,
    pub subject: Option<Digest>,
    pub blobs: BTreeMap<Digest, u64>,
    pub size: u64,
}

#[derive(Clone, Debug)]
pub struct Server {
    pub kind: Kind,
    /// `None`: the tag is there, its manifest is not.
    pub tags: BTreeMap<TagName, Option<Digest>>,
    pub things: BTreeMap<Digest, Thing>,
}

impl Server {
    /// What a careful runner does for one item. An error says why the server, or the runner's own check, refuses.
    pub fn run(&mut self, item: &Item) -> Result<(), String> {
        if let Some(there) = item.after.iter().find(|digest| self.things.contains_key(digest)) {
            return Err(format!("{there} should be gone first"));
        }
        if let Some(tag) = &item.tag
            && self.tags.get(tag) != Some(&item.digest)
        {
            return Err(format!("{tag} is not on {:?}", item.digest));
        }
        match (item.method, &item.tag, &item.digest) {
            (Method::Untag, Some(tag), _) if self.kind != Kind::DigestOnly => {
                self.tags.remove(tag);
                Ok(())
            }
            (Method::Placeholder, Some(tag), Some(_)) => {
                let placeholder = Digest::of(format!("placeholder of {tag}").as_bytes());
                self.things.insert(placeholder.clone(), Thing::default());
                self.tags.insert(tag.clone(), Some(placeholder.clone()));
                self.delete(&placeholder)
            }
            (Method::DeleteManifest, _, Some(digest)) => self.delete(digest),
            _ => Err(format!("{:?} is not what this server does", item.method)),
        }
    }

    fn delete(&mut self, digest: &Digest) -> Result<(), String> {
        if !self.things.contains_key(digest) {
            return Err(format!("{digest} is not there"));
        }
        let on: Vec<TagName> =
            self.tags.iter().filter(|(_, at)| at.as_ref() == Some(digest)).map(|(tag, _)| tag.clone()).collect();
        if self.kind == Kind::TagsFirst && !on.is_empty() {
            return Err(format!("{digest} still has tags"));
        }
        if let Some((index, _)) = self.things.iter().find(|(_, thing)| thing.children.contains(digest)) {
            return Err(format!("{index} still lists {digest}"));
        }
        on.iter().for_each(|tag| drop(self.tags.remove(tag)));
        self.things.remove(digest);
        Ok(())
    }

    /// What tags lead to. `referrers`: what refers to something that stays, stays.
    pub fn reached(&self, referrers: bool) -> BTreeSet<Digest> {
        let mut found: BTreeSet<Digest> = self.tags.values().flatten().cloned().collect();
        loop {
            let before = found.len();
            for (digest, thing) in &self.things {
                if found.contains(digest) {
                    found.extend(thing.children.iter().cloned());
                }
                if referrers && thing.subject.as_ref().is_some_and(|subject| found.contains(subject)) {
                    found.insert(digest.clone());
                }
            }
            if found.len() == before {
                return found;
            }
        }
    }

    /// Bytes on disk after a collection that keeps these manifests.
    pub fn stored(&self, keeps: impl Fn(&Digest) -> bool) -> u64 {
        let mut disk: BTreeMap<&Digest, u64> = BTreeMap::new();
        for (digest, thing) in self.things.iter().filter(|(digest, _)| keeps(digest)) {
            disk.insert(digest, thing.size);
            disk.extend(thing.blobs.iter().map(|(blob, size)| (blob, *size)));
        }
        disk.values().sum()
    }
}
