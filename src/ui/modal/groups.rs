//! The registries of an account.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Clear;

use super::form::Sheet;
use super::place;
use crate::app::modal::groups::Groups;
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::error::ErrorReport;
use crate::domain::repository::{Group, GroupFilter};
use crate::domain::text::{self, Align, count, fit};
use crate::ui::theme::Theme;
use crate::ui::widget::{self, fact, styled};

pub(super) const HINTS: &[(&str, &str)] =
    &[("Enter", "show its own"), ("Space", "details"), ("/", "which"), ("r", "again"), ("Esc", "close")];

const WIDTH: u16 = 96;
/// Lines of details, and of what the server gave, at most.
const RAW: usize = 6;

pub(super) fn draw(frame: &mut Frame, body: Rect, dialog: &Groups, state: &State, theme: &Theme) {
    if let Some(form) = &dialog.form {
        let above = vec![styled(" The service compares whole words. What stays empty is not asked for.", theme.dim)];
        let title = "Which registries".to_owned();
        return Sheet { title, above, form, said: Vec::new() }.draw(frame, body, state, theme);
    }
    let below = details(dialog, theme);
    let rows = rows(dialog, state, theme, usize::from(WIDTH.min(body.width).saturating_sub(4)));
    let wanted = rows.len() + below.len() + 3;
    let area = place(body, WIDTH, wanted.max(8).min(usize::from(body.height)) as u16, state);
    frame.render_widget(Clear, area);
    let foot = match &dialog.found {
        Some(Ok(found)) => format!("{} found{}", count(found.len()), asked(&dialog.filter)),
        _ => String::new(),
    };
    let name = clean::identifier(&state.registry(dialog.registry).profile.name);
    let inside = widget::panel(frame, area, &format!("Registries of {name}"), &foot, theme);
    let inner = usize::from(inside.width);
    let below: Vec<Line<'_>> = below.iter().flat_map(|line| widget::wrapped(line, inner)).collect();
    let height = usize::from(inside.height);
    let under = below.len().min(height.saturating_sub(3));
    let room = height.saturating_sub(under).max(1);
    // The first line says what the columns are, and stays.
    let (head, rest) = rows.split_at(1.min(rows.len()));
    let first = (dialog.cursor + 1).saturating_sub(room.saturating_sub(1).max(1));
    let shown = head.iter().chain(rest.iter().skip(first).take(room.saturating_sub(1)));
    for (n, line) in shown.chain(below.iter().take(under)).enumerate().take(height) {
        super::super::line(frame, Rect { y: inside.y + n as u16, height: 1, ..inside }, line.clone());
    }
}

fn failed(report: &ErrorReport, theme: &Theme) -> Vec<Line<'static>> {
    vec![
        styled(format!(" {}", report.what), theme.bad),
        styled(format!(" {} Enter asks again.", report.hint), theme.text),
    ]
}

fn rows(dialog: &Groups, state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let found = match &dialog.found {
        None => return vec![styled(" Asking which registries there are...", theme.dim)],
        Some(Err(report)) => {
            return failed(report, theme).iter().flat_map(|line| widget::wrapped(line, width)).collect();
        }
        Some(Ok(found)) => found,
    };
    let catalog = state.cache.list(dialog.registry);
    let own = |heading: Option<&str>| {
        let rows = catalog.iter().flat_map(|catalog| &catalog.rows);
        let of = |group: Option<&str>| heading.is_none() || heading == group;
        let group = |row: &crate::app::cache::RepoRow| row.info.as_ref().and_then(|info| info.group.clone());
        count(rows.filter(|row| of(group(row).as_ref().map(clean::Clean::as_str))).count())
    };
    let hosts = found.iter().map(|group| text::width(group.host.as_str())).max().unwrap_or_default();
    let columns = Columns::of(width, hosts);
    let line = |cells: [&str; 6]| columns.line(cells);
    let style = |at: usize| if at == dialog.cursor { theme.cursor } else { theme.text };
    let mut lines = vec![
        styled(line(["NAME", "HOST", "PORT", "TLS", "DOCKER'S", "REPOS"]), theme.dim),
        styled(line(["all of them", "", "", "", "", &own(None)]), style(0)),
    ];
    lines.extend(found.iter().enumerate().map(|(n, group)| {
        let port = group.port.map_or_else(|| "-".to_owned(), |port| port.to_string());
        let word = |yes: bool| if yes { "yes" } else { "no" };
        let heading = group.heading();
        let cells = [
            group.name.as_str(),
            group.host.as_str(),
            &port,
            word(group.encrypted),
            word(group.official),
            &own(Some(heading.as_str())),
        ];
        styled(line(cells), style(n + 1))
    }));
    lines
}

/// How wide the columns are; those that are 0 have no room.
struct Columns {
    widths: [usize; 6],
}

impl Columns {
    /// DOCKER'S, TLS and PORT: what few ask for leaves first; all of it is in the details.
    const REST: [usize; 3] = [4, 3, 2];
    /// Cells of name and host together, before anything leaves.
    const LEAST: usize = 30;

    /// `hosts`: the widest of them. They tell registries apart, so they get more of what names and they share.
    fn of(width: usize, hosts: usize) -> Self {
        let mut widths = [0, 0, 6, 5, 8, 6];
        let left = |widths: &[usize; 6]| {
            let others = widths[2..].iter().filter(|cells| **cells > 0).map(|cells| cells + 1).sum::<usize>();
            width.saturating_sub(others + 2)
        };
        for at in Self::REST {
            if left(&widths) < Self::LEAST {
                widths[at] = 0;
            }
        }
        let shared = left(&widths);
        widths[1] = hosts.clamp(shared / 2, shared * 2 / 3);
        widths[0] = shared - widths[1];
        Self { widths }
    }

    fn line(&self, cells: [&str; 6]) -> String {
        let right = [false, false, true, false, false, true];
        let cells = cells.into_iter().zip(self.widths).zip(right).filter(|((_, width), _)| *width > 0);
        let align = |right| if right { Align::Right } else { Align::Left };
        cells.map(|((text, width), right)| format!(" {}", fit(text, width, align(right)))).collect()
    }
}

fn details(dialog: &Groups, theme: &Theme) -> Vec<Line<'static>> {
    let Some(details) = &dialog.details else { return Vec::new() };
    let mut lines = vec![styled("", theme.text)];
    match &details.read {
        None => lines.push(styled(" Reading it...", theme.dim)),
        Some(Err(report)) => lines.extend(failed(report, theme)),
        Some(Ok(group)) => lines.extend(facts(group, theme)),
    }
    lines
}

fn facts(group: &Group, theme: &Theme) -> Vec<Line<'static>> {
    let port = group.port.map_or_else(|| "the usual".to_owned(), |port| port.to_string());
    let mut lines = vec![
        fact("name", group.name.to_string(), theme),
        fact("host", group.host.to_string(), theme),
        fact("port", port, theme),
        fact("TLS", if group.encrypted { "yes" } else { "no: plain http" }.to_owned(), theme),
        fact("Docker's", if group.official { "yes" } else { "no" }.to_owned(), theme),
    ];
    lines.extend(group.more.iter().map(|(name, value)| styled(format!("{name}: {value}"), theme.text)));
    let raw = group.raw.as_deref().unwrap_or_default();
    lines.extend(raw.lines().take(RAW).map(|line| styled(clean::line(line).to_string(), theme.dim)));
    lines
}

/// Which were asked for.
fn asked(filter: &GroupFilter) -> String {
    let official = filter.official.map(|yes| if yes { "yes" } else { "no" }.to_owned());
    let parts = [
        ("name", filter.name.clone()),
        ("host", filter.host.clone()),
        ("uuid", filter.uuid.clone()),
        ("Docker's own", official),
    ];
    let words = |(what, value): (&str, Option<String>)| Some(format!("{what} {}", clean::line(&value?)));
    let all: Vec<String> = parts.into_iter().filter_map(words).collect();
    if all.is_empty() { String::new() } else { format!(" with {}", all.join(", ")) }
}
