//! The items, a row each.

use ratatui::style::Style;
use ratatui::text::Line;

use crate::app::history::{Details, Item, Standing, State as Recorded, Told};
use crate::app::modal::operation::{Look, OperationDialog, What};
use crate::domain::clean::Clean;
use crate::domain::outcome::Outcome;
use crate::domain::recorded::What as Change;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::text::{Align, fit};
use crate::domain::undo::{ManifestBack, Now, Prospect, Removal, TagBack};
use crate::domain::words::Words;
use crate::ui::theme::Theme;
use crate::ui::widget::styled;

const LOST: &str = "what it was on cannot come back";
const STATE: usize = 12;
const DIGEST: usize = 12;

/// What a row says.
struct Row {
    state: &'static str,
    style: Style,
    digest: Option<Digest>,
    name: String,
    result: String,
}

pub(super) fn heading(look: &Look, told: &Told, width: usize, theme: &Theme) -> Line<'static> {
    let result = match look {
        Look::Found(_) => "WHAT IS THERE NOW",
        _ => "RESULT",
    };
    let (digest, what) = if told.repos > 0 { ("", "REPOSITORY") } else { (told.kind.words().column, "TAG") };
    styled(columns(" ", "STATE", digest, what, result, width), theme.dim)
}

pub(super) fn row(
    dialog: &OperationDialog,
    details: &Details,
    at: usize,
    width: usize,
    theme: &Theme,
) -> Option<Line<'static>> {
    let words = details.told.kind.words();
    let row = match &dialog.look {
        Look::Found(found) => match &found.what {
            What::Undo(prospect) => back(prospect, found.overwrite, at, theme)?,
            What::Settle(standing) => now(standing.get(at)?, words, theme),
        },
        _ => recorded(details, details.items.get(at)?, words, theme),
    };
    let here = at == dialog.cursor;
    let bar = if here { theme.signs.cursor } else { " " };
    let style = if here { theme.cursor.patch(row.style) } else { row.style };
    let digest = row.digest.as_ref().map(Digest::short).unwrap_or_default();
    Some(styled(columns(bar, row.state, &digest, &row.name, &row.result, width), style))
}

/// The whole reason of the row under the cursor, which its cells may have cut.
pub(super) fn why(dialog: &OperationDialog) -> Option<Clean> {
    match &dialog.look {
        Look::Found(found) => match &found.what {
            What::Undo(prospect) => match prospect.manifests.get(dialog.cursor) {
                Some((_, ManifestBack::Lost(why))) => Some(why.clone()),
                Some(_) => None,
                None => match prospect.tags.get(dialog.cursor - prospect.manifests.len()) {
                    Some((.., TagBack::Unknown(why))) => Some(why.clone()),
                    Some((.., TagBack::New(removal))) => Some(removal.says(prospect.kind.words())),
                    Some((.., TagBack::Lost)) => Some(Clean::fixed(LOST)),
                    _ => None,
                },
            },
            What::Settle(standing) => match standing.get(dialog.cursor).map(|one| &one.now) {
                Some(Now::Unknown(why)) => Some(why.clone()),
                _ => None,
            },
        },
        _ => dialog.told()?.items.get(dialog.cursor)?.why.clone(),
    }
}

fn recorded(details: &Details, item: &Item, system: &Words, theme: &Theme) -> Row {
    let style = match item.state {
        Recorded::Ended(Outcome::Done | Outcome::Gone) => theme.text,
        Recorded::Ended(Outcome::Skipped) | Recorded::NotBegun => theme.dim,
        Recorded::Ended(Outcome::Changed) => theme.warn,
        Recorded::Ended(_) | Recorded::Sent => theme.bad,
    };
    let mut words: Vec<String> = Vec::new();
    words.extend(item.method.map(|method| system.way(method).to_owned()));
    words.extend(item.with.as_ref().map(|tag| format!("with {tag}")));
    words.extend(item.why.as_ref().map(ToString::to_string));
    if matches!(item.state, Recorded::Ended(Outcome::Done))
        && item.method.is_some()
        && !item.restorable
        && system.restores
    {
        words.push("not kept".to_owned());
    }
    let digest = item.digest.clone();
    let name = match (&item.tag, details.told.changed) {
        (None, Some(change)) if change != Change::Upload => "(repository)".to_owned(),
        (tag, _) => about(item.repo.as_ref(), tag.as_ref(), system),
    };
    Row { state: item.state.word(), style, digest, name, result: words.join(", ") }
}

fn back(prospect: &Prospect, overwrite: bool, at: usize, theme: &Theme) -> Option<Row> {
    let words = prospect.kind.words();
    let Some(tag) = at.checked_sub(prospect.manifests.len()) else {
        let (digest, back) = prospect.manifests.get(at)?;
        let (state, style, result) = match back {
            ManifestBack::There => ("there", theme.dim, String::new()),
            ManifestBack::Possible => ("comes back", theme.good, "all its content is still there".to_owned()),
            ManifestBack::Lost(why) => ("LOST", theme.bad, why.to_string()),
        };
        return Some(Row { state, style, digest: Some(digest.clone()), name: name(None, words), result });
    };
    let (tag, digest, back) = prospect.tags.get(tag)?;
    let (state, style, result) = match back {
        TagBack::There => ("there", theme.dim, String::new()),
        TagBack::Free => ("comes back", theme.good, String::new()),
        TagBack::Moved(now) => ("is moved", theme.warn, format!("back from {}", now.short())),
        TagBack::New(Removal::Refused) => {
            ("STAYS", theme.warn, "no tag alone is deleted here; its image stays, too".to_owned())
        }
        TagBack::New(_) => ("is removed", theme.warn, "it was not there before; its image stays".to_owned()),
        TagBack::InUse(now) if overwrite => ("is moved", theme.warn, format!("now on {}", now.short())),
        TagBack::InUse(now) => ("IN USE", theme.warn, format!("now on {}, and is left there", now.short())),
        TagBack::Unknown(why) => ("unknown", theme.bad, why.to_string()),
        TagBack::Lost => ("LOST", theme.bad, LOST.to_owned()),
    };
    Some(Row { state, style, digest: Some(digest.clone()), name: name(Some(tag), words), result })
}

fn now(one: &Standing, words: &Words, theme: &Theme) -> Row {
    let (state, style, result) = match &one.now {
        Now::Ended(outcome) => (outcome.word(), theme.dim, "as recorded".to_owned()),
        Now::NotBegun => ("not begun", theme.text, "its turn had not come".to_owned()),
        Now::Done => ("done", theme.text, "what was to be done is so".to_owned()),
        Now::NotDone => ("not done", theme.warn, "it is as it was".to_owned()),
        Now::Moved(now) => ("moved", theme.warn, format!("somebody moved it to {}", now.short())),
        Now::OnPlaceholder(_) => ("PLACEHOLDER", theme.bad, "is put back to what it was on".to_owned()),
        Now::Unknown(why) => ("unknown", theme.bad, why.to_string()),
    };
    let name = about(one.repo.as_ref(), one.tag.as_ref(), words);
    Row { state, style, digest: one.digest.clone(), name, result }
}

fn about(repo: Option<&RepoName>, tag: Option<&TagName>, words: &Words) -> String {
    repo.map_or_else(|| name(tag, words), ToString::to_string)
}

fn name(tag: Option<&TagName>, words: &Words) -> String {
    tag.map_or_else(|| format!("({})", words.thing), ToString::to_string)
}

fn columns(bar: &str, state: &str, digest: &str, name: &str, result: &str, width: usize) -> String {
    let rest = width.saturating_sub(STATE + DIGEST + 7);
    let names = rest * 2 / 5;
    format!(
        " {bar} {} {} {} {} ",
        fit(state, STATE, Align::Left),
        fit(digest, DIGEST, Align::Left),
        fit(name, names, Align::Left),
        fit(result, rest.saturating_sub(names + 1), Align::Left)
    )
}
