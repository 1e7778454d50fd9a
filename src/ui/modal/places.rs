//! What leads elsewhere within a registry: a search, another namespace or workspace.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Picked, pick};
use crate::app::modal::scopes::{Choice, Scopes};
use crate::app::modal::search::Search;
use crate::app::state::State;
use crate::domain::clean;
use crate::ui::theme::Theme;
use crate::ui::widget::styled;

pub(super) fn search(frame: &mut Frame, body: Rect, dialog: &Search, state: &State, theme: &Theme) {
    let above = dialog.why.iter().map(|why| styled(format!(" {why}"), theme.warn)).collect();
    let terms = state.sought.iter().enumerate().rev().map(|(at, term)| {
        let style = if dialog.recalled == Some(at) { theme.cursor } else { theme.dim };
        styled(format!(" {}", clean::line(term)), style)
    });
    let lines = terms.collect();
    let cursor = dialog.recalled.map_or(0, |at| state.sought.len().saturating_sub(at + 1));
    let title = "Search the registry: a word of a name or description";
    let picked = Picked { title, sign: "?", query: &dialog.text, cursor, above, lines, foot: Some(String::new()) };
    pick(frame, body, picked, None, state, theme);
}

pub(super) fn scopes(frame: &mut Frame, body: Rect, dialog: &Scopes, state: &State, theme: &Theme) {
    let registry = state.registry(dialog.registry);
    let word = registry.profile.kind.scope_word().unwrap_or("part");
    let mut above: Vec<Line<'_>> = dialog.why.iter().map(|why| styled(format!(" {why}"), theme.warn)).collect();
    let choices = dialog.matches(state);
    match &dialog.found {
        None => above.push(styled(format!(" Asking which {word}s there are..."), theme.dim)),
        Some(Err(report)) => {
            above.push(styled(format!(" {}", report.what), theme.bad));
            above.push(styled(format!(" {} Enter asks again.", report.hint), theme.dim));
        }
        Some(Ok(_)) if choices.is_empty() => {
            let none = if dialog.query.value().is_empty() { "There is none." } else { "None fits." };
            above.push(styled(format!(" {none}"), theme.dim));
        }
        Some(Ok(_)) => {}
    }
    let line = |(n, choice): (usize, &Choice)| {
        let style = if n == dialog.cursor { theme.cursor } else { theme.text };
        let mark = if dialog.is_current(choice, state) { '*' } else { ' ' };
        styled(format!(" {mark} {}", words(choice)), style)
    };
    let lines = choices.iter().enumerate().map(line).collect();
    let keep = registry.saved.then(|| {
        let sign = if dialog.keep { "x" } else { " " };
        styled(format!(" [{sign}] Tab: keep it in the config      * looked at now"), theme.dim)
    });
    let title = match word {
        "workspace" => "Workspace: type to find, Enter looks at it",
        _ => "Namespace: type to find or name one, Enter looks at it",
    };
    let picked = Picked { title, sign: "?", query: &dialog.query, cursor: dialog.cursor, above, lines, foot: None };
    pick(frame, body, picked, keep, state, theme);
}

fn words(choice: &Choice) -> String {
    match choice {
        Choice::Typed(text) => format!("{}  (as typed)", clean::identifier(text)),
        Choice::Known(scope) => {
            let id = clean::identifier(&scope.id);
            let own = (id.as_str() != scope.name.as_str() && !scope.id.is_empty()).then(|| id.to_string());
            let more = scope.more.iter().map(|(name, value)| format!("{name}: {value}"));
            std::iter::once(scope.name.to_string()).chain(own).chain(more).collect::<Vec<_>>().join("  ")
        }
    }
}
