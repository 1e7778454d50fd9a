//! Rules about the source itself: who may use whom, sizes, leftovers. The table is that of the crate documentation.

use crate::support::tree::{Source, root, sources};

struct Layer {
    name: &'static str,
    may_use: &'static [&'static str],
    must_not_name: &'static [&'static str],
}

const LAYERS: [Layer; 8] = [
    Layer {
        name: "domain",
        may_use: &[],
        must_not_name: &["tokio", "reqwest", "ratatui", "crossterm", "std::fs", "Instant"],
    },
    Layer { name: "backend", may_use: &["domain"], must_not_name: &["ratatui", "crossterm"] },
    Layer { name: "store", may_use: &["domain"], must_not_name: &["reqwest", "ratatui", "crossterm"] },
    Layer {
        name: "app",
        may_use: &["domain"],
        must_not_name: &["tokio", "reqwest", "ratatui", "crossterm", "std::fs", "Instant"],
    },
    Layer { name: "ui", may_use: &["app", "domain"], must_not_name: &["tokio", "reqwest"] },
    Layer { name: "runtime", may_use: &["ui", "app", "store", "backend", "domain"], must_not_name: &[] },
    Layer {
        name: "command",
        may_use: &["cli", "runtime", "demo", "app", "store", "backend", "domain"],
        must_not_name: &["ratatui"],
    },
    Layer { name: "demo", may_use: &["domain"], must_not_name: &["reqwest", "ratatui", "crossterm", "std::fs"] },
];
/// Files of the package's root module, which may use everything.
const TOP: [&str; 8] = [
    "src/main.rs",
    "src/lib.rs",
    "src/cli.rs",
    "src/cli/cleanup.rs",
    "src/cli/examples.rs",
    "src/cli/labels.rs",
    "src/cli/parse.rs",
    "src/cli/tests.rs",
];
const MAX_LINES: usize = 400;

/// Fails with everything that was found, a line each.
fn none(found: Vec<String>) {
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// Looks at every line's code with `rule`, which says what is wrong.
fn lines(files: &[Source], rule: impl Fn(&Source, &str) -> Option<String>) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        for (n, line) in file.text.lines().enumerate() {
            if let Some(what) = rule(file, code(line)) {
                found.push(format!("{}:{}: {what}", file.path, n + 1));
            }
        }
    }
    found
}

/// A line without its comment. A `//` after a colon is an address in a string.
fn code(line: &str) -> &str {
    let comment = line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':'));
    comment.map_or(line, |(at, _)| &line[..at])
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether `name` stands in `text` as a whole word.
fn names(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let bytes = text.as_bytes();
        let before = at.checked_sub(1).is_none_or(|at| !is_word(bytes[at]));
        before && bytes.get(at + name.len()).is_none_or(|byte| !is_word(*byte))
    })
}

/// What follows `crate::` on this line: a module, or `{`.
fn used(text: &str) -> impl Iterator<Item = &str> {
    text.split("crate::").skip(1).map(|rest| {
        let end = rest.bytes().position(|byte| !is_word(byte)).unwrap_or(rest.len());
        if end == 0 { "{…}" } else { &rest[..end] }
    })
}

fn layer(path: &str) -> Option<&'static Layer> {
    let inside = path.strip_prefix("src/")?;
    let name = inside.split('/').next()?;
    LAYERS.iter().find(|layer| layer.name == name || name.strip_suffix(".rs") == Some(layer.name))
}

fn rust() -> Vec<Source> {
    sources(&["src", "tests"], &[".rs"])
}

#[test]
fn every_layer_uses_only_what_is_below_it() {
    let files = sources(&["src"], &[".rs"]);
    let stray = files.iter().filter(|file| !TOP.contains(&file.path.as_str()) && layer(&file.path).is_none());
    none(stray.map(|file| format!("{}: belongs to no layer", file.path)).collect());
    none(lines(&files, |file, text| {
        let layer = layer(&file.path)?;
        let wrong = used(text).find(|module| *module != layer.name && !layer.may_use.contains(module))?;
        Some(format!("{} must not use crate::{wrong}", layer.name))
    }));
}

#[test]
fn layers_do_not_name_what_is_not_theirs() {
    none(lines(&sources(&["src"], &[".rs"]), |file, text| {
        let layer = layer(&file.path)?;
        let wrong = layer.must_not_name.iter().find(|name| names(text, name))?;
        Some(format!("{} must not name {wrong}", layer.name))
    }));
}

#[test]
fn files_stay_short() {
    let long = rust().into_iter().map(|file| (file.text.lines().count(), file.path));
    none(long.filter(|(n, _)| *n > MAX_LINES).map(|(n, path)| format!("{path}: {n} lines")).collect());
}

#[test]
fn files_have_names_that_say_something() {
    let vague = ["utils", "util", "helpers", "helper_functions", "common", "misc"];
    let is_vague = |path: &str| path.split('/').any(|part| vague.contains(&part.trim_end_matches(".rs")));
    none(rust().into_iter().map(|file| file.path).filter(|path| is_vague(path)).collect());
}

#[test]
fn nothing_is_left_over() {
    // In two parts, so that this file does not find itself.
    let left = [("todo", "!"), ("unimplemented", "!"), ("dbg", "!"), ("#[ign", "ore"), ("XX", "X"), ("FIX", "ME")];
    let left = left.map(|(start, end)| format!("{start}{end}"));
    none(lines(&rust(), |_, text| left.iter().find(|word| text.contains(word.as_str())).cloned()));
}

#[test]
fn no_code_is_commented_out() {
    let starts = ["let ", "use ", "if ", "for ", "fn ", "pub ", "return ", "self.", "}"];
    let mut found = Vec::new();
    for file in rust() {
        for (n, line) in file.text.lines().enumerate() {
            let Some(rest) = line.trim_start().strip_prefix("// ") else { continue };
            if starts.iter().any(|start| rest.starts_with(start)) && rest.ends_with([';', '{', '}']) {
                found.push(format!("{}:{}: commented out", file.path, n + 1));
            }
        }
    }
    none(found);
}

#[test]
fn integration_tests_wait_for_events_not_for_time() {
    let nap = format!("sleep{}", '(');
    let files = sources(&["tests"], &[".rs", ".sh"]);
    none(lines(&files, |_, text| text.contains(&nap).then(|| "waits for time".to_owned())));
}

#[test]
fn no_file_knows_a_machine() {
    let dirs = ["/work", "/tmp/wt", "/root", "/home/"].map(|dir| format!("{}/", dir.trim_end_matches('/')));
    let mut files = sources(&["src", "tests", "assets", ".ci"], &[".rs", ".sh", ".toml", "run"]);
    files.extend(["README.md", "CHANGELOG.md", "Cargo.toml", ".deny.toml"].map(top));
    files.retain(|file| file.path != "tests/tidy.rs");
    let places = dirs.each_ref().map(|dir| dir.as_str());
    // A path begins after a quote, a space or a bracket; a repository may hold the same words.
    let begins = |text: &str, at: usize| text[..at].chars().next_back().is_none_or(|c| " \"'(=`".contains(c));
    let mut found = Vec::new();
    for file in &files {
        for (n, line) in file.text.lines().enumerate() {
            let hit = places.iter().find(|dir| line.match_indices(**dir).any(|(at, _)| begins(line, at)));
            found.extend(hit.map(|dir| format!("{}:{}: {dir}", file.path, n + 1)));
        }
    }
    none(found);
}

fn top(name: &str) -> Source {
    let text = std::fs::read_to_string(root().join(name)).unwrap_or_else(|why| panic!("{name}: {why}"));
    Source { path: name.to_owned(), text }
}

#[test]
fn every_dependency_is_from_crates_io() {
    let lock = top("Cargo.lock");
    let from = lock.text.lines().enumerate().filter(|(_, line)| line.starts_with("source = "));
    let wanted = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    none(from.filter(|(_, l)| *l != wanted).map(|(n, l)| format!("Cargo.lock:{}: {l}", n + 1)).collect());
}
