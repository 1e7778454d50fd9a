//! The requests of a plan: which way each tag goes, and why some stay.

use std::sync::Arc;

use hashbrown::HashMap;

use super::doomed::Doomed;
use super::graph::{Graph, counted};
use super::item::{Item, Method, Role};
use super::marking::Marking;
use super::nodes::{Node, Table};
use super::plan::{Choices, Keeper, Left};
use super::snapshot::Found;
use crate::domain::capability::Support;
use crate::domain::clean::{self, Clean};
use crate::domain::reference::{Digest, TagName};
use crate::domain::words::Words;

pub(super) struct Builder<'g, 'a> {
    graph: &'g Graph<'a>,
    marking: &'g mut Marking,
    doomed: &'g Doomed,
    choices: &'g Choices,
    /// What items on one digest have in common.
    facets: HashMap<Node, Facets>,
    drafts: Vec<Draft>,
    emitted: Table<bool>,
    /// What is said of most tags of a long plan, made once.
    said: Said,
}

struct Said {
    stays: Clean,
    unknown: Clean,
}

/// An item, and what it is about.
pub(super) struct Draft {
    pub item: Item,
    pub node: Option<Node>,
    /// The place of its tag.
    pub at: Option<usize>,
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
    pub fn new(graph: &'g Graph<'a>, marking: &'g mut Marking, doomed: &'g Doomed, choices: &'g Choices) -> Self {
        let (emitted, drafts) = (graph.nodes.table(false), Vec::with_capacity(marking.tags.len()));
        let said = Said {
            stays: clean::line(&format!("the {} stays, without a tag", graph.snapshot.kind.words().thing)),
            unknown: Clean::fixed(
                "whether this registry deletes a tag alone is not known; if it refuses, nothing else is sent",
            ),
        };
        Self { graph, marking, doomed, choices, facets: HashMap::new(), drafts, emitted, said }
    }

    pub fn build(mut self) -> (Vec<Draft>, Left) {
        for at in std::mem::take(&mut self.marking.tags) {
            self.tag(at, Role::Marked);
        }
        let mut attached: Vec<usize> = (0..self.doomed.attached.len()).filter(|at| self.doomed.attached[*at]).collect();
        attached.sort_unstable_by_key(|at| &self.graph.tag(*at).name);
        for at in attached {
            if !self.marking.goes(at) {
                self.tag(at, Role::Referrer);
            }
        }
        let doomed = self.doomed;
        for (node, role) in doomed.manifests() {
            self.manifest(node, None, role);
        }
        let left = self.left();
        (self.drafts, left)
    }

    fn tag(&mut self, at: usize, role: Role) {
        let deletes = self.graph.snapshot.deletes;
        let (untag, method) = (deletes.can_untag(), if deletes.vendor { Method::Vendor } else { Method::Untag });
        let Some(node) = self.graph.target(at) else {
            return self.take(at, None, method, role);
        };
        match self.doomed.role(node) {
            Some(_) if untag && deletes.tags_first => self.take(at, Some(node), method, role),
            Some(whole) => self.manifest(node, Some(at), whole.min(role)),
            None if untag => self.take(at, Some(node), method, role),
            None if self.choices.placeholder && deletes.can_delete_manifests() && self.graph.is_sound(node) => {
                self.take(at, Some(node), Method::Placeholder, role);
            }
            None => {
                let (others, why) = self.why_held(node);
                self.marking.keep(self.graph, at, Keeper::Held, others, why);
            }
        }
    }

    /// Takes a tag and leaves its manifest.
    fn take(&mut self, at: usize, node: Option<Node>, method: Method, role: Role) {
        let facets = node.map(|node| self.facets(node)).unwrap_or_default();
        let warnings = self.warnings_of_tag(at, node, method, &facets);
        let tag = self.graph.tag(at);
        let (name, digest) = (Some(tag.name.clone()), tag.target.digest().cloned());
        let item = facets.item(name, digest, method, role, self.lifted(at), warnings);
        self.drafts.push(Draft { item, node, at: Some(at) });
    }

    /// Deletes a manifest by its digest, once.
    fn manifest(&mut self, node: Node, first: Option<usize>, role: Role) {
        if std::mem::replace(&mut self.emitted[node], true) {
            return;
        }
        let deletes = self.graph.snapshot.deletes;
        let mut facets = self.facets(node);
        if deletes.can_untag() && deletes.tags_first {
            facets.tags = Arc::default();
        }
        let tag = first.map(|at| self.graph.tag(at).name.clone());
        let protected = !facets.tags.is_empty() && self.graph.on(node).iter().any(|at| self.lifted(*at));
        let mut warnings = Vec::new();
        if !deletes.can_untag() && !facets.tags.is_empty() {
            warnings.push(Clean::fixed("this registry deletes by digest: the manifest goes, not the tag alone"));
        }
        let left = self.graph.children(node).iter().filter(|child| self.is_orphan(**child)).count();
        if left > 0 {
            warnings.push(clean::line(&format!(
                "{} of this index would be left without it",
                if left == 1 { "1 entry".to_owned() } else { format!("{left} entries") }
            )));
        }
        let referrers = self.graph.referrers(node).iter();
        let orphans = referrers.filter(|one| !self.goes(**one) && !self.graph.is_missing(**one)).count();
        if orphans > 0 {
            let manifests = counted(orphans, "manifest");
            warnings.push(clean::line(&format!("{manifests} that refer to it would be left (signatures, SBOMs)")));
        }
        if !self.graph.snapshot.referrers_known {
            warnings.push(Clean::fixed("not everything that refers to it could be read"));
        }
        if let Some(image) = self.graph.subjects(node).iter().find(|image| self.stays(**image)) {
            let image = self.graph.digest(*image).short();
            warnings.push(clean::line(&format!("it refers to {image}, which stays")));
        }
        let digest = Some(self.graph.digest(node).clone());
        let item = facets.item(tag, digest, Method::DeleteManifest, role, protected, warnings);
        self.drafts.push(Draft { item, node: Some(node), at: first });
    }

    fn warnings_of_tag(&self, at: usize, node: Option<Node>, method: Method, facets: &Facets) -> Vec<Clean> {
        let mut warnings = Vec::new();
        let deletes = self.graph.snapshot.deletes;
        if method == Method::Untag && deletes.tag == Support::Unknown {
            warnings.push(self.said.unknown.clone());
        }
        if method == Method::Placeholder {
            warnings.push(Clean::fixed("a placeholder is pushed to the tag and deleted: it counts as a push"));
        }
        let Some(node) = node else {
            warnings.push(clean::line(&format!("its {} is gone already", self.words().thing)));
            return warnings;
        };
        let stays = !self.goes(node);
        if stays && facets.others.is_empty() && method != Method::Placeholder {
            warnings.reserve_exact(1);
            warnings.push(self.said.stays.clone());
            if self.choices.deletes_manifests() {
                warnings.push(self.why_held(node).1);
            }
        }
        match self.graph.found(node) {
            Some(Found::Unreadable(why)) => {
                warnings.push(clean::line(&format!("its {} could not be read: {why}", self.words().thing)));
            }
            Some(Found::Missing) => {
                let what = format!("its {} could not be read: it is not there", self.words().thing);
                warnings.push(clean::line(&what));
            }
            Some(Found::Read(_)) | None => {}
        }
        if let Some(image) = self.graph.image(at).filter(|image| self.stays(*image)) {
            let image = self.graph.digest(image).short();
            warnings.push(clean::line(&format!("it belongs to the image {image}, which stays")));
        }
        warnings
    }

    fn words(&self) -> &'static Words {
        self.graph.snapshot.kind.words()
    }

    /// Why a manifest is not deleted; and the tags that are the reason.
    fn why_held(&self, node: Node) -> (Arc<[TagName]>, Clean) {
        let others = self.facets.get(&node).map_or_else(|| self.others(node), |facets| facets.others.clone());
        if let Some(first) = others.first() {
            let more = others.len() - 1;
            let rest = if more == 0 { String::new() } else { format!(" and {}", counted(more, "more tag")) };
            let why = if self.choices.kept.contains(first) { "kept by hand" } else { "not marked" };
            return (
                others.clone(),
                clean::line(&format!("its {} also carries {first}{rest}, {why}", self.words().id)),
            );
        }
        let why = if !self.graph.snapshot.deletes.can_delete_manifests() {
            format!("{} does not delete {}", self.words().system, self.words().things)
        } else if self.doomed.spared[node] {
            "taken out of the plan by hand".to_owned()
        } else if let Some(unsure) = &self.graph.unsure {
            unsure.to_string()
        } else if let Some(index) = self.graph.indexes(node).iter().find(|index| !self.goes(**index)) {
            let tag = self.graph.on(*index).first().map(|at| format!(" ({})", self.graph.tag(*at).name));
            format!("the index {}{} lists it", self.graph.digest(*index).short(), tag.unwrap_or_default())
        } else {
            format!("its {} could not be read", self.words().thing)
        };
        (Arc::default(), clean::line(&why))
    }

    fn goes(&self, node: Node) -> bool {
        self.doomed.has(node)
    }

    /// It is there, and stays.
    fn stays(&self, node: Node) -> bool {
        !self.goes(node) && (self.graph.fact(node).is_some() || !self.graph.on(node).is_empty())
    }

    /// Nothing that stays leads to it.
    fn is_orphan(&self, node: Node) -> bool {
        self.stays(node)
            && self.graph.indexes(node).iter().all(|index| self.goes(*index))
            && self.graph.on(node).iter().all(|at| self.loses(*at))
    }

    /// The plan takes this tag away.
    fn loses(&self, at: usize) -> bool {
        self.taken(at) && self.graph.snapshot.deletes.can_untag()
            || self.graph.target(at).is_some_and(|node| self.goes(node))
    }

    fn taken(&self, at: usize) -> bool {
        self.marking.goes(at) || self.doomed.attached[at]
    }

    fn lifted(&self, at: usize) -> bool {
        self.marking.lifted[at] || self.doomed.lifted[at]
    }

    fn others(&self, node: Node) -> Arc<[TagName]> {
        self.names(self.graph.on(node).iter().filter(|at| !self.taken(**at)))
    }

    fn names<'n>(&self, places: impl Iterator<Item = &'n usize>) -> Arc<[TagName]> {
        let mut names = places.map(|at| self.graph.tag(*at).name.clone()).peekable();
        // An empty list that is collected has memory of its own.
        if names.peek().is_none() { Arc::default() } else { names.collect() }
    }

    fn facets(&mut self, node: Node) -> Facets {
        if let Some(known) = self.facets.get(&node) {
            return known.clone();
        }
        let graph = self.graph;
        let fact = graph.fact(node);
        let facets = Facets {
            tags: self.names(graph.on(node).iter()),
            others: self.others(node),
            children: fact
                .filter(|fact| !fact.children.is_empty())
                .map(|fact| fact.children.clone())
                .unwrap_or_default(),
            referrers: graph.owned(graph.referrers(node)),
            indexes: graph.owned(graph.indexes(node)),
            media_type: fact.map(|fact| fact.media_type.clone()).filter(|told| !told.is_empty()),
        };
        // Others ask for it only where there are several tags.
        if graph.on(node).len() > 1 {
            self.facets.insert(node, facets.clone());
        }
        facets
    }

    fn left(&self) -> Left {
        let graph = self.graph;
        let (mut untagged, mut children, mut referrers) = (Vec::new(), Vec::new(), Vec::new());
        let takes_tag = |draft: &&Draft| draft.item.method != Method::Placeholder && draft.deletes().is_none();
        let bare = |node: &Node| !self.goes(*node) && graph.on(*node).iter().all(|at| self.loses(*at));
        untagged.extend(self.drafts.iter().filter(takes_tag).filter_map(|draft| draft.node).filter(bare));
        for (node, _) in self.doomed.manifests() {
            children.extend(graph.children(node).iter().filter(|child| self.is_orphan(**child)));
            referrers.extend(graph.referrers(node).iter().filter(|one| self.stays(**one)));
        }
        let [untagged, children, referrers] = [untagged, children, referrers].map(|mut list| {
            list.sort_unstable();
            list.dedup();
            list.into_iter().map(|node| graph.digest(node).clone()).collect()
        });
        Left { untagged, children, referrers }
    }
}

impl Draft {
    /// The manifest it deletes.
    pub fn deletes(&self) -> Option<Node> {
        self.node.filter(|_| self.item.method == Method::DeleteManifest)
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
