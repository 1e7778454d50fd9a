//! When to send again, and after how long (oci-distribution.md §13).

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::limits;

/// Longer waits are a fault of the server, not a plan.
const ABSURD: Duration = Duration::from_secs(7 * 24 * 3600);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// This request waits.
    Wait(Duration),
    /// The whole origin waits.
    Pause(Duration),
    Stop,
}

/// The tries of one request and the time they may take together.
#[derive(Debug)]
pub struct Retry {
    tries: u32,
    limited: u32,
    last_status: u16,
    left: Duration,
}

impl Retry {
    pub fn new(total: Duration) -> Self {
        Self { tries: 1, limited: 0, last_status: 0, left: total }
    }

    /// Time left for requests and waits; waiting for a place in flight is not counted.
    pub fn left(&self) -> Duration {
        self.left
    }

    pub fn spend(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time);
    }

    pub fn after_fault(&mut self) -> Next {
        self.wait(None)
    }

    pub fn after_status(&mut self, status: u16, headers: &HeaderMap) -> Next {
        let asked = retry_after(headers, Timestamp::now());
        // The same 500 twice will not get better; it can be the request's fault (oci-distribution.md §12).
        let hopeless = status == 500 && self.last_status == 500;
        self.last_status = status;
        match status {
            429 => {
                if self.limited >= limits::TRIES_LIMITED || asked.is_some_and(|wait| wait > limits::RETRY_AFTER) {
                    return Next::Stop;
                }
                self.limited += 1;
                match self.afford(asked.unwrap_or_else(|| backoff(self.limited))) {
                    Some(wait) => Next::Pause(wait),
                    None => Next::Stop,
                }
            }
            408 | 500 | 502 | 503 | 504 if !hopeless => self.wait(asked),
            _ => Next::Stop,
        }
    }

    fn wait(&mut self, asked: Option<Duration>) -> Next {
        if self.tries >= limits::TRIES || asked.is_some_and(|wait| wait > limits::RETRY_AFTER) {
            return Next::Stop;
        }
        let wait = asked.unwrap_or_else(|| backoff(self.tries));
        self.tries += 1;
        self.afford(wait).map_or(Next::Stop, Next::Wait)
    }

    fn afford(&mut self, wait: Duration) -> Option<Duration> {
        let left = self.left.checked_sub(wait).filter(|left| !left.is_zero())?;
        self.left = left;
        Some(wait)
    }
}

/// Full jitter: anything between nothing and the doubled base.
fn backoff(tried: u32) -> Duration {
    let most = limits::BACKOFF_BASE.saturating_mul(1 << tried.saturating_sub(1).min(10)).min(limits::BACKOFF_CAP);
    let random = getrandom::u32().unwrap_or(u32::MAX / 2);
    most.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

/// Seconds or an HTTP date. Nothing, where the value is in the past, negative or absurd: then back off as usual.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if let Ok(seconds) = value.parse::<u64>() {
        Duration::from_secs(seconds)
    } else {
        let date = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp());
        // Against the server's own clock where it shows it (safety.md E2).
        let now = headers.get(DATE).and_then(|value| value.to_str().ok()).and_then(date).unwrap_or(now);
        Duration::try_from(date(value)?.duration_since(now)).ok()?
    };
    (!wait.is_zero() && wait < ABSURD).then_some(wait)
}

/// A wait as a person would say it, never too short.
pub fn words(wait: Duration) -> String {
    let minutes = wait.as_secs().div_ceil(60);
    match (minutes / 60, minutes % 60) {
        (0, _) if wait.as_secs() < 120 => format!("{} s", wait.as_secs().max(1)),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str, date: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, value.parse().expect("value"));
        if let Some(date) = date {
            headers.insert(DATE, date.parse().expect("date"));
        }
        headers
    }

    fn parsed(value: &str) -> Option<u64> {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().expect("time");
        retry_after(&headers(value, None), now).map(|wait| wait.as_secs())
    }

    #[test]
    fn retry_after_forms() {
        assert_eq!(parsed("7"), Some(7));
        assert_eq!(parsed("Sat, 21 Nov 2026 12:00:30 GMT"), Some(30));
        for odd in
            ["0", "-5", "999999999999", "99999999999999999999999", "soon", "Sat, 21 Nov 2020 12:00:30 GMT", "1.5"]
        {
            assert_eq!(parsed(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_date_is_read_by_the_servers_clock() {
        let headers = headers("Sat, 21 Nov 2020 12:00:30 GMT", Some("Sat, 21 Nov 2020 12:00:10 GMT"));
        assert_eq!(retry_after(&headers, Timestamp::now()), Some(Duration::from_secs(20)));
    }

    #[test]
    fn waits_are_said_in_round_numbers() {
        for (seconds, text) in
            [(0, "1 s"), (90, "90 s"), (119, "119 s"), (121, "3 min"), (3600, "1 h"), (5400, "1 h 30 min")]
        {
            assert_eq!(words(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn tries_end() {
        let none = HeaderMap::new();
        let mut retry = Retry::new(limits::TOTAL);
        for _ in 1..limits::TRIES {
            assert!(matches!(retry.after_status(503, &none), Next::Wait(_)));
        }
        assert_eq!(retry.after_status(503, &none), Next::Stop);

        let mut retry = Retry::new(limits::TOTAL);
        for _ in 0..limits::TRIES_LIMITED {
            assert!(matches!(retry.after_status(429, &none), Next::Pause(_)));
        }
        assert_eq!(retry.after_status(429, &none), Next::Stop);
    }

    #[test]
    fn the_same_500_twice_is_shown() {
        let mut retry = Retry::new(limits::TOTAL);
        assert!(matches!(retry.after_status(500, &HeaderMap::new()), Next::Wait(_)));
        assert_eq!(retry.after_status(500, &HeaderMap::new()), Next::Stop);
        assert_eq!(Retry::new(limits::TOTAL).after_status(404, &HeaderMap::new()), Next::Stop);
    }

    #[test]
    fn waits_stay_within_the_deadline_and_the_clamp() {
        let mut retry = Retry::new(Duration::from_secs(100));
        assert_eq!(retry.after_status(429, &headers("60", None)), Next::Pause(Duration::from_secs(60)));
        assert_eq!(retry.after_status(429, &headers("60", None)), Next::Stop);
        assert_eq!(Retry::new(limits::TOTAL).after_status(503, &headers("61", None)), Next::Stop);
    }
}
