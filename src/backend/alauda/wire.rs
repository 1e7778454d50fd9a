//! Its JSON, read field by field: a field of the wrong type is an absent one (alauda.md §2, §3).

use serde_json::value::RawValue;

use crate::backend::error::Result;
use crate::backend::http::{Answer, Http, Op};
use crate::backend::json::Object;

/// A list, or a page of one. Some servers answer with a bare array (§2).
pub(super) struct List<'a> {
    pub items: Vec<&'a RawValue>,
    pub count: Option<u64>,
    pub more: bool,
}

impl<'a> List<'a> {
    pub fn read(http: &Http, op: Op, answer: &'a Answer) -> Result<Self> {
        let body: &RawValue = http.json(op, answer)?;
        if let Ok(items) = serde_json::from_str(body.get()) {
            return Ok(Self { items, count: None, more: false });
        }
        let page = Object::parse(body.get()).ok_or_else(|| http.misshapen(op, answer))?;
        let items = page.raw("results").and_then(|raw| serde_json::from_str(raw).ok());
        let items = items.ok_or_else(|| http.misshapen(op, answer))?;
        // The neighbour's address is of whatever origin the server thinks it has: only its being there counts.
        Ok(Self { items, count: page.number("count"), more: page.some_text("next").is_some() })
    }
}

/// The first of these fields that is there: the time of creation has three names (§3.1).
pub(super) fn first(object: &Object<'_>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| object.some_text(name))
}
