//! What `y` sends to the terminal's clipboard.

use crate::app::cache::{Remote, RepoRow, TagRow};
use crate::app::effect::Effect;
use crate::app::modal::Modal;
use crate::app::modal::copy::{CopyMenu, Entry};
use crate::app::pane::{self, Place};
use crate::app::state::{State, Tone};
use crate::domain::clean::{self, Clean};
use crate::domain::page::Listed;
use crate::domain::reference::{Digest, Reference, TagName};
use crate::domain::text;

/// Bytes that a terminal's clipboard takes: many stop near 75 KB of base64 and then take nothing at all.
const MOST: usize = 55_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Reference,
    DigestReference,
    PullCommand,
    Name,
    Json,
}

/// Opens the menu, with what each entry would send.
pub fn open(state: &mut State) {
    let things = things(state);
    let kinds = [
        ('y', What::Reference, "reference"),
        ('d', What::DigestReference, "by digest"),
        ('p', What::PullCommand, "pull command"),
        ('t', What::Name, "name"),
        ('j', What::Json, "JSON"),
    ];
    let mut entries: Vec<Entry> =
        kinds.into_iter().filter_map(|(key, what, word)| entry(key, what, word, &things)).collect();
    // On an image the line under the cursor is what the eye is on.
    if let Some(row) = pane::image::current(state, state.pane()).filter(|row| !row.value.is_empty()) {
        entries.insert(0, Entry { key: 'v', word: "this value", text: row.value, lines: 1, missing: 0 });
    }
    if entries.is_empty() {
        state.tell(Clean::fixed("Nothing to copy here: this is no valid name."), Tone::Info);
        return;
    }
    state.modals.push(Modal::Copy(CopyMenu { cursor: 0, rows: things.len(), entries }));
}

/// Sends an entry of the menu.
pub fn copy(state: &mut State, entry: Entry, effects: &mut Vec<Effect>) {
    let bytes = entry.text.len();
    if bytes > MOST {
        let text = format!(
            "Not sent: {} lines are {} bytes, a terminal's clipboard takes about {}. o saves them as a file.",
            text::count(entry.lines),
            text::count(bytes),
            text::count(MOST)
        );
        state.tell(clean::line(&text), Tone::Bad);
        return;
    }
    // Nobody answers: the terminal may have no clipboard, or not let it be written.
    let mut shown = match entry.lines {
        1 => format!("Sent to the terminal's clipboard: {}", entry.text),
        n => format!("Sent to the terminal's clipboard: {n} lines, {} bytes", text::count(bytes)),
    };
    if entry.missing > 0 {
        shown.push_str(&format!("; {} left out, not read yet", entry.missing));
    }
    effects.push(Effect::Copy(entry.text));
    state.tell(clean::line(&shown), Tone::Good);
}

/// Everything that was said, a line each, the oldest first.
pub fn messages(state: &mut State, effects: &mut Vec<Effect>) {
    let line = |m: &crate::app::state::Message| format!("{} {}", m.at.strftime("%Y-%m-%dT%H:%M:%SZ"), m.text);
    let text = state.messages.iter().map(line).collect::<Vec<_>>().join("\n");
    let shown = format!("Sent to the terminal's clipboard: {} messages", state.messages.len());
    effects.push(Effect::Copy(text));
    state.tell(clean::line(&shown), Tone::Good);
}

/// Something with a name that can be pulled, or looked at.
struct Thing {
    reference: String,
    name: String,
    /// `host/repository`, for references by digest.
    base: Option<String>,
    digest: Option<Digest>,
}

fn entry(key: char, what: What, word: &'static str, things: &[Thing]) -> Option<Entry> {
    let of = |thing: &Thing| {
        // What a system without digests has in their place cannot be pulled by.
        let digest = thing.digest.as_ref().filter(|digest| digest.is_of_content());
        Some(match what {
            What::Reference => thing.reference.clone(),
            What::Name => thing.name.clone(),
            What::PullCommand => format!("docker pull {}", thing.base.as_ref().map(|_| &thing.reference)?),
            What::DigestReference => format!("{}@{}", thing.base.as_ref()?, digest?),
            What::Json => {
                let mut value = serde_json::json!({ "reference": thing.reference, "name": thing.name });
                if thing.base.is_some() {
                    value["digest"] = digest.map(ToString::to_string).into();
                    if let Some(id) = thing.digest.as_ref().and_then(Digest::as_image_id) {
                        value["image_id"] = id.into();
                    }
                }
                value.to_string()
            }
        })
    };
    let lines: Vec<String> = things.iter().filter_map(of).collect();
    if lines.is_empty() {
        return None;
    }
    let text = match (what, lines.len()) {
        (What::Json, 2..) => format!("[{}]", lines.join(",\n ")),
        _ => lines.join("\n"),
    };
    Some(Entry { key, word, text, lines: lines.len(), missing: things.len() - lines.len() })
}

/// The marks, or the row under the cursor.
fn things(state: &State) -> Vec<Thing> {
    let pane = state.pane();
    let row = pane.list.selected();
    match &pane.place {
        Place::Jobs | Place::History => Vec::new(),
        Place::Registries => {
            let profile = row.map(|n| &state.registries[n as usize].profile);
            let thing = profile.map(|p| Thing {
                reference: p.host().to_owned(),
                name: p.name.clone(),
                base: None,
                digest: None,
            });
            thing.into_iter().collect()
        }
        Place::Repositories(id) => match row.and_then(|n| state.cache.catalogs.get(id)?.rows.get(n as usize)) {
            Some(RepoRow { name: Listed::Valid(repo), .. }) => {
                let reference = pane::repositories::reference(state, *id, repo);
                vec![Thing { reference, name: repo.to_string(), base: None, digest: None }]
            }
            _ => Vec::new(),
        },
        Place::Tags(id, repo) => {
            let Some(list) = state.tags(*id, repo) else { return Vec::new() };
            let base = pane::repositories::reference(state, *id, repo);
            let names: Vec<&TagName> = if pane.marks.is_empty() {
                let row = row.and_then(|n| list.rows.get(n as usize));
                row.and_then(pane::tags::name).into_iter().collect()
            } else {
                pane.marks.iter().collect()
            };
            names.into_iter().map(|name| tag(&base, name, list.row(name))).collect()
        }
        Place::Image(id, repo, reference) => {
            let base = pane::repositories::reference(state, *id, repo);
            let digest = match pane::image::image(state, pane) {
                Some(Remote::Here(image)) => Some(image.manifest.digest.clone()),
                _ => None,
            };
            let full = match reference {
                Reference::Tag(tag) => format!("{base}:{tag}"),
                Reference::Digest(digest) => format!("{base}@{digest}"),
            };
            vec![Thing { reference: full, name: reference.to_string(), base: Some(base), digest }]
        }
    }
}

fn tag(base: &str, name: &TagName, row: Option<&TagRow>) -> Thing {
    let digest = row.and_then(|r| r.state.info()).map(|info| info.digest.clone());
    Thing { reference: format!("{base}:{name}"), name: name.to_string(), base: Some(base.to_owned()), digest }
}
