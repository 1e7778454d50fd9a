//! What a system says of one of its repositories: all of it, exact.

use jiff::Timestamp;
use ratatui::text::Line;

use crate::app::pane::words::moment;
use crate::app::state::State;
use crate::domain::clean::Clean;
use crate::domain::repository::RepoInfo;
use crate::domain::text;
use crate::ui::theme::Theme;
use crate::ui::widget::{fact, styled};

/// Cells before the value of a fact.
const LABEL: usize = 10;

/// Facts of one line each, and where it is kept.
pub fn facts(info: &RepoInfo, state: &State, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut add = |label: &str, value: Option<String>| lines.extend(value.map(|value| fact(label, value, theme)));
    let count = |n: Option<u64>| n.map(|n| text::count(usize::try_from(n).unwrap_or(usize::MAX)));
    let time =
        |at: Option<Timestamp>| at.map(|at| format!("{} ({})", moment(at, state.looks.utc), text::age(at, state.now)));
    let said = |is: Option<bool>, yes: &str, no: &str| is.map(|is| if is { yes } else { no }.to_owned());
    add("registry", info.group.as_ref().map(ToString::to_string));
    add("kept at", info.elsewhere.as_ref().map(|place| format!("{} as {}", place.url, place.repository)));
    add("in use", said(info.in_use, "yes: a service of this account uses it", "no service of this account uses it"));
    add("access", said(info.public, "public", "private"));
    add("official", said(info.official.filter(|is| *is), "yes", ""));
    add("automated", said(info.automated, "yes: built by the system", "no"));
    add("images", count(info.images));
    add("pulls", count(info.pulls));
    add("pushes", count(info.pushes));
    add("stars", count(info.stars));
    add("created", time(info.created));
    add("updated", time(info.updated));
    add("pushed", time(info.pushed));
    add("pulled", time(info.pulled));
    add("labels", (!info.labels.is_empty()).then(|| join(&info.labels)));
    lines
}

fn join(all: &[Clean]) -> String {
    all.iter().map(Clean::as_str).collect::<Vec<_>>().join(", ")
}

/// What it is for, in the system's own words.
pub fn description(info: &RepoInfo, theme: &Theme) -> Vec<Line<'static>> {
    let short = info.description.as_ref().filter(|text| !text.is_empty());
    // The long text often begins with the short one.
    let long = info.full_description.as_ref().filter(|text| !text.is_empty());
    let short = short.filter(|short| long.is_none_or(|long| !begins_with(long.as_str(), short.as_str())));
    let mut lines: Vec<_> = short.map(|text| styled(text.to_string(), theme.text)).into_iter().collect();
    if let Some(text) = long {
        if !lines.is_empty() {
            lines.push(styled("", theme.text));
        }
        lines.extend(text.as_str().lines().map(|line| styled(line.to_owned(), theme.text)));
    }
    lines
}

/// The same words, however they are spread over lines.
fn begins_with(long: &str, short: &str) -> bool {
    let mut words = long.split_whitespace();
    short.split_whitespace().all(|word| words.next() == Some(word))
}

/// Everything else, by the names the system has for it.
pub fn more(more: &[(Clean, Clean)], theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (name, value) in more {
        if text::width(name.as_str()) < LABEL {
            lines.push(fact(name.as_str(), value.to_string(), theme));
        } else {
            lines.push(styled(name.to_string(), theme.dim));
            lines.push(styled(format!("  {value}"), theme.text));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_that_begins_the_long_one_is_said_once() {
        let theme = Theme::named("mono", true);
        let said = |short: &str, long: &str| {
            let clean = |text: &str| (!text.is_empty()).then(|| crate::domain::clean::block(text));
            let info = RepoInfo { description: clean(short), full_description: clean(long), ..RepoInfo::default() };
            description(&info, &theme).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(said("a b", "a\nb c\n\nd"), ["a", "b c", "", "d"]);
        assert_eq!(said("a b", "x"), ["a b", "", "x"]);
        assert_eq!(said("a b", ""), ["a b"]);
        assert_eq!(said("", ""), [""; 0]);
    }
}
