//! What the vendor's documents leave open, each answered in one place (ml-space.md §10, by its number there).

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::backend::write::Sent;
use crate::domain::colour::Colour;
use crate::domain::css;

/// A1: the vendor's own page writes `#RRGGBB`. Any other text is taken as well, so it goes out as it is.
pub(super) fn colour_to_send(text: &str) -> String {
    let text = text.trim();
    colour(text).map_or_else(
        || text.to_owned(),
        |colour| {
            let (red, green, blue) = colour.rgb();
            format!("#{red:02X}{green:02X}{blue:02X}")
        },
    )
}

/// A1: what can be shown of a colour as it came. The names are those of web pages.
pub(super) fn colour(text: &str) -> Option<Colour> {
    let text = text.trim();
    if text.starts_with('#') {
        return Colour::parse(text);
    }
    css::named(text).map(|(red, green, blue)| Colour::Rgb(red, green, blue))
}

/// A2: an id that the answer to a deletion does not name was not there, or was not deleted.
pub(super) const UNNAMED: Sent = Sent::Left;

/// A4: `null` takes a description or a colour away. An empty description is none.
pub(super) fn or_null(text: Option<&str>) -> Value {
    text.filter(|text| !text.is_empty()).map_or(Value::Null, Value::from)
}

/// A6: how many ids one deletion takes.
pub(super) const BATCH: usize = 100;

/// Times are RFC 3339; one without an offset is UTC (§3).
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp()))
}

/// How many requests are out at once (§3).
pub(super) const IN_FLIGHT: usize = 4;

/// The size of a page of repositories, where all of them at once are too long to read.
pub(super) const PAGE: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_leniently_and_written_in_one_form() {
        for (text, want) in [
            ("#2e86c1", "#2E86C1"),
            (" #abc ", "#AABBCC"),
            ("#2E86C180", "#2E86C1"),
            ("Teal", "#008080"),
            ("not a colour", "not a colour"),
        ] {
            assert_eq!(colour_to_send(text), want);
        }
        assert_eq!(colour("RED"), Some(Colour::Rgb(255, 0, 0)), "of a web page, not of a terminal");
        assert_eq!((colour(""), colour("bright-red"), colour("#12")), (None, None, None));
    }

    #[test]
    fn times_without_an_offset_are_utc() {
        let want = time("2024-05-06T07:08:09Z");
        assert!(want.is_some());
        assert_eq!(time("2024-05-06T07:08:09"), want);
        assert_eq!(time("2024-05-06T10:08:09+03:00"), want);
        assert_eq!((time("yesterday"), time("")), (None, None));
    }

    #[test]
    fn nothing_is_null() {
        assert_eq!((or_null(Some("x")), or_null(Some("")), or_null(None)), ("x".into(), Value::Null, Value::Null));
    }
}
