//! What `y` sends to the terminal's clipboard.

use crate::app::cache::{Remote, RepoRow, TagRow};
use crate::app::effect::Effect;
use crate::app::modal::copy::What;
use crate::app::pane::{self, Place};
use crate::app::state::{State, Tone};
use crate::domain::clean::{self, Clean};
use crate::domain::page::Listed;
use crate::domain::reference::{Reference, TagName};

/// Sends text to the terminal's clipboard: of the marks, or of the row.
pub fn copy(state: &mut State, what: What, effects: &mut Vec<Effect>) {
    let lines = copied(state, what);
    if lines.is_empty() {
        state.tell(Clean::fixed("Nothing to copy: the digest is not known yet."), Tone::Info);
        return;
    }
    let text = if what == What::Json { format!("[{}]", lines.join(",\n ")) } else { lines.join("\n") };
    let shown = match lines.len() {
        1 => format!("Sent to the terminal's clipboard: {}", lines[0]),
        n => format!("Sent to the terminal's clipboard: {n} lines, {} bytes", text.len()),
    };
    effects.push(Effect::Copy(text));
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

fn copied(state: &State, what: What) -> Vec<String> {
    let pane = state.pane();
    let row = pane.list.selected();
    match &pane.place {
        Place::Registries => row
            .map(|n| &state.registries[n as usize].profile)
            .map(|p| if what == What::Name { p.name.clone() } else { p.host().to_owned() })
            .into_iter()
            .collect(),
        Place::Repositories(id) => {
            let host = state.registry(*id).profile.host();
            let row = row.and_then(|n| state.cache.catalogs.get(id)?.rows.get(n as usize));
            match row {
                Some(RepoRow { name: Listed::Valid(repo), .. }) if what == What::Name => vec![repo.to_string()],
                Some(RepoRow { name: Listed::Valid(repo), .. }) => vec![format!("{host}/{repo}")],
                _ => Vec::new(),
            }
        }
        Place::Tags(id, repo) => {
            let Some(list) = state.tags(*id, repo) else { return Vec::new() };
            let base = format!("{}/{repo}", state.registry(*id).profile.host());
            let names: Vec<&TagName> = if pane.marks.is_empty() {
                let row = row.and_then(|n| list.rows.get(n as usize));
                row.and_then(pane::tags::name).into_iter().collect()
            } else {
                pane.marks.iter().collect()
            };
            names.into_iter().filter_map(|name| one(&base, name, list.row(name), what)).collect()
        }
        Place::Image(id, repo, reference) => {
            let base = format!("{}/{repo}", state.registry(*id).profile.host());
            let digest = match pane::image::image(state, pane) {
                Some(Remote::Here(image)) => Some(image.manifest.digest.to_string()),
                _ => None,
            };
            let full = match reference {
                Reference::Tag(tag) => format!("{base}:{tag}"),
                Reference::Digest(digest) => format!("{base}@{digest}"),
            };
            let text = match what {
                What::Reference => Some(full),
                What::PullCommand => Some(format!("docker pull {full}")),
                What::Name => Some(reference.to_string()),
                What::DigestReference => digest.map(|d| format!("{base}@{d}")),
                What::Json => digest.map(|d| format!("{{\"reference\":\"{full}\",\"digest\":\"{d}\"}}")),
            };
            text.into_iter().collect()
        }
    }
}

fn one(base: &str, name: &TagName, row: Option<&TagRow>, what: What) -> Option<String> {
    let info = row.and_then(|r| r.state.info());
    Some(match what {
        What::Reference => format!("{base}:{name}"),
        What::PullCommand => format!("docker pull {base}:{name}"),
        What::Name => name.to_string(),
        What::DigestReference => format!("{base}@{}", info?.digest),
        What::Json => match info {
            Some(info) => format!("{{\"reference\":\"{base}:{name}\",\"digest\":\"{}\"}}", info.digest),
            None => format!("{{\"reference\":\"{base}:{name}\",\"digest\":null}}"),
        },
    })
}
