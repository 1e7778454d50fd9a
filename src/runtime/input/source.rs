//! Reads the terminal.
//!
//! crossterm's reader is not asked from the event loop: with 0.29 it blocks in the middle of an escape sequence whose
//! end is late. So it works in a thread of its own, only when there is something to read, and whether the terminal is
//! gone is watched here. Nothing wakes up while no key is pressed.
//!
//! Of its two readers it is the one of the feature `use-dev-tty`. The other waits for edges and leaves at the first
//! event: a key that came together with a change of size was not seen before the key after it, and when the terminal
//! was gone it read in a circle for ever.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{self, Event};
use tokio::sync::mpsc as channel;
use tokio::time::sleep_until;

use super::{Input, KeyGuard, convert};

/// What was read together, and when; `None` when nothing is left to read.
type Batch = io::Result<Option<(Instant, Vec<Event>)>>;

/// crossterm's reader looks for nothing at all when it is given no time, and for what it has read already only when
/// some is left. This much shows that there is nothing more; keys that came first have been answered by then.
const LOOK: Duration = Duration::from_millis(5);
/// For what was read together with the key before it: every key waits for this.
const TOGETHER: Duration = Duration::from_micros(200);

pub struct Source {
    guard: KeyGuard,
    ready: VecDeque<Input>,
    ask: mpsc::Sender<()>,
    batches: channel::Receiver<Batch>,
    /// The reader thread has been asked and has not answered yet.
    reading: bool,
    /// More has come since it was asked.
    more: bool,
    lost: bool,
    watch: watch::Watch,
}

enum Woken {
    Batch(Option<Batch>),
    Watched(watch::Seen),
    Due,
}

impl Source {
    /// Needs a tokio runtime and a terminal in raw mode.
    pub fn new() -> io::Result<Self> {
        let (ask, asked) = mpsc::channel();
        let (answer, batches) = channel::channel(1);
        thread::Builder::new().name("input".to_owned()).spawn(move || {
            while asked.recv().is_ok() {
                loop {
                    let batch = read_pending();
                    let last = !matches!(batch, Ok(Some(_)));
                    if answer.blocking_send(batch).is_err() {
                        return;
                    }
                    if last {
                        break;
                    }
                }
            }
        })?;
        let mut source = Self {
            guard: KeyGuard::default(),
            ready: VecDeque::new(),
            ask,
            batches,
            reading: false,
            more: false,
            lost: false,
            watch: watch::Watch::new()?,
        };
        source.request();
        Ok(source)
    }

    /// The next input that is already here: to be emptied before a frame is drawn.
    pub fn try_next(&mut self) -> Option<Input> {
        self.ready.pop_front()
    }

    /// The next input; may be dropped and called again without losing any. `in_text`: a text field has the focus.
    /// After `Lost` it never returns.
    pub async fn next(&mut self, in_text: bool) -> Input {
        loop {
            if let Some(input) = self.ready.pop_front() {
                return input;
            }
            if self.lost {
                std::future::pending::<()>().await;
            }
            let deadline = self.guard.deadline();
            let event = tokio::select! {
                biased;
                batch = self.batches.recv() => Woken::Batch(batch),
                seen = self.watch.next(self.reading) => Woken::Watched(seen),
                () = until(deadline) => Woken::Due,
            };
            self.handle(event, in_text);
        }
    }

    fn handle(&mut self, event: Woken, in_text: bool) {
        let now = Instant::now();
        match event {
            Woken::Batch(Some(Ok(None))) => {
                self.reading = false;
                if std::mem::take(&mut self.more) {
                    self.request();
                }
            }
            Woken::Batch(Some(Ok(Some((now, events))))) => {
                self.guard.expire(now, &mut self.ready);
                let inputs = events.into_iter().filter_map(convert::input);
                let inputs = inputs.filter(|input| !watch::REPORTS_SIZE || !matches!(input, Input::Resize(..)));
                self.guard.batch(inputs, now, in_text, &mut self.ready);
            }
            Woken::Batch(_) | Woken::Watched(watch::Seen::Gone) => {
                self.lost = true;
                self.ready.push_back(Input::Lost);
            }
            Woken::Watched(watch::Seen::Readable) => self.request(),
            Woken::Watched(watch::Seen::Resized) => {
                let size = crate::runtime::terminal::size();
                self.ready.push_back(Input::Resize(size.width, size.height));
                // crossterm has the signal too; left unread it would hide the next key from its reader
                self.request();
            }
            Woken::Due => self.guard.expire(now, &mut self.ready),
        }
    }

    fn request(&mut self) {
        if self.reading {
            self.more = true;
        } else {
            // If the thread has ended, its channel says so.
            self.reading = self.ask.send(()).is_ok();
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

/// The time is taken here: how busy the event loop is must not decide whether keys came together.
fn read_pending() -> Batch {
    if watch::TELLS_READABLE && !is_there(LOOK)? {
        return Ok(None);
    }
    let mut events = vec![event::read()?];
    let now = Instant::now();
    while is_there(TOGETHER)? {
        events.push(event::read()?);
    }
    Ok(Some((now, events)))
}

/// Whether there is an event, already or within this time. On a busy machine the time may be up before crossterm has
/// looked even once; it then says no, also when it holds keys that it has read. A no that took too long is asked again.
fn is_there(within: Duration) -> io::Result<bool> {
    let began = Instant::now();
    Ok(event::poll(within)? || (began.elapsed() > 2 * within && event::poll(LOOK)?))
}

#[cfg(unix)]
mod watch {
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};

    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;
    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// The new size comes from here at once; crossterm would report it with the next key.
    pub const REPORTS_SIZE: bool = true;
    pub const TELLS_READABLE: bool = true;

    pub enum Seen {
        Readable,
        Resized,
        Gone,
    }

    pub struct Watch {
        stdin: AsyncFd<OwnedFd>,
        size: Signal,
    }

    impl Watch {
        // Its successor is an unsafe function, for descriptors that are closed while in use; ours is owned.
        #[allow(deprecated)]
        pub fn new() -> io::Result<Self> {
            let stdin = io::stdin().as_fd().try_clone_to_owned()?;
            Ok(Self {
                stdin: AsyncFd::with_interest(stdin, Interest::READABLE)?,
                size: signal(SignalKind::window_change())?,
            })
        }

        /// Also while the reader works: it may be the one that is stuck on a terminal that is gone.
        pub async fn next(&mut self, _reading: bool) -> Seen {
            tokio::select! {
                biased;
                seen = readable(&self.stdin) => seen,
                Some(()) = self.size.recv() => Seen::Resized,
                else => std::future::pending().await,
            }
        }
    }

    async fn readable(stdin: &AsyncFd<OwnedFd>) -> Seen {
        let Ok(mut ready) = stdin.ready(Interest::READABLE).await else {
            return Seen::Gone;
        };
        if ready.ready().is_read_closed() {
            return Seen::Gone;
        }
        // Cleared before the bytes are read: what comes meanwhile is reported again.
        ready.clear_ready();
        Seen::Readable
    }
}

#[cfg(not(unix))]
mod watch {
    use std::io;

    pub const REPORTS_SIZE: bool = false;
    pub const TELLS_READABLE: bool = false;

    pub enum Seen {
        Readable,
        Resized,
        Gone,
    }

    pub struct Watch(());

    impl Watch {
        pub fn new() -> io::Result<Self> {
            Ok(Self(()))
        }

        /// The reader waits by itself, and is asked again after each answer.
        pub async fn next(&mut self, reading: bool) -> Seen {
            if reading {
                std::future::pending::<()>().await;
            }
            Seen::Readable
        }
    }
}
