//! Fuzzy matching, for the palette and the go-to prompt only. Never for a filter: `pr99ab` matches thousands of tags
//! fuzzily and none as a substring, and what a filter shows may be marked and deleted.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// Positions of the candidates that match, the best first; all of them, in order, for an empty query.
pub fn fuzzy<'a>(query: &str, candidates: impl Iterator<Item = &'a str>) -> Vec<usize> {
    if query.trim().is_empty() {
        return (0..candidates.count()).collect();
    }
    let pattern = Pattern::parse(query, CaseMatching::Smart, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut found: Vec<(u32, usize)> = candidates
        .enumerate()
        .filter_map(|(at, text)| Some((pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher)?, at)))
        .collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    found.into_iter().map(|(_, at)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_query_keeps_everything_in_order() {
        assert_eq!(fuzzy("", ["b", "a"].into_iter()), [0, 1]);
    }

    #[test]
    fn the_closest_match_comes_first() {
        let names = ["team/checkout/worker", "team/checkout/api", "library/alpine"];
        assert_eq!(fuzzy("chapi", names.into_iter()).first(), Some(&1));
        assert!(fuzzy("zzz", names.into_iter()).is_empty());
    }
}
