//! Sizes, ages and texts as columns show them.

use jiff::{SignedDuration, Timestamp};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

const UNITS: [char; 6] = ['K', 'M', 'G', 'T', 'P', 'E'];

/// `812B`, `12.1K`, `182.4M`: powers of 1024.
pub fn size(bytes: u64) -> String {
    if bytes < 1024 {
        return format!("{bytes}B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    // 1023.96K would round to 1024.0K.
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1}{}", UNITS[unit])
}

/// `500M`, `1.5g`, `12KiB`, `100` (bytes).
pub fn parse_size(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let value: f64 = text[..end].parse().ok()?;
    let unit = text[end..].to_ascii_lowercase();
    let unit = unit.strip_suffix("ib").or(unit.strip_suffix('b')).unwrap_or(&unit);
    let power = match unit {
        "" => 0,
        _ => 1 + UNITS.iter().position(|u| unit == u.to_ascii_lowercase().to_string())?,
    };
    let bytes = value * 1024_f64.powi(power as i32);
    (bytes < u64::MAX as f64).then_some(bytes.round() as u64)
}

/// `0.4ms`, `12ms`, `1.8s`: how long an answer took.
pub fn milliseconds(time: std::time::Duration) -> String {
    match time.as_secs_f64() * 1000.0 {
        // Of what would be rounded up to the next unit, that is said.
        ms if ms < 0.95 => format!("{ms:.1}ms"),
        ms if ms < 999.5 => format!("{ms:.0}ms"),
        ms => format!("{:.1}s", ms / 1000.0),
    }
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// `30s 5m 2h 30d 1w 6mo 2y`; a month has 30 days, a year 365.
pub fn parse_span(text: &str) -> Option<SignedDuration> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let count: i64 = text[..end].parse().ok()?;
    let unit = match text[end..].to_ascii_lowercase().as_str() {
        "s" => 1,
        "m" | "min" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        "w" => 7 * DAY,
        "mo" => 30 * DAY,
        "y" => YEAR,
        _ => return None,
    };
    count.checked_mul(unit).map(SignedDuration::from_secs)
}

/// One unit: `45s`, `3h`, `41d`, `2y`. Clocks of servers may be a minute ahead of ours.
pub fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs();
    match seconds {
        _ if seconds < -MINUTE => "future".to_owned(),
        _ if seconds < MINUTE => format!("{}s", seconds.max(0)),
        _ if seconds < HOUR => format!("{}m", seconds / MINUTE),
        _ if seconds < DAY => format!("{}h", seconds / HOUR),
        _ if seconds < 2 * YEAR => format!("{}d", seconds / DAY),
        _ => format!("{}y", seconds / YEAR),
    }
}

/// A number with its thousands apart: `10,000`.
pub fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Columns on the screen, counted by grapheme as the drawing library does.
pub fn width(text: &str) -> usize {
    if text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return text.len();
    }
    text.graphemes(true).map(cells).sum()
}

/// Columns of one grapheme in the drawing library's buffer. It adds one for each of the half-width marks U+FF9E and U+FF9F,
/// which `unicode-width` gave none before 0.2.3 (ratatui-core 0.1.2, `cell_width`). That is one more than most terminals
/// take; a row is as long as the buffer says: what a mark does not fill is painted blank, and the terminal's cursor is
/// put on the next cell by number.
fn cells(grapheme: &str) -> usize {
    grapheme.width() + grapheme.matches(['\u{ff9e}', '\u{ff9f}']).count()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// `text` in exactly `columns`: cut at the end with `..`, or padded.
pub fn fit(text: &str, columns: usize, align: Align) -> String {
    pad(cut_end(text, columns), columns, align)
}

/// A repository name in exactly `columns`: cut at the front, since its end tells most.
pub fn fit_path(path: &str, columns: usize) -> String {
    pad(cut_path(path, columns), columns, Align::Left)
}

fn pad(text: String, columns: usize, align: Align) -> String {
    let gap = " ".repeat(columns.saturating_sub(width(&text)));
    match align {
        Align::Left => text + &gap,
        Align::Right => gap + &text,
    }
}

/// At most `columns` wide: `stable-candi..`.
pub fn cut_end(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(2);
    let mut used = 0;
    let mut out = String::with_capacity(columns + 2);
    for piece in text.graphemes(true) {
        used += cells(piece);
        if used > room {
            break;
        }
        out.push_str(piece);
    }
    out + &".."[..columns.min(2)]
}

/// At most `columns` wide: `..checkout/api`, from the front of a component where one fits.
pub fn cut_path(path: &str, columns: usize) -> String {
    if width(path) <= columns {
        return path.to_owned();
    }
    let dots = &".."[..columns.min(2)];
    let room = columns - dots.len();
    let mut parts = path.match_indices('/').map(|(at, _)| &path[at + 1..]);
    if let Some(tail) = parts.find(|tail| !tail.is_empty() && width(tail) <= room) {
        return format!("{dots}{tail}");
    }
    let mut used = 0;
    let mut start = path.len();
    for (at, piece) in path.grapheme_indices(true).rev() {
        used += cells(piece);
        if used > room {
            break;
        }
        start = at;
    }
    format!("{dots}{}", &path[start..])
}

/// The known word that was most likely meant.
pub fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = text.to_lowercase();
    let length = lower.chars().count();
    known
        .into_iter()
        // Every letter too many is a change; a text of 64 KiB is not compared letter by letter.
        .filter(|word| word.chars().count().abs_diff(length) <= 2)
        .map(|word| (distance(&lower, &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= 2.min(word.len() / 2).max(1))
        .min()
        .map(|(_, word)| word)
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// Breaks a text into lines of at most `room` cells; long words are cut.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let room = room.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut used = 0;
        for word in paragraph.split_inclusive(' ') {
            if used + width(word.trim_end()) > room && used > 0 {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            for grapheme in word.graphemes(true) {
                let w = width(grapheme);
                if used + w > room {
                    if grapheme == " " {
                        continue;
                    }
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                line.push_str(grapheme);
                used += w;
            }
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_have_one_unit() {
        let said = |micros| milliseconds(std::time::Duration::from_micros(micros));
        assert_eq!([40, 949, 951, 12_400].map(said), ["0.0ms", "0.9ms", "1ms", "12ms"]);
        assert_eq!([999_400, 999_600, 1_840_000].map(said), ["999ms", "1.0s", "1.8s"]);
    }

    #[test]
    fn sizes_are_iec_with_one_decimal() {
        for (bytes, shown) in [(0, "0B"), (1023, "1023B"), (1024, "1.0K"), (191_260_262, "182.4M"), (1_048_575, "1.0M")]
        {
            assert_eq!(size(bytes), shown);
        }
        assert_eq!(size(u64::MAX), "16.0E");
        assert_eq!(parse_size("500M"), Some(500 << 20));
        assert_eq!(parse_size("1.5g"), Some(3 << 29));
        assert_eq!((parse_size("12KiB"), parse_size("7b"), parse_size("7")), (Some(12288), Some(7), Some(7)));
        for bad in ["", "M", "1X", "-1", "1.2.3", "999999999E", "1KK"] {
            assert_eq!(parse_size(bad), None, "{bad}");
        }
    }

    #[test]
    fn ages_between_any_two_dates_are_no_negative_numbers() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let dates = [
            Timestamp::MIN,
            at("0001-01-01T00:00:00Z"),
            at("2016-06-01T00:00:00Z"),
            at("2016-12-31T23:59:60Z"),
            at("2026-05-31T00:00:00Z"),
            at("2026-06-01T00:00:00Z"),
            at("2036-06-01T00:00:00Z"),
            Timestamp::MAX,
        ];
        for (n, then) in dates.iter().enumerate() {
            for (m, now) in dates.iter().enumerate() {
                let shown = age(*then, *now);
                assert_eq!(shown == "future", n > m, "{then} {now}: {shown}");
                assert!(n > m || shown.starts_with(|c: char| c.is_ascii_digit()), "{then} {now}: {shown}");
            }
        }
    }

    #[test]
    fn spans_and_ages_have_one_unit() {
        let days = |n: i64| Some(SignedDuration::from_hours(24 * n));
        assert_eq!((parse_span("30d"), parse_span("1w"), parse_span("6mo")), (days(30), days(7), days(180)));
        assert_eq!((parse_span("2y"), parse_span("2h")), (days(730), Some(SignedDuration::from_hours(2))));
        for bad in ["", "d", "30", "3x", "-1d", "1.5d", "9999999999999999999d", "9999999999999999y"] {
            assert_eq!(parse_span(bad), None, "{bad}");
        }
        let now: Timestamp = "2026-01-10T00:00:00Z".parse().unwrap();
        for (seconds, shown) in [
            (0, "0s"),
            (-30, "0s"),
            (-61, "future"),
            (59, "59s"),
            (3 * HOUR, "3h"),
            (41 * DAY, "41d"),
            (2 * YEAR, "2y"),
        ] {
            assert_eq!(age(now - SignedDuration::from_secs(seconds), now), shown);
        }
    }

    #[test]
    fn names_are_cut_where_they_tell_least() {
        assert_eq!(cut_path("team/checkout/api", 14), "..checkout/api");
        assert_eq!(cut_path("team/checkout/api", 13), "..api");
        assert_eq!(cut_path("team/checkout-service", 8), "..ervice");
        assert_eq!(cut_end("stable-candidate", 8), "stable..");
        assert_eq!(fit("日本語", 5, Align::Right), " 日..");
        assert_eq!((cut_end("abc", 1), cut_end("abc", 0)), (".".to_owned(), String::new()));
    }

    proptest! {
        #[test]
        fn every_cell_has_its_width(text in "([a-z/]|日|\u{ff9e}|e\u{301}|👩\u{200d}💻|\\PC){0,20}", columns in 0_usize..24) {
            let text = crate::domain::clean::line(&text);
            for cell in [
                fit(text.as_str(), columns, Align::Left),
                fit(text.as_str(), columns, Align::Right),
                fit_path(text.as_str(), columns),
            ] {
                prop_assert_eq!(width(&cell), columns, "{:?}", cell);
            }
        }
    }

    #[test]
    fn wrapped_lines_fit_and_lose_nothing_but_spaces() {
        for room in [1, 5, 12] {
            let text = "hello wide 日本語 and a-very-long-word-indeed";
            let lines = wrap(text, room.max(2));
            assert!(lines.iter().all(|l| width(l.trim_end()) <= room.max(2)));
            let squeeze = |s: &str| s.replace(' ', "");
            assert_eq!(squeeze(&lines.concat()), squeeze(text));
        }
    }
}
