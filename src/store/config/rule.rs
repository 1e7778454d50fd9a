//! `[[rule]]`: clean-ups with a name.

use super::Rule;
use super::error::ConfigError;
use super::reader::Section;
use super::section::filters;
use crate::domain::cleanup::{Keep, KeepBy, Per, Rules};
use crate::domain::filter::Filter;

const KEYS: [&str; 8] = ["name", "mark", "exclude", "keep", "keep_by", "per", "untagged", "dangling"];

pub(super) fn rules(top: &Section<'_, '_>) -> Result<Vec<Rule>, ConfigError> {
    let mut rules: Vec<Rule> = Vec::new();
    for (table, offset) in top.tables("rule")? {
        let section = Section::new(top.source, table, "[[rule]]", offset, &KEYS)?;
        let name = section.required("name")?;
        if name.value.trim().is_empty() {
            return Err(top.source.error(name.offset, "the name of a rule is empty"));
        }
        if rules.iter().any(|rule| rule.name == name.value) {
            return Err(top.source.error(name.offset, &format!("two rules have the name “{}”", name.value)));
        }
        let parsed = Rules {
            mark: parsed(&section, "mark")?,
            exclude: parsed(&section, "exclude")?,
            keep: keep(&section)?,
            untagged: section.boolean("untagged")?.unwrap_or(false),
            dangling: section.boolean("dangling")?.unwrap_or(false),
            names: std::collections::BTreeSet::new(),
        };
        if parsed.is_empty() {
            let message = format!("the rule “{}” marks nothing; it needs “mark”, “untagged” or “dangling”", name.value);
            return Err(top.source.error(offset, &message));
        }
        rules.push(Rule { name: name.value, rules: parsed });
    }
    Ok(rules)
}

fn parsed(section: &Section<'_, '_>, key: &str) -> Result<Vec<Filter>, ConfigError> {
    // `filters` has refused what cannot be parsed, with its place.
    Ok(filters(section, key)?.iter().filter_map(|text| Filter::parse(text).ok()).collect())
}

fn keep(section: &Section<'_, '_>) -> Result<Option<Keep>, ConfigError> {
    let by = section.word("keep_by", &KeepBy::ALL.map(|by| (by.word(), by)))?;
    let per = section.string("per")?;
    let Some(n) = section.integer("keep", 1..=1_000_000)? else {
        if by.is_some() || per.is_some() {
            return Err(section.wrong("“keep_by” and “per” say which ones “keep” keeps; write how many: keep = 5"));
        }
        return Ok(None);
    };
    let per = per
        .map(|found| {
            Per::parse(&found.value).map_err(|error| section.source.error(found.offset, &format!("“per”: {error}")))
        })
        .transpose()?;
    Ok(Some(Keep { n: n as usize, by: by.unwrap_or_default(), per }))
}
