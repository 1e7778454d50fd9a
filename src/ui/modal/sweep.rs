//! The plan of a deletion of whole repositories. Where there is little room, what cannot be undone, what can be decided
//! and what goes stay on screen the longest.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::plan::{Fact as Line1, keep};
use super::{Pen, boxed, confirm, place, unread};
use crate::app::modal::confirm::Focus;
use crate::app::modal::sweep::{Ready, Row, Stage, SweepDialog};
use crate::app::state::State;
use crate::domain::capability::Takes;
use crate::domain::clean;
use crate::domain::sweep::{Fact, Keeper, of_one, repositories, summary};
use crate::domain::text::{self, Align, count, cut_path, fit};
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

const WIDTH: u16 = 106;
/// Rows of the list that are kept before anything above it is left out.
const ROWS: usize = 3;
const ACTION: usize = 7;
const NUMBER: usize = 7;
const AGE: usize = 9;

pub(super) fn hints(dialog: &SweepDialog) -> &'static [(&'static str, &'static str)] {
    match &dialog.stage {
        Stage::Reading { .. } => &[("Esc", "give up")],
        Stage::Failed(_) => &[("r", "try again"), ("Esc", "close")],
        Stage::Ready(ready) if ready.question.focus == Focus::Typed => {
            &[("type", "what is asked"), ("Tab", "on to the button"), ("Up Down", "move"), ("Esc", "cancel")]
        }
        Stage::Ready(ready) if ready.question.focus == Focus::Start => {
            &[("Enter", "start"), ("Tab", "next field"), ("Esc", "cancel")]
        }
        Stage::Ready(ready) => match (ready.holds_protected(), ready.question.focus == Focus::List) {
            (true, true) => &[
                ("1", "protected, too"),
                ("K", "keep"),
                ("Enter", "detail"),
                ("Tab", "next field"),
                ("Esc", "cancel"),
                ("r", "read again"),
            ],
            (true, false) => {
                &[("1", "protected, too"), ("K", "keep"), ("Tab", "next field"), ("Esc", "cancel"), ("r", "read again")]
            }
            (false, true) => {
                &[("K", "keep"), ("Enter", "detail"), ("Tab", "next field"), ("Esc", "cancel"), ("r", "read again")]
            }
            (false, false) => &[("K", "keep"), ("Tab", "next field"), ("Esc", "cancel"), ("r", "read again")],
        },
    }
}

pub(super) fn draw(frame: &mut Frame, body: Rect, dialog: &SweepDialog, state: &State, theme: &Theme) {
    let profile = &state.registry(dialog.registry).profile;
    let env = profile.env.as_deref().map(|env| format!(" ({})", clean::identifier(env))).unwrap_or_default();
    let takes = state.registry(dialog.registry).caps.repository_delete;
    let verb = verb(takes);
    let what = match &dialog.repos[..] {
        [one] => one.to_string(),
        many => repositories(takes, many.len()),
    };
    let title = format!("{verb} plan  {what} on {}{env}", clean::identifier(&profile.name));
    match &dialog.stage {
        Stage::Reading { progress, .. } => {
            let done = match progress.of {
                0 | 1 => String::new(),
                of => format!(": {} of {}", count(progress.done), count(of)),
            };
            let lines = vec![
                styled(format!(" Reading what is there{done}"), theme.text),
                styled(" To show what a deletion would take along. Nothing is deleted yet.", theme.dim),
            ];
            boxed(frame, body, &title, lines, 84, state, theme);
        }
        Stage::Failed(report) => unread(frame, body, &title, report, state, theme),
        Stage::Ready(ready) => whole(frame, body, &title, dialog, ready, state, theme),
    }
}

fn whole(
    frame: &mut Frame,
    body: Rect,
    title: &str,
    dialog: &SweepDialog,
    ready: &Ready,
    state: &State,
    theme: &Theme,
) {
    let area = place(body, WIDTH, body.height, state);
    frame.render_widget(Clear, area);
    let made = widget::clock(ready.plan.created, state.looks.utc);
    let foot = format!("facts of {made}; each is checked again before it is sent");
    let inside = widget::panel(frame, area, title, &foot, theme);
    let (width, height) = (usize::from(inside.width), usize::from(inside.height));
    let tall = height >= 14;
    let bottom = usize::from(confirm::lines(&ready.question, tall));
    let rules = if tall { 2 } else { 0 };
    let heading = usize::from(height >= 12);
    let wants = ready.rows().clamp(1, ROWS);
    let above = keep(facts(dialog, ready, width, theme), height.saturating_sub(bottom + rules + heading + wants));

    let mut pen = Pen { area: inside, y: inside.y };
    above.into_iter().for_each(|line| pen.put(frame, line));
    let rule = || styled(format!(" {}", "-".repeat(width.saturating_sub(2))), theme.border);
    if tall {
        pen.put(frame, rule());
    }
    let detail = if ready.detail { detail(ready, state, width.saturating_sub(2), theme) } else { Vec::new() };
    let left = usize::from(inside.bottom().saturating_sub(pen.y)).saturating_sub(bottom + rules / 2 + heading);
    let detail_room = detail.len().min(left.saturating_sub(1));
    let list = left - detail_room;
    if heading == 1 {
        let words = [" ", "", "TAGS", "IMAGES", "PUSHED", "REPOSITORY", ""].map(str::to_owned);
        pen.put(frame, styled(columns(words, width), theme.dim));
    }
    let (first, top) = ((ready.cursor + 1).saturating_sub(list), pen.y);
    for at in first..first + list {
        match ready.row(at) {
            Some(one) => pen.put(frame, row(one, ready.plan.takes, at == ready.cursor, state, width, theme)),
            None if at == 0 => pen.put(frame, styled("   Nothing is left of what was marked.", theme.dim)),
            None => pen.put(frame, Line::default()),
        }
    }
    let thumb = Rect { y: top, height: list as u16, ..inside };
    widget::scroll_thumb(frame, thumb, first, list, ready.rows(), theme);
    detail.into_iter().take(detail_room).for_each(|line| pen.put(frame, line));
    if tall {
        pen.put(frame, rule());
    }
    let area = Rect { y: inside.bottom().saturating_sub(bottom as u16), height: bottom as u16, ..inside };
    let plan = &ready.plan;
    let what = repositories(plan.takes, plan.items.len());
    let verb = verb(plan.takes);
    let used = count(plan.in_use());
    let again = format!("{used} in use: whatever uses that may stop working. y goes on, or Tab and Enter.");
    let words = confirm::Words {
        nothing: "There is nothing to delete in this plan.",
        yes: if ready.again { &again } else { "y removes it, or Tab to the button and Enter. Enter alone does not." },
        count: "To start, type the number of entries",
        name: if plan.items.len() == 1 { confirm::NAME } else { "Type the number and the registry's name" },
        button: &format!("{verb} {what}"),
    };
    confirm::draw(frame, area, &ready.question, &words, theme);
}

fn facts(dialog: &SweepDialog, ready: &Ready, width: usize, theme: &Theme) -> Vec<Line1> {
    let plan = &ready.plan;
    let inner = width.saturating_sub(2);
    let mut facts: Vec<Line1> = Vec::new();
    // Before anything else.
    let first = match plan.takes {
        Takes::Entry => "Cannot be undone: the stored account goes, too. What is at its registry stays.",
        Takes::Everything | Takes::Tags => "Cannot be undone. No system takes this back, and nothing is kept of it.",
    };
    let wrapped = |text: &str, rank, style| {
        let lines = widget::wrap(text, inner).into_iter();
        lines.map(move |text| (rank, styled(format!(" {text}"), style))).collect::<Vec<Line1>>()
    };
    facts.extend(wrapped(first, 0, theme.bad));
    if ready.again {
        let words = "This is asked a second time, because services of the account use what goes.";
        facts.extend(wrapped(words, 0, theme.warn));
    }
    let line = |label: &str, said: &str, right: &str| {
        let room = width.saturating_sub(text::width(right) + 13);
        Line::from(vec![
            Span::styled(format!(" {} ", fit(label, 10, Align::Left)), theme.dim),
            Span::styled(fit(said, room, Align::Left), theme.text),
            Span::styled(right.to_owned(), theme.key),
        ])
    };
    let account = plan.account.as_ref().filter(|name| !name.is_empty());
    let account = account.map(|name| format!(" as {}", clean::identifier(name))).unwrap_or_default();
    let scope = plan.scope.as_ref().map(|scope| format!(", {}", clean::identifier(scope))).unwrap_or_default();
    facts.push((4, line("Registry", &format!("{}{scope}{account}", clean::url(&plan.origin)), "")));
    facts.push((1, line(verb(plan.takes), &summary(plan), "")));
    let held = plan.kept.iter().filter(|kept| kept.by == Keeper::Protection).count();
    if ready.holds_protected() {
        let sign = if dialog.choices.protected { " 1 [x] too" } else { " 1 [ ] too" };
        let words = match (held, plan.protected()) {
            (0, n) => format!("{} with protected tags; you lifted that", repositories(plan.takes, n)),
            (n, _) => format!("{} held: protected tags", repositories(plan.takes, n)),
        };
        facts.push((1, line("Protected", &words, sign)));
    }
    if plan.in_use() > 0 {
        let words = format!("{} used by services of this account", repositories(plan.takes, plan.in_use()));
        facts.push((1, line("In use", &words, "")));
    }
    let favourites = plan.items.iter().filter(|item| item.favourite).count();
    if favourites > 0 {
        facts.push((3, line("Favourite", &repositories(plan.takes, favourites), "")));
    }
    for (label, by, words) in [
        ("Gone", Keeper::Gone, "not there any more"),
        ("Not read", Keeper::Unread, "not read, so nothing is done"),
        ("By you", Keeper::Hand, "kept by you; K puts a row back"),
    ] {
        let n = plan.kept.iter().filter(|kept| kept.by == by).count();
        if n > 0 {
            facts.push((3, line(label, &format!("{}: {words}", repositories(plan.takes, n)), "")));
        }
    }
    facts
}

fn columns([bar, action, tags, images, pushed, repo, notes]: [String; 7], width: usize) -> String {
    let small = width < 70;
    let numbers = if small { NUMBER + 1 } else { 2 * NUMBER + AGE + 3 };
    let rest = width.saturating_sub(ACTION + 4 + numbers + 1);
    let noted = if notes.is_empty() { 0 } else { text::width(&notes).min(rest / 2) + 1 };
    let name = rest.saturating_sub(noted);
    let repo = if text::width(&repo) > name { cut_path(&repo, name) } else { repo };
    let middle = match small {
        true => fit(&tags, NUMBER, Align::Right),
        false => format!(
            "{} {} {}",
            fit(&tags, NUMBER, Align::Right),
            fit(&images, NUMBER, Align::Right),
            fit(&pushed, AGE, Align::Right)
        ),
    };
    format!(
        " {bar} {} {middle} {} {} ",
        fit(&action, ACTION, Align::Left),
        fit(&repo, name, Align::Left),
        fit(&notes, noted.saturating_sub(1), Align::Left),
    )
}

/// An entry names a repository that stays where it is.
fn verb(takes: Takes) -> &'static str {
    if takes == Takes::Entry { "Remove" } else { "Delete" }
}

fn row(row: Row<'_>, takes: Takes, here: bool, state: &State, width: usize, theme: &Theme) -> Line<'static> {
    let bar = (if here { theme.signs.cursor } else { " " }).to_owned();
    let number = |n: Option<u64>| n.map_or("-".to_owned(), |n| count(usize::try_from(n).unwrap_or(usize::MAX)));
    let (cells, style) = match row {
        Row::Goes(fact) => {
            let pushed = fact.last_push().map_or("-".to_owned(), |then| text::age(then, state.now));
            let action = verb(takes).to_lowercase();
            let cells =
                [bar, action, number(fact.tags), number(fact.images), pushed, fact.repo.to_string(), notes(fact)];
            (cells, if fact.in_use || fact.protected.count > 0 { theme.warn } else { theme.text })
        }
        Row::Stays(kept) => {
            let none = String::new;
            ([bar, "kept".to_owned(), none(), none(), none(), kept.repo.to_string(), kept.why.to_string()], theme.dim)
        }
    };
    let style = if here { theme.cursor.patch(style) } else { style };
    styled(columns(cells, width), style)
}

fn notes(fact: &Fact) -> String {
    let mut notes = Vec::new();
    if fact.in_use {
        notes.push("IN USE".to_owned());
    }
    if fact.protected.count > 0 {
        notes.push(format!("protected: {}", fact.protected.words()));
    }
    if fact.favourite {
        notes.push("favourite".to_owned());
    }
    notes.join(", ")
}

/// The row under the cursor, with everything that is known of it.
fn detail(ready: &Ready, state: &State, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    match ready.row(ready.cursor) {
        Some(Row::Goes(fact)) => {
            lines.push(fact.repo.to_string());
            lines.push(of_one(ready.plan.takes, fact));
            let moment = |label: &str, time: Option<jiff::Timestamp>| {
                time.map(|time| format!("{label} {}", widget::moment(time, state.looks.utc)))
            };
            let times = [moment("pushed", fact.pushed), moment("changed", fact.updated), moment("made", fact.created)];
            let times: Vec<String> = times.into_iter().flatten().collect();
            if !times.is_empty() {
                lines.push(times.join(", "));
            }
            let protected = fact.protected.named.iter().map(|(tag, by)| format!("{tag} is protected by “{by}”"));
            lines.extend(protected);
            if fact.in_use {
                lines.push("a service of this account uses it".to_owned());
            }
        }
        Some(Row::Stays(kept)) => lines.extend([kept.repo.to_string(), kept.why.to_string()]),
        None => {}
    }
    let wrapped = lines.into_iter().flat_map(|text| widget::wrap(&text, width.saturating_sub(3)));
    wrapped.map(|text| styled(format!("    {text}"), theme.dim)).collect()
}
