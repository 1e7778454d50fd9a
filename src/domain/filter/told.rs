//! What can be asked of repositories whose system says more of them than their names.

use jiff::{SignedDuration, Timestamp};

use super::term::{Answer, Comparison, Needle, ask};
use super::{Field, Row};
use crate::domain::repository::RepoInfo;
use crate::domain::text;

/// What is said of a repository, against what is asked.
#[derive(Clone)]
pub enum Told {
    /// The number of its tags, which may be known where the system does not say it.
    Tags(Comparison, u64),
    Count(fn(&RepoInfo) -> Option<u64>, Comparison, u64),
    /// How long ago.
    Since(fn(&RepoInfo) -> Option<Timestamp>, Comparison, SignedDuration),
    Is(fn(&RepoInfo) -> Option<bool>, bool),
    About(Needle),
    Group(Needle),
}

/// The fields, each with an example.
const FIELDS: [(&str, &str); 13] = [
    ("tags", "tags>100"),
    ("images", "images>100"),
    ("stars", "stars>10"),
    ("pulls", "pulls>1000"),
    ("pushes", "pushes>10"),
    ("updated", "updated>90d"),
    ("pushed", "pushed>90d"),
    ("pulled", "pulled>90d"),
    ("public", "public:no"),
    ("used", "used:no"),
    ("automated", "automated:yes"),
    ("about", "about:database"),
    ("group", "group:quay.io"),
];

/// What a field is asked like; nothing where there is no such field.
pub fn example(field: &str) -> Option<&'static str> {
    FIELDS.iter().find(|(name, _)| *name == field).map(|(_, example)| *example)
}

pub fn comparison(field: &str, how: Comparison, value: &str) -> Result<Told, String> {
    let count: Option<fn(&RepoInfo) -> Option<u64>> = match field {
        "images" => Some(|info| info.images),
        "stars" => Some(|info| info.stars),
        "pulls" => Some(|info| info.pulls),
        "pushes" => Some(|info| info.pushes),
        _ => None,
    };
    let time: Option<fn(&RepoInfo) -> Option<Timestamp>> = match field {
        "updated" => Some(|info| info.updated),
        "pushed" => Some(|info| info.pushed),
        "pulled" => Some(|info| info.pulled),
        _ => None,
    };
    let example = example(field).unwrap_or_default();
    if let Some(time) = time {
        let span = text::parse_span(value);
        let wrong = || format!("“{value}” is not a span of time; write how long ago, as in {example}");
        return span.map(|span| Told::Since(time, how, span)).ok_or_else(wrong);
    }
    let number = || value.replace(',', "").parse().map_err(|_| format!("“{value}” is not a number, as in {example}"));
    match (field, count) {
        ("tags", _) => Ok(Told::Tags(how, number()?)),
        (_, Some(count)) => Ok(Told::Count(count, how, number()?)),
        _ => Err(format!("{field} takes a colon, as in {example}")),
    }
}

pub fn choice(field: &str, value: &str) -> Result<Told, String> {
    let flag: fn(&RepoInfo) -> Option<bool> = match field {
        "public" => |info| info.public,
        "used" => |info| info.in_use,
        "automated" => |info| info.automated,
        "about" => return Ok(Told::About(Needle::new(value))),
        "group" => return Ok(Told::Group(Needle::new(value))),
        _ => return Err(format!("{field} is compared, as in {}", example(field).unwrap_or_default())),
    };
    match value.to_ascii_lowercase().as_str() {
        "yes" => Ok(Told::Is(flag, true)),
        "no" => Ok(Told::Is(flag, false)),
        _ => Err(format!("{field}: takes yes or no, not “{value}”")),
    }
}

impl Told {
    /// What is not said of a repository is not known of it, and no later reading of the list brings it.
    pub(super) fn holds(&self, row: &Row<'_>, now: Timestamp) -> Answer {
        fn said<T>(row: &Row<'_>, part: impl Fn(&RepoInfo) -> Option<T>) -> Field<T> {
            row.info.and_then(part).map_or(Field::Absent, Field::Is)
        }
        match self {
            Self::Tags(how, number) => ask(row.tags, |tags| how.holds(tags.cmp(number))),
            Self::Count(part, how, number) => ask(said(row, part), |count| how.holds(count.cmp(number))),
            Self::Since(part, how, span) => ask(said(row, part), |then| how.holds(now.duration_since(then).cmp(span))),
            Self::Is(part, wanted) => ask(said(row, part), |is| is == *wanted),
            Self::About(needle) => {
                let texts = row.info.iter().flat_map(|info| [&info.description, &info.full_description]);
                Answer::Known(texts.flatten().any(|text| needle.is_in(text.as_str())))
            }
            Self::Group(needle) => {
                let group = row.info.and_then(|info| info.group.as_ref());
                Answer::Known(group.is_some_and(|group| needle.is_in(group.as_str())))
            }
        }
    }
}
