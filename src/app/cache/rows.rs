//! The rows of a list, in chunks that can be shared: a snapshot for whoever arranges them off the drawing thread costs
//! one pointer a chunk, and a row that changes meanwhile costs the copy of its own chunk.

use std::sync::Arc;

const CHUNK: usize = 4096;

#[derive(Clone, Debug)]
pub struct Rows<T> {
    chunks: Vec<Arc<Vec<T>>>,
    len: usize,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }
}

impl<T> Rows<T> {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn get(&self, at: usize) -> Option<&T> {
        self.chunks.get(at / CHUNK)?.get(at % CHUNK)
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }
}

impl<T: Clone> Rows<T> {
    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        Arc::make_mut(self.chunks.get_mut(at / CHUNK)?).get_mut(at % CHUNK)
    }

    pub fn push(&mut self, row: T) {
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK => Arc::make_mut(last).push(row),
            _ => self.chunks.push(Arc::new(vec![row])),
        }
        self.len += 1;
    }

    /// Changes the rows for which `which` holds; chunks without one are not touched.
    pub fn change(&mut self, which: impl Fn(&T) -> bool, change: impl Fn(&mut T)) {
        for chunk in &mut self.chunks {
            if chunk.iter().any(&which) {
                Arc::make_mut(chunk).iter_mut().filter(|row| which(row)).for_each(&change);
            }
        }
    }
}

impl<T> Rows<T> {
    /// For the order of a sort: the row at a number that is known to exist.
    pub fn at(&self, at: u32) -> &T {
        &self.chunks[at as usize / CHUNK][at as usize % CHUNK]
    }
}

impl<'a, T> IntoIterator for &'a Rows<T> {
    type Item = &'a T;
    type IntoIter = Box<dyn Iterator<Item = &'a T> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(n: usize) -> Rows<usize> {
        let mut rows = Rows::default();
        (0..n).for_each(|n| rows.push(n));
        rows
    }

    #[test]
    fn rows_are_found_in_every_chunk() {
        let rows = rows(CHUNK * 2 + 1);
        assert_eq!(rows.len(), CHUNK * 2 + 1);
        for at in [0, CHUNK - 1, CHUNK, CHUNK * 2] {
            assert_eq!(rows.get(at), Some(&at));
        }
        assert_eq!(rows.get(CHUNK * 2 + 1), None);
        assert!(rows.iter().copied().eq(0..rows.len()));
    }

    #[test]
    fn a_snapshot_does_not_see_what_comes_after_it() {
        let mut rows = rows(CHUNK + 10);
        let snapshot = rows.clone();
        *rows.get_mut(3).unwrap() = 0;
        rows.push(7);
        rows.change(|row| *row == 5, |row| *row = 50);
        assert_eq!((snapshot.len(), snapshot.get(3), snapshot.get(5)), (CHUNK + 10, Some(&3), Some(&5)));
        assert_eq!((rows.len(), rows.get(3), rows.get(5)), (CHUNK + 11, Some(&0), Some(&50)));
        assert!(Arc::ptr_eq(&snapshot.chunks[1], &snapshot.clone().chunks[1]));
    }

    #[test]
    fn a_change_copies_only_its_chunk() {
        let mut rows = rows(CHUNK * 2);
        let snapshot = rows.clone();
        rows.change(|row| *row == CHUNK, |row| *row = 1);
        assert!(Arc::ptr_eq(&snapshot.chunks[0], &rows.chunks[0]));
        assert!(!Arc::ptr_eq(&snapshot.chunks[1], &rows.chunks[1]));
    }
}
