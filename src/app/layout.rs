//! How much room there is, and for what. One function for `update` (page moves, visible rows) and `ui` (drawing).

/// Below this nothing useful fits.
pub const MIN_WIDTH: u16 = 40;
pub const MIN_HEIGHT: u16 = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    TooSmall,
    /// Mark, name, age.
    Column,
    /// Short header, no side borders.
    Narrow,
    /// List only; the preview swaps with it.
    List,
    /// List and preview side by side.
    Wide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub class: Class,
    pub width: u16,
    pub height: u16,
}

impl Layout {
    pub fn of(width: u16, height: u16) -> Self {
        let class = match (width, height) {
            (w, h) if w < MIN_WIDTH || h < MIN_HEIGHT => Class::TooSmall,
            (w, h) if w < 60 || h < 15 => Class::Column,
            (w, _) if w < 80 => Class::Narrow,
            (w, h) if w >= 110 && h >= 20 => Class::Wide,
            _ => Class::List,
        };
        Self { class, width, height }
    }

    pub fn in_one_column(self) -> Self {
        Self { class: self.class.min(Class::List), ..self }
    }

    pub fn bordered(self) -> bool {
        self.class >= Class::List
    }

    /// Rows of a list that fit: one line of header, two of footer, one of column titles, two of border.
    pub fn list_rows(self) -> usize {
        let chrome = 4 + if self.bordered() { 2 } else { 0 };
        usize::from(self.height.saturating_sub(chrome)).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_follow_the_sizes_of_the_design() {
        let class = |w, h| Layout::of(w, h).class;
        assert_eq!(class(120, 36), Class::Wide);
        assert_eq!(class(110, 19), Class::List);
        assert_eq!(class(80, 24), Class::List);
        assert_eq!(class(79, 24), Class::Narrow);
        assert_eq!(class(60, 15), Class::Narrow);
        assert_eq!(class(59, 24), Class::Column);
        assert_eq!(class(100, 14), Class::Column);
        assert_eq!(class(40, 8), Class::Column);
        assert_eq!(class(39, 8), Class::TooSmall);
        assert_eq!(class(1, 1), Class::TooSmall);
    }

    #[test]
    fn there_is_always_a_row() {
        for h in 0..40 {
            assert!(Layout::of(80, h).list_rows() >= 1);
        }
        assert_eq!(Layout::of(80, 24).list_rows(), 18);
    }
}
