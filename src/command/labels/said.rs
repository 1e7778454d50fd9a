//! Changes of labels, notes and favourites in words and in JSON.

use serde_json::{Value, json as value};

use crate::domain::label::{Change, Chosen, Favourite, Kept, Label};

pub(super) fn chosen(label: &Chosen) -> Option<&str> {
    match label {
        Chosen::ByRule => None,
        Chosen::None => Some("none"),
        Chosen::Is(name) => Some(name),
    }
}

/// `kept` is how it was before.
pub(super) fn line(kept: &Kept, change: &Change) -> String {
    let quoted = |text: Option<&str>| text.map_or_else(|| "nothing".to_owned(), |text| format!("“{text}”"));
    match change {
        Change::Label { origin, repo, tag, to } => {
            let before = kept.entry(origin, repo, tag).label;
            let word = |label: &Chosen| chosen(label).unwrap_or("by rule").to_owned();
            format!("label of {origin}/{repo}:{tag}: {}, was {}", word(to), word(&before))
        }
        Change::Note { origin, repo, tag, to } => {
            let before = kept.entry(origin, repo, tag).note;
            format!("note of {origin}/{repo}:{tag}: {}, was {}", quoted(to.as_deref()), quoted(before.as_deref()))
        }
        Change::Rule { origin, filter, label } => {
            format!("rule of {origin}: {filter} gives {}", label.as_deref().unwrap_or("nothing"))
        }
        Change::Put(label) => {
            let known = kept.labels.iter().find(|one| one.name == label.name);
            let word = |label: &Label| format!("{} {}", label.letter, label.colour);
            let was = known.map_or_else(|| "new".to_owned(), |known| format!("was {}", word(known)));
            format!("label {}: {}, {was}", label.name, word(label))
        }
        Change::Rename { from, to } => format!("label {from}: now called {to}"),
        Change::Remove(name) => format!("label {name}: removed"),
    }
}

pub(super) fn favourite(one: &Favourite, on: bool) -> String {
    let repository = one.repository.as_ref().map(|repo| format!("/{repo}")).unwrap_or_default();
    let word = if on { "favourite" } else { "no favourite" };
    format!("{}{repository}: {word}", one.registry)
}

pub(super) fn json(change: &Change) -> Value {
    match change {
        Change::Label { origin, repo, tag, to } => value!({
            "what": "label", "registry": &**origin, "repository": repo.as_str(), "tag": tag.as_str(), "label": chosen(to),
        }),
        Change::Note { origin, repo, tag, to } => value!({
            "what": "note", "registry": &**origin, "repository": repo.as_str(), "tag": tag.as_str(),
            "note": to.as_deref(),
        }),
        Change::Rule { origin, filter, label } => {
            value!({ "what": "rule", "registry": &**origin, "match": &**filter, "label": label.as_deref() })
        }
        Change::Put(label) => value!({
            "what": "palette", "name": &*label.name, "letter": label.letter, "colour": label.colour.to_string(),
        }),
        Change::Rename { from, to } => value!({ "what": "palette", "name": &**to, "was": &**from }),
        Change::Remove(name) => value!({ "what": "palette", "name": &**name, "removed": true }),
    }
}

pub(super) fn favourite_json(one: &Favourite, on: bool) -> Value {
    let repository = one.repository.as_ref().map(|repo| repo.as_str());
    value!({ "what": "favourite", "registry": one.registry, "repository": repository, "on": on })
}
