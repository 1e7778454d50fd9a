//! Which manifests a plan deletes: first everything the choices reach for, then without whatever something that stays
//! still uses, until nothing changes any more.

use std::collections::{HashMap, HashSet};

use super::graph::Graph;
use super::item::Role;
use super::marking::{Marking, verdict};
use super::plan::Choices;
use super::referrer_tag;
use crate::domain::reference::Digest;

pub(super) struct Doomed<'a> {
    pub manifests: HashMap<&'a Digest, Role>,
    /// Tags that attach something to a deleted manifest and go with it.
    pub attached: HashSet<usize>,
    /// Of these, protected ones whose protection was lifted.
    pub lifted: HashSet<usize>,
}

impl<'a> Doomed<'a> {
    pub fn new(graph: &Graph<'a>, marking: &Marking<'a>, untagged: bool, choices: &Choices) -> Self {
        let mut doomed = Self { manifests: HashMap::new(), attached: HashSet::new(), lifted: HashSet::new() };
        // Where one manifest's use is not known, no manifest's is.
        if !graph.snapshot.deletes.can_delete_manifests() || graph.unsure.is_some() {
            return doomed;
        }
        let mut open = Vec::new();
        if choices.deletes_manifests() || !graph.snapshot.deletes.can_untag() {
            for (digest, going) in &marking.going {
                if going.len() == graph.on(digest).len() && may_go(graph, digest, choices) {
                    doomed.manifests.insert(*digest, Role::Marked);
                    open.push(*digest);
                }
            }
        }
        if untagged {
            let reached = graph.reach(graph.tagged(), true, &HashSet::new());
            for digest in graph.snapshot.manifests.keys().filter(|digest| !reached.contains(digest)) {
                if may_go(graph, digest, choices) {
                    doomed.manifests.insert(digest, Role::Untagged);
                    open.push(digest);
                }
            }
        }
        // Maps have no order, and the same facts make the same plan.
        open.sort_unstable();
        doomed.spread(graph, marking, choices, open);
        doomed.spare(graph);
        doomed.attached.retain(|at| {
            let image = referrer_tag::subject(&graph.tag(*at).name);
            image.is_some_and(|image| doomed.manifests.contains_key(&image))
        });
        doomed
    }

    /// Takes along what the choices say.
    fn spread(&mut self, graph: &Graph<'a>, marking: &Marking<'a>, choices: &Choices, mut open: Vec<&'a Digest>) {
        while let Some(digest) = open.pop() {
            let role = self.manifests.get(digest).copied().unwrap_or(Role::Marked);
            if choices.referrers {
                for at in graph.attached(digest) {
                    if let Ok(lifted) = verdict(graph, *at, choices) {
                        self.attached.insert(*at);
                        self.lifted.extend(lifted.then_some(*at));
                    }
                }
                for referrer in graph.referrers(digest) {
                    self.reach(graph, marking, choices, (*referrer, Role::Referrer), &mut open);
                }
            }
            // What a fall-back index lists refers to the image, or is no business of this plan.
            let fallback = graph.on(digest).iter().any(|at| referrer_tag::is_fallback(&graph.tag(*at).name));
            let role = if role == Role::Referrer { role } else { Role::Child };
            if !fallback && (choices.children || role == Role::Referrer) {
                for child in graph.sound(digest).into_iter().flat_map(|fact| fact.children.iter()) {
                    self.reach(graph, marking, choices, (child, role), &mut open);
                }
            }
        }
    }

    fn reach(
        &mut self,
        graph: &Graph<'a>,
        marking: &Marking<'a>,
        choices: &Choices,
        (digest, role): (&'a Digest, Role),
        open: &mut Vec<&'a Digest>,
    ) {
        let going = marking.going.get(digest).map_or(&[][..], Vec::as_slice);
        let free = |at: &usize| self.attached.contains(at) || marking.goes(*at);
        let tags = graph.on(digest);
        // The few tags of a signature; a digest with many that go is in the set already.
        let loses_all = tags.is_empty() || (tags.len() <= going.len() + 4 && tags.iter().all(free));
        if loses_all && !self.manifests.contains_key(digest) && may_go(graph, digest, choices) {
            self.manifests.insert(digest, role);
            open.push(digest);
        }
    }

    /// Drops what is used by something that stays, then what that uses, and so on.
    fn spare(&mut self, graph: &Graph<'a>) {
        let mut open: Vec<&Digest> = self.manifests.keys().copied().collect();
        while let Some(digest) = open.pop() {
            let Some(role) = self.manifests.get(digest).copied() else { continue };
            let stays = |other: &&&Digest| !self.manifests.contains_key(**other);
            let used = graph.indexes(digest).iter().any(|index| stays(&index))
                || (role != Role::Marked
                    && graph.subjects(digest).iter().any(|image| stays(&image) && !graph.is_missing(image)));
            if used {
                self.manifests.remove(digest);
                open.extend(graph.sound(digest).into_iter().flat_map(|fact| fact.children.iter()));
                open.extend(graph.referrers(digest));
            }
        }
    }
}

fn may_go(graph: &Graph<'_>, digest: &Digest, choices: &Choices) -> bool {
    graph.sound(digest).is_some() && !choices.spared.contains(digest)
}
