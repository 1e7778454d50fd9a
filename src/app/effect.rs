//! What should happen outside. Values only, so that tests compare them.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::arrange::{Job, Ticket};
use super::cache::{RepoRow, Rows, Seen, TagRow};
use super::job::{JobId, Work};
use super::modal::plan::Making;
use super::modal::repository::Account;
use super::msg::{ChangeId, RequestId};
use super::trial::Trial;
use crate::domain::change;
use crate::domain::cleanup::{Choices, Marks, Protection, Snapshot};
use crate::domain::label::Change;
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::{RegistryId, RegistryProfile};
use crate::domain::repository::GroupFilter;
use crate::domain::secret::{Credential, OneTime};
use crate::domain::transfer::Painting;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    Connect,
    Repositories,
    Tags(RepoName),
    /// Details of these tags, in this order of urgency.
    Details(RepoName, Vec<TagName>),
    TagCounts(Vec<RepoName>),
    Image {
        repo: RepoName,
        reference: Reference,
        platform: Option<Digest>,
        /// Somebody asked for it in spite of its size.
        large: bool,
    },
    Referrers(RepoName, Digest),
    /// Everything the system says of one repository, as it is now.
    Repository(RepoName),
    /// What the registry can do and nothing has shown yet; with a repository of it, where one is known.
    Explore(Option<RepoName>),
    /// What the registry's own search finds.
    Search(String),
    /// Its namespaces or workspaces.
    Scopes,
    /// The registries that its repositories live at.
    Groups(GroupFilter),
    /// One of them, by its key.
    Group(String),
}

/// Where a new secret is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Keep {
    #[default]
    Session,
    Store,
    DockerHelper,
    DockerConfig,
}

#[derive(Clone, Debug)]
pub enum SavedList {
    Repositories(Rows<RepoRow>),
    Tags(RepoName, Rows<TagRow>),
}

/// What is known of a repository when the facts for a plan are read.
#[derive(Clone, Debug)]
pub enum Facts {
    /// The tags of a list that was read moments ago, if there is one.
    List(Option<Seen>),
    /// What a plan was made of that is to go further.
    Plan(Arc<Snapshot>),
}

/// What is to be copied where. Nothing of it is read yet.
#[derive(Clone, Debug)]
pub struct CopyOrder {
    pub from: RegistryId,
    pub repo: RepoName,
    pub source: Reference,
    pub to: RegistryId,
    pub target: (RepoName, TagName),
    pub referrers: bool,
    /// Where the target keeps colours.
    pub colour: Painting,
    /// Of the target.
    pub protection: Protection,
}

#[derive(Clone, Debug)]
pub enum Effect {
    Fetch {
        id: RequestId,
        registry: RegistryId,
        query: Query,
    },
    Abort {
        id: RequestId,
    },
    /// Changes something by the system's own interface. Sent once, never given up, and waited for at the end of a run.
    Change {
        id: ChangeId,
        registry: RegistryId,
        change: Arc<change::Change>,
    },
    /// Makes a new password for docker. Sent once, whatever comes of it.
    MakePassword {
        id: ChangeId,
        registry: RegistryId,
    },
    /// Tries an account where an external repository lives. Nothing is kept.
    TestAccount {
        id: RequestId,
        registry: RegistryId,
        account: Box<Account>,
    },
    /// Reads the facts for a plan. Sends nothing that changes anything.
    Survey {
        id: RequestId,
        registry: RegistryId,
        repo: RepoName,
        protection: Protection,
        marks: Marks,
        choices: Choices,
        from: Facts,
    },
    /// Reads the facts for a plan about whole repositories. Sends nothing that changes anything.
    SurveyRepositories {
        id: RequestId,
        registry: RegistryId,
        repos: Vec<(RepoName, Protection)>,
    },
    /// Makes a plan of a long list.
    MakePlan {
        ticket: Ticket,
        making: Box<Making>,
    },
    /// Reads what is recorded of operations, or of one of them.
    ReadHistory,
    ReadOperation {
        journal: String,
    },
    /// Finds out what of an operation could be put back. Sends nothing that changes anything.
    Weigh {
        id: RequestId,
        registry: RegistryId,
        journal: String,
    },
    /// Finds out what became of an operation that broke off. Sends nothing that changes anything.
    Examine {
        id: RequestId,
        registry: RegistryId,
        journal: String,
    },
    /// Runs it to its end, or until it is stopped.
    StartJob {
        job: JobId,
        registry: RegistryId,
        work: Work,
    },
    /// Looks, after a moment, at what a tag is on; typed on, the next one takes its place.
    LookAtTag {
        id: RequestId,
        registry: RegistryId,
        repo: RepoName,
        tag: TagName,
    },
    /// Whether a layer can become this file, and what is there of it.
    LookAtFile {
        id: RequestId,
        path: String,
        replace: bool,
        image: Digest,
    },
    /// Looks at the files of a push, and asks what is there. Sends nothing that changes anything.
    PlanPush {
        id: RequestId,
        registry: RegistryId,
        repo: RepoName,
        files: (String, String),
    },
    /// Reads what a copy takes along and what its target has.
    PrepareCopy {
        id: RequestId,
        order: Box<CopyOrder>,
    },
    /// Begins nothing more; what is under way is finished.
    StopJob {
        job: JobId,
    },
    /// Works the order of a long list out; a newer one replaces it. A calm one may wait for more rows to arrive.
    Arrange {
        ticket: Ticket,
        job: Box<Job>,
        calm: bool,
    },
    /// Looks for what an earlier visit saw of a repository's tags, or of the repositories.
    Recall {
        id: RequestId,
        registry: RegistryId,
        repo: Option<RepoName>,
    },
    /// Keeps a complete list for the next visit.
    Save {
        registry: RegistryId,
        time: Timestamp,
        list: SavedList,
    },
    /// Forgets the connection: the next request signs in with what holds then.
    Disconnect {
        registry: RegistryId,
    },
    /// Says where credentials for this registry are looked for, for the sign-in dialog.
    LookUp {
        registry: RegistryId,
    },
    /// A registry that is new in this run; its id is the next one. It is not written anywhere.
    KnowRegistry(Box<RegistryProfile>),
    /// The same registry with other settings; `keys` of it are written when it is in the config.
    ChangeRegistry {
        registry: RegistryId,
        profile: Box<RegistryProfile>,
        keys: &'static [&'static str],
    },
    /// The registry has told which of its workspaces is looked at.
    SettleScope {
        registry: RegistryId,
        scope: String,
    },
    /// Finds out which protocol is spoken at an address. Without any credential.
    FindKind {
        id: RequestId,
        profile: Box<RegistryProfile>,
    },
    /// Says what an address leads to, without keeping anything.
    TestRegistry(Box<Trial>),
    /// Connects with this CA file, for the dialog.
    TryCa {
        registry: RegistryId,
        file: PathBuf,
    },
    /// Starts the demo's registries within this run.
    StartDemo,
    SignIn {
        registry: RegistryId,
        credential: Credential,
        keep: Keep,
    },
    /// Says what an account may do; nothing is kept.
    TestSignIn {
        registry: RegistryId,
        credential: Credential,
    },
    SignOut {
        registry: RegistryId,
    },
    TrustRealm {
        registry: RegistryId,
        realm: String,
    },
    TrustPlain {
        registry: RegistryId,
    },
    SaveRegistry(Box<RegistryProfile>),
    /// Out of the config.
    ForgetRegistry(RegistryId),
    /// Into the config again, as it stood there.
    BringBack(RegistryId),
    SetFavourite {
        registry: String,
        repository: Option<RepoName>,
        on: bool,
    },
    /// Keeps labels and notes of tags.
    ChangeLabels(Vec<Change>),
    /// Writes all labels, notes, rules and favourites to a file; an existing one only with `replace`.
    ExportLabels {
        path: String,
        replace: bool,
    },
    /// Reads such a file. Nothing of it is taken yet.
    ReadLabels {
        path: String,
    },
    /// A typed repository that exists and that the registry does not list: shown again in the next run, or not.
    SetTyped {
        registry: String,
        repository: RepoName,
        on: bool,
    },
    /// The looks in the state have changed.
    ApplyLooks,
    /// Writes them to the config.
    SaveLooks {
        theme: Option<&'static str>,
        ascii: Option<bool>,
    },
    Copy(String),
    /// The same of a secret.
    CopySecret(OneTime),
    /// Writes a list to a file; an existing one only with `replace`.
    SaveList {
        path: String,
        replace: bool,
        export: Box<super::export::Export>,
    },
    SetMouse(bool),
    NextTheme,
    Suspend,
    Redraw,
    Quit,
}
