//! Which keys mean what, where: the built-in table, with the user's changes over it. Footer, help, palette and the
//! README's table are made from it.

use std::collections::{BTreeMap, HashMap};

use super::action::Action;
use super::key::Key;
use crate::domain::text;

/// The built-in table.
pub const DEFAULT: &str = include_str!("../../assets/keymap.toml");
/// The table that holds in every view.
pub const EVERYWHERE: &str = "everywhere";
pub const VIEWS: [&str; 7] = [EVERYWHERE, "registries", "repositories", "tags", "image", "jobs", "history"];

/// View → action → keys, as written.
pub type Tables = BTreeMap<String, BTreeMap<String, Vec<String>>>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub keys: Vec<Key>,
    pub action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolved {
    Action(Action),
    /// More keys are needed.
    Prefix,
    None,
}

/// What is wrong with a keymap, with everything the user needs to find it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    #[error("[keys.{view}]: there is no such view{near} Allowed: {}", VIEWS.join(" "))]
    View { view: String, near: String },
    #[error("[keys.{view}] {action}: there is no such action{near} `tagboat keys` lists them")]
    Action { view: String, action: String, near: String },
    #[error("[keys.{view}] {action}: {key:?} is not a key")]
    Key { view: String, action: String, key: String },
    #[error("[keys.{view}] {key}: means both “{first}” and “{second}”")]
    Conflict { view: String, key: String, first: &'static str, second: &'static str },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    /// Per view, the view's own keys first.
    views: HashMap<&'static str, Vec<Binding>>,
    /// Actions whose keys differ from the built-in table.
    pub changed: Vec<Action>,
}

impl Keymap {
    pub fn builtin() -> Self {
        Self::with(&Tables::new()).expect("the built-in keymap is checked by a test")
    }

    /// The built-in table with these changes.
    pub fn with(changes: &Tables) -> Result<Self, KeymapError> {
        let mut tables: Tables = toml::from_str(DEFAULT).expect("the built-in keymap is checked by a test");
        let mut changed = Vec::new();
        for (view, actions) in changes {
            let Some(table) = tables.get_mut(view) else {
                return Err(KeymapError::View { view: view.clone(), near: nearest(view, VIEWS) });
            };
            for (action, keys) in actions {
                changed.extend(Action::from_name(action));
                table.insert(action.clone(), keys.clone());
            }
        }
        let mut own: HashMap<&str, Vec<Binding>> = HashMap::new();
        for view in VIEWS {
            let bindings = tables.get(view).map_or(Ok(Vec::new()), |table| read(view, table))?;
            check(view, &bindings)?;
            own.insert(view, bindings);
        }
        let everywhere = own[EVERYWHERE].clone();
        let mut views = HashMap::new();
        for view in VIEWS {
            let mut all = own[view].clone();
            if view != EVERYWHERE {
                // A view's own key hides the general one.
                let hidden = |b: &Binding| own[view].iter().any(|mine| clash(&mine.keys, &b.keys));
                all.extend(everywhere.iter().filter(|b| !hidden(b)).cloned());
            }
            views.insert(view, all);
        }
        Ok(Self { views, changed })
    }

    pub fn resolve(&self, view: &str, keys: &[Key]) -> Resolved {
        let bindings = self.bindings(view);
        if let Some(found) = bindings.iter().find(|b| b.keys == keys) {
            return Resolved::Action(found.action);
        }
        if bindings.iter().any(|b| b.keys.starts_with(keys)) { Resolved::Prefix } else { Resolved::None }
    }

    /// Everything that holds in a view.
    pub fn bindings(&self, view: &str) -> &[Binding] {
        self.views.get(view).map_or(&[], Vec::as_slice)
    }

    /// The keys that do this in a view, as text.
    pub fn keys(&self, view: &str, action: Action) -> Vec<String> {
        self.bindings(view).iter().filter(|b| b.action == action).map(|b| spell(&b.keys)).collect()
    }

    /// What can follow the keys pressed so far.
    pub fn after<'a>(&'a self, view: &str, keys: &'a [Key]) -> impl Iterator<Item = (&'a Key, Action)> {
        self.bindings(view)
            .iter()
            .filter(move |b| b.keys.len() > keys.len() && b.keys.starts_with(keys))
            .map(move |b| (&b.keys[keys.len()], b.action))
    }
}

pub fn spell(keys: &[Key]) -> String {
    let single = keys.iter().all(|k| k.to_string().chars().count() == 1);
    let parts: Vec<_> = keys.iter().map(ToString::to_string).collect();
    parts.join(if single { "" } else { " " })
}

fn read(view: &str, table: &BTreeMap<String, Vec<String>>) -> Result<Vec<Binding>, KeymapError> {
    let mut bindings = Vec::new();
    for (name, keys) in table {
        let action = Action::from_name(name).ok_or_else(|| KeymapError::Action {
            view: view.to_owned(),
            action: name.clone(),
            near: nearest(name, Action::ALL.iter().map(|a| a.name())),
        })?;
        for text in keys {
            let bad = || KeymapError::Key { view: view.to_owned(), action: name.clone(), key: text.clone() };
            let keys: Vec<Key> = text.split(' ').map(str::parse).collect::<Result<_, _>>().map_err(|_| bad())?;
            bindings.push(Binding { keys, action });
        }
    }
    // The order of the action table is the order of footer and help.
    bindings.sort_by_key(|b| b.action);
    Ok(bindings)
}

/// The end of the sentence: a question when there is something to suggest.
fn nearest(name: &str, known: impl IntoIterator<Item = &'static str>) -> String {
    text::nearest(name, known).map_or(".".to_owned(), |near| format!("; did you mean “{near}”?"))
}

/// Whether one sequence is the other or its beginning: then one of them could never be reached.
fn clash(a: &[Key], b: &[Key]) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

fn check(view: &str, bindings: &[Binding]) -> Result<(), KeymapError> {
    for (n, first) in bindings.iter().enumerate() {
        if let Some(second) = bindings[n + 1..].iter().find(|b| clash(&b.keys, &first.keys)) {
            return Err(KeymapError::Conflict {
                view: view.to_owned(),
                key: spell(&second.keys),
                first: first.action.name(),
                second: second.action.name(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Key> {
        text.split(' ').map(|k| k.parse().unwrap()).collect()
    }

    fn change(view: &str, action: &str, keys: &[&str]) -> Tables {
        let actions = BTreeMap::from([(action.to_owned(), keys.iter().map(ToString::to_string).collect())]);
        BTreeMap::from([(view.to_owned(), actions)])
    }

    #[test]
    fn the_built_in_table_is_sound() {
        let map = Keymap::builtin();
        assert_eq!(map.resolve("tags", &keys("g")), Resolved::Prefix);
        assert_eq!(map.resolve("tags", &keys("g r")), Resolved::Action(Action::GoRegistries));
        assert_eq!(map.resolve("tags", &keys("i")), Resolved::Action(Action::InvertMarks));
        assert_eq!(map.resolve("registries", &keys("i")), Resolved::Action(Action::Import));
        assert_eq!(map.resolve("image", &keys("g 1")), Resolved::None);
    }

    #[test]
    fn every_action_has_a_key_or_is_in_the_palette_on_purpose() {
        let map = Keymap::builtin();
        let keyless = [Action::SignOut, Action::NextTheme, Action::ExportLabels, Action::ImportLabels];
        for action in Action::ALL {
            let bound = VIEWS.iter().any(|view| !map.keys(view, *action).is_empty());
            assert_ne!(bound, keyless.contains(action), "{}", action.name());
        }
    }

    #[test]
    fn names_are_unique() {
        for (n, action) in Action::ALL.iter().enumerate() {
            assert!(!Action::ALL[n + 1..].iter().any(|a| a.name() == action.name()), "{}", action.name());
        }
    }

    #[test]
    fn keys_left_by_a_split_escape_change_nothing() {
        // Esc, 30 ms, [ D arrives as three keys (measured); the tail must be harmless.
        let changing =
            [Action::Delete, Action::Mark, Action::MarkShown, Action::ForgetRegistry, Action::Import, Action::SignOut];
        let map = Keymap::builtin();
        for tail in ["A", "B", "C", "D", "F", "H", "O", "P", "Q", "R", "S", "Z", "~", "I", "[", "1", "5"] {
            for view in VIEWS {
                if let Resolved::Action(action) = map.resolve(view, &keys(tail)) {
                    assert!(!changing.contains(&action), "{tail} in {view}");
                }
            }
        }
    }

    #[test]
    fn users_can_change_and_remove_keys() {
        let map = Keymap::with(&change("tags", "mark", &["insert"])).unwrap();
        assert_eq!(map.resolve("tags", &keys("insert")), Resolved::Action(Action::Mark));
        assert_eq!(map.resolve("tags", &keys("space")), Resolved::None);
        assert_eq!(map.changed, [Action::Mark]);
        let map = Keymap::with(&change("everywhere", "zoom", &[])).unwrap();
        assert_eq!(map.resolve("tags", &keys("z")), Resolved::None);
    }

    #[test]
    fn mistakes_are_named() {
        let text = |changes| Keymap::with(&changes).unwrap_err().to_string();
        assert!(text(change("tag", "mark", &["x"])).contains("registries"));
        assert!(text(change("tags", "marc", &["x"])).contains("did you mean “mark”?"));
        assert!(text(change("tags", "mark", &["hyper-x"])).contains("hyper-x"));
        let conflict = text(change("tags", "mark", &["v"]));
        assert!(conflict.contains("mark") && conflict.contains("range"), "{conflict}");
        assert!(text(change("everywhere", "zoom", &["g"])).contains("zoom"));
    }
}
