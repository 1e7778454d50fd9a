//! How many requests one origin gets at once. Starts low, doubles each round trip while the server keeps up, halves
//! when it complains or slows down.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::limits;

/// What one exchange said about the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// Answered; the time to the first byte, where requests of this kind are alike enough to compare.
    Fine(Option<Duration>),
    /// 429, 5xx.
    Overload,
    /// Says nothing: cancelled, no connection.
    Nothing,
}

#[derive(Debug)]
struct Tuning {
    limit: usize,
    ceiling: usize,
    most: usize,
    /// Permits still out that must not come back, after the limit fell.
    debt: usize,
    in_flight: usize,
    slow_start: bool,
    /// Answers since the limit last grew by one, after the slow start.
    credit: usize,
    /// Answers to ignore after a cut: they were sent before it.
    deaf: usize,
    window: Vec<Duration>,
    baseline: Option<Duration>,
}

#[derive(Debug)]
pub struct Gate {
    permits: Arc<Semaphore>,
    tuning: Mutex<Tuning>,
    paused_until: Mutex<Option<Instant>>,
}

impl Gate {
    pub fn new(most: Option<usize>) -> Self {
        let most = most.unwrap_or(usize::MAX).max(1);
        let limit = limits::FLIGHT_START.min(most);
        Self {
            permits: Arc::new(Semaphore::new(limit)),
            tuning: Mutex::new(Tuning {
                limit,
                ceiling: limits::FLIGHT_HTTP1,
                most,
                debt: 0,
                in_flight: 0,
                slow_start: true,
                credit: 0,
                deaf: 0,
                window: Vec::new(),
                baseline: None,
            }),
            paused_until: Mutex::new(None),
        }
    }

    /// Waits for a place and for the end of a pause.
    pub async fn enter(self: &Arc<Self>) -> Permit {
        // The semaphore is never closed; were it, the request goes out ungated rather than never.
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok();
        let permit = Permit { gate: Arc::clone(self), permit, entered: self.count_in() };
        while let Some(until) = self.pause() {
            tokio::time::sleep_until(until).await;
        }
        permit
    }

    fn count_in(&self) -> usize {
        let mut tuning = self.tuning();
        tuning.in_flight += 1;
        tuning.in_flight
    }

    /// A 429 is about the whole origin, not about one request (oci-distribution.md §13).
    pub fn pause_for(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut paused = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        *paused = Some(paused.map_or(until, |already| already.max(until)));
    }

    fn pause(&self) -> Option<Instant> {
        let paused = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        paused.filter(|until| *until > Instant::now())
    }

    pub fn limit(&self) -> usize {
        self.tuning().limit
    }

    /// Nobody is in, and nobody waits at the door of one that is paused.
    pub fn is_empty(&self) -> bool {
        self.tuning().in_flight == 0
    }

    pub fn saw_http2(&self) {
        let mut tuning = self.tuning();
        if tuning.ceiling == limits::FLIGHT_HTTP1 {
            tuning.ceiling = limits::FLIGHT_HTTP2;
        }
    }

    /// The server counts requests: it sends rate-limit headers, or it has answered 429.
    pub fn saw_counter(&self) {
        let mut tuning = self.tuning();
        tuning.ceiling = limits::FLIGHT_COUNTED;
        tuning.slow_start = false;
        let most = tuning.limit.min(limits::FLIGHT_COUNTED);
        self.set(&mut tuning, most);
    }

    fn judge(&self, sample: Sample, crowd: usize) {
        let mut tuning = self.tuning();
        tuning.in_flight -= 1;
        match sample {
            Sample::Nothing => {}
            Sample::Overload if tuning.deaf > 0 => tuning.deaf -= 1,
            Sample::Overload => self.cut(&mut tuning),
            Sample::Fine(_) if tuning.deaf > 0 => tuning.deaf -= 1,
            Sample::Fine(latency) => {
                if latency.is_some_and(|latency| tuning.slows_down(latency)) {
                    self.cut(&mut tuning);
                // A limit nobody reaches proves nothing by being kept.
                } else if crowd * 2 > tuning.limit {
                    self.grow(&mut tuning);
                }
            }
        }
    }

    fn grow(&self, tuning: &mut Tuning) {
        tuning.credit += 1;
        if tuning.slow_start || tuning.credit >= tuning.limit {
            tuning.credit = 0;
            let limit = tuning.limit + 1;
            self.set(tuning, limit);
        }
    }

    fn cut(&self, tuning: &mut Tuning) {
        tuning.slow_start = false;
        tuning.credit = 0;
        tuning.deaf = tuning.in_flight;
        tuning.window.clear();
        let half = (tuning.limit / 2).max(1);
        self.set(tuning, half);
    }

    fn set(&self, tuning: &mut Tuning, limit: usize) {
        let limit = limit.clamp(1, tuning.ceiling.min(tuning.most));
        if limit > tuning.limit {
            let more = limit - tuning.limit;
            let repaid = more.min(tuning.debt);
            tuning.debt -= repaid;
            self.permits.add_permits(more - repaid);
        } else {
            let less = tuning.limit - limit;
            tuning.debt += less - self.permits.forget_permits(less);
        }
        tuning.limit = limit;
    }

    fn tuning(&self) -> MutexGuard<'_, Tuning> {
        self.tuning.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tuning {
    /// Compares the median of a window with the best median so far.
    fn slows_down(&mut self, latency: Duration) -> bool {
        self.window.push(latency);
        if self.window.len() < limits::LATENCY_WINDOW {
            return false;
        }
        self.window.sort_unstable();
        let median = self.window[self.window.len() / 2];
        self.window.clear();
        let best = self.baseline.map_or(median, |best| best.min(median));
        self.baseline = Some(best);
        median > (best * limits::LATENCY_FACTOR).max(best + limits::LATENCY_SLACK)
    }
}

/// A place in flight; given back when dropped.
#[derive(Debug)]
pub struct Permit {
    gate: Arc<Gate>,
    permit: Option<OwnedSemaphorePermit>,
    entered: usize,
}

impl Permit {
    pub fn done(mut self, sample: Sample) {
        self.give_back(sample);
    }

    fn give_back(&mut self, sample: Sample) {
        let Some(permit) = self.permit.take() else { return };
        self.gate.judge(sample, self.entered);
        let mut tuning = self.gate.tuning();
        if tuning.debt > 0 {
            tuning.debt -= 1;
            permit.forget();
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.give_back(Sample::Nothing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: Sample = Sample::Fine(Some(Duration::from_millis(150)));

    async fn round(gate: &Arc<Gate>, sample: Sample) {
        let mut permits = Vec::new();
        for _ in 0..gate.limit() {
            permits.push(gate.enter().await);
        }
        permits.into_iter().for_each(|permit| permit.done(sample));
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_requests_reach_the_ceiling_in_a_few_round_trips() {
        let gate = Arc::new(Gate::new(None));
        let started = Instant::now();
        let tasks: Vec<_> = (0..1000)
            .map(|_| {
                let gate = Arc::clone(&gate);
                tokio::spawn(async move {
                    let permit = gate.enter().await;
                    tokio::time::sleep(Duration::from_millis(150)).await;
                    permit.done(FINE);
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("task");
        }
        assert_eq!(gate.limit(), limits::FLIGHT_HTTP1);
        // 64 at once from the start would take 16 round trips.
        assert!(started.elapsed() <= Duration::from_millis(150 * 20), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn ceilings() {
        let gate = Arc::new(Gate::new(None));
        gate.saw_http2();
        for _ in 0..8 {
            round(&gate, FINE).await;
        }
        assert_eq!(gate.limit(), limits::FLIGHT_HTTP2);
        gate.saw_counter();
        round(&gate, FINE).await;
        assert_eq!(gate.limit(), limits::FLIGHT_COUNTED);
        let small = Arc::new(Gate::new(Some(2)));
        round(&small, FINE).await;
        assert_eq!(small.limit(), 2);
    }

    #[tokio::test]
    async fn complaints_of_one_burst_halve_once() {
        let gate = Arc::new(Gate::new(None));
        round(&gate, FINE).await;
        let before = gate.limit();
        assert!(before > limits::FLIGHT_START);
        round(&gate, Sample::Overload).await;
        assert_eq!(gate.limit(), before / 2);
        round(&gate, Sample::Overload).await;
        assert_eq!(gate.limit(), before / 4);
        for _ in 0..2 {
            round(&gate, FINE).await;
        }
        assert_eq!(gate.limit(), before / 4 + 1, "after a cut it grows slowly");
    }

    #[tokio::test]
    async fn a_strong_rise_of_the_median_cuts() {
        let gate = Arc::new(Gate::new(None));
        for _ in 0..3 {
            round(&gate, FINE).await;
        }
        let before = gate.limit();
        round(&gate, Sample::Fine(Some(Duration::from_secs(2)))).await;
        assert!(gate.limit() < before);
    }

    #[tokio::test]
    async fn debt_is_paid_before_anyone_enters() {
        let gate = Arc::new(Gate::new(None));
        let mut held = Vec::new();
        for _ in 0..8 {
            held.push(gate.enter().await);
        }
        held.pop().expect("permit").done(Sample::Overload);
        assert_eq!(gate.limit(), 4);
        drop(held.drain(..3));
        assert_eq!(gate.permits.available_permits(), 0);
        drop(held.drain(..1));
        assert_eq!(gate.permits.available_permits(), 1);
        drop(held);
        assert_eq!(gate.permits.available_permits(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everyone() {
        let gate = Arc::new(Gate::new(None));
        gate.pause_for(Duration::from_secs(7));
        let started = Instant::now();
        drop(gate.enter().await);
        assert_eq!(started.elapsed(), Duration::from_secs(7));
    }
}
