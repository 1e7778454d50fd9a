//! A repository, or a folder of them.

use std::collections::BTreeMap;

use ratatui::text::Line;

use super::told;
use crate::app::action::Action;
use crate::app::cache::{TagCount, TagList};
use crate::app::pane::{preview, repositories, tags};
use crate::app::state::State;
use crate::domain::capability::Support;
use crate::domain::clean;
use crate::domain::page::Listed;
use crate::domain::registry::RegistryId;
use crate::domain::text;
use crate::ui::pane::repositories::heading;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, fact, styled};

/// Prefixes that get a bar of their own; the rest is one line.
const BARS: usize = 7;
/// Cells of the longest bar: the line fits the narrowest preview.
const BAR: usize = 10;

pub fn lines(state: &State, id: RegistryId, row: u32, theme: &Theme) -> (String, Vec<Line<'static>>) {
    let Some(catalog) = state.cache.catalogs.get(&id) else { return (String::new(), Vec::new()) };
    let host = clean::identifier(state.registry(id).profile.host());
    if let Some(folder) = repositories::folder(&catalog.rows, row) {
        let inside = catalog.rows.iter().filter(|row| repositories::is_inside(row, folder));
        let (mut all, mut known, mut tags) = (0, 0, 0);
        for row in inside {
            all += 1;
            if let TagCount::Known(n) = row.tags {
                known += 1;
                tags += n;
            }
        }
        let counted = match known {
            0 => "not counted yet".to_owned(),
            n if n == all => text::count(tags),
            n => format!("{} in {} of them", text::count(tags), text::count(n)),
        };
        let lines = vec![
            fact("below", format!("{host}/{folder}/"), theme),
            fact("holds", format!("{} repositories", text::count(all)), theme),
            fact("tags", counted, theme),
        ];
        return (format!("{folder}/"), lines);
    }
    if let Some(group) = repositories::heading(&catalog.rows, row) {
        let facts = heading::Facts::of(catalog, group);
        let word = if state.pane().tree.closed.contains(group) { "opens" } else { "closes" };
        let what = if facts.all == 1 { "repository" } else { "repositories" };
        let mut lines = vec![fact("holds", format!("{} {what}", text::count(facts.all)), theme)];
        lines.extend(facts.url.map(|url| fact("kept at", clean::line(url).to_string(), theme)));
        let counted = [("in use", facts.in_use), ("private", facts.private)].into_iter().filter(|(_, n)| *n > 0);
        lines.extend(counted.map(|(what, n)| fact(what, format!("{} of them", text::count(n)), theme)));
        lines.push(styled("", theme.text));
        lines.extend(widget::key_line(state, Action::Open, &format!("{word} this group"), theme));
        return (group.to_owned(), lines);
    }
    let Some(row) = catalog.rows.get(row as usize) else { return (String::new(), Vec::new()) };
    let mut lines = Vec::new();
    let name = match &row.name {
        Listed::Invalid(name) => {
            lines.push(styled(name.to_string(), theme.text));
            lines.push(styled("This is not a valid repository name; it is shown, and never sent back.", theme.warn));
            return (String::new(), lines);
        }
        Listed::Valid(name) => name,
    };
    lines.push(fact("reference", clean::line(&repositories::reference(state, id, name)).to_string(), theme));
    let info = row.info.as_deref();
    let has_tags = state.registry(id).caps.tags != Support::No;
    match &row.tags {
        TagCount::Known(n) => lines.push(fact("tags", text::count(*n), theme)),
        _ if !has_tags => {}
        TagCount::Failed(report) => {
            lines.push(styled(report.what.to_string(), theme.bad));
            lines.push(styled(report.hint.to_string(), theme.text));
        }
        TagCount::Asked => lines.push(fact("tags", "...", theme)),
        TagCount::NotAsked => lines.push(fact("tags", theme.signs.not_loaded, theme)),
    }
    if row.favourite {
        let kept = if info.is_some_and(|info| info.favourite.is_some()) { "yes: kept by the registry" } else { "yes" };
        lines.push(fact("favourite", kept, theme));
    }
    if row.pinned {
        lines.push(fact("pinned", "yes: by the config, or by going to it", theme));
    }
    if let Some(info) = info {
        lines.extend(told::facts(info, state, theme));
        let said = told::description(info, theme);
        if !said.is_empty() {
            lines.push(styled("", theme.text));
            lines.extend(said);
        }
        let more = told::more(&info.more, theme);
        if !more.is_empty() {
            lines.push(styled("", theme.text));
            lines.extend(more);
        }
    }
    match state.tags(id, name).filter(|list| !list.rows.is_empty()) {
        Some(list) => lines.extend(read(list, state, theme)),
        None if !has_tags => {}
        None => {
            lines.push(styled("", theme.text));
            lines.push(styled("Enter reads its tags.", theme.dim));
        }
    }
    (name.to_string(), lines)
}

/// What is known of a repository whose tags were read in this run.
fn read(list: &TagList, state: &State, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let summary = repositories::summary(list);
    if summary.complete {
        lines.push(fact("digests", text::count(summary.digests), theme));
        lines.push(fact("indexes", text::count(summary.indexes), theme));
    }
    if let Some(size) = summary.size.filter(|_| summary.complete) {
        let words = format!("at most {}: layers that digests share count for each of them here", text::size(size));
        lines.push(fact("size", words, theme));
    }
    lines.push(styled("", theme.text));
    lines.push(styled("By prefix", theme.title));
    lines.extend(prefixes(list, theme));
    if let (Some((oldest, first)), Some((newest, last))) = (&summary.oldest, &summary.newest) {
        let line = |word, name: &str, at| {
            let age = text::age(at, state.now);
            fact(word, format!("{name}  {age}"), theme)
        };
        lines.push(styled("", theme.text));
        lines.push(line("oldest", first, *oldest));
        lines.push(line("newest", last, *newest));
    }
    if !summary.complete {
        let unread = preview::unread(list);
        lines.push(styled(format!("{} tags not read yet", text::count(unread)), theme.dim));
    }
    lines
}

/// The commonest beginnings of tag names: where the noise is.
fn prefixes(list: &TagList, theme: &Theme) -> Vec<Line<'static>> {
    let counts = list.prefixes.get_or_init(|| count_prefixes(list));
    // A beginning that only one tag has is none.
    let bars = counts.iter().take_while(|(prefix, n)| *n > 1 && !prefix.is_empty()).count().min(BARS);
    let rest: usize = counts[bars..].iter().map(|(_, n)| n).sum();
    let most = counts.iter().map(|(_, n)| *n).max().unwrap_or(1).max(1);
    let line = |prefix: &str, n: usize| {
        let bar = "#".repeat((n * BAR).div_ceil(most));
        styled(format!("  {} {:>7} {bar}", widget::cell(prefix, 12, false), text::count(n)), theme.text)
    };
    let mut lines: Vec<_> = counts[..bars].iter().map(|(prefix, n)| line(&format!("{prefix}*"), *n)).collect();
    if rest > 0 {
        lines.push(line("other", rest));
    }
    lines
}

fn count_prefixes(list: &TagList) -> Vec<(String, usize)> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for row in &list.rows {
        *counts.entry(prefix(tags::text(row))).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().map(|(prefix, n)| (prefix.to_owned(), n)).collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

/// Up to and with the first separator that a number or a commit follows: `pr-`, `sha-`, `v`.
fn prefix(name: &str) -> &str {
    let end = name.find(|c: char| c == '-' || c == '.' || c == '_' || c.is_ascii_digit());
    match end {
        Some(at) if name[at..].starts_with(['-', '.', '_']) => &name[..=at],
        Some(at) => &name[..at],
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_end_where_numbers_begin() {
        for (name, want) in
            [("pr-12-ab", "pr-"), ("v1.2", "v"), ("sha-77", "sha-"), ("latest", ""), ("1.2.3", ""), ("main_1", "main_")]
        {
            assert_eq!(prefix(name), want, "{name}");
        }
    }
}
