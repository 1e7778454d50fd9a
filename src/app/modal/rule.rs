//! Marking by a rule: which tags, which not, how many of the newest stay. Says what it would mark while it is typed.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::form::{Control, Done, Form};
use super::{Outcome, Then};
use crate::app::key::Key;
use crate::app::pane::{Place, tags};
use crate::app::protection::Shield;
use crate::app::state::State;
use crate::domain::clean::{self, Clean};
use crate::domain::cleanup::{Candidate, Keep, KeepBy, Marked, Per, Rules};
use crate::domain::filter::{self, Filter};

/// Longer lists are counted when a field is left, not at every key.
const LIVE: usize = 20_000;

/// By what newest is told. When something was pushed, the interface of registries does not say.
const NEWEST_BY: [KeepBy; 3] = [KeepBy::Created, KeepBy::Semver, KeepBy::Name];
const BY: [&str; 3] = ["when it was made", "version (semver)", "name"];
const ALSO: [&str; 4] = ["nothing else", "tags without a manifest", "manifests without a tag", "both"];
const ALSO_IMAGES: [&str; 4] = ["nothing else", "tags without an image", "images without a tag", "both"];

const WHICH: usize = 0;
const TAGS: usize = 1;
const EXCEPT: usize = 2;
const OLDER: usize = 3;
const KEEP: usize = 4;
const EACH: usize = 5;
const NEWEST: usize = 6;
const MORE: usize = 7;

#[derive(Clone, Debug)]
pub struct Rule {
    pub form: Form,
    /// The fields of a rule of one's own, while a saved one is chosen.
    own: Vec<Control>,
    /// What would be marked; worked out when somebody looks at it.
    found: OnceCell<Result<Marked, Clean>>,
    /// Where the focus was when it was worked out.
    focus: usize,
}

impl Rule {
    pub fn new(state: &State) -> Self {
        let mut names: Vec<Cow<'static, str>> = vec!["as below".into()];
        names.extend(state.cleanup.rules.iter().map(|(name, _)| clean::line(name).to_string().into()));
        let choice = Control::Choice { label: "Rule", options: names, picked: 0 };
        let mut controls = vec![
            choice,
            Control::text("Tags", ""),
            Control::text("Except", ""),
            Control::text("Older than", ""),
            Control::text("Keep newest", ""),
            Control::text("Of each", ""),
            Control::choice("Newest by", &BY),
            Control::choice("Also mark", if state.words().nests { &ALSO } else { &ALSO_IMAGES }),
        ];
        controls.extend(buttons());
        let mut form = Form::new(controls);
        form.focus = TAGS;
        Self { form, own: Vec::new(), found: OnceCell::new(), focus: TAGS }
    }

    /// The saved rule that is chosen.
    pub fn saved<'a>(&self, state: &'a State) -> Option<&'a (String, Rules)> {
        state.cleanup.rules.get(self.form.picked(WHICH).checked_sub(1)?)
    }

    pub fn rules(&self, state: &State) -> Result<Rules, Clean> {
        if let Some((_, rules)) = self.saved(state) {
            return Ok(rules.clone());
        }
        let text = |at| self.form.text(at).trim();
        let mut wanted = text(TAGS).to_owned();
        if !text(OLDER).is_empty() {
            wanted = format!("{wanted} age>{}", text(OLDER));
        }
        let newest = (self.form.picked(NEWEST), text(EACH));
        Ok(Rules {
            mark: filters(&wanted, "Tags")?,
            exclude: filters(text(EXCEPT), "Except")?,
            keep: keep(text(KEEP), newest)?,
            dangling: matches!(self.form.picked(MORE), 1 | 3),
            untagged: matches!(self.form.picked(MORE), 2 | 3),
            ..Rules::default()
        })
    }

    /// What the rule says of the list on screen. Protected tags are not marked by rules.
    pub fn apply(&self, state: &State) -> Option<Result<Marked, Clean>> {
        let pane = state.pane();
        let Place::Tags(id, repo) = &pane.place else { return None };
        let list = state.tags(*id, repo)?;
        let rules = match self.rules(state) {
            Ok(rules) => rules,
            Err(error) => return Some(Err(error)),
        };
        let labels = state.labels(*id, repo);
        let sharing = |info: &crate::domain::tag::DigestInfo| list.sharing(&info.digest);
        let rows: Vec<Candidate<'_>> = list
            .rows
            .iter()
            .filter_map(|row| Some((tags::name(row)?, row)))
            .map(|(tag, row)| {
                let row = tags::facts(row, sharing, &labels, state.now);
                Candidate { tag, row, pushed: filter::Field::Absent }
            })
            .collect();
        let mut found = rules.apply(&rows, state.now);
        let shield = Shield::new(state, pane)?;
        let covered = |tag: &_| list.row(tag).is_some_and(|row| shield.covers(row, list));
        let (stays, marked) = std::mem::take(&mut found.tags).into_iter().partition(covered);
        let stays: Vec<_> = stays;
        found.tags = marked;
        found.kept.extend(stays.into_iter().map(|tag| (tag, Clean::fixed("it is protected"))));
        Some(Ok(found))
    }

    /// The same, for the screen; `None` while it is not worked out.
    pub fn found(&self, state: &State) -> Option<&Result<Marked, Clean>> {
        let pane = state.pane();
        let Place::Tags(id, repo) = &pane.place else { return None };
        let long = state.tags(*id, repo)?.rows.len() > LIVE;
        if long && self.form.typing() && self.focus == self.form.focus && self.found.get().is_none() {
            return None;
        }
        if self.found.get().is_none() {
            let found = self.apply(state)?;
            return Some(self.found.get_or_init(|| found));
        }
        self.found.get()
    }

    /// Details came, or rows: what was worked out is old.
    pub fn changed(&mut self) {
        self.found.take();
    }

    /// Every row's details have to be read before the rule can judge it.
    pub fn needs_details(&self, state: &State) -> bool {
        let Place::Tags(id, repo) = &state.pane().place else { return false };
        let labelled = || state.labels(*id, repo).needs_details();
        self.rules(state).is_ok_and(|rules| rules.needs_details() || (rules.asks_labels() && labelled()))
    }

    pub fn paste(&mut self, text: &str) {
        self.form.paste(text);
        self.focus = self.form.focus;
        self.changed();
    }

    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        let picked = self.form.picked(WHICH);
        let focus = self.form.focus;
        let done = self.form.key(key);
        self.choose(picked);
        self.focus = focus;
        self.changed();
        match done {
            Done::Pressed(at) if at + 2 == self.form.controls.len() => match self.found_now(state) {
                true => Outcome::Act(Then::MarkByRule(Box::new(self.clone()))),
                false => Outcome::Stay,
            },
            Done::Pressed(_) | Done::Cancelled => Outcome::Close,
            Done::Nothing => Outcome::Stay,
        }
    }

    /// There is something the button could do.
    fn found_now(&self, state: &State) -> bool {
        self.rules(state).is_ok_and(|rules| !rules.is_empty())
    }

    /// A saved rule is taken as it is; the fields come back with one's own.
    fn choose(&mut self, before: usize) {
        let now = self.form.picked(WHICH);
        if (before == 0) == (now == 0) {
            return;
        }
        let rest = self.form.controls.split_off(WHICH + 1);
        if before == 0 {
            self.own = rest;
            self.form.controls.extend(buttons());
        } else {
            self.form.controls.append(&mut self.own);
        }
    }
}

fn buttons() -> [Control; 2] {
    [Control::Button { label: "Mark" }, Control::Button { label: "Cancel" }]
}

fn filters(text: &str, label: &str) -> Result<Vec<Filter>, Clean> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter::parse(text.trim()).map_err(|error| clean::line(&format!("{label}: {}", error.message)))?;
    Ok(vec![filter])
}

fn keep(text: &str, (by, each): (usize, &str)) -> Result<Option<Keep>, Clean> {
    if text.is_empty() {
        return match each.is_empty() {
            true => Ok(None),
            false => Err(Clean::fixed("Of each: say how many of the newest stay, too")),
        };
    }
    let n = text.parse().ok().filter(|n| *n > 0);
    let n = n.ok_or_else(|| clean::line(&format!("Keep newest: “{text}” is not a number from 1 on")))?;
    let per = match each {
        "" => None,
        each => Some(Per::parse(each).map_err(|error| clean::line(&format!("Of each: {error}")))?),
    };
    Ok(Some(Keep { n, by: NEWEST_BY[by.min(NEWEST_BY.len() - 1)], per }))
}
