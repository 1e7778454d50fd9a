//! What the framework checks before a call is reached: ids in path and query, and the fields of a body.

use serde_json::{Map, Value};

use super::answer::{self, Detail};
use crate::demo::reply::Answer;
use crate::demo::request::Request;
use crate::domain::uuid::Uuid;

/// Collects everything that is wrong with a request. Readers give `None` for what they have complained about; fields
/// nobody reads are ignored.
pub(super) struct Check<'a> {
    request: &'a Request,
    body: Option<Map<String, Value>>,
    wrong: Vec<Detail>,
}

const UUID: (&str, &str) = ("Input should be a valid UUID", "uuid_parsing");
const TEXT: (&str, &str) = ("Input should be a valid string", "string_type");
const LIST: (&str, &str) = ("Input should be a valid list", "list_type");

impl<'a> Check<'a> {
    pub fn new(request: &'a Request) -> Self {
        Self { request, body: None, wrong: Vec::new() }
    }

    /// The 422 with all that was found.
    pub fn refusal(self) -> Answer {
        answer::invalid(&self.wrong)
    }

    /// Whether anything was found, for calls whose fields are all optional.
    pub fn failed(&self) -> bool {
        !self.wrong.is_empty()
    }

    fn complain(&mut self, place: &[&str], (message, kind): (&'static str, &'static str)) {
        self.wrong.push(Detail::new(place, message, kind));
    }

    pub fn path_id(&mut self, name: &str, text: &str) -> Option<Uuid> {
        let id = Uuid::parse(text);
        if id.is_none() {
            self.complain(&["path", name], UUID);
        }
        id
    }

    pub fn query_id(&mut self, name: &str) -> Option<Uuid> {
        let Some(text) = self.request.parameter(name) else {
            self.wrong.push(Detail::missing("query", name));
            return None;
        };
        let id = Uuid::parse(&text);
        if id.is_none() {
            self.complain(&["query", name], UUID);
        }
        id
    }

    /// A number from one; absent is `Some(None)`.
    pub fn query_number(&mut self, name: &str) -> Option<Option<usize>> {
        let Some(text) = self.request.parameter(name) else { return Some(None) };
        let number = text.parse().ok();
        match number {
            None => {
                let message = "Input should be a valid integer, unable to parse string as an integer";
                self.complain(&["query", name], (message, "int_parsing"));
                None
            }
            Some(0) => {
                self.complain(&["query", name], ("Input should be greater than 0", "greater_than"));
                None
            }
            some => Some(some),
        }
    }

    /// The field, `Null` when it is absent. A body that is no object is complained about once.
    fn field(&mut self, name: &str) -> Option<Value> {
        if self.body.is_none() {
            let parsed = serde_json::from_slice(&self.request.body);
            match parsed {
                _ if self.request.body.is_empty() => self.complain(&["body"], ("Field required", "missing")),
                Ok(Value::Object(_)) => {}
                Ok(_) => self.complain(&["body"], ("Input should be a valid dictionary", "model_attributes_type")),
                Err(_) => self.complain(&["body"], ("JSON decode error", "json_invalid")),
            }
            self.body = Some(match parsed {
                Ok(Value::Object(map)) => map,
                _ => Map::new(),
            });
        }
        self.body.as_ref().and_then(|body| body.get(name).cloned())
    }

    fn required(&mut self, name: &str) -> Option<Value> {
        let value = self.field(name);
        // A body that could not be read was complained about as a whole.
        if value.is_none() && !self.wrong.iter().any(|wrong| wrong.place == ["body"]) {
            self.wrong.push(Detail::missing("body", name));
        }
        value
    }

    pub fn text(&mut self, name: &str) -> Option<String> {
        let value = self.required(name)?;
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.complain(&["body", name], TEXT);
        }
        text
    }

    /// Absent is `None`, and so is what is no text; `null` is `Some(None)`.
    pub fn text_or_null(&mut self, name: &str) -> Option<Option<String>> {
        match self.field(name)? {
            Value::Null => Some(None),
            Value::String(text) => Some(Some(text)),
            _ => {
                self.complain(&["body", name], TEXT);
                None
            }
        }
    }

    pub fn id(&mut self, name: &str) -> Option<Uuid> {
        let value = self.required(name)?;
        let id = value.as_str().and_then(Uuid::parse);
        if id.is_none() {
            self.complain(&["body", name], UUID);
        }
        id
    }

    pub fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.required(name)?;
        let flag = value.as_bool();
        if flag.is_none() {
            let message = "Input should be a valid boolean, unable to interpret input";
            self.complain(&["body", name], (message, "bool_parsing"));
        }
        flag
    }

    pub fn ids(&mut self, name: &str) -> Option<Vec<Uuid>> {
        let value = self.required(name)?;
        self.entries(name, &value, UUID, |entry| entry.as_str().and_then(Uuid::parse))
    }

    /// Absent and `null` are an empty list.
    pub fn texts(&mut self, name: &str) -> Vec<String> {
        let value = self.field(name).filter(|value| !value.is_null());
        let read = |entry: &Value| entry.as_str().map(str::to_owned);
        value.and_then(|value| self.entries(name, &value, TEXT, read)).unwrap_or_default()
    }

    fn entries<T>(
        &mut self,
        name: &str,
        value: &Value,
        wrong: (&'static str, &'static str),
        read: impl Fn(&Value) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(list) = value.as_array() else {
            self.complain(&["body", name], LIST);
            return None;
        };
        let entries: Vec<Option<T>> = list.iter().map(read).collect();
        for (at, _) in entries.iter().enumerate().filter(|(_, entry)| entry.is_none()) {
            let place = vec!["body".into(), name.into(), at.into()];
            self.wrong.push(Detail { place, message: wrong.0, kind: wrong.1 });
        }
        entries.into_iter().collect()
    }
}
