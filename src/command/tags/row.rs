//! A tag, and what became of reading it.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use crate::app::cache::TagsTold;
use crate::command::json;
use crate::domain::filter::{Field, Filter, Row as Asked, RowState, Verdict};
use crate::domain::label::{Given, Labels};
use crate::domain::page::Listed;
use crate::domain::reference::TagName;
use crate::domain::repository::TagFacts;
use crate::domain::tag::{DigestInfo, TagState};
use crate::domain::text;

pub struct Row {
    pub name: Listed<TagName>,
    pub state: TagState,
    pub shared_with: Option<Vec<String>>,
    /// What the operator put on it.
    pub label: Field<Arc<str>>,
    pub colour: Option<String>,
    /// What the system itself keeps of it.
    pub facts: Option<Arc<TagFacts>>,
    pub note: Option<Arc<str>>,
    /// Already written, as one of a stream.
    pub written: bool,
}

#[derive(Serialize)]
pub struct Shown<'a> {
    name: &'a str,
    digest: Option<String>,
    /// Where the system has ids of images and no digests.
    #[serde(skip_serializing_if = "Option::is_none")]
    image_id: Option<&'a str>,
    media_type: Option<&'a str>,
    created: Option<String>,
    size: Option<u64>,
    platforms: Option<Vec<String>>,
    shared_with: Option<&'a [String]>,
    colour: Option<&'a str>,
    state: Option<&'static str>,
}

pub const COLUMNS: [&str; 8] = ["name", "digest", "media_type", "created", "size", "platforms", "shared_with", "state"];

impl Row {
    pub fn new(name: Listed<TagName>) -> Self {
        Self {
            name,
            state: TagState::NotAsked,
            shared_with: None,
            label: Field::Absent,
            colour: None,
            facts: None,
            note: None,
            written: false,
        }
    }

    pub fn name(&self) -> &str {
        match &self.name {
            Listed::Valid(name) => name.as_str(),
            Listed::Invalid(text) => text.as_str(),
        }
    }

    fn row_state(&self) -> Option<RowState> {
        match (&self.name, &self.state) {
            (Listed::Invalid(_), _) | (_, TagState::Failed(_)) => Some(RowState::Error),
            (_, TagState::Known(_)) => Some(RowState::Ok),
            (_, TagState::Dangling) => Some(RowState::Dangling),
            (_, TagState::NotAsked) => None,
        }
    }

    pub fn verdict(&self, filter: &Filter, now: Timestamp) -> Verdict {
        filter.matches(&self.asked(), now)
    }

    /// What the operator put on it, as far as that can be told by what is read.
    pub fn put(&mut self, labels: &Labels, now: Timestamp) {
        let Listed::Valid(name) = &self.name else { return };
        let given = labels.of(name, &self.asked(), now);
        let colour = |given: &Given<'_>| labels.find(given.label).map(|label| label.colour.to_string());
        let (label, colour) = match given {
            Field::Is(given) => (Field::Is(given.label.into()), colour(&given)),
            Field::Absent => (Field::Absent, None),
            Field::NotLoaded => (Field::NotLoaded, None),
        };
        let note = labels.note(name).map(Arc::from);
        (self.label, self.colour, self.note) = (label, colour, note);
    }

    fn asked(&self) -> Asked<'_> {
        let info = self.state.info();
        Asked {
            name: self.name(),
            created: field(&self.state, |info| info.created),
            size: field(&self.state, |info| info.size),
            digest: info.map(|info| &info.digest),
            platforms: info.map(|info| &*info.platforms),
            shared: self.shared_with.as_ref().map(|others| others.len() + 1),
            label: match &self.label {
                Field::Is(label) => Field::Is(label),
                Field::Absent => Field::Absent,
                Field::NotLoaded => Field::NotLoaded,
            },
            note: self.note.as_deref(),
            state: self.row_state(),
            kept: self.facts.as_deref(),
            ..Asked::default()
        }
    }

    pub fn shown(&self) -> Shown<'_> {
        let info = self.state.info();
        Shown {
            name: self.name(),
            digest: info.map(|info| &info.digest).filter(|digest| digest.is_of_content()).map(ToString::to_string),
            image_id: info.and_then(|info| info.digest.as_image_id()),
            media_type: info.map(|info| &*info.media_type),
            created: info.and_then(|info| info.created).map(json::time),
            size: info.and_then(|info| info.size),
            platforms: info.map(|info| info.platforms.iter().map(ToString::to_string).collect()),
            shared_with: self.shared_with.as_deref(),
            colour: self.own_colour().or(self.colour.as_deref()),
            state: self.row_state().map(word),
        }
    }

    /// As it came: another program may know what to make of a text that we do not.
    fn own_colour(&self) -> Option<&str> {
        let text = self.facts.as_ref()?.colour_text.as_ref()?;
        Some(text.as_str()).filter(|text| !text.is_empty())
    }

    /// As `COLUMNS`; lists have blanks between their items.
    pub fn csv(&self) -> [String; 8] {
        let shown = self.shown();
        let list = |all: &[String]| all.join(" ");
        [
            shown.name.to_owned(),
            shown.digest.unwrap_or_default(),
            shown.media_type.unwrap_or_default().to_owned(),
            shown.created.unwrap_or_default(),
            shown.size.map_or(String::new(), |size| size.to_string()),
            shown.platforms.as_deref().map(list).unwrap_or_default(),
            shown.shared_with.map(list).unwrap_or_default(),
            shown.state.unwrap_or_default().to_owned(),
        ]
    }

    fn cells(&self, told: TagsTold, now: Timestamp) -> Vec<String> {
        let shown = self.shown();
        let info = self.state.info();
        let facts = self.facts.as_deref();
        let or_dash = |text: Option<String>| text.filter(|text| !text.is_empty()).unwrap_or_else(|| "-".to_owned());
        let ago = |at: Option<Timestamp>| or_dash(at.map(|at| text::age(at, now)));
        let mut cells = vec![self.name().to_owned()];
        cells.extend(told.colour.then(|| or_dash(self.own_colour().map(str::to_owned))));
        cells.extend([
            or_dash(info.map(|info| info.digest.short())),
            ago(info.and_then(|info| info.created)),
            or_dash(shown.size.map(text::size)),
        ]);
        cells.extend(told.pushed.then(|| ago(facts.and_then(|facts| facts.pushed))));
        cells.extend(told.pulled.then(|| ago(facts.and_then(|facts| facts.pulled))));
        let signed = facts.and_then(|facts| facts.signed).map(|is| if is { "yes" } else { "no" });
        cells.extend(told.signed.then(|| or_dash(signed.map(str::to_owned))));
        cells.extend([
            or_dash(shown.platforms.map(|all| all.join(","))),
            or_dash(shown.shared_with.map(|others| others.join(","))),
            or_dash(shown.state.map(str::to_owned)),
        ]);
        cells
    }
}

/// The table for people, and its heading: what some systems keep of tags has a column where it is kept.
pub fn table(rows: &[Row], now: Timestamp) -> (Vec<&'static str>, Vec<Vec<String>>) {
    let mut told = TagsTold::default();
    rows.iter().filter_map(|row| row.facts.as_deref()).for_each(|facts| told.hear(facts));
    let ids = rows.iter().filter_map(|row| row.state.info()).any(|info| info.digest.as_image_id().is_some());
    let mut heading = vec!["TAG"];
    heading.extend(told.colour.then_some("COLOUR"));
    heading.extend([if ids { "IMAGE" } else { "DIGEST" }, "AGE", "SIZE"]);
    heading.extend(told.pushed.then_some("PUSHED"));
    heading.extend(told.pulled.then_some("PULLED"));
    heading.extend(told.signed.then_some("SIGNED"));
    heading.extend(["PLATFORMS", "SHARED", "STATE"]);
    (heading, rows.iter().map(|row| row.cells(told, now)).collect())
}

fn word(state: RowState) -> &'static str {
    match state {
        RowState::Ok => "ok",
        RowState::Dangling => "dangling",
        RowState::Error => "error",
    }
}

fn field<T>(state: &TagState, part: impl Fn(&DigestInfo) -> Option<T>) -> Field<T> {
    match state {
        TagState::Known(info) => part(info).map_or(Field::Absent, Field::Is),
        TagState::Dangling => Field::Absent,
        TagState::NotAsked | TagState::Failed(_) => Field::NotLoaded,
    }
}
