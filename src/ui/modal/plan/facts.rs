//! What a plan comes to, and what can be chosen.

use std::collections::HashSet;

use ratatui::text::{Line, Span};

use crate::app::history::Keeps;
use crate::app::modal::plan::{Choice, PlanDialog, Ready, Row};
use crate::domain::capability::Support;
use crate::domain::cleanup::{Bytes, Keeper, Method, Role};
use crate::domain::text::{self, Align, count, fit};
use crate::domain::words::Words;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, styled};

/// A line, and how early it goes where there is no room for it.
pub(in crate::ui::modal) type Fact = (u8, Line<'static>);

/// As many as there is room for; those with the highest numbers go first.
pub(in crate::ui::modal) fn keep(mut facts: Vec<Fact>, room: usize) -> Vec<Line<'static>> {
    while facts.len() > room {
        let Some(at) = (0..facts.len()).max_by_key(|at| facts[*at].0) else { break };
        facts.remove(at);
    }
    facts.into_iter().map(|(_, line)| line).collect()
}

pub(super) fn facts(
    dialog: &PlanDialog,
    ready: &Ready,
    keeps: Option<Keeps>,
    width: usize,
    theme: &Theme,
) -> Vec<Fact> {
    let plan = &ready.plan;
    let mut facts: Vec<Fact> = Vec::new();
    let inner = width.saturating_sub(2);
    let words = ready.snapshot.kind.words();
    let mut warn = |text: String| {
        facts.extend(widget::wrap(&text, inner).into_iter().map(|text| (0, styled(format!(" {text}"), theme.warn))));
    };
    // Before it is too late to think of it.
    words.never().into_iter().filter(|_| !plan.items.is_empty()).for_each(&mut warn);
    plan.refused.iter().for_each(|why| warn(format!("Nothing can be deleted here: {why}")));
    let whole = dialog.choices.needs_manifests(&dialog.marks, &ready.snapshot.deletes);
    let so = match (whole, words.nests) {
        (true, true) => "Nothing is deleted by its digest".to_owned(),
        (true, false) => format!("None of the {} is deleted", words.things),
        (false, _) => format!("What shares these {} is not certain", words.ids),
    };
    plan.unsure.iter().for_each(|why| warn(format!("{so}: {why}")));
    let lifted = plan.items.iter().filter(|item| item.protected).count();
    if lifted > 0 {
        warn(format!("{} of what goes is protected; you lifted that.", count(lifted)));
    }
    // The first words there is room for.
    let line = |label: &str, said: &[String], choice: Option<u32>| {
        let choice = choice.and_then(|n| Some(boxed(dialog, n, dialog.choice(n)?, words.nests, width)));
        let right = choice.unwrap_or_default();
        let room = width.saturating_sub(text::width(&right) + 13);
        let words = said.iter().find(|words| text::width(words) <= room).or(said.last()).map_or("", String::as_str);
        let style = if right.is_empty() { theme.text } else { theme.key };
        Line::from(vec![
            Span::styled(format!(" {} ", fit(label, 10, Align::Left)), theme.dim),
            Span::styled(fit(words, room, Align::Left), theme.text),
            Span::styled(right, style),
        ])
    };
    let intro = format!("You marked {}. {}", tags(dialog.marks.tags.len()), way(ready));
    let intro = if text::width(&intro) < width { intro } else { way(ready).to_owned() };
    facts.push((9, styled(format!(" {intro}"), theme.dim)));
    facts.push((1, line("Delete", &goes(words, ready), None)));

    let (held, others) = ready.kept(Keeper::Held);
    let shared = match held {
        0 => sharing(ready, dialog),
        n if others == 0 => vec![format!("{} held back", tags(n))],
        n => vec![
            format!("{} held: {} NOT marked", tags(n), other_tags(others)),
            format!("{} held: {} others NOT marked", count(n), count(others)),
        ],
    };
    facts.push((if held > 0 { 1 } else { 4 }, line("Shared", &shared, Some(1))));
    if words.nests {
        facts.push((2, line("Children", &children(ready), Some(2))));
        facts.push((2, line("Referrers", &referrers(ready), Some(3))));
    }
    if dialog.choice(4).is_some() {
        let label = if words.nests { "Manifests" } else { "Images" };
        facts.push((2, line(label, &fourth(ready, dialog, words), Some(4))));
    }
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
            facts.push((rank, line(label, &[format!("{}: {}", tags(n), reasons(by))], None)));
        }
    }
    let spared = ready.rows.iter().filter(|row| matches!(row, Row::Spared(_))).count();
    let by_hand = match (ready.kept(Keeper::Hand).0, spared) {
        (0, 0) => None,
        (n, 0) => Some(tags(n)),
        (0, m) => Some(words.count(m)),
        (n, m) => Some(format!("{} and {}", tags(n), words.count(m))),
    };
    let by_hand = by_hand.map(|what| [format!("{what} kept by you; K puts a row back"), format!("{what} kept by you")]);
    facts.extend(by_hand.map(|said| (3, line("By you", &said, None))));
    let said = match ready.unread {
        0 if !words.collects => vec![format!("{} does not tell what that frees", words.system), "not told".to_owned()],
        0 => space(plan.reclaimable),
        n => vec![
            format!("not computed: 2, 3 and 4 read {} for it first", words.count(n)),
            "not computed; 2, 3 and 4 read it first".to_owned(),
        ],
    };
    facts.push((5, line("Space", &said, None)));
    let (rank, undo) = match keeps {
        None => (3, [words.instead, "none: set the tag, or push the image again"]),
        Some(Keeps::Yes) if !words.collects => (7, [words.undo, "u sets the tags again"]),
        Some(Keeps::Yes) => (7, [words.undo, "it works until garbage is collected"]),
        Some(Keeps::Off) => (
            1,
            [
                "the history is switched off in the config: this cannot be undone",
                "the history is off: cannot be undone",
            ],
        ),
        Some(Keeps::Nowhere) => (
            1,
            [
                "there is no directory to record it in, so nothing is deleted",
                "nothing is deleted: no place to record it",
            ],
        ),
    };
    facts.push((rank, line("Undo", &undo.map(str::to_owned), None)));
    facts
}

fn boxed(dialog: &PlanDialog, number: u32, choice: Choice, nests: bool, width: usize) -> String {
    let sign = if dialog.chosen(choice) { "[x]" } else { "[ ]" };
    let (words, room) = match (choice, width) {
        (_, ..56) => return format!(" {number} {sign}"),
        (Choice::Placeholder, ..70) => ("use", 3),
        (_, ..70) => ("too", 3),
        (Choice::Placeholder, 100..) => ("use a placeholder", 17),
        (_, 100..) => ("delete those too", 17),
        (Choice::Siblings, _) => ("include", 11),
        (Choice::Children, _) => ("children", 11),
        (Choice::Referrers, _) => ("referrers", 11),
        (Choice::Manifests, _) if !nests => ("images", 11),
        (Choice::Manifests, _) => ("manifests", 11),
        (Choice::Placeholder, _) => ("placeholder", 11),
    };
    format!(" {number} {sign} {}", fit(words, room, Align::Left))
}

fn children(ready: &Ready) -> Vec<String> {
    let go = ready.plan.items.iter().filter(|item| item.role == Role::Child).count();
    let said = match (go, ready.plan.left.children.len()) {
        _ if !ready.snapshot.deep => ["none is left over: no manifest goes".to_owned(), String::new()],
        (0, 0) => ["no entries of indexes are left over".to_owned(), String::new()],
        (0, n) => [format!("{} of deleted indexes stay behind", entries(n)), format!("{} stay behind", entries(n))],
        (n, 0) => [format!("{} of deleted indexes go along", entries(n)), format!("{} go along", entries(n))],
        (n, m) => [
            format!("{} of deleted indexes go along, {} stay", entries(n), count(m)),
            format!("{} go along, {} stay", entries(n), count(m)),
        ],
    };
    spoken(said)
}

fn referrers(ready: &Ready) -> Vec<String> {
    let go = ready.plan.items.iter().filter(|item| item.role == Role::Referrer).count();
    let said = match (go, ready.plan.left.referrers.len()) {
        _ if !ready.snapshot.deep => ["none is left over: no manifest goes".to_owned(), String::new()],
        (0, 0) => ["nothing refers to what goes, as far as known".to_owned(), "none, as far as known".to_owned()],
        (0, n) => [
            format!("{} signatures, SBOMs and the like stay behind", count(n)),
            format!("{} signatures, SBOMs stay", count(n)),
        ],
        (n, 0) => [
            format!("{} signatures, SBOMs and the like go along", count(n)),
            format!("{} signatures, SBOMs go along", count(n)),
        ],
        (n, m) => [
            format!("{} signatures, SBOMs go along, {} stay", count(n), count(m)),
            format!("{} go along, {} stay", count(n), count(m)),
        ],
    };
    spoken(said)
}

fn fourth(ready: &Ready, dialog: &PlanDialog, words: &Words) -> Vec<String> {
    let said = match dialog.choice(4) {
        Some(Choice::Manifests) if !words.nests => match ready.plan.left.untagged.len() {
            0 => ["no image loses its last tag and stays", "none loses its last tag and stays"].map(str::to_owned),
            n => {
                let lose = if n == 1 { "loses its last tag, but stays" } else { "lose their last tag, but stay" };
                [format!("{} {lose}", words.count(n)), format!("{} {lose}", count(n))]
            }
        },
        Some(Choice::Manifests) => match ready.plan.left.untagged.len() {
            0 => ["no manifest loses its last tag and stays", "none loses its last tag and stays"].map(str::to_owned),
            1 => ["1 manifest loses its last tag, but stays", "1 loses its last tag, but stays"].map(str::to_owned),
            n => [
                format!("{} manifests lose their last tag, but stay", count(n)),
                format!("{} lose their last tag, stay", count(n)),
            ],
        },
        _ => match ready.plan.items.iter().filter(|item| item.method == Method::Placeholder).count() {
            0 => {
                ["tags on shared digests can go by placeholder", "shared ones can go by placeholder"].map(str::to_owned)
            }
            1 => ["1 tag goes by placeholder; its digest stays", "1 tag goes by placeholder"].map(str::to_owned),
            n => {
                [format!("{} go by placeholder; their digests stay", tags(n)), format!("{} go by placeholder", tags(n))]
            }
        },
    };
    spoken(said)
}

fn spoken(said: [String; 2]) -> Vec<String> {
    said.into_iter().filter(|words| !words.is_empty()).collect()
}

fn way(ready: &Ready) -> &'static str {
    let (deletes, words) = (&ready.snapshot.deletes, ready.snapshot.kind.words());
    if !words.nests {
        let choice = deletes.can_delete_manifests();
        return if choice {
            "A tag goes alone here; its image stays, unless you choose otherwise."
        } else {
            "A tag goes alone here; its image stays."
        };
    }
    if deletes.vendor || deletes.tag == Support::Yes {
        "This registry can take a tag away alone."
    } else if deletes.can_untag() {
        "Here a tag goes alone, or not at all."
    } else {
        "This registry deletes by digest, with every tag on it."
    }
}

/// What the number of tags means: with them, or under them.
fn goes(words: &Words, ready: &Ready) -> Vec<String> {
    let plan = &ready.plan;
    let gone = tags(plan.lost_tags().count());
    let things = plan.lost_manifests().count();
    match (plan.items.len(), things, words.nests) {
        (0, ..) => vec!["nothing".to_owned()],
        (_, 0, _) => vec![format!("{gone}; {}", words.stays)],
        (_, n, true) => vec![format!("{}, with {}", tags(plan.count()), words.count(n))],
        (_, n, false) => {
            let with = plan.items.iter().filter(|item| item.deletes().is_some()).map(|item| item.takes().len()).sum();
            let alone = plan.lost_tags().count() - with;
            let own =
                if n == 1 { format!("the {} and its", words.thing) } else { format!("{} and their", words.count(n)) };
            let first = match with {
                0 => words.count(n),
                with => format!("{own} {}", tags(with)),
            };
            vec![if alone == 0 { first } else { format!("{first}, and {} alone", tags(alone)) }]
        }
    }
}

/// Tags that share a digest with what goes.
fn sharing(ready: &Ready, dialog: &PlanDialog) -> Vec<String> {
    let ids = ready.snapshot.kind.words().ids;
    let lost: HashSet<_> = ready.plan.lost_tags().collect();
    let stay: HashSet<_> = ready.plan.items.iter().flat_map(|item| ready.plan.survivors(item, &lost)).collect();
    let unmarked = lost.iter().filter(|tag| dialog.marks.tags.binary_search(tag).is_err()).count();
    match (unmarked, stay.len()) {
        (0, 0) => vec![format!("no other tags are on these {ids}")],
        (0, n) => vec![format!("{} on these {ids} stay", other_tags(n)), format!("{} stay", other_tags(n))],
        (n, 0) => {
            vec![format!("{} you did NOT mark go along", tags(n)), format!("{} NOT marked go along", count(n))]
        }
        (n, m) => vec![
            format!("{} you did NOT mark go along, {} stay", tags(n), count(m)),
            format!("{} NOT marked go too, {} stay", count(n), count(m)),
        ],
    }
}

fn space(bytes: Bytes) -> Vec<String> {
    let least = text::size(bytes.at_least);
    let brief = match (bytes.exact, bytes.at_most) {
        (true, _) if bytes.at_least == 0 => return vec!["nothing is freed".to_owned()],
        (true, _) => format!("{least} after garbage collection"),
        (false, Some(most)) => format!("{least} to {} after garbage collection", text::size(most)),
        (false, None) => format!("at least {least} after garbage collection"),
    };
    if bytes.exact { vec![format!("{brief}, unless held elsewhere too"), brief] } else { vec![brief] }
}

pub(super) fn tags(n: usize) -> String {
    if n == 1 { "1 tag".to_owned() } else { format!("{} tags", count(n)) }
}

fn other_tags(n: usize) -> String {
    if n == 1 { "1 other tag".to_owned() } else { format!("{} other tags", count(n)) }
}

fn entries(n: usize) -> String {
    if n == 1 { "1 entry".to_owned() } else { format!("{} entries", count(n)) }
}
