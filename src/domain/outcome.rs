//! How one item of a batch ended.

use super::clean::Clean;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    Done,
    /// Somebody was first: it was not there any more.
    Gone,
    /// It points at something else than when the plan was made; nothing was sent.
    Changed,
    /// The registry said no, or we did.
    Refused,
    Failed,
    /// Sent, and no answer tells whether it was done.
    Unknown,
    /// Never started.
    Skipped,
}

impl Outcome {
    pub const ALL: [Self; 7] =
        [Self::Done, Self::Gone, Self::Changed, Self::Refused, Self::Failed, Self::Unknown, Self::Skipped];

    /// The word of interface.md §2 (`apply`).
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Gone => "gone",
            Self::Changed => "changed",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    /// What was wanted is so: nothing is left to do for this item.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Done | Self::Gone)
    }
}

/// An outcome and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub outcome: Outcome,
    /// One sentence; needed for everything but `Done`.
    pub why: Option<Clean>,
}

impl Ended {
    pub fn done() -> Self {
        Self { outcome: Outcome::Done, why: None }
    }

    pub fn because(outcome: Outcome, why: Clean) -> Self {
        Self { outcome, why: Some(why) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_a_word_of_its_own() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::from_word(outcome.word()), Some(outcome));
        }
        assert_eq!(Outcome::from_word("sending"), None);
    }
}
