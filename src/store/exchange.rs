//! Labels, notes, rules and favourites as TOML, to take them to another machine. Read as strictly as the config: what
//! is not understood is an error with its place, and then nothing of the file is taken.

use std::path::Path;
use std::sync::Arc;

use toml::de::DeTable;
use toml_edit::Value;

use super::config::ConfigError;
use super::config::label::colour;
use super::config::reader::{At, Section, Source};
use super::private;
use super::state::StateStore;
use crate::domain::label::{self, Chosen, Entry, Favourite, Held, Kept, Label, LabelRule};
use crate::domain::reference::{RepoName, TagName};

const TOP: [&str; 5] = ["version", "label", "rule", "tag", "favourite"];
/// Of the form of the file.
const VERSION: u32 = 1;
/// How no label is written, where one was chosen in spite of rules.
const NONE: &str = "none";

const HEAD: &str = "\
# Labels, notes and favourites of tagboat. `tagboat labels import FILE` merges them into those of another machine.
# Registries are named by their address, favourites as the config names them.
";

/// The whole file.
pub fn write(kept: &Kept, favourites: &[Favourite]) -> String {
    let mut out = format!("{HEAD}version = {VERSION}\n");
    for label in &kept.labels {
        let (letter, colour) = (label.letter.to_string(), label.colour.to_string());
        table(&mut out, "label", &[("name", &label.name), ("letter", &letter), ("colour", &colour)]);
    }
    for (origin, rules) in &kept.rules {
        for rule in rules {
            table(&mut out, "rule", &[("registry", origin), ("match", rule.filter.as_str()), ("label", &rule.label)]);
        }
    }
    for ((origin, repo), entries) in &kept.tags {
        let mut entries: Vec<_> = entries.iter().collect();
        entries.sort_by_key(|(tag, _)| *tag);
        for (tag, entry) in entries {
            let mut keys = vec![("registry", &**origin), ("repository", repo.as_str()), ("tag", tag.as_str())];
            match &entry.label {
                Chosen::ByRule => {}
                Chosen::None => keys.push(("label", NONE)),
                Chosen::Is(name) => keys.push(("label", name)),
            }
            keys.extend(entry.note.as_deref().map(|note| ("note", note)));
            table(&mut out, "tag", &keys);
        }
    }
    for favourite in favourites {
        let mut keys = vec![("registry", favourite.registry.as_str())];
        keys.extend(favourite.repository.as_ref().map(|repo| ("repository", repo.as_str())));
        table(&mut out, "favourite", &keys);
    }
    out
}

fn table(out: &mut String, name: &str, keys: &[(&str, &str)]) {
    out.push_str(&format!("\n[[{name}]]\n"));
    for (key, value) in keys {
        out.push_str(&format!("{key} = {}\n", Value::from(*value)));
    }
}

/// The favourites that are saved. Names that are none, from a database somebody edited, are left out.
pub fn favourites(store: &StateStore) -> Vec<Favourite> {
    let named = |one: super::state::Favourite| match one.repository.as_str() {
        "" => Some(Favourite { registry: one.registry, repository: None }),
        name => Some(Favourite { registry: one.registry, repository: Some(RepoName::loose(name).ok()?) }),
    };
    store.favourites().into_iter().filter_map(named).collect()
}

/// Why nothing was taken from a file.
#[derive(Debug)]
pub enum Unread {
    /// It is no text that can be read.
    Not(String),
    Wrong(ConfigError),
}

/// All of a file.
pub fn load(file: &Path) -> Result<Held, Unread> {
    let found = private::read(file).map_err(|error| Unread::Not(error.to_string()))?;
    let (bytes, _) = found.ok_or_else(|| Unread::Not("there is no such file".to_owned()))?;
    let text = String::from_utf8(bytes).map_err(|_| Unread::Not("not UTF-8 text".to_owned()))?;
    read(file, &text).map_err(Unread::Wrong)
}

/// `file` is for messages.
pub fn read(file: &Path, text: &str) -> Result<Held, ConfigError> {
    let source = &Source { file, text };
    let document = DeTable::parse(text)
        .map_err(|error| source.error(error.span().map_or(0, |span| span.start), error.message()))?;
    let top = Section::new(source, document.get_ref(), "the file", 0, &TOP)?;
    if top.integer("version", 1..=VERSION)?.is_none() {
        return Err(top.wrong("“version” is missing: this is not a file that `tagboat labels export` wrote"));
    }
    let mut kept = Kept { labels: labels(&top)?, ..Kept::default() };
    rules(&top, &mut kept)?;
    tags(&top, &mut kept)?;
    Ok((kept, favoured(&top)?))
}

fn labels(top: &Section<'_, '_>) -> Result<Vec<Label>, ConfigError> {
    let mut labels: Vec<Label> = Vec::new();
    for (table, offset) in top.tables("label")? {
        let section = Section::new(top.source, table, "[[label]]", offset, &["name", "letter", "colour"])?;
        let name = checked(&section, section.required("name")?, label::name)?;
        let letter = checked(&section, section.required("letter")?, label::letter)?;
        if labels.iter().any(|label| label.name == name) {
            return Err(section.wrong(&format!("two labels have the name “{name}”")));
        }
        labels.push(Label { name, letter, colour: colour(&section, section.required("colour")?)? });
    }
    Ok(labels)
}

fn rules(top: &Section<'_, '_>, kept: &mut Kept) -> Result<(), ConfigError> {
    for (table, offset) in top.tables("rule")? {
        let section = Section::new(top.source, table, "[[rule]]", offset, &["registry", "match", "label"])?;
        let origin = checked(&section, section.required("registry")?, address)?;
        let name = checked(&section, section.required("label")?, label::name)?;
        let rule = checked(&section, section.required("match")?, |text| LabelRule::parse(text, &name))?;
        kept.rules.entry(origin).or_default().push(rule);
    }
    Ok(())
}

fn tags(top: &Section<'_, '_>, kept: &mut Kept) -> Result<(), ConfigError> {
    let keys = ["registry", "repository", "tag", "label", "note"];
    for (table, offset) in top.tables("tag")? {
        let section = Section::new(top.source, table, "[[tag]]", offset, &keys)?;
        let origin = checked(&section, section.required("registry")?, address)?;
        let repo = checked(&section, section.required("repository")?, repository)?;
        let tag = section.required("tag")?;
        let tag = checked(&section, tag, |text| TagName::parse(text).map_err(|error| error.to_string()))?;
        let label = match section.string("label")? {
            None => Chosen::ByRule,
            Some(found) if found.value == NONE => Chosen::None,
            Some(found) => Chosen::Is(checked(&section, found, label::name)?),
        };
        let note = section.string("note")?.and_then(|found| label::note(&found.value));
        let entry = Entry { label, note };
        if entry.is_empty() {
            return Err(section.wrong("[[tag]] needs a “label” or a “note”"));
        }
        Arc::make_mut(kept.tags.entry((origin, repo)).or_default()).insert(tag, entry);
    }
    Ok(())
}

fn favoured(top: &Section<'_, '_>) -> Result<Vec<Favourite>, ConfigError> {
    let mut all = Vec::new();
    for (table, offset) in top.tables("favourite")? {
        let section = Section::new(top.source, table, "[[favourite]]", offset, &["registry", "repository"])?;
        let registry = section.required("registry")?.value;
        let found = section.string("repository")?;
        let repository = found.map(|found| checked(&section, found, repository)).transpose()?;
        all.push(Favourite { registry, repository });
    }
    Ok(all)
}

fn checked<T>(
    section: &Section<'_, '_>,
    found: At<String>,
    check: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, ConfigError> {
    check(&found.value).map_err(|why| section.source.error(found.offset, &why))
}

fn repository(text: &str) -> Result<RepoName, String> {
    RepoName::loose(text).map_err(|error| error.to_string())
}

/// As `RegistryProfile::url`.
fn address(text: &str) -> Result<Arc<str>, String> {
    match text.split_once("://") {
        Some(("http" | "https", rest)) if !rest.is_empty() && !rest.contains([' ', '@']) => Ok(text.into()),
        _ => Err("a registry is named by its address, as https://registry.example.com".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::colour::Colour;
    use crate::domain::label::Change;

    fn some() -> (Kept, Vec<Favourite>) {
        let mut kept = Kept { labels: Label::built_in(), ..Kept::default() };
        let origin: Arc<str> = "https://r.example".into();
        let repo = RepoName::parse("team/app").unwrap();
        let tag = |name: &str| TagName::parse(name).unwrap();
        let said = "it's \"quoted\" \\ back, 日本語 # no comment = [x]";
        kept.apply(&[
            Change::Put(Label::new("two words", '9', Colour::Rgb(1, 2, 255))),
            Change::Label {
                origin: origin.clone(),
                repo: repo.clone(),
                tag: tag("1.0"),
                to: Chosen::Is("keep".into()),
            },
            Change::Note { origin: origin.clone(), repo: repo.clone(), tag: tag("1.0"), to: label::note(said) },
            Change::Label { origin: origin.clone(), repo: repo.clone(), tag: tag("b"), to: Chosen::None },
            Change::Note { origin: origin.clone(), repo: repo.clone(), tag: tag("a"), to: label::note("alone") },
            Change::Rule { origin: origin.clone(), filter: "~^pr-\\d+ age>30d".into(), label: Some("stale".into()) },
            Change::Rule { origin, filter: "!\"a b\"".into(), label: Some("two words".into()) },
        ]);
        let favourite = |registry: &str, repository: Option<&RepoName>| Favourite {
            registry: registry.to_owned(),
            repository: repository.cloned(),
        };
        (kept, vec![favourite("prod", None), favourite("prod", Some(&repo))])
    }

    #[test]
    fn what_is_written_is_read_again() {
        let (kept, favourites) = some();
        let text = write(&kept, &favourites);
        assert_eq!(read(Path::new("x.toml"), &text).unwrap(), (kept, favourites), "{text}");
        // The same twice, so that it can be kept under version control.
        let (again, known) = read(Path::new("x.toml"), &text).unwrap();
        assert_eq!(write(&again, &known), text);
        let empty = write(&Kept::default(), &[]);
        assert_eq!(read(Path::new("x.toml"), &empty).unwrap(), (Kept::default(), Vec::new()));
    }

    #[test]
    fn nonsense_is_refused_with_its_place() {
        let tag = "version = 1\n[[tag]]\nregistry = 'https://r'\nrepository = 'a'\ntag = 'b'\n";
        for (text, line, word) in [
            (String::new(), 1, "version"),
            ("version = 2".to_owned(), 1, "from 1 to 1"),
            ("version = 1\n[[labels]]".to_owned(), 2, "did you mean “label”"),
            ("version = 1\n[[label]]\nname = 'x'\nletter = 'XY'\ncolour = 'red'".to_owned(), 4, "one letter"),
            ("version = 1\n[[label]]\nname = 'x'\nletter = 'X'\ncolour = 'rde'".to_owned(), 5, "red"),
            ("version = 1\n[[label]]\nname = 'none'\nletter = 'X'\ncolour = 'red'".to_owned(), 3, "none"),
            (tag.to_owned(), 2, "needs a “label”"),
            (format!("{tag}label = 'x'\nnotes = 'y'"), 7, "note"),
            (format!("{tag}note = 7"), 6, "must be a string"),
            (format!("{tag}note = 'x'").replace("'b'", "'not valid'"), 5, ""),
            (format!("{tag}note = 'x'").replace("'a'", "'not/../valid'"), 4, ""),
            (format!("{tag}note = 'x'").replace("https://r", "r"), 3, "address"),
            ("version = 1\n[[rule]]\nregistry = 'https://r'\nmatch = '~('\nlabel = 'x'".to_owned(), 4, "expression"),
            ("version = 1\n[[favourite]]\nrepository = 'a'".to_owned(), 2, "registry"),
            ("version = 1\n[[tag".to_owned(), 2, ""),
        ] {
            let error = read(Path::new("dir/x.toml"), &text).unwrap_err();
            assert_eq!(error.line, line, "{text}: {error}");
            assert!(error.message.as_str().contains(word) && error.to_string().contains("dir/x.toml:"), "{error}");
        }
    }

    #[test]
    fn notes_from_a_file_are_cleaned_and_short() {
        let text = format!(
            "version = 1\n[[tag]]\nregistry = 'https://r'\nrepository = 'a'\ntag = 'b'\nnote = \"\\u001b[31m{}\"",
            "x".repeat(1000)
        );
        let (kept, _) = read(Path::new("x"), &text).unwrap();
        let note = kept.tags.values().next().unwrap()[&TagName::parse("b").unwrap()].note.clone().unwrap();
        assert!(note.chars().count() == label::NOTE_MOST && !note.contains('\u{1b}'));
    }
}
