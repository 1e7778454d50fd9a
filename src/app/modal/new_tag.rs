//! Another tag on an image: in its repository, in another one, in another registry; or a new name for an old tag.

use super::colour::ColourPicker;
use super::form::{Control, Done, Form};
use super::{Outcome, Then};
use crate::app::key::Key;
use crate::app::msg::RequestId;
use crate::app::state::State;
use crate::domain::capability::{Ability, DeleteSemantics, Place, Support};
use crate::domain::clean::{self, Clean};
use crate::domain::colour::Colour;
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::{BackendKind, Mode, RegistryId};
use crate::domain::transfer::{Painting, Transfer};

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
    /// Of the form's controls.
    parts: Vec<Part>,
    pub way: Way,
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

/// What stands where in the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Registry,
    Repository,
    Tag,
    Colour,
    Old,
    Referrers,
    Create,
    Cancel,
}

/// How tags are set where the image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// By the system's own call, which leads nowhere else.
    pub call: bool,
    pub colours: bool,
    /// Tags can be deleted alone, or that is not known.
    pub renames: bool,
}

const RENAME: usize = 1;
const ALONG: usize = 1;

impl NewTag {
    pub fn new(registry: RegistryId, repo: RepoName, source: Reference, state: &State) -> Self {
        let here = state.registry(registry);
        let call = here.caps.can(Ability::SetTag);
        let way = Way {
            call,
            colours: call && here.caps.colours == Place::Server,
            renames: !call || (here.caps.delete != DeleteSemantics::Unsupported && here.caps.tag_delete != Support::No),
        };
        let registries: Vec<RegistryId> = (0..state.registries.len() as u32).map(RegistryId).collect();
        // Not those that were forgotten, nor those that docker knows and nobody imported, nor those that take no images.
        let takes = |id: &RegistryId| state.registry(*id).profile.kind == BackendKind::Oci;
        let listed =
            |id: &RegistryId| *id == registry || (takes(id) && !state.hidden.contains(id) && state.registry(*id).saved);
        let registries: Vec<RegistryId> = registries.into_iter().filter(listed).collect();
        let names = registries.iter().map(|id| clean::line(&state.registry(*id).profile.name).to_string().into());
        let here = registries.iter().position(|id| *id == registry).unwrap_or_default();
        let tag = if let Reference::Tag(tag) = &source { tag.as_str() } else { "" };
        let choice = Control::Choice { label: "Registry", options: names.collect(), picked: here };
        let picker = ColourPicker::empty();
        let all = [
            (!way.call, Part::Registry, choice),
            (!way.call, Part::Repository, Control::text("Repository", repo.as_str())),
            (true, Part::Tag, Control::text("Tag", tag)),
            (way.colours, Part::Colour, Control::Colour { label: "Colour", picker }),
            (
                way.renames,
                Part::Old,
                Control::choice("Old tag", &["stays", "goes afterwards: a plan to delete it is shown"]),
            ),
            (
                !way.call,
                Part::Referrers,
                Control::choice("Referrers", &["stay where they are", "go along (signatures, SBOMs)"]),
            ),
            (true, Part::Create, Control::Button { label: "Create tag" }),
            (true, Part::Cancel, Control::Button { label: "Cancel" }),
        ];
        let (parts, controls) = all.into_iter().filter(|(there, ..)| *there).map(|(_, part, it)| (part, it)).unzip();
        let (form, kind) = (Form::new(controls), Clean::default());
        let (digest, seen, error, busy) = (None, None, None, None);
        let mut dialog = Self { registry, repo, source, digest, kind, form, parts, way, registries, seen, error, busy };
        dialog.focus(Part::Tag);
        dialog
    }

    fn at(&self, part: Part) -> Option<usize> {
        self.parts.iter().position(|other| *other == part)
    }

    fn focus(&mut self, part: Part) {
        self.form.focus = self.at(part).unwrap_or_default();
    }

    fn picked(&self, part: Part) -> usize {
        self.at(part).map_or(0, |at| self.form.picked(at))
    }

    /// What is typed there; nothing where there is no such field.
    fn text(&self, part: Part) -> Option<&str> {
        self.at(part).map(|at| self.form.text(at).trim())
    }

    /// An empty field leaves the tag the colour it has. `Err`: what is typed is none.
    pub fn painting(&self) -> Result<Painting, Clean> {
        let picker = self.at(Part::Colour).and_then(|at| self.form.colour(at));
        match picker.filter(|picker| !picker.text().is_empty()) {
            None => Ok(Painting::AsItIs),
            Some(picker) => match picker.exact() {
                Some(colour) => Ok(Painting::Is(Some(colour))),
                None => Err(clean::line(&format!("Colour: {}", Colour::ALLOWED))),
            },
        }
    }

    /// Where the tag is to be, or what is wrong with it.
    pub fn target(&self) -> Result<Target, Clean> {
        let wrong = |what: &str, error: String| clean::line(&format!("{what}: {error}"));
        let repo = match self.text(Part::Repository) {
            Some(typed) => RepoName::parse(typed).map_err(|error| wrong("Repository", error.to_string()))?,
            None => self.repo.clone(),
        };
        let tag = TagName::parse(self.text(Part::Tag).unwrap_or_default())
            .map_err(|error| wrong("Tag", error.to_string()))?;
        Ok(Target { registry: self.chosen(), repo, tag })
    }

    fn chosen(&self) -> RegistryId {
        match self.at(Part::Registry) {
            Some(at) => self.registries.get(self.form.picked(at)).copied().unwrap_or(self.registry),
            None => self.registry,
        }
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
        self.picked(Part::Referrers) == ALONG
    }

    /// The tag that goes afterwards.
    pub fn renames(&self) -> Option<TagName> {
        match &self.source {
            Reference::Tag(tag) if self.picked(Part::Old) == RENAME => Some(tag.clone()),
            _ => None,
        }
    }

    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        match self.form.key(key) {
            Done::Nothing => {
                self.error = None;
                Outcome::Stay
            }
            Done::Pressed(at) if Some(at) == self.at(Part::Create) => self.create(state),
            Done::Cancelled | Done::Pressed(_) => Outcome::Close,
        }
    }

    fn create(&mut self, state: &State) -> Outcome {
        if self.busy.is_some() {
            return Outcome::Stay;
        }
        if let Some(why) = self.forbidden(state) {
            return self.refuse(Part::Tag, clean::line(&format!("Nothing is sent: {why}.")));
        }
        let target = match self.target() {
            Ok(target) => target,
            Err(why) => return self.refuse(Part::Tag, why),
        };
        if self.stays(&target) && Reference::Tag(target.tag.clone()) == self.source {
            return self.refuse(Part::Tag, Clean::fixed("That is where it is. Type another name."));
        }
        if let Err(why) = self.painting() {
            return self.refuse(Part::Colour, why);
        }
        Outcome::Act(Then::PrepareCopy(Box::new(self.clone())))
    }

    fn refuse(&mut self, part: Part, why: Clean) -> Outcome {
        self.error = Some(why);
        self.focus(part);
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
