//! Two tagboats write the same files. Each test starts itself again as the processes that write.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use tagboat::domain::registry::{CredentialPlace, RegistryProfile};
use tagboat::domain::secret::{Credential, CredentialSource as _};
use tagboat::store::config::{self, Config};
use tagboat::store::credentials::{Credentials, SaveIn};
use tagboat::store::env::Env;
use tagboat::store::places::{Asked, Places};
use tagboat::store::state::StateStore;

/// Tells a test that it is one of the writers: what its names begin with, and how many times it writes.
const WRITER: &str = "STATE_TEST_WRITER";
const DIR: &str = "STATE_TEST_DIR";

/// A file that is read, merged and written.
trait Shared {
    /// Opened once by each process.
    fn open(dir: &Path) -> Self;
    fn set(&self, name: &str, on: bool);
    /// What is there now; panics when the file is not whole.
    fn names(dir: &Path) -> BTreeSet<String>;
}

struct Favourites(StateStore);

impl Shared for Favourites {
    fn open(dir: &Path) -> Self {
        Self(StateStore::open(Some(dir)).expect("a store"))
    }

    fn set(&self, name: &str, on: bool) {
        self.0.set_favourite("r", name, on);
        assert_eq!(self.0.take_warning(), None);
    }

    fn names(dir: &Path) -> BTreeSet<String> {
        let store = Self::open(dir).0;
        assert_eq!(store.take_warning(), None);
        store.favourites().into_iter().map(|favourite| favourite.repository).collect()
    }
}

struct Secrets(Credentials);

fn of(name: &str) -> RegistryProfile {
    let url = format!("https://{name}.test");
    RegistryProfile { name: name.to_owned(), url, credential: CredentialPlace::Store, ..RegistryProfile::default() }
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}

impl Shared for Secrets {
    fn open(dir: &Path) -> Self {
        let env = Env::fixed([]);
        let asked = Asked { state_dir: Some(dir.to_owned()), ..Asked::default() };
        Self(Credentials::new(env.clone(), &Places::find(&asked, &env)))
    }

    fn set(&self, name: &str, on: bool) {
        let profile = of(name);
        let password = "p".to_owned().into();
        let credential = Credential::Basic { username: name.to_owned(), password };
        wait(async {
            match on {
                true => self.0.save(&SaveIn::Store, profile.host(), &credential).await.map(drop),
                false => self.0.sign_out(&profile).await.map(drop),
            }
        })
        .expect("it is written");
    }

    fn names(dir: &Path) -> BTreeSet<String> {
        let Ok(text) = std::fs::read(dir.join("credentials.json")) else { return BTreeSet::new() };
        let file: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
        let names = file["entries"].as_object().expect("an object").keys();
        let all = Self::open(dir).0;
        names
            .map(|host| {
                let name = host.strip_suffix(".test").expect("a name of ours");
                let found = wait(all.source(&of(name)).lookup(host));
                assert!(matches!(&found.credential, Credential::Basic { username, .. } if username == name));
                name.to_owned()
            })
            .collect()
    }
}

struct Registries(PathBuf);

impl Shared for Registries {
    fn open(dir: &Path) -> Self {
        Self(dir.join("config.toml"))
    }

    fn set(&self, name: &str, on: bool) {
        match on {
            true => config::add_registry(&self.0, &of(name)).expect("it is written"),
            false => assert!(config::remove_registry(&self.0, &of(name)).expect("it is written").is_some()),
        }
    }

    fn names(dir: &Path) -> BTreeSet<String> {
        let (config, _) = Config::load(&dir.join("config.toml"), false).expect("a whole config");
        config.registries.into_iter().map(|profile| profile.name).collect()
    }
}

/// The change a writer makes at step `n`: of four, three names on and the last of them off again.
fn step(who: &str, n: usize) -> (String, bool) {
    let off = n % 4 == 3;
    (format!("{who}{}", if off { n - 1 } else { n }), !off)
}

/// What there is of a writer after so many steps.
fn after(who: &str, steps: usize) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (name, on) in (0..steps).map(|n| step(who, n)) {
        if on {
            names.insert(name)
        } else {
            names.remove(&name)
        };
    }
    names
}

/// Writes when this process is a writer, telling of every step that is done.
fn is_writer<S: Shared>() -> bool {
    let (Ok(writer), Ok(dir)) = (std::env::var(WRITER), std::env::var(DIR)) else { return false };
    let (who, steps) = writer.split_once(' ').expect("a name and a number");
    let shared = S::open(Path::new(&dir));
    for n in 0..steps.parse().expect("a number") {
        let (name, on) = step(who, n);
        shared.set(&name, on);
        // A line of its own: libtest writes to the same pipe.
        writeln!(std::io::stdout(), "\nstep {n}").expect("somebody listens");
    }
    true
}

struct Writer {
    process: Child,
    out: BufReader<ChildStdout>,
}

impl Writer {
    /// This very test, in a process of its own.
    fn start(test: &str, dir: &Path, who: &str, steps: usize) -> Self {
        let mut process = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "--nocapture", &format!("state::instances::{test}")])
            .env(WRITER, format!("{who} {steps}"))
            .env(DIR, dir)
            .stdout(Stdio::piped())
            .spawn()
            .expect("a writer");
        let out = BufReader::new(process.stdout.take().expect("its output"));
        Self { process, out }
    }

    /// Reads on until this step is done, or to the end; how many are.
    fn done(&mut self, until: usize) -> usize {
        let mut done = 0;
        let mut line = String::new();
        while done < until && self.out.read_line(&mut line).expect("text") > 0 {
            done = line.strip_prefix("step ").map_or(done, |n| n.trim().parse::<usize>().expect("a number") + 1);
            line.clear();
        }
        done
    }

    #[track_caller]
    fn ends_well(mut self, steps: usize) {
        assert_eq!(self.done(usize::MAX), steps);
        assert!(self.process.wait().expect("its end").success());
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn nothing_is_lost<S: Shared>(test: &str, steps: usize) {
    if is_writer::<S>() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let both = ["a", "b"].map(|who| Writer::start(test, dir.path(), who, steps));
    both.into_iter().for_each(|writer| writer.ends_well(steps));
    let all: BTreeSet<_> = ["a", "b"].into_iter().flat_map(|who| after(who, steps)).collect();
    assert_eq!(S::names(dir.path()), all);
    assert_eq!(leftovers(dir.path()), 0);
}

/// One of two is killed, each time somewhere else in what it does. The file is whole, with what the killed one had told
/// of and at most the step it was in; the other goes on.
fn a_kill_breaks_nothing<S: Shared>(test: &str, steps: usize) {
    if is_writer::<S>() {
        return;
    }
    for round in 0..8 {
        let dir = tempfile::tempdir().unwrap();
        let mut killed = Writer::start(test, dir.path(), "k", 1_000_000);
        let mut other = Writer::start(test, dir.path(), "o", steps);
        assert_eq!(other.done(1), 1);
        let told = killed.done(3 + round * 5);
        killed.process.kill().expect("it runs");
        killed.process.wait().expect("its end");
        let told = told.max(killed.done(usize::MAX));
        let rest = other.done(usize::MAX);
        assert_eq!(rest, steps, "the other goes on");
        other.process.wait().expect("its end");
        let (of_killed, of_other): (BTreeSet<_>, BTreeSet<_>) =
            S::names(dir.path()).into_iter().partition(|name| name.starts_with('k'));
        assert_eq!(of_other, after("o", steps));
        assert!([told, told + 1].map(|steps| after("k", steps)).contains(&of_killed), "{told}: {of_killed:?}");
        assert!(leftovers(dir.path()) <= 1);
    }
}

/// Files that were to become another one.
fn leftovers(dir: &Path) -> usize {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    files.filter(|name| name.to_string_lossy().starts_with(".tagboat-tmp-")).count()
}

#[test]
fn favourites_of_two_programs_are_all_there() {
    nothing_is_lost::<Favourites>("favourites_of_two_programs_are_all_there", 500);
}

#[test]
fn secrets_of_two_programs_are_all_there() {
    nothing_is_lost::<Secrets>("secrets_of_two_programs_are_all_there", 100);
}

#[test]
fn registries_of_two_programs_are_all_there() {
    nothing_is_lost::<Registries>("registries_of_two_programs_are_all_there", 60);
}

#[test]
fn a_killed_program_leaves_the_favourites_whole() {
    a_kill_breaks_nothing::<Favourites>("a_killed_program_leaves_the_favourites_whole", 60);
}

#[test]
fn a_killed_program_leaves_the_secrets_whole() {
    a_kill_breaks_nothing::<Secrets>("a_killed_program_leaves_the_secrets_whole", 60);
}

#[test]
fn a_killed_program_leaves_the_registries_whole() {
    a_kill_breaks_nothing::<Registries>("a_killed_program_leaves_the_registries_whole", 40);
}
