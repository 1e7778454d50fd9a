//! The keys of the dialog.

use super::{Focus, LabelDialog, Row, Spot};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::list::Field;
use crate::app::modal::{Outcome, Then, form};
use crate::app::state::State;
use crate::domain::clean::Clean;

impl LabelDialog {
    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        self.error = None;
        match key.code {
            Code::Esc => return Outcome::Close,
            Code::Tab => self.turn(1),
            Code::BackTab => self.turn(-1),
            Code::Enter => return self.enter(state),
            _ => match self.focus {
                Focus::List => self.list_key(key),
                Focus::Cancel | Focus::Apply => match key.code {
                    Code::Char(' ') => return self.enter(state),
                    Code::Left | Code::Up => self.turn(-1),
                    Code::Right | Code::Down => self.turn(1),
                    _ => {}
                },
                Focus::Rule if key.code == Code::Char(' ') => self.rule = !self.rule,
                _ if key.code == Code::Down => self.turn(1),
                _ if key.code == Code::Up => self.turn(-1),
                _ => self.field_key(key),
            },
        }
        Outcome::Stay
    }

    pub fn paste(&mut self, text: &str) {
        match self.focus {
            Focus::Colour => {
                if let Some(row) = self.row_mut() {
                    row.colour.paste(text);
                }
            }
            Focus::Letter => {
                if let (Some(row), Some(c)) = (self.row_mut(), text.chars().find(char::is_ascii_alphanumeric)) {
                    row.letter = c.to_string();
                }
            }
            _ => {
                if let Some(field) = self.field_mut() {
                    form::insert(field, text);
                }
            }
        }
    }

    fn row_mut(&mut self) -> Option<&mut Row> {
        match self.spot() {
            Spot::Label(at) => self.rows.get_mut(at),
            _ => None,
        }
    }

    fn field_mut(&mut self) -> Option<&mut Field> {
        match self.focus {
            Focus::Name => self.row_mut().map(|row| &mut row.name),
            Focus::Pattern => Some(&mut self.pattern),
            Focus::Note => Some(&mut self.note),
            _ => None,
        }
    }

    fn turn(&mut self, by: isize) {
        let stops = self.stops();
        let at = stops.iter().position(|stop| *stop == self.focus).unwrap_or(0) as isize;
        self.focus = stops[(at + by).rem_euclid(stops.len() as isize) as usize];
    }

    fn enter(&mut self, state: &State) -> Outcome {
        match (self.focus, self.spot()) {
            (Focus::Cancel, _) => return Outcome::Close,
            (Focus::List, Spot::New) => self.begin(),
            _ => match self.changes(state) {
                Ok(_) => return Outcome::Act(Then::Label(Box::new(self.clone()))),
                Err((focus, why)) => {
                    self.error = Some(why);
                    if self.stops().contains(&focus) {
                        self.focus = focus;
                    }
                }
            },
        }
        Outcome::Stay
    }

    /// A new label, to be named.
    fn begin(&mut self) {
        self.rows.push(Row::new());
        self.go(Spot::Label(self.rows.len() - 1));
        self.focus = Focus::Name;
    }

    fn list_key(&mut self, key: Key) {
        let last = self.spots().len() - 1;
        match key.code {
            Code::Down => self.cursor = (self.cursor + 1).min(last),
            Code::Up => self.cursor = self.cursor.saturating_sub(1),
            Code::Home => self.cursor = 0,
            Code::End => self.cursor = last,
            Code::Delete => return self.remove(),
            Code::Char('d') if key.ctrl => return self.remove(),
            Code::Char('-') => return self.go(Spot::None),
            Code::Char('=') => return self.go(Spot::AsIs),
            Code::Char('n') if !key.ctrl && !key.alt => return self.begin(),
            Code::Char(c) if !key.ctrl && !key.alt => {
                let is = |row: &Row, exact: bool| {
                    let letter = row.letter.chars().next();
                    letter.is_some_and(|l| if exact { l == c } else { l.eq_ignore_ascii_case(&c) })
                };
                let found = self.rows.iter().position(|row| is(row, true));
                let found = found.or_else(|| self.rows.iter().position(|row| is(row, false)));
                return found.map_or((), |at| self.go(Spot::Label(at)));
            }
            _ => return,
        }
        self.follow();
    }

    /// Marks the label under the cursor to go, or no longer. One that is new goes at once.
    fn remove(&mut self) {
        let Spot::Label(at) = self.spot() else { return };
        let row = &mut self.rows[at];
        if row.configured {
            self.error = Some(Clean::fixed("This label is of the config file; it is changed there."));
        } else if row.was.is_none() {
            self.rows.remove(at);
            self.follow();
        } else {
            row.removed = !row.removed;
        }
    }

    fn field_key(&mut self, key: Key) {
        match self.focus {
            Focus::Colour => {
                if let Some(row) = self.row_mut() {
                    row.colour.key(key);
                }
            }
            Focus::Letter => {
                let Some(row) = self.row_mut() else { return };
                match key.code {
                    Code::Backspace | Code::Delete => row.letter.clear(),
                    Code::Char(c) if !key.ctrl && !key.alt && c.is_ascii_alphanumeric() => row.letter = c.to_string(),
                    _ => {}
                }
            }
            _ => {
                if let Some(field) = self.field_mut() {
                    form::edit(field, key);
                }
            }
        }
    }
}
