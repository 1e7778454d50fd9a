//! `[[label]]`: labels that everybody who shares the config has.

use super::error::{ConfigError, suggestion};
use super::reader::{At, Section};
use crate::domain::colour::Colour;
use crate::domain::label::{self, Configured, Label, LabelRule};

const KEYS: [&str; 5] = ["letter", "name", "colour", "match", "older"];

pub(super) fn labels(top: &Section<'_, '_>) -> Result<Configured, ConfigError> {
    let mut all = Configured::default();
    for (table, offset) in top.tables("label")? {
        let section = Section::new(top.source, table, "[[label]]", offset, &KEYS)?;
        let letter = section.required("letter")?;
        let sign = label::letter(&letter.value).map_err(|_| {
            let message = "“letter” must be one letter or digit";
            top.source.error(letter.offset, message)
        })?;
        if all.labels.iter().any(|label| label.letter == sign) {
            let message = format!("the letter “{sign}” has two labels");
            return Err(top.source.error(letter.offset, &message));
        }
        let name = section.required("name")?;
        let known = label::name(&name.value).map_err(|why| top.source.error(name.offset, &why))?;
        if all.labels.iter().any(|label| label.name == known) {
            return Err(top.source.error(name.offset, &format!("two labels have the name “{known}”")));
        }
        let colour = match section.string("colour")? {
            Some(found) => colour(&section, found)?,
            None => Colour::Ansi(3),
        };
        all.rules.extend(rule(&section, &known)?);
        all.labels.push(Label { name: known, letter: sign, colour });
    }
    Ok(all)
}

pub(in crate::store) fn colour(section: &Section<'_, '_>, found: At<String>) -> Result<Colour, ConfigError> {
    Colour::parse(&found.value).ok_or_else(|| {
        let hint = suggestion(&found.value, Colour::NAMES);
        let names = Colour::NAMES.join(" ");
        let message = format!("“{}” is not a colour{hint} Allowed: #RRGGBB {names}", found.value);
        section.source.error(found.offset, &message)
    })
}

/// `match` and `older` together; none where there is neither.
fn rule(section: &Section<'_, '_>, name: &str) -> Result<Option<LabelRule>, ConfigError> {
    let (matches, older) = (section.string("match")?, section.string("older")?);
    if let Some(older) = older.as_ref().filter(|older| !is_age(&older.value)) {
        let message = format!("“{}” is not an age; write a number and one of m h d w y, as 30d", older.value);
        return Err(section.source.error(older.offset, &message));
    }
    let Some(offset) = matches.as_ref().or(older.as_ref()).map(|found| found.offset) else { return Ok(None) };
    let pattern = matches.map(|found| found.value).unwrap_or_default();
    let pattern = match older {
        Some(older) => format!("{pattern} age>{}", older.value),
        None => pattern,
    };
    let rule = LabelRule::parse(&pattern, name);
    rule.map(Some).map_err(|why| section.source.error(offset, &format!("“match”: {why}")))
}

fn is_age(text: &str) -> bool {
    let digits = text.trim_end_matches(['m', 'h', 'd', 'w', 'y']);
    digits.len() + 1 == text.len() && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}
