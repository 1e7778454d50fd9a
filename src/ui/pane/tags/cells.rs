//! One tag of the list.

use ratatui::style::{Modifier, Style};

use super::columns::Show;
use crate::app::cache::{Remote, TagList, TagRow};
use crate::app::pane::words::age;
use crate::app::pane::{preview, tags};
use crate::app::state::State;
use crate::domain::filter::Field;
use crate::domain::label::Labels;
use crate::domain::page::Listed;
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryId;
use crate::domain::repository::TagFacts;
use crate::domain::tag::{DigestInfo, TagState};
use crate::domain::text;
use crate::ui::pane::table::Cell;
use crate::ui::theme::Theme;

/// What a list of tags is drawn from.
pub struct Look<'a> {
    pub id: RegistryId,
    pub repo: &'a RepoName,
    pub list: &'a TagList,
    pub labels: &'a Labels,
    pub state: &'a State,
    pub theme: &'a Theme,
}

/// `sign`: how a row looks that is marked, protected or the like.
pub fn cells(look: &Look<'_>, shows: &[Show], row: &TagRow, sign: Style) -> Vec<Cell> {
    let Look { list, state, theme, .. } = look;
    let facts = tags::name(row).and_then(|name| list.facts.get(name));
    let cell = |show: &Show| match show {
        Show::Label => label(look, row),
        Show::Name => {
            let listed = if list.is_listed(row) { theme.text } else { theme.dim };
            Cell { text: tags::text(row).to_owned(), style: listed.patch(sign) }
        }
        Show::Swatch | Show::Colour | Show::Pushed | Show::Pulled | Show::Signed => {
            kept(facts.map(|facts| &**facts), *show, state, theme)
        }
        show => detail(look, *show, row),
    };
    shows.iter().map(cell).collect()
}

/// What the system keeps of the tag itself.
fn kept(facts: Option<&TagFacts>, show: Show, state: &State, theme: &Theme) -> Cell {
    let plain = |text: String| Cell { text, style: theme.text };
    let none = Cell { text: String::new(), style: theme.dim };
    let Some(facts) = facts else { return none };
    match show {
        Show::Swatch => match facts.colour {
            Some(colour) => Cell { text: theme.signs.swatch.to_owned(), style: theme.coloured(colour) },
            None => none,
        },
        Show::Colour => facts.colour_text.as_ref().map_or(none, |text| plain(text.to_string())),
        Show::Pushed => plain(age(facts.pushed, state.now)),
        Show::Pulled => plain(age(facts.pulled, state.now)),
        Show::Signed => plain(facts.signed.map_or("-", |is| if is { "yes" } else { "no" }).to_owned()),
        _ => none,
    }
}

/// What is known of the image it is on.
fn detail(look: &Look<'_>, show: Show, row: &TagRow) -> Cell {
    let Look { list, theme, .. } = look;
    let plain = |text: String| Cell { text, style: theme.text };
    let dim = |text: &str| Cell { text: text.to_owned(), style: theme.dim };
    match (&row.state, show) {
        // Never asked for: it could not be said in a request.
        (TagState::NotAsked, Show::Digest) if matches!(row.name, Listed::Invalid(_)) => {
            Cell { text: "not valid".to_owned(), style: theme.warn }
        }
        (TagState::NotAsked, Show::Digest) => dim(if row.asked { "..." } else { theme.signs.not_loaded }),
        (TagState::Dangling, Show::Digest) => Cell { text: "dangling".to_owned(), style: theme.warn },
        (TagState::Dangling, Show::Platforms) => dim("manifest is gone"),
        (TagState::Failed(report), Show::Digest) => {
            Cell { text: super::error_word(report.kind).to_owned(), style: theme.bad }
        }
        (TagState::Known(info), Show::Shared) => match list.sharing(&info.digest) {
            0 | 1 => plain(String::new()),
            n => Cell { text: format!("={n}"), style: theme.shared },
        },
        (TagState::Known(info), _) => {
            // Read before the list was: may have moved since.
            let style = if list.is_fresh(row) { theme.text } else { theme.dim };
            Cell { text: known(look, show, info), style }
        }
        (TagState::NotAsked, _) => dim(""),
        (TagState::Dangling | TagState::Failed(_), _) => plain(String::new()),
    }
}

fn known(look: &Look<'_>, show: Show, info: &DigestInfo) -> String {
    let Look { id, repo, state, .. } = look;
    match show {
        Show::Digest => info.digest.short(),
        Show::Age => age(info.created, state.now),
        // How large a chain of layers is, only reading all of it tells: where that was done, it is known.
        Show::Size => {
            let read = || match preview::image(state, *id, repo, &info.digest) {
                Some(Remote::Here(image)) => image.size,
                _ => None,
            };
            info.size.or_else(read).map(text::size).unwrap_or_else(|| "-".to_owned())
        }
        _ => match (&info.artifact, info.platforms.is_empty()) {
            (Some(artifact), true) => artifact.rsplit('/').next().unwrap_or("").to_owned(),
            _ => info.platforms.iter().map(|p| p.architecture.to_string()).collect::<Vec<_>>().join(" "),
        },
    }
}

/// The letter of the tag's label; what rules cannot tell yet looks so.
fn label(look: &Look<'_>, row: &TagRow) -> Cell {
    let Look { list, labels, state, theme, .. } = look;
    let facts = tags::facts(row, |info| list.sharing(&info.digest), labels, state.now);
    let Field::Is(name) = facts.label else { return Cell { text: String::new(), style: theme.text } };
    let label = labels.find(name);
    let letter = label.map_or_else(|| "?".to_owned(), |label| label.letter.to_string());
    let style = label.map_or(theme.text, |label| theme.coloured(label.colour));
    Cell { text: letter, style: style.add_modifier(Modifier::BOLD) }
}
