//! The items of a plan, a line each, and one of them at length.

use ratatui::style::Style;
use ratatui::text::Line;

use crate::app::modal::plan::{PlanDialog, Ready, Row};
use crate::domain::cleanup::{Item, Keeper, Kept, Method, Role};
use crate::domain::reference::{Digest, TagName};
use crate::domain::text::{self, Align, fit};
use crate::domain::words::Words;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

const ACTION: usize = 11;
const DIGEST: usize = 12;
const FREES: usize = 8;
const BY_YOU: &str = "kept by you; K puts it back";

pub(super) fn heading(words: &Words, width: usize, theme: &Theme) -> Line<'static> {
    styled(columns(" ", "ACTION", words.column, "TAGS", "FREES", width), theme.dim)
}

fn columns(bar: &str, action: &str, digest: &str, tags: &str, frees: &str, width: usize) -> String {
    // Names say more than digests, where there is no room for both.
    let digest = if width < 70 { String::new() } else { fit(digest, DIGEST, Align::Left) + " " };
    let rest = width.saturating_sub(ACTION + text::width(&digest) + FREES + 7);
    format!(
        " {bar} {} {digest}{} {} ",
        fit(action, ACTION, Align::Left),
        fit(tags, rest, Align::Left),
        fit(frees, FREES, Align::Right)
    )
}

pub(super) fn row(
    row: &Row,
    here: bool,
    dialog: &PlanDialog,
    ready: &Ready,
    width: usize,
    theme: &Theme,
) -> Line<'static> {
    let short = |digest: Option<&Digest>| digest.map(Digest::short).unwrap_or_default();
    let (action, digest, tags, frees, style): (&str, String, String, String, Style) = match row {
        Row::Item(at) => {
            let Some(item) = ready.plan.items.get(*at) else { return Line::default() };
            let frees = if item.frees == 0 { "-".to_owned() } else { text::size(item.frees) };
            let style = if item.protected { theme.warn } else { theme.text };
            (method(item), short(item.digest.as_ref()), what(item, dialog, ready), frees, style)
        }
        Row::Kept(at) => {
            let Some(kept) = ready.plan.kept.get(*at) else { return Line::default() };
            let (word, style) = match kept.by {
                Keeper::Held => ("HOLD", theme.warn),
                Keeper::Protection => ("PROTECTED", theme.title),
                Keeper::Skipped => ("skip", theme.dim),
                Keeper::Rule => ("keep", theme.dim),
                Keeper::Hand => ("kept", theme.dim),
            };
            (word, short(kept.digest.as_ref()), stays(kept, ready), "-".to_owned(), style)
        }
        Row::Spared(digest) => ("kept", digest.short(), "no tag  kept by you".to_owned(), "-".to_owned(), theme.dim),
    };
    let bar = if here { theme.signs.cursor } else { " " };
    let style = if here { theme.cursor.patch(style) } else { style };
    styled(columns(bar, action, &digest, &tags, &frees, width), style)
}

fn method(item: &Item) -> &'static str {
    match item.method {
        Method::Untag | Method::Vendor => "untag",
        Method::DeleteManifest => "delete",
        Method::Placeholder => "placeholder",
    }
}

fn what(item: &Item, dialog: &PlanDialog, ready: &Ready) -> String {
    let system = ready.snapshot.kind.words();
    let marked = |tag: &&TagName| dialog.marks.tags.binary_search(tag).is_ok();
    let role = match item.role {
        Role::Marked => "",
        Role::Untagged => "no tag leads to it",
        Role::Child => "entry of a deleted index",
        Role::Referrer => "refers to what goes",
    };
    let (mine, others): (Vec<&TagName>, Vec<&TagName>) = item.takes().iter().partition(marked);
    let mut words: Vec<String> = mine.into_iter().map(ToString::to_string).collect();
    match &others[..] {
        [] => {}
        // The tags of a signature go because of it; nobody forgot to mark them.
        some if item.role == Role::Referrer => words.extend(some.iter().map(ToString::to_string)),
        some => words.push(format!("+ {} (not marked)", list(some))),
    }
    if item.method != Method::DeleteManifest {
        let lost = std::collections::HashSet::new();
        match ready.plan.survivors(item, &lost).count() {
            0 => {}
            n => words.push(format!("  ={} on its {}", n + 1, system.id)),
        }
    }
    if let (Method::DeleteManifest, false, [_, ..]) = (item.method, system.nests, item.takes()) {
        let n = item.takes().len();
        words.push(format!(
            "  the {} and its {}",
            system.thing,
            if n == 1 { "tag".to_owned() } else { format!("{n} tags") }
        ));
    }
    if !role.is_empty() {
        words.push(role.to_owned());
    }
    words.join(" ")
}

fn stays(kept: &Kept, ready: &Ready) -> String {
    if kept.by == Keeper::Hand {
        return format!("{}  kept by you", kept.tag);
    }
    let (by_hand, others): (Vec<&TagName>, Vec<&TagName>) =
        kept.others.iter().partition(|tag| ready.plan.choices.kept.contains(*tag));
    let mut words = kept.tag.to_string();
    if kept.others.is_empty() {
        words.push_str(&format!("  {}", kept.why));
    }
    for (tags, why) in [(others, "not marked"), (by_hand, "kept by you")] {
        if !tags.is_empty() {
            words.push_str(&format!(" + {} ({why})", list(&tags)));
        }
    }
    words
}

fn list(tags: &[&TagName]) -> String {
    tags.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The row under the cursor, with everything that is known of it.
pub(super) fn detail(dialog: &PlanDialog, ready: &Ready, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines: Vec<String> = Vec::new();
    match ready.row() {
        Some(Row::Item(at)) => {
            let Some(item) = ready.plan.items.get(*at) else { return Vec::new() };
            lines.extend(item.digest.as_ref().map(|digest| format!("{}: {digest}", method(item))));
            lines.push(what(item, dialog, ready));
            let others: Vec<&TagName> = item.siblings().collect();
            if !others.is_empty() {
                lines.push(format!("also on this {}: {}", ready.snapshot.kind.words().id, list(&others)));
            }
            for (digests, words) in
                [(&item.children, "entries"), (&item.referrers, "referrers"), (&item.indexes, "indexes that list it")]
            {
                if !digests.is_empty() {
                    let all = digests.iter().map(Digest::short).collect::<Vec<_>>().join(" ");
                    lines.push(format!("{words}: {all}"));
                }
            }
            lines.extend(item.warnings.iter().map(ToString::to_string));
        }
        Some(Row::Kept(at)) => {
            let Some(kept) = ready.plan.kept.get(*at) else { return Vec::new() };
            lines.extend(kept.digest.as_ref().map(|digest| format!("{}: {digest}", kept.tag)));
            match kept.by {
                Keeper::Hand => lines.push(BY_YOU.to_owned()),
                _ => lines.push(kept.why.to_string()),
            }
            if !kept.others.is_empty() {
                lines.push(format!("stays on it: {}", list(&kept.others.iter().collect::<Vec<_>>())));
            }
        }
        Some(Row::Spared(digest)) => lines.push(format!("{digest}: {BY_YOU}")),
        None => {}
    }
    lines
        .iter()
        .flat_map(|text| widget::wrap(text, width))
        .map(|text| styled(format!("   {text}"), theme.dim))
        .collect()
}
