//! Everything the program knows, in one value.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use jiff::Timestamp;

use super::cache::{Cache, TagList};
use super::changing::Changing;
use super::history::History;
use super::job::Job;
use super::key::Key;
use super::keymap::Keymap;
use super::labels::Book;
use super::layout::Layout;
use super::modal::Modal;
use super::msg::{ChangeId, RequestId};
use super::pane::{Pane, Place};
use super::protection::Cleanup;
use super::update::Away;
use crate::domain::capability::Capabilities;
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorReport;
use crate::domain::reference::{RepoName, TagName};
use crate::domain::registry::{BackendKind, RegistryId, RegistryProfile};
use crate::domain::secret::Account;
use crate::domain::words::Words;

/// What a request that is under way will fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pending {
    Connect(RegistryId),
    Repositories(RegistryId),
    Tags(RegistryId, RepoName),
    Details(RegistryId, RepoName),
    TagCounts(RegistryId),
    /// What one repository is now.
    Repository(RegistryId, RepoName),
    Explore(RegistryId),
    Search(RegistryId),
    Scopes(RegistryId),
    /// The registries of an account, or one of them.
    Groups(RegistryId),
    /// What speaks where a repository is said to live.
    Kind(Box<Away>),
    /// The saved list of a repository's tags, or of the repositories.
    Recall(RegistryId, Option<RepoName>),
    Image(super::cache::ImageKey),
    Referrers(RegistryId, RepoName, crate::domain::reference::Digest),
    /// The facts for a plan.
    Survey(RegistryId, RepoName),
    /// The facts for a plan about whole repositories.
    Sweep(RegistryId),
    /// What a tag is on that somebody is typing.
    TagLook(RegistryId),
    /// An account somebody types for an external repository.
    AccountTest(RegistryId),
    /// Whether a layer can become the file that was named.
    File(RegistryId),
    /// What a push of a layer would do.
    Push(RegistryId),
    /// What a copy takes along.
    Transfer(RegistryId),
    /// What could be put back, or what became of something that broke off.
    Weigh(RegistryId),
}

impl Pending {
    pub fn registry(&self) -> RegistryId {
        match self {
            Self::Connect(id)
            | Self::Repositories(id)
            | Self::Tags(id, _)
            | Self::Details(id, _)
            | Self::TagCounts(id)
            | Self::Explore(id)
            | Self::Search(id)
            | Self::Scopes(id)
            | Self::Groups(id)
            | Self::TagLook(id)
            | Self::AccountTest(id)
            | Self::File(id)
            | Self::Push(id)
            | Self::Transfer(id)
            | Self::Sweep(id)
            | Self::Weigh(id)
            | Self::Recall(id, _)
            | Self::Repository(id, _)
            | Self::Survey(id, _)
            | Self::Referrers(id, _, _) => *id,
            Self::Image(key) => key.0,
            Self::Kind(away) => away.from,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum Link {
    #[default]
    NotAsked,
    Connecting,
    Up,
    Down(ErrorReport),
}

#[derive(Clone, Debug)]
pub struct Registry {
    pub profile: RegistryProfile,
    pub link: Link,
    /// Default = nothing known, until connected.
    pub caps: Capabilities,
    /// It was asked what it can do, as far as that can be asked without a delete.
    pub explored: bool,
    pub favourite: bool,
    /// Where credentials were looked for.
    pub trail: Vec<Clean>,
    /// Who we are there; unknown until it asked.
    pub account: Option<Account>,
    /// The quickest answer so far.
    pub rtt: Option<Duration>,
    /// In the config, or as good as that for this run. Others were found in docker's or podman's files.
    pub saved: bool,
    /// For one that was found: where its secret is, "helper: pass".
    pub found: Option<Clean>,
    /// What its namespace or workspace calls itself, once one was chosen in this run.
    pub scope_name: Option<Clean>,
}

impl Registry {
    pub fn new(profile: RegistryProfile, saved: bool) -> Self {
        Self {
            profile,
            link: Link::NotAsked,
            caps: Capabilities::default(),
            explored: false,
            favourite: false,
            found: None,
            scope_name: None,
            trail: Vec::new(),
            account: None,
            rtt: None,
            saved,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Info,
    Good,
    Bad,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub text: Clean,
    pub tone: Tone,
    /// When it was first on screen; unknown until the next tick.
    pub since: Option<Timestamp>,
}

/// One line of the log that `messages` shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub at: Timestamp,
    pub text: Clean,
    pub tone: Tone,
    /// What it happened to, for the registry's preview.
    pub registry: Option<RegistryId>,
}

/// Lines of the log that are kept: a day of running must not fill the memory.
const MESSAGES: usize = 500;

/// The built-in themes; the first is the default.
pub const THEMES: [&str; 5] = ["ansi16", "mono", "high-contrast", "dark", "light"];

/// What only looks depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looks {
    pub ascii: bool,
    pub mouse: bool,
    pub slow: bool,
    pub utc: bool,
    /// No borders, and the terminal's cursor on the chosen row: for screen readers.
    pub accessible: bool,
    pub theme: String,
}

pub struct State {
    pub registries: Vec<Registry>,
    /// The breadcrumb; the last is shown; the first is never popped.
    pub panes: Vec<Pane>,
    /// The top one owns all input.
    pub modals: Vec<Modal>,
    pub cache: Cache,
    /// Absence = stale.
    pub inflight: HashMap<RequestId, Pending>,
    /// Changes that are under way. They are never given up.
    pub changing: BTreeMap<ChangeId, Changing>,
    pub notice: Option<Notice>,
    pub keymap: Keymap,
    /// Keys of a sequence that is not complete.
    pub keys: Vec<Key>,
    pub layout: Layout,
    pub now: Timestamp,
    pub looks: Looks,
    /// The names of all themes there are, the user's own among them.
    pub themes: Vec<String>,
    pub read_only: bool,
    /// Addresses of the command line that the config does not have: nobody said what they are.
    pub unnamed: BTreeSet<RegistryId>,
    /// Registries forgotten in this run: their number stays, their row does not.
    pub hidden: BTreeSet<RegistryId>,
    /// Favourite registries (no repository) and repositories, by name.
    pub favourites: BTreeSet<(String, Option<RepoName>)>,
    /// Labels and notes of tags.
    pub book: Book,
    /// Repositories that were opened by typing and that the registry does not list.
    pub typed: BTreeSet<(String, RepoName)>,
    /// What registries were searched for in this run, the newest last.
    pub sought: Vec<String>,
    /// Where `-` goes back to.
    pub last_place: Option<Vec<Place>>,
    /// What runs, or has run.
    pub jobs: Vec<Job>,
    /// What was done, also in earlier runs.
    pub history: History,
    /// Jobs are being stopped, and then the program ends.
    pub leaving: bool,
    /// What the config says of clean-ups.
    pub cleanup: Cleanup,
    /// Tags protected by hand, for this run.
    pub guarded: HashMap<(RegistryId, RepoName), BTreeSet<TagName>>,
    /// What was said and what happened lately, the newest last.
    pub messages: Vec<Message>,
    next_id: u64,
}

impl State {
    pub fn new(registries: Vec<Registry>, keymap: Keymap, looks: Looks, now: Timestamp) -> Self {
        Self {
            registries,
            panes: vec![Pane::at(Place::Registries)],
            modals: Vec::new(),
            cache: Cache::default(),
            inflight: HashMap::new(),
            changing: BTreeMap::new(),
            notice: None,
            keymap,
            keys: Vec::new(),
            layout: Layout::of(80, 24),
            now,
            looks,
            themes: THEMES.map(str::to_owned).to_vec(),
            read_only: false,
            unnamed: BTreeSet::new(),
            hidden: BTreeSet::new(),
            favourites: BTreeSet::new(),
            typed: BTreeSet::new(),
            book: Book::default(),
            sought: Vec::new(),
            last_place: None,
            jobs: Vec::new(),
            history: History::default(),
            leaving: false,
            cleanup: Cleanup::default(),
            guarded: HashMap::new(),
            messages: Vec::new(),
            next_id: 0,
        }
    }

    pub fn pane(&self) -> &Pane {
        self.panes.last().expect("the first pane is never popped")
    }

    pub fn pane_mut(&mut self) -> &mut Pane {
        self.panes.last_mut().expect("the first pane is never popped")
    }

    /// What things are called at the registry of this view.
    pub fn words(&self) -> &'static Words {
        self.pane().place.registry().map_or(BackendKind::Oci, |id| self.registry(id).profile.kind).words()
    }

    pub fn registry(&self, id: RegistryId) -> &Registry {
        &self.registries[id.0 as usize]
    }

    pub fn registry_mut(&mut self, id: RegistryId) -> &mut Registry {
        &mut self.registries[id.0 as usize]
    }

    /// The name by which it is kept as a favourite, or by which its repositories are.
    pub fn kept_as(&self, id: RegistryId, for_repositories: bool) -> String {
        let profile = &self.registry(id).profile;
        if for_repositories { profile.kept_as() } else { profile.name.clone() }
    }

    pub fn tags(&self, registry: RegistryId, repo: &RepoName) -> Option<&TagList> {
        self.cache.tags.get(&(registry, repo.clone()))
    }

    /// A new request id, entered into the table.
    pub fn begin(&mut self, pending: Pending) -> RequestId {
        let id = RequestId(self.next_number());
        self.inflight.insert(id, pending);
        id
    }

    /// A number that nothing else in this run has.
    pub fn next_number(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    pub fn tell(&mut self, text: Clean, tone: Tone) {
        self.log(text.clone(), tone, None);
        self.notice = Some(Notice { text, tone, since: None });
    }

    /// The same of something by the way: what was just said to be done is what somebody waits for, and stays.
    pub fn mention(&mut self, text: Clean) {
        match &self.notice {
            Some(notice) if notice.tone == Tone::Good => self.log(text, Tone::Info, None),
            _ => self.tell(text, Tone::Info),
        }
    }

    /// Keeps what happened to a registry, without a notice.
    pub fn record(&mut self, registry: RegistryId, text: &str, tone: Tone) {
        self.log(clean::line(text), tone, Some(registry));
    }

    fn log(&mut self, text: Clean, tone: Tone, registry: Option<RegistryId>) {
        self.messages.push(Message { at: self.now, text, tone, registry });
        if self.messages.len() > MESSAGES {
            self.messages.drain(..MESSAGES / 5);
        }
    }

    /// Deletions there always ask for the repository's name.
    pub fn is_production(&self, id: RegistryId) -> bool {
        self.registry(id).profile.env.as_deref().is_some_and(|env| env.eq_ignore_ascii_case("prod"))
    }

    /// Whether a text field has the focus: then keys are text, whatever they are bound to.
    pub fn typing(&self) -> bool {
        match self.modals.last() {
            Some(modal) => modal.typing(),
            None => self.pane().list.filter.input.is_some(),
        }
    }

    /// Whether something on screen moves by itself.
    pub fn animating(&self) -> bool {
        !self.inflight.is_empty()
            || !self.changing.is_empty()
            || self.notice.is_some()
            || self.jobs.iter().any(Job::runs)
    }
}
