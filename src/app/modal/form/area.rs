//! A text of several lines. Enter begins a new one, so such a field is left with Tab.

use unicode_segmentation::UnicodeSegmentation as _;

use super::Step;
use crate::app::key::{Key, KeyCode as Code};
use crate::domain::{clean, text};

/// Longer than a description is; a paste ends here.
const MOST: usize = 256 * 1024;

#[derive(Clone, Default)]
pub struct Area {
    text: String,
    /// In bytes, between two characters as they are drawn.
    cursor: usize,
}

impl Area {
    /// The cursor is at the beginning: what a text is about stands there.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), cursor: 0 }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Lines stay lines; what cannot be seen does not come along.
    pub fn paste(&mut self, pasted: &str) {
        let text = pasted.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n").replace('\t', "    ");
        for c in text.chars().filter(|c| *c == '\n' || clean::is_visible(*c)) {
            if self.text.len() >= MOST {
                break;
            }
            self.insert(c);
        }
        self.settle();
    }

    pub fn key(&mut self, key: Key) -> Step {
        match (key.code, key.ctrl) {
            (Code::Enter, _) => self.insert('\n'),
            (Code::Up, _) if self.line_start() == 0 => return Step::Up,
            (Code::Up, _) => self.line_at(self.line_start() - 1),
            (Code::Down, _) if self.line_end() == self.text.len() => return Step::Down,
            (Code::Down, _) => self.line_at(self.line_end() + 1),
            (Code::Left, _) => self.cursor = self.before(),
            (Code::Right, _) => self.cursor = self.after(),
            (Code::Char('a'), true) | (Code::Home, _) => self.cursor = self.line_start(),
            (Code::Char('e'), true) | (Code::End, _) => self.cursor = self.line_end(),
            (Code::Char('h'), true) | (Code::Backspace, _) => self.cut(self.before(), self.cursor),
            (Code::Char('d'), true) | (Code::Delete, _) => self.cut(self.cursor, self.after()),
            (Code::Char('u'), true) => self.cut(self.line_start(), self.cursor),
            (Code::Char('k'), true) => self.cut(self.cursor, self.line_end()),
            (Code::Char('w'), true) => self.cut(self.word(), self.cursor),
            (Code::Char(c), false) if !key.alt && clean::is_visible(c) => {
                self.insert(c);
                self.settle();
            }
            _ => return Step::Other,
        }
        Step::Taken
    }

    fn insert(&mut self, c: char) {
        self.text.insert(self.cursor, c);
        self.cursor += c.len_utf8();
    }

    fn cut(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
        self.settle();
    }

    /// What was put beside each other may be drawn as one: the cursor is never inside of it.
    fn settle(&mut self) {
        let ends = self.text.grapheme_indices(true).map(|(at, _)| at).find(|at| *at >= self.cursor);
        self.cursor = ends.unwrap_or(self.text.len());
    }

    fn before(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        let next = self.text[self.cursor..].graphemes(true).next();
        self.cursor + next.map_or(0, str::len)
    }

    fn line_start(&self) -> usize {
        self.text[..self.cursor].rfind('\n').map_or(0, |at| at + 1)
    }

    fn line_end(&self) -> usize {
        self.text[self.cursor..].find('\n').map_or(self.text.len(), |at| self.cursor + at)
    }

    /// Where the word before the cursor begins, as in a shell.
    fn word(&self) -> usize {
        let line = &self.text[self.line_start()..self.cursor];
        let kept = line
            .trim_end()
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + line[at..].chars().next().map_or(0, char::len_utf8));
        self.line_start() + kept
    }

    /// Into the line that has this place, at the column where the cursor is now, or at its end.
    fn line_at(&mut self, place: usize) {
        let column = text::width(&self.text[self.line_start()..self.cursor]);
        self.cursor = place;
        let (start, end) = (self.line_start(), self.line_end());
        let mut left = column;
        let mut at = start;
        for piece in self.text[start..end].graphemes(true) {
            let width = text::width(piece);
            if width > left {
                break;
            }
            left -= width;
            at += piece.len();
        }
        self.cursor = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(area: &mut Area, keys: &str) {
        for key in keys.split(' ') {
            area.key(key.parse().unwrap());
        }
    }

    /// The text with a bar where the cursor is.
    fn shown(area: &Area) -> String {
        let (before, after) = area.text().split_at(area.cursor());
        format!("{before}|{after}")
    }

    #[test]
    fn the_cursor_goes_from_line_to_line_and_leaves_at_the_ends() {
        let mut area = Area::new("一二三四\nab\n\ncdef");
        press(&mut area, "right right");
        assert_eq!(shown(&area), "一二|三四\nab\n\ncdef");
        press(&mut area, "down");
        assert_eq!(shown(&area), "一二三四\nab|\n\ncdef");
        press(&mut area, "down down end");
        assert_eq!(shown(&area), "一二三四\nab\n\ncdef|");
        assert_eq!(area.key("down".parse().unwrap()), Step::Down);
        press(&mut area, "up up");
        assert_eq!(shown(&area), "一二三四\n|ab\n\ncdef");
        press(&mut area, "up");
        assert_eq!(area.key("up".parse().unwrap()), Step::Up);
    }

    #[test]
    fn lines_are_made_joined_and_cut() {
        let mut area = Area::new("one two");
        press(&mut area, "end ctrl-w enter x");
        assert_eq!(shown(&area), "one \nx|");
        press(&mut area, "backspace backspace backspace ctrl-a ctrl-k");
        assert_eq!(shown(&area), "|");
        press(&mut area, "库 存 backspace");
        assert_eq!(shown(&area), "库|");
    }

    #[test]
    fn pasted_lines_stay_lines_and_nothing_unseen_comes_along() {
        let mut area = Area::default();
        area.paste("a\r\nb\u{202e}\u{1b}[31m\tc\rd");
        assert_eq!(area.text(), "a\nb[31m    c\nd");
        assert_eq!(area.cursor(), area.text().len());
    }

    #[test]
    fn the_cursor_is_never_within_what_is_drawn_as_one() {
        let mut area = Area::new("e");
        press(&mut area, "end");
        area.paste("\u{301}x");
        press(&mut area, "left left");
        assert_eq!(area.cursor(), 0);
        press(&mut area, "delete");
        assert_eq!(area.text(), "x");
    }
}
