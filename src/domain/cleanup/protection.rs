//! Which tags must not be deleted.

use jiff::Timestamp;

use crate::domain::filter::{Filter, FilterError, Row};

/// The patterns of a registry and those of all registries. One that matches is enough.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Protection {
    patterns: Vec<Filter>,
}

impl Protection {
    pub fn parse<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, FilterError> {
        let patterns = patterns.into_iter().map(Filter::parse).collect::<Result<_, _>>()?;
        Ok(Self { patterns })
    }

    /// The pattern that protects this tag. A pattern that needs what is not known protects.
    pub fn of(&self, row: &Row<'_>, now: Timestamp) -> Option<&str> {
        self.patterns.iter().find(|pattern| pattern.may_match(row, now)).map(Filter::as_str)
    }

    /// Whether a pattern asks more than the name: then details have to be read before it can spare a tag.
    pub fn needs_details(&self) -> bool {
        self.patterns.iter().any(Filter::needs_details)
    }

    pub fn asks_labels(&self) -> bool {
        self.patterns.iter().any(Filter::asks_labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::filter::Field;

    #[test]
    fn one_pattern_is_enough_and_what_is_not_known_protects() {
        let protection = Protection::parse(["latest", "v*.*.*", "age<7d"]).unwrap();
        let now: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
        let old = Field::Is("2026-01-01T00:00:00Z".parse().unwrap());
        let of = |name, created| protection.of(&Row { name, created, ..Row::default() }, now);
        assert_eq!(of("latest", old), Some("latest"));
        assert_eq!(of("v1.2.3", old), Some("v*.*.*"));
        assert_eq!(of("pr-1", old), None);
        assert_eq!(of("pr-1", Field::NotLoaded), Some("age<7d"));
        assert_eq!(of("pr-1", Field::Absent), Some("age<7d"));
        assert!(protection.needs_details());
        assert!(Protection::parse(["size>"]).is_err());
        assert_eq!(Protection::default().of(&Row::default(), now), None);
    }
}
