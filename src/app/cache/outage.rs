//! A registry that cannot be reached is not asked once a row: after a few failures nothing more is asked until the list
//! is read again.

use crate::domain::error::{ErrorKind, ErrorReport};

/// Failures one after the other that are no accident.
const ENOUGH: u8 = 3;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outage {
    failures: u8,
    stopped: Option<ErrorReport>,
}

impl Outage {
    /// What became of a request: an answer, or why there was none.
    pub fn hear(&mut self, failure: Option<&ErrorReport>) {
        let Some(report) = failure.filter(|report| report.kind.is_no_answer()) else {
            self.failures = 0;
            return;
        };
        self.failures = self.failures.saturating_add(1);
        if self.failures >= ENOUGH {
            self.stopped.get_or_insert_with(|| report.clone());
        }
    }

    /// The list itself could not be read. Where nobody listens, its rows' details are not there either.
    pub fn hear_of_list(&mut self, report: &ErrorReport) {
        if matches!(report.kind, ErrorKind::Network | ErrorKind::Tls) {
            self.stopped = Some(report.clone());
        }
    }

    /// Why nothing more is asked.
    pub fn stopped(&self) -> Option<&ErrorReport> {
        self.stopped.as_ref()
    }
}
