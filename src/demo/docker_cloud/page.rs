//! Pages of a list (§3).

use hyper::StatusCode;
use serde_json::{Value, json};

use super::refusal;
use crate::demo::reply::{self, Answer};
use crate::demo::request::{Request, encode, form};

const LIMIT: usize = 25;

/// Assumption A3.
const MOST: usize = 1000;

/// The page that was asked for. The neighbours' addresses keep whatever else is in the query.
pub(super) fn page(request: &Request, objects: Vec<Value>) -> Answer {
    let number = |name: &str| request.parameter(name).map_or(Ok(None), |text| text.parse::<usize>().map(Some));
    let (Ok(limit), Ok(offset)) = (number("limit"), number("offset")) else {
        return refusal(StatusCode::BAD_REQUEST, "limit and offset are numbers");
    };
    // What `limit=0` means is not documented; here it is the same as none.
    let limit = limit.filter(|limit| *limit > 0).unwrap_or(LIMIT).min(MOST);
    let (offset, total) = (offset.unwrap_or(0), objects.len());
    let neighbour = |offset: usize| {
        let kept = form(&request.query).into_iter().filter(|(key, _)| key != "limit" && key != "offset");
        let pair = |(key, value): (String, String)| format!("{}={}", encode(&key), encode(&value));
        let place = [("limit".to_owned(), limit.to_string()), ("offset".to_owned(), offset.to_string())];
        let query: Vec<String> = kept.chain(place).map(pair).collect();
        format!("{}?{}", request.path, query.join("&"))
    };
    let next = offset.checked_add(limit).filter(|next| *next < total).map(neighbour);
    let previous = (offset > 0).then(|| neighbour(offset.saturating_sub(limit)));
    let objects: Vec<Value> = objects.into_iter().skip(offset).take(limit).collect();
    let meta = json!({"limit": limit, "offset": offset, "total_count": total, "next": next, "previous": previous});
    reply::document(StatusCode::OK, &json!({"meta": meta, "objects": objects}))
}
