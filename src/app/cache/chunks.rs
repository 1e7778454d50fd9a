//! Requests of details under way: which tags each is to bring, and which of them it has not brought yet.

use std::collections::HashSet;

use crate::app::msg::RequestId;
use crate::domain::reference::TagName;

/// A request that has one tag, or less than this part of them, left to bring is as good as through.
const REST: usize = 8;

#[derive(Clone, Debug)]
struct Chunk {
    id: RequestId,
    size: usize,
    left: HashSet<TagName>,
}

impl Chunk {
    fn is_nearly_through(&self) -> bool {
        self.left.len() <= 1 || self.left.len() * REST < self.size
    }

    fn is_silent(&self) -> bool {
        self.left.len() == self.size
    }

    fn brings(&self, wanted: &[TagName]) -> bool {
        wanted.iter().any(|tag| self.left.contains(tag))
    }
}

#[derive(Clone, Debug, Default)]
pub struct Chunks(Vec<Chunk>);

impl Chunks {
    pub fn begin(&mut self, id: RequestId, tags: &[TagName]) {
        self.0.push(Chunk { id, size: tags.len(), left: tags.iter().cloned().collect() });
    }

    pub fn brought(&mut self, id: RequestId, tag: &TagName) {
        if let Some(chunk) = self.0.iter_mut().find(|chunk| chunk.id == id) {
            chunk.left.remove(tag);
        }
    }

    /// Forgets those that have ended or were given up.
    pub fn retain(&mut self, under_way: impl Fn(&RequestId) -> bool) {
        self.0.retain(|chunk| under_way(&chunk.id));
    }

    /// Those that a further one has to wait for. A few slow tags that nobody looks at hold nothing up.
    pub fn busy(&self, visible: &[TagName]) -> usize {
        self.0.iter().filter(|chunk| !chunk.is_nearly_through() || chunk.brings(visible)).count()
    }

    /// The one that others should not wait for any longer: it brings nothing that is on screen. One that has not answered
    /// at all may have been passed only just now, and gives way only to `rested` eyes.
    pub fn stuck(&self, visible: &[TagName], rested: bool) -> Option<RequestId> {
        let busy = self.0.iter().filter(|chunk| !chunk.is_nearly_through() && !chunk.brings(visible));
        let stuck = busy.filter(|chunk| rested || !chunk.is_silent());
        stuck.min_by_key(|chunk| (chunk.is_silent(), chunk.id)).map(|chunk| chunk.id)
    }

    /// Takes one out; what it did not bring.
    pub fn give_up(&mut self, id: RequestId) -> HashSet<TagName> {
        let at = self.0.iter().position(|chunk| chunk.id == id);
        at.map(|at| self.0.swap_remove(at).left).unwrap_or_default()
    }
}
