//! Paged lists (§2).

use hyper::StatusCode;
use serde_json::{Value, json};

use super::not_found;
use super::server::AlaudaOptions;
use crate::demo::reply::{self, Answer};
use crate::demo::request::Request;

pub(super) fn page(options: &AlaudaOptions, path: &str, request: &Request, items: Vec<Value>) -> Answer {
    if options.bare_lists {
        return reply::document(StatusCode::OK, &items.into());
    }
    let count = items.len();
    let pages = count.div_ceil(options.page_size).max(1);
    let asked = request.parameter("page").map_or(Some(1), |text| text.parse::<usize>().ok());
    // The framework's answer to a page past the end, and to what is no number.
    let Some(number) = asked.filter(|number| (1..=pages).contains(number)) else { return not_found() };
    let url = |number: usize| format!("{}{path}?page={number}", request.origin());
    let items: Vec<Value> = items.into_iter().skip((number - 1) * options.page_size).take(options.page_size).collect();
    let page = json!({
        "count": options.count.unwrap_or(count as u64),
        "next": (number < pages).then(|| url(number + 1)),
        "previous": (number > 1).then(|| url(number - 1)),
        "results": items,
    });
    reply::document(StatusCode::OK, &page)
}
