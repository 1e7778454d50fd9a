//! What runs, and what has run since the program started.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::table::{Cell, Column, Table, column};
use crate::app::job::Job;
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::outcome::Outcome;
use crate::domain::text::count;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

const COLUMNS: &[Column] = &[
    column("JOB", 3, true, 0),
    column("BEGAN", 8, false, 5),
    column("WHAT", 8, false, 4),
    column("REPOSITORY", 0, false, 0),
    column("PROGRESS", 27, false, 1),
    column("OUTCOME", 22, false, 2),
    column("TIME", 12, true, 3),
];
/// Cells of a bar.
const BAR: usize = 10;

pub fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let list = &state.pane().list;
    let on_screen = list.on_screen().iter().filter_map(|at| state.jobs.get(*at as usize));
    let rows = on_screen.map(|job| cells(job, state, theme)).collect();
    let running = state.jobs.iter().filter(|job| job.runs()).count();
    let title = format!("Jobs of this run  {}{}", count(state.jobs.len()), super::tags::filter_words(state.pane()));
    let foot = if running == 0 { String::new() } else { format!("{} running", count(running)) };
    let words = match state.jobs.is_empty() {
        true => "Nothing was deleted or put back in this run. What earlier runs did is in the history (g x).",
        false => "Nothing matches the filter. Esc clears it.",
    };
    let empty = vec![styled(words, theme.text)];
    Table { title, foot, empty, columns: COLUMNS, rows, ..Table::default() }.draw(frame, area, list, state, theme);
}

fn cells(job: &Job, state: &State, theme: &Theme) -> (String, Style, Vec<Cell>) {
    let totals = job.totals();
    let good = totals.of(Outcome::Done) + totals.of(Outcome::Gone);
    let bad = totals.ended() - good;
    let plain = |text: String| Cell { text, style: theme.text };
    let mut words: Vec<String> = [(good, "ok"), (bad, "not"), (totals.under_way, "in flight")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{} {word}", count(n)))
        .collect();
    if job.alarm.is_some() {
        words.insert(0, "STOPPED".to_owned());
    }
    let style = match (job.runs(), bad, &job.alarm) {
        (_, _, Some(_)) => theme.bad,
        (_, 1.., _) => theme.warn,
        (false, 0, _) => theme.good,
        _ => theme.text,
    };
    let cells = vec![
        plain(job.id.0.to_string()),
        plain(widget::clock(job.began, state.looks.utc)),
        plain(job.work.verb().to_owned()),
        plain(format!("{}/{}", clean::identifier(job.work.registry()), job.work.place())),
        plain(progress(job, theme)),
        Cell { text: words.join(", "), style },
        plain(time(job, state)),
    ];
    let sign = if job.runs() { " *" } else { "" };
    (sign.to_owned(), theme.text, cells)
}

/// `[######....] 10/16  62%`
fn progress(job: &Job, theme: &Theme) -> String {
    let totals = job.totals();
    let full = BAR * totals.tried() / totals.all().max(1);
    let sign = if theme.signs.ascii { "#" } else { theme.signs.thumb };
    let bar = format!("[{}{}]", sign.repeat(full), ".".repeat(BAR - full));
    format!("{bar} {}/{} {:>3}%", totals.tried(), totals.all(), job.part())
}

/// What is left, as far as it can be told; of what has ended, how long it took.
fn time(job: &Job, state: &State) -> String {
    let totals = job.totals();
    match (&job.pause, job.finished, job.rate(state.now)) {
        (_, Some(finished), _) => format!("{:.1} s", finished.duration_since(job.began).as_secs_f64()),
        _ if job.stopping => "stopping".to_owned(),
        (Some((until, _)), ..) => format!("pause {} s", until.duration_since(state.now).as_secs().max(0)),
        (_, _, Some(rate)) => format!("{rate:.1}/s {:.0}s left", (totals.all() - totals.ended()) as f64 / rate),
        _ => String::new(),
    }
}
