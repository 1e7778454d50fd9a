//! Work that is asked for twice at once is done once, and what was found is kept for a while.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

use crate::backend::error::Result;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

type Cells<K, V> = Mutex<HashMap<K, Arc<OnceCell<Result<V>>>>>;

/// Calls in flight. Whoever asks for a key that is being worked on waits for that answer, errors included; when the
/// first caller is dropped, one of the others takes over.
pub(super) struct Joined<K: Eq + Hash, V>(Cells<K, V>);

impl<K: Eq + Hash, V> Default for Joined<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Joined<K, V> {
    pub(super) async fn run<F: Future<Output = Result<V>>>(&self, key: K, work: impl FnOnce() -> F) -> Result<V> {
        let cell = lock(&self.0).entry(key.clone()).or_default().clone();
        let seat = Seat { cells: &self.0, key, cell };
        seat.cell.get_or_init(work).await.clone()
    }
}

/// Forgets the call when its last caller leaves, also when that one was cancelled.
struct Seat<'a, K: Eq + Hash, V> {
    cells: &'a Cells<K, V>,
    key: K,
    cell: Arc<OnceCell<Result<V>>>,
}

impl<K: Eq + Hash, V> Drop for Seat<'_, K, V> {
    fn drop(&mut self) {
        let mut cells = lock(self.cells);
        // An answer serves those who waited for it, not those who come later: errors must not stick.
        let done = self.cell.initialized();
        let last = Arc::strong_count(&self.cell) <= 2;
        if (done || last) && cells.get(&self.key).is_some_and(|cell| Arc::ptr_eq(cell, &self.cell)) {
            cells.remove(&self.key);
        }
        // Given up while the lock is held, so that two leaving at once do not take each other for the last but one.
        self.cell = Arc::default();
    }
}

/// A bounded memory: when the young half is full it becomes the old half, and what nobody asked for since is gone.
pub(super) struct Memory<K, V>(Mutex<Halves<K, V>>);

struct Halves<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    weight: usize,
    limit: usize,
}

impl<K: Eq + Hash + Clone, V: Clone> Memory<K, V> {
    /// Holds twice `limit` at most, in the unit of the weights given to `put`.
    pub(super) fn new(limit: usize) -> Self {
        Self(Mutex::new(Halves { young: HashMap::new(), old: HashMap::new(), weight: 0, limit }))
    }

    pub(super) fn get(&self, key: &K) -> Option<V> {
        let halves = lock(&self.0);
        halves.young.get(key).or_else(|| halves.old.get(key)).cloned()
    }

    pub(super) fn put(&self, key: K, value: V, weight: usize) {
        let mut halves = lock(&self.0);
        if halves.weight + weight > halves.limit {
            halves.old = std::mem::take(&mut halves.young);
            halves.weight = 0;
        }
        halves.weight += weight;
        halves.young.insert(key, value);
    }
}

/// Values of which the same few come again and again: each is kept once, up to a limit, so that a registry with a million
/// different ones fills no memory.
pub(super) struct Interned<T: ?Sized>(Mutex<HashSet<Arc<T>>>);

impl<T: ?Sized> Default for Interned<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: ?Sized + Eq + Hash> Interned<T> {
    const MOST: usize = 4096;

    pub(super) fn one(&self, value: Arc<T>) -> Arc<T> {
        let mut known = lock(&self.0);
        if let Some(same) = known.get(&value) {
            return same.clone();
        }
        if known.len() < Self::MOST {
            known.insert(value.clone());
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::backend::error::Error;

    #[tokio::test]
    async fn one_call_serves_all_who_wait() {
        let joined = Joined::<u8, u32>::default();
        let count = AtomicUsize::new(0);
        let call = || async {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok(7)
        };
        let (a, b) = tokio::join!(joined.run(1, call), joined.run(1, call));
        assert_eq!((a.unwrap(), b.unwrap(), count.load(Ordering::SeqCst)), (7, 7, 1));
        assert!(lock(&joined.0).is_empty());
    }

    #[tokio::test]
    async fn an_error_does_not_stick_and_a_cancelled_call_leaves_nothing() {
        let joined = Joined::<u8, u32>::default();
        assert!(joined.run(1, || async { Err(Error::unsupported("x")) }).await.is_err());
        assert_eq!(joined.run(1, || async { Ok(1) }).await.unwrap(), 1);
        {
            let hanging = joined.run(2, std::future::pending);
            tokio::pin!(hanging);
            assert!(futures_util::poll!(&mut hanging).is_pending());
        }
        assert!(lock(&joined.0).is_empty());
    }

    #[test]
    fn what_is_the_same_is_kept_once_and_not_for_ever() {
        let interned = Interned::<str>::default();
        let one = interned.one("linux".into());
        assert!(Arc::ptr_eq(&one, &interned.one("linux".into())));
        for n in 0..2 * Interned::<str>::MOST {
            interned.one(n.to_string().into());
        }
        assert_eq!(lock(&interned.0).len(), Interned::<str>::MOST);
        assert!(Arc::ptr_eq(&one, &interned.one("linux".into())));
    }

    #[test]
    fn memory_is_bounded_and_keeps_the_recent() {
        let memory = Memory::new(10);
        for key in 0..100_u32 {
            memory.put(key, key, 1);
        }
        let kept = (0..100).filter(|key| memory.get(key).is_some()).count();
        assert!((10..=20).contains(&kept), "{kept}");
        assert_eq!(memory.get(&99), Some(99));
        assert_eq!(memory.get(&0), None);
    }
}
