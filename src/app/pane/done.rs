//! The views of what was done: jobs of this run, and the history of all runs. The newest come first.

use jiff::Timestamp;

use crate::app::history::Operation;
use crate::app::job::Job;
use crate::app::list::List;
use crate::domain::filter::{Field, Row, Verdict};

/// Rows of the history that the filter lets through.
pub fn operations(rows: &[Operation], list: &List, now: Timestamp) -> Vec<u32> {
    let wanted = |operation: &Operation| {
        let time = operation.time();
        let text = operation.told.as_ref().map_or(operation.id.as_str(), |told| told.words.as_str());
        passes(text, time, list, now)
    };
    (0..rows.len() as u32).filter(|at| wanted(&rows[*at as usize])).collect()
}

pub fn jobs(jobs: &[Job], list: &List, now: Timestamp) -> Vec<u32> {
    let wanted = |job: &Job| {
        let mut text = format!("{} {} {}", job.work.registry(), job.work.place(), job.work.verb());
        for repo in (0..job.work.len()).filter_map(|at| job.work.whole(at)) {
            text.push(' ');
            text.push_str(repo.as_str());
        }
        for tag in (0..job.work.len()).flat_map(|at| job.work.tags(at)) {
            text.push(' ');
            text.push_str(tag.as_str());
        }
        passes(&text, Some(job.began), list, now)
    };
    let filtered = list.filter.filter.is_some();
    (0..jobs.len() as u32).rev().filter(|at| !filtered || wanted(&jobs[*at as usize])).collect()
}

fn passes(text: &str, time: Option<Timestamp>, list: &List, now: Timestamp) -> bool {
    let Some(filter) = &list.filter.filter else { return true };
    let created = time.map_or(Field::Absent, Field::Is);
    filter.matches(&Row { name: text, created, ..Row::default() }, now) == Verdict::Yes
}
