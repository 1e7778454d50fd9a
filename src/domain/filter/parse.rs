//! From text to terms.

use regex::RegexBuilder;

use super::term::{Comparison, Needle, Term, Test};
use super::{FilterError, Of, RowState, glob, kept, told};
use crate::domain::{order, text};

/// Room for any sensible expression, not for one that fills the memory.
const SIZE_LIMIT: usize = 1 << 20;

const FIELDS: [&str; 10] = ["age", "size", "semver", "platform", "digest", "shared", "label", "note", "state", "is"];

/// Each term costs every row its time, and an expression a compilation.
const MOST_TERMS: usize = 64;
const LONGEST: usize = 4096;

pub fn terms(text: &str, of: Of) -> Result<Vec<Term>, FilterError> {
    if text.len() > LONGEST {
        return Err(FilterError { message: format!("a filter has at most {LONGEST} bytes"), at: 0 });
    }
    let words = words(text)?;
    if let Some(word) = words.get(MOST_TERMS) {
        return Err(FilterError { message: format!("a filter has at most {MOST_TERMS} terms"), at: word.at });
    }
    words
        .into_iter()
        .map(|word| {
            let at = word.at;
            term(&word, of).map_err(|message| FilterError { message, at })
        })
        .collect()
}

/// A word of the filter; its quoted part is taken as it stands.
#[derive(Default)]
struct Word {
    text: String,
    at: usize,
    negated: bool,
    /// Where in `text` the first quote opened.
    quoted: Option<usize>,
}

fn words(text: &str) -> Result<Vec<Word>, FilterError> {
    let mut out: Vec<Word> = Vec::new();
    let mut word: Option<Word> = None;
    let mut open = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if open.is_none() && c.is_whitespace() {
            out.extend(word.take());
            continue;
        }
        let word = word.get_or_insert_with(|| Word { at, ..Word::default() });
        match c {
            '\\' if open.is_some() && chars.peek().is_some_and(|(_, next)| *next == '"') => {
                chars.next();
                word.text.push('"');
            }
            '"' if open.is_some() => open = None,
            '"' => {
                open = Some(at);
                word.quoted.get_or_insert(word.text.len());
            }
            '!' if word.text.is_empty() && word.quoted.is_none() => word.negated = !word.negated,
            _ => word.text.push(c),
        }
    }
    if let Some(at) = open {
        return Err(FilterError { message: "the quote is not closed".to_owned(), at });
    }
    out.extend(word);
    Ok(out)
}

fn term(word: &Word, of: Of) -> Result<Term, String> {
    let text = word.text.as_str();
    if text.is_empty() {
        return Err("a term is empty; write something after ! or between the quotes".to_owned());
    }
    let test = match word.quoted {
        Some(0) => Test::Substring(Needle::new(text)),
        quoted => unquoted(text, quoted.unwrap_or(text.len()), of)?,
    };
    Ok(Term { negated: word.negated, test })
}

/// `special`: up to where characters have their special meaning.
fn unquoted(text: &str, special: usize, of: Of) -> Result<Test, String> {
    if let Some(pattern) = text.strip_prefix('~') {
        return regex(pattern);
    }
    let head = &text[..special];
    let name = head.bytes().take_while(u8::is_ascii_alphabetic).count();
    let rest = &text[name..];
    let field = text[..name].to_ascii_lowercase();
    let field = if field == "color" { "colour" } else { &field };
    if !head[name..].is_empty() && rest.starts_with(['<', '>', '=']) {
        return comparison(field, rest, of);
    }
    if let Some(value) = rest.strip_prefix(':')
        && name > 0
        && name < special
    {
        if FIELDS.contains(&field) {
            return choice(field, value);
        }
        if let Some(example) = example_in_a_list(field, of)? {
            return match (value, of) {
                ("", _) => Err(format!("{field}: needs a value, as in {example}")),
                (_, Of::Tags) => kept::choice(field, value).map(Test::Kept),
                _ => told::choice(field, value).map(Test::Told),
            };
        }
        // Addresses hold colons too ("localhost:5000"), so only what looks like a slip is refused.
        if let Some(near) = nearest(field) {
            return Err(format!("there is no field “{field}”; did you mean “{near}”?"));
        }
    }
    if head.contains(['*', '?']) { glob(text) } else { Ok(Test::Substring(Needle::new(text))) }
}

fn nearest(field: &str) -> Option<&'static str> {
    FIELDS.into_iter().find(|known| {
        let mut sorted = [field, known].map(|s| s.bytes().collect::<Vec<_>>());
        sorted.iter_mut().for_each(|s| s.sort_unstable());
        known.len() > 3 && (sorted[0] == sorted[1] || field.strip_suffix('s') == Some(known))
    })
}

/// Some fields are those of lists alone: a rule that asks for one would silently match nothing.
fn example_in_a_list(field: &str, of: Of) -> Result<Option<&'static str>, String> {
    match (of, kept::example(field), told::example(field)) {
        (_, None, None) => Ok(None),
        (Of::Tags, Some(example), _) | (Of::Repositories, _, Some(example)) => Ok(Some(example)),
        (Of::Rules, Some(_), Some(_)) => Err(format!("only lists have “{field}”")),
        (_, _, Some(_)) => Err(format!("only repositories have “{field}”")),
        (_, Some(_), None) => Err(format!("only lists of tags have “{field}”")),
    }
}

fn comparison(field: &str, rest: &str, of: Of) -> Result<Test, String> {
    let signs = [
        ("<=", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("<", Comparison::Less),
        (">", Comparison::More),
        ("=", Comparison::Equal),
    ];
    let (value, how) = signs
        .into_iter()
        .find_map(|(sign, how)| Some((rest.strip_prefix(sign)?, how)))
        .ok_or_else(|| format!("“{rest}” is not a comparison"))?;
    if example_in_a_list(field, of)?.is_some() {
        return match of {
            Of::Tags => kept::comparison(field, how, value).map(Test::Kept),
            _ => told::comparison(field, how, value).map(Test::Told),
        };
    }
    match field {
        "age" => {
            let span = text::parse_span(value).ok_or_else(|| {
                format!("“{value}” is not a span of time; write a number and s, m, h, d, w, mo or y, as in age>30d")
            })?;
            Ok(Test::Age(how, span))
        }
        "size" => {
            let size = text::parse_size(value)
                .ok_or_else(|| format!("“{value}” is not a size; write a number and K, M, G or T, as in size>500M"))?;
            Ok(Test::Size(how, size))
        }
        "semver" => {
            let version = order::version_key(value)
                .ok_or_else(|| format!("“{value}” is not a version; write it as in semver>=1.2"))?;
            Ok(Test::Version(how, version))
        }
        _ if FIELDS.contains(&field) => Err(format!("{field} takes a colon, as in {}", example(field))),
        _ => Err(format!("“{field}” cannot be compared; age, size and semver can")),
    }
}

fn example(field: &str) -> &'static str {
    match field {
        "age" => "age>30d",
        "size" => "size>500M",
        "semver" => "semver>=1.2",
        "platform" => "platform:arm64",
        "digest" => "digest:77ab",
        "shared" => "shared:yes",
        "label" => "label:stale",
        "note" => "note:rollback",
        "state" => "state:dangling",
        _ => "is:favourite",
    }
}

fn choice(field: &str, value: &str) -> Result<Test, String> {
    let lower = value.to_ascii_lowercase();
    let wrong = |allowed: &str| Err(format!("{field}: takes {allowed}, not “{value}”"));
    if value.is_empty() {
        return Err(format!("{field}: needs a value, as in {}", example(field)));
    }
    match (field, lower.as_str()) {
        ("age" | "size" | "semver", _) => Err(format!("{field} is compared, as in {}", example(field))),
        ("platform", _) => Ok(Test::Platform(lower.trim_matches('/').to_owned())),
        ("digest", _) => Ok(Test::Digest(lower)),
        ("label", "none") => Ok(Test::Label(String::new())),
        ("note", "none") => Ok(Test::Note(None)),
        ("note", _) => Ok(Test::Note(Some(Needle::new(value)))),
        ("label", _) => Ok(Test::Label(value.to_owned())),
        ("shared", "yes") => Ok(Test::Shared(true)),
        ("shared", "no") => Ok(Test::Shared(false)),
        ("shared", _) => wrong("yes or no"),
        ("state", "ok") => Ok(Test::State(RowState::Ok)),
        ("state", "dangling") => Ok(Test::State(RowState::Dangling)),
        ("state", "error") => Ok(Test::State(RowState::Error)),
        ("state", _) => wrong("ok, dangling or error"),
        (_, "favourite" | "favorite") => Ok(Test::Favourite),
        _ => wrong("favourite"),
    }
}

fn glob(text: &str) -> Result<Test, String> {
    let expression = glob::expression(text).map_err(|why| format!("“{text}” is not a glob: {why}"))?;
    RegexBuilder::new(&expression)
        .case_insensitive(!text.chars().any(char::is_uppercase))
        .size_limit(SIZE_LIMIT)
        .build()
        .map(Test::Pattern)
        .map_err(|_| format!("the glob “{text}” is too large"))
}

fn regex(pattern: &str) -> Result<Test, String> {
    if pattern.is_empty() {
        return Err("write a regular expression after ~".to_owned());
    }
    RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build().map(Test::Pattern).map_err(|error| {
        // The library's message draws several lines; the last one says what is wrong.
        let message = error.to_string();
        let why = message.lines().last().unwrap_or("").trim_start_matches("error: ");
        format!("“{pattern}” is not a regular expression: {why}")
    })
}
