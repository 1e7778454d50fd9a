//! What a plan comes to, and what can be chosen.

use std::collections::HashSet;

use ratatui::text::{Line, Span};

use crate::app::history::Keeps;
use crate::app::modal::plan::{Choice, PlanDialog, Ready};
use crate::domain::capability::Support;
use crate::domain::cleanup::{Bytes, Item, Keeper, Method, Role};
use crate::domain::text::{self, Align, count, fit};
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

/// A line, and how early it goes where there is no room for it.
pub(super) type Fact = (u8, Line<'static>);

/// As many as there is room for; those with the highest numbers go first.
pub(super) fn keep(mut facts: Vec<Fact>, room: usize) -> Vec<Line<'static>> {
    while facts.len() > room {
        let Some(at) = (0..facts.len()).max_by_key(|at| facts[*at].0) else { break };
        facts.remove(at);
    }
    facts.into_iter().map(|(_, line)| line).collect()
}

pub(super) fn facts(dialog: &PlanDialog, ready: &Ready, keeps: Keeps, width: usize, theme: &Theme) -> Vec<Fact> {
    let plan = &ready.plan;
    let mut facts: Vec<Fact> = Vec::new();
    let inner = width.saturating_sub(2);
    let mut warn = |text: String| {
        facts.extend(widget::wrap(&text, inner).into_iter().map(|text| (0, styled(format!(" {text}"), theme.warn))));
    };
    plan.refused.iter().for_each(|why| warn(format!("Nothing can be deleted here: {why}")));
    let whole = dialog.choices.needs_manifests(&dialog.marks, &ready.snapshot.deletes);
    let so = if whole { "Nothing is deleted by its digest" } else { "What shares these digests is not certain" };
    plan.unsure.iter().for_each(|why| warn(format!("{so}: {why}")));
    let lifted = plan.items.iter().filter(|item| item.protected).count();
    if lifted > 0 {
        warn(format!("{} of what goes is protected; you lifted that.", count(lifted)));
    }
    let line = |label: &str, words: String, choice: Option<u32>| {
        let choice = choice.and_then(|n| Some(boxed(dialog, n, dialog.choice(n)?, width)));
        let right = choice.unwrap_or_default();
        let room = width.saturating_sub(text::width(&right) + 13);
        let style = if right.is_empty() { theme.text } else { theme.key };
        Line::from(vec![
            Span::styled(format!(" {} ", fit(label, 10, Align::Left)), theme.dim),
            Span::styled(fit(&words, room, Align::Left), theme.text),
            Span::styled(right, style),
        ])
    };
    let intro = format!("You marked {}. {}", tags(dialog.marks.tags.len()), way(ready));
    facts.push((9, styled(format!(" {intro}"), theme.dim)));
    facts.push((1, line("Delete", goes(&plan.items, plan.count()), None)));

    let (held, others) = ready.kept(Keeper::Held);
    let shared = match held {
        0 => sharing(ready, dialog),
        n if others == 0 => format!("{} held back", tags(n)),
        n => format!("{} held: {} NOT marked", tags(n), other_tags(others)),
    };
    facts.push((if held > 0 { 1 } else { 4 }, line("Shared", shared, Some(1))));
    let children = plan.items.iter().filter(|item| item.role == Role::Child).count();
    let words = match (children, plan.left.children.len()) {
        _ if !ready.snapshot.deep => "none is left over: no manifest goes".to_owned(),
        (0, 0) => "no entries of indexes are left over".to_owned(),
        (0, n) => format!("{} of deleted indexes stay behind", entries(n)),
        (n, 0) => format!("{} of deleted indexes go along", entries(n)),
        (n, m) => format!("{} of deleted indexes go along, {} stay", entries(n), count(m)),
    };
    facts.push((2, line("Children", words, Some(2))));
    let referrers = plan.items.iter().filter(|item| item.role == Role::Referrer).count();
    let words = match (referrers, plan.left.referrers.len()) {
        _ if !ready.snapshot.deep => "none is left over: no manifest goes".to_owned(),
        (0, 0) => "nothing refers to what goes, as far as known".to_owned(),
        (0, n) => format!("{} signatures, SBOMs and the like stay behind", count(n)),
        (n, 0) => format!("{} signatures, SBOMs and the like go along", count(n)),
        (n, m) => format!("{} signatures, SBOMs and the like go along, {} stay", count(n), count(m)),
    };
    facts.push((2, line("Referrers", words, Some(3))));
    let fourth = match dialog.choice(4) {
        Some(Choice::Manifests) => match plan.left.untagged.len() {
            0 => "no manifest loses its last tag and stays".to_owned(),
            1 => "1 manifest loses its last tag, but stays".to_owned(),
            n => format!("{} manifests lose their last tag, but stay", count(n)),
        },
        _ => match plan.items.iter().filter(|item| item.method == Method::Placeholder).count() {
            0 => "tags on shared digests can go by placeholder".to_owned(),
            1 => "1 tag goes by placeholder; its digest stays".to_owned(),
            n => format!("{} go by placeholder; their digests stay", tags(n)),
        },
    };
    facts.push((2, line("Manifests", fourth, Some(4))));
    let reasons = |by: Keeper| {
        let mut whys: Vec<String> =
            plan.kept.iter().filter(|kept| kept.by == by).map(|kept| kept.why.to_string()).collect();
        whys.sort();
        whys.dedup();
        whys.join("; ")
    };
    for (label, by, rank) in
        [("Protected", Keeper::Protection, 3), ("Skipped", Keeper::Skipped, 3), ("Kept", Keeper::Rule, 8)]
    {
        let (n, _) = ready.kept(by);
        if n > 0 {
            facts.push((rank, line(label, format!("{}: {}", tags(n), reasons(by)), None)));
        }
    }
    let words = match ready.unread {
        0 => space(plan.reclaimable),
        n => format!("not computed: 2, 3 and 4 read {} for it first", manifests(n)),
    };
    facts.push((5, line("Space", words, None)));
    // Before it is too late to think of it.
    let (rank, undo) = match keeps {
        Keeps::Yes => (7, "manifests are kept; it works until garbage is collected"),
        Keeps::Off => (1, "the history is switched off in the config: this cannot be undone"),
        Keeps::Nowhere => (1, "there is no directory to record it in, so nothing is deleted"),
    };
    facts.push((rank, line("Undo", undo.to_owned(), None)));
    facts
}

fn boxed(dialog: &PlanDialog, number: u32, choice: Choice, width: usize) -> String {
    let sign = if dialog.chosen(choice) { "[x]" } else { "[ ]" };
    if width < 70 {
        return format!(" {number} {sign}");
    }
    let wide = width >= 100;
    let words = match (choice, wide) {
        (Choice::Siblings, true) => "delete those too",
        (Choice::Siblings, false) => "include",
        (Choice::Children, true) => "delete those too",
        (Choice::Children, false) => "children",
        (Choice::Referrers, true) => "delete those too",
        (Choice::Referrers, false) => "referrers",
        (Choice::Manifests, true) => "delete those too",
        (Choice::Manifests, false) => "manifests",
        (Choice::Placeholder, true) => "use a placeholder",
        (Choice::Placeholder, false) => "placeholder",
    };
    format!(" {number} {sign} {}", fit(words, if wide { 17 } else { 11 }, Align::Left))
}

fn way(ready: &Ready) -> &'static str {
    let deletes = &ready.snapshot.deletes;
    if deletes.vendor || deletes.tag == Support::Yes {
        "This registry can take a tag away alone."
    } else if deletes.can_untag() {
        "Here a tag goes alone, or not at all."
    } else {
        "This registry deletes by digest, with every tag on it."
    }
}

fn goes(items: &[Item], tags_gone: usize) -> String {
    let by_digest = items.iter().filter(|item| item.deletes().is_some()).count();
    match (items.len(), by_digest) {
        (0, _) => "nothing".to_owned(),
        (_, 0) => format!("{}; no manifest is deleted", tags(tags_gone)),
        (_, n) => format!("{}, with {}", tags(tags_gone), manifests(n)),
    }
}

/// Tags that share a digest with what goes.
fn sharing(ready: &Ready, dialog: &PlanDialog) -> String {
    let lost: HashSet<_> = ready.plan.lost_tags().collect();
    let stay: HashSet<_> = ready.plan.items.iter().flat_map(|item| ready.plan.survivors(item, &lost)).collect();
    let unmarked = lost.iter().filter(|tag| dialog.marks.tags.binary_search(tag).is_err()).count();
    match (unmarked, stay.len()) {
        (0, 0) => "no other tags are on these digests".to_owned(),
        (0, n) => format!("{} on these digests stay", other_tags(n)),
        (n, 0) => format!("{} you did NOT mark go along", tags(n)),
        (n, m) => format!("{} you did NOT mark go along, {} stay", tags(n), count(m)),
    }
}

fn space(bytes: Bytes) -> String {
    let least = text::size(bytes.at_least);
    match (bytes.exact, bytes.at_most) {
        (true, _) if bytes.at_least == 0 => "nothing is freed".to_owned(),
        (true, _) => format!("{least} after garbage collection, unless held elsewhere too"),
        (false, Some(most)) => format!("{least} to {} after garbage collection", text::size(most)),
        (false, None) => format!("at least {least} after garbage collection"),
    }
}

pub(super) fn tags(n: usize) -> String {
    if n == 1 { "1 tag".to_owned() } else { format!("{} tags", count(n)) }
}

fn other_tags(n: usize) -> String {
    if n == 1 { "1 other tag".to_owned() } else { format!("{} other tags", count(n)) }
}

fn manifests(n: usize) -> String {
    if n == 1 { "1 manifest".to_owned() } else { format!("{} manifests", count(n)) }
}

fn entries(n: usize) -> String {
    if n == 1 { "1 entry".to_owned() } else { format!("{} entries", count(n)) }
}
