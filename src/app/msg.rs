//! What happened.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::arrange::{Arranged, Ticket};
use super::history::{Details, Operation, Standing};
use super::job::{JobEvent, JobId};
use super::key::Key;
use super::keymap::Keymap;
use super::layer::{FileSpot, PushPlan};
use super::modal::file_form::NotSaved;
use super::modal::plan::{Made, Reading};
use super::protection::Cleanup;
use super::state::Looks;
use super::trial::Tried;
use crate::domain::capability::Capabilities;
use crate::domain::change::Changed;
use crate::domain::clean::Clean;
use crate::domain::cleanup::Snapshot;
use crate::domain::error::ErrorReport;
use crate::domain::image::{Image, Referrers};
use crate::domain::label::{self, Kept};
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::registry::{BackendKind, RegistryId, RegistryProfile};
use crate::domain::repository::{Group, RepoInfo, Scope, TagFacts};
use crate::domain::secret::{Account, OneTime};
use crate::domain::sweep;
use crate::domain::tag::{DigestInfo, TagState};
use crate::domain::transfer::Transfer;
use crate::domain::undo::Prospect;

/// The id of one read. An id that is not in `State::inflight` is stale by definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// The id of one change. It is in `State::changing` until its answer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChangeId(pub u64);

#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    Key(Key),
    Paste(String),
    /// Keys that came so fast together that they are a paste without markers; they were dropped.
    PasteBurst,
    Resize(u16, u16),
    Tick(Timestamp),
    /// Frames take long to reach the terminal.
    SlowLine,
    /// No key came for a moment.
    Rested,
    Click {
        column: u16,
        row: u16,
    },
    Scroll {
        down: bool,
    },
    Loaded {
        id: RequestId,
        event: Event,
    },
    /// A task of ours ended by panicking.
    TaskFailed {
        id: RequestId,
    },
    /// What became of a change.
    Changed {
        id: ChangeId,
        result: Result<Changed, ErrorReport>,
    },
    /// A new password for docker, or why there is none.
    PasswordMade {
        id: ChangeId,
        registry: RegistryId,
        result: Result<OneTime, ErrorReport>,
    },
    /// Where credentials of a registry were looked for, and the helper that would keep new ones.
    Trail {
        registry: RegistryId,
        trail: Vec<Clean>,
        helper: Option<Clean>,
    },
    /// A plan made elsewhere. `None`: it could not be made.
    Planned {
        ticket: Ticket,
        made: Option<Box<Made>>,
    },
    /// What an account may do, a line each.
    SignInTested(Result<Vec<Clean>, ErrorReport>),
    /// What the address of the add dialog leads to.
    RegistryTested(Box<Tried>),
    /// Whether a CA file makes the certificate good.
    CaTried {
        registry: RegistryId,
        result: Result<PathBuf, ErrorReport>,
    },
    /// What docker and podman know, with where the secret is; and what could not be read.
    Found {
        registries: Vec<(RegistryProfile, Clean)>,
        notes: Vec<Clean>,
    },
    /// The demo's registries run, within this run.
    DemoStarted(Result<Vec<RegistryProfile>, Clean>),
    /// What became of a sign-in.
    SignedIn(Result<Clean, ErrorReport>),
    /// The credential is erased, or could not be.
    SignedOut {
        registry: RegistryId,
        text: Clean,
    },
    /// A long list in order; nothing when that failed.
    Arranged {
        ticket: Ticket,
        arranged: Option<Arranged>,
    },
    /// What is recorded of operations, the newest first.
    HistoryRead(Result<Vec<Operation>, Clean>),
    OperationRead {
        journal: String,
        read: Result<Box<Details>, Clean>,
    },
    /// How many operations broke off in earlier runs.
    Unfinished(usize),
    Job {
        job: JobId,
        event: JobEvent,
    },
    /// A frame with what was asked is on the terminal.
    Shown(Timestamp),
    /// What became of a list that was to be saved.
    Saved(Result<Clean, NotSaved>),
    /// What became of the file of labels.
    LabelsExported(Result<Clean, NotSaved>),
    /// What a file of labels holds, and which.
    LabelsRead {
        path: String,
        result: Result<Arc<label::Held>, Clean>,
    },
    /// What is saved now: at the start, and when another tagboat has changed it.
    Remembered(Saved),
    /// The config file says something else now.
    Configured(Box<Configured>),
    /// The config file was edited and cannot be read; what was there holds on.
    Misconfigured(Clean),
    /// Something small to tell.
    Told(Clean),
}

/// What an edit of the config changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Configured {
    /// The registries of the file as it was read before, and now.
    pub before: Vec<RegistryProfile>,
    pub after: Vec<RegistryProfile>,
    pub looks: Option<Looks>,
    pub keymap: Option<Box<Keymap>>,
    pub cleanup: Option<Box<Cleanup>>,
    /// Its labels, and the rules that give them.
    pub labels: Option<Box<label::Configured>>,
    /// Settings that are read at the start only.
    pub later: Vec<&'static str>,
}

/// What is kept from run to run and shown in lists, by the names of registries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// Registries (no repository) and repositories.
    pub favourites: BTreeSet<(String, Option<RepoName>)>,
    /// Repositories that were opened by typing and that the registry does not list.
    pub typed: BTreeSet<(String, RepoName)>,
    /// Labels and notes of tags, by the addresses of registries.
    pub labels: Kept,
}

/// A tag of an earlier visit, and what its manifest was then.
pub type OldTag = (TagName, Option<Arc<DigestInfo>>);

/// What came to light while saying hello, whether it succeeded or not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hello {
    /// Where credentials were looked for; empty when the registry did not ask for any.
    pub trail: Vec<Clean>,
    pub account: Option<Account>,
    /// The quickest answer so far.
    pub rtt: Option<Duration>,
    /// The sign-in scheme it asked for.
    pub auth: Option<&'static str>,
}

/// Parts of an answer, in the order they arrive.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Connected(Result<Capabilities, ErrorReport>, Box<Hello>),
    /// What is known of the registry by now; comes before the end of a read.
    Learned(Box<Capabilities>, Option<Duration>),
    Repositories(Vec<Listed<RepoName>>),
    RepositoriesEnd(Result<ListEnd, ErrorReport>),
    /// What the system says of repositories besides their names.
    RepositoriesTold(Vec<(RepoName, Arc<RepoInfo>)>),
    Repository(Result<Arc<RepoInfo>, ErrorReport>),
    Tags(Vec<Listed<TagName>>),
    TagsEnd(Result<ListEnd, ErrorReport>),
    /// What the system keeps of tags besides their images.
    TagsTold(Vec<(TagName, Arc<TagFacts>)>),
    Details(Vec<(TagName, TagState)>),
    DetailsEnd,
    TagCount(RepoName, Result<usize, ErrorReport>),
    /// What an earlier visit saw, and when; nothing when there was none.
    OldRepositories(Option<(Timestamp, Vec<RepoName>)>),
    /// In the order of their names.
    OldTags(Option<(Timestamp, Vec<OldTag>)>),
    Image(Result<Box<Image>, ErrorReport>),
    Referrers(Result<Referrers, ErrorReport>),
    Surveying(Reading),
    Surveyed(Result<Box<Snapshot>, ErrorReport>),
    /// What the plan of a sweep is made of.
    RepositoriesRead(Result<Box<sweep::Snapshot>, ErrorReport>),
    /// What a tag is on.
    TagLooked(Result<Option<Digest>, ErrorReport>),
    Prepared(Result<Box<Transfer>, ErrorReport>),
    Weighed(Result<Box<Prospect>, ErrorReport>),
    Examined(Result<Vec<Standing>, ErrorReport>),
    /// Whether a layer can become the file that was named.
    FileLooked(Result<FileSpot, NotSaved>),
    /// What pushing a layer would do.
    PushPlanned(Result<Box<PushPlan>, ErrorReport>),
    /// What an account may do where a repository lives, a line each.
    AccountTested(Result<Vec<Clean>, ErrorReport>),
    /// Whether all was asked; otherwise another read came first.
    Explored(bool),
    Scopes(Result<Vec<Scope>, ErrorReport>),
    Groups(Result<Vec<Arc<Group>>, ErrorReport>),
    Group(Result<Arc<Group>, ErrorReport>),
    /// What speaks at an address.
    Kind(Result<BackendKind, ErrorReport>),
}
