//! The config file while we run: another tagboat may add a registry to it, an editor may change anything. What can be
//! taken over is; a file that cannot be read changes nothing.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::keys;
use super::looks::Wanted;
use super::world::World;
use crate::app::keymap::Keymap;
use crate::app::msg::{Configured, Msg};
use crate::app::protection::Cleanup;
use crate::app::state::Looks;
use crate::domain::clean;
use crate::store::config::{Config, ConfigError, Network};
use crate::store::env::Env;

pub struct Edited {
    /// None when the registries of this run are not the config's.
    file: Option<PathBuf>,
    stamp: Option<Stamp>,
    /// What was wrong with the file when it was read last.
    wrong: Option<ConfigError>,
    wanted: Wanted,
    env: Env,
}

/// What tells that a file was written: its number too, since editors put another file in its place.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp(u64, i64, i64, u64);

impl Stamp {
    fn of(file: &Path) -> Option<Self> {
        let metadata = file.metadata().ok()?;
        Some(Self(metadata.ino(), metadata.mtime(), metadata.mtime_nsec(), metadata.len()))
    }
}

impl Edited {
    /// What `world` holds was read from the file a moment ago; what was written since is found at the first look.
    pub fn new(world: &World, file: Option<&Path>, wanted: Wanted, env: Env) -> Self {
        Self { file: file.map(Path::to_owned), stamp: None, wrong: world.config_error.clone(), wanted, env }
    }

    /// What an edit since the last look changed. `now` is how the screen looks, which keys may have changed since.
    pub fn look(&mut self, world: &mut World, now: &Looks) -> Option<Msg> {
        let file = self.file.as_deref()?;
        let stamp = Stamp::of(file)?;
        if self.stamp.replace(stamp) == Some(stamp) {
            return None;
        }
        match self.read(file, world) {
            // An editor may empty a file before it fills it. Nobody means that by saving nothing.
            _ if stamp.3 == 0 => None,
            Ok((config, keymap)) => {
                self.wrong = None;
                let mended = world.config_error.take().is_some();
                let keymap = (config.keys != world.config.keys).then(|| Box::new(keymap));
                let before = std::mem::replace(&mut world.config, config);
                self.compare(before, keymap, mended, world, now)
            }
            Err(error) if self.wrong.as_ref() == Some(&error) => None,
            Err(error) => {
                let why = clean::line(&format!("The edited config is not taken over. {}", error.short()));
                self.wrong = Some(error);
                Some(Msg::Misconfigured(why))
            }
        }
    }

    fn read(&self, file: &Path, world: &World) -> Result<(Config, Keymap), ConfigError> {
        let (mut config, _) = Config::load(file, true)?;
        config.plain_http = world.config.plain_http;
        let keymap = keys::keymap(&config, Some(file))?;
        Ok((config, keymap))
    }

    /// `mended`: nothing was known of the file so far, because of a mistake in it.
    fn compare(
        &self,
        before: Config,
        keymap: Option<Box<Keymap>>,
        mended: bool,
        world: &mut World,
        now: &Looks,
    ) -> Option<Msg> {
        let after = &world.config;
        // Whom somebody agreed to trust is not asked about twice, whichever program it was said to.
        world.settings.trusted_realms.extend(added(&before.network.trusted_realms, &after.network.trusted_realms));
        let plain = added(&before.network.trusted_plain_http, &after.network.trusted_plain_http);
        world.settings.trusted_plain.extend(plain);
        let looks = self.looks(&before, after, now);
        let later = later(&before, after);
        let cleanup =
            (mended || cleanup(&before, false) != cleanup(after, false)).then(|| Box::new(cleanup(after, false)));
        let labels = (before.labels != after.labels).then(|| Box::new(after.labels.clone()));
        let quiet = keymap.is_none() && looks.is_none() && cleanup.is_none() && labels.is_none() && later.is_empty();
        if quiet && before.registries == after.registries {
            return None;
        }
        let (before, after) = (before.registries, after.registries.clone());
        Some(Msg::Configured(Box::new(Configured { before, after, looks, keymap, cleanup, labels, later })))
    }

    /// How it looks with what was edited; the rest stays as it is now, not as it was at the start.
    fn looks(&self, before: &Config, after: &Config, now: &Looks) -> Option<Looks> {
        let [old, new] = [before, after].map(|config| self.wanted.looks(config, &self.env));
        let mut looks = now.clone();
        if old.theme != new.theme {
            looks.theme = new.theme;
        }
        for (field, old, new) in [
            (&mut looks.ascii, old.ascii, new.ascii),
            (&mut looks.mouse, old.mouse, new.mouse),
            (&mut looks.utc, old.utc, new.utc),
        ] {
            if old != new {
                *field = new;
            }
        }
        (looks != *now).then_some(looks)
    }
}

fn added<T: Clone + PartialEq>(before: &[T], after: &[T]) -> Vec<T> {
    after.iter().filter(|one| !before.contains(one)).cloned().collect()
}

/// What a config says of clean-ups; `unread`: it could not be read.
pub(super) fn cleanup(config: &Config, unread: bool) -> Cleanup {
    let rules = config.rules.iter().map(|rule| (rule.name.clone(), rule.rules.clone())).collect();
    Cleanup { confirm: config.confirm, protect: config.protect.clone(), rules, unread }
}

/// Settings that are read at the start only, by the names of the file.
fn later(before: &Config, after: &Config) -> Vec<&'static str> {
    let network = |config: &Config| Network {
        trusted_realms: Vec::new(),
        trusted_plain_http: Vec::new(),
        ..config.network.clone()
    };
    [
        ("slow", before.slow != after.slow),
        ("[network]", network(before) != network(after)),
        ("[cache]", before.cache != after.cache),
        ("[history]", before.history != after.history),
    ]
    .into_iter()
    .filter_map(|(name, changed)| changed.then_some(name))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::world::Options;

    struct Run {
        dir: tempfile::TempDir,
        world: World,
        edited: Edited,
        looks: Looks,
    }

    impl Run {
        fn new(text: &str) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join("config.toml");
            std::fs::write(&file, text).unwrap();
            let state_dir = Some(dir.path().join("state"));
            let options = Options { config: Some(file.clone()), state_dir, ..Options::default() };
            let env = Env::fixed([("LANG", "C.UTF-8")]);
            let world = World::load_anyway(&options, env.clone());
            let edited = Edited::new(&world, Some(&file), Wanted::default(), env.clone());
            let looks = Wanted::default().looks(&world.config, &env);
            Self { dir, world, edited, looks }
        }

        fn edit(&mut self, text: &str) -> Option<Msg> {
            std::fs::write(self.dir.path().join("new"), text).unwrap();
            std::fs::rename(self.dir.path().join("new"), self.dir.path().join("config.toml")).unwrap();
            self.edited.look(&mut self.world, &self.looks)
        }

        fn change(&mut self, text: &str) -> Configured {
            match self.edit(text) {
                Some(Msg::Configured(edit)) => *edit,
                other => panic!("{other:?}"),
            }
        }
    }

    const LAB: &str = "[[registry]]\nname = 'lab'\nurl = 'https://lab.example'\n";

    #[test]
    fn only_what_changed_is_told() {
        let mut run = Run::new(LAB);
        // The first look is at what the run began with.
        assert_eq!(run.edited.look(&mut run.world, &run.looks), None);
        assert_eq!(run.edit(&format!("# a comment\n{LAB}")), None);
        let edit = run.change(&format!("{LAB}env = 'PROD'\n"));
        assert_eq!((edit.looks, edit.keymap, edit.later), (None, None, Vec::new()));
        assert_eq!((edit.before[0].env.as_deref(), edit.after[0].env.as_deref()), (None, Some("PROD")));
        let edit =
            run.change(&format!("utc = true\nslow = 'on'\n{LAB}[keys.tags]\nmark = 'b'\n[cache]\nmax_mib = 9\n"));
        assert_eq!(edit.later, ["slow", "[cache]"]);
        assert!(edit.looks.unwrap().utc && edit.keymap.is_some());
        assert_eq!((edit.before.len(), edit.after), (1, run.world.config.registries.clone()));
    }

    #[test]
    fn what_is_said_of_clean_ups_holds_at_once() {
        let mut run = Run::new(LAB);
        let edit = run.change(&format!("{LAB}[cleanup]\nprotect = ['v*']\n[confirm]\ncount_from = 9\n"));
        let cleanup = edit.cleanup.unwrap();
        assert_eq!((cleanup.protect.as_slice(), cleanup.confirm.count_from), (&["v*".to_owned()][..], 9));
        assert!(edit.later.is_empty() && !cleanup.unread);
        let edit =
            run.change(&format!("{LAB}[cleanup]\nprotect = ['v*']\n[[rule]]\nname = 'old'\nmark = ['age>30d']\n"));
        assert_eq!(edit.cleanup.unwrap().rules[0].0, "old");
        // What could not be read at the start protected everything.
        let mut run = Run::new("them = 'dark'");
        assert_eq!(run.edited.look(&mut run.world, &run.looks), None);
        assert!(run.change("theme = 'dark'").cleanup.is_some_and(|cleanup| !cleanup.unread));
    }

    #[test]
    fn labels_hold_at_once() {
        let mut run = Run::new(LAB);
        assert_eq!(run.edited.look(&mut run.world, &run.looks), None);
        let label = "[[label]]\nletter = 'S'\nname = 'stale'\nmatch = 'pr-*'\n";
        let edit = run.change(&format!("{LAB}{label}"));
        let labels = edit.labels.unwrap();
        assert_eq!((&*labels.labels[0].name, labels.rules[0].filter.as_str()), ("stale", "pr-*"));
        assert_eq!((edit.cleanup, edit.later), (None, Vec::new()));
        assert_eq!(run.change(LAB).labels, Some(Box::default()));
    }

    #[test]
    fn what_keys_changed_since_the_start_stays() {
        let mut run = Run::new("theme = 'dark'");
        run.looks.theme = "light".to_owned();
        let edit = run.change("theme = 'dark'\nmouse = true");
        let looks = edit.looks.unwrap();
        assert_eq!((looks.theme.as_str(), looks.mouse), ("light", true));
        // Written by the program itself.
        run.looks.mouse = true;
        assert_eq!(run.edit("theme = 'light'\nmouse = true"), None);
    }

    #[test]
    fn a_broken_file_changes_nothing_and_says_where_once() {
        let mut run = Run::new(LAB);
        for wrong in ["them = 'dark'", "\n[keys.tags]\nmark = 'v'"] {
            let Some(Msg::Misconfigured(why)) = run.edit(&format!("{LAB}{wrong}")) else { panic!("nothing said") };
            assert!(why.as_str().contains("config.toml:"), "{why}");
            assert_eq!(run.edit(&format!("{LAB}{wrong}")), None);
            assert_eq!(run.world.config.registries.len(), 1);
        }
        assert_eq!(run.edit(""), None);
        std::fs::remove_file(run.dir.path().join("config.toml")).unwrap();
        assert_eq!(run.edited.look(&mut run.world, &run.looks), None);
        // Without it, but not without anything.
        assert!(run.change("mouse = false").after.is_empty());
    }

    #[test]
    fn a_file_that_was_wrong_from_the_start_can_be_mended() {
        let mut run = Run::new("them = 'dark'");
        assert_eq!(run.edited.look(&mut run.world, &run.looks), None);
        assert_eq!(run.change(LAB).after.len(), 1);
    }

    #[test]
    fn who_is_trusted_elsewhere_is_trusted_here() {
        let mut run = Run::new("");
        let trusted = "[network]\ntrusted_plain_http = ['lab.example']\n";
        assert_eq!(run.edit(trusted), None);
        assert_eq!(run.world.settings.trusted_plain, ["lab.example"]);
    }
}
