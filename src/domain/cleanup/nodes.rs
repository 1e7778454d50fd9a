//! Numbers for the digests a plan speaks of: each is looked up once, and from then on what is known of it is found by
//! its place in a table. That keeps the plan of a long list a matter of milliseconds.

use std::ops::{Index, IndexMut};

use hashbrown::HashMap;

use crate::domain::reference::Digest;

/// A digest, by its rank among those of one plan. Nodes sort as their digests do: the same facts make the same plan,
/// in whatever order they were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Node(u32);

/// Numbers in the order of appearance.
pub(super) struct Numbering<'a> {
    digests: Vec<&'a Digest>,
    /// Hashed whole and with a seed: a hostile index lists digests of any form, with any beginning.
    places: HashMap<&'a Digest, Node>,
}

pub(super) struct Nodes<'a> {
    digests: Table<&'a Digest>,
    places: HashMap<&'a Digest, Node>,
}

/// Something of every node.
#[derive(Clone)]
pub(super) struct Table<T>(Vec<T>);

/// A list of every node, all of them in one piece of memory.
pub(super) struct Lists<T> {
    /// Where the list of a node begins, and that of the next one.
    starts: Vec<u32>,
    all: Vec<T>,
}

impl Node {
    // Four thousand million digests fit into no memory.
    fn new(place: usize) -> Self {
        Self(place as u32)
    }

    fn place(self) -> usize {
        self.0 as usize
    }
}

impl<'a> Numbering<'a> {
    pub fn with_capacity(count: usize) -> Self {
        Self { digests: Vec::with_capacity(count), places: HashMap::with_capacity(count) }
    }

    pub fn number(&mut self, digest: &'a Digest) -> Node {
        *self.places.entry(digest).or_insert_with(|| {
            self.digests.push(digest);
            Node::new(self.digests.len() - 1)
        })
    }

    /// The nodes, and for each number the node it became.
    pub fn ranked(mut self) -> (Nodes<'a>, Table<Node>) {
        let mut order: Vec<(u64, usize)> = self.digests.iter().map(|digest| head(digest)).zip(0..).collect();
        let whole = |place: usize| self.digests[place];
        order.sort_unstable_by(|(a, m), (b, n)| a.cmp(b).then_with(|| whole(*m).cmp(whole(*n))));
        let mut ranks = Table(vec![Node::new(0); order.len()]);
        for (rank, (_, place)) in order.iter().enumerate() {
            ranks.0[*place] = Node::new(rank);
        }
        self.places.values_mut().for_each(|node| *node = ranks[*node]);
        let digests = order.iter().map(|(_, place)| whole(*place)).collect();
        (Nodes { digests: Table(digests), places: self.places }, ranks)
    }
}

/// Enough of a digest to sort most of them by, in the order of digests.
fn head(digest: &Digest) -> u64 {
    match digest {
        Digest::Sha256(bytes) => bytes.first_chunk().copied().map_or(0, u64::from_be_bytes),
        Digest::Other(_) => u64::MAX,
    }
}

impl<'a> Nodes<'a> {
    pub fn find(&self, digest: &Digest) -> Option<Node> {
        self.places.get(digest).copied()
    }

    pub fn digest(&self, node: Node) -> &'a Digest {
        self.digests[node]
    }

    pub fn all(&self) -> impl Iterator<Item = Node> + use<> {
        (0..self.digests.0.len()).map(Node::new)
    }

    pub fn table<T: Clone>(&self, value: T) -> Table<T> {
        Table(vec![value; self.digests.0.len()])
    }

    /// Lists in the order of the pairs.
    pub fn lists<T: Copy>(&self, pairs: &[(Node, T)]) -> Lists<T> {
        let mut starts = vec![0_u32; self.digests.0.len() + 1];
        pairs.iter().for_each(|(node, _)| starts[node.place() + 1] += 1);
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let Some((_, first)) = pairs.first() else { return Lists { starts, all: Vec::new() } };
        let (mut all, mut next) = (vec![*first; pairs.len()], starts.clone());
        for (node, one) in pairs {
            let next = &mut next[node.place()];
            all[*next as usize] = *one;
            *next += 1;
        }
        Lists { starts, all }
    }

    /// Sorted lists, everything once.
    pub fn sets(&self, mut pairs: Vec<(Node, Node)>) -> Lists<Node> {
        pairs.sort_unstable();
        pairs.dedup();
        self.lists(&pairs)
    }
}

impl<T> Table<T> {
    pub fn iter(&self) -> impl Iterator<Item = (Node, &T)> {
        self.0.iter().enumerate().map(|(place, one)| (Node::new(place), one))
    }
}

impl<T> Index<Node> for Table<T> {
    type Output = T;

    fn index(&self, node: Node) -> &T {
        &self.0[node.place()]
    }
}

impl<T> IndexMut<Node> for Table<T> {
    fn index_mut(&mut self, node: Node) -> &mut T {
        &mut self.0[node.place()]
    }
}

impl<T> Lists<T> {
    pub fn of(&self, node: Node) -> &[T] {
        &self.all[self.starts[node.place()] as usize..self.starts[node.place() + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_sort_as_their_digests_do() {
        let mut digests: Vec<Digest> = (0..100_u8).map(|n| Digest::of(&[n])).collect();
        // One beginning, as a hostile list may have it; and one that is no sha256.
        digests.extend((0..20_u8).map(|n| Digest::Sha256([if n < 10 { 0xff } else { n }; 32])));
        digests.extend((0..20_u8).map(|n| {
            let mut bytes = [0xff; 32];
            bytes[31] = n;
            Digest::Sha256(bytes)
        }));
        digests.push(Digest::parse("blake3:00").unwrap());
        let mut numbering = Numbering::with_capacity(0);
        let numbers: Vec<Node> = digests.iter().map(|digest| numbering.number(digest)).collect();
        assert_eq!(numbering.number(&digests[3]), numbers[3]);
        let (nodes, ranks) = numbering.ranked();
        for (digest, number) in digests.iter().zip(numbers) {
            assert_eq!(nodes.find(digest), Some(ranks[number]));
            assert_eq!(nodes.digest(ranks[number]), digest);
        }
        let in_order: Vec<&Digest> = nodes.all().map(|node| nodes.digest(node)).collect();
        assert!(in_order.is_sorted());
        assert_eq!(nodes.find(&Digest::of(b"another")), None);
    }

    #[test]
    fn lists_keep_their_order_and_sets_are_sorted() {
        let digests: Vec<Digest> = (0..4_u8).map(|n| Digest::of(&[n])).collect();
        let mut numbering = Numbering::with_capacity(4);
        for digest in &digests {
            numbering.number(digest);
        }
        let (nodes, _) = numbering.ranked();
        let [a, b, c, d] = nodes.all().collect::<Vec<_>>()[..] else { panic!("four digests") };
        let pairs = [(c, d), (a, c), (c, b), (c, d)];
        let lists = nodes.lists(&pairs);
        assert_eq!([lists.of(a), lists.of(b), lists.of(c), lists.of(d)], [&[c][..], &[], &[d, b, d], &[]]);
        assert_eq!(nodes.sets(pairs.to_vec()).of(c), [b, d]);
        assert!(nodes.lists::<usize>(&[]).of(d).is_empty());
    }
}
