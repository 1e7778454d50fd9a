//! Commands of the palette that are typed with what they are about: `go team/web`, `sort age`, `theme mono`, `mouse on`.

use crate::app::list::{Column, Field, Sort};
use crate::app::modal::Then;
use crate::app::modal::prompt::Prompt;
use crate::app::pane::{self, Place};
use crate::app::state::State;

/// What a typed command does, with its words for the list.
#[derive(Clone, Debug)]
pub struct Typed {
    pub words: String,
    pub then: Then,
}

/// The commands there are, each as one would type it here.
pub fn examples(state: &State) -> Vec<&'static str> {
    let sort = match &state.pane().place {
        Place::Registries => Some("sort address"),
        Place::Repositories(_) => Some("sort tags"),
        Place::Tags(..) => Some("sort age"),
        Place::Image(..) | Place::Jobs | Place::History => None,
    };
    let mouse = if state.looks.mouse { "mouse off" } else { "mouse on" };
    ["go team/web"].into_iter().chain(sort).chain(["theme mono", mouse]).collect()
}

/// All that what was typed so far may become.
pub fn typed(text: &str, state: &State) -> Vec<Typed> {
    let Some((command, rest)) = text.trim_start().split_once(' ') else { return Vec::new() };
    let rest = rest.trim();
    match command {
        "go" if !rest.is_empty() => {
            let prompt = Prompt { text: Field::new(rest.to_owned()), ..Prompt::default() };
            let found = prompt.matches(state).into_iter().take(MOST);
            found.map(|(name, target)| Typed { words: format!("go {name}"), then: Then::Open(target) }).collect()
        }
        "sort" => sorts(rest, state),
        "theme" => {
            let named = state.themes.iter().filter(|name| name.starts_with(rest));
            named.map(|name| Typed { words: format!("theme {name}"), then: Then::Theme(name.clone()) }).collect()
        }
        "mouse" => {
            let states = [(true, "mouse on"), (false, "mouse off")].into_iter().filter(|(_, words)| {
                let word = words.trim_start_matches("mouse ");
                word.starts_with(rest)
            });
            states.map(|(on, words)| Typed { words: words.to_owned(), then: Then::Mouse(on) }).collect()
        }
        _ => Vec::new(),
    }
}

const MOST: usize = 8;

/// The columns of this list, each in its usual order and the other way round.
fn sorts(rest: &str, state: &State) -> Vec<Typed> {
    let columns = pane::columns(state);
    let both = |column: &Column| {
        let sort = |reverse| Sort { column: *column, reverse };
        [(column.word().to_owned(), sort(false)), (format!("{} reverse", column.word()), sort(true))]
    };
    let found = columns.iter().flat_map(both).filter(|(words, _)| words.starts_with(rest));
    found.map(|(words, sort)| Typed { words: format!("sort {words}"), then: Then::Sort(sort) }).collect()
}
