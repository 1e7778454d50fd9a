//! The only code that spawns. A read is a task with an id; aborting the id aborts the task; what a task finds goes into
//! the bounded channel, so that tasks wait for the loop and never the other way round.

mod rows;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

use rows::{counts, details};

use super::registries::Connection;
use crate::app::arrange::{Job, Ticket};
use crate::app::effect::Query;
use crate::app::modal::plan::Making;
use crate::app::msg::{Event, Hello, Msg, RequestId};
use crate::backend::{self, Backend};
use crate::domain::clean::Clean;
use crate::domain::page::Listed;
use crate::domain::reference::{Reference, RepoName, TagName};

/// Pages on their way from a walk to the loop.
const PAGES: usize = 4;
/// While rows arrive or change, a long list is put in order at most this often,
const RHYTHM: Duration = Duration::from_millis(250);
/// and a very long one so seldom that it takes at most this part of a core.
const SHARE: u32 = 5;

pub struct Executor {
    tasks: JoinSet<()>,
    handles: HashMap<RequestId, AbortHandle>,
    ids: HashMap<Id, RequestId>,
    channel: mpsc::Sender<Msg>,
    /// The newest arrangement asked for.
    arranging: Option<AbortHandle>,
    /// One arrangement at a time: what is given up goes on until it is done, and must not take a core from the next.
    arranger: Arc<Semaphore>,
    /// Milliseconds that the last arrangement took.
    took: Arc<AtomicU32>,
}

impl Executor {
    pub fn new(channel: mpsc::Sender<Msg>) -> Self {
        Self {
            tasks: JoinSet::new(),
            handles: HashMap::new(),
            ids: HashMap::new(),
            channel,
            arranging: None,
            arranger: Arc::new(Semaphore::new(1)),
            took: Arc::default(),
        }
    }

    pub fn fetch(&mut self, id: RequestId, connection: backend::Result<Connection>, query: Query) {
        let channel = self.channel.clone();
        self.spawn(id, async move {
            let out = Out { id, channel };
            match connection {
                Ok(connection) => {
                    let backend = Arc::clone(&connection.backend);
                    perform(&out, connection, query).await;
                    out.tell(backend.notices()).await;
                }
                Err(error) => out.send(failed(&query, error)).await,
            }
        });
    }

    /// A read that asks no registry.
    pub fn look(&mut self, id: RequestId, work: impl Future<Output = Event> + Send + 'static) {
        let out = Out { id, channel: self.channel.clone() };
        self.spawn(id, async move { out.send(work.await).await });
    }

    /// A read that tells how far it is before its end.
    pub fn read<F: Future<Output = ()> + Send + 'static>(&mut self, id: RequestId, work: impl FnOnce(Out) -> F) {
        let out = Out { id, channel: self.channel.clone() };
        self.spawn(id, work(out));
    }

    /// Work that tells what happens in messages of its own.
    pub fn work<F: Future<Output = ()> + Send + 'static>(&mut self, work: impl FnOnce(mpsc::Sender<Msg>) -> F) {
        let work = work(self.channel.clone());
        self.begin(work);
    }

    /// Any other work whose result is a message.
    pub fn run(&mut self, work: impl Future<Output = Msg> + Send + 'static) {
        let channel = self.channel.clone();
        self.begin(async move {
            let msg = work.await;
            // The loop is gone at the end of the program; then nobody waits for this.
            let _ = channel.send(msg).await;
        });
    }

    /// Puts a long list in order, on a thread that may be busy. Only the newest is worth anything, so it replaces one
    /// that has not begun.
    pub fn arrange(&mut self, ticket: Ticket, job: Job, calm: bool) {
        if let Some(old) = self.arranging.take() {
            old.abort();
        }
        let (channel, arranger, took) = (self.channel.clone(), self.arranger.clone(), self.took.clone());
        self.arranging = Some(self.begin(async move {
            if calm {
                let last = Duration::from_millis(took.load(Ordering::Relaxed).into());
                tokio::time::sleep(RHYTHM.max(last * (SHARE - 1))).await;
            }
            // The semaphore is never closed; without a permit two would run side by side, which is slow and not wrong.
            let permit = arranger.acquire_owned().await.ok();
            let work = tokio::task::spawn_blocking(move || {
                let begun = Instant::now();
                let arranged = job.run();
                took.store(u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX), Ordering::Relaxed);
                drop(permit);
                arranged
            });
            let _ = channel.send(Msg::Arranged { ticket, arranged: work.await.ok() }).await;
        }));
    }

    /// Makes a plan of a long list, on a thread that may be busy.
    pub fn plan(&mut self, ticket: Ticket, making: Making) {
        self.run(async move {
            let made = tokio::task::spawn_blocking(move || making.run()).await;
            Msg::Planned { ticket, made: made.ok().map(Box::new) }
        });
    }

    /// For tests of what a panic leaves and tells; no part of a release. `TAGBOAT_TEST_PANIC` says where, and
    /// `TAGBOAT_TEST_PANIC_WHEN` names a file: not before that is there.
    #[cfg(debug_assertions)]
    pub fn panic_on_request(&mut self) {
        if std::env::var_os("TAGBOAT_TEST_PANIC_WHEN").is_some_and(|file| !std::path::Path::new(&file).exists()) {
            return;
        }
        match std::env::var("TAGBOAT_TEST_PANIC").as_deref() {
            Ok("main") => panic!("asked for by a test"),
            Ok("task") if self.tasks.is_empty() => self.run(async { panic!("asked for by a test") }),
            _ => {}
        }
    }

    fn spawn(&mut self, id: RequestId, work: impl Future<Output = ()> + Send + 'static) {
        let handle = self.begin(work);
        self.ids.insert(handle.id(), id);
        self.handles.insert(id, handle);
    }

    /// Boxed, so that the program holds the code of a task once, and not for each kind of work.
    fn begin(&mut self, work: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        let work: BoxFuture<'static, ()> = Box::pin(work);
        self.tasks.spawn(work)
    }

    pub fn abort(&mut self, id: RequestId) {
        if let Some(handle) = self.handles.remove(&id) {
            handle.abort();
        }
    }

    /// The next task that panicked. Pending while there is none, also while there are no tasks at all: a branch of
    /// `select!` that returned would be switched off and hide later panics.
    pub async fn next_failure(&mut self) -> Msg {
        loop {
            let Some(ended) = self.tasks.join_next_with_id().await else {
                std::future::pending::<()>().await;
                continue;
            };
            let (task, error): (Id, Option<JoinError>) = match ended {
                Ok((task, ())) => (task, None),
                Err(error) => (error.id(), Some(error)),
            };
            let id = self.ids.remove(&task);
            if let Some(id) = id {
                self.handles.remove(&id);
            }
            if let (Some(id), Some(error)) = (id, error)
                && error.is_panic()
            {
                return Msg::TaskFailed { id };
            }
        }
    }
}

pub struct Out {
    id: RequestId,
    channel: mpsc::Sender<Msg>,
}

impl Out {
    pub async fn send(&self, event: Event) {
        // An error means that the loop has ended, and with it every reason to send.
        let _ = self.channel.send(Msg::Loaded { id: self.id, event }).await;
    }

    pub async fn learned(&self, backend: &dyn Backend) {
        self.send(Event::Learned(Box::new(backend.capabilities()), backend.latency())).await;
    }

    /// Says when the registry's counter of requests nears its end, or starts anew: what nobody looks at waits then.
    async fn spare(&self, backend: &dyn Backend, before: &mut Option<bool>) {
        let now = backend.capabilities().few_left;
        if before.replace(now) != Some(now) {
            self.learned(backend).await;
            self.tell(backend.notices()).await;
        }
    }

    /// What the system keeps of tags besides their images, where it keeps anything.
    async fn facts(&self, backend: &dyn Backend, repo: &RepoName, tags: impl IntoIterator<Item = &TagName>) {
        let told: Vec<_> = tags.into_iter().filter_map(|tag| Some((tag.clone(), backend.tag(repo, tag)?))).collect();
        if !told.is_empty() {
            self.send(Event::TagsTold(told)).await;
        }
    }

    /// Pages of repositories as they come, what is known of them first.
    async fn names(&self, backend: &dyn Backend, mut incoming: mpsc::Receiver<Vec<Listed<RepoName>>>) {
        while let Some(page) = incoming.recv().await {
            let told: Vec<_> = valid(&page).filter_map(|n| Some((n.clone(), backend.repository(n)?))).collect();
            if !told.is_empty() {
                self.send(Event::RepositoriesTold(told)).await;
            }
            self.send(Event::Repositories(page)).await;
        }
    }

    async fn tell(&self, notices: Vec<Clean>) {
        for notice in notices {
            let _ = self.channel.send(Msg::Told(notice)).await;
        }
    }
}

/// The answer to a query that could not even be asked.
fn failed(query: &Query, error: backend::Error) -> Event {
    let report = error.report();
    match query {
        Query::Connect => Event::Connected(Err(report), Box::default()),
        Query::Repositories => Event::RepositoriesEnd(Err(report)),
        Query::Tags(_) => Event::TagsEnd(Err(report)),
        Query::Details(..) | Query::TagCounts(_) => Event::DetailsEnd,
        Query::Image { .. } => Event::Image(Err(report)),
        Query::Referrers(..) => Event::Referrers(Err(report)),
        Query::Repository(_) => Event::Repository(Err(report)),
        Query::Explore(_) => Event::Explored(true),
        Query::Search(_) => Event::RepositoriesEnd(Err(report)),
        Query::Scopes => Event::Scopes(Err(report)),
        Query::Groups(_) => Event::Groups(Err(report)),
        Query::Group(_) => Event::Group(Err(report)),
    }
}

async fn perform(out: &Out, connection: Connection, query: Query) {
    let Connection { backend, account: watched } = connection;
    match query {
        Query::Connect => {
            let result = backend.connect().await.map_err(|e| e.report());
            let (account, trail) = watched.asked().await.unzip();
            let trail = trail.unwrap_or_default();
            let hello = Hello { trail, account, rtt: backend.latency(), auth: backend.capabilities().auth };
            out.send(Event::Connected(result, Box::new(hello))).await;
        }
        Query::Repositories => {
            let (pages, incoming) = mpsc::channel(PAGES);
            let (end, ()) = tokio::join!(backend.repositories(pages), out.names(&*backend, incoming));
            out.learned(&*backend).await;
            out.send(Event::RepositoriesEnd(end.map_err(|e| e.report()))).await;
        }
        Query::Search(term) => {
            let (pages, incoming) = mpsc::channel(PAGES);
            let (end, ()) = tokio::join!(backend.search(&term, pages), out.names(&*backend, incoming));
            out.learned(&*backend).await;
            out.send(Event::RepositoriesEnd(end.map_err(|e| e.report()))).await;
        }
        Query::Groups(filter) => {
            let found = backend.groups(&filter).await;
            out.send(Event::Groups(found.map_err(|e| e.report()))).await;
        }
        Query::Group(key) => {
            let read = backend.group(&key).await;
            out.send(Event::Group(read.map_err(|e| e.report()))).await;
        }
        Query::Scopes => {
            let found = backend.scopes().await;
            out.send(Event::Scopes(found.map_err(|e| e.report()))).await;
        }
        Query::Tags(repo) => {
            let (pages, mut incoming) = mpsc::channel(PAGES);
            let walk = backend.tags(&repo, pages);
            let forward = async {
                while let Some(page) = incoming.recv().await {
                    out.facts(&*backend, &repo, valid(&page)).await;
                    out.send(Event::Tags(page)).await;
                }
            };
            let (end, ()) = tokio::join!(walk, forward);
            out.learned(&*backend).await;
            out.send(Event::TagsEnd(end.map_err(|e| e.report()))).await;
        }
        Query::Details(repo, tags) => {
            details(out, &backend, &repo, tags).await;
            out.send(Event::DetailsEnd).await;
        }
        Query::TagCounts(repos) => {
            counts(out, &backend, repos).await;
            out.send(Event::DetailsEnd).await;
        }
        Query::Image { repo, reference, platform, large } => {
            let image = match large {
                false => backend.image(&repo, &reference, platform.as_ref()).await,
                true => backend.large_image(&repo, &reference, platform.as_ref()).await,
            };
            // Some keep a note on the tag, and hand it out with its image.
            if let Reference::Tag(tag) = &reference {
                out.facts(&*backend, &repo, [tag]).await;
            }
            out.send(Event::Image(image.map(Box::new).map_err(|e| e.report()))).await;
        }
        Query::Referrers(repo, digest) => {
            let referrers = backend.referrers(&repo, &digest).await;
            out.learned(&*backend).await;
            out.send(Event::Referrers(referrers.map_err(|e| e.report()))).await;
        }
        Query::Repository(repo) => {
            let info = backend.read_repository(&repo).await;
            out.send(Event::Repository(info.map_err(|e| e.report()))).await;
        }
        Query::Explore(sample) => {
            let through = backend.explore(sample.as_ref()).await;
            out.learned(&*backend).await;
            out.send(Event::Explored(through)).await;
        }
    }
}

fn valid<T>(page: &[Listed<T>]) -> impl Iterator<Item = &T> {
    page.iter().filter_map(|entry| match entry {
        Listed::Valid(name) => Some(name),
        Listed::Invalid(_) => None,
    })
}
