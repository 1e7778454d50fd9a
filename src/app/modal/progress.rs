//! A job: its items with what became of them. The job goes on whether this is open or not.

use super::{Outcome, Then};
use crate::app::job::{Job, JobId};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::state::State;

/// Rows a page moves.
const PAGE: usize = 10;

#[derive(Clone, Debug)]
pub struct Progress {
    pub job: JobId,
    pub cursor: usize,
    /// The cursor stays where it is; until somebody moves it, it follows what happens.
    pub touched: bool,
}

impl Progress {
    pub fn new(job: JobId) -> Self {
        Self { job, cursor: 0, touched: false }
    }

    pub fn job<'a>(&self, state: &'a State) -> Option<&'a Job> {
        state.jobs.iter().find(|job| job.id == self.job)
    }

    /// The row with the cursor.
    pub fn at(&self, job: &Job) -> usize {
        if self.touched {
            return self.cursor.min(job.stages.len().saturating_sub(1));
        }
        let totals = job.totals();
        (totals.ended() + totals.under_way).saturating_sub(1)
    }

    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        let Some(job) = self.job(state) else { return Outcome::Close };
        let (at, last) = (self.at(job), job.stages.len().saturating_sub(1));
        let mut to = |at: usize| {
            self.cursor = at.min(last);
            self.touched = true;
        };
        match key.code {
            Code::Esc | Code::Char('b' | 'q' | 'h') | Code::Left => return Outcome::Close,
            Code::Down | Code::Char('j') => to(at + 1),
            Code::Up | Code::Char('k') => to(at.saturating_sub(1)),
            Code::PageDown => to(at + PAGE),
            Code::PageUp => to(at.saturating_sub(PAGE)),
            Code::Home | Code::Char('g') => to(0),
            Code::End | Code::Char('G') => to(last),
            Code::Char('x') if job.runs() && !job.stopping => return Outcome::Act(Then::StopJob(self.clone())),
            Code::Char('r') if can_retry(job) => return Outcome::Act(Then::Retry(self.clone())),
            Code::Char('o') => return Outcome::Act(Then::SaveReport(self.clone())),
            Code::Char('e') => return Outcome::Act(Then::SignInFor(job.registry)),
            _ => {}
        }
        Outcome::Stay
    }
}

pub fn can_retry(job: &Job) -> bool {
    !job.runs() && job.alarm.is_none() && job.to_retry().next().is_some()
}
