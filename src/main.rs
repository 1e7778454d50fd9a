//! tagboat: from the command line to a command or to the interface.

use std::ffi::OsString;
use std::io::{self, BufWriter, IsTerminal as _};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

use clap::CommandFactory as _;
use tagboat::app::action::Action;
use tagboat::app::keymap::VIEWS;
use tagboat::cli::{Cli, Command, Demo, Global};
use tagboat::command::{self, DONE, Failure, Io, Outcome, Stop, report};
use tagboat::runtime::world::World;
use tagboat::store::env::Env;
use tagboat::store::places::{Asked, Places};
use tagboat::{demo, runtime, store};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

fn main() -> ExitCode {
    keep_memory_private();
    // Not locked: the interface writes from its own places.
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout());
    let mut err = io::stderr();
    let progress = err.is_terminal();
    let mut io = Io::new(&mut out, &mut err);
    let words: Vec<OsString> = std::env::args_os().collect();
    let mut cli = match Cli::read(&words) {
        Ok(cli) => cli,
        Err(error) => return wrong_usage(&error, &mut io),
    };
    (io.json, io.quiet) = (cli.global.json, cli.global.quiet);
    io.progress = progress && !cli.global.quiet;
    if let Err(sentence) = cli.global.read_variables(&Env::Process) {
        let stop = Failure::usage(&sentence, "Correct the variable, or unset it.");
        return report(Err(stop.into()), &mut io).into();
    }
    if cli.target.is_some() && cli.command.is_some() {
        let stop = Failure::usage("a command stands before everything that is not an option", "See `tagboat --help`.");
        return report(Err(stop.into()), &mut io).into();
    }
    let outcome = match &cli.command {
        None => interface(&cli, None, &mut io),
        Some(Command::Demo(demo)) if !demo.serve => interface(&cli, Some(demo), &mut io),
        Some(command) => run(&cli.global, command, &mut io),
    };
    report(outcome, &mut io).into()
}

/// No core dump, and no look into our memory by other programs of the same user: both would hold passwords.
fn keep_memory_private() {
    // Where the kernel refuses, everything still works.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

fn wrong_usage(error: &clap::Error, io: &mut Io<'_>) -> ExitCode {
    let wanted_json = error.use_stderr() && std::env::args_os().any(|argument| argument == "--json");
    if wanted_json {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let error = serde_json::json!({ "kind": "usage", "message": message, "hint": "See `tagboat --help`." });
        let _ = io.print_json(&serde_json::json!({ "error": error }));
    }
    // Help and version go to stdout, the rest to stderr; a closed one is no fault.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS }
}

/// Everything but the interface.
fn run(global: &Global, command: &Command, io: &mut Io<'_>) -> Outcome {
    match command {
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "tagboat", &mut script);
            io.out.write_all(&script)?;
            return Ok(DONE);
        }
        Command::Man => {
            clap_mangen::Man::new(Cli::command()).render(&mut io.out)?;
            return Ok(DONE);
        }
        Command::Config(part) => {
            let asked = Asked { config: global.config.clone(), state_dir: global.state_dir.clone(), log_file: None };
            let places = Places::find(&asked, &Env::Process);
            return command::config::run(*part, &places, io);
        }
        Command::Doctor => {
            let asked = Asked { config: global.config.clone(), state_dir: global.state_dir.clone(), log_file: None };
            let places = Places::find(&asked, &Env::Process);
            let size = io::stdout().is_terminal().then(runtime::terminal::size);
            let size = size.map(|size| (size.width, size.height));
            return until_signal(one_thread(), None, async {
                command::doctor::run(&places, &Env::Process, size, io).await
            });
        }
        Command::Demo(demo) => {
            return until_signal(tokio::runtime::Builder::new_multi_thread(), None, async {
                let _running = command::demo::serve(demo, io).await?;
                std::future::pending().await
            });
        }
        _ => {}
    }
    let mut options = global.options();
    if !reads_content(command) {
        options.no_cache = Some(true);
    }
    let world = note(World::load(&options, Env::Process)?, global, io);
    if let Command::Keys = command {
        return keys(&world, io);
    }
    let stop = changes(command).then(|| io.stop.clone());
    until_signal(one_thread(), stop, async { command::run(command, &world, io).await.unwrap_or(Ok(DONE)) })
}

/// Whether it changes a registry: then what is on its way is awaited, and written down, before a signal ends it.
fn changes(command: &Command) -> bool {
    matches!(command, Command::Apply(_) | Command::Undo(_) | Command::Tag(_) | Command::Copy(_))
}

/// Whether it reads manifests and configs, which the cache on disk keeps. Opening that for a list of names would take
/// longer than the list.
fn reads_content(command: &Command) -> bool {
    match command {
        Command::Tags(tags) => !tags.names || tags.list.filter.is_some(),
        Command::Inspect { .. } | Command::Plan(_) | Command::Apply(_) => true,
        _ => false,
    }
}

/// Says what is to be said about the start, and opens the log.
fn note(world: World, global: &Global, io: &mut Io<'_>) -> World {
    for warning in &world.warnings {
        io.note(warning.as_str());
    }
    if let Err(error) = log(&world.places, global.verbose) {
        io.note(&format!("There is no log: {error}"));
    }
    world
}

/// Commands mostly wait; handing answers between threads would cost more than it brings (measured).
fn one_thread() -> tokio::runtime::Builder {
    tokio::runtime::Builder::new_current_thread()
}

/// How long a request in flight is awaited after a signal.
const GRACE: Duration = Duration::from_secs(2);

/// Runs a command until it is done or a signal ends it, with the exit code shells expect. With `stop` the command is
/// told, and has a moment to end by itself.
fn until_signal(
    mut threads: tokio::runtime::Builder,
    stop: Option<CancellationToken>,
    work: impl Future<Output = Outcome>,
) -> Outcome {
    let tokio = threads.enable_all().build()?;
    let outcome = tokio.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = signal(SignalKind::hangup())?;
        let mut work = pin!(work);
        let code = tokio::select! {
            outcome = &mut work => return outcome,
            _ = interrupt.recv() => 128 + 2,
            _ = terminate.recv() => 128 + 15,
            _ = hangup.recv() => 128 + 1,
        };
        if let Some(stop) = stop {
            stop.cancel();
            // Whatever it ends with, the signal is what ended it.
            let _ = tokio::time::timeout(GRACE, work).await;
        }
        Ok(code)
    });
    // A thread may still wait for an answer that nobody will type.
    tokio.shutdown_background();
    outcome
}

/// The terminal interface, over the demo registries where `demo` says so.
fn interface(cli: &Cli, demo: Option<&Demo>, io: &mut Io<'_>) -> Outcome {
    let world = World::load_anyway(&cli.global.options(), Env::Process);
    if let Some(target) = &cli.target
        && let Err(unknown) = store::config::parse_target(target, &world.config)
    {
        // With a config that cannot be read no name in it is known.
        return Err(world.config_error.map_or_else(|| unknown.into(), Stop::from));
    }
    // A file that is wrong is told on the screen; one that was asked for and is not there is a slip of the command line.
    let missing =
        world.places.config_asked && world.places.config_file.as_deref().is_some_and(store::places::is_absent);
    if let Some(error) = world.config_error.as_ref().filter(|_| missing) {
        return Err(error.clone().into());
    }
    if let Some(theme) = &cli.global.looks.theme {
        store::config::check_theme(theme, world.places.config_file.as_deref())
            .map_err(|sentence| Failure::usage(&format!("--theme: {sentence}"), "See `tagboat --help`."))?;
    }
    let world = note(world, &cli.global, io);
    if let Err(sentence) = runtime::terminal::check_tty() {
        let hint = "Run it in a terminal, or use a command: see `tagboat --help`.";
        return Err(Failure::usage(&sentence, hint).into());
    }
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let running: Option<demo::Running> = match demo {
        Some(demo) => Some(tokio.block_on(command::demo::start(demo))?),
        None => None,
    };
    if let Some(running) = &running {
        command::demo::sign_in(running, &world.credentials);
    }
    let start = runtime::Start {
        target: cli.target.clone(),
        demo: running.iter().flat_map(|r| &r.endpoints).map(command::demo::profile).collect(),
        start_demo: demo.is_none().then(|| command::demo::starter(world.credentials.clone())),
        looks: cli.global.wanted(),
    };
    let code = runtime::run(world, start);
    drop(running);
    tokio.shutdown_background();
    code.map_err(|error| Failure::internal(&format!("{error:#}"), "The log file has more.").into())
}

fn keys(world: &World, io: &mut Io<'_>) -> Outcome {
    let keymap = runtime::keys::keymap(&world.config, world.places.config_file.as_deref())?;
    let bound = |view: &'static str| {
        let keymap = &keymap;
        Action::ALL
            .iter()
            .map(move |action| (view, *action, keymap.keys(view, *action)))
            .filter(|(.., k)| !k.is_empty())
    };
    if io.json {
        let row = |(view, action, keys): (&str, Action, Vec<String>)| serde_json::json!({ "view": view, "action": action.name(), "title": action.title(), "keys": keys });
        let rows: Vec<_> = VIEWS.into_iter().flat_map(bound).map(row).collect();
        io.print_json(&rows)?;
        return Ok(DONE);
    }
    for (number, view) in VIEWS.into_iter().enumerate() {
        if number > 0 {
            writeln!(io.out)?;
        }
        writeln!(io.out, "[{view}]")?;
        for (_, action, keys) in bound(view) {
            writeln!(io.out, "{:<20} {:<18} {}", keys.join("  "), action.name(), action.title())?;
        }
    }
    Ok(DONE)
}

/// To the log file, never to the terminal.
fn log(places: &Places, verbose: u8) -> io::Result<()> {
    const LARGEST: u64 = 8 << 20;
    let Some(path) = &places.log_file else { return Ok(()) };
    if path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() > LARGEST) {
        std::fs::rename(path, path.with_extension("log.old"))?;
    }
    let file = store::private::open_log(path)?;
    let (ours, others) = match verbose {
        0 => (LevelFilter::INFO, LevelFilter::WARN),
        1 => (LevelFilter::DEBUG, LevelFilter::WARN),
        _ => (LevelFilter::TRACE, LevelFilter::INFO),
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(Mutex::new(file)).with_ansi(false);
    let wanted = Targets::new().with_default(others).with_target("tagboat", ours);
    tracing_subscriber::registry().with(lines.with_filter(wanted)).init();
    Ok(())
}
