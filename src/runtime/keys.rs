//! The built-in keys with the config's changes over them. The keymap knows what is wrong, the config knows where it
//! stands; here the two are put together.

use std::path::{Path, PathBuf};

use crate::app::keymap::{Keymap, KeymapError, Tables};
use crate::domain::clean;
use crate::store::config::{Config, ConfigError, KeyChange};

/// `file` is for messages; without one there are no changes that could be wrong.
pub fn keymap(config: &Config, file: Option<&Path>) -> Result<Keymap, ConfigError> {
    let tables: Tables = config
        .keys
        .iter()
        .map(|(view, actions)| {
            (view.clone(), actions.iter().map(|(action, change)| (action.clone(), change.keys.clone())).collect())
        })
        .collect();
    Keymap::with(&tables).map_err(|error| {
        let place = place(config, &error);
        ConfigError {
            file: file.map_or_else(PathBuf::new, Path::to_owned),
            line: place.map_or(0, |change| change.line),
            column: place.map_or(0, |change| change.column),
            message: clean::line(&error.to_string()),
        }
    })
}

/// The change that brought the mistake; of two that clash, the later one.
fn place<'a>(config: &'a Config, error: &KeymapError) -> Option<&'a KeyChange> {
    let of = |view: &str, action: &str| config.keys.get(view)?.get(action);
    match error {
        KeymapError::View { view, .. } => config.keys.get(view)?.values().min_by_key(|change| change.line),
        KeymapError::Action { view, action, .. } | KeymapError::Key { view, action, .. } => of(view, action),
        KeymapError::Conflict { view, first, second, .. } => {
            [of(view, first), of(view, second)].into_iter().flatten().max_by_key(|change| change.line)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        let file = Path::new("/c/config.toml");
        keymap(&Config::parse(file, text).unwrap(), Some(file)).unwrap_err().to_string()
    }

    #[test]
    fn mistakes_are_found_in_the_file() {
        for (text, start, words) in [
            ("mouse = true\n[keys.tag]\nmark = 'x'", "/c/config.toml:3:1: ", ["tag", "did you mean “tags”?"]),
            ("[keys.tags]\nsort = 's'\n marc = 'x'", "/c/config.toml:3:2: ", ["marc", "did you mean “mark”?"]),
            ("[keys.tags]\nmark = 'hyper-x'", "/c/config.toml:2:1: ", ["mark", "hyper-x"]),
            ("[keys.tags]\nrange = 'b'\nmark = 'b'", "/c/config.toml:3:1: ", ["mark", "range"]),
            ("[keys.tags]\nmark = 'v'", "/c/config.toml:2:1: ", ["mark", "range"]),
        ] {
            let message = wrong(text);
            assert!(message.starts_with(start), "{message}");
            assert!(words.iter().all(|word| message.contains(word)), "{message}");
        }
    }

    #[test]
    fn the_example_binds_actions_there_are() {
        let text: String = crate::store::config::EXAMPLE
            .lines()
            .map(|line| format!("{}\n", line.strip_prefix("#: ").unwrap_or(line)))
            .collect();
        let config = Config::parse(Path::new("/c/config.toml"), &text).unwrap();
        assert!(!keymap(&config, None).unwrap().changed.is_empty());
    }
}
