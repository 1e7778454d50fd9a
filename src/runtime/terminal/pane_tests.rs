//! What the real panes cost on the wire.

use ratatui::Terminal;
use ratatui::layout::Size;

use super::{Screen, ScreenOptions};
use crate::app::msg::Msg;
use crate::app::state::State;
use crate::app::update::update;
use crate::ui;
use crate::ui::fixture::{self, Words};
use crate::ui::theme::Theme;

struct View {
    state: State,
    theme: Theme,
    terminal: Terminal<Screen<Vec<u8>>>,
}

impl View {
    fn new(pane: usize, width: u16, height: u16) -> Self {
        let state = fixture::state(pane, width, height, fixture::looks("ansi16", false));
        let screen = Screen::new(Vec::new(), Size::new(width, height), ScreenOptions::default());
        let theme = Theme::named("ansi16", false);
        let mut view = Self { state, theme, terminal: Terminal::new(screen).unwrap() };
        view.bytes();
        view
    }

    /// Bytes of the next frame.
    fn bytes(&mut self) -> usize {
        self.terminal.draw(|frame| ui::draw(frame, &self.state, &self.theme)).unwrap();
        std::mem::take(self.terminal.backend_mut().writer_mut()).len()
    }

    fn key(&mut self, key: &str) -> usize {
        update(&mut self.state, Msg::Key(key.parse().unwrap()));
        self.bytes()
    }

    fn rest(&mut self) -> usize {
        fixture::settle(&mut self.state, &Words::default());
        self.bytes()
    }
}

#[test]
fn a_step_down_costs_two_rows_and_the_preview_follows_when_the_cursor_rests() {
    for (width, height) in [(120, 36), (80, 24), (60, 15)] {
        let mut view = View::new(2, width, height);
        // Images of one kind follow each other there; another kind has other lines.
        let moves: Vec<usize> = (0..11).map(|_| view.key("j")).collect();
        assert!(moves.iter().all(|n| *n <= 1000), "{width}x{height} {moves:?}");
        view.rest();
        let (mut keys, mut rests) = (Vec::new(), Vec::new());
        for _ in 0..9 {
            keys.push(view.key("j"));
            rests.push(view.rest());
        }
        println!("{width}x{height}: keys {keys:?}, rests {rests:?}");
        assert!(keys.iter().all(|n| *n <= 400), "{width}x{height} {keys:?}");
        assert!(rests.iter().all(|n| *n <= 400), "{width}x{height} {rests:?}");
        let mut both: Vec<usize> = keys.iter().zip(&rests).map(|(key, rest)| key + rest).collect();
        both.sort_unstable();
        assert!(both[both.len() / 2] <= 400, "{width}x{height} {both:?}");
        assert_eq!(view.rest(), 0);
    }
}

#[test]
fn a_held_key_does_not_redraw_the_preview() {
    let mut view = View::new(2, 120, 36);
    let held: Vec<usize> = (0..12).map(|_| view.key("j")).collect();
    assert!(held.iter().all(|n| *n <= 400), "{held:?}");
    let scrolled: Vec<usize> = (0..25).map(|_| view.key("j")).collect();
    // The frame that takes the preview away; from then on the list scrolls alone.
    let costly = scrolled.iter().filter(|n| **n > 400).count();
    assert!(costly <= 1 && scrolled.iter().all(|n| *n <= 1000), "{scrolled:?}");
}

#[test]
fn panels_and_lists_keep_their_budget() {
    for pane in 0..4 {
        let mut view = View::new(pane, 120, 36);
        let keys: Vec<usize> = (0..6).map(|_| view.key("j")).collect();
        assert!(keys.iter().all(|n| *n <= 400), "pane {pane}: {keys:?}");
        assert_eq!(view.bytes(), 0);
    }
}
