//! Registries: name, address, kind, account, mode, state.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::table::{Cell, Column, Table, column};
use crate::app::state::{Link, State};
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::registry::{CredentialPlace, Mode};
use crate::ui::theme::Theme;
use crate::ui::widget;

const COLUMNS: &[Column] = &[
    column("NAME", 0, false, 0),
    column("ADDRESS", 28, false, 2),
    column("KIND", 12, false, 5),
    column("AUTH", 9, false, 4),
    column("ENV", 5, false, 3),
    column("MODE", 4, false, 3),
    column("STATE", 10, false, 1),
];

pub fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let list = &state.pane().list;
    let rows = list.on_screen().iter().map(|row| {
        let registry = &state.registries[*row as usize];
        let profile = &registry.profile;
        let plain = |text: String| Cell { text, style: theme.text };
        let (word, style) = link_word(&registry.link, theme);
        let auth = match (&profile.credential, registry.caps.auth) {
            (_, Some(seen)) => seen.to_owned(),
            (CredentialPlace::None, _) => "none".to_owned(),
            _ => String::new(),
        };
        let mode = if state.read_only || profile.mode == Mode::ReadOnly { "ro" } else { "rw" };
        let star = if registry.favourite { theme.signs.favourite } else { " " };
        let cells = vec![
            plain(clean::identifier(&profile.name).to_string()),
            plain(clean::identifier(profile.host()).to_string()),
            plain(profile.kind.word().to_owned()),
            plain(auth),
            Cell {
                text: profile.env.as_deref().map(clean::identifier).unwrap_or_default().to_string(),
                style: theme.warn,
            },
            plain(mode.to_owned()),
            Cell { text: word.to_owned(), style },
        ];
        (format!(" {star}"), theme.marked, cells)
    });
    let rows: Vec<_> = rows.collect();
    let empty = if state.registries.is_empty() { welcome(theme) } else { nothing(theme) };
    let shown = list.shown.len();
    let title = format!("Registries ({shown}){}", super::tags::sort_words(list));
    Table { title, sign: "F", empty, columns: COLUMNS, rows, ..Table::default() }.draw(frame, area, list, state, theme);
}

/// The first start, when there is no config and docker knows no registry either.
fn welcome(theme: &Theme) -> Vec<ratatui::text::Line<'static>> {
    [
        "Welcome to tagboat. There is no registry in your config yet, and none in Docker's or Podman's.",
        "",
        "+  adds one by its address, for example localhost:5000",
        "'  goes to an address you type",
        "",
        "tagboat demo   shows everything on built-in registries, with nothing to set up",
    ]
    .map(|text| widget::styled(text, theme.text))
    .to_vec()
}

fn nothing(theme: &Theme) -> Vec<ratatui::text::Line<'static>> {
    vec![widget::styled("No registry matches the filter. Esc clears it.", theme.dim)]
}

pub fn link_word(link: &Link, theme: &Theme) -> (&'static str, ratatui::style::Style) {
    match link {
        Link::NotAsked => ("", theme.dim),
        Link::Connecting => ("...", theme.dim),
        Link::Up => ("up", theme.good),
        Link::Down(report) => match report.kind {
            ErrorKind::SignIn => ("sign in", theme.warn),
            ErrorKind::Denied => ("denied", theme.bad),
            ErrorKind::UntrustedRealm | ErrorKind::NotEncrypted => ("confirm", theme.warn),
            ErrorKind::Tls => ("TLS error", theme.bad),
            ErrorKind::Timeout => ("time-out", theme.bad),
            ErrorKind::RateLimited => ("limited", theme.warn),
            ErrorKind::Network => ("down", theme.bad),
            _ => ("error", theme.bad),
        },
    }
}
