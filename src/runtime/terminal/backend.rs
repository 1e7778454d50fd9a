//! The ratatui backend: one write per frame, and none when nothing has changed.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use super::paint::Painter;
use super::shadow::Shadow;

/// Below this many bytes a plain repaint is cheap and no moved rows are looked for.
const WORTH_A_SHIFT: usize = 400;

const SYNC_START: &[u8] = b"\x1b[?2026h";
const SYNC_END: &[u8] = b"\x1b[?2026l";

#[derive(Debug, Clone, Copy)]
pub struct ScreenOptions {
    /// Off for terminals that handle scroll regions wrongly.
    pub scroll_regions: bool,
    /// Terminals that do not know synchronized updates ignore the markers; off saves 16 bytes per frame.
    pub synchronized: bool,
}

impl Default for ScreenOptions {
    fn default() -> Self {
        Self { scroll_regions: true, synchronized: true }
    }
}

/// Collects a frame and sends the shorter of two encodings: the plain difference, or a scroll region moved first.
#[derive(Debug)]
pub struct Screen<W: Write> {
    out: W,
    options: ScreenOptions,
    size: Size,
    shadow: Shadow,
    /// The screen's content is unknown: clear it and draw all of it.
    repaint: bool,
    wanted: Cursor,
    /// `None`: the terminal's cursor may be shown or hidden.
    visible: Option<bool>,
    at: Option<(u16, u16)>,
    bytes_written: u64,
    /// How long the terminal took to take the last frame, until asked.
    took: Option<Duration>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Cursor {
    visible: bool,
    position: Position,
}

impl<W: Write> Screen<W> {
    pub fn new(out: W, size: Size, options: ScreenOptions) -> Self {
        Self {
            out,
            options,
            size,
            shadow: Shadow::new(size),
            repaint: true,
            wanted: Cursor::default(),
            visible: None,
            at: None,
            bytes_written: 0,
            took: None,
        }
    }

    /// All bytes sent since the start.
    pub fn bytes_written(&self) -> u64 {
        self.bytes_written
    }

    /// How long the last frame took to be written, without what it took to draw; nothing when none was.
    pub fn take_write_time(&mut self) -> Option<Duration> {
        self.took.take()
    }

    /// The terminal has a new size; the next `Terminal::draw` draws everything for it.
    pub fn set_size(&mut self, size: Size) {
        if self.size != size {
            self.size = size;
            self.shadow = Shadow::new(size);
            self.repaint();
        }
    }

    /// The next flush clears the screen and draws all of it: after the terminal was handed to someone else, or when
    /// line noise has spoilt it.
    pub fn repaint(&mut self) {
        self.repaint = true;
        self.visible = None;
    }

    pub fn writer(&self) -> &W {
        &self.out
    }

    pub fn writer_mut(&mut self) -> &mut W {
        &mut self.out
    }

    fn encode(&self, cursor: Option<(u16, u16)>) -> (Vec<u8>, Option<(u16, u16)>) {
        let Shadow { screen, next } = &self.shadow;
        let mut plain = Vec::new();
        let mut painter = Painter::new(&mut plain, self.at);
        if self.repaint {
            painter.clear();
        }
        painter.diff(screen, next);
        let plain_at = painter.finish(cursor);
        if self.options.scroll_regions
            && !self.repaint
            && plain.len() > WORTH_A_SHIFT
            && let Some(shift) = self.shadow.best_shift()
        {
            let mut moved = Vec::new();
            let mut painter = Painter::new(&mut moved, self.at);
            painter.shift(shift);
            painter.diff(&self.shadow.shifted(shift), next);
            let moved_at = painter.finish(cursor);
            if moved.len() < plain.len() {
                return (moved, moved_at);
            }
        }
        (plain, plain_at)
    }

    fn send(&mut self) -> io::Result<()> {
        if self.repaint {
            self.shadow.screen.reset();
        }
        let cursor = (self.wanted.visible && self.size.width > 0 && self.size.height > 0).then(|| {
            let Position { x, y } = self.wanted.position;
            (x.min(self.size.width - 1), y.min(self.size.height - 1))
        });
        let (body, at) = self.encode(cursor);
        let switch: &[u8] = match (self.visible, self.wanted.visible) {
            (Some(now), wanted) if now == wanted => b"",
            (_, true) => b"\x1b[?25h",
            (_, false) => b"\x1b[?25l",
        };
        if body.is_empty() && switch.is_empty() {
            return Ok(());
        }
        let mut frame = Vec::with_capacity(body.len() + 32);
        // a lone cursor move cannot tear
        let markers = self.options.synchronized && self.shadow.screen != self.shadow.next;
        if markers {
            frame.extend_from_slice(SYNC_START);
        }
        frame.extend_from_slice(&body);
        frame.extend_from_slice(switch);
        if markers {
            frame.extend_from_slice(SYNC_END);
        }
        let begun = Instant::now();
        self.out.write_all(&frame)?;
        self.out.flush()?;
        self.took = Some(begun.elapsed());
        self.bytes_written += frame.len() as u64;
        self.at = at;
        self.visible = Some(self.wanted.visible);
        self.repaint = false;
        self.shadow.screen.clone_from(&self.shadow.next);
        Ok(())
    }
}

impl<W: Write> Backend for Screen<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        for (x, y, cell) in content {
            self.shadow.put(x, y, cell);
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.wanted.visible = false;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.wanted.visible = true;
        Ok(())
    }

    /// Answered from memory: asking the terminal would put its answer among the keys.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.wanted.position)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.wanted.position = position.into();
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        let width = usize::from(self.size.width);
        let Position { x, y } = self.wanted.position;
        let line = usize::from(y) * width;
        let cursor = line + usize::from(x);
        match clear_type {
            ClearType::All => {
                self.shadow.fill_next(0, usize::MAX);
                self.repaint();
            }
            ClearType::AfterCursor => self.shadow.fill_next(cursor, usize::MAX),
            ClearType::BeforeCursor => self.shadow.fill_next(0, cursor + 1),
            ClearType::CurrentLine => self.shadow.fill_next(line, line + width),
            ClearType::UntilNewLine => self.shadow.fill_next(cursor, line + width),
        }
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        let sent = self.send();
        if sent.is_err() {
            // an unknown part of the frame has arrived
            self.repaint();
        }
        sent
    }
}
