//! The loop. It runs on the main thread; reads run on workers; `update` and `draw` never wait.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior};

use super::elsewhere::{self, Watch};
use super::input::{Input, Source};
use super::pace::Pace;
use super::perform::{Performer, Then};
use super::signals::{self, Signal, Signals};
use super::window::Window;
use crate::app::Effect;
use crate::app::modal::Modal;
use crate::app::msg::Msg;
use crate::app::state::{State, Tone};
use crate::app::update::{update, waits_for_rest};
use crate::domain::clean::Clean;

/// Messages taken in before a frame is drawn, and the time they may take: a key must not wait behind them.
const BATCH: usize = 64;
const BATCH_TIME: Duration = Duration::from_millis(4);
/// Without a key for this long the cursor rests, and the preview follows it. Longer than a key repeats.
const REST: Duration = Duration::from_millis(120);

/// How long the end of a run waits for a deletion that is under way (safety.md H2, H6). Also where no signal tells of the
/// end, as when a terminal is gone unseen, nobody waits for longer; what is open then is open in the journal.
const FINISH: Duration = Duration::from_secs(2);

/// Where messages come from.
pub struct Sources {
    keys: Source,
    signals: Signals,
    /// What the workers read.
    answers: mpsc::Receiver<Msg>,
    elsewhere: Watch,
    config: Watch,
}

impl Sources {
    /// From here on signals no longer end the program by themselves.
    pub fn new(answers: mpsc::Receiver<Msg>, elsewhere: Watch, config: Watch) -> std::io::Result<Self> {
        let sources = Self { keys: Source::new()?, signals: Signals::new()?, answers, elsewhere, config };
        signals::enforce()?;
        Ok(sources)
    }
}

pub struct EventLoop<'a> {
    state: State,
    /// What the last messages asked for.
    effects: Vec<Effect>,
    performer: Performer<'a>,
    window: Window,
    sources: Sources,
    pace: Pace,
    ticks: Interval,
    /// When the last frame was written.
    drawn: Instant,
    /// The screen is not what the state says.
    dirty: bool,
    /// When the cursor will have rested, if no key comes.
    rest: Instant,
}

/// What one wait brought.
enum Next {
    Message(Msg),
    Nothing,
    End(u8),
}

impl<'a> EventLoop<'a> {
    pub fn new(
        state: State,
        effects: Vec<Effect>,
        performer: Performer<'a>,
        window: Window,
        sources: Sources,
        pace: Pace,
    ) -> Self {
        let now = Instant::now();
        let (ticks, drawn) = (interval(&pace), now - pace.frame());
        Self { state, effects, performer, window, sources, pace, ticks, drawn, dirty: true, rest: now + REST }
    }

    /// Until the user or a signal ends it; returns the exit code.
    pub async fn run(&mut self) -> anyhow::Result<u8> {
        loop {
            if let Some(code) = self.perform()? {
                return Ok(code);
            }
            if self.draw().is_err() {
                // A terminal that takes no bytes is gone, as one that gives none.
                return Ok(ended_by(Signal::Hangup));
            }
            let msg = match self.next().await? {
                Next::Message(msg) => msg,
                Next::Nothing => continue,
                Next::End(code) => return Ok(code),
            };
            self.take(msg);
            if let Some(code) = self.take_what_waits() {
                return Ok(code);
            }
        }
    }

    /// Stops what is being deleted, and lets what is under way be recorded.
    pub async fn finish(&mut self) {
        let answers = &mut self.sources.answers;
        let unheard = async { while answers.recv().await.is_some() {} };
        tokio::select! {
            () = self.performer.jobs.finish(FINISH) => {}
            // Somebody has to take what is told, or telling it would hold the work up.
            () = unheard => {}
        }
    }

    pub fn remember_place(&self) {
        self.performer.remember_place(&self.state);
    }

    /// Performs what was asked for; an exit code when that was the end.
    fn perform(&mut self) -> anyhow::Result<Option<u8>> {
        for effect in std::mem::take(&mut self.effects) {
            match self.performer.perform(effect, &mut self.state) {
                Then::Nothing => {}
                Then::Suspend => {
                    if !self.window.suspend()? {
                        self.state.tell(Clean::fixed("There is no shell to return to."), Tone::Info);
                    }
                }
                Then::Redraw => self.window.repaint(),
                Then::Mouse(on) => self.window.set_mouse(on)?,
                Then::Copy(text) => self.window.copy(&text)?,
                Then::CopySecret(secret) => self.window.copy(secret.expose_secret())?,
                Then::Theme => {
                    let (theme, wrong) = self.performer.themes.load(&self.state.looks);
                    self.window.set_theme(theme);
                    if let Some(wrong) = wrong {
                        self.state.tell(wrong, Tone::Bad);
                    }
                }
                Then::Quit => return Ok(Some(0)),
            }
            self.dirty = true;
        }
        Ok(None)
    }

    /// Draws what has changed, unless the last frame was just now.
    fn draw(&mut self) -> std::io::Result<()> {
        if !self.dirty || !self.until_next_frame().is_zero() {
            return Ok(());
        }
        let written = self.window.draw(&self.state)?;
        #[cfg(debug_assertions)]
        self.performer.executor.panic_on_request();
        self.drawn = Instant::now();
        self.dirty = false;
        if self.state.modals.last().is_some_and(Modal::waits_to_be_shown) {
            self.update(Msg::Shown(Timestamp::now()));
        }
        if written.is_some_and(|took| self.pace.wrote(took)) {
            self.update(Msg::SlowLine);
            self.ticks = interval(&self.pace);
            self.dirty = true;
        }
        Ok(())
    }

    fn until_next_frame(&self) -> Duration {
        self.pace.frame().saturating_sub(self.drawn.elapsed())
    }

    /// Waits for whatever comes first.
    async fn next(&mut self) -> anyhow::Result<Next> {
        let typing = self.state.typing();
        let animating = self.state.animating();
        let rests = waits_for_rest(&self.state);
        let (dirty, wait) = (self.dirty, self.until_next_frame());
        let Sources { keys, signals, answers, elsewhere, config } = &mut self.sources;
        Ok(tokio::select! {
            biased;
            signal = signals.next() => return self.signalled(signal),
            input = keys.next(typing) => self.entered(input),
            Some(msg) = answers.recv() => Next::Message(msg),
            failure = self.performer.executor.next_failure() => Next::Message(failure),
            () = elsewhere.changed() => {
                elsewhere::changes(&self.performer.store).map_or(Next::Nothing, Next::Message)
            }
            () = config.changed() => self.performer.edited(&mut self.state).map_or(Next::Nothing, Next::Message),
            _ = self.ticks.tick(), if animating => Next::Message(Msg::Tick(Timestamp::now())),
            () = tokio::time::sleep_until(self.rest), if rests => Next::Message(Msg::Rested),
            () = tokio::time::sleep(wait), if dirty => Next::Nothing,
        })
    }

    fn signalled(&mut self, signal: Signal) -> anyhow::Result<Next> {
        match signal {
            Signal::Suspend => self.effects.push(Effect::Suspend),
            Signal::Continue => {
                self.window.resume()?;
                self.dirty = true;
            }
            other => return Ok(Next::End(ended_by(other))),
        }
        Ok(Next::Nothing)
    }

    fn entered(&mut self, input: Input) -> Next {
        // The answer to a key is drawn at once.
        self.drawn = Instant::now() - self.pace.frame();
        self.rest = Instant::now() + REST;
        match input {
            Input::Key(key) => Next::Message(Msg::Key(key)),
            Input::Paste(text) => Next::Message(Msg::Paste(text)),
            Input::PasteBurst => Next::Message(Msg::PasteBurst),
            Input::Resize(width, height) => {
                self.window.resize(width, height);
                Next::Message(Msg::Resize(width, height))
            }
            Input::Click { x, y } => Next::Message(Msg::Click { column: x, row: y }),
            Input::Wheel { up, .. } => Next::Message(Msg::Scroll { down: !up }),
            // The terminal is gone: nobody sees what happens from here on.
            Input::Lost => Next::End(ended_by(Signal::Hangup)),
        }
    }

    fn update(&mut self, msg: Msg) {
        self.effects.extend(update(&mut self.state, msg));
    }

    fn take(&mut self, msg: Msg) {
        let tick = matches!(msg, Msg::Tick(_));
        let notice = self.state.notice.clone();
        if !tick {
            // What happens now is not as old as the last tick.
            self.update(Msg::Tick(Timestamp::now()));
        }
        self.update(msg);
        // A tick changes the screen only when it ends a notice.
        self.dirty |= !tick || notice != self.state.notice;
    }

    /// Takes in more of what is there already, for one frame instead of many; an exit code when that was the end.
    fn take_what_waits(&mut self) -> Option<u8> {
        let begun = Instant::now();
        for _ in 0..BATCH {
            if let Some(input) = self.sources.keys.try_next() {
                match self.entered(input) {
                    Next::Message(msg) => self.update(msg),
                    Next::Nothing => {}
                    Next::End(code) => return Some(code),
                }
            } else if begun.elapsed() > BATCH_TIME {
                break;
            } else if let Ok(msg) = self.sources.answers.try_recv() {
                self.update(msg);
            } else {
                break;
            }
            self.dirty = true;
        }
        None
    }
}

fn interval(pace: &Pace) -> Interval {
    let mut ticks = tokio::time::interval(pace.tick());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

fn ended_by(signal: Signal) -> u8 {
    signal.exit_code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
