//! Screens, as they look and as they must never break.

use proptest::prelude::*;
use ratatui::buffer::{Buffer, CellWidth as _};

use super::fixture::{self, Words};
use super::theme::Theme;
use crate::app::state::State;
use crate::domain::{clean, text};

pub(super) const SIZES: [(u16, u16); 4] = [(120, 36), (80, 24), (60, 15), (40, 8)];
pub(super) const PANES: [&str; 4] = ["registries", "repositories", "tags", "image"];

pub(super) fn theme(state: &State) -> Theme {
    Theme::of(&state.looks)
}

/// The rows of a screen, without the blanks at their ends.
pub(super) fn rows(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width).max(1);
    buffer.content.chunks(width).map(|row| line(row).trim_end().to_owned()).collect()
}

/// What a terminal shows of a row: a wide character covers the cell after it.
pub(super) fn line(row: &[ratatui::buffer::Cell]) -> String {
    let mut out = String::new();
    let mut covered = 0;
    for cell in row {
        if covered > 0 {
            covered -= 1;
            continue;
        }
        out.push_str(cell.symbol());
        covered = usize::from(cell.cell_width()).saturating_sub(1);
    }
    out
}

fn shown(pane: usize, ascii: bool) -> String {
    let mut out = String::new();
    for (width, height) in SIZES {
        let state = fixture::state(pane, width, height, fixture::looks("ansi16", ascii));
        let screen = fixture::draw(&state, &theme(&state));
        out += &format!("{width}x{height}\n{}\n\n", rows(&screen).join("\n"));
    }
    out
}

#[test]
fn panes_look_like_this() {
    for (n, pane) in PANES.iter().enumerate().skip(1) {
        insta::assert_snapshot!(format!("{pane}_unicode"), shown(n, false));
        let ascii = shown(n, true);
        assert!(ascii.is_ascii(), "{pane}");
        insta::assert_snapshot!(format!("{pane}_ascii"), ascii);
    }
}

/// Runs of one style, a line each: where it begins, what it covers, how it looks.
fn styles(buffer: &Buffer) -> String {
    let mut out = String::new();
    let width = usize::from(buffer.area.width);
    for (y, row) in buffer.content.chunks(width).enumerate() {
        let look = |x: usize| (row[x].fg, row[x].bg, row[x].modifier);
        let mut start = 0;
        for x in 1..=width {
            if x < width && look(x) == look(start) {
                continue;
            }
            let text = line(&row[start..x]);
            let (fg, bg, modifier) = look(start);
            let plain = fg == ratatui::style::Color::Reset && bg == fg && modifier.is_empty();
            let text = text.trim();
            if !plain && !text.is_empty() {
                out += &format!("{y:>2} {start:>3} {fg:?} {bg:?} {modifier:?} | {text}\n");
            }
            start = x;
        }
    }
    out
}

#[test]
fn styles_look_like_this() {
    for name in ["ansi16", "mono"] {
        for (n, pane) in PANES.iter().enumerate().skip(1) {
            let state = fixture::state(n, 120, 36, fixture::looks(name, false));
            let screen = fixture::draw(&state, &theme(&state));
            if name == "mono" {
                let colour = screen.content.iter().any(|c| c.fg != ratatui::style::Color::Reset || c.bg != c.fg);
                assert!(!colour, "{pane} in mono");
            }
            insta::assert_snapshot!(format!("{pane}_{name}"), styles(&screen));
        }
    }
}

/// Every row of the screen is as wide as the screen: no character sticks out or leaves a hole.
pub(super) fn straight(buffer: &Buffer) -> Result<(), TestCaseError> {
    let width = usize::from(buffer.area.width);
    for row in buffer.content.chunks(width.max(1)) {
        let shown = line(row);
        prop_assert_eq!(text::width(&shown), width, "{:?}", shown);
        prop_assert!(!shown.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)), "{:?}", shown);
    }
    Ok(())
}

proptest! {
    /// Rows are laid out by our measure and drawn by the library's: where they differ, a row is too short or too long.
    #[test]
    fn texts_are_as_wide_as_they_are_drawn(text in foreign(), marks in "[\u{ff76}\u{ff9e}\u{ff9f}a]{0,6}") {
        let text = clean::line(&(text + &marks));
        let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 900, 1));
        let (end, _) = buffer.set_stringn(0, 0, text.as_str(), 900, ratatui::style::Style::default());
        prop_assert_eq!(text::width(text.as_str()), usize::from(end), "{:?}", text);
    }
}

pub(super) fn foreign() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "\\PC{1,8}",
        Just("日本語".to_owned()),
        Just("\u{ff76}\u{ff9e}\u{ff9f}".to_owned()),
        Just("e\u{301}\u{301}".to_owned()),
        Just("👩\u{200d}👩\u{200d}👧".to_owned()),
        Just("🇩🇪".to_owned()),
        Just("\u{202e}evil\u{202c}".to_owned()),
        Just("\u{5e9}\u{5dc}\u{5d5}\u{5dd}".to_owned()),
        Just("\u{1b}[31mred\u{7}".to_owned()),
        Just("a\nb\tc".to_owned()),
        Just("☎\u{fe0f}".to_owned()),
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

/// Keys that open what there is to open in any pane.
const KEYS: [&str; 16] = ["?", ":", "s", "y", "'", "/", "p", "z", "T", "j", "G", "w", "3", "tab", "g", "space"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_text_keeps_the_columns_straight(
        pane in 0_usize..4,
        size in proptest::sample::select(SIZES.to_vec()),
        ascii in any::<bool>(),
        invalid in foreign(),
        prose in foreign(),
        keys in proptest::collection::vec(proptest::sample::select(KEYS.to_vec()), 0..4),
    ) {
        let words = Words { invalid, prose };
        let mut state = fixture::with(pane, size.0, size.1, fixture::looks("mono", ascii), &words);
        straight(&fixture::draw(&state, &theme(&state)))?;
        for key in keys {
            fixture::press(&mut state, key, &words);
            fixture::settle(&mut state, &words);
            straight(&fixture::draw(&state, &theme(&state)))?;
        }
    }

    #[test]
    fn any_size_is_drawn(
        pane in 0_usize..4,
        width in 1_u16..300,
        height in 1_u16..100,
        small in any::<bool>(),
        keys in proptest::collection::vec(proptest::sample::select(KEYS.to_vec()), 0..6),
    ) {
        let (width, height) = if small { (width % 60 + 1, height % 20 + 1) } else { (width, height) };
        let words = Words::default();
        let mut state = fixture::with(pane, width, height, fixture::looks("ansi16", false), &words);
        straight(&fixture::draw(&state, &theme(&state)))?;
        for key in keys {
            fixture::press(&mut state, key, &words);
            let screen = fixture::draw(&state, &theme(&state));
            prop_assert_eq!((screen.area.width, screen.area.height), (width, height));
        }
    }
}

#[test]
fn the_row_under_the_cursor_is_on_the_screen_at_every_size() {
    let words = Words::default();
    for (width, height) in (40..130).step_by(7).flat_map(|w| (8..40).step_by(3).map(move |h| (w, h))) {
        for (n, pane) in PANES.iter().enumerate().skip(1) {
            let mut state = fixture::state(n, width, height, fixture::looks("mono", true));
            fixture::press(&mut state, "G", &words);
            let screen = rows(&fixture::draw(&state, &theme(&state)));
            let seen = screen.iter().any(|row| row.trim_start_matches('|').starts_with('>') || row.contains("|>"));
            assert!(seen, "{pane} {width}x{height}\n{}", screen.join("\n"));
        }
    }
}
