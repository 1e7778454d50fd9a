//! One image: panels side by side where there is room, else one at a time behind tabs.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::table::{Column, column, fit_columns};
use crate::app::action::Action;
use crate::app::cache::Remote;
use crate::app::layout::Class;
use crate::app::pane::image::areas::{self, Area};
use crate::app::pane::image::{self, Row, Spot, Tab, Weight};
use crate::app::pane::{Place, words};
use crate::app::state::State;
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::registry::BackendKind;
use crate::domain::text;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

const PLATFORMS: &[Column] = &[
    column("", 1, false, 0),
    column("PLATFORM", 0, false, 0),
    column("DIGEST", 12, false, 2),
    column("SIZE", 8, true, 1),
    column("LYRS", 4, true, 3),
];
const FACTS: &[Column] = &[column("", 9, false, 0), column("", 0, false, 0)];
const LAYERS: &[Column] = &[
    column("#", 3, true, 2),
    column("SIZE", 8, true, 1),
    column("TYPE", 9, false, 4),
    column("CREATED BY (from history)", 0, false, 0),
    column("SHARED", 6, true, 3),
];
const HISTORY: &[Column] =
    &[column("", 3, true, 2), column("", 4, true, 1), column("", 0, false, 0), column("", 7, true, 3)];
const REFERRERS: &[Column] = &[column("TYPE", 0, false, 0), column("DIGEST", 12, false, 2), column("SIZE", 8, true, 1)];
const RAW: &[Column] = &[column("", 0, false, 0)];

fn columns(tab: Tab) -> &'static [Column] {
    match tab {
        Tab::Platforms => PLATFORMS,
        Tab::Config => FACTS,
        Tab::Layers => LAYERS,
        Tab::History => HISTORY,
        Tab::Referrers => REFERRERS,
        Tab::Raw => RAW,
    }
}

pub fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let pane = state.pane();
    if let Some(Remote::Failed(report)) = image::image(state, pane) {
        let inside = widget::panel(frame, area, "", "", theme);
        let lines = failed(report, state, theme);
        let width = usize::from(inside.width.saturating_sub(2));
        let lines = lines.into_iter().flat_map(|(text, style)| {
            widget::wrap(&text, width).into_iter().map(move |part| styled(part, style)).collect::<Vec<_>>()
        });
        for (n, line) in lines.enumerate().take(usize::from(inside.height)) {
            let room = Rect { x: inside.x + 1, y: inside.y + n as u16, width: width as u16, height: 1 };
            crate::ui::line(frame, room, line);
        }
        return;
    }
    if areas::tabbed(state.layout) {
        tabs(frame, Rect { height: 1, ..area }, pane.image.tab, theme);
    }
    for (tab, Area { x, y, width, height }) in areas::panels(state.layout, pane.zoom, pane.image.tab) {
        let here = Rect { x: area.x + x, y: area.y + y - 1, width, height }.intersection(area);
        panel(frame, here, tab, state, theme);
    }
}

/// Why there is no image, and what can be done.
fn failed(report: &ErrorReport, state: &State, theme: &Theme) -> [(String, Style); 4] {
    let pane = state.pane();
    let nothing = (String::new(), theme.text);
    if let (ErrorKind::Unsupported, Place::Image(id, repo, _)) = (report.kind, &pane.place) {
        let words = words::images_elsewhere(state, *id, repo);
        return [(words, theme.text), nothing.clone(), ("Esc  goes back".to_owned(), theme.dim), nothing];
    }
    let key = widget::key_of(state, Action::LoadLarge).filter(|_| image::is_too_large(state, pane));
    let hint = match key {
        Some(key) => format!("{key}  loads it anyway, up to 32 MiB"),
        None => report.hint.to_string(),
    };
    let keys = "r  tries again    e  signs in    Esc  goes back".to_owned();
    [(report.what.to_string(), theme.bad), (hint, theme.text), nothing, (keys, theme.dim)]
}

fn tabs(frame: &mut Frame, area: Rect, open: Tab, theme: &Theme) {
    let short = area.width < 60;
    let mut spans = vec![Span::raw(" ")];
    for (n, tab) in Tab::ALL.iter().enumerate() {
        let here = *tab == open;
        let words = match short && !here {
            true => (n + 1).to_string(),
            false => format!("{} {}", n + 1, tab.title()),
        };
        // Brackets: without colours the open one must differ, too.
        let text = if here { format!("[{words}] ") } else { format!(" {words}  ") };
        spans.push(Span::styled(text, if here { theme.title } else { theme.dim }));
    }
    crate::ui::line(frame, area, Line::from(spans));
}

fn panel(frame: &mut Frame, area: Rect, tab: Tab, state: &State, theme: &Theme) {
    let pane = state.pane();
    let focus = tab == pane.image.tab;
    let title = title(state, tab);
    // Without borders (and without room for them) the tabs say where one is.
    let inside = if state.layout.bordered() {
        let mut look = theme.clone();
        if !focus {
            look.title = theme.dim;
        }
        widget::panel(frame, area, &title, "", &look)
    } else {
        area
    };
    let columns = columns(tab);
    let width = usize::from(inside.width).saturating_sub(3);
    let widths = fit_columns(columns, width + 1);
    let mut body = inside;
    if tab.has_heading() {
        let cells: Vec<String> = columns.iter().map(|c| c.title.to_owned()).collect();
        let text = format!("  {}", join(&cells, columns, &widths));
        crate::ui::line(
            frame,
            Rect { height: 1, ..inside },
            styled(text::fit(&text, width + 2, text::Align::Left), theme.dim),
        );
        body = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    }
    let rows = image::rows(state, pane, tab);
    let wrapped = image::in_full(state.layout, pane);
    let lay = |row: &Row| lines(row, columns, &widths, width, wrapped);
    let spot = pane.image.spot(tab);
    let first = first(&rows, spot, usize::from(body.height), |row| lay(row).len());
    let mut y = body.y;
    for (n, row) in rows.iter().enumerate().skip(first) {
        let under = focus && n == spot.cursor;
        let style = if under { theme.cursor.patch(weight(row, theme)) } else { weight(row, theme) };
        for line in lay(row) {
            if y >= body.bottom() {
                break;
            }
            let sign = if under { theme.signs.cursor } else { " " };
            let line = format!("{sign} {}", text::fit(&line, width, text::Align::Left));
            crate::ui::line(frame, Rect { y, height: 1, ..body }, label(line, row, &widths, style, under, theme));
            y += 1;
        }
    }
    widget::scroll_thumb(frame, body, first, usize::from(body.height), rows.len(), theme);
}

/// Labels of facts are dim, as in the preview.
fn label(line: String, row: &Row, widths: &[Option<usize>], style: Style, under: bool, theme: &Theme) -> Line<'static> {
    if row.cells.len() != FACTS.len() || under || row.weight != Weight::Plain {
        return styled(line, style);
    }
    let at = widths.first().copied().flatten().unwrap_or(0) + 2;
    match line.split_at_checked(at) {
        Some((name, value)) => {
            Line::from(vec![Span::styled(name.to_owned(), theme.dim), Span::styled(value.to_owned(), style)])
        }
        None => styled(line, style),
    }
}

fn weight(row: &Row, theme: &Theme) -> Style {
    match row.weight {
        Weight::Plain => theme.text,
        Weight::Dim => theme.dim,
        Weight::Warn => theme.warn,
        Weight::Bad => theme.bad,
    }
}

/// The first row to draw, so that the cursor's is on screen however many lines the rows above it take.
fn first(rows: &[Row], spot: Spot, room: usize, height: impl Fn(&Row) -> usize) -> usize {
    let cursor = spot.cursor.min(rows.len().saturating_sub(1));
    let mut first = cursor;
    let mut used = rows.get(cursor).map_or(0, &height);
    while first > spot.offset.min(cursor) {
        used += height(&rows[first - 1]);
        if used > room {
            break;
        }
        first -= 1;
    }
    first
}

fn join(cells: &[String], columns: &[Column], widths: &[Option<usize>]) -> String {
    let mut line = String::new();
    for ((cell, column), width) in cells.iter().zip(columns).zip(widths) {
        let Some(width) = width else { continue };
        line.push_str(&widget::cell(&cell.replace('\n', " "), *width, column.right));
        line.push(' ');
    }
    line.pop();
    line
}

/// A row as lines: one, or, wrapped, as many as its long column needs.
fn lines(row: &Row, columns: &[Column], widths: &[Option<usize>], width: usize, wrapped: bool) -> Vec<String> {
    if let [whole] = &row.cells[..] {
        // Sentences are always shown whole.
        let wrapped = wrapped || row.value.is_empty();
        return if wrapped { wrap_indented(whole, width) } else { vec![whole.replace('\n', " ")] };
    }
    let long = columns.iter().position(|c| c.width == 0).unwrap_or(0);
    let (Some(cell), Some(Some(room)), true) = (row.cells.get(long), widths.get(long), wrapped) else {
        return vec![join(&row.cells, columns, widths)];
    };
    let indent: usize = widths[..long].iter().flatten().map(|w| w + 1).sum();
    let parts = widget::wrap(cell, *room);
    let mut cells = row.cells.clone();
    let mut lines = Vec::with_capacity(parts.len());
    for (n, part) in parts.into_iter().enumerate() {
        if n == 0 {
            cells[long] = part;
            lines.push(join(&cells, columns, widths));
        } else {
            lines.push(format!("{}{part}", " ".repeat(indent)));
        }
    }
    lines
}

/// Wrapped lines stand below their beginning, not below its indent.
fn wrap_indented(text: &str, width: usize) -> Vec<String> {
    let words = text.trim_start();
    let indent = (text.len() - words.len()).min(width / 2);
    let parts = widget::wrap(words, width - indent);
    parts.into_iter().map(|part| format!("{}{part}", " ".repeat(indent))).collect()
}

fn title(state: &State, tab: Tab) -> String {
    let pane = state.pane();
    let number = tab.index() + 1;
    let name = format!("{number} {}", tab.title());
    let found = image::referrers(state, pane);
    let Some(Remote::Here(image)) = image::image(state, pane) else { return name };
    // Its system has no manifests, and may have nothing for some of the panels.
    let untold = image::kind(state, pane) != BackendKind::Oci;
    let detail = match tab {
        Tab::Platforms if untold => "one image".to_owned(),
        Tab::Platforms if image.children.is_empty() => "a single manifest".to_owned(),
        Tab::Platforms => format!("index, {} entries", image.children.len()),
        Tab::Config => match (image.config.as_ref().and_then(|c| c.platform.as_ref()), &image.shown) {
            (Some(platform), Some(digest)) if !image.children.is_empty() => format!("{platform}  {}", digest.short()),
            (Some(platform), _) => format!("{platform}  {}", image.manifest.digest.short()),
            _ => image.manifest.digest.short(),
        },
        Tab::Layers if untold && image.layers.is_empty() => String::new(),
        Tab::Layers => {
            let total: u64 = image.layers.iter().filter_map(|layer| layer.descriptor.size).sum();
            format!("{}, {}", image.layers.len(), text::size(total))
        }
        Tab::History => {
            let history = image.config.as_ref().map_or(&[][..], |config| &config.history);
            if untold && history.is_empty() {
                return name;
            }
            let empty = history.iter().filter(|entry| entry.empty_layer).count();
            format!("{} entries, {empty} empty", history.len())
        }
        Tab::Referrers if untold => String::new(),
        Tab::Referrers => match found {
            Some(Remote::Here(found)) if found.by_tag => format!("{} (tag fallback)", found.list.len()),
            Some(Remote::Here(found)) => found.list.len().to_string(),
            _ => String::new(),
        },
        Tab::Raw if untold => "JSON".to_owned(),
        Tab::Raw => words::media_type(&image.manifest.media_type),
    };
    let wide = state.layout.class >= Class::List;
    if wide && !detail.is_empty() { format!("{name}  {detail}") } else { name }
}
