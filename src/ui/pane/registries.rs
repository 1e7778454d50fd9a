//! Registries: name, address, account, environment, mode, how quickly they answer, and what they can do.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::table::{Cell, Column, Table, column};
use crate::app::action::Action;
use crate::app::cache::Phase;
use crate::app::layout::Class;
use crate::app::state::{Link, Registry, State};
use crate::domain::capability::{DeleteSemantics, Support};
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::registry::{BackendKind, CredentialPlace, Mode, RegistryId};
use crate::domain::text;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

const COLUMNS: &[Column] = &[
    column("NAME", 0, false, 0),
    column("ADDRESS", 22, false, 2),
    column("AUTH", 11, false, 4),
    column("ENV", 5, false, 3),
    column("MODE", 4, false, 3),
    column("RTT", 8, false, 1),
];
/// Where not every registry is of kind `oci`.
const WITH_KIND: &[Column] = &[
    column("NAME", 0, false, 0),
    column("ADDRESS", 22, false, 2),
    column("KIND", 12, false, 5),
    column("AUTH", 11, false, 4),
    column("ENV", 5, false, 3),
    column("MODE", 4, false, 3),
    column("RTT", 8, false, 1),
];

pub fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let list = &state.pane().list;
    let kinds = state.registries.iter().any(|registry| registry.profile.kind != BackendKind::Oci);
    let rows: Vec<_> = list.on_screen().iter().map(|row| cells(state, RegistryId(*row), kinds, theme)).collect();
    let empty = if state.registries.is_empty() { welcome(theme) } else { nothing(state, theme) };
    let shown = list.shown.len();
    let total = state.registries.len() - state.hidden.len();
    let number = if shown == total { text::count(total) } else { format!("{shown}/{total} shown") };
    let title =
        format!("Registries ({number}){}{}", super::tags::filter_words(state.pane()), super::tags::sort_words(list));
    let favourites = state.registries.iter().filter(|registry| registry.favourite).count();
    let foot = match favourites {
        0 => String::new(),
        1 => format!("{shown} shown, 1 favourite"),
        n => format!("{shown} shown, {n} favourites"),
    };
    let columns = if kinds { WITH_KIND } else { COLUMNS };
    let notes = below(state, theme);
    let table = Table { title, sign: "F", foot, empty, columns, rows, notes, ..Table::default() };
    table.draw(frame, area, list, state, theme);
}

fn cells(state: &State, id: RegistryId, kinds: bool, theme: &Theme) -> (String, Style, Vec<Cell>) {
    let registry = state.registry(id);
    let profile = &registry.profile;
    let plain = |text: String| Cell { text, style: theme.text };
    let encrypted = if profile.url.starts_with("http://") { " (http)" } else { "" };
    let env = profile.env.as_deref().map(clean::identifier).unwrap_or_default().to_string();
    let mut cells = vec![
        plain(clean::identifier(&profile.name).to_string()),
        plain(format!("{}{encrypted}", clean::identifier(profile.host()))),
    ];
    if kinds {
        cells.push(plain(profile.kind.word().to_owned()));
    }
    let (word, style) = match (&registry.link, registry.rtt) {
        (Link::Up, Some(rtt)) => (text::milliseconds(rtt), theme.good),
        (link, _) => {
            let (word, style) = link_word(link, theme);
            (word.to_owned(), style)
        }
    };
    cells.extend([
        plain(account_word(registry)),
        Cell { text: env, style: theme.warn },
        plain(mode(state, registry).to_owned()),
        Cell { text: word, style },
    ]);
    let star = if registry.favourite { theme.signs.favourite } else { " " };
    (format!(" {star}"), theme.marked, cells)
}

pub fn mode(state: &State, registry: &Registry) -> &'static str {
    if state.read_only || registry.profile.mode == Mode::ReadOnly { "ro" } else { "rw" }
}

/// Where the secret comes from, never the secret. Before the registry asked for one: where it would come from.
fn account_word(registry: &Registry) -> String {
    match (&registry.account, registry.caps.auth, &registry.profile.credential) {
        (Some(account), _, _) => account.from.as_ref().map_or_else(|| "anonymous".to_owned(), ToString::to_string),
        (None, Some("none"), _) => "anonymous".to_owned(),
        (None, _, CredentialPlace::None) => "none".to_owned(),
        (None, _, CredentialPlace::Store) => "own file".to_owned(),
        (None, _, CredentialPlace::Env(name)) => format!("env:{name}"),
        (None, _, CredentialPlace::Docker) => String::new(),
    }
}

/// Under the rows, where there is room: what the registry under the cursor can do, and what else was found.
fn below(state: &State, theme: &Theme) -> Vec<Line<'static>> {
    let list = &state.pane().list;
    let mut lines = Vec::new();
    // The preview says more.
    let alone = state.layout.class < Class::Wide || state.pane().zoom || state.pane().swap_preview;
    if let Some(row) = list.selected().filter(|_| alone) {
        lines.extend(summary(state, RegistryId(row), theme));
        lines.push(Line::default());
    }
    let found = unsaved(state);
    if found > 0 && state.registries.iter().any(|registry| registry.saved) {
        let what = if found == 1 { "registry" } else { "registries" };
        let how = widget::key_of(state, Action::Import).map_or(String::new(), |key| format!(" Press {key} to import."));
        let text = format!("Found {found} more {what} in Docker's or Podman's files.{how}");
        lines.push(styled(text, theme.text));
        lines.push(styled("Credentials are read in place; nothing is copied unless you ask.", theme.dim));
    }
    lines
}

pub fn unsaved(state: &State) -> usize {
    state.registries.iter().filter(|registry| !registry.saved).count()
}

/// What it can do, in a line; and what stands in the way, when something does.
fn summary(state: &State, id: RegistryId, theme: &Theme) -> Vec<Line<'static>> {
    let registry = state.registry(id);
    let name = clean::identifier(&registry.profile.name);
    let mut lines = match &registry.link {
        Link::Down(report) => {
            let mut lines = vec![styled(format!("{name}: {}", report.what), theme.bad)];
            lines.push(styled(report.hint.to_string(), theme.text));
            lines.extend(way_out(state, report.kind, theme));
            lines
        }
        Link::Up => vec![styled(format!("{name}: {}", abilities(state, id).join(", ")), theme.text)],
        Link::NotAsked | Link::Connecting => Vec::new(),
    };
    if registry.profile.env.as_deref() == Some("PROD") {
        lines.push(styled("PROD: deletes need the repository name typed", theme.warn));
    }
    lines
}

fn abilities(state: &State, id: RegistryId) -> Vec<String> {
    let caps = &state.registry(id).caps;
    let mut words = Vec::new();
    match (named(state, id), caps.listing) {
        (Some(n), _) => words.push(format!("{} repositories", text::count(n))),
        (None, Support::No) => words.push("no catalog: open repositories by name (')".to_owned()),
        (None, Support::Yes) => words.push("lists repositories".to_owned()),
        (None, Support::Unknown) => {}
    }
    match caps.delete {
        DeleteSemantics::Unsupported => words.push("no delete".to_owned()),
        DeleteSemantics::TagOnly => words.push("deletes single tags".to_owned()),
        DeleteSemantics::ManifestAndAllItsTags => words.push("delete by digest only".to_owned()),
        DeleteSemantics::Unknown => words.push("deletes: asked right before one".to_owned()),
    }
    match caps.referrers {
        Support::Yes => words.push("referrers API".to_owned()),
        Support::No => words.push("no referrers API".to_owned()),
        Support::Unknown => {}
    }
    words.extend(caps.auth.filter(|auth| *auth != "none").map(|auth| format!("{auth} sign-in")));
    words.extend(caps.transport.map(str::to_owned));
    words
}

/// The key that opens what is missing.
pub fn way_out(state: &State, kind: ErrorKind, theme: &Theme) -> Option<Line<'static>> {
    let words = match kind {
        ErrorKind::Tls => "adds a CA file",
        // Of a refused sign-in the hint says it already.
        ErrorKind::Denied => "signs in with another account",
        _ => return None,
    };
    widget::key_line(state, Action::Credentials, words, theme)
}

/// How many repositories the registry's own list has, once it is complete.
pub fn named(state: &State, id: RegistryId) -> Option<usize> {
    let catalog = state.cache.catalogs.get(&id)?;
    let done = matches!(&catalog.phase, Phase::Done(end) if end.complete);
    done.then(|| catalog.rows.iter().filter(|row| row.is_listed()).count())
}

/// A list without registries.
fn welcome(theme: &Theme) -> Vec<Line<'static>> {
    [
        "Welcome to tagboat. There is no registry in your config yet, and none in Docker's or Podman's.",
        "",
        "+  adds one by its address, for example localhost:5000",
        "",
        "tagboat demo   shows everything on built-in registries, with nothing to set up",
    ]
    .map(|text| styled(text, theme.text))
    .to_vec()
}

fn nothing(state: &State, theme: &Theme) -> Vec<Line<'static>> {
    let favourites = super::repositories::no_favourites(state, "registry", theme);
    vec![favourites.unwrap_or_else(|| styled("No registry matches the filter. Esc clears it.", theme.dim))]
}

pub fn link_word(link: &Link, theme: &Theme) -> (&'static str, Style) {
    match link {
        Link::NotAsked => (theme.signs.not_loaded, theme.dim),
        Link::Connecting => ("...", theme.dim),
        Link::Up => ("up", theme.good),
        Link::Down(report) => match report.kind {
            kind @ (ErrorKind::SignIn
            | ErrorKind::UntrustedRealm
            | ErrorKind::NotEncrypted
            | ErrorKind::RateLimited) => (super::tags::error_word(kind), theme.warn),
            // Said of the registry itself, and not of one answer.
            ErrorKind::Network => ("down", theme.bad),
            ErrorKind::Tls => ("TLS", theme.bad),
            ErrorKind::NotFound | ErrorKind::BadAnswer => ("not v2", theme.bad),
            kind => (super::tags::error_word(kind), theme.bad),
        },
    }
}
