//! The first run, and the import of what docker and podman know.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use crate::app::modal::import::{COLOURS, Focus, Import, Row};
use crate::app::state::{Link, State};
use crate::domain::capability::Support;
use crate::domain::clean;
use crate::domain::text::{Align, cut_path, fit, milliseconds};
use crate::ui::pane::link_word;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

pub(super) fn hints(dialog: &Import) -> &'static [(&'static str, &'static str)] {
    match (dialog.first, dialog.rows.is_empty()) {
        (true, true) => &[("+", "add"), ("t", "try the demo"), ("Esc", "go on without"), ("?", "help")],
        (true, false) => &[
            ("Space", "toggle"),
            ("a", "all"),
            ("+", "add"),
            ("Tab", "field"),
            ("Enter", "import"),
            ("Esc", "skip"),
            ("?", "help"),
        ],
        (false, _) => {
            &[("Space", "toggle"), ("a", "all"), ("+", "add"), ("Enter", "import"), ("Esc", "skip"), ("?", "help")]
        }
    }
}

pub(super) fn draw(frame: &mut Frame, body: Rect, dialog: &Import, state: &State, theme: &Theme) {
    frame.render_widget(Clear, body);
    let marked = dialog.rows.iter().filter(|row| row.on).count();
    let foot = if marked > 0 { format!("Enter imports {marked}") } else { String::new() };
    let inside = widget::panel(frame, body, "Import registries", &foot, theme);
    let room = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
    let height = usize::from(room.height);
    let width = usize::from(room.width);

    // Rows come first; of the rest, the least important goes first where there is no room.
    let rows = dialog.rows.len().min(height.saturating_sub(2).max(1));
    let heading = usize::from(!dialog.rows.is_empty() && height > 3);
    let (above, below) = fitting(around(dialog, state, width, theme), height.saturating_sub(rows + heading));

    let mut lines = above;
    if heading > 0 {
        let (name, secret) = columns(width);
        let text =
            format!("    {} {} CHECK", fit("REGISTRY", name, Align::Left), fit("SECRET FROM", secret, Align::Left));
        lines.push(styled(text, theme.dim));
    }
    let first = (dialog.cursor + 1).saturating_sub(rows);
    for (n, row) in dialog.rows.iter().enumerate().skip(first).take(rows) {
        lines.push(one(row, n == dialog.cursor && dialog.focus == Focus::Rows, state, width, theme));
    }
    lines.extend(below);
    for (n, line) in lines.into_iter().take(height).enumerate() {
        crate::ui::line(frame, Rect { y: room.y + n as u16, height: 1, ..room }, line);
    }
}

struct Part {
    above: bool,
    /// The highest goes first.
    rank: u8,
    line: Line<'static>,
}

fn around(dialog: &Import, state: &State, width: usize, theme: &Theme) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut put = |above: bool, rank: u8, text: &str| {
        for text in widget::wrap(text, width) {
            parts.push(Part { above, rank, line: styled(text, theme.text) });
        }
    };
    if !dialog.rows.is_empty() {
        put(
            true,
            5,
            "Found these in Docker's config.json and Podman's auth.json. Only the address is stored; tagboat asks the same place for the secret every time.",
        );
        put(true, 7, "");
    } else if dialog.searching {
        put(true, 1, "Looking into Docker's and Podman's files...");
    } else {
        put(true, 1, "Welcome to tagboat. Docker and Podman know no registry here, and there is no config yet.");
    }
    put(false, 7, "");
    put(false, 2, "    +  add one by its address, for example localhost:5000");
    if dialog.first {
        put(false, 3, "    t  try the demo: registries within this program, nothing to set up");
        put(false, 7, "");
    }
    let hub = |row: &Row| state.registry(row.registry).profile.host() == "registry-1.docker.io";
    if dialog.rows.iter().any(hub) {
        put(false, 4, "Docker Hub has no catalog endpoint: open repositories by name there (').");
        put(false, 7, "");
    }
    if let Some(error) = &dialog.error {
        parts.push(Part { above: false, rank: 0, line: styled(error.to_string(), theme.warn) });
    }
    if dialog.first {
        let now = dialog.colours(state);
        let options = COLOURS.iter().enumerate().map(|(n, (_, words))| (now == Some(n), *words));
        parts.push(choice("Colours", options.collect(), dialog.focus == Focus::Colours, "", theme));
        let ascii = state.looks.ascii;
        let sample = if ascii { "these should line up: |*|" } else { "these should line up: │●│" };
        let options = vec![(!ascii, "unicode"), (ascii, "ascii")];
        parts.push(choice("Signs", options, dialog.focus == Focus::Signs, sample, theme));
        let text = "Keys      arrows and vim keys both work. ? shows every key, : every command.";
        parts.push(Part { above: false, rank: 6, line: styled(text, theme.text) });
    }
    parts
}

/// The one with the focus stays, whatever the room.
fn choice(label: &str, options: Vec<(bool, &str)>, focus: bool, after: &str, theme: &Theme) -> Part {
    let mut spans = vec![Span::styled(format!("{label:<10}"), if focus { theme.key } else { theme.text })];
    for (on, words) in options {
        let style = if on && focus { theme.cursor } else { theme.text };
        spans.push(Span::styled(format!("({}) {words}", if on { "o" } else { " " }), style));
        spans.push(Span::raw("  "));
    }
    spans.push(Span::styled(format!("  {after}"), theme.dim));
    Part { above: false, rank: if focus { 0 } else { 5 }, line: Line::from(spans) }
}

fn fitting(mut parts: Vec<Part>, room: usize) -> (Vec<Line<'static>>, Vec<Line<'static>>) {
    while parts.len() > room {
        let Some(rank) = parts.iter().map(|part| part.rank).max() else { break };
        let Some(last) = parts.iter().rposition(|part| part.rank == rank) else { break };
        parts.remove(last);
    }
    let (above, below): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| part.above);
    (above.into_iter().map(|p| p.line).collect(), below.into_iter().map(|p| p.line).collect())
}

/// Cells for the address and for where the secret is.
fn columns(width: usize) -> (usize, usize) {
    let rest = width.saturating_sub(6);
    let secret = (rest / 3).min(26);
    ((rest * 2 / 5).min(40), secret)
}

fn one(row: &Row, here: bool, state: &State, width: usize, theme: &Theme) -> Line<'static> {
    let registry = state.registry(row.registry);
    let (name, secret) = columns(width);
    let mut from = registry.found.as_ref().map_or_else(String::new, ToString::to_string);
    if !from.is_empty() && registry.account.as_ref().is_some_and(|account| account.from.is_none()) {
        from.push_str(", no entry");
    }
    let (check, style) = match &registry.link {
        _ if registry.caps.listing == Support::No => ("no catalog".to_owned(), theme.warn),
        Link::Up => {
            let transport = registry.caps.transport.map(|t| t.split(',').next().unwrap_or(t));
            let rtt = registry.rtt.map(milliseconds);
            let words: Vec<String> =
                ["ok".to_owned()].into_iter().chain(transport.map(str::to_owned)).chain(rtt).collect();
            (words.join(", "), theme.good)
        }
        Link::Down(report) if report.kind == crate::domain::error::ErrorKind::SignIn => ("401".to_owned(), theme.warn),
        link => {
            let (word, style) = link_word(link, theme);
            (word.to_owned(), style)
        }
    };
    let base = if here { theme.cursor } else { theme.text };
    let address = clean::identifier(&registry.profile.name).to_string();
    let sign = if row.on { "[x]" } else { "[ ]" };
    let text =
        format!("{sign} {} {} ", fit(&cut_path(&address, name), name, Align::Left), fit(&from, secret, Align::Left));
    Line::from(vec![Span::styled(text, base), Span::styled(check, base.patch(style))])
}
