//! What a registry says beside its answers: `Warning` headers, and how many requests it still allows
//! (oci-distribution.md §12, §13). Each text once.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use reqwest::header::{HeaderMap, WARNING};

use super::limits;
use crate::domain::clean::{self, Clean};

#[derive(Debug, Default)]
pub struct Notices(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    seen: HashSet<Clean>,
    waiting: Vec<Clean>,
    low: bool,
}

impl Notices {
    pub fn look(&self, host: &str, headers: &HeaderMap) {
        let warnings = headers.get_all(WARNING).iter().filter(|value| value.len() <= limits::WARNING);
        let texts: Vec<String> =
            warnings.filter_map(|value| warning(&String::from_utf8_lossy(value.as_bytes()))).collect();
        let allowed = allowance(headers);
        if texts.is_empty() && allowed.is_none() {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for text in texts {
            kept.tell(format!("{host} says: {text}"));
        }
        if let Some((left, limit)) = allowed {
            let low = left.saturating_mul(10) < limit;
            if low && !kept.low {
                kept.tell(format!("{host} allows {left} more of {limit} requests for now"));
            }
            kept.low = low;
        }
    }

    pub fn tell(&self, text: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).tell(text);
    }

    /// Less than a tenth of the allowance is left.
    pub fn few_left(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).low
    }

    /// Those that nobody has taken yet.
    pub fn take(&self) -> Vec<Clean> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).waiting)
    }
}

impl Kept {
    fn tell(&mut self, text: String) {
        let text: String = text.chars().take(limits::ERROR_TEXT).collect();
        let text = clean::line(&text);
        // A registry that has something new to say each time is not listened to for ever.
        if self.seen.len() < limits::NOTICES && self.seen.insert(text.clone()) {
            self.waiting.push(text);
        }
    }
}

/// The text of `299 - "text"` (RFC 7234, 5.5); other codes are about caches.
fn warning(value: &str) -> Option<String> {
    let (_agent, rest) = value.trim().strip_prefix("299 ")?.trim_start().split_once(' ')?;
    let quoted = rest.trim_start().strip_prefix('"')?;
    let mut text = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return Some(text).filter(|text| !text.trim().is_empty()),
            '\\' => text.extend(chars.next()),
            c => text.push(c),
        }
    }
}

/// Requests left, and of how many. Docker Hub adds the window: `76;w=21600`.
fn allowance(headers: &HeaderMap) -> Option<(u64, u64)> {
    let number = |names: [&str; 2]| {
        let value = names.iter().find_map(|name| headers.get(*name))?.to_str().ok()?;
        value.split([';', ',']).next()?.trim().parse().ok()
    };
    let left = number(["ratelimit-remaining", "x-ratelimit-remaining"])?;
    let limit = number(["ratelimit-limit", "x-ratelimit-limit"])?;
    Some((left, limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, reqwest::header::HeaderValue::from_bytes(value.as_bytes()).expect("a value"));
        }
        headers
    }

    fn told(notices: &Notices) -> Vec<String> {
        notices.take().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn warnings_have_one_form() {
        assert_eq!(warning(r#"299 - "read \"this\"""#).as_deref(), Some(r#"read "this""#));
        assert_eq!(warning(r#"299 host:80 "a""#).as_deref(), Some("a"));
        for odd in ["", "299", "299 -", "299 - text", r#"299 - "open"#, r#"110 - "stale""#, r#"299 - "" "#] {
            assert_eq!(warning(odd), None, "{odd}");
        }
    }

    #[test]
    fn each_text_is_told_once_and_clean() {
        let notices = Notices::default();
        let two = headers(&[("warning", "299 - \"moved\""), ("warning", "299 - \"\u{9b}31mred\"")]);
        notices.look("r.example", &two);
        let first = told(&notices);
        assert_eq!((first.len(), first[0].as_str()), (2, "r.example says: moved"));
        assert!(!first[1].chars().any(char::is_control), "{first:?}");
        notices.look("r.example", &two);
        assert!(told(&notices).is_empty());
        for n in 0..1_000 {
            notices.look("r.example", &headers(&[("warning", &format!("299 - \"{n}\""))]));
        }
        assert_eq!(told(&notices).len(), limits::NOTICES - 2);
        let long = format!("299 - \"{}\"", "x".repeat(limits::WARNING));
        let notices = Notices::default();
        notices.look("r.example", &headers(&[("warning", &long)]));
        assert!(told(&notices).is_empty());
    }

    #[test]
    fn the_last_tenth_of_an_allowance_is_told_once() {
        let notices = Notices::default();
        let left =
            |n: u64| headers(&[("ratelimit-limit", "100;w=21600"), ("ratelimit-remaining", &format!("{n};w=21600"))]);
        for n in [76, 10, 9, 8, 7] {
            notices.look("r.example", &left(n));
        }
        assert_eq!(told(&notices), ["r.example allows 9 more of 100 requests for now"]);
        notices.look("r.example", &headers(&[("x-ratelimit-limit", "many"), ("x-ratelimit-remaining", "-1")]));
        assert!(told(&notices).is_empty());
    }
}
