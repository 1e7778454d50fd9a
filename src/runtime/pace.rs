//! How often is drawn. Few frames on slow lines; `auto` finds out by itself which line is one.

use std::time::Duration;

use crate::store::config::Slow;

/// A frame that takes longer to write than this went through a slow line.
const LONG: Duration = Duration::from_millis(150);
/// So many in a row, because a single one may be a hiccup.
const IN_A_ROW: u8 = 2;

pub struct Pace {
    setting: Slow,
    slow: bool,
    /// Nothing moves by itself, and what changes is told at most once a second.
    calm: bool,
    long: u8,
}

impl Pace {
    pub fn new(setting: Slow, calm: bool) -> Self {
        Self { setting, slow: setting == Slow::On, calm, long: 0 }
    }

    /// The least time between two frames while data is coming in.
    pub fn frame(&self) -> Duration {
        match (self.calm, self.slow) {
            (true, _) => Duration::from_secs(1),
            (_, true) => Duration::from_millis(500),
            _ => Duration::from_millis(33),
        }
    }

    /// How often something that moves by itself may be drawn.
    pub fn tick(&self) -> Duration {
        if self.slow || self.calm { Duration::from_secs(1) } else { Duration::from_millis(250) }
    }

    /// Takes note of how long a frame took to write; true when the line has just been found to be slow.
    pub fn wrote(&mut self, took: Duration) -> bool {
        self.long = if took > LONG { (self.long + 1).min(IN_A_ROW) } else { 0 };
        let found = self.setting == Slow::Auto && !self.slow && self.long == IN_A_ROW;
        self.slow |= found;
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(150);
    const LATE: Duration = Duration::from_millis(151);

    #[test]
    fn two_long_writes_in_a_row_are_a_slow_line() {
        let mut pace = Pace::new(Slow::Auto, false);
        assert!(![LATE, SHORT, LATE].map(|took| pace.wrote(took)).contains(&true));
        assert!(pace.frame() < LATE);
        assert!(pace.wrote(LATE));
        assert!(!pace.wrote(LATE), "told once");
        assert_eq!((pace.frame(), pace.tick()), (Duration::from_millis(500), Duration::from_secs(1)));
    }

    #[test]
    fn off_stays_off_and_calm_is_once_a_second() {
        let mut pace = Pace::new(Slow::Off, false);
        assert!(!pace.wrote(LATE) && !pace.wrote(LATE) && pace.tick() < Duration::from_secs(1));
        assert_eq!(Pace::new(Slow::On, false).tick(), Duration::from_secs(1));
        assert_eq!(Pace::new(Slow::Off, true).frame(), Duration::from_secs(1));
    }
}
