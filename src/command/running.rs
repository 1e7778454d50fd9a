//! What `apply` and `undo` write while they run: a line an item, then the totals.

use serde_json::json;
use tokio::sync::mpsc;

use super::{DONE, Failure, Io, Outcome, PARTLY, Stop};
use crate::domain::outcome::{self, Ended};
use crate::domain::reference::{Digest, TagName};
use crate::domain::text;
use crate::runtime::batch::{self, Event, Report, Totals};

/// Of a plan or of what is put back.
pub(super) struct Line {
    pub tag: Option<TagName>,
    pub digest: Option<Digest>,
}

impl Line {
    pub fn name(&self) -> String {
        match (&self.tag, &self.digest) {
            (Some(tag), _) => tag.to_string(),
            (None, Some(digest)) => digest.to_string(),
            (None, None) => "-".to_owned(),
        }
    }

    pub fn write(&self, ended: &Ended, io: &mut Io<'_>) -> Result<(), Stop> {
        io.clear();
        let why = ended.why.as_ref().map(ToString::to_string);
        if io.json {
            let digest = self.digest.as_ref().map(ToString::to_string);
            let tag = self.tag.as_ref().map(ToString::to_string);
            io.print_json(&json!({ "tag": tag, "digest": digest, "outcome": ended.outcome.word(), "why": why }))?;
        } else {
            let why = why.map_or_else(String::new, |why| format!(": {why}"));
            writeln!(io.out, "{:<8} {}{why}", ended.outcome.word(), self.name())?;
            io.out.flush()?;
        }
        Ok(())
    }
}

/// Runs it to its end, whoever still reads what is written: a batch whose watcher is gone stops after its item.
pub(super) async fn watch(
    lines: &[Line],
    work: impl Future<Output = Report>,
    mut events: mpsc::Receiver<Event>,
    io: &mut Io<'_>,
) -> Result<Report, Stop> {
    let total = lines.len();
    let writing = async {
        while let Some(event) = events.recv().await {
            tell(event, lines, total, io)?;
        }
        drop(events);
        Ok::<(), Stop>(())
    };
    let (report, written) = tokio::join!(work, writing);
    written?;
    io.clear();
    Ok(report)
}

fn tell(event: Event, lines: &[Line], total: usize, io: &mut Io<'_>) -> Result<(), Stop> {
    match event {
        // A plan moves no bytes.
        Event::Began { .. } | Event::Moved { .. } => {}
        Event::Item { at, .. } => io.progress(|| format!("{} of {total}", at + 1)),
        Event::Ended { at, ended, .. } => {
            if let Some(line) = lines.get(at) {
                line.write(&ended, io)?;
            }
        }
        Event::Waiting { wait, why, .. } => {
            io.note(&format!("Waiting {} s: {why}", wait.as_secs_f64().ceil()));
        }
        Event::NotKept { digest } => {
            io.note(&format!("There is no room left to keep {}: undo will not bring it back.", digest.short()));
        }
        Event::Alarm(what) => io.note(&format!("STOPPED: {what}")),
    }
    Ok(())
}

/// The last line, and the exit code. `keeps`: whether there is a history, or what is recorded ends with the run.
pub(super) fn finish(report: &Report, keeps: bool, verb: &str, io: &mut Io<'_>) -> Outcome {
    for said in &report.said {
        io.note(said.as_str());
    }
    totals(&report.totals, report.journal.as_deref().filter(|_| keeps), verb, io)?;
    if report.journal.is_some() && !keeps {
        io.note("The history is switched off in the config: this cannot be undone.");
    }
    let refused = match &report.stopped {
        Some(batch::Stop::Plan(why)) => Some((why, 6)),
        Some(batch::Stop::Journal(why)) if report.journal.is_none() => Some((why, 1)),
        _ => None,
    };
    if let Some((why, code)) = refused {
        return Err(silent(io, Failure { code, ..Failure::refused(why.as_str(), "Nothing was sent.") }));
    }
    let Totals { changed, refused, failed, unknown, skipped, .. } = report.totals;
    Ok(if changed + refused + failed + unknown + skipped == 0 { DONE } else { PARTLY })
}

/// The last line in JSON has been written; why it ended goes to stderr alone.
pub(super) fn silent(io: &mut Io<'_>, failure: Failure) -> Stop {
    io.json = false;
    failure.into()
}

pub(super) fn totals(totals: &Totals, id: Option<&str>, verb: &str, io: &mut Io<'_>) -> Result<(), Stop> {
    let Totals { done, gone, changed, refused, failed, unknown, skipped, .. } = *totals;
    if io.json {
        io.print_json(&json!({
            "id": id, "done": done, "gone": gone, "changed": changed, "refused": refused, "failed": failed,
            "unknown": unknown, "skipped": skipped,
        }))?;
        return Ok(());
    }
    let parts: Vec<String> = outcome::Outcome::ALL
        .into_iter()
        .zip([done, gone, changed, refused, failed, unknown, skipped])
        .filter(|(_, n)| *n > 0)
        .map(|(outcome, n)| format!("{} {}", text::count(n), outcome.word()))
        .collect();
    let said = if parts.is_empty() { format!("Nothing to {verb}") } else { parts.join(", ") };
    match id {
        Some(id) => writeln!(io.out, "{said}. Recorded as {id}.")?,
        None => writeln!(io.out, "{said}.")?,
    }
    Ok(())
}
