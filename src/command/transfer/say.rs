//! What is written while it runs, and at its end.

use serde_json::json;

use crate::command::{Io, Stop};
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::text;
use crate::domain::transfer::{Step, Transfer, Way};
use crate::runtime::batch::{Event, Report};
use crate::runtime::copy::LINKED;

/// Bytes and blobs so far, for a line on a terminal.
pub(super) struct Watched<'a> {
    transfer: &'a Transfer,
    /// Of the blobs that have ended.
    bytes: u64,
    ended: usize,
}

impl<'a> Watched<'a> {
    pub fn new(transfer: &'a Transfer) -> Self {
        Self { transfer, bytes: 0, ended: 0 }
    }

    pub fn tell(&mut self, event: Event, io: &mut Io<'_>) {
        let blobs = &self.transfer.blobs;
        match event {
            Event::Began { .. } => {}
            Event::Item { at, .. } if at >= blobs.len() => {
                let of = self.transfer.by_digest.len() + self.transfer.tags.len();
                io.progress(|| format!("manifest {} of {of}", at - blobs.len() + 1));
            }
            Event::Item { at, .. } => self.draw(at, 0, io),
            Event::Moved { at, bytes } => self.draw(at, bytes, io),
            Event::Ended { at, .. } => {
                if let Some(blob) = blobs.get(at) {
                    self.bytes = self.bytes.saturating_add(blob.size);
                    self.ended += 1;
                }
            }
            Event::Waiting { wait, why, .. } => {
                io.note(&format!("Again in {:.1} s: {why}", wait.as_secs_f64()));
            }
            Event::NotKept { digest } => {
                io.note(&format!("There is no room left to keep {}: undo will not bring it back.", digest.short()));
            }
            Event::Alarm(what) => io.note(&format!("STOPPED: {what}")),
        }
    }

    fn draw(&self, at: usize, bytes: u64, io: &mut Io<'_>) {
        let (of, all) = (self.transfer.blobs.len(), self.transfer.bytes());
        let so_far = self.bytes.saturating_add(bytes);
        let part = (u128::from(so_far) * 100).checked_div(all.into()).unwrap_or(100);
        io.progress(|| format!("blob {} of {of}, {} of {}, {part}%", at + 1, text::size(so_far), text::size(all)));
    }
}

/// Whether anything had to be sent: what was found there says so.
pub(super) fn changed(report: &Report) -> bool {
    let sent = |ended: &Ended| ended.why.as_ref().is_none_or(|why| why.as_str() == LINKED);
    report.items.iter().any(|ended| ended.outcome == Outcome::Done && sent(ended))
}

/// How the blobs came there.
struct Brought {
    sent: usize,
    linked: usize,
    there: usize,
    bytes: u64,
}

impl Brought {
    fn of(transfer: &Transfer, report: &Report) -> Self {
        let mut brought = Self { sent: 0, linked: 0, there: 0, bytes: 0 };
        for (step, ended) in transfer.steps().zip(&report.items) {
            let Step::Blob(blob) = step else { continue };
            match ended.why.as_ref().map(|why| why.as_str()) {
                None => {
                    brought.sent += 1;
                    brought.bytes += blob.size;
                }
                Some(LINKED) => brought.linked += 1,
                Some(_) => brought.there += 1,
            }
        }
        brought
    }
}

/// `report`: what ran, and whether it is in the history.
pub(super) fn done(
    transfer: &Transfer,
    report: Option<(&Report, bool)>,
    how: &str,
    io: &mut Io<'_>,
) -> Result<(), Stop> {
    let Some(wanted) = transfer.wanted() else { return Ok(()) };
    let brought = report.map(|(report, _)| Brought::of(transfer, report));
    let changed = report.is_some_and(|(report, _)| changed(report));
    let kept = report.filter(|(_, history)| *history);
    let id = kept.and_then(|(report, _)| report.journal.clone());
    let (to, from) = (&transfer.to, &transfer.from);
    if io.json {
        let mut value = json!({
            "registry": to.registry, "repository": to.repo.to_string(), "tag": wanted.tag.to_string(),
            "digest": wanted.digest.to_string(), "before": wanted.before.as_ref().map(ToString::to_string),
            "changed": changed, "id": id,
        });
        if transfer.way != Way::Tag {
            value["from"] = json!({
                "registry": from.registry, "repository": from.repo.to_string(), "reference": transfer.source.to_string(),
            });
            value["manifests"] = json!(transfer.pieces.len());
            value["blobs"] = json!({
                "all": transfer.blobs.len(), "bytes": transfer.bytes(),
                "sent": brought.as_ref().map(|b| b.sent), "sent_bytes": brought.as_ref().map(|b| b.bytes),
                "linked": brought.as_ref().map(|b| b.linked), "there": brought.as_ref().map(|b| b.there),
            });
            value["warnings"] = json!(transfer.warnings.iter().map(ToString::to_string).collect::<Vec<_>>());
        }
        return Ok(io.print_json(&value)?);
    }
    let place = format!("{}/{}", to.registry, to.repo);
    let was = transfer.replaces().map(|was| format!(" (was {was})")).unwrap_or_default();
    writeln!(io.out, "{place}:{} -> {}{was}: {how}.", wanted.tag, wanted.digest)?;
    if transfer.way != Way::Tag {
        let (manifests, blobs) = (transfer.pieces.len(), transfer.blobs.len());
        let ways = brought.map(|Brought { sent, linked, there, bytes }| {
            format!(": {sent} sent ({}), {linked} linked, {there} there already", text::size(bytes))
        });
        let all = text::size(transfer.bytes());
        let of = |n: usize, what| format!("{} {what}{}", text::count(n), if n == 1 { "" } else { "s" });
        let (manifests, blobs) = (of(manifests, "manifest"), of(blobs, "blob"));
        writeln!(io.out, "{manifests}, {blobs} of {all}{}.", ways.unwrap_or_default())?;
    }
    match (changed, id, transfer.replaces()) {
        (true, Some(id), was) => {
            let only =
                if transfer.way == Way::Tag || was.is_some() { "" } else { " (only the tag; its content stays)" };
            writeln!(io.out, "To take it back{only}: tagboat undo {id}")?;
        }
        (true, None, Some(was)) => {
            writeln!(io.out, "To move it back: tagboat tag {place}@{was} {} --yes", wanted.tag)?;
        }
        _ => {}
    }
    Ok(())
}
