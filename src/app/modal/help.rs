//! The `?` overlay: the keys of the current view first, then what holds everywhere, the filter's grammar, the signs and
//! the mouse. Typing narrows it down.

mod topics;

use std::ops::Range;

use super::{Outcome, form};
use crate::app::action::{Action, Group};
use crate::app::key::{Key, KeyCode as Code, label};
use crate::app::keymap::{Keymap, spell};
use crate::app::layout::Layout;
use crate::app::list::Field;
use crate::app::state::State;
use crate::app::update::availability;
use crate::domain::text::wrap;
pub use topics::{Sign, What};

/// Rows of the screen that are not the help's: header, status line, footer, and its own frame.
const AROUND: u16 = 5;
/// The frame and a cell of air on both sides.
const BESIDE: u16 = 4;
/// Narrower columns would break most lines in two.
const COLUMN: usize = 36;
pub const GAP: usize = 2;
/// Cells for keys, and for terms of the filter, which are longer. What is wider goes on below.
const KEYS: usize = 9;
const TERMS: usize = 14;

#[derive(Clone, Debug, Default)]
pub struct Help {
    pub query: Field,
    pub scroll: usize,
}

/// One line of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    Title(String),
    Entry {
        /// The config changed these keys.
        changed: bool,
        left: Left,
        /// The cells that `left` takes.
        room: usize,
        text: String,
        /// It does nothing here and now.
        greyed: bool,
    },
    Blank,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    Text(String),
    Sign(Sign),
}

struct Section {
    title: String,
    entries: Vec<Entry>,
    room: usize,
}

struct Entry {
    changed: bool,
    left: Left,
    text: String,
    why: Option<&'static str>,
}

impl Help {
    /// What is known here, as far as it has what was typed, in as many columns as there is room for.
    pub fn columns(&self, state: &State) -> Vec<Vec<Row>> {
        let (count, cells) = shape(state.layout);
        let mut columns = vec![Vec::new(); count];
        for (number, section) in sections(state).into_iter().enumerate() {
            let rows = section.rows(&self.query.value().to_lowercase(), cells);
            let column = &mut columns[COLUMNS[count - 1][number]];
            if !rows.is_empty() && !column.is_empty() {
                column.push(Row::Blank);
            }
            column.extend(rows);
        }
        columns
    }

    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        let (page, now) = (room(state.layout).div_ceil(2), self.scroll);
        match key.code {
            Code::Esc | Code::Enter => return Outcome::Close,
            Code::Char('?') if self.query.value().is_empty() => return Outcome::Close,
            Code::Down => self.scroll += 1,
            Code::Up => self.scroll = self.scroll.saturating_sub(1),
            Code::PageDown => self.scroll += page,
            Code::PageUp => self.scroll = self.scroll.saturating_sub(page),
            Code::Tab => self.scroll = self.titles(state).find(|at| *at > now).unwrap_or(now),
            Code::BackTab => self.scroll = self.titles(state).take_while(|at| *at < now).last().unwrap_or(0),
            _ => {
                if form::edit(&mut self.query, key) {
                    self.scroll = 0;
                }
            }
        }
        // Beyond the end Up would seem to do nothing.
        self.scroll = self.visible(&self.columns(state), room(state.layout)).start;
        Outcome::Stay
    }

    /// Which rows of the columns are on screen.
    pub fn visible(&self, columns: &[Vec<Row>], room: usize) -> Range<usize> {
        let longest = columns.iter().map(Vec::len).max().unwrap_or(0);
        let first = self.scroll.min(longest.saturating_sub(room));
        first..(first + room).min(longest)
    }

    /// In which rows sections begin, from the top down.
    fn titles(&self, state: &State) -> impl Iterator<Item = usize> + use<> {
        let columns = self.columns(state);
        let titles = |rows: &Vec<Row>| {
            rows.iter()
                .enumerate()
                .filter(|(_, row)| matches!(row, Row::Title(_)))
                .map(|(at, _)| at)
                .collect::<Vec<_>>()
        };
        let mut all: Vec<usize> = columns.iter().flat_map(titles).collect();
        all.sort_unstable();
        all.into_iter()
    }
}

/// Which column a section is in, where there are one, two and three. The sections: this view, find, move, signs, go,
/// anywhere, mouse.
const COLUMNS: [[usize; 7]; 3] = [[0; 7], [0, 1, 1, 0, 0, 1, 0], [0, 2, 1, 0, 1, 1, 2]];

/// How many columns, and their cells.
fn shape(layout: Layout) -> (usize, usize) {
    let inside = usize::from(layout.width.saturating_sub(BESIDE));
    let count = ((inside + GAP) / (COLUMN + GAP)).clamp(1, COLUMNS.len());
    (count, (inside.saturating_sub(GAP * (count - 1)) / count).max(1))
}

fn room(layout: Layout) -> usize {
    usize::from(layout.height.saturating_sub(AROUND)).max(1)
}

fn sections(state: &State) -> [Section; 7] {
    let place = &state.pane().place;
    let topics = |topics: &[(What, &'static str)]| topics.iter().map(entry).collect::<Vec<_>>();
    let mut find = keys(state, Group::Find);
    let grammar = topics(&topics::grammar(place));
    if !grammar.is_empty() {
        find.room = TERMS;
        find.entries.extend(grammar);
    }
    let signs = Section { title: "SIGNS".to_owned(), entries: topics(topics::signs(place)), room: KEYS };
    let (title, words) = topics::mouse(state);
    let mouse = Section { title, entries: topics(words), room: TERMS };
    let group = |group| keys(state, group);
    [group(Group::View), find, group(Group::Move), signs, group(Group::Go), group(Group::Anywhere), mouse]
}

/// The actions of a group that have keys here, and those whose keys the config took away.
fn keys(state: &State, group: Group) -> Section {
    let view = state.pane().place.view();
    let changed = &state.keymap.changed;
    let builtin = if changed.is_empty() { None } else { Some(Keymap::builtin()) };
    let bound = |map: &Keymap, action: Action| map.bindings(view).iter().any(|b| b.action == action);
    let mut entries = Vec::new();
    for action in Action::ALL.iter().copied().filter(|action| action.group() == group) {
        let lost = builtin.as_ref().is_some_and(|map| changed.contains(&action) && bound(map, action));
        if !bound(&state.keymap, action) && !lost {
            continue;
        }
        let keys = state.keymap.bindings(view).iter().filter(|b| b.action == action);
        let keys: Vec<String> = keys.map(|b| label(&spell(&b.keys))).collect();
        entries.push(Entry {
            changed: changed.contains(&action),
            left: Left::Text(if keys.is_empty() { "no key".to_owned() } else { keys.join(" ") }),
            text: action.title().to_owned(),
            why: availability(state, action).err(),
        });
    }
    Section { title: group.title().to_owned(), entries, room: KEYS }
}

fn entry((what, meaning): &(What, &'static str)) -> Entry {
    let left = match what {
        What::Words(words) => Left::Text((*words).to_owned()),
        What::Sign(sign) => Left::Sign(*sign),
    };
    Entry { changed: false, left, text: (*meaning).to_owned(), why: None }
}

impl Section {
    /// The section in lines of so many cells; a title that was looked for brings all that is below it.
    fn rows(&self, wanted: &str, cells: usize) -> Vec<Row> {
        let all = self.title.to_lowercase().contains(wanted);
        let found: Vec<_> = self.entries.iter().filter(|entry| all || entry.has(wanted)).collect();
        if found.is_empty() {
            return Vec::new();
        }
        let title = wrap(&self.title, cells).into_iter().map(Row::Title);
        title.chain(found.into_iter().flat_map(|entry| entry.rows(self.room, cells))).collect()
    }
}

impl Entry {
    fn has(&self, wanted: &str) -> bool {
        let left = match &self.left {
            Left::Text(text) => text.as_str(),
            Left::Sign(_) => "",
        };
        format!("{left} {}", self.text).to_lowercase().contains(wanted)
    }

    fn rows(&self, room: usize, cells: usize) -> Vec<Row> {
        let mut lefts = match &self.left {
            Left::Text(text) => wrap(text, room).into_iter().map(Left::Text).collect(),
            Left::Sign(sign) => vec![Left::Sign(*sign)],
        }
        .into_iter();
        // The sign of a change, and a blank between the two.
        let rest = cells.saturating_sub(room + 2).max(1);
        let mut texts = wrap(&self.text, rest);
        if let Some(why) = self.why {
            texts.extend(wrap(&format!("({why})"), rest));
        }
        let mut texts = texts.into_iter();
        let mut rows = Vec::new();
        loop {
            let (left, text) = (lefts.next(), texts.next());
            if left.is_none() && text.is_none() {
                return rows;
            }
            rows.push(Row::Entry {
                changed: self.changed && rows.is_empty(),
                left: left.unwrap_or(Left::Text(String::new())),
                room,
                text: text.unwrap_or_default(),
                greyed: self.why.is_some(),
            });
        }
    }
}
