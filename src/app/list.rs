//! A list on screen: which rows are shown in which order, where the cursor is, what the filter says. It holds row
//! numbers of the data it looks at, never data; the owner re-arranges it when that changes.

use super::arrange::Ticket;
use super::cache::Moved;
use super::filter_box::FilterBox;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Name,
    Digest,
    Shared,
    Age,
    Size,
    Platforms,
    Tags,
    Images,
    Stars,
    Pulls,
    Pushes,
    Updated,
    Pushed,
    Pulled,
    Public,
    InUse,
    Host,
    Kind,
    Label,
    Colour,
}

impl Column {
    pub fn title(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Digest => "digest, which groups tags of the same image",
            Self::Shared => "tags on the same digest",
            Self::Age => "age",
            Self::Size => "size",
            Self::Platforms => "platforms",
            Self::Tags => "number of tags",
            Self::Images => "number of images",
            Self::Stars => "stars",
            Self::Pulls => "pulls",
            Self::Pushes => "pushes",
            Self::Updated => "when it was updated",
            Self::Pushed => "when it was pushed to",
            Self::Pulled => "when it was pulled from",
            Self::Public => "private, public",
            Self::InUse => "whether it is in use",
            Self::Host => "address",
            Self::Kind => "kind",
            Self::Label => "label",
            Self::Colour => "colour",
        }
    }

    /// One word, as it is typed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Shared => "shared",
            Self::Tags => "tags",
            Self::Images => "images",
            Self::Updated => "updated",
            Self::Pushed => "pushed",
            Self::Pulled => "pulled",
            Self::Public => "public",
            Self::InUse => "used",
            other => other.title(),
        }
    }

    /// Sorting by it needs every row's details.
    pub fn needs_details(self) -> bool {
        matches!(self, Self::Digest | Self::Shared | Self::Age | Self::Size | Self::Platforms)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub column: Column,
    pub reverse: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self { column: Column::Name, reverse: false }
    }
}

/// A text field with a cursor.
pub type Field = tui_input::Input;

#[derive(Clone, Debug, Default)]
pub struct List {
    /// Row numbers, in the order shown.
    pub shown: Vec<u32>,
    /// Position in `shown`.
    pub cursor: usize,
    /// First position on screen.
    pub offset: usize,
    /// Rows that fit on the screen.
    pub room: usize,
    pub filter: FilterBox,
    pub sort: Sort,
    /// Scroll by half a screen at a time: each scroll sends much, so there are fewer.
    pub jump: bool,
    /// The user moved the cursor. Until then it stays on top, however rows arrive.
    pub touched: bool,
    /// Where a range began, as a position in `shown`.
    pub anchor: Option<usize>,
    /// The arrangement that is being worked out elsewhere.
    pub arranging: Option<Ticket>,
    /// `shown` is not what it should be.
    pub due: Due,
}

/// Why a list must be arranged again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    #[default]
    Not,
    /// Rows came or changed. What is being worked out is still worth showing.
    Rows,
    /// The user wants to see something else, or row numbers changed: what is being worked out is worth nothing.
    View,
}

impl List {
    /// The row number under the cursor.
    pub fn selected(&self) -> Option<u32> {
        self.shown.get(self.cursor).copied()
    }

    /// The row numbers on screen.
    pub fn on_screen(&self) -> &[u32] {
        let end = (self.offset + self.room).min(self.shown.len());
        &self.shown[self.offset.min(end)..end]
    }

    pub fn move_to(&mut self, position: usize) {
        self.touched = true;
        self.place(position);
    }

    /// Where the cursor stands until it is moved.
    pub fn begin_at(&mut self, position: usize) {
        self.place(position);
    }

    pub fn move_by(&mut self, rows: isize) {
        self.move_to(self.cursor.saturating_add_signed(rows));
    }

    pub fn resize(&mut self, room: usize) {
        self.room = room;
        self.scroll();
    }

    /// Takes a new order; the cursor stays on the row `keep`, or near its old place when that row is gone.
    pub fn arrange(&mut self, shown: Vec<u32>, keep: Option<u32>) {
        self.shown = shown;
        self.anchor = None;
        let place = keep.filter(|_| self.touched).and_then(|row| self.shown.iter().position(|r| *r == row));
        self.place(place.unwrap_or(self.cursor));
    }

    /// The rows are of an account that is gone.
    pub fn forget_rows(&mut self) {
        self.arrange(Vec::new(), None);
        (self.arranging, self.due) = (None, Due::Not);
    }

    /// Rows left the list: the others have new numbers.
    pub fn renumber(&mut self, moved: &Moved) {
        let keep = self.selected().and_then(|row| moved.to(row));
        let shown = self.shown.iter().filter_map(|row| moved.to(*row)).collect();
        self.arrange(shown, keep);
        self.due = Due::View;
    }

    /// Positions between the anchor and the cursor.
    pub fn range(&self) -> Option<std::ops::RangeInclusive<usize>> {
        let anchor = self.anchor?;
        Some(anchor.min(self.cursor)..=anchor.max(self.cursor))
    }

    fn place(&mut self, position: usize) {
        self.cursor = position.min(self.shown.len().saturating_sub(1));
        self.scroll();
    }

    fn scroll(&mut self) {
        let room = self.room.max(1);
        let first = (self.cursor + 1).saturating_sub(room);
        if !(first..=self.cursor).contains(&self.offset) {
            let down = self.offset < first;
            let further = if self.jump { room / 2 } else { 0 };
            self.offset = if down { first + further } else { self.cursor.saturating_sub(further) };
            self.offset = self.offset.clamp(first, self.cursor);
        }
        // No empty rows at the end while there are rows above.
        self.offset = self.offset.min(self.shown.len().saturating_sub(room));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(rows: u32, room: usize) -> List {
        let mut list = List { room, ..List::default() };
        list.arrange((0..rows).collect(), None);
        list
    }

    #[test]
    fn the_cursor_row_is_always_on_screen() {
        let mut list = list(100, 10);
        for step in [1, 5, 20, 200, -3, -500, 50] {
            list.move_by(step);
            let row = list.selected().unwrap();
            assert!(list.on_screen().contains(&row), "after {step}");
        }
        list.move_to(99);
        list.resize(40);
        assert_eq!(list.on_screen().len(), 40);
    }

    #[test]
    fn jumping_scrolls_seldom_and_keeps_the_cursor_on_screen() {
        for (jump, times) in [(false, 90), (true, 15)] {
            let mut list = list(100, 10);
            list.jump = jump;
            for step in [1, -1] {
                let mut scrolls = 0;
                for _ in 0..99 {
                    let before = list.offset;
                    list.move_by(step);
                    scrolls += usize::from(list.offset != before);
                    assert!(list.on_screen().contains(&list.selected().unwrap()));
                    assert_eq!(list.on_screen().len(), 10);
                }
                assert_eq!(scrolls, times, "{jump} {step}");
            }
        }
    }

    #[test]
    fn an_untouched_cursor_stays_on_top_while_rows_arrive() {
        let mut list = list(10, 10);
        list.arrange(vec![12, 11, 0, 1], list.selected());
        assert_eq!(list.selected(), Some(12));
    }

    #[test]
    fn a_new_order_keeps_the_cursor_on_its_row() {
        let mut list = list(100, 10);
        list.move_to(42);
        list.arrange((0..100).rev().collect(), Some(42));
        assert_eq!(list.selected(), Some(42));
        list.arrange(vec![1, 2, 3], Some(42));
        assert_eq!(list.selected(), Some(3));
        list.arrange(vec![], Some(3));
        assert_eq!(list.selected(), None);
    }
}
