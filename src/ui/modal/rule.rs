//! Marking by a rule.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::form::Sheet;
use crate::app::modal::rule::Rule;
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::cleanup::{Marked, Rules};
use crate::domain::text;
use crate::domain::words::Words;
use crate::ui::theme::Theme;
use crate::ui::widget::styled;

pub(super) fn draw(frame: &mut Frame, body: Rect, dialog: &Rule, state: &State, theme: &Theme) {
    let above = match dialog.saved(state) {
        Some((_, rules)) => {
            saved(rules, state.words()).into_iter().map(|text| styled(format!(" {text}"), theme.text)).collect()
        }
        None => vec![
            styled(" Tags, Except: as after /, so  pr-*  ~^v[0-9]+$  !main  semver<2  size>1G", theme.dim),
            styled(" Older than: 12h 30d 6w 1y.  Of each: major, minor, or a regex with a (group)", theme.dim),
        ],
    };
    let said = match dialog.found(state) {
        None => vec![styled(" Tab counts what it marks.", theme.dim)],
        Some(Err(error)) => vec![styled(format!(" {error}"), theme.warn)],
        Some(Ok(found)) => counted(found, dialog, state, theme),
    };
    Sheet { title: "Mark by a rule".to_owned(), above, form: &dialog.form, said }.draw(frame, body, state, theme);
}

fn counted(found: &Marked, dialog: &Rule, state: &State, theme: &Theme) -> Vec<Line<'static>> {
    if dialog.rules(state).is_ok_and(|rules| rules.is_empty()) {
        return vec![styled(" Marks nothing yet. It only marks; nothing is deleted.", theme.dim)];
    }
    let mut words = match found.tags.len() {
        1 => " Marks 1 tag".to_owned(),
        n => format!(" Marks {} tags", text::count(n)),
    };
    if found.untagged {
        words.push_str(&format!(" and {} without a tag", state.words().things));
    }
    match found.kept.len() {
        0 => {}
        n => words.push_str(&format!("; keeps {} (newest, excepted, protected)", text::count(n))),
    }
    let mut lines = vec![styled(words, theme.title)];
    if !found.unknown.is_empty() {
        let count = text::count(found.unknown.len());
        let reading = if crate::app::update::reading_details(state) { ", which are being read" } else { "" };
        lines.push(styled(format!(" {count} cannot be judged without their details{reading}"), theme.warn));
    }
    lines
}

/// A saved rule, in words.
fn saved(rules: &Rules, words: &Words) -> Vec<String> {
    let list = |filters: &[crate::domain::filter::Filter]| {
        filters.iter().map(|filter| clean::line(filter.as_str()).to_string()).collect::<Vec<_>>().join(", or ")
    };
    let mut lines = Vec::new();
    if !rules.mark.is_empty() {
        lines.push(format!("Marks {}", list(&rules.mark)));
    }
    if !rules.exclude.is_empty() {
        lines.push(format!("except {}", list(&rules.exclude)));
    }
    if let Some(keep) = &rules.keep {
        let each = match &keep.per {
            None => String::new(),
            Some(crate::domain::cleanup::Per::Major) => " of each major version".to_owned(),
            Some(crate::domain::cleanup::Per::Minor) => " of each minor version".to_owned(),
            Some(crate::domain::cleanup::Per::Pattern(pattern)) => {
                format!(" of each group of {}", clean::line(pattern.as_str()))
            }
        };
        lines.push(format!("keeps the newest {}{each} by {}", text::count(keep.n), keep.by.word()));
    }
    if rules.dangling {
        lines.push(format!("marks tags without a {}", words.thing));
    }
    if rules.untagged {
        lines.push(format!("takes {} without a tag along", words.things));
    }
    lines
}
