//! Which keys mean what: the built-in table, changed by the config.

use std::collections::BTreeMap;

use super::action::Action;
use super::key::Key;

const DEFAULT: &str = include_str!("../../assets/keymap.toml");

/// Table → action → keys, as in the config.
pub type Overrides = BTreeMap<String, BTreeMap<String, Vec<String>>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    Registries,
    Repositories,
    Tags,
    Image,
}

const EVERYWHERE: &str = "everywhere";

impl View {
    pub const ALL: [Self; 4] = [Self::Registries, Self::Repositories, Self::Tags, Self::Image];

    pub fn name(self) -> &'static str {
        match self {
            Self::Registries => "registries",
            Self::Repositories => "repositories",
            Self::Tags => "tags",
            Self::Image => "image",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub action: Action,
    pub keys: Vec<Key>,
    /// The config changed it.
    pub changed: bool,
}

impl Binding {
    /// `gg`, `y d`, `ctrl-d`.
    pub fn shown(&self) -> String {
        self.keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" ")
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    Action(Action),
    /// The next keys that lead somewhere, for the popup.
    Prefix(Vec<(Key, Action)>),
    None,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("[keys.{table}] {message}")]
pub struct KeymapError {
    pub table: String,
    /// The line of the config to look for: an action's name, where one is at fault.
    pub action: Option<String>,
    pub message: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    views: [Vec<Binding>; 4],
}

impl Default for Keymap {
    fn default() -> Self {
        Self::new(&Overrides::new()).unwrap_or(Self { views: Default::default() })
    }
}

impl Keymap {
    pub fn new(overrides: &Overrides) -> Result<Self, Vec<KeymapError>> {
        let builtin: Overrides = toml::from_str(DEFAULT).unwrap_or_default();
        let mut problems = Vec::new();
        for table in overrides.keys().filter(|table| !is_table(table)) {
            let tables = View::ALL.map(View::name).into_iter().chain([EVERYWHERE]);
            let message = format!("is not a table of keys{}", suggestion(table, tables));
            problems.push(KeymapError { table: table.clone(), action: None, message });
        }
        let mut views: [Vec<Binding>; 4] = Default::default();
        for (view, bindings) in View::ALL.into_iter().zip(&mut views) {
            let layers =
                [(&builtin, EVERYWHERE), (&builtin, view.name()), (overrides, EVERYWHERE), (overrides, view.name())];
            for (number, (source, table)) in layers.into_iter().enumerate() {
                let changed = number > 1;
                for (name, keys) in source.get(table).into_iter().flatten() {
                    apply(bindings, &mut problems, table, name, keys, changed);
                }
            }
            problems.extend(conflicts(view, bindings));
            bindings.sort_by_key(|binding| Action::ALL.iter().position(|action| *action == binding.action));
        }
        // A mistake in [everywhere] shows up once per view.
        let mut seen: Vec<KeymapError> = Vec::new();
        for problem in problems {
            if !seen.iter().any(|known| known.message == problem.message) {
                seen.push(problem);
            }
        }
        if seen.is_empty() { Ok(Self { views }) } else { Err(seen) }
    }

    pub fn resolve(&self, view: View, typed: &[Key]) -> Resolved {
        let mut next: Vec<(Key, Action)> = Vec::new();
        for binding in self.bindings(view) {
            match binding.keys.strip_prefix(typed) {
                Some([]) => return Resolved::Action(binding.action),
                Some([key, ..]) => next.push((*key, binding.action)),
                None => {}
            }
        }
        if next.is_empty() || typed.is_empty() { Resolved::None } else { Resolved::Prefix(next) }
    }

    /// Every binding that works in a view, in the order of `Action::ALL`.
    pub fn bindings(&self, view: View) -> &[Binding] {
        &self.views[view as usize]
    }

    /// The keys of one action, the first being the one to show in the footer.
    pub fn keys(&self, view: View, action: Action) -> Vec<String> {
        self.bindings(view).iter().filter(|binding| binding.action == action).map(Binding::shown).collect()
    }
}

fn is_table(name: &str) -> bool {
    name == EVERYWHERE || View::ALL.iter().any(|view| view.name() == name)
}

/// An action named in a table gets exactly the keys given there.
fn apply(
    bindings: &mut Vec<Binding>,
    problems: &mut Vec<KeymapError>,
    table: &str,
    name: &str,
    keys: &[String],
    changed: bool,
) {
    let mut problem = |message| {
        problems.push(KeymapError { table: table.to_owned(), action: Some(name.to_owned()), message });
    };
    let Some(action) = Action::from_name(name) else {
        let near = suggestion(name, Action::ALL.iter().map(|action| action.name()));
        return problem(format!("“{name}” is not an action{near}"));
    };
    bindings.retain(|binding| binding.action != action);
    for text in keys {
        match sequence(text) {
            Ok(keys) => bindings.push(Binding { action, keys, changed }),
            Err(error) => problem(format!("{name}: {error}")),
        }
    }
}

/// `G`, `ctrl-d`, `g r`; two characters without a blank (`gg`) are two keys.
fn sequence(text: &str) -> Result<Vec<Key>, super::key::ParseKeyError> {
    let mut chars = text.chars();
    if let (Some(a), Some(b), None) = (chars.next(), chars.next(), chars.next())
        && a.is_ascii_graphic()
        && b.is_ascii_graphic()
        && text.parse::<Key>().is_err()
    {
        return Ok(vec![Key::char(a), Key::char(b)]);
    }
    if text.trim().is_empty() {
        return text.parse().map(|key| vec![key]);
    }
    text.split_whitespace().map(str::parse).collect()
}

fn conflicts(view: View, bindings: &[Binding]) -> Vec<KeymapError> {
    let mut out = Vec::new();
    for (number, a) in bindings.iter().enumerate() {
        for b in &bindings[number + 1..] {
            let clash = a.keys.starts_with(&b.keys) || b.keys.starts_with(&a.keys);
            if clash && a.action != b.action {
                let message = format!(
                    "“{}” ({}) and “{}” ({}) cannot both work",
                    a.shown(),
                    a.action.name(),
                    b.shown(),
                    b.action.name()
                );
                out.push(KeymapError {
                    table: view.name().to_owned(),
                    action: Some(b.action.name().to_owned()),
                    message,
                });
            }
        }
    }
    out
}

fn suggestion(name: &str, known: impl Iterator<Item = &'static str>) -> String {
    let near = known.map(|word| (distance(name, word), word)).min().filter(|(d, _)| *d <= 3);
    near.map_or(String::new(), |(_, word)| format!("; did you mean “{word}”?"))
}

/// Levenshtein.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let best = (corner + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], best);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Key> {
        sequence(text).unwrap()
    }

    fn change(table: &str, action: &str, keys: &[&str]) -> Overrides {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        Overrides::from([(table.to_owned(), BTreeMap::from([(action.to_owned(), keys)]))])
    }

    #[test]
    fn the_built_in_table_is_sound_and_names_every_action() {
        Keymap::new(&Overrides::new()).unwrap();
        let table: Overrides = toml::from_str(DEFAULT).unwrap();
        assert!(table.keys().all(|name| is_table(name)));
        for action in Action::ALL {
            assert!(table.values().any(|actions| actions.contains_key(action.name())), "{action:?}");
        }
    }

    #[test]
    fn sequences_resolve_step_by_step() {
        let map = Keymap::default();
        assert_eq!(map.resolve(View::Tags, &keys("gg")), Resolved::Action(Action::Top));
        assert_eq!(map.resolve(View::Tags, &keys("y d")), Resolved::Action(Action::CopyDigestReference));
        assert_eq!(map.resolve(View::Registries, &keys("i")), Resolved::Action(Action::Import));
        assert_eq!(map.resolve(View::Tags, &keys("i")), Resolved::Action(Action::InvertMarks));
        assert_eq!(map.resolve(View::Image, &keys("i")), Resolved::None);
        assert_eq!(map.resolve(View::Image, &keys("g z")), Resolved::None);
        let Resolved::Prefix(next) = map.resolve(View::Image, &keys("g")) else { panic!("no prefix") };
        assert!(next.contains(&(Key::char('r'), Action::GoRegistries)) && next.len() == 4);
        assert_eq!(map.keys(View::Tags, Action::Bottom), ["G", "end"]);
    }

    #[test]
    fn the_config_replaces_the_keys_of_an_action() {
        let map = Keymap::new(&change("tags", "zoom", &[])).unwrap();
        assert_eq!(map.resolve(View::Tags, &keys("z")), Resolved::None);
        assert_eq!(map.resolve(View::Image, &keys("z")), Resolved::Action(Action::Zoom));
        let map = Keymap::new(&change("everywhere", "quit", &["Q"])).unwrap();
        assert_eq!(map.resolve(View::Tags, &keys("q")), Resolved::None);
        assert!(map.bindings(View::Tags).iter().any(|b| b.action == Action::Quit && b.changed));
    }

    #[test]
    fn mistakes_name_what_was_meant() {
        for (overrides, words) in [
            (change("tag", "mark", &[]), "did you mean “tags”?"),
            (change("tags", "makr", &["x"]), "did you mean “mark”?"),
            (change("everywhere", "quit", &["hyper-x"]), "`hyper-x` is not a key"),
            (change("tags", "mark", &["q"]), "“q” (quit) and “q” (mark) cannot both work"),
            (change("tags", "mark", &["g"]), "(mark) cannot both work"),
        ] {
            let problems = Keymap::new(&overrides).unwrap_err();
            assert!(problems.iter().any(|p| p.to_string().contains(words)), "{problems:?}");
        }
        assert_eq!(Keymap::new(&change("everywhere", "quit", &["hyper-x"])).unwrap_err().len(), 1);
    }
}
