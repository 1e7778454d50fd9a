//! Another tag on an image: in its repository, in another one, in another registry; or a new name for an old tag.

use super::form::{Control, Done, Form};
use super::{Outcome, Then};
use crate::app::key::Key;
use crate::app::msg::RequestId;
use crate::app::state::State;
use crate::domain::clean::{self, Clean};
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::{Mode, RegistryId};
use crate::domain::transfer::Transfer;

#[derive(Clone, Debug)]
pub struct NewTag {
    pub registry: RegistryId,
    pub repo: RepoName,
    pub source: Reference,
    /// What the dialog shows, and what is tagged: nothing else, even where the source has moved.
    pub digest: Option<Digest>,
    /// What it is, in words.
    pub kind: Clean,
    pub form: Form,
    /// Where it may go, in the order of the choice: the registries of the first list.
    pub registries: Vec<RegistryId>,
    pub seen: Option<Seen>,
    pub error: Option<Clean>,
    /// Everything is being read.
    pub busy: Option<RequestId>,
}

/// What was asked about the target, and the answer.
#[derive(Clone, Debug)]
pub struct Seen {
    pub target: Target,
    pub id: RequestId,
    /// `None` until it comes.
    pub found: Option<Result<Option<Digest>, Clean>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub registry: RegistryId,
    pub repo: RepoName,
    pub tag: TagName,
}

/// A tag that exists is moved: both digests are shown, and somebody says so.
#[derive(Clone, Debug)]
pub struct Overwrite {
    pub order: Order,
    /// What has to be typed, and why; else a key is enough.
    pub asked: Option<(String, Clean)>,
    /// The history has the way back.
    pub kept: bool,
    pub typed: crate::app::list::Field,
}

/// A copy with everything that was confirmed about it.
#[derive(Clone, Debug)]
pub struct Order {
    pub from: RegistryId,
    pub to: RegistryId,
    pub transfer: std::sync::Arc<Transfer>,
    /// The old name is to go afterwards, by a plan of its own.
    pub renames: Option<TagName>,
}

const REGISTRY: usize = 0;
const REPOSITORY: usize = 1;
const TAG: usize = 2;
const OLD: usize = 3;
const REFERRERS: usize = 4;
const CREATE: usize = 5;
const RENAME: usize = 1;
const ALONG: usize = 1;

impl NewTag {
    pub fn new(registry: RegistryId, repo: RepoName, source: Reference, state: &State) -> Self {
        let registries: Vec<RegistryId> = (0..state.registries.len() as u32).map(RegistryId).collect();
        // Not those that were forgotten, nor those that docker knows and nobody imported.
        let listed = |id: &RegistryId| *id == registry || (!state.hidden.contains(id) && state.registry(*id).saved);
        let registries: Vec<RegistryId> = registries.into_iter().filter(listed).collect();
        let names = registries.iter().map(|id| clean::line(&state.registry(*id).profile.name).to_string().into());
        let here = registries.iter().position(|id| *id == registry).unwrap_or_default();
        let tag = if let Reference::Tag(tag) = &source { tag.as_str() } else { "" };
        let mut form = Form::new(vec![
            Control::Choice { label: "Registry", options: names.collect(), picked: here },
            Control::text("Repository", repo.as_str()),
            Control::text("Tag", tag),
            Control::choice("Old tag", &["stays", "goes afterwards: a plan to delete it is shown"]),
            Control::choice("Referrers", &["stay where they are", "go along (signatures, SBOMs)"]),
            Control::Button { label: "Create tag" },
            Control::Button { label: "Cancel" },
        ]);
        form.focus = TAG;
        let kind = Clean::default();
        Self { registry, repo, source, digest: None, kind, form, registries, seen: None, error: None, busy: None }
    }

    /// Where the tag is to be, or what is wrong with it.
    pub fn target(&self) -> Result<Target, Clean> {
        let wrong = |what: &str, error: String| clean::line(&format!("{what}: {error}"));
        let repo = self.form.text(REPOSITORY).trim();
        let repo = RepoName::parse(repo).map_err(|error| wrong("Repository", error.to_string()))?;
        let tag = TagName::parse(self.form.text(TAG).trim()).map_err(|error| wrong("Tag", error.to_string()))?;
        Ok(Target { registry: self.chosen(), repo, tag })
    }

    fn chosen(&self) -> RegistryId {
        self.registries.get(self.form.picked(REGISTRY)).copied().unwrap_or(self.registry)
    }

    /// Why nothing can be written where it would be.
    pub fn forbidden(&self, state: &State) -> Option<&'static str> {
        let target = state.registry(self.chosen());
        if state.read_only {
            Some("tagboat runs read-only (--read-only)")
        } else if target.profile.mode == Mode::ReadOnly {
            Some("that registry is read-only in the config (mode = \"ro\")")
        } else if state.cleanup.unread {
            Some("the config has a mistake, so what it protects is not known")
        } else {
            None
        }
    }

    /// The image stays in its repository: its manifest is all that is sent.
    pub fn stays(&self, target: &Target) -> bool {
        target.registry == self.registry && target.repo == self.repo
    }

    /// What the target is on now, as far as it was seen.
    pub fn found(&self, target: &Target) -> Option<&Result<Option<Digest>, Clean>> {
        self.seen.as_ref().filter(|seen| seen.target == *target)?.found.as_ref()
    }

    pub fn referrers(&self) -> bool {
        self.form.picked(REFERRERS) == ALONG
    }

    /// The tag that goes afterwards.
    pub fn renames(&self) -> Option<TagName> {
        match &self.source {
            Reference::Tag(tag) if self.form.picked(OLD) == RENAME => Some(tag.clone()),
            _ => None,
        }
    }

    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        match self.form.key(key) {
            Done::Nothing => {
                self.error = None;
                Outcome::Stay
            }
            Done::Pressed(CREATE) if self.busy.is_some() => Outcome::Stay,
            Done::Pressed(CREATE) => match (self.forbidden(state), self.target()) {
                (Some(why), _) => self.refuse(clean::line(&format!("Nothing is sent: {why}."))),
                (None, Err(why)) => self.refuse(why),
                (None, Ok(target)) if self.stays(&target) && Reference::Tag(target.tag.clone()) == self.source => {
                    self.refuse(Clean::fixed("That is where it is. Type another name."))
                }
                (None, Ok(_)) => Outcome::Act(Then::PrepareCopy(Box::new(self.clone()))),
            },
            Done::Cancelled | Done::Pressed(_) => Outcome::Close,
        }
    }

    fn refuse(&mut self, why: Clean) -> Outcome {
        self.error = Some(why);
        self.form.focus = TAG;
        Outcome::Stay
    }
}

impl Overwrite {
    pub fn key(&mut self, key: Key) -> Outcome {
        use crate::app::key::KeyCode as Code;
        let go = |dialog: &Self| Outcome::Act(Then::StartCopy(Box::new(dialog.order.clone())));
        match (key.code, &self.asked) {
            (Code::Esc, _) => Outcome::Close,
            (Code::Char('y'), None) if !key.ctrl && !key.alt => go(self),
            (Code::Enter | Code::Char('n' | 'q'), None) => Outcome::Close,
            (Code::Enter, Some((asked, _))) if self.typed.value() == asked => go(self),
            (_, Some(_)) => {
                super::form::edit(&mut self.typed, key);
                Outcome::Stay
            }
            _ => Outcome::Stay,
        }
    }
}
