//! The order people expect of tags: versions by their numbers, everything else by its words and numbers.

use std::cmp::Ordering;

/// A name's place in the order, as bytes that compare the right way. A total order comes for free, however odd the
/// names are, and sorting a long list reads each name once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Vec<u8>);

/// Versions come first, in the order of semantic versioning; then all other names. Names that differ only in their
/// writing (`1.2` and `v1.2.0`) stay neighbours in a fixed order.
pub fn key(name: &str) -> Key {
    let mut out = Vec::with_capacity(name.len() * 3 + 8);
    match Version::parse(name) {
        Some(version) => {
            out.push(1);
            version.write(&mut out);
        }
        None => {
            out.push(2);
            write_natural(&mut out, name);
        }
    }
    out.extend_from_slice(name.as_bytes());
    Key(out)
}

pub fn compare(a: &str, b: &str) -> Ordering {
    key(a).cmp(&key(b))
}

/// Sorts by `name`, smallest first.
pub fn sort_by_name<T>(items: &mut [T], name: impl Fn(&T) -> &str) {
    items.sort_by_cached_key(|item| sort_key(name(item)));
}

/// A key for `sort_by_cached_key`: beginnings tell most names apart, and lie side by side.
pub fn sort_key(name: &str) -> impl Ord + use<> {
    let key = key(name);
    (key.head(), key)
}

impl Key {
    /// The first bytes, as a number that compares as they do.
    fn head(&self) -> u128 {
        let mut head = [0; 16];
        head.iter_mut().zip(&self.0).for_each(|(place, byte)| *place = *byte);
        u128::from_be_bytes(head)
    }
}

/// The place of a version among versions, writing aside: `1.2` and `v1.2.0` are the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionKey(Vec<u8>);

/// `None` for a name that is no version.
pub fn version_key(name: &str) -> Option<VersionKey> {
    let mut out = Vec::new();
    Version::parse(name)?.write(&mut out);
    Some(VersionKey(out))
}

/// The release line of a version: its first numbers, `parts` of them. `None` for a name that is no version.
pub fn version_line(name: &str, parts: usize) -> Option<VersionKey> {
    let numbers = Version::parse(name)?.numbers;
    let end = numbers.match_indices('.').nth(parts.saturating_sub(1)).map_or(numbers.len(), |(at, _)| at);
    let mut out = Vec::new();
    Version { numbers: &numbers[..end], pre: None }.write(&mut out);
    Some(VersionKey(out))
}

/// `[v]N[.N[.N[.N]]][-pre][+build]`; also `1.2rc1`, and `_build`, since a tag cannot hold a plus sign.
struct Version<'a> {
    numbers: &'a str,
    pre: Option<&'a str>,
}

impl<'a> Version<'a> {
    fn parse(name: &'a str) -> Option<Self> {
        let text = name.strip_prefix(['v', 'V']).unwrap_or(name);
        let bytes = text.as_bytes();
        if !bytes.first()?.is_ascii_digit() {
            return None;
        }
        let mut end = 0;
        let mut parts = 0;
        loop {
            end += bytes[end..].iter().take_while(|b| b.is_ascii_digit()).count();
            parts += 1;
            let goes_on = bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
            if !goes_on {
                break;
            }
            end += 1;
        }
        // A long number alone is a date, a build number or a commit of digits.
        if parts > 4 || (parts == 1 && end > 3) {
            return None;
        }
        let (numbers, rest) = text.split_at(end);
        let pre = match rest.as_bytes().first() {
            None | Some(b'+' | b'_') => None,
            Some(b'-') => Some(&rest[1..]),
            Some(b) if b.is_ascii_alphabetic() && parts > 1 => Some(rest),
            Some(_) => return None,
        };
        let pre = pre.map(|text| text.split(['+', '_']).next().unwrap_or(""));
        // `2-10-3` is a date or a counter, not the version 2.
        if pre.is_some_and(|text| text.is_empty() || (parts == 1 && text.as_bytes()[0].is_ascii_digit())) {
            return None;
        }
        Some(Self { numbers, pre })
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut kept = out.len();
        for number in self.numbers.split('.') {
            out.push(1);
            write_number(out, number.as_bytes());
            if number.bytes().any(|b| b != b'0') {
                kept = out.len();
            }
        }
        // 1.2 and 1.2.0 are the same version.
        out.truncate(kept);
        out.push(0);
        let Some(pre) = self.pre else {
            out.push(2);
            return;
        };
        out.push(1);
        for part in pre.split('.') {
            if !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) {
                out.push(1);
                write_number(out, part.as_bytes());
            } else {
                // Semantic versioning compares these as text; `rc10` after `rc9` is what everybody means.
                out.push(2);
                write_natural(out, part);
            }
        }
        out.push(0);
    }
}

/// Length first, so that longer numbers are larger; leading zeros do not count.
fn write_number(out: &mut Vec<u8>, digits: &[u8]) {
    let zeros = digits.iter().take_while(|b| **b == b'0').count();
    let digits = &digits[zeros..];
    let length = u16::try_from(digits.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(digits);
}

/// Letters without regard to case, runs of digits as numbers; ends with a zero byte.
fn write_natural(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    while let Some(&byte) = rest.first() {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits > 0 {
            out.push(b'0');
            write_number(out, &rest[..digits]);
            rest = &rest[digits..];
        } else {
            out.push(byte.to_ascii_lowercase().max(1));
            rest = &rest[1..];
        }
    }
    out.push(0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assert_ascending(names: &[&str]) {
        for (n, a) in names.iter().enumerate() {
            for b in &names[n + 1..] {
                assert_eq!(compare(a, b), Ordering::Less, "{a} {b}");
                assert_eq!(compare(b, a), Ordering::Greater, "{b} {a}");
            }
        }
    }

    #[test]
    fn versions_compare_by_number() {
        assert_ascending(&["1", "1.9", "1.10", "1.10.1", "2"]);
        assert_ascending(&["v1.2.0-alpha", "v1.2.0-rc.1", "v1.2.0-rc.2", "v1.2.0-rc.10", "v1.2.0", "v1.2.1"]);
        assert_ascending(&["1.2rc9", "1.2rc10", "1.2", "1.2.0", "v1.2", "1.2.1-alpine", "1.2.1", "1.2.1_b7"]);
        assert_ascending(&["1.0.0-1", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0"]);
        assert_ascending(&["0", "0.0.1", "99999999999999999998.0", "99999999999999999999.0"]);
    }

    #[test]
    fn other_names_compare_by_words_and_numbers() {
        assert_ascending(&["pr-9", "pr-10", "pr-10-a", "pr-10-b"]);
        assert_ascending(&["1.0", "8c1f22a0", "2026-9-1", "2026-10-1", "20260101", "latest", "Main", "main-2"]);
        assert_ascending(&["", "\0", "a"]);
    }

    #[test]
    fn a_version_is_the_same_however_it_is_written() {
        assert_eq!(version_key("v1.2"), version_key("1.2.0"));
        assert_eq!(version_key("1.02"), version_key("1.2"));
        assert_eq!(version_key("latest"), None);
        assert_eq!(version_key("20260101"), None);
        assert!(version_key("2.0.0-rc.1") < version_key("2"));
    }

    #[test]
    fn versions_of_one_line_have_its_numbers() {
        assert_eq!(version_line("v1.2.3-rc.1", 2), version_line("1.2", 2));
        assert_eq!(version_line("1.2.3", 1), version_line("v1", 1));
        assert_ne!(version_line("1.2.3", 2), version_line("1.20.3", 2));
        assert_eq!(version_line("1", 2), version_line("1.0.7", 2));
        assert_eq!(version_line("latest", 1), None);
    }

    proptest! {
        #[test]
        fn the_order_is_total(mut names in prop::collection::vec("[v0-2.a_+-]{0,7}|\\PC{0,3}", 3..4)) {
            names.sort_by(|a, b| compare(a, b));
            let [a, b, c] = &names[..] else { unreachable!() };
            prop_assert!(compare(a, b).is_le() && compare(b, c).is_le() && compare(a, c).is_le());
            prop_assert_eq!(compare(a, b), compare(b, a).reverse());
            prop_assert_eq!(compare(a, c) == Ordering::Equal, a == c);
        }
    }
}
