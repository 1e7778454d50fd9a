//! The loop. It runs on the main thread; reads run on workers; `update` and `draw` never wait.

mod account;
mod clipboard;
mod elsewhere;
mod executor;
pub mod input;
pub mod keys;
pub mod looks;
mod pace;
mod perform;
mod probe;
mod registries;
mod saved;
pub mod signals;
pub mod terminal;
mod themes;
pub mod world;

use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::app::keymap::Keymap;
use crate::app::modal::prompt::Target;
use crate::app::msg::Msg;
use crate::app::state::{Registry, State, Tone};
use crate::app::update::{Remembered, first_run, from_last_run, start, update};
use crate::domain::clean;
use crate::domain::registry::{RegistryId, RegistryProfile};
use crate::store::config;
use crate::store::env::Env;
use crate::store::state::{LastPlace, StateStore};
use crate::ui;
use elsewhere::Watch;
use executor::Executor;
use input::{Input, Source};
use looks::Wanted;
use pace::Pace;
use perform::Performer;
use registries::Registries;
use signals::{Signal, Signals};
use terminal::{Guard, GuardOptions, Output, Screen, ScreenOptions, Terminal};
use themes::Themes;
use world::World;

/// Messages on their way to the loop.
const CHANNEL: usize = 256;
/// Messages taken in before a frame is drawn, and the time they may take: a key must not wait behind them.
const BATCH: usize = 64;
const BATCH_TIME: Duration = Duration::from_millis(4);
/// Without a key for this long the cursor rests, and the preview follows it. Longer than a key repeats.
const REST: Duration = Duration::from_millis(120);

/// Starts the demo's registries within this run and says which there are.
pub type StartDemo = Box<dyn Fn() -> BoxFuture<'static, Msg>>;

/// How the interface is to start.
#[derive(Default)]
pub struct Start {
    /// A registry, or `REGISTRY/REPO[:TAG]`.
    pub target: Option<String>,
    /// The demo's registries: shown instead of the config's; nothing of them is remembered.
    pub demo: Vec<RegistryProfile>,
    /// For the first run, which offers the demo.
    pub start_demo: Option<StartDemo>,
    pub looks: Wanted,
}

/// Runs the interface until the user or a signal ends it; returns the exit code.
pub fn run(mut world: World, options: Start) -> anyhow::Result<u8> {
    let keymap = keys::keymap(&world.config, world.places.config_file.as_deref()).unwrap_or_else(|error| {
        world.config_error.get_or_insert(error);
        Keymap::builtin()
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let code = runtime.block_on(interface(&mut world, options, keymap));
    // A request that hangs must not hold the exit up.
    runtime.shutdown_timeout(Duration::from_millis(200));
    code
}

async fn interface(world: &mut World, mut options: Start, keymap: Keymap) -> anyhow::Result<u8> {
    let is_demo = !options.demo.is_empty();
    let (mut registries, mut rows) = Registries::gather(world, options.demo.clone());
    let target = match &options.target {
        Some(text) => Some(find_target(text, world, &mut registries, &mut rows)?),
        None => None,
    };
    let dir = world.places.state_dir.as_deref().filter(|_| !is_demo);
    let store = StateStore::open(dir)?;
    let looks = options.looks.looks(&world.config, &Env::Process);
    let mut pace = Pace::new(options.looks.slow(&world.config), looks.accessible);
    let guard_options = GuardOptions { mouse: looks.mouse, main_screen: looks.accessible };
    let mut state = State::new(rows, keymap, looks, Timestamp::now());
    state.read_only = world.settings.read_only;
    // Before the first look, so that nothing falls between the two.
    let mut elsewhere = Watch::new(&store);
    remember(&mut state, &store);
    for warning in world.warnings.drain(..).chain(store.take_warning()) {
        state.tell(warning, Tone::Info);
    }
    if let Some(error) = &world.config_error {
        state.tell(clean::line(&format!("Started with defaults. {}", error.short())), Tone::Bad);
    }

    terminal::panic::install_hook(world.places.log_file.clone());
    let guard = Guard::enter(guard_options)?;
    let size = terminal::size();
    let mut screen = Terminal::new(Screen::new(Output::stdout()?, size, ScreenOptions::default()))?;
    let (sender, mut channel) = mpsc::channel(CHANNEL);
    let mut source = Source::new()?;
    let mut signals = Signals::new()?;
    signals::enforce()?;
    // The demo's registries are gone with this run, and so is what they listed.
    let disk = world.disk.clone().filter(|_| !is_demo);
    let (executor, demo) = (Executor::new(sender), options.start_demo.take());
    let themes = Themes::new(world.places.config_file.as_deref(), &state.looks, &Env::Process);
    let mut performer = Performer { world, registries, executor, store, disk, demo, themes };
    let (mut theme, wrong) = performer.themes.load(&state.looks);
    if let Some(wrong) = wrong {
        state.tell(wrong, Tone::Bad);
    }

    let mut effects = update(&mut state, Msg::Resize(size.width, size.height));
    effects.extend(start(&mut state));
    let first = performer.world.places.config_file.as_ref().is_none_or(|file| !file.exists());
    if !is_demo {
        performer.executor.run(registries::known(performer.world));
    }
    if let Some(target) = target {
        effects.extend(crate::app::update::go_to(&mut state, target));
    } else if first && !is_demo {
        first_run(&mut state);
    }
    let mut ticks = interval(&pace);
    let mut drawn = tokio::time::Instant::now() - pace.frame();
    let mut dirty = true;
    let mut rest = tokio::time::Instant::now() + REST;
    let code = 'run: loop {
        for effect in std::mem::take(&mut effects) {
            match performer.perform(effect, &mut state) {
                perform::Then::Nothing => {}
                perform::Then::Suspend => {
                    if !signals::suspend(&guard)? {
                        state.tell(clean::Clean::fixed("There is no shell to return to."), Tone::Info);
                    }
                    screen.backend_mut().set_size(terminal::size());
                    screen.backend_mut().repaint();
                }
                perform::Then::Redraw => screen.backend_mut().repaint(),
                perform::Then::Mouse(on) => guard.set_mouse(on)?,
                perform::Then::Copy(text) => clipboard::copy(screen.backend_mut().writer_mut(), &text)?,
                perform::Then::Theme => {
                    let (next, wrong) = performer.themes.load(&state.looks);
                    theme = next;
                    if let Some(wrong) = wrong {
                        state.tell(wrong, Tone::Bad);
                    }
                }
                perform::Then::Quit => break 'run 0,
            }
            dirty = true;
        }
        let wait = pace.frame().saturating_sub(drawn.elapsed());
        if dirty && wait.is_zero() {
            let begun = tokio::time::Instant::now();
            if screen.draw(|frame| ui::draw(frame, &state, &theme)).is_err() {
                // A terminal that takes no bytes is gone, as one that gives none.
                return Ok(ended_by(Signal::Hangup));
            }
            #[cfg(debug_assertions)]
            performer.executor.panic_on_request();
            drawn = tokio::time::Instant::now();
            dirty = false;
            if pace.wrote(drawn - begun) {
                effects.extend(update(&mut state, Msg::SlowLine));
                ticks = interval(&pace);
                dirty = true;
            }
        }
        let typing = state.typing();
        let animating = state.animating();
        let waits = crate::app::pane::preview::waits(&state);
        let msg = tokio::select! {
            biased;
            signal = signals.next() => match signal {
                Signal::Suspend => {
                    effects.push(crate::app::Effect::Suspend);
                    continue;
                }
                Signal::Continue => {
                    guard.resume()?;
                    screen.backend_mut().set_size(terminal::size());
                    screen.backend_mut().repaint();
                    dirty = true;
                    continue;
                }
                other => break ended_by(other),
            },
            input = source.next(typing) => {
                // The terminal is gone: nobody sees what happens from here on.
                if input == Input::Lost {
                    break 'run ended_by(Signal::Hangup);
                }
                // The answer to a key is drawn at once.
                drawn = tokio::time::Instant::now() - pace.frame();
                rest = tokio::time::Instant::now() + REST;
                match message(input, &mut screen) {
                    Some(msg) => msg,
                    None => continue,
                }
            }
            Some(msg) = channel.recv() => msg,
            failure = performer.executor.next_failure() => failure,
            () = elsewhere.changed() => match elsewhere::changes(&performer.store) {
                Some(msg) => msg,
                None => continue,
            },
            _ = ticks.tick(), if animating => Msg::Tick(Timestamp::now()),
            () = tokio::time::sleep_until(rest), if waits => Msg::Rested,
            () = tokio::time::sleep(wait), if dirty => continue,
        };
        let tick = matches!(msg, Msg::Tick(_));
        let notice = state.notice.clone();
        if !tick {
            // What happens now is not as old as the last tick.
            effects.extend(update(&mut state, Msg::Tick(Timestamp::now())));
        }
        effects.extend(update(&mut state, msg));
        // A tick changes the screen only when it ends a notice.
        dirty |= !tick || notice != state.notice;
        let begun = tokio::time::Instant::now();
        for _ in 0..BATCH {
            if let Some(input) = source.try_next() {
                if input == Input::Lost {
                    break 'run ended_by(Signal::Hangup);
                }
                drawn = begun - pace.frame();
                if let Some(msg) = message(input, &mut screen) {
                    effects.extend(update(&mut state, msg));
                }
            } else if begun.elapsed() > BATCH_TIME {
                break;
            } else if let Ok(msg) = channel.try_recv() {
                effects.extend(update(&mut state, msg));
            } else {
                break;
            }
            dirty = true;
        }
    };
    if !is_demo {
        performer.remember_place(&state);
    }
    Ok(code)
}

fn interval(pace: &Pace) -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(pace.tick());
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks
}

fn ended_by(signal: Signal) -> u8 {
    signal.exit_code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

fn message(input: Input, screen: &mut Terminal) -> Option<Msg> {
    Some(match input {
        Input::Key(key) => Msg::Key(key),
        Input::Paste(text) => Msg::Paste(text),
        Input::PasteBurst => Msg::PasteBurst,
        Input::Resize(width, height) => {
            screen.backend_mut().set_size(ratatui::layout::Size::new(width, height));
            Msg::Resize(width, height)
        }
        Input::Click { x, y } => Msg::Click { column: x, row: y },
        Input::Wheel { up, .. } => Msg::Scroll { down: !up },
        Input::Lost => return None,
    })
}

/// What earlier runs left.
fn remember(state: &mut State, store: &StateStore) {
    if let Some(LastPlace { registry, repository, tag }) = store.last_place() {
        from_last_run(state, &Remembered { registry, repository, reference: tag });
    }
    update(state, Msg::Remembered(elsewhere::saved(store)));
}

/// The target of the command line, as a place among the registries of this run.
fn find_target(
    text: &str,
    world: &World,
    registries: &mut Registries,
    rows: &mut Vec<Registry>,
) -> anyhow::Result<Target> {
    let (profile, repo, reference) = match rows.iter().find(|r| r.profile.name == text) {
        Some(row) => (row.profile.clone(), None, None),
        None => config::parse_target(text, &world.config)?,
    };
    let known = rows.iter().position(|r| r.profile.name == profile.name || r.profile.url == profile.url);
    let registry = match known {
        Some(n) => RegistryId(n as u32),
        None => {
            rows.push(Registry::new(profile.clone(), true));
            registries.add(profile)
        }
    };
    Ok(Target { registry, repo, reference })
}
