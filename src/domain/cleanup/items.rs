//! The requests of a plan: which way each tag goes, and why some stay.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::doomed::Doomed;
use super::graph::{Graph, counted, owned};
use super::item::{Item, Method, Role};
use super::marking::Marking;
use super::plan::{Choices, Keeper, Left};
use super::referrer_tag;
use super::snapshot::{Found, Target};
use crate::domain::capability::Support;
use crate::domain::clean::{self, Clean};
use crate::domain::reference::{Digest, TagName};

pub(super) struct Builder<'g, 'a> {
    graph: &'g Graph<'a>,
    marking: &'g mut Marking<'a>,
    doomed: &'g Doomed<'a>,
    choices: &'g Choices,
    /// What items on one digest have in common.
    facets: HashMap<&'a Digest, Facets>,
    items: Vec<Item>,
    emitted: HashSet<&'a Digest>,
}

#[derive(Clone, Default)]
struct Facets {
    tags: Arc<[TagName]>,
    /// The tags on the digest that stay.
    others: Arc<[TagName]>,
    children: Arc<[Digest]>,
    referrers: Arc<[Digest]>,
    indexes: Arc<[Digest]>,
    media_type: Option<Arc<str>>,
}

impl<'g, 'a> Builder<'g, 'a> {
    pub fn new(
        graph: &'g Graph<'a>,
        marking: &'g mut Marking<'a>,
        doomed: &'g Doomed<'a>,
        choices: &'g Choices,
    ) -> Self {
        Self { graph, marking, doomed, choices, facets: HashMap::new(), items: Vec::new(), emitted: HashSet::new() }
    }

    pub fn build(mut self) -> (Vec<Item>, Left) {
        for at in std::mem::take(&mut self.marking.tags) {
            self.tag(at, Role::Marked);
        }
        let mut attached: Vec<usize> = self.doomed.attached.iter().copied().collect();
        attached.sort_unstable_by_key(|at| &self.graph.tag(*at).name);
        for at in attached {
            if !self.marking.goes(at) {
                self.tag(at, Role::Referrer);
            }
        }
        let mut rest: Vec<(&'a Digest, Role)> =
            self.doomed.manifests.iter().map(|(digest, role)| (*digest, *role)).collect();
        rest.sort_unstable();
        for (digest, role) in rest {
            self.manifest(digest, None, role);
        }
        let left = self.left();
        (self.items, left)
    }

    fn tag(&mut self, at: usize, role: Role) {
        let tag = self.graph.tag(at);
        let deletes = self.graph.snapshot.deletes;
        let (untag, method) = (deletes.can_untag(), if deletes.vendor { Method::Vendor } else { Method::Untag });
        let Target::At(digest) = &tag.target else {
            return self.take(at, None, method, role);
        };
        let goes = self.doomed.manifests.get(digest).copied();
        match goes {
            Some(_) if untag && deletes.tags_first => self.take(at, Some(digest), method, role),
            Some(whole) => self.manifest(digest, Some(at), whole.min(role)),
            None if untag => self.take(at, Some(digest), method, role),
            None if self.choices.placeholder
                && deletes.can_delete_manifests()
                && self.graph.sound(digest).is_some() =>
            {
                self.take(at, Some(digest), Method::Placeholder, role);
            }
            None => {
                let (others, why) = self.why_held(digest);
                self.marking.keep(self.graph, at, Keeper::Held, others, why);
            }
        }
    }

    /// Takes a tag and leaves its manifest.
    fn take(&mut self, at: usize, digest: Option<&'a Digest>, method: Method, role: Role) {
        let facets = digest.map(|digest| self.facets(digest)).unwrap_or_default();
        let warnings = self.warnings_of_tag(at, digest, method, &facets);
        let (tag, protected) = (self.graph.tag(at).name.clone(), self.lifted(at));
        self.items.push(facets.item(Some(tag), digest.cloned(), method, role, protected, warnings));
    }

    /// Deletes a manifest by its digest, once.
    fn manifest(&mut self, digest: &'a Digest, first: Option<usize>, role: Role) {
        if !self.emitted.insert(digest) {
            return;
        }
        let deletes = self.graph.snapshot.deletes;
        let mut facets = self.facets(digest);
        if deletes.can_untag() && deletes.tags_first {
            facets.tags = Arc::default();
        }
        let tag = first.map(|at| self.graph.tag(at).name.clone());
        let protected = !facets.tags.is_empty() && self.graph.on(digest).iter().any(|at| self.lifted(*at));
        let mut warnings = Vec::new();
        if !deletes.can_untag() && !facets.tags.is_empty() {
            warnings.push(Clean::fixed("this registry deletes by digest: the manifest goes, not the tag alone"));
        }
        let left = facets.children.iter().filter(|child| self.is_orphan(child)).count();
        if left > 0 {
            warnings.push(clean::line(&format!(
                "{} of this index would be left without it",
                if left == 1 { "1 entry".to_owned() } else { format!("{left} entries") }
            )));
        }
        let orphans = facets.referrers.iter().filter(|one| !self.goes(one) && !self.graph.is_missing(one)).count();
        if orphans > 0 {
            let manifests = counted(orphans, "manifest");
            warnings.push(clean::line(&format!("{manifests} that refer to it would be left (signatures, SBOMs)")));
        }
        if !self.graph.snapshot.referrers_known {
            warnings.push(Clean::fixed("not everything that refers to it could be read"));
        }
        if let Some(image) = self.graph.subjects(digest).iter().find(|image| self.stays(image)) {
            warnings.push(clean::line(&format!("it refers to {}, which stays", image.short())));
        }
        self.items.push(facets.item(tag, Some(digest.clone()), Method::DeleteManifest, role, protected, warnings));
    }

    fn warnings_of_tag(&self, at: usize, digest: Option<&'a Digest>, method: Method, facets: &Facets) -> Vec<Clean> {
        let mut warnings = Vec::new();
        let deletes = self.graph.snapshot.deletes;
        if method == Method::Untag && deletes.tag == Support::Unknown {
            warnings.push(Clean::fixed(
                "whether this registry deletes a tag alone is not known; if it refuses, nothing else is sent",
            ));
        }
        if method == Method::Placeholder {
            warnings.push(Clean::fixed("a placeholder is pushed to the tag and deleted: it counts as a push"));
        }
        let Some(digest) = digest else {
            warnings.push(Clean::fixed("its manifest is gone already"));
            return warnings;
        };
        let stays = !self.goes(digest);
        if stays && facets.others.is_empty() && method != Method::Placeholder {
            warnings.push(Clean::fixed("the manifest stays, without a tag"));
            if self.choices.deletes_manifests() {
                warnings.push(self.why_held(digest).1);
            }
        }
        match self.graph.snapshot.manifests.get(digest) {
            Some(Found::Unreadable(why)) => {
                warnings.push(clean::line(&format!("its manifest could not be read: {why}")));
            }
            Some(Found::Missing) => warnings.push(Clean::fixed("its manifest could not be read: it is not there")),
            Some(Found::Read(_)) | None => {}
        }
        let image = referrer_tag::subject(&self.graph.tag(at).name);
        if let Some(image) = image.filter(|image| self.stays(image)) {
            warnings.push(clean::line(&format!("it belongs to the image {}, which stays", image.short())));
        }
        warnings
    }

    /// Why a manifest is not deleted; and the tags that are the reason.
    fn why_held(&self, digest: &'a Digest) -> (Arc<[TagName]>, Clean) {
        let others = self.facets.get(digest).map_or_else(|| self.others(digest), |facets| facets.others.clone());
        if let Some(first) = others.first() {
            let more = others.len() - 1;
            let rest = if more == 0 { String::new() } else { format!(" and {}", counted(more, "more tag")) };
            return (others.clone(), clean::line(&format!("its digest also carries {first}{rest}, not marked")));
        }
        let why = if !self.graph.snapshot.deletes.can_delete_manifests() {
            "this registry does not delete manifests".to_owned()
        } else if self.choices.spared.contains(digest) {
            "taken out of the plan by hand".to_owned()
        } else if let Some(unsure) = &self.graph.unsure {
            unsure.to_string()
        } else if let Some(index) = self.graph.indexes(digest).iter().find(|index| !self.goes(index)) {
            let tag = self.graph.on(index).first().map(|at| format!(" ({})", self.graph.tag(*at).name));
            format!("the index {}{} lists it", index.short(), tag.unwrap_or_default())
        } else {
            "its manifest could not be read".to_owned()
        };
        (Arc::default(), clean::line(&why))
    }

    fn goes(&self, digest: &Digest) -> bool {
        self.doomed.manifests.contains_key(digest)
    }

    /// It is there, and stays.
    fn stays(&self, digest: &Digest) -> bool {
        !self.goes(digest) && (self.graph.snapshot.fact(digest).is_some() || !self.graph.on(digest).is_empty())
    }

    /// Nothing that stays leads to it.
    fn is_orphan(&self, digest: &Digest) -> bool {
        self.stays(digest)
            && self.graph.indexes(digest).iter().all(|index| self.goes(index))
            && self.graph.on(digest).iter().all(|at| self.loses(*at))
    }

    /// The plan takes this tag away.
    fn loses(&self, at: usize) -> bool {
        self.taken(at) && self.graph.snapshot.deletes.can_untag()
            || self.graph.tag(at).target.digest().is_some_and(|d| self.goes(d))
    }

    fn taken(&self, at: usize) -> bool {
        self.marking.goes(at) || self.doomed.attached.contains(&at)
    }

    fn lifted(&self, at: usize) -> bool {
        self.marking.lifted.contains(&at) || self.doomed.lifted.contains(&at)
    }

    fn others(&self, digest: &Digest) -> Arc<[TagName]> {
        let stay = self.graph.on(digest).iter().filter(|at| !self.taken(**at));
        stay.map(|at| self.graph.tag(*at).name.clone()).collect()
    }

    fn facets(&mut self, digest: &'a Digest) -> Facets {
        if let Some(known) = self.facets.get(digest) {
            return known.clone();
        }
        let graph = self.graph;
        let fact = graph.snapshot.fact(digest);
        let facets = Facets {
            tags: graph.on(digest).iter().map(|at| graph.tag(*at).name.clone()).collect(),
            others: self.others(digest),
            children: fact.map(|fact| fact.children.clone()).unwrap_or_default(),
            referrers: owned(graph.referrers(digest)),
            indexes: owned(graph.indexes(digest)),
            media_type: fact.map(|fact| fact.media_type.clone()),
        };
        self.facets.insert(digest, facets.clone());
        facets
    }

    fn left(&self) -> Left {
        let mut left = Left::default();
        let untagged: HashSet<&Digest> = self
            .items
            .iter()
            .filter(|item| item.method != Method::Placeholder && item.deletes().is_none())
            .filter_map(|item| item.digest.as_ref())
            .filter(|digest| !self.goes(digest) && self.graph.on(digest).iter().all(|at| self.loses(*at)))
            .collect();
        left.untagged = untagged.into_iter().cloned().collect();
        for digest in self.doomed.manifests.keys() {
            let children = self.graph.sound(digest).into_iter().flat_map(|fact| fact.children.iter());
            left.children.extend(children.filter(|child| self.is_orphan(child)).cloned());
            let referrers = self.graph.referrers(digest).iter().filter(|one| self.stays(one));
            left.referrers.extend(referrers.map(|one| (*one).clone()));
        }
        for list in [&mut left.untagged, &mut left.children, &mut left.referrers] {
            list.sort_unstable();
            list.dedup();
        }
        left
    }
}

impl Facets {
    fn item(
        self,
        tag: Option<TagName>,
        digest: Option<Digest>,
        method: Method,
        role: Role,
        protected: bool,
        warnings: Vec<Clean>,
    ) -> Item {
        let Self { tags, children, referrers, indexes, media_type, .. } = self;
        let after = Vec::new();
        let frees = 0;
        Item {
            tag,
            digest,
            method,
            role,
            media_type,
            tags,
            children,
            referrers,
            indexes,
            after,
            protected,
            warnings,
            frees,
        }
    }
}
