//! The sort menu. Picking the column that is sorted by already turns the order round.

use super::{Outcome, Then};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::list::{Column, Sort};

#[derive(Clone, Debug)]
pub struct SortMenu {
    pub columns: Vec<Column>,
    pub now: Sort,
    pub cursor: usize,
}

impl SortMenu {
    pub fn new(columns: Vec<Column>, now: Sort) -> Self {
        let cursor = columns.iter().position(|c| *c == now.column).unwrap_or(0);
        Self { columns, now, cursor }
    }

    pub fn key(&mut self, key: Key) -> Outcome {
        match key.code {
            Code::Esc | Code::Char('q') => return Outcome::Close,
            Code::Down | Code::Char('j') => self.cursor = (self.cursor + 1).min(self.columns.len().saturating_sub(1)),
            Code::Up | Code::Char('k') => self.cursor = self.cursor.saturating_sub(1),
            Code::Enter | Code::Char(' ' | 's') => return self.pick(self.cursor),
            Code::Char(c) => {
                if let Some(n) = c.to_digit(10).and_then(|d| (d as usize).checked_sub(1)) {
                    return self.pick(n);
                }
            }
            _ => {}
        }
        Outcome::Stay
    }

    fn pick(&self, at: usize) -> Outcome {
        let Some(column) = self.columns.get(at).copied() else { return Outcome::Stay };
        let reverse = column == self.now.column && !self.now.reverse;
        Outcome::Act(Then::Sort(Sort { column, reverse }))
    }
}
