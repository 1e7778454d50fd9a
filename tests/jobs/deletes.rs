//! Deletions on the real registry: half of a repository goes, looked at again, recorded and verified, beside whoever
//! only sends them; and what of that the journal costs.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tagboat::domain::outcome::Ended;
use tagboat::store::config::HistorySettings;
use tagboat::store::journal::Journals;

use super::fill::{Storage, Truth};
use super::table::{Job, median, seconds};
use super::{Bench, timed};

/// What is deleted; what stays begins otherwise.
pub const GOING: &str = "gone-";

/// The repositories of all runs, one for each who deletes; they are alike.
pub struct Repositories(Vec<[String; 3]>);

impl Repositories {
    pub fn fill(storage: &Storage, runs: usize, deletes: usize) -> anyhow::Result<(Self, Truth)> {
        let mut truth = Truth::new();
        let mut all = Vec::new();
        for run in 0..if deletes == 0 { 0 } else { runs } {
            let names = ["floor", "tagboat", "skopeo"].map(|who| format!("bench/delete-{who}-{run}"));
            for name in &names {
                truth = storage.halves(name, deletes, GOING)?;
            }
            all.push(names);
        }
        truth.retain(|tag, _| !tag.starts_with(GOING));
        Ok((Self(all), truth))
    }
}

pub fn run(bench: &Bench, repositories: &Repositories, stays: &Truth) -> anyhow::Result<()> {
    let count = stays.len();
    if count == 0 {
        return Ok(());
    }
    let mut planning = Job::new(format!("a plan of {count} of {} tags", 2 * count), 1.25);
    let mut deleting = Job::new(format!("J5 {count} deletions, looked at again and verified"), 1.25);
    let mut journal = Vec::new();
    for (run, [floor, ours, skopeo]) in repositories.0.iter().enumerate() {
        let state = bench.home.join(format!("state-delete-{run}"));
        let plan = bench.home.join(format!("plan-{run}.json")).display().to_string();
        let place = format!("{}/{ours}", bench.host());
        planning.floor.push(bench.floor("digests", &bench.url, ours, 2 * count)?);
        let marks = format!("{GOING}*");
        let line = ["--plain-http", "plan", &place, "--mark", &marks, "--out", &plan, "--json"];
        planning.ours.push(timed(bench.tagboat(&line, Some(&state)))?.0);

        deleting.floor.push(bench.floor("deletes", &bench.url, floor, count)?);
        let line = ["--plain-http", "apply", &plan, "--confirm", &count.to_string(), "--json"];
        let (time, out) = timed(bench.tagboat(&line, Some(&state)))?;
        let last = out.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty()).context("totals")?;
        let totals: Value = serde_json::from_slice(last)?;
        ensure!(totals["done"] == count, "{totals}");
        stayed(bench, &place, stays)?;
        deleting.ours.push(time);
        journal.push(alone(&state, totals["id"].as_str().context("an id")?)?);

        let place = format!("{}/{skopeo}", bench.host());
        let each = format!(
            "skopeo list-tags --tls-verify=false docker://{place} | jq -r '.Tags[]' | grep ^{GOING} | \
             while read -r tag; do skopeo delete --tls-verify=false docker://{place}:$tag && echo $tag; done"
        );
        bench.peer(&mut deleting, "skopeo", count, &each)?;
    }
    planning.print();
    deleting.print();
    let (whole, journal) = (median(&deleting.ours), median(&journal));
    let share = journal.as_secs_f64() / whole.as_secs_f64() * 100.0;
    let verdict = if share <= 5.0 { "ok" } else { "OVER" };
    println!("| the journal of it, written alone | | {} | {share:.1} % | <= 5 % {verdict} | |", seconds(journal));
    Ok(())
}

/// What was to go is gone, and nothing else.
fn stayed(bench: &Bench, place: &str, stays: &Truth) -> anyhow::Result<()> {
    let (_, out) = timed(bench.tagboat(&["--plain-http", "tags", place, "--json"], None))?;
    let found: Value = serde_json::from_slice(&out)?;
    let rows = found["tags"].as_array().context("tags")?;
    ensure!(rows.len() == stays.len(), "{} tags of {} are left", rows.len(), stays.len());
    for row in rows {
        let name = row["name"].as_str().unwrap_or_default();
        let digest = stays.get(name).map(|row| row.digest.as_str());
        ensure!(digest.is_some() && row["digest"].as_str() == digest, "{name} is not where it was");
    }
    Ok(())
}

/// Writes the same journal once more, next to the first, with nothing between its lines.
fn alone(state: &Path, id: &str) -> anyhow::Result<Duration> {
    let journals = Journals::new(state, HistorySettings::default());
    let (told, kept) = (journals.read(id).ok().context("a journal")?, journals.kept(id).ok().context("manifests")?);
    let begun = Instant::now();
    let mut journal = journals.begin(&told.header)?;
    for (at, item) in told.header.items.iter().enumerate() {
        let digest = item.digest.as_ref().context("a digest")?;
        let manifest = kept.get(digest).context("a manifest")?;
        journal.keep(digest, &manifest.media_type, &manifest.bytes)?;
        match at {
            0 => journal.sending(at)?,
            _ => journal.ended_and_sending(at - 1, &Ended::done(), at)?,
        }
    }
    journal.ended(told.items.len() - 1, &Ended::done())?;
    journals.end(journal)?;
    Ok(begun.elapsed())
}
