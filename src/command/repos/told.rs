//! The table of repositories whose system says more of them than names: the columns it says something for.

use std::io::{self, Write};

use jiff::Timestamp;

use super::Entry;
use crate::app::cache::{Telling, Told};
use crate::command::table;
use crate::domain::repository::RepoInfo;
use crate::domain::text;

type Part = fn(&RepoInfo, Timestamp) -> Option<String>;

pub fn print(out: &mut dyn Write, entries: &[Entry], told: Told, now: Timestamp) -> io::Result<()> {
    let all: [(Telling, &str, Part); 12] = [
        (Telling::Group, "REGISTRY", |info, _| info.group.as_ref().map(ToString::to_string)),
        (Telling::Tags, "TAGS", |info, _| info.tags.map(|n| n.to_string())),
        (Telling::Images, "IMAGES", |info, _| info.images.map(|n| n.to_string())),
        (Telling::Pulls, "PULLS", |info, _| info.pulls.map(|n| n.to_string())),
        (Telling::Pushes, "PUSHES", |info, _| info.pushes.map(|n| n.to_string())),
        (Telling::Stars, "STARS", |info, _| info.stars.map(|n| n.to_string())),
        (Telling::Public, "ACCESS", |info, _| word(info.public, "public", "private")),
        (Telling::InUse, "IN USE", |info, _| word(info.in_use, "yes", "no")),
        (Telling::Updated, "UPDATED", |info, now| info.updated.map(|at| text::age(at, now))),
        (Telling::Pushed, "PUSHED", |info, now| info.pushed.map(|at| text::age(at, now))),
        (Telling::Pulled, "PULLED", |info, now| info.pulled.map(|at| text::age(at, now))),
        // Last, since nothing is cut.
        (Telling::Description, "ABOUT", |info, _| info.description.as_ref().map(ToString::to_string)),
    ];
    let columns: Vec<_> = all.into_iter().filter(|(what, ..)| told.has(*what)).collect();
    let favourites = entries.iter().any(|entry| entry.favourite);
    let mut heading = vec!["REPOSITORY"];
    heading.extend(favourites.then_some("FAVOURITE"));
    heading.extend(columns.iter().map(|(_, title, _)| *title));
    let row = |entry: &Entry| {
        let mut cells = vec![entry.name.clone()];
        cells.extend(favourites.then(|| if entry.favourite { "yes" } else { "-" }.to_owned()));
        cells.extend(columns.iter().map(|(_, _, part)| {
            let said = entry.info.as_deref().and_then(|info| part(info, now));
            said.filter(|text| !text.is_empty()).unwrap_or_else(|| "-".to_owned())
        }));
        cells
    };
    table::write(out, &heading, &entries.iter().map(row).collect::<Vec<_>>())
}

fn word(is: Option<bool>, yes: &str, no: &str) -> Option<String> {
    is.map(|is| if is { yes } else { no }.to_owned())
}
