//! The `?` overlay: every key of the current view, this view first; typing narrows it down.

use super::{Outcome, form};
use crate::app::action::{Action, Group};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::keymap::spell;
use crate::app::list::Field;
use crate::app::state::State;
use crate::app::update::availability;

/// Rows of the screen that are not the help's: header, status line, footer, and its own frame.
const AROUND: u16 = 5;

#[derive(Clone, Debug, Default)]
pub struct Help {
    pub query: Field,
    pub scroll: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    Title(Group),
    Keys {
        action: Action,
        keys: Vec<String>,
        /// Why it does nothing here and now.
        why: Option<&'static str>,
    },
    Blank,
}

impl Help {
    /// What is known here, as far as it has what was typed.
    pub fn rows(&self, state: &State) -> Vec<Row> {
        let wanted = self.query.value().to_lowercase();
        let bindings = state.keymap.bindings(state.pane().place.view());
        let mut rows = Vec::new();
        for group in Group::ALL {
            let before = rows.len();
            let mut seen = Vec::new();
            for binding in bindings.iter().filter(|b| b.action.group() == group) {
                let action = binding.action;
                if seen.contains(&action) {
                    continue;
                }
                seen.push(action);
                let keys: Vec<String> =
                    bindings.iter().filter(|b| b.action == action).map(|b| spell(&b.keys)).collect();
                let text = format!("{} {}", keys.join(" "), action.title()).to_lowercase();
                if text.contains(&wanted) {
                    rows.push(Row::Keys { action, keys, why: availability(state, action).err() });
                }
            }
            if rows.len() > before {
                rows.insert(before, Row::Title(group));
                rows.push(Row::Blank);
            }
        }
        rows
    }

    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        let room = usize::from(state.layout.height.saturating_sub(AROUND)).max(1);
        let page = room.div_ceil(2);
        match key.code {
            Code::Esc | Code::Enter => return Outcome::Close,
            Code::Char('?') if self.query.value().is_empty() => return Outcome::Close,
            Code::Down => self.scroll += 1,
            Code::Up => self.scroll = self.scroll.saturating_sub(1),
            Code::PageDown => self.scroll += page,
            Code::PageUp => self.scroll = self.scroll.saturating_sub(page),
            _ => {
                if form::edit(&mut self.query, key) {
                    self.scroll = 0;
                }
            }
        }
        // Beyond the end Up would seem to do nothing.
        self.scroll = self.scroll.min(self.rows(state).len().saturating_sub(room));
        Outcome::Stay
    }
}
