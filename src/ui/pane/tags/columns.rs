//! Which columns a list of tags has: what every registry tells of an image, and what only some keep of a tag.

use crate::app::cache::TagsTold;
use crate::domain::registry::BackendKind;
use crate::ui::pane::table::{Column, column};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    Label,
    Name,
    /// The colour that the system keeps, and its text: no colour stands for itself.
    Swatch,
    Colour,
    Digest,
    Shared,
    Age,
    Size,
    Pushed,
    Pulled,
    Signed,
    Platforms,
}

/// From left to right.
pub fn of(told: TagsTold, kind: BackendKind) -> Vec<(Show, Column)> {
    // Alauda says which image a tag is on, and nothing of it (alauda.md §5).
    let bare = kind == BackendKind::Alauda;
    let identity = match kind {
        BackendKind::Alauda | BackendKind::DockerV1 => "IMAGE",
        _ => "DIGEST",
    };
    let all = [
        // Not the last to go by its rank, but no rank is lower.
        (true, Show::Label, column("L", 1, false, 0)),
        (true, Show::Name, column("TAG", 0, false, 0)),
        (told.colour, Show::Swatch, column("", 1, false, 4)),
        (told.colour, Show::Colour, column("COLOUR", 8, false, 3)),
        (true, Show::Digest, column(identity, 12, false, 5)),
        (true, Show::Shared, column("=N", 4, false, 4)),
        (!bare, Show::Age, column("AGE", 5, true, 1)),
        (!bare, Show::Size, column("SIZE", 8, true, 2)),
        (told.pushed, Show::Pushed, column("PUSHED", 6, true, 5)),
        (told.pulled, Show::Pulled, column("PULLED", 6, true, 5)),
        (told.signed, Show::Signed, column("SIGNED", 6, false, 7)),
        (!bare, Show::Platforms, column("PLATFORMS", 16, false, 6)),
    ];
    all.into_iter().filter(|(is, ..)| *is).map(|(_, show, column)| (show, column)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::pane::table::fit_columns;

    fn titles(told: TagsTold, kind: BackendKind, width: usize) -> Vec<&'static str> {
        let columns: Vec<Column> = of(told, kind).into_iter().map(|(_, column)| column).collect();
        let fit = fit_columns(&columns, width);
        columns.iter().zip(fit).filter(|(_, width)| width.is_some()).map(|(column, _)| column.title).collect()
    }

    #[test]
    fn only_what_is_kept_has_a_column() {
        let usual = ["L", "TAG", "DIGEST", "=N", "AGE", "SIZE", "PLATFORMS"];
        assert_eq!(titles(TagsTold::default(), BackendKind::Oci, 100), usual);
        assert_eq!(titles(TagsTold::default(), BackendKind::DockerV1, 100)[2], "IMAGE");
        assert_eq!(titles(TagsTold::default(), BackendKind::Alauda, 100), ["L", "TAG", "IMAGE", "=N"]);
    }

    #[test]
    fn a_colour_never_stands_without_its_text() {
        let told = TagsTold { colour: true, pushed: true, pulled: true, signed: true };
        for width in 0..200 {
            let titles = titles(told, BackendKind::MlSpace, width);
            assert!(!titles.contains(&"") || titles.contains(&"COLOUR"), "{width} {titles:?}");
        }
        assert_eq!(titles(told, BackendKind::MlSpace, 200).len(), 12);
        assert_eq!(titles(told, BackendKind::MlSpace, 54), ["L", "TAG", "", "COLOUR", "=N", "AGE", "SIZE"]);
    }
}
