//! Times of several programs at the same job, taken in turns, and what is said of them.

use std::time::Duration;

#[derive(Default)]
pub struct Job {
    pub name: String,
    /// How many times the floor it may take.
    pub target: f64,
    pub floor: Vec<Duration>,
    pub ours: Vec<Duration>,
    pub others: Vec<(&'static str, Vec<Duration>)>,
}

impl Job {
    pub fn new(name: impl Into<String>, target: f64) -> Self {
        Self { name: name.into(), target, ..Self::default() }
    }

    pub fn other(&mut self, name: &'static str, time: Duration) {
        match self.others.iter_mut().find(|(n, _)| *n == name) {
            Some((_, times)) => times.push(time),
            None => self.others.push((name, vec![time])),
        }
    }

    pub fn print(&self) {
        let (floor, ours) = (median(&self.floor), median(&self.ours));
        let ratio = ours.as_secs_f64() / floor.as_secs_f64();
        let verdict = if ratio <= self.target { "ok" } else { "OVER" };
        let others: Vec<_> = self
            .others
            .iter()
            .map(|(name, times)| {
                let time = median(times);
                format!("{name} {} ({:.1}x)", seconds(time), time.as_secs_f64() / ours.as_secs_f64())
            })
            .collect();
        println!(
            "| {} | {} | {} | {ratio:.2} | <= {} {verdict} | {} |",
            self.name,
            seconds(floor),
            seconds(ours),
            self.target,
            others.join(", ")
        );
    }
}

pub fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

pub fn seconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64())
}
