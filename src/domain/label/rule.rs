//! Labels that tags get by themselves.

use std::sync::Arc;

use crate::domain::filter::Filter;

/// A tag that nobody chose a label for has this one if it matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelRule {
    pub filter: Filter,
    pub label: Arc<str>,
}

impl LabelRule {
    /// Else why not.
    pub fn parse(pattern: &str, label: &str) -> Result<Self, String> {
        let filter = Filter::parse(pattern.trim()).map_err(|error| error.message)?;
        if filter.is_empty() {
            return Err("a rule needs a filter, such as pr-* or age>30d".to_owned());
        }
        if filter.asks_labels() {
            return Err("a rule cannot ask for labels or notes: it is what gives them".to_owned());
        }
        Ok(Self { filter, label: label.into() })
    }
}
