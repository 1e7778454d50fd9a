//! Runs of many deletions that end in the middle: cancelled, killed, their terminal closed. Nothing is lost, and everything
//! is accounted for: what the history tells is compared with the registry, tag by tag.
#![cfg(unix)]

mod apply;
mod placeholder;
mod screen;

use serde_json::Value;

use crate::support::program::Place;

/// The only run that is recorded.
#[track_caller]
fn recorded(place: &Place) -> Value {
    let said = place.run(&["history", "--json"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let mut all = said.json();
    assert_eq!(all.as_array().map(Vec::len), Some(1), "{all}");
    all[0].take()
}
