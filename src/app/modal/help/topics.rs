//! What the help says besides keys: the filter grammar, the signs of lists, the mouse.

use crate::app::action::Action;
use crate::app::key::label;
use crate::app::pane::Place;
use crate::app::state::State;

/// A sign that a list shows; how it looks is the theme's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Marked,
    Shares,
    Odd,
    Protected,
    NotLoaded,
    Favourite,
    Open,
    Closed,
}

/// What is explained: words, or a sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Words(&'static str),
    Sign(Sign),
}

type Topic = (What, &'static str);

const fn words(what: &'static str, meaning: &'static str) -> Topic {
    (What::Words(what), meaning)
}

const fn sign(what: Sign, meaning: &'static str) -> Topic {
    (What::Sign(what), meaning)
}

const TEXT: [Topic; 5] = [
    words("text", "contains"),
    words("!text", "does not contain"),
    words("a*b", "glob"),
    words("~re", "regular expression"),
    words("a b", "both"),
];
const OF_TAGS: [Topic; 9] = [
    words("age>30d", "older; h d w mo y"),
    words("size>500M", "larger"),
    words("semver>=1.2", "by version"),
    words("shared:yes", "others have its digest"),
    words("platform:arm64", "runs there"),
    words("digest:77ab", "begins so"),
    words("state:dangling", "or ok, error"),
    words("label:stale", "or none"),
    words("note:rollback", "its note contains; or none"),
];
/// Where the system keeps it.
const KEPT_OF_TAGS: [Topic; 3] = [
    words("colour:red", "most like it; or #E74C3C, none"),
    words("pulled>90d", "longer ago; or pushed"),
    words("signed:yes", "or no"),
];
const OF_REPOSITORIES: [Topic; 6] = [
    words("tags>100", "more tags"),
    words("pulls>1000", "or images, stars, pushes"),
    words("pulled>90d", "longer ago; or pushed, updated"),
    words("public:no", "or used, automated: yes, no"),
    words("about:text", "its description contains"),
    words("label:gpu", "has it; or none"),
];
const OF_FAVOURITES: [Topic; 1] = [words("is:favourite", "favourites only")];

const TAGS: [Topic; 8] = [
    sign(Sign::Marked, "marked"),
    sign(Sign::Shares, "shares a digest with a marked tag"),
    sign(Sign::Protected, "protected"),
    words("=3", "three tags on this digest"),
    sign(Sign::NotLoaded, "not read yet"),
    words("...", "being read"),
    sign(Sign::Odd, "not a valid name"),
    words("(dim)", "from the last visit, may be old"),
];
const REPOSITORIES: [Topic; 6] = [
    sign(Sign::Favourite, "favourite"),
    words("+", "pinned: listed by you, not by the server"),
    sign(Sign::NotLoaded, "not read yet"),
    words("...", "being read"),
    sign(Sign::Open, "folder, open"),
    sign(Sign::Closed, "folder, closed"),
];
const REGISTRIES: [Topic; 1] = [sign(Sign::Favourite, "favourite")];
const MOUSE: [Topic; 3] = [
    words("click", "select; again: open"),
    words("wheel", "scroll"),
    words("Shift-drag", "the terminal's own selection"),
];

/// The grammar of the filter here; none where nothing can be filtered.
pub fn grammar(place: &Place) -> Vec<Topic> {
    match place {
        Place::Registries => TEXT.into_iter().chain(OF_FAVOURITES).collect(),
        Place::Repositories(_) => TEXT.into_iter().chain(OF_FAVOURITES).chain(OF_REPOSITORIES).collect(),
        Place::Tags(..) => TEXT.into_iter().chain(OF_TAGS).chain(KEPT_OF_TAGS).collect(),
        Place::Jobs | Place::History => TEXT.into_iter().chain(OF_TAGS.into_iter().take(1)).collect(),
        Place::Image(..) => Vec::new(),
    }
}

pub fn signs(place: &Place) -> &'static [Topic] {
    match place {
        Place::Registries => &REGISTRIES,
        Place::Repositories(_) => &REPOSITORIES,
        Place::Tags(..) => &TAGS,
        Place::Image(..) | Place::Jobs | Place::History => &[],
    }
}

/// Whether it is on, how that is changed, and what it does.
pub fn mouse(state: &State) -> (String, &'static [Topic]) {
    let key = state.keymap.keys(state.pane().place.view(), Action::Mouse).first().map(|key| label(key));
    let title = match (state.looks.mouse, key) {
        (true, Some(key)) => format!("MOUSE (on; {key} turns it off)"),
        (false, Some(key)) => format!("MOUSE (off; {key} turns it on)"),
        (true, None) => "MOUSE (on)".to_owned(),
        (false, None) => "MOUSE (off)".to_owned(),
    };
    (title, &MOUSE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::filter::Filter;
    use crate::domain::reference::RepoName;
    use crate::domain::registry::RegistryId;

    #[test]
    fn every_term_that_is_explained_can_be_typed() {
        let tags = Place::Tags(RegistryId(0), RepoName::parse("a").unwrap());
        for place in [Place::Registries, Place::Repositories(RegistryId(0)), tags, Place::Jobs, Place::History] {
            for (what, _) in grammar(&place) {
                let What::Words(term) = what else { panic!("a sign is no term") };
                Filter::of(place.filters(), term).unwrap();
            }
        }
    }
}
