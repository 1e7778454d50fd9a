//! What other tagboats change in the saved state. The kernel says when they wrote: nothing wakes up while nobody does.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use crate::app::msg::{Msg, Saved};
use crate::domain::reference::RepoName;
use crate::store::state::{Favourite, StateStore};

/// Where the kernel cannot tell, as for what another machine writes to a network file system.
const EVERY: Duration = Duration::from_secs(2);

pub enum Watch {
    /// Nothing is saved in this run, or by anybody else.
    Never,
    #[cfg(target_os = "linux")]
    Kernel(inotify::Watch),
    Clock(tokio::time::Interval),
}

impl Watch {
    /// Needs a tokio runtime.
    pub fn new(store: &StateStore) -> Self {
        let Some(file) = store.file() else { return Self::Never };
        if let Some(watch) = Self::by_kernel(&file) {
            return watch;
        }
        let mut clock = tokio::time::interval(EVERY);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        Self::Clock(clock)
    }

    #[cfg(target_os = "linux")]
    fn by_kernel(file: &Path) -> Option<Self> {
        if crate::store::is_network(file) {
            return None;
        }
        inotify::Watch::new(file).ok().map(Self::Kernel)
    }

    #[cfg(not(target_os = "linux"))]
    fn by_kernel(_: &Path) -> Option<Self> {
        None
    }

    /// Returns when somebody may have written, we ourselves included. May be dropped and called again.
    pub async fn changed(&mut self) {
        match self {
            Self::Never => std::future::pending().await,
            #[cfg(target_os = "linux")]
            Self::Kernel(watch) => watch.changed().await,
            Self::Clock(clock) => drop(clock.tick().await),
        }
    }
}

/// What is saved now, unless only we have written since the last time.
pub fn changes(store: &StateStore) -> Option<Msg> {
    store.changed_elsewhere().then(|| Msg::Remembered(saved(store)))
}

/// What is saved. Names that are none, from a file somebody edited, are left out.
pub fn saved(store: &StateStore) -> Saved {
    let favourite = |Favourite { registry, repository }: Favourite| match repository.as_str() {
        "" => Some((registry, None)),
        name => RepoName::parse(name).ok().map(|repo| (registry, Some(repo))),
    };
    let typed = |Favourite { registry, repository }: Favourite| Some((registry, RepoName::parse(&repository).ok()?));
    Saved {
        favourites: store.favourites().into_iter().filter_map(favourite).collect::<BTreeSet<_>>(),
        typed: store.typed().into_iter().filter_map(typed).collect::<BTreeSet<_>>(),
    }
}

#[cfg(target_os = "linux")]
mod inotify {
    use std::io;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    pub struct Watch(AsyncFd<OwnedFd>);

    impl Watch {
        // Its successor is an unsafe function, for descriptors that are closed while in use; ours is owned.
        #[allow(deprecated)]
        pub fn new(file: &Path) -> io::Result<Self> {
            let queue = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
            // A new time of modification alone is told as a modification.
            inotify::add_watch(&queue, file, WatchFlags::MODIFY)?;
            Ok(Self(AsyncFd::with_interest(queue, Interest::READABLE)?))
        }

        pub async fn changed(&self) {
            let Ok(mut ready) = self.0.readable().await else { return std::future::pending().await };
            // What was written is asked of the database; of the queue only that it is empty.
            let mut events = [0; 4096];
            while rustix::io::read(self.0.get_ref(), &mut events).is_ok_and(|n| n > 0) {}
            ready.clear_ready();
        }
    }
}
