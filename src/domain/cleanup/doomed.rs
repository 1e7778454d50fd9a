//! Which manifests a plan deletes: first everything the choices reach for, then without whatever something that stays
//! still uses, until nothing changes any more.

use super::graph::Graph;
use super::item::Role;
use super::marking::{Marking, verdict};
use super::nodes::{Node, Table};
use super::plan::Choices;
use super::referrer_tag;

pub(super) struct Doomed {
    roles: Table<Option<Role>>,
    /// Taken out of the plan by hand.
    pub spared: Table<bool>,
    /// Tags that attach something to a deleted manifest and go with it, by place.
    pub attached: Vec<bool>,
    /// Of these, protected ones whose protection was lifted.
    pub lifted: Vec<bool>,
}

impl Doomed {
    pub fn new(graph: &Graph<'_>, marking: &Marking, untagged: bool, choices: &Choices) -> Self {
        let count = graph.snapshot.tags.len();
        let mut doomed = Self {
            roles: graph.nodes.table(None),
            spared: graph.nodes.table(false),
            attached: vec![false; count],
            lifted: vec![false; count],
        };
        let spared = choices.spared.iter().filter_map(|digest| graph.nodes.find(digest));
        spared.for_each(|node| doomed.spared[node] = true);
        // Where one manifest's use is not known, no manifest's is.
        if !graph.snapshot.deletes.can_delete_manifests() || graph.unsure.is_some() {
            return doomed;
        }
        let mut open = Vec::new();
        if choices.deletes_manifests() || !graph.snapshot.deletes.can_untag() {
            for node in graph.nodes.all() {
                let going = marking.going(node).len();
                if going > 0 && going == graph.on(node).len() && doomed.may_go(graph, node) {
                    doomed.roles[node] = Some(Role::Marked);
                    open.push(node);
                }
            }
        }
        if untagged {
            let reached = graph.reach(graph.tagged(), true, &graph.nodes.table(false));
            for (node, _) in reached.iter().filter(|(_, reached)| !**reached) {
                if doomed.may_go(graph, node) {
                    doomed.roles[node] = Some(Role::Untagged);
                    open.push(node);
                }
            }
        }
        open.sort_unstable();
        doomed.spread(graph, marking, choices, open);
        doomed.spare(graph);
        for at in 0..count {
            let image = graph.image(at).filter(|_| doomed.attached[at]);
            doomed.attached[at] = image.is_some_and(|image| doomed.has(image));
        }
        doomed
    }

    pub fn has(&self, node: Node) -> bool {
        self.roles[node].is_some()
    }

    pub fn role(&self, node: Node) -> Option<Role> {
        self.roles[node]
    }

    /// In the order of their digests.
    pub fn manifests(&self) -> impl Iterator<Item = (Node, Role)> {
        self.roles.iter().filter_map(|(node, role)| Some((node, (*role)?)))
    }

    fn may_go(&self, graph: &Graph<'_>, node: Node) -> bool {
        graph.is_sound(node) && !self.spared[node]
    }

    /// Takes along what the choices say.
    fn spread(&mut self, graph: &Graph<'_>, marking: &Marking, choices: &Choices, mut open: Vec<Node>) {
        while let Some(node) = open.pop() {
            let role = self.roles[node].unwrap_or(Role::Marked);
            if choices.referrers {
                for at in graph.attached(node) {
                    if let Ok(lifted) = verdict(graph, *at, choices) {
                        (self.attached[*at], self.lifted[*at]) = (true, lifted);
                    }
                }
                for referrer in graph.referrers(node) {
                    self.reach(graph, marking, (*referrer, Role::Referrer), &mut open);
                }
            }
            // What a fall-back index lists refers to the image, or is no business of this plan.
            let fallback = || graph.on(node).iter().any(|at| referrer_tag::is_fallback(&graph.tag(*at).name));
            let role = if role == Role::Referrer { role } else { Role::Child };
            let children = graph.children(node);
            if !children.is_empty() && (choices.children || role == Role::Referrer) && !fallback() {
                for child in children {
                    self.reach(graph, marking, (*child, role), &mut open);
                }
            }
        }
    }

    fn reach(&mut self, graph: &Graph<'_>, marking: &Marking, (node, role): (Node, Role), open: &mut Vec<Node>) {
        let free = |at: &usize| self.attached[*at] || marking.goes(*at);
        let tags = graph.on(node);
        // The few tags of a signature; a digest with many that go is in the set already.
        let loses_all = tags.is_empty() || (tags.len() <= marking.going(node).len() + 4 && tags.iter().all(free));
        if loses_all && !self.has(node) && self.may_go(graph, node) {
            self.roles[node] = Some(role);
            open.push(node);
        }
    }

    /// Drops what is used by something that stays, then what that uses, and so on.
    fn spare(&mut self, graph: &Graph<'_>) {
        let mut open: Vec<Node> = self.manifests().map(|(node, _)| node).collect();
        while let Some(node) = open.pop() {
            let Some(role) = self.roles[node] else { continue };
            let stays = |other: &Node| !self.has(*other);
            let used = graph.indexes(node).iter().any(stays)
                || (role != Role::Marked
                    && graph.subjects(node).iter().any(|image| stays(image) && !graph.is_missing(*image)));
            if used {
                self.roles[node] = None;
                open.extend(graph.children(node));
                open.extend(graph.referrers(node));
            }
        }
    }
}
