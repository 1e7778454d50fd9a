//! One repository of the list.

use jiff::Timestamp;
use ratatui::style::Style;

use super::columns::{self, Show};
use crate::app::cache::{RepoRow, TagCount};
use crate::app::pane::{repositories, words};
use crate::app::state::State;
use crate::domain::page::Listed;
use crate::domain::registry::RegistryId;
use crate::domain::repository::RepoInfo;
use crate::domain::text;
use crate::ui::pane::table::Cell;
use crate::ui::theme::Theme;

type Drawn = (String, Style, Vec<Cell>);

/// What a row stands below.
#[derive(Clone, Copy)]
pub enum Below<'a> {
    Nothing,
    /// Folders of the tree.
    Folder,
    /// The heading of this group.
    Heading(&'a str),
}

/// What the rows of a list are drawn from.
pub struct Look<'a> {
    pub shows: &'a [Show],
    /// The repositories of this registry have tags here.
    pub has_tags: bool,
    pub id: RegistryId,
    pub state: &'a State,
    pub theme: &'a Theme,
}

impl Look<'_> {
    pub fn row(&self, row: &RepoRow, style: Style, below: Below<'_>) -> Drawn {
        let Self { shows, has_tags, id, state, theme } = *self;
        let sign = match (row.favourite, row.pinned, &row.name, &row.tags) {
            (_, _, Listed::Invalid(_), _) => theme.signs.changed,
            (_, _, _, TagCount::Failed(_)) if has_tags => "!",
            (true, _, _, _) => theme.signs.favourite,
            (_, true, _, _) => "+",
            _ => " ",
        };
        let cell = |show: &Show| match show {
            Show::Name => Cell { text: name(row, below), style },
            Show::Tags if matches!(row.tags, TagCount::Known(_)) || has_tags => tags(row, theme),
            Show::Tags => Cell { text: "-".to_owned(), style: theme.dim },
            Show::Size | Show::Newest => read(row, *show, state, id, theme),
            show => told(row.info.as_deref(), *show, state.now, theme),
        };
        let marked = repositories::name(row).is_some_and(|name| state.pane().repos.contains(name));
        let mark = if marked { theme.signs.marked } else { " " };
        (format!("{mark}{sign}"), theme.marked, shows.iter().map(cell).collect())
    }
}

fn name(row: &RepoRow, below: Below<'_>) -> String {
    let name = repositories::text(row);
    match (below, name.split_once('/'), name.rsplit_once('/')) {
        (Below::Folder, _, Some((above, last))) => format!("{}  {last}", "  ".repeat(above.split('/').count())),
        (Below::Heading(group), Some((host, rest)), _) if is_said(group, host) => format!("  {rest}"),
        (Below::Folder | Below::Heading(_), ..) => format!("  {name}"),
        (Below::Nothing, ..) => name.to_owned(),
    }
}

/// Whether a heading says the host that a name begins with.
fn is_said(group: &str, host: &str) -> bool {
    let bare = host.split(':').next().unwrap_or(host);
    bare.contains('.') && group.contains(bare)
}

fn tags(row: &RepoRow, theme: &Theme) -> Cell {
    let dim = |text: &str| Cell { text: text.to_owned(), style: theme.dim };
    match &row.tags {
        TagCount::NotAsked => dim(theme.signs.not_loaded),
        TagCount::Asked => dim("..."),
        TagCount::Known(0) => dim("empty"),
        TagCount::Known(n) => Cell { text: text::count(*n), style: theme.text },
        TagCount::Failed(report) => {
            Cell { text: crate::ui::pane::tags::error_word(report.kind).to_owned(), style: theme.bad }
        }
    }
}

/// What only the tags tell, as far as they were read.
fn read(row: &RepoRow, show: Show, state: &State, id: RegistryId, theme: &Theme) -> Cell {
    let plain = |text: String| Cell { text, style: theme.text };
    let dim = |text: &str| Cell { text: text.to_owned(), style: theme.dim };
    let (TagCount::NotAsked | TagCount::Asked | TagCount::Known(1..), Listed::Valid(repo)) = (&row.tags, &row.name)
    else {
        return dim("-");
    };
    let Some(list) = state.tags(id, repo) else { return dim(theme.signs.not_loaded) };
    if list.rows.is_empty() || list.known == 0 {
        return dim("?");
    }
    let summary = repositories::summary(list);
    if !summary.complete {
        return dim("?");
    }
    match (show, summary.size) {
        (Show::Size, Some(size)) => plain(format!("{}{}", theme.signs.at_most, text::size(size))),
        (Show::Size, None) => dim("-"),
        _ => plain(words::age(summary.newest.as_ref().map(|(at, _)| *at), state.now)),
    }
}

/// What the system says. What it does not say of this one is no zero.
fn told(info: Option<&RepoInfo>, show: Show, now: Timestamp, theme: &Theme) -> Cell {
    let age = |at: Timestamp| text::age(at, now);
    let text = info.and_then(|info| match show {
        Show::Images => info.images.map(columns::number),
        Show::Pulls => info.pulls.map(columns::number),
        Show::Stars => info.stars.map(columns::number),
        Show::Access => info.public.map(|public| if public { "public" } else { "private" }.to_owned()),
        Show::InUse => info.in_use.map(|used| if used { "in use" } else { "no" }.to_owned()),
        Show::Pushed => info.pushed.map(age),
        Show::Updated => info.updated.map(age),
        Show::Pulled => info.pulled.map(age),
        Show::About => info.description.as_ref().map(ToString::to_string),
        Show::Name | Show::Tags | Show::Size | Show::Newest => None,
    });
    match text {
        Some(text) if show == Show::About => Cell { text, style: theme.dim },
        Some(text) => Cell { text, style: theme.text },
        None => Cell { text: "-".to_owned(), style: theme.dim },
    }
}
