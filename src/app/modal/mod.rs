//! Dialogs: a closed set on a stack. A dialog gets every key while it is on top, and says what became of it.

pub mod about;
pub mod add_registry;
pub mod ca_file;
pub mod colour;
pub mod confirm;
pub mod copy;
pub mod file_form;
pub mod form;
pub mod groups;
pub mod help;
pub mod import;
pub mod label;
pub mod label_file;
pub mod layer;
pub mod messages;
pub mod new_tag;
pub mod operation;
pub mod palette;
pub mod password;
pub mod plan;
pub mod progress;
pub mod prompt;
pub mod recolour;
pub mod repository;
pub mod rule;
pub mod save;
pub mod scopes;
pub mod search;
pub mod sign_in;
pub mod sort;
pub mod sweep;

use jiff::Timestamp;

use super::key::Key;
use super::state::State;
use super::update::Away;
use crate::domain::change::Change;
use crate::domain::clean::Clean;
use crate::domain::recorded::Recolouring;
use crate::domain::registry::RegistryId;

#[derive(Clone, Debug)]
pub enum Modal {
    Help(help::Help),
    Palette(palette::Palette),
    Sort(sort::SortMenu),
    Copy(copy::CopyMenu),
    Save(save::Save),
    Prompt(prompt::Prompt),
    Search(search::Search),
    Scopes(Box<scopes::Scopes>),
    Groups(Box<groups::Groups>),
    Rule(rule::Rule),
    Label(Box<label::LabelDialog>),
    Recolour(Box<recolour::Recolour>),
    LabelFile(label_file::LabelFile),
    Layer(Box<layer::LayerDialog>),
    Plan(Box<plan::PlanDialog>),
    Sweep(Box<sweep::SweepDialog>),
    NewTag(Box<new_tag::NewTag>),
    Overwrite(Box<new_tag::Overwrite>),
    Progress(progress::Progress),
    Operation(Box<operation::OperationDialog>),
    SignIn(sign_in::SignIn),
    AddRegistry(add_registry::AddRegistry),
    CaFile(ca_file::CaFile),
    Import(import::Import),
    Messages(messages::Messages),
    Repository(Box<repository::RepositoryDialog>),
    Password(Box<password::PasswordDialog>),
    About(about::About),
    Ask(Ask),
}

/// A question with the values it asks about captured in it.
#[derive(Clone, Debug)]
pub struct Ask {
    pub title: &'static str,
    pub lines: Vec<Clean>,
    pub intent: Intent,
}

/// What a confirmed question does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    TrustRealm {
        registry: RegistryId,
        realm: String,
    },
    TrustPlain {
        registry: RegistryId,
    },
    /// Add the registry that a repository lives at, and open it there.
    OpenElsewhere(Box<Away>),
    Quit,
    /// Stop the jobs, then quit.
    Leave,
}

/// What a dialog did with a key.
#[derive(Clone, Debug)]
pub enum Outcome {
    Stay,
    Close,
    /// Stays, and another one comes on top.
    Push(Box<Modal>),
    /// Close, then act on the state below.
    Act(Then),
}

#[derive(Clone, Debug)]
pub enum Then {
    Action(super::action::Action),
    Confirmed(Intent),
    Sort(super::list::Sort),
    Theme(String),
    Mouse(bool),
    Copy(Box<copy::Entry>),
    Save(Box<save::Save>),
    Open(prompt::Target),
    SignIn(Box<sign_in::SignIn>),
    Add(Box<add_registry::AddRegistry>),
    TryCa(Box<ca_file::CaFile>),
    /// Colours and signs as chosen, at once.
    Look(Box<import::Import>),
    Import(Box<import::Import>),
    SkipImport,
    StartDemo(Box<import::Import>),
    CopyMessages,
    MarkByRule(Box<rule::Rule>),
    Label(Box<label::LabelDialog>),
    Recolour(RegistryId, Box<Recolouring>),
    LabelFile(Box<label_file::LabelFile>),
    Layer(Box<layer::LayerDialog>),
    StartPlan(Box<plan::PlanDialog>),
    /// Its facts are read again.
    PlanAgain(Box<plan::PlanDialog>),
    /// Something else was chosen for it.
    PlanChanged(Box<plan::PlanDialog>),
    /// What is read for a choice is not wanted after all.
    PlanBack(Box<plan::PlanDialog>),
    SavePlan(Box<plan::PlanDialog>),
    StartSweep(Box<sweep::SweepDialog>),
    /// Its facts are read again.
    SweepAgain(Box<sweep::SweepDialog>),
    StopJob(progress::Progress),
    Retry(progress::Progress),
    SaveReport(progress::Progress),
    PrepareCopy(Box<new_tag::NewTag>),
    StartCopy(Box<new_tag::Order>),
    Operation(Box<operation::OperationDialog>, operation::Do),
    SignInFor(RegistryId),
    /// What a repository is now, once more.
    ReadRepository(Box<repository::RepositoryDialog>),
    TestAccount(Box<repository::RepositoryDialog>, Box<repository::Account>),
    SendForm(Box<repository::RepositoryDialog>, Box<Change>),
    MakePassword(Box<password::PasswordDialog>),
    CopyPassword(Box<password::PasswordDialog>),
    Search(RegistryId, String),
    Scope(Box<scopes::Scopes>, scopes::Choice),
    AskScopes(Box<scopes::Scopes>),
    AskGroups(Box<groups::Groups>),
    /// One of them, by its key.
    AskGroup(Box<groups::Groups>, String),
    ShowGroup(RegistryId, Option<Clean>),
}

impl Modal {
    /// Whether a text field has the focus.
    pub fn typing(&self) -> bool {
        match self {
            Self::Help(_) | Self::Palette(_) | Self::Prompt(_) | Self::Search(_) | Self::Scopes(_) => true,
            Self::Groups(dialog) => dialog.form.as_ref().is_some_and(form::Form::typing),
            Self::SignIn(dialog) => dialog.form.typing(),
            Self::AddRegistry(dialog) => dialog.form.typing(),
            Self::CaFile(dialog) => dialog.form.typing(),
            Self::Save(dialog) => dialog.to.form.typing(),
            Self::Rule(dialog) => dialog.form.typing(),
            Self::Label(dialog) => dialog.typing(),
            Self::Recolour(dialog) => dialog.form.typing(),
            Self::LabelFile(dialog) => dialog.to.form.typing(),
            Self::Layer(dialog) => dialog.typing(),
            Self::Plan(dialog) if dialog.filters() => true,
            Self::Plan(_) | Self::Sweep(_) | Self::Operation(_) | Self::Password(_) => {
                self.question().is_some_and(|question| question.focus == confirm::Focus::Typed)
            }
            Self::NewTag(dialog) => dialog.form.typing(),
            Self::Overwrite(dialog) => dialog.asked.is_some(),
            Self::Repository(dialog) => dialog.typing(),
            Self::Sort(_)
            | Self::Copy(_)
            | Self::Import(_)
            | Self::Messages(_)
            | Self::About(_)
            | Self::Ask(_)
            | Self::Progress(_) => false,
        }
    }

    /// What it asks before something is done to a registry.
    fn question(&self) -> Option<&confirm::Confirm> {
        match self {
            Self::Plan(dialog) => dialog.question(),
            Self::Sweep(dialog) => dialog.question(),
            Self::Operation(dialog) => dialog.question(),
            Self::Password(dialog) => dialog.question(),
            _ => None,
        }
    }

    /// It asks whether something is to be done, and was not on the screen yet.
    pub fn waits_to_be_shown(&self) -> bool {
        self.question().is_some_and(confirm::Confirm::waits_to_be_shown)
    }

    /// It was drawn: what is typed from now on, and not at once, is meant.
    pub fn shown(&mut self, now: Timestamp) {
        let question = match self {
            Self::Plan(dialog) => dialog.question_mut(),
            Self::Sweep(dialog) => dialog.question_mut(),
            Self::Operation(dialog) => dialog.question_mut(),
            Self::Password(dialog) => dialog.question_mut(),
            _ => None,
        };
        if let Some(question) = question {
            question.shown(now);
        }
    }

    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        match self {
            Self::Help(dialog) => dialog.key(key, state),
            Self::Palette(dialog) => dialog.key(key, state),
            Self::Sort(dialog) => dialog.key(key),
            Self::Copy(dialog) => dialog.key(key),
            Self::Save(dialog) => dialog.key(key),
            Self::Prompt(dialog) => dialog.key(key, state),
            Self::Search(dialog) => dialog.key(key, state),
            Self::Scopes(dialog) => dialog.key(key, state),
            Self::Groups(dialog) => dialog.key(key),
            Self::Rule(dialog) => dialog.key(key, state),
            Self::Label(dialog) => dialog.key(key, state),
            Self::Recolour(dialog) => dialog.key(key, state),
            Self::LabelFile(dialog) => dialog.key(key),
            Self::Layer(dialog) => dialog.key(key),
            Self::Plan(dialog) => dialog.key(key, state),
            Self::Sweep(dialog) => dialog.key(key, state),
            Self::NewTag(dialog) => dialog.key(key, state),
            Self::Overwrite(dialog) => dialog.key(key),
            Self::Progress(dialog) => dialog.key(key, state),
            Self::Operation(dialog) => dialog.key(key, state),
            Self::SignIn(dialog) => dialog.key(key),
            Self::AddRegistry(dialog) => dialog.key(key),
            Self::CaFile(dialog) => dialog.key(key),
            Self::Import(dialog) => dialog.key(key, state),
            Self::Messages(dialog) => dialog.key(key, state.messages.len()),
            Self::Repository(dialog) => dialog.key(key),
            Self::Password(dialog) => dialog.key(key, state.now),
            Self::About(dialog) => dialog.key(key, state),
            Self::Ask(dialog) => dialog.key(key),
        }
    }

    /// Pasted text: into the field that has the focus, never a command.
    pub fn paste(&mut self, text: &str) {
        match self {
            Self::Help(dialog) => form::insert(&mut dialog.query, text),
            Self::Palette(dialog) => form::insert(&mut dialog.query, text),
            Self::Prompt(dialog) => form::insert(&mut dialog.text, text),
            Self::Search(dialog) => form::insert(&mut dialog.text, text),
            Self::Scopes(dialog) => form::insert(&mut dialog.query, text),
            Self::Groups(dialog) => {
                if let Some(form) = &mut dialog.form {
                    form.paste(text);
                }
            }
            Self::SignIn(dialog) => dialog.form.paste(text),
            Self::AddRegistry(dialog) => dialog.form.paste(text),
            Self::CaFile(dialog) => dialog.form.paste(text),
            Self::Rule(dialog) => dialog.paste(text),
            Self::NewTag(dialog) => dialog.form.paste(text),
            Self::Label(dialog) => dialog.paste(text),
            Self::Recolour(dialog) => dialog.form.paste(text),
            Self::Layer(dialog) => dialog.paste(text),
            Self::LabelFile(dialog) => dialog.paste(text),
            Self::Save(dialog) => dialog.paste(text),
            Self::Plan(dialog) => dialog.paste(text),
            Self::Repository(dialog) if dialog.typing() => dialog.form.paste(text),
            // Without a field; and a confirmation is typed, never pasted.
            _ => {}
        }
    }
}

impl Ask {
    fn key(&mut self, key: Key) -> Outcome {
        use super::key::KeyCode as Code;
        match key.code {
            Code::Char('y') if !key.ctrl && !key.alt => Outcome::Act(Then::Confirmed(self.intent.clone())),
            Code::Esc | Code::Enter | Code::Char('n' | 'q') => Outcome::Close,
            _ => Outcome::Stay,
        }
    }
}
