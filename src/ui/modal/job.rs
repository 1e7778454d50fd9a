//! A job with its items.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Clear;

use super::{Pen, place};
use crate::app::job::{Job, Stage, Step, Totals, Work};
use crate::app::modal::progress::{Progress, can_retry};
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::Digest;
use crate::domain::text::{self, Align, count, fit};
use crate::domain::transfer::Step as Part;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

const WIDTH: u16 = 106;
const STATE: usize = 9;
const DIGEST: usize = 12;

type Hint = (&'static str, &'static str);
const BACK: Hint = ("b", "background");
const CLOSE: Hint = ("Esc", "close");
const STOP: Hint = ("x", "stop");
const RETRY: Hint = ("r", "retry failed");
const SIGN_IN: Hint = ("e", "credentials");
const REPORT: Hint = ("o", "report");
const MOVE: Hint = ("j k", "move");

/// Only what does something now.
pub(super) fn hints(dialog: &Progress, state: &State) -> &'static [Hint] {
    match dialog.job(state) {
        Some(job) if job.runs() && !job.stopping => &[BACK, STOP, SIGN_IN, REPORT, MOVE],
        Some(job) if job.runs() => &[BACK, SIGN_IN, REPORT, MOVE],
        Some(job) if can_retry(job) => &[CLOSE, RETRY, SIGN_IN, REPORT, MOVE],
        _ => &[CLOSE, SIGN_IN, REPORT, MOVE],
    }
}

pub(super) fn progress(frame: &mut Frame, body: Rect, dialog: &Progress, state: &State, theme: &Theme) {
    let Some(job) = dialog.job(state) else { return };
    let area = place(body, WIDTH, body.height, state);
    frame.render_widget(Clear, area);
    let (work, kind) = (&job.work, state.registry(job.registry).profile.kind);
    let items = if work.len() == 1 { "item" } else { "items" };
    let whose = format!("{} on {}", work.place(), clean::identifier(work.registry()));
    let title = format!("Job {}  {} {} {items}  {whose}", job.id.0, work.verb(), count(work.len()));
    let foot = job.journal.as_ref().map(|id| format!("recorded as {id}")).unwrap_or_default();
    let inside = widget::panel(frame, area, &title, &foot, theme);
    let (width, height) = (usize::from(inside.width), usize::from(inside.height));
    let mut top: Vec<Line<'static>> = Vec::new();
    if let Some(alarm) = &job.alarm {
        top.extend(
            widget::wrap(alarm.as_str(), width.saturating_sub(2))
                .into_iter()
                .map(|t| styled(format!(" {t}"), theme.bad)),
        );
    }
    top.push(styled(format!(" {}", bar(job, state, width.saturating_sub(2), theme)), theme.text));
    top.push(styled(format!(" {}", totals(&job.totals())), theme.title));
    let at = dialog.at(job);
    let below = explained(job, at, state, width.saturating_sub(2), theme);
    let rule = || styled(format!(" {}", "-".repeat(width.saturating_sub(2))), theme.border);
    let tall = height >= 14;
    if tall {
        top.push(rule());
        let whole = work.whole(0).is_some();
        let (digest, what) = if whole { ("", "REPOSITORY") } else { (kind.words().column, "TAGS") };
        top.push(styled(columns(" ", "STATE", digest, what, "RESULT", width), theme.dim));
    }
    let top_room = height.saturating_sub(2).max(1);
    top.truncate(top_room);
    let rest = height - top.len();
    let below_room = below.len().min(rest.saturating_sub(2)).min(if tall { 6 } else { 2 });
    let list = rest - below_room - usize::from(tall && below_room > 0);
    let mut pen = Pen { area: inside, y: inside.y };
    let list_at = inside.y + top.len() as u16;
    top.into_iter().for_each(|line| pen.put(frame, line));
    let first = (at + 1).saturating_sub(list.max(1));
    for n in first..first + list {
        match job.stages.get(n) {
            Some(stage) => pen.put(frame, row(n, stage, n == at, job, state, width, theme)),
            None => pen.put(frame, Line::default()),
        }
    }
    widget::scroll_thumb(frame, Rect { y: list_at, height: list as u16, ..inside }, first, list, work.len(), theme);
    if tall && below_room > 0 {
        pen.put(frame, rule());
    }
    below.into_iter().take(below_room).for_each(|line| pen.put(frame, line));
}

/// `[####....]  10/16  62%  2.1/s  about 3 s left`
fn bar(job: &Job, state: &State, width: usize, theme: &Theme) -> String {
    let all = job.totals();
    let mut words = format!("{}/{}  {}%", count(all.tried()), count(all.all()), job.part());
    if let Some((so_far, of)) = job.bytes() {
        words = format!("{} of {}  {}", text::size(so_far), text::size(of), words);
    }
    match (&job.pause, job.rate(state.now), job.runs()) {
        (Some((until, _)), _, true) => {
            let left = until.duration_since(state.now).as_secs().max(0);
            words.push_str(&format!("  waiting {left} s, as the registry asks"));
        }
        (None, Some(_), true) if job.bytes().is_some() => words.push_str(&speed(job, state)),
        (None, Some(rate), true) => {
            let left = (all.all() - all.ended()) as f64 / rate;
            words.push_str(&format!("  {rate:.1}/s  about {left:.0} s left"));
        }
        _ => {}
    }
    if job.stopping && job.runs() {
        words.push_str("  stopping");
    }
    let room = width.saturating_sub(text::width(&words) + 4).min(50);
    if room < 8 {
        return words;
    }
    let full = room * job.part() / 100;
    let sign = if theme.signs.ascii { "#" } else { theme.signs.thumb };
    format!("[{}{}]  {words}", sign.repeat(full), ".".repeat(room - full))
}

/// Of a copy, from its bytes.
fn speed(job: &Job, state: &State) -> String {
    let Some((so_far, all)) = job.bytes() else { return String::new() };
    let seconds = state.now.duration_since(job.began).as_secs_f64();
    if so_far == 0 || seconds < 1.0 {
        return String::new();
    }
    let rate = so_far as f64 / seconds;
    format!("  {}/s  about {:.0} s left", text::size(rate as u64), all.saturating_sub(so_far) as f64 / rate)
}

/// They add up to the items of the plan.
fn totals(totals: &Totals) -> String {
    let mut words: Vec<String> = Vec::new();
    for outcome in Outcome::ALL {
        let n = totals.of(outcome);
        if n > 0 || outcome == Outcome::Done {
            words.push(format!("{} {}", word(outcome), count(n)));
        }
    }
    if totals.under_way > 0 {
        words.push(format!("in flight {}", count(totals.under_way)));
    }
    if totals.waiting > 0 {
        words.push(format!("waiting {}", count(totals.waiting)));
    }
    words.join("   ")
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "ok",
        Outcome::Gone => "gone",
        Outcome::Changed => "MOVED",
        Outcome::Refused => "REFUSED",
        Outcome::Failed => "FAILED",
        Outcome::Unknown => "UNKNOWN",
        Outcome::Skipped => "skipped",
    }
}

fn columns(bar: &str, stage: &str, digest: &str, tags: &str, result: &str, width: usize) -> String {
    let rest = width.saturating_sub(STATE + DIGEST + 7);
    let tags_room = rest / 2;
    format!(
        " {bar} {} {} {} {} ",
        fit(stage, STATE, Align::Left),
        fit(digest, DIGEST, Align::Left),
        fit(tags, tags_room, Align::Left),
        fit(result, rest.saturating_sub(tags_room + 1), Align::Left)
    )
}

fn row(n: usize, stage: &Stage, here: bool, job: &Job, state: &State, width: usize, theme: &Theme) -> Line<'static> {
    let (words, style, result): (&str, Style, String) = match stage {
        Stage::Waiting if job.pause.is_some() => ("waiting", theme.dim, pause(job, state)),
        Stage::Waiting => ("waiting", theme.dim, String::new()),
        Stage::Now(Step::Checking) => ("checking", theme.text, String::new()),
        Stage::Now(Step::Sending) if job.work.is_fetch() => ("reading", theme.text, String::new()),
        Stage::Now(Step::Sending) => ("sending", theme.text, String::new()),
        Stage::Now(Step::Verifying) => ("verifying", theme.text, String::new()),
        Stage::Ended(ended) => {
            let style = match ended.outcome {
                Outcome::Done | Outcome::Gone => theme.good,
                Outcome::Skipped => theme.dim,
                Outcome::Changed => theme.warn,
                Outcome::Refused | Outcome::Failed | Outcome::Unknown => theme.bad,
            };
            (word(ended.outcome), style, brief(ended, job, state))
        }
    };
    let digest = job.work.digest(n).map(Digest::short).unwrap_or_default();
    let tags = about(job, n);
    let bar = if here { theme.signs.cursor } else { " " };
    let style = if here { theme.cursor.patch(style) } else { style };
    styled(columns(bar, words, &digest, &tags, &result, width), style)
}

/// The column of what became of it: there is little room, and every line of a job would begin with the same host.
fn brief(ended: &Ended, job: &Job, state: &State) -> String {
    let Some(why) = &ended.why else { return done(&job.work).0.to_owned() };
    if ended.outcome == Outcome::Skipped && !job.stopping && job.stopped.as_ref() == Some(why) {
        return "not tried".to_owned();
    }
    let host = format!("{} ", state.registry(job.registry).profile.host());
    let what = why.as_str().strip_prefix(&host).unwrap_or(why.as_str());
    what.strip_prefix("answered ").unwrap_or(what).to_owned()
}

/// The column of what an item is about.
fn about(job: &Job, at: usize) -> String {
    if let Work::Copy(order) = &job.work
        && let Some(part) = order.transfer.steps().nth(at)
    {
        return match part {
            Part::Blob(blob) => format!("layer or config, {}", text::size(blob.size)),
            Part::Manifest(_) => "manifest".to_owned(),
            Part::Tag(one) => one.tag.to_string(),
        };
    }
    if let Work::Layer(order) = &job.work {
        return order.size.map_or_else(|| "layer".to_owned(), |size| format!("layer, {}", text::size(size)));
    }
    if let Some(repo) = job.work.whole(at) {
        return repo.to_string();
    }
    job.work.tags(at).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// What is said of an item that was done, short and in full.
fn done(work: &Work) -> (&'static str, &'static str) {
    match work {
        Work::Delete(_) | Work::Sweep(_) => ("verified gone", "Deleted, and looked for afterwards: it is gone."),
        Work::Copy(_) => ("verified there", "Sent, and looked for afterwards: it is there."),
        Work::Recolour(_) => ("verified", "Sent, and looked for afterwards: it has the colour."),
        Work::Undo(_) => ("verified to be back", "Sent, and looked for afterwards: it is back."),
        Work::Layer(_) => ("done", "It is there."),
        Work::Settle(_) => ("as it was found", "Written down as it was found."),
    }
}

fn again(work: &Work) -> &'static str {
    match work {
        Work::Delete(_) | Work::Sweep(_) => "plans again what was not done",
        Work::Copy(_) => "goes on with what is missing",
        Work::Recolour(_) => "tries again what was not done",
        Work::Layer(_) if work.is_fetch() => "goes on where it was",
        Work::Layer(_) => "sends it once more",
        Work::Undo(_) | Work::Settle(_) => "looks again at what could not be done",
    }
}

fn pause(job: &Job, state: &State) -> String {
    let Some((until, _)) = &job.pause else { return String::new() };
    format!("again in {} s", until.duration_since(state.now).as_secs().max(0))
}

/// The item under the cursor, why it ended so, and what can be done.
fn explained(job: &Job, at: usize, state: &State, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines: Vec<(String, Style)> = Vec::new();
    if let Some(Stage::Ended(ended)) = job.stages.get(at) {
        match &ended.why {
            Some(why) => lines.push((why.to_string(), theme.text)),
            None => lines.push((done(&job.work).1.to_owned(), theme.dim)),
        }
    }
    if let Some((_, why)) = job.pause.as_ref().filter(|_| job.runs()) {
        lines.insert(0, (why.to_string(), theme.warn));
    }
    let next = match (job.runs(), can_retry(job)) {
        (true, _) if job.stopping => "It ends after the request under way.".to_owned(),
        (true, _) if job.work.is_fetch() => "x breaks off; what came so far is kept.".to_owned(),
        (true, _) => "x stops after the request under way; what is done is not rolled back.".to_owned(),
        (false, true) => format!("r {}; e opens credentials; o saves a report.", again(&job.work)),
        (false, false) => "o saves a report.".to_owned(),
    };
    let said = lines.last().map(|(text, _)| text.clone());
    let stopped = job.stopped.iter().map(ToString::to_string);
    let stopped = stopped.filter(|why| !job.stopping || said.as_ref() != Some(why));
    // What stopped the job is often what ended the item.
    lines.extend(stopped.map(|why| match said.as_ref() == Some(&why) {
        true => ("That stopped the job; what was left was not tried.".to_owned(), theme.warn),
        false => (format!("Stopped: {why}"), theme.warn),
    }));
    lines.push((next, theme.dim));
    if let (Work::Delete(plan), false) = (&job.work, job.runs())
        && job.lost_tags().next().is_some()
        && let Some(never) = plan.kind.words().never()
    {
        lines.push((format!("{never} {}", plan.kind.words().instead), theme.dim));
    }
    lines.extend(job.said.iter().map(|text| (text.to_string(), theme.dim)));
    if job.runs() && job.journal.is_some() {
        let saved = "Recorded as it goes: a lost connection loses nothing of what was done.".to_owned();
        lines.push((saved, theme.dim));
    }
    let utc = state.looks.utc;
    if let Some(finished) = job.finished {
        lines.push((format!("Ended at {}.", widget::clock(finished, utc)), theme.dim));
    }
    lines
        .into_iter()
        .flat_map(|(text, style)| widget::wrap(&text, width).into_iter().map(move |text| (text, style)))
        .map(|(text, style)| styled(format!(" {text}"), style))
        .collect()
}
