//! The header: where we are, who we are there, and what is going on.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::theme::Theme;
use crate::app::job::Job;
use crate::app::layout::Class;
use crate::app::modal::Modal;
use crate::app::pane::Place;
use crate::app::state::{Link, Pending, State};
use crate::domain::clean::{self, Clean};
use crate::domain::registry::{Mode, RegistryId};
use crate::domain::text;
use crate::domain::uuid::Uuid;

pub fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let place = breadcrumb(state);
    let (mode, who) = state.pane().place.registry().map(|id| (mode(state, id), known(state, id))).unwrap_or_default();
    let doing = doing(state);
    let brand = if state.layout.class >= Class::List { " tagboat  " } else { " " };
    let width = usize::from(area.width);
    // Who we are stands only beside a place that is there in full: where we are matters more.
    let right = [format!("{mode}{who}{doing}"), format!("{mode}{doing}")]
        .into_iter()
        .find(|right| brand.len() + text::width(&place) + text::width(right) + 2 <= width)
        .unwrap_or_else(|| format!("{mode}{doing}"));
    let room = width.saturating_sub(brand.len() + text::width(&right) + 2);
    let place = text::cut_path(&place, room);
    let gap = width.saturating_sub(brand.len() + text::width(&place) + text::width(&right) + 1);
    let line = Line::from(vec![
        Span::styled(brand, theme.header),
        Span::styled(place, theme.title),
        Span::raw(" ".repeat(gap)),
        Span::styled(right, theme.dim),
    ]);
    super::line(frame, area, line);
}

/// How much care it needs there.
fn mode(state: &State, id: RegistryId) -> String {
    let profile = &state.registry(id).profile;
    let env = profile.env.as_deref().unwrap_or("");
    let mode = if state.read_only || profile.mode == Mode::ReadOnly { "ro" } else { "rw" };
    format!("[{}]", format!("{} {mode}", clean::identifier(env)).trim())
}

/// Who we are there, and how quickly it answers.
fn known(state: &State, id: RegistryId) -> String {
    let registry = state.registry(id);
    let user = registry.account.as_ref().and_then(|account| account.user.as_ref()).map(ToString::to_string);
    let rtt = registry.rtt.filter(|_| matches!(registry.link, Link::Up)).map(text::milliseconds);
    user.into_iter().chain(rtt).map(|word| format!(" {word}")).collect()
}

/// What to know of the connection, and what is being read.
fn doing(state: &State) -> String {
    let mut words = String::new();
    if let Some(id) = state.pane().place.registry() {
        let registry = state.registry(id);
        if let Some(transport) = registry.caps.transport.filter(|t| t.starts_with("http, ")) {
            words.push_str(&format!(" {transport}"));
        }
        if matches!(registry.link, Link::Connecting) {
            words.push_str(" connecting");
        }
    }
    // Items of different jobs are not alike: a layer is not a tag.
    let parts: Vec<usize> = state.jobs.iter().filter(|job| job.runs()).map(Job::part).collect();
    if !parts.is_empty() {
        words.push_str(&format!(" jobs {} ({}%)", parts.len(), parts.iter().sum::<usize>() / parts.len()));
    }
    if state.history.unfinished > 0 {
        words.push_str(&format!(" {} unfinished", state.history.unfinished));
    }
    // A look at the disk is no reading of a registry.
    let busy = state.inflight.values().filter(|p| !matches!(p, Pending::Recall(..) | Pending::Explore(_))).count();
    if busy > 0 {
        words.push_str(&format!(" {busy} reading"));
    }
    words
}

fn breadcrumb(state: &State) -> String {
    match state.modals.last() {
        Some(Modal::Import(dialog)) if dialog.first => "first run".to_owned(),
        _ => words(state, &state.pane().place),
    }
}

pub(super) fn words(state: &State, place: &Place) -> String {
    match place {
        Place::Registries => "Registries".to_owned(),
        Place::Jobs => "Jobs".to_owned(),
        Place::History => "History".to_owned(),
        Place::Repositories(id) => format!("{} > Repositories", name(state, *id)),
        Place::Tags(id, repo) => format!("{} > {repo}", name(state, *id)),
        Place::Image(id, repo, reference) => format!("{} > {repo} > {reference}", name(state, *id)),
    }
}

fn name(state: &State, id: RegistryId) -> String {
    let registry = state.registry(id);
    let name = clean::identifier(&registry.profile.name);
    let scope = registry.scope_name.clone().or_else(|| registry.profile.scope().map(short));
    scope.map_or_else(|| name.to_string(), |scope| format!("{name} ({scope})"))
}

/// Of an id its beginning.
fn short(scope: &str) -> Clean {
    match Uuid::parse(scope) {
        Some(_) => clean::identifier(scope.split('-').next().unwrap_or(scope)),
        None => clean::identifier(scope),
    }
}
