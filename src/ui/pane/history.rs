//! What was done in registries, in this run and in earlier ones.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::table::{Cell, Column, Table, column};
use crate::app::action::Action;
use crate::app::history::{Keeps, Operation, Stand, Told};
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::outcome::Outcome;
use crate::domain::sweep;
use crate::domain::text::count;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

const COLUMNS: &[Column] = &[
    column("WHEN", 16, false, 0),
    column("REGISTRY", 12, false, 3),
    column("REPOSITORY", 0, false, 0),
    column("WHAT", 18, false, 4),
    column("OUTCOME", 20, false, 2),
    column("WAY BACK", 15, false, 1),
];

pub fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let list = &state.pane().list;
    let history = &state.history;
    let on_screen = list.on_screen().iter().filter_map(|at| history.rows.get(*at as usize));
    let rows = on_screen.map(|row| cells(row, state, theme)).collect();
    let (shown, all) = (list.shown.len(), history.rows.len());
    let number = if shown == all { count(all) } else { format!("{}/{}", count(shown), count(all)) };
    let title = format!("History  {number}{}", super::tags::filter_words(state.pane()));
    let foot = match (history.reading, history.unfinished) {
        (true, _) => "reading".to_owned(),
        (false, 0) => String::new(),
        (false, n) => format!("{} not finished", count(n)),
    };
    let table = Table {
        title,
        foot,
        empty: empty(state, theme),
        columns: COLUMNS,
        rows,
        notes: notes(state, theme),
        ..Table::default()
    };
    table.draw(frame, area, list, state, theme);
}

fn cells(row: &Operation, state: &State, theme: &Theme) -> (String, Style, Vec<Cell>) {
    let told = match &row.told {
        Ok(told) => told,
        Err(why) => {
            let plain = |text: &str| Cell { text: text.to_owned(), style: theme.dim };
            // An id begins with the time.
            let time: String = row.id.chars().take(15).collect();
            let cells = vec![plain(&time), plain(""), plain(why.as_str()), plain(""), plain(""), plain("not read")];
            return (" ?".to_owned(), theme.warn, cells);
        }
    };
    let cell = |text: String, style: Style| Cell { text, style };
    let (sign, sign_style) = match told.stand {
        Stand::Running => (" *", theme.text),
        Stand::Unfinished => (" !", theme.bad),
        Stand::Ended => ("", theme.text),
    };
    let back = match (told.way_back(), told.stand) {
        (Ok(words), _) => cell(words.to_owned(), theme.good),
        (Err(words), Stand::Unfinished) => cell(words.to_owned(), theme.bad),
        (Err(words), _) => cell(words.to_owned(), theme.dim),
    };
    let cells = vec![
        cell(widget::moment(told.time, state.looks.utc), theme.text),
        cell(clean::identifier(&told.registry).to_string(), theme.text),
        cell(told.place(), theme.text),
        cell(what(told), theme.text),
        cell(outcomes(told), outcome_style(told, theme)),
        back,
    ];
    (sign.to_owned(), sign_style, cells)
}

/// `3 tags, 2 manifests`
pub(in crate::ui) fn what(told: &Told) -> String {
    let number = |n: usize, one: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{} {one}s", count(n))),
    };
    let things = Some(told.manifests).filter(|n| *n > 0).map(|n| told.kind.words().count(n));
    let parts: Vec<String> = [number(told.tags, "tag"), things].into_iter().flatten().collect();
    if told.repos > 0 {
        return sweep::repositories(told.takes, told.repos);
    }
    let verb = match (&told.undoes, told.sets, told.changed) {
        (.., Some(what)) => what.done(),
        (Some(_), ..) => "put back",
        (None, true, None) => "set",
        (None, false, None) => "",
    };
    format!("{verb} {}", parts.join(", ")).trim().to_owned()
}

pub(in crate::ui) fn outcomes(told: &Told) -> String {
    if told.stand == Stand::Running {
        return "under way".to_owned();
    }
    let word = |outcome: Outcome| match (told.stand, outcome) {
        // Nobody left them out: their turn had not come.
        (Stand::Unfinished, Outcome::Skipped) => "not begun",
        _ => outcome.word(),
    };
    let parts: Vec<String> = told.counts.each().map(|(outcome, n)| format!("{} {}", count(n), word(outcome))).collect();
    parts.join(", ")
}

fn outcome_style(told: &Told, theme: &Theme) -> Style {
    let bad = [Outcome::Failed, Outcome::Refused, Outcome::Unknown].iter().any(|one| told.counts.of(*one) > 0);
    if bad { theme.warn } else { theme.text }
}

fn empty(state: &State, theme: &Theme) -> Vec<Line<'static>> {
    let history = &state.history;
    let words = match history.keeps {
        _ if !history.read => "Reading what is recorded...",
        _ if !history.rows.is_empty() => "Nothing matches the filter. Esc clears it.",
        Keeps::Off => {
            "The history is switched off in the config ([history] enabled = false): nothing is kept, and nothing can be undone."
        }
        Keeps::Nowhere => {
            "There is no directory for a history (set HOME, or use --state-dir), and nothing is deleted without one."
        }
        Keeps::Yes => "Nothing was deleted yet. What is deleted is recorded here, and can be put back from here.",
    };
    vec![styled(words, theme.text)]
}

/// Below the rows: what the row under the cursor cannot say in its cells.
fn notes(state: &State, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if state.history.keeps == Keeps::Off {
        let words = "The history is switched off in the config: only what was not finished is kept.";
        lines.push(styled(words, theme.warn));
    }
    let selected = state.pane().list.selected().and_then(|at| state.history.rows.get(at as usize));
    match selected.map(|row| &row.told) {
        Some(Err(why)) => lines.push(styled(why.to_string(), theme.warn)),
        Some(Ok(told)) if told.stand == Stand::Unfinished => {
            let words =
                "It broke off. Nothing of it runs by itself; Enter shows it, and there c looks what became of it.";
            lines.push(styled(words, theme.warn));
        }
        Some(Ok(told)) if told.way_back().is_ok() => {
            lines.extend(widget::key_line(state, Action::Undo, "looks what could be put back", theme));
        }
        Some(Ok(told)) => lines.extend(told.undone.first().map(|id| styled(format!("Put back by {id}."), theme.dim))),
        None => {}
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::fixture::Words;
    use crate::ui::history_tests::told;

    #[test]
    fn what_had_not_begun_when_it_broke_off_was_left_out_by_nobody() {
        for (stand, words) in [
            (Stand::Unfinished, "2 done, 1 failed, 1 not begun"),
            (Stand::Ended, "2 done, 1 failed, 1 skipped"),
            (Stand::Running, "under way"),
        ] {
            let mut told = told(stand, "lab", &Words::default());
            told.counts.add(Outcome::Skipped);
            assert_eq!(outcomes(&told), words);
        }
    }
}
