//! The terminal while the interface has it: what is drawn on it, and how it is given back.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use ratatui::layout::Size;

use super::terminal::{self, Guard, GuardOptions, Output, Screen, ScreenOptions, Terminal};
use super::{clipboard, signals};
use crate::app::state::{Looks, State};
use crate::ui;
use crate::ui::theme::Theme;

pub struct Window {
    screen: Terminal,
    theme: Theme,
    /// Dropped last: what it puts back must not be drawn over.
    guard: Guard,
}

impl Window {
    /// Takes the terminal. It is as it was when this value is gone, and after a panic, which goes to the log.
    pub fn open(looks: &Looks, theme: Theme, log_file: Option<PathBuf>) -> anyhow::Result<Self> {
        terminal::panic::install_hook(log_file);
        let guard = Guard::enter(GuardOptions { mouse: looks.mouse, main_screen: looks.accessible })?;
        let screen = Screen::new(Output::stdout()?, terminal::size(), ScreenOptions::default());
        Ok(Self { screen: Terminal::new(screen)?, theme, guard })
    }

    /// Returns how long the terminal took to take the frame, if there was one to write.
    pub fn draw(&mut self, state: &State) -> io::Result<Option<Duration>> {
        self.screen.draw(|frame| ui::draw(frame, state, &self.theme))?;
        Ok(self.screen.backend_mut().take_write_time())
    }

    /// Stops the program as the shell expects; false where there is no shell that could continue it.
    pub fn suspend(&mut self) -> io::Result<bool> {
        let stopped = signals::suspend(&self.guard)?;
        self.found_anew();
        Ok(stopped)
    }

    /// The program was stopped by others and runs again.
    pub fn resume(&mut self) -> io::Result<()> {
        self.guard.resume()?;
        self.found_anew();
        Ok(())
    }

    /// Anything may have happened to the terminal meanwhile.
    fn found_anew(&mut self) {
        self.screen.backend_mut().set_size(terminal::size());
        self.repaint();
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        self.screen.backend_mut().set_size(Size::new(width, height));
    }

    pub fn repaint(&mut self) {
        self.screen.backend_mut().repaint();
    }

    pub fn set_theme(&mut self, theme: Theme) {
        self.theme = theme;
    }

    pub fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.guard.set_mouse(on)
    }

    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        clipboard::copy(self.screen.backend_mut().writer_mut(), text)
    }
}
