//! The bytes of a frame, checked against an emulated terminal and the budgets.

use std::num::NonZeroU16;

use ratatui::Terminal;
use ratatui::backend::Backend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Constraint, Layout, Rect, Size};
use ratatui::style::{Color, Modifier, Style};
use ratatui::widgets::{Block, Paragraph, Row, Scrollbar, ScrollbarOrientation, ScrollbarState, Table};

use super::{Screen, ScreenOptions};

type Wire = Vec<u8>;

fn terminal(width: u16, height: u16) -> Terminal<Screen<Wire>> {
    let screen = Screen::new(Wire::new(), Size::new(width, height), ScreenOptions::default());
    Terminal::new(screen).unwrap()
}

fn take(terminal: &mut Terminal<Screen<Wire>>) -> Wire {
    std::mem::take(terminal.backend_mut().writer_mut())
}

struct View {
    top: usize,
    cursor: usize,
    filter: &'static str,
}

/// A tag table: borders, six columns, colours, a scrollbar, a filter line.
fn draw(frame: &mut ratatui::Frame<'_>, view: &View) {
    let [list, line] = Layout::vertical([Constraint::Min(0), Constraint::Length(1)]).areas(frame.area());
    let visible = usize::from(list.height.saturating_sub(3));
    let rows = (view.top..view.top + visible).map(|n| {
        let style = if n == view.cursor { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
        let mark = if n % 7 == 3 { "●" } else { " " };
        Row::new([
            ratatui::text::Span::styled(mark, Color::LightYellow),
            ratatui::text::Span::styled(format!("v1.{}.{}-build.{:x}", n / 10, n % 10, n * 7919), Color::Cyan),
            ratatui::text::Span::raw(format!("{}d", n / 3 + 1)),
            ratatui::text::Span::raw(format!("{}.{} MiB", 40 + n * 37 % 300, n % 10)),
            ratatui::text::Span::styled(format!("sha256:{:012x}", n * 0x9e37_79b9_7f4a), Color::DarkGray),
            ratatui::text::Span::styled("linux/amd64,arm64", Color::Indexed(110)),
        ])
        .style(style)
    });
    let widths = [1, 36, 6, 12, 22, 24].map(Constraint::Length);
    let header = Row::new([" ", "TAG", "AGE", "SIZE", "DIGEST", "PLATFORMS"]).style(Modifier::BOLD);
    let table = Table::new(rows, widths).header(header).block(Block::bordered().title("team/app"));
    frame.render_widget(table, list);
    let bar = Scrollbar::new(ScrollbarOrientation::VerticalRight);
    let mut state = ScrollbarState::new(500).position(view.top).viewport_content_length(visible);
    frame.render_stateful_widget(bar, list, &mut state);
    frame.render_widget(Paragraph::new(format!("/{}", view.filter)), line);
    if !view.filter.is_empty() {
        frame.set_cursor_position((1 + view.filter.len() as u16, line.y));
    }
}

#[test]
fn a_frame_stays_within_its_budget() {
    let mut terminal = terminal(120, 36);
    let mut bytes = |view: View| {
        terminal.draw(|frame| draw(frame, &view)).unwrap();
        take(&mut terminal).len()
    };
    let view = |top, cursor, filter| View { top, cursor, filter };
    let first = bytes(view(0, 0, ""));
    let idle = bytes(view(0, 0, ""));
    let down = bytes(view(0, 1, ""));
    bytes(view(0, 31, ""));
    let scroll: Vec<usize> = (1..100).map(|top| bytes(view(top, 31 + top, ""))).collect();
    let back: Vec<usize> = (0..99).rev().map(|top| bytes(view(top, top, ""))).skip(1).collect();
    let page = bytes(view(32, 63, ""));
    bytes(view(32, 63, "v"));
    let typed = bytes(view(32, 63, "v1"));
    println!(
        "first {first} idle {idle} down {down} scroll {:?} back {:?} page {page} typed {typed}",
        scroll.iter().max(),
        back.iter().max()
    );
    assert!(first <= 7_000, "{first}");
    assert_eq!(idle, 0);
    assert!(down <= 400, "{down}");
    assert!(scroll.iter().chain(&back).all(|n| *n <= 1_000), "{scroll:?} {back:?}");
    assert!(page <= 7_000, "{page}");
    assert!(typed <= 60, "{typed}");
}

#[test]
fn bytes_are_counted() {
    let mut terminal = terminal(20, 3);
    terminal.draw(|frame| frame.render_widget("hello", frame.area())).unwrap();
    let sent = take(&mut terminal).len() as u64;
    assert_eq!(terminal.backend().bytes_written(), sent);
}

/// A writer that counts calls and can fail.
#[derive(Default)]
struct Calls {
    count: usize,
    broken: bool,
}

impl std::io::Write for Calls {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.broken {
            return Err(std::io::ErrorKind::BrokenPipe.into());
        }
        self.count += 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn one_write_per_frame_and_none_for_the_same_frame() {
    let screen = Screen::new(Calls::default(), Size::new(120, 36), ScreenOptions::default());
    let mut terminal = Terminal::new(screen).unwrap();
    let view = |top| View { top, cursor: top, filter: "" };
    for (top, calls) in [(0, 1), (0, 1), (1, 2), (40, 3), (40, 3)] {
        terminal.draw(|frame| draw(frame, &view(top))).unwrap();
        assert_eq!(terminal.backend().writer().count, calls);
    }
}

#[test]
fn a_failed_write_is_reported_and_repaired_by_the_next() {
    let screen = Screen::new(Calls::default(), Size::new(10, 2), ScreenOptions::default());
    let mut terminal = Terminal::new(screen).unwrap();
    terminal.backend_mut().writer_mut().broken = true;
    assert!(terminal.draw(|frame| frame.render_widget("hello", frame.area())).is_err());
    terminal.backend_mut().writer_mut().broken = false;
    terminal.draw(|frame| frame.render_widget("hello", frame.area())).unwrap();
    assert!(terminal.backend().bytes_written() > 10);
}

/// A small generator, so that a failure can be repeated from its number.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    fn style(&mut self) -> Style {
        let colours =
            [Color::Reset, Color::Reset, Color::Red, Color::LightBlue, Color::Indexed(200), Color::Rgb(1, 20, 200)];
        let modifiers = [
            Modifier::empty(),
            Modifier::empty(),
            Modifier::BOLD,
            // no dim: the emulator does not know it together with bold
            Modifier::ITALIC,
            Modifier::BOLD | Modifier::ITALIC,
            Modifier::UNDERLINED | Modifier::ITALIC,
            Modifier::REVERSED,
        ];
        Style::new()
            .fg(colours[self.below(colours.len())])
            .bg(colours[self.below(colours.len())])
            .add_modifier(modifiers[self.below(modifiers.len())])
    }

    fn text(&mut self) -> String {
        let parts = ["abc", "  ", "日本", "é", "─│┌", "한", "x", "     ", "9", "全角"];
        (0..1 + self.below(5)).map(|_| parts[self.below(parts.len())]).collect()
    }
}

/// Changes a frame as screens do: a list moves, a line is rewritten, a row restyled, an area blanked.
fn change(random: &mut Random, frame: &mut Buffer) {
    let (width, height) = (usize::from(frame.area.width), usize::from(frame.area.height));
    match random.below(6) {
        0 | 1 => {
            let top = random.below(height);
            let bottom = top + random.below(height - top) + 1;
            let rows = &mut frame.content[top * width..bottom * width];
            let by = random.below(bottom - top + 1).min(4) * width;
            if random.below(2) == 0 {
                rows.rotate_left(by);
            } else {
                rows.rotate_right(by);
            }
        }
        2..=3 => {
            for _ in 0..1 + random.below(8) {
                let (x, y) = (random.below(width), random.below(height));
                let (text, style) = (random.text(), random.style());
                write(frame, x as u16, y as u16, &text, style);
            }
        }
        4 => {
            let y = random.below(height) as u16;
            frame.set_style(Rect::new(0, y, width as u16, 1), random.style());
        }
        _ => {
            let start = random.below(frame.content.len());
            let end = frame.content.len().min(start + random.below(3 * width));
            let row_start = start - start % width;
            frame.content[row_start..end].fill(Cell::EMPTY);
            mend(frame);
        }
    }
}

fn write(frame: &mut Buffer, x: u16, y: u16, text: &str, style: Style) {
    frame.set_string(x, y, text, style);
    mend(frame);
}

/// Widgets keep a buffer well formed: what a wide character covers is blank and has its style.
fn mend(frame: &mut Buffer) {
    use ratatui::buffer::CellWidth;
    let width = usize::from(frame.area.width);
    for row in frame.content.chunks_mut(width) {
        let mut x = 0;
        while x < width {
            if row[x].cell_width() < 2 {
                x += 1;
                continue;
            }
            if x + 1 == width {
                row[x].set_symbol(" ");
                break;
            }
            let mut half = row[x].clone();
            half.set_symbol(" ");
            row[x + 1] = half;
            x += 2;
        }
    }
}

/// What the eye can see of a cell: text, colours, attributes.
type Seen = (String, Option<vt100::Color>, vt100::Color, [bool; 5]);

fn seen(cell: &vt100::Cell) -> Seen {
    let text = if cell.has_contents() { cell.contents() } else { " " };
    let plain_blank = text == " " && !cell.inverse() && !cell.underline();
    (
        text.to_owned(),
        (!plain_blank).then(|| cell.fgcolor()),
        cell.bgcolor(),
        [
            cell.bold() && !plain_blank,
            cell.dim() && !plain_blank,
            cell.italic() && !plain_blank,
            cell.underline(),
            cell.inverse(),
        ],
    )
}

fn wanted(cell: &Cell) -> Seen {
    let colour = |colour| match colour {
        Color::Red => vt100::Color::Idx(1),
        Color::LightBlue => vt100::Color::Idx(12),
        Color::Indexed(n) => vt100::Color::Idx(n),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        _ => vt100::Color::Default,
    };
    let has = |modifier| cell.modifier.contains(modifier);
    let plain_blank = cell.symbol() == " " && !has(Modifier::REVERSED) && !has(Modifier::UNDERLINED);
    (
        cell.symbol().to_owned(),
        (!plain_blank).then(|| colour(cell.fg)),
        colour(cell.bg),
        [
            has(Modifier::BOLD) && !plain_blank,
            has(Modifier::DIM) && !plain_blank,
            has(Modifier::ITALIC) && !plain_blank,
            has(Modifier::UNDERLINED),
            has(Modifier::REVERSED),
        ],
    )
}

fn assert_shown(emulator: &vt100::Parser, frame: &Buffer, what: &str) {
    for y in 0..frame.area.height {
        for x in 0..frame.area.width {
            let cell = emulator.screen().cell(y, x).unwrap();
            if !cell.is_wide_continuation() {
                assert_eq!(seen(cell), wanted(&frame[(x, y)]), "{what}, x {x}, y {y}");
            }
        }
    }
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

fn run(seed: u64, frames: usize, options: ScreenOptions) -> u64 {
    let mut random = Random(seed);
    let mut size = Size::new(60, 20);
    let mut terminal = Terminal::new(Screen::new(Wire::new(), size, options)).unwrap();
    let mut emulator = vt100::Parser::new(cells(size.height), cells(size.width), 0);
    let mut content = Buffer::empty(Rect::from((ratatui::layout::Position::ORIGIN, size)));
    for number in 0..frames {
        if random.below(60) == 0 {
            size = Size::new(2 + random.below(100) as u16, 2 + random.below(40) as u16);
            emulator.screen_mut().set_size(cells(size.height), cells(size.width));
            terminal.backend_mut().set_size(size);
            content.resize(Rect::from((ratatui::layout::Position::ORIGIN, size)));
            mend(&mut content);
        }
        if random.below(100) == 0 {
            emulator.process(b"\x1b[3;3Hnoise from \x1b[41manother program");
            terminal.backend_mut().repaint();
        }
        change(&mut random, &mut content);
        let cursor = (random.below(3) == 0)
            .then(|| (random.below(size.width.into()) as u16, random.below(size.height.into()) as u16));
        terminal
            .draw(|frame| {
                frame.buffer_mut().content.clone_from(&content.content);
                if let Some(cursor) = cursor {
                    frame.set_cursor_position(cursor);
                }
            })
            .unwrap();
        let bytes = take(&mut terminal);
        emulator.process(&bytes);
        assert_shown(&emulator, &content, &format!("seed {seed}, frame {number}"));
        assert_eq!(emulator.screen().hide_cursor(), cursor.is_none());
        if let Some((x, y)) = cursor {
            assert_eq!(emulator.screen().cursor_position(), (y, x));
        }
    }
    terminal.backend().bytes_written()
}

/// Most terminals give these marks a column less than the drawing library does.
#[test]
fn half_width_marks_leave_nothing_of_what_was_there() {
    for text in ["\u{ff9e}", "\u{ff76}\u{ff9e}", "\u{ff8a}\u{ff9f}\u{ff9f}"] {
        let mut terminal = terminal(20, 1);
        let mut emulator = vt100::Parser::new(cells(1), cells(20), 0);
        let mut draw = |line: &str| {
            terminal.draw(|frame| frame.render_widget(line, frame.area())).unwrap();
            emulator.process(&take(&mut terminal));
            let row: Vec<String> =
                (0..20).map(|x| emulator.screen().cell(0, x).unwrap().contents().to_owned()).collect();
            row
        };
        let room = crate::domain::text::width(text);
        draw("abcdefghijkl");
        let shown = draw(&format!("{text}|x"));
        assert_eq!(shown.concat().split_whitespace().collect::<String>(), format!("{text}|x"), "{shown:?}");
        // Where the library puts what follows, there it is.
        assert_eq!(shown[room], "|", "{shown:?}");
        // Nothing of it stays behind, and what follows is not moved.
        let shown = draw(&format!("{:room$}|x", ""));
        assert_eq!((shown.concat().trim(), shown[room].as_str()), ("|x", "|"), "{shown:?}");
    }
}

#[test]
fn random_frames_show_what_was_drawn() {
    let plain = ScreenOptions { scroll_regions: false, synchronized: false };
    for seed in 1..=4 {
        let moved = run(seed, 500, ScreenOptions::default());
        let painted = run(seed, 500, plain);
        assert!(moved < painted, "{moved} {painted}");
    }
}

#[test]
fn any_size_is_drawn() {
    let mut terminal = terminal(0, 0);
    for (width, height) in [(0, 0), (1, 1), (300, 100), (1, 30), (2, 1), (0, 5), (120, 36)] {
        terminal.backend_mut().set_size(Size::new(width, height));
        for top in 0..3 {
            let view = View { top, cursor: top, filter: "日" };
            terminal.draw(|frame| draw(frame, &view)).unwrap();
        }
        assert_eq!(terminal.backend().size().unwrap(), Size::new(width, height));
    }
}
