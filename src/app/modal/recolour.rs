//! Another colour for tags, where the system keeps colours: for one, or for all that are marked.

use std::collections::BTreeMap;

use super::colour::ColourPicker;
use super::form::{Control, Done, Form};
use super::{Outcome, Then};
use crate::app::key::Key;
use crate::app::state::State;
use crate::domain::clean::{self, Clean};
use crate::domain::colour::Colour;
use crate::domain::recorded::{Recolouring, Repaint};
use crate::domain::reference::{RepoName, TagName};
use crate::domain::registry::RegistryId;

const COLOUR: usize = 0;
const APPLY: usize = 1;
const TAKE_AWAY: usize = 2;

#[derive(Clone, Debug)]
pub struct Recolour {
    pub registry: RegistryId,
    pub repo: RepoName,
    /// With the colours they have, as the system writes them.
    pub tags: Vec<(TagName, Option<Clean>)>,
    pub form: Form,
    pub error: Option<Clean>,
}

impl Recolour {
    pub fn new(registry: RegistryId, repo: RepoName, tags: Vec<(TagName, Option<Clean>)>) -> Self {
        let first = tags.first().and_then(|(_, colour)| colour.clone());
        let common = first.filter(|first| tags.iter().all(|(_, colour)| colour.as_ref() == Some(first)));
        let picker = match common.and_then(|text| Colour::parse(text.as_str())) {
            Some(colour) => ColourPicker::new(colour),
            None => ColourPicker::empty(),
        };
        let form = Form::new(vec![
            Control::Colour { label: "Colour", picker },
            Control::Button { label: "Apply" },
            Control::Button { label: "Take the colour away" },
            Control::Button { label: "Cancel" },
        ]);
        Self { registry, repo, tags, form, error: None }
    }

    /// The colours there are, and how many tags have each.
    pub fn now(&self) -> BTreeMap<Option<&Clean>, usize> {
        let mut all = BTreeMap::new();
        for (_, colour) in &self.tags {
            *all.entry(colour.as_ref().filter(|text| !text.is_empty())).or_default() += 1;
        }
        all
    }

    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        match self.form.key(key) {
            Done::Nothing => {
                self.error = None;
                Outcome::Stay
            }
            Done::Pressed(APPLY) => match self.form.colour(COLOUR).and_then(ColourPicker::exact) {
                Some(colour) => self.submit(Some(colour), state),
                None => self.refuse(Colour::ALLOWED),
            },
            Done::Pressed(TAKE_AWAY) => self.submit(None, state),
            Done::Cancelled | Done::Pressed(_) => Outcome::Close,
        }
    }

    fn refuse(&mut self, why: &str) -> Outcome {
        self.error = Some(clean::line(why));
        self.form.focus = COLOUR;
        Outcome::Stay
    }

    /// Tags that have it already are left alone.
    fn submit(&mut self, colour: Option<String>, state: &State) -> Outcome {
        let profile = &state.registry(self.registry).profile;
        let other = self.tags.iter().map(|(tag, before)| Repaint {
            tag: tag.clone(),
            before: before.as_ref().map(ToString::to_string),
            after: colour.clone(),
        });
        let other =
            other.filter(|one| one.before.as_deref().unwrap_or_default() != one.after.as_deref().unwrap_or_default());
        let work = Recolouring {
            registry: profile.name.clone(),
            origin: profile.origin(),
            repo: self.repo.clone(),
            tags: other.collect(),
            takes_back: false,
        };
        match work.tags.is_empty() {
            true => self.refuse("Nothing changes: that is the colour they have."),
            false => Outcome::Act(Then::Recolour(self.registry, Box::new(work))),
        }
    }
}
