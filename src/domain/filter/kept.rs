//! What can be asked of tags whose system keeps more of them than an image.

use jiff::{SignedDuration, Timestamp};

use super::term::{Answer, Comparison, ask};
use super::{Field, Row};
use crate::domain::colour::Colour;
use crate::domain::repository::TagFacts;
use crate::domain::text;

#[derive(Clone)]
pub enum Kept {
    /// `None`: a tag without a colour.
    Colour(Option<Wanted>),
    /// How long ago.
    Since(fn(&TagFacts) -> Option<Timestamp>, Comparison, SignedDuration),
    Signed(bool),
}

/// What a colour is to be.
#[derive(Clone)]
pub enum Wanted {
    /// What looks most like this one of the sixteen: nobody remembers numbers.
    Like(u8),
    /// A part of the text, in small letters.
    Written(String),
}

/// The fields, each with an example.
const FIELDS: [(&str, &str); 4] =
    [("colour", "colour:red"), ("pushed", "pushed>90d"), ("pulled", "pulled>90d"), ("signed", "signed:yes")];

/// What a field is asked like; nothing where there is no such field.
pub fn example(field: &str) -> Option<&'static str> {
    FIELDS.iter().find(|(name, _)| *name == field).map(|(_, example)| *example)
}

pub fn comparison(field: &str, how: Comparison, value: &str) -> Result<Kept, String> {
    let example = example(field).unwrap_or_default();
    let time: fn(&TagFacts) -> Option<Timestamp> = match field {
        "pushed" => |facts| facts.pushed,
        "pulled" => |facts| facts.pulled,
        _ => return Err(format!("{field} takes a colon, as in {example}")),
    };
    let span = text::parse_span(value);
    let wrong = || format!("“{value}” is not a span of time; write how long ago, as in {example}");
    span.map(|span| Kept::Since(time, how, span)).ok_or_else(wrong)
}

pub fn choice(field: &str, value: &str) -> Result<Kept, String> {
    let lower = value.to_lowercase();
    match (field, lower.as_str()) {
        ("colour", "none") => Ok(Kept::Colour(None)),
        ("colour", _) => Ok(Kept::Colour(Some(match Colour::parse(&lower) {
            Some(Colour::Ansi(like)) => Wanted::Like(like),
            _ => Wanted::Written(lower),
        }))),
        ("signed", "yes") => Ok(Kept::Signed(true)),
        ("signed", "no") => Ok(Kept::Signed(false)),
        ("signed", _) => Err(format!("signed: takes yes or no, not “{value}”")),
        _ => Err(format!("{field} is compared, as in {}", example(field).unwrap_or_default())),
    }
}

impl Kept {
    pub(super) fn holds(&self, row: &Row<'_>, now: Timestamp) -> Answer {
        fn said<T>(row: &Row<'_>, part: impl Fn(&TagFacts) -> Option<T>) -> Field<T> {
            row.kept.and_then(part).map_or(Field::Absent, Field::Is)
        }
        match self {
            Self::Colour(wanted) => {
                let text = row.kept.and_then(|facts| facts.colour_text.as_ref()).filter(|text| !text.is_empty());
                let like = row.kept.and_then(|facts| facts.colour).map(Colour::sixteen);
                Answer::Known(match wanted {
                    None => text.is_none(),
                    Some(Wanted::Like(one)) => like == Some(*one),
                    Some(Wanted::Written(part)) => text.is_some_and(|text| text.as_str().to_lowercase().contains(part)),
                })
            }
            Self::Since(part, how, span) => ask(said(row, part), |then| how.holds(now.duration_since(then).cmp(span))),
            Self::Signed(wanted) => ask(said(row, |facts| facts.signed), |is| is == *wanted),
        }
    }
}
