//! A run of the interface: what it stands on, put together and handed to the loop.

pub mod account;
pub mod batch;
mod changes;
mod clipboard;
pub mod copy;
mod copying;
mod edited;
mod elsewhere;
mod event_loop;
mod executor;
mod facts;
mod files;
mod history;
pub mod input;
mod jobs;
pub mod keys;
mod kind;
mod layers;
pub mod looks;
mod pace;
mod password;
mod perform;
mod probe;
mod recolour;
mod registries;
mod saved;
pub mod signals;
pub mod survey;
pub mod sweep;
pub mod terminal;
mod themes;
mod trial;
pub mod undo;
mod window;
pub mod world;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::mpsc;

use std::collections::BTreeMap;

use crate::app::keymap::Keymap;
use crate::app::modal::prompt::Target;
use crate::app::msg::Msg;
use crate::app::state::{Looks, Registry, State, Tone};
use crate::app::update::{Remembered, begin_at_first, first_run, from_last_run, go_to, start, update};
use crate::domain::clean;
use crate::domain::registry::{RegistryId, RegistryProfile};
use crate::store::config;
use crate::store::env::Env;
use crate::store::places::is_absent;
use crate::store::state::{LastPlace, StateStore};
use edited::Edited;
use elsewhere::Watch;
use event_loop::{EventLoop, Sources};
use executor::Executor;
use jobs::Jobs;
use looks::Wanted;
use pace::Pace;
use perform::Performer;
use registries::Registries;
use themes::Themes;
use window::Window;
use world::World;

/// Messages on their way to the loop.
const CHANNEL: usize = 256;

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
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    code
}

async fn interface(world: &mut World, mut options: Start, keymap: Keymap) -> anyhow::Result<u8> {
    let is_demo = !options.demo.is_empty();
    let (mut registries, mut rows) = Registries::gather(world, std::mem::take(&mut options.demo));
    let configured = rows.len();
    let target = match &options.target {
        Some(text) => Some(find_target(text, world, &mut registries, &mut rows)?),
        None => None,
    };
    let store = StateStore::open(world.places.state_dir.as_deref().filter(|_| !is_demo))?;
    let looks = options.looks.looks(&world.config, &Env::Process);
    let pace = Pace::new(options.looks.slow(&world.config), looks.accessible);
    // Before the first look, so that nothing falls between the two.
    let elsewhere = Watch::new(&store);
    let file = world.places.config_file.clone().filter(|_| !is_demo);
    let config = Watch::config(file.as_deref());
    let edited = Edited::new(world, file.as_deref(), options.looks.clone(), Env::Process);
    let mut state = first_state(world, &store, rows, keymap, looks);
    // Of an address nobody said what it is.
    state.unnamed.extend(target.iter().map(|target| target.registry).filter(|id| id.0 as usize >= configured));
    let first = world.places.config_file.as_ref().is_none_or(|file| is_absent(file));

    let themes = Themes::new(world.places.config_file.as_deref(), &state.looks, &Env::Process);
    state.themes = themes.names();
    let (theme, wrong) = themes.load(&state.looks);
    if let Some(wrong) = wrong {
        state.tell(wrong, Tone::Bad);
    }
    let size = terminal::size();
    let window = Window::open(&state.looks, theme, world.places.log_file.clone())?;
    let (sender, answers) = mpsc::channel(CHANNEL);
    let sources = Sources::new(answers, elsewhere, config)?;

    // The demo's registries are gone with this run, and so is what they listed.
    let disk = world.disk.clone().filter(|_| !is_demo);
    let jobs = match is_demo {
        true => Jobs::for_this_run(),
        false => Jobs::new(world.places.state_dir.clone(), world.config.history),
    };
    state.history.keeps = jobs.keeps();
    let (executor, demo) = (Executor::new(sender), options.start_demo.take());
    let mut performer =
        Performer { world, registries, executor, store, jobs, disk, demo, themes, edited, forgotten: BTreeMap::new() };
    if !is_demo {
        performer.executor.run(registries::known(performer.world));
        performer.executor.run(history::unfinished(performer.jobs.journals()));
    }

    let mut effects = update(&mut state, Msg::Resize(size.width, size.height));
    effects.extend(start(&mut state));
    if let Some(target) = target {
        effects.extend(go_to(&mut state, target));
    } else if is_demo {
        begin_at_first(&mut state);
    } else if first {
        first_run(&mut state);
    }
    let mut turning = EventLoop::new(state, effects, performer, window, sources, pace);
    let code = turning.run().await;
    turning.finish().await;
    let code = code?;
    if !is_demo {
        turning.remember_place();
    }
    Ok(code)
}

/// What is known before anything was asked.
fn first_state(world: &mut World, store: &StateStore, rows: Vec<Registry>, keymap: Keymap, looks: Looks) -> State {
    let mut state = State::new(rows, keymap, looks, Timestamp::now());
    state.read_only = world.settings.read_only;
    state.cleanup = edited::cleanup(&world.config, world.config_error.is_some());
    state.book.configured = world.config.labels.clone();
    remember(&mut state, store);
    for warning in world.warnings.drain(..).chain(store.take_warning()) {
        state.tell(warning, Tone::Info);
    }
    if let Some(error) = &world.config_error {
        state.tell(clean::line(&format!("Started with defaults. {}", error.short())), Tone::Bad);
    }
    state
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
