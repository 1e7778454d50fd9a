//! What the answer to a write says about whether it was done (safety.md F4, F5).

use std::time::Duration;

use crate::backend::{Delivery, Error, Result, Sent};
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;

/// As often is a 429 waited out for one item (oci-distribution.md §13),
const TRIES: u32 = 5;
/// never longer than this at a time.
const LONGEST: Duration = Duration::from_secs(60);
const IN_A_ROW: u32 = 3;

#[derive(Clone, Debug)]
pub enum Answer {
    /// Accepted; another look tells whether it is done.
    Accepted,
    /// 404
    NotThere,
    /// Others were deleted; it is not among those that the answer names.
    Left,
    /// It may have been done. Only another look tells.
    Open(Error),
    /// It was not done.
    No(Error),
}

pub fn of(result: Result<Sent>) -> Answer {
    match result {
        Ok(Sent::Done) => Answer::Accepted,
        Ok(Sent::Gone) => Answer::NotThere,
        Ok(Sent::Left) => Answer::Left,
        Err(error) => of_error(error),
    }
}

pub fn of_error(error: Error) -> Answer {
    match (error.delivery, error.kind) {
        (Delivery::NotSent, _) => Answer::No(error),
        // A gateway that gave up says nothing of the server behind it, and neither does half an answer.
        (Delivery::Unanswered, _) | (_, ErrorKind::Server | ErrorKind::Timeout | ErrorKind::BadAnswer) => {
            Answer::Open(error)
        }
        (Delivery::Answered, _) => Answer::No(error),
    }
}

/// What became of each of `count` things that one request was about. Of what the answer does not tell, a look does.
pub fn of_many(result: Result<Vec<Sent>>, count: usize) -> Vec<Answer> {
    match result {
        Ok(sent) => (0..count).map(|at| of(Ok(sent.get(at).copied().unwrap_or(Sent::Left)))).collect(),
        Err(error) => vec![of_error(error); count],
    }
}

/// Where an answer names a part of what the request was about.
pub fn part(answers: &[Answer]) -> Option<Clean> {
    let named = answers.iter().filter(|answer| matches!(answer, Answer::Accepted)).count();
    let left = answers.iter().any(|answer| matches!(answer, Answer::Left));
    let words = format!("{named} of {} were named as deleted in the answer to one request", answers.len());
    left.then(|| clean::line(&words))
}

/// Answered, so it was not done, and after a wait it can be tried again.
pub fn is_limited(error: &Error) -> bool {
    error.kind == ErrorKind::RateLimited && matches!(of_error(error.clone()), Answer::No(_))
}

/// The wait before trying again; `None` where that is not to be waited for.
pub fn pause(error: &Error, tried: u32) -> Option<Duration> {
    if error.kind != ErrorKind::RateLimited || tried >= TRIES {
        return None;
    }
    let wait = error.retry_after.unwrap_or(Duration::from_secs(1) * (1 << tried));
    (wait <= LONGEST).then_some(wait)
}

/// Errors that end more than one item.
#[derive(Debug, Default)]
pub struct Trouble {
    in_a_row: u32,
}

impl Trouble {
    pub fn fine(&mut self) {
        self.in_a_row = 0;
    }

    /// Whether nothing more is to be sent to this registry.
    pub fn ends(&mut self, error: &Error) -> bool {
        use ErrorKind as K;
        match error.kind {
            K::SignIn | K::Denied | K::UntrustedRealm | K::NotEncrypted | K::Tls | K::RateLimited => true,
            K::Forbidden | K::Config | K::Cancelled => true,
            // A registry that does not delete; but "this one not", with 400, is said of single ways and things.
            K::Unsupported => error.status != Some(400),
            K::Server | K::Network | K::Timeout => {
                self.in_a_row += 1;
                self.in_a_row >= IN_A_ROW
            }
            K::NotFound | K::BadAnswer | K::OtherKind | K::TooLarge | K::Refused | K::Internal => {
                self.fine();
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind, status: Option<u16>) -> Error {
        let delivery = if status.is_some() { Delivery::Answered } else { Delivery::Unanswered };
        Error { status, ..Error::new(kind, "no") }.delivery(delivery)
    }

    #[test]
    fn only_what_was_refused_was_not_done() {
        assert!(matches!(of(Ok(Sent::Done)), Answer::Accepted));
        assert!(matches!(of(Ok(Sent::Gone)), Answer::NotThere));
        for (kind, status) in [
            (ErrorKind::Network, None),
            (ErrorKind::Timeout, None),
            (ErrorKind::Server, Some(502)),
            (ErrorKind::Timeout, Some(408)),
        ] {
            assert!(matches!(of(Err(error(kind, status))), Answer::Open(_)), "{kind:?}");
        }
        for (kind, status) in [(ErrorKind::Denied, 403), (ErrorKind::Refused, 409), (ErrorKind::Unsupported, 405)] {
            assert!(matches!(of(Err(error(kind, Some(status)))), Answer::No(_)), "{kind:?}");
        }
        assert!(matches!(of(Err(Error::new(ErrorKind::Network, "no"))), Answer::No(_)), "it never left");
    }

    #[test]
    fn what_ends_a_batch() {
        let mut trouble = Trouble::default();
        assert!(
            trouble.ends(&error(ErrorKind::Denied, Some(403))) && trouble.ends(&error(ErrorKind::SignIn, Some(401)))
        );
        assert!(trouble.ends(&error(ErrorKind::Unsupported, Some(405))));
        assert!(!trouble.ends(&error(ErrorKind::Unsupported, Some(400))));
        assert!(!trouble.ends(&error(ErrorKind::Refused, Some(412))));
        let server = error(ErrorKind::Server, Some(500));
        assert!(!trouble.ends(&server) && !trouble.ends(&server));
        trouble.fine();
        assert!(!trouble.ends(&server) && !trouble.ends(&server) && trouble.ends(&server));
    }

    #[test]
    fn waits_are_bounded() {
        let limited = |seconds| Error {
            retry_after: Some(Duration::from_secs(seconds)),
            ..error(ErrorKind::RateLimited, Some(429))
        };
        assert_eq!(pause(&limited(60), 0), Some(Duration::from_secs(60)));
        assert_eq!(pause(&limited(61), 0), None);
        assert_eq!(pause(&limited(1), TRIES), None);
        assert_eq!(pause(&error(ErrorKind::RateLimited, Some(429)), 3), Some(Duration::from_secs(8)));
        assert_eq!(pause(&error(ErrorKind::Server, Some(503)), 0), None);
    }
}
