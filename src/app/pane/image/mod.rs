//! The fourth pane: one image, in panels. Which key of the cache it looks at, what each panel says, where its cursor is.

pub mod areas;
mod config;
mod json;
mod lists;
mod untold;

pub use config::arguments;
pub use json::pretty;

use crate::app::cache::{ImageKey, Remote};
use crate::app::layout::{Class, Layout};
use crate::app::pane::{Pane, Place};
use crate::app::state::State;
use crate::domain::error::ErrorKind;
use crate::domain::image::{Image, Referrers};
use crate::domain::reference::Digest;
use crate::domain::registry::BackendKind;
use crate::domain::text;

/// Bytes of a manifest that are spread over lines, which cost many times as much memory.
const RAW: usize = 4 << 20;

/// The panels, with the same numbers at every size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    Platforms,
    #[default]
    Config,
    Layers,
    History,
    Referrers,
    Raw,
}

impl Tab {
    pub const ALL: [Self; 6] = [Self::Platforms, Self::Config, Self::Layers, Self::History, Self::Referrers, Self::Raw];

    pub fn title(self) -> &'static str {
        match self {
            Self::Platforms => "Platforms",
            Self::Config => "Config",
            Self::Layers => "Layers",
            Self::History => "History",
            Self::Referrers => "Referrers",
            Self::Raw => "Raw",
        }
    }

    pub fn index(self) -> usize {
        Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0)
    }

    /// Whether its columns have titles.
    pub fn has_heading(self) -> bool {
        matches!(self, Self::Platforms | Self::Layers | Self::Referrers)
    }
}

/// Where a panel is scrolled to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spot {
    pub cursor: usize,
    /// First row shown.
    pub offset: usize,
}

#[derive(Clone, Debug, Default)]
pub struct ImageView {
    /// The panel that has the keys.
    pub tab: Tab,
    pub spots: [Spot; 6],
    /// The platform picked for config and layers.
    pub picked: Option<Digest>,
    /// Long rows are wrapped, and nothing is left out of the config.
    pub expanded: bool,
}

impl ImageView {
    pub fn spot(&self, tab: Tab) -> Spot {
        self.spots[tab.index()]
    }

    /// Another platform has other layers: every panel but the list of platforms starts at its top.
    pub fn rewind(&mut self) {
        for tab in Tab::ALL.into_iter().filter(|tab| *tab != Tab::Platforms) {
            self.spots[tab.index()] = Spot::default();
        }
    }

    fn move_by(&mut self, by: isize, rows: usize, room: usize) {
        let spot = &mut self.spots[self.tab.index()];
        spot.cursor = spot.cursor.saturating_add_signed(by).min(rows.saturating_sub(1));
        let room = room.max(1);
        spot.offset = spot.offset.clamp((spot.cursor + 1).saturating_sub(room), spot.cursor);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    #[default]
    Plain,
    Dim,
    Warn,
    Bad,
}

/// A line of a panel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// One for each column; a single one takes the whole line.
    pub cells: Vec<String>,
    pub weight: Weight,
    /// What `y` copies of it.
    pub value: String,
    /// The platform it stands for.
    pub platform: Option<Digest>,
    /// The layer it stands for, where layers are images themselves and have a document each.
    pub layer: Option<Digest>,
}

impl Row {
    fn line(text: impl Into<String>, weight: Weight) -> Self {
        Self { cells: vec![text.into()], weight, ..Self::default() }
    }

    fn note(text: impl Into<String>) -> Self {
        Self::line(text, Weight::Dim)
    }

    fn fact(label: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        Self { cells: vec![label.to_owned(), value.clone()], value, ..Self::default() }
    }

    fn copying(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }
}

pub fn key(pane: &Pane) -> Option<ImageKey> {
    match &pane.place {
        Place::Image(id, repo, reference) => Some((*id, repo.clone(), reference.clone(), pane.image.picked.clone())),
        _ => None,
    }
}

pub fn image<'a>(state: &'a State, pane: &Pane) -> Option<&'a Remote<Image>> {
    state.cache.images.get(&key(pane)?)
}

/// The image, or, while another platform of it is being read, the index it belongs to.
pub fn index<'a>(state: &'a State, pane: &Pane) -> Option<&'a Image> {
    let (id, repo, reference, picked) = key(pane)?;
    let here = |picked| match state.cache.images.get(&(id, repo.clone(), reference.clone(), picked)) {
        Some(Remote::Here(image)) => Some(image.as_ref()),
        _ => None,
    };
    here(picked).or_else(|| here(None))
}

/// Whether the image on screen, or its config, was not read because of its size, and can be when that is asked for.
pub fn is_too_large(state: &State, pane: &Pane) -> bool {
    let report = match image(state, pane) {
        Some(Remote::Failed(report)) => Some(report),
        Some(Remote::Here(image)) => image.config_error.as_ref(),
        _ => None,
    };
    report.is_some_and(|report| report.kind == ErrorKind::TooLarge)
}

pub fn referrers<'a>(state: &'a State, pane: &Pane) -> Option<&'a Remote<Referrers>> {
    let (id, repo, _, _) = key(pane)?;
    state.cache.referrers.get(&(id, repo, index(state, pane)?.manifest.digest.clone()))
}

/// Whether a panel shows everything, each row as long as it is.
pub fn in_full(layout: Layout, pane: &Pane) -> bool {
    pane.image.expanded || pane.zoom || pane.image.tab == Tab::Raw || layout.class < Class::Wide
}

/// What a panel says.
pub fn rows(state: &State, pane: &Pane, tab: Tab) -> Vec<Row> {
    let full = in_full(state.layout, pane);
    if tab == Tab::Platforms {
        return index(state, pane).map_or_else(reading, |image| lists::platforms(image, state, pane));
    }
    if tab == Tab::Referrers {
        return lists::referrers(referrers(state, pane), kind(state, pane));
    }
    match image(state, pane) {
        Some(Remote::Here(image)) => match tab {
            Tab::Config => config::rows(image, referrers(state, pane), state, full),
            Tab::Layers => lists::layers(image, state, pane),
            Tab::History => lists::history(image, kind(state, pane), state.now),
            Tab::Raw => raw(&image.manifest.raw),
            Tab::Platforms | Tab::Referrers => Vec::new(),
        },
        Some(Remote::Failed(report)) => {
            vec![Row::line(report.what.to_string(), Weight::Bad), Row::line(report.hint.to_string(), Weight::Plain)]
        }
        _ => reading(),
    }
}

/// What kind of registry the image is of.
pub fn kind(state: &State, pane: &Pane) -> BackendKind {
    pane.place.registry().map_or(BackendKind::Oci, |id| state.registry(id).profile.kind)
}

fn raw(bytes: &[u8]) -> Vec<Row> {
    let shown = &bytes[..bytes.len().min(RAW)];
    let lines = json::pretty(shown).into_iter();
    let mut rows: Vec<Row> = lines.map(|line| Row::line(line.clone(), Weight::Plain).copying(line.trim())).collect();
    if shown.len() < bytes.len() {
        rows.push(Row::note(format!("... {} more", text::size((bytes.len() - shown.len()) as u64))));
    }
    rows
}

fn reading() -> Vec<Row> {
    vec![Row::note("Reading...")]
}

/// The row under the cursor of the panel that has the keys.
pub fn current(state: &State, pane: &Pane) -> Option<Row> {
    let tab = pane.image.tab;
    rows(state, pane, tab).into_iter().nth(pane.image.spot(tab).cursor)
}

/// Moves the cursor of the panel that has the keys.
pub fn step(state: &mut State, by: isize) {
    let pane = state.pane();
    let tab = pane.image.tab;
    let rows = rows(state, pane, tab).len();
    let room = areas::room(state.layout, pane.zoom, tab);
    state.pane_mut().image.move_by(by, rows, room);
}

/// The panel that Tab goes to: those on the screen together come round, and tabs too.
pub fn turn(state: &mut State, by: isize) {
    let pane = state.pane();
    let wide = state.layout.class == Class::Wide;
    let count = if wide && !pane.zoom && pane.image.tab != Tab::Raw { Tab::ALL.len() - 1 } else { Tab::ALL.len() };
    let at = pane.image.tab.index() as isize + by;
    state.pane_mut().image.tab = Tab::ALL[at.rem_euclid(count as isize) as usize];
}

#[cfg(test)]
mod tests;
