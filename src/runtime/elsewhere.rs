//! What others change in the saved state and in the config. The kernel says when they wrote: nothing wakes up while nobody does.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
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

/// What a path is.
#[derive(Clone, Copy)]
enum Of {
    File,
    Directory,
}

impl Watch {
    /// Needs a tokio runtime.
    pub fn new(store: &StateStore) -> Self {
        store.file().map_or(Self::Never, |file| Self::begin(&[file], Of::File))
    }

    /// Of the directory, because editors put another file in the place of the one they change; and of the one that a
    /// link leads to.
    pub fn config(file: Option<&Path>) -> Self {
        let Some(file) = file else { return Self::Never };
        let target = file.canonicalize().ok();
        let mut dirs: Vec<PathBuf> = [Some(file), target.as_deref()]
            .into_iter()
            .flatten()
            .filter_map(Path::parent)
            .map(|dir| if dir.as_os_str().is_empty() { PathBuf::from(".") } else { dir.to_owned() })
            .collect();
        dirs.dedup();
        Self::begin(&dirs, Of::Directory)
    }

    fn begin(what: &[PathBuf], of: Of) -> Self {
        if let Some(watch) = Self::by_kernel(what, of) {
            return watch;
        }
        let mut clock = tokio::time::interval(EVERY);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        Self::Clock(clock)
    }

    #[cfg(target_os = "linux")]
    fn by_kernel(what: &[PathBuf], of: Of) -> Option<Self> {
        if what.iter().any(|path| crate::store::is_network(path)) {
            return None;
        }
        inotify::Watch::new(what, of).ok().map(Self::Kernel)
    }

    #[cfg(not(target_os = "linux"))]
    fn by_kernel(_: &[PathBuf], _: Of) -> Option<Self> {
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
        name => RepoName::loose(name).ok().map(|repo| (registry, Some(repo))),
    };
    let typed = |Favourite { registry, repository }: Favourite| Some((registry, RepoName::loose(&repository).ok()?));
    Saved {
        favourites: store.favourites().into_iter().filter_map(favourite).collect::<BTreeSet<_>>(),
        labels: store.labels(),
        typed: store.typed().into_iter().filter_map(typed).collect::<BTreeSet<_>>(),
    }
}

#[cfg(target_os = "linux")]
mod inotify {
    use std::io;
    use std::os::fd::OwnedFd;
    use std::path::PathBuf;

    use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    use super::Of;

    pub struct Watch(AsyncFd<OwnedFd>);

    impl Watch {
        // Its successor is an unsafe function, for descriptors that are closed while in use; ours is owned.
        #[allow(deprecated)]
        pub(super) fn new(what: &[PathBuf], of: Of) -> io::Result<Self> {
            let queue = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
            let flags = match of {
                // A new time of modification alone is told as a modification.
                Of::File => WatchFlags::MODIFY,
                // What is still being written is of no use.
                Of::Directory => WatchFlags::CLOSE_WRITE | WatchFlags::MOVED_TO,
            };
            for path in what {
                inotify::add_watch(&queue, path, flags)?;
            }
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
