//! The first run, and `i` later: the registries that docker and podman know, with what each answered. Nothing is
//! written until Enter.

use super::add_registry::AddRegistry;
use super::{Modal, Outcome, Then, help};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::state::State;
use crate::domain::clean::Clean;
use crate::domain::registry::RegistryId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub registry: RegistryId,
    pub on: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    #[default]
    Rows,
    Colours,
    Signs,
}

/// The themes offered on the first run, with the words for them.
pub const COLOURS: [(&str, &str); 3] =
    [("ansi16", "terminal palette"), ("mono", "none, shapes only"), ("dark", "truecolor")];

#[derive(Clone, Debug, Default)]
pub struct Import {
    /// No config yet: looks are asked too, and the demo is offered.
    pub first: bool,
    /// The files and helpers have not all answered yet.
    pub searching: bool,
    pub rows: Vec<Row>,
    pub cursor: usize,
    pub focus: Focus,
    /// Position in `COLOURS`, once chosen here.
    pub colours: Option<usize>,
    /// Whether to draw with ASCII alone, once chosen here.
    pub ascii: Option<bool>,
    pub error: Option<Clean>,
}

impl Import {
    /// Of the registries that are not in the config. Docker Hub has no catalogue, so it is not taken unasked.
    pub fn new(state: &State, first: bool) -> Self {
        let found = state.registries.iter().enumerate().filter(|(_, registry)| !registry.saved);
        let rows = found.map(|(n, registry)| Row {
            registry: RegistryId(n as u32),
            on: registry.profile.host() != "registry-1.docker.io",
        });
        Self { first, searching: first, rows: rows.collect(), ..Self::default() }
    }

    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        self.error = None;
        match (key.code, self.focus) {
            (Code::Esc, _) => return Outcome::Act(Then::SkipImport),
            (Code::Enter, _) if self.rows.iter().any(|row| row.on) || self.asks_for_looks() => {
                return Outcome::Act(Then::Import(Box::new(self.clone())));
            }
            (Code::Enter, _) => {
                let why =
                    if self.rows.is_empty() { "+ adds a registry, Esc goes on without." } else { "Nothing is marked." };
                self.error = Some(Clean::fixed(why));
            }
            (Code::Char('+'), _) => return Outcome::Push(Box::new(Modal::AddRegistry(AddRegistry::default()))),
            (Code::Char('?'), _) => return Outcome::Push(Box::new(Modal::Help(help::Help::default()))),
            (Code::Char('t'), _) if self.first => return Outcome::Act(Then::StartDemo(Box::new(self.clone()))),
            (Code::Char('a'), _) => {
                let on = self.rows.iter().any(|row| !row.on);
                self.rows.iter_mut().for_each(|row| row.on = on);
            }
            (Code::Tab, focus) if self.first => self.focus = focus.next(),
            (Code::BackTab, focus) if self.first => self.focus = focus.next().next(),
            (Code::Down | Code::Char('j'), _) if self.focus == Focus::Rows => {
                self.cursor = (self.cursor + 1).min(self.rows.len().saturating_sub(1));
            }
            (Code::Up | Code::Char('k'), _) if self.focus == Focus::Rows => {
                self.cursor = self.cursor.saturating_sub(1);
            }
            (Code::Char(' '), Focus::Rows) => {
                if let Some(row) = self.rows.get_mut(self.cursor) {
                    row.on = !row.on;
                }
                self.cursor = (self.cursor + 1).min(self.rows.len().saturating_sub(1));
            }
            (Code::Char(' ') | Code::Right, Focus::Colours) => return self.turn_colours(state, 1),
            (Code::Left, Focus::Colours) => return self.turn_colours(state, COLOURS.len() - 1),
            (Code::Char(' ') | Code::Right | Code::Left, Focus::Signs) => {
                self.ascii = Some(!state.looks.ascii);
                return Outcome::Act(Then::Look(Box::new(self.clone())));
            }
            _ => return Outcome::Stay,
        }
        Outcome::Stay
    }

    /// Position in `COLOURS` of what holds now; nothing when it is another theme.
    pub fn colours(&self, state: &State) -> Option<usize> {
        self.colours.or_else(|| COLOURS.iter().position(|(theme, _)| *theme == state.looks.theme))
    }

    /// What is chosen is shown at once, and written with the rest.
    fn turn_colours(&mut self, state: &State, by: usize) -> Outcome {
        let next = self.colours(state).map_or(0, |now| (now + by) % COLOURS.len());
        self.colours = Some(next);
        Outcome::Act(Then::Look(Box::new(self.clone())))
    }

    fn asks_for_looks(&self) -> bool {
        self.colours.is_some() || self.ascii.is_some()
    }
}

impl Focus {
    fn next(self) -> Self {
        match self {
            Self::Rows => Self::Colours,
            Self::Colours => Self::Signs,
            Self::Signs => Self::Rows,
        }
    }
}
