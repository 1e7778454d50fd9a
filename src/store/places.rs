//! Where files live.

use std::path::{Path, PathBuf};

use super::env::Env;
use super::private;
use crate::domain::clean::{self, Clean};

/// What the command line asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub config: Option<PathBuf>,
    pub state_dir: Option<PathBuf>,
    pub log_file: Option<PathBuf>,
}

/// `None` means: run without it and save nothing there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    pub config_file: Option<PathBuf>,
    /// Somebody named the config file, so it must exist.
    pub config_asked: bool,
    pub state_dir: Option<PathBuf>,
    pub cache_dir: Option<PathBuf>,
    pub log_file: Option<PathBuf>,
    /// Somebody named the log, so it is told when it cannot be written.
    pub log_asked: bool,
}

/// Whether there is nothing of this name. What is there and cannot be read is something else.
pub fn is_absent(file: &Path) -> bool {
    file.try_exists().is_ok_and(|there| !there)
}

impl Places {
    /// Flags, then `TAGBOAT_*`, then XDG variables, then the platform's own directories. Touches no file.
    pub fn find(asked: &Asked, env: &Env) -> Self {
        let named = asked.config.clone().or_else(|| env.path("TAGBOAT_CONFIG"));
        let config_asked = named.is_some();
        let config_file = named.or_else(|| directory(env, Kind::Config).map(|dir| dir.join("config.toml")));
        let one = asked.state_dir.clone().or_else(|| env.path("TAGBOAT_STATE_DIR"));
        let state_dir = one.clone().or_else(|| directory(env, Kind::State));
        let cache_dir = one.or_else(|| directory(env, Kind::Cache));
        let named = asked.log_file.clone().or_else(|| env.path("TAGBOAT_LOG_FILE"));
        let log_asked = named.is_some();
        let log_file = named.or_else(|| state_dir.as_deref().map(|dir| dir.join("tagboat.log")));
        Self { config_file, config_asked, state_dir, cache_dir, log_file, log_asked }
    }

    /// Creates the directories and tidies them. A directory that cannot be had becomes `None`; what is returned is
    /// to be said once.
    pub fn prepare(&mut self) -> Vec<Clean> {
        let mut said = Vec::new();
        if self.state_dir.is_none() {
            said.push(Clean::fixed("HOME is not set: nothing is saved in this run. Set HOME or use --state-dir."));
        }
        let same = self.state_dir == self.cache_dir;
        self.state_dir = self.state_dir.take().filter(|dir| usable(dir, "Favourites and history are", &mut said));
        if same {
            self.cache_dir = self.state_dir.clone();
        } else {
            self.cache_dir = self.cache_dir.take().filter(|dir| usable(dir, "The cache is", &mut said));
        }
        for dir in [self.config_file.as_deref().and_then(Path::parent), self.state_dir.as_deref()].into_iter().flatten()
        {
            private::remove_leftovers(dir);
        }
        self.log_file = self.log_file.take().filter(|file| self.log_lives_in(file, &mut said));
        said
    }

    /// The directory of a log somebody asked for is theirs to make; that of the usual one is missing for a reason that
    /// was told already.
    fn log_lives_in(&self, file: &Path, said: &mut Vec<Clean>) -> bool {
        // Of a bare name the parent is empty, which is no directory.
        let dir = file.parent().map(|dir| if dir == Path::new("") { Path::new(".") } else { dir });
        if dir.is_some_and(Path::is_dir) {
            return true;
        }
        if self.log_asked {
            let file = file.display();
            said.push(clean::line(&format!("No log is written in this run: there is no directory for {file}.")));
        }
        false
    }
}

fn usable(dir: &Path, what: &str, said: &mut Vec<Clean>) -> bool {
    match private::create_dir(dir).and_then(|()| private::probe_writable(dir)) {
        Ok(()) => true,
        Err(error) => {
            let dir = dir.display();
            said.push(clean::line(&format!("{what} not saved in this run: {dir}: {error}. Use --state-dir DIR.")));
            false
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Config,
    State,
    Cache,
}

fn directory(env: &Env, kind: Kind) -> Option<PathBuf> {
    let (variable, below_home) = match kind {
        Kind::Config => ("XDG_CONFIG_HOME", ".config/tagboat"),
        Kind::State => ("XDG_STATE_HOME", ".local/state/tagboat"),
        Kind::Cache => ("XDG_CACHE_HOME", ".cache/tagboat"),
    };
    if let Some(base) = env.directory(variable) {
        return Some(base.join("tagboat"));
    }
    // `directories` asks the user database when HOME is unset; a service account without a home should stay without.
    let home = env.home()?;
    // On macOS it would be Library/Application Support; people who made ~/.config/tagboat expect that one.
    let ours = home.join(below_home);
    let project = match env {
        Env::Process if !ours.is_dir() => directories::ProjectDirs::from("", "", "tagboat"),
        _ => None,
    };
    Some(project.map_or(ours, |project| match kind {
        Kind::Config => project.config_dir().to_owned(),
        Kind::State => project.state_dir().unwrap_or_else(|| project.data_local_dir()).to_owned(),
        Kind::Cache => project.cache_dir().to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(asked: &Asked, env: &Env) -> (String, String, String) {
        let places = Places::find(asked, env);
        let show = |path: Option<PathBuf>| path.map_or(String::new(), |path| path.display().to_string());
        (show(places.config_file), show(places.state_dir), show(places.cache_dir))
    }

    #[test]
    fn flags_then_variables_then_xdg_then_home() {
        let asked = Asked { config: Some("/c.toml".into()), state_dir: Some("/s".into()), log_file: None };
        let own = [("TAGBOAT_CONFIG", "/v.toml"), ("TAGBOAT_STATE_DIR", "/v"), ("HOME", "/h")];
        assert_eq!(found(&asked, &Env::fixed(own)), ("/c.toml".into(), "/s".into(), "/s".into()));
        assert_eq!(found(&Asked::default(), &Env::fixed(own)), ("/v.toml".into(), "/v".into(), "/v".into()));
        let xdg = [("XDG_CONFIG_HOME", "/x"), ("XDG_STATE_HOME", "relative"), ("HOME", "/h")];
        assert_eq!(
            found(&Asked::default(), &Env::fixed(xdg)),
            ("/x/tagboat/config.toml".into(), "/h/.local/state/tagboat".into(), "/h/.cache/tagboat".into())
        );
    }

    #[test]
    fn without_home_nothing_is_saved_and_that_is_said_once() {
        let mut places = Places::find(&Asked::default(), &Env::fixed([]));
        assert_eq!(places, Places::default());
        assert_eq!(places.prepare().len(), 1);
    }

    #[test]
    fn a_home_that_cannot_be_written_is_said_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        let asked = Asked { state_dir: Some(file.join("below")), ..Asked::default() };
        let mut places = Places::find(&asked, &Env::fixed([]));
        assert_eq!(places.prepare().len(), 1);
        assert_eq!((places.state_dir, places.cache_dir, places.log_file), (None, None, None));
    }

    #[test]
    fn a_log_may_lie_here_and_is_missed_aloud_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        let asked = |log: &str| Asked {
            state_dir: Some(dir.path().to_owned()),
            log_file: Some(log.into()),
            ..Asked::default()
        };
        let mut here = Places::find(&asked("tagboat-here.log"), &Env::fixed([]));
        assert!(here.prepare().is_empty());
        assert_eq!(here.log_file.as_deref(), Some(Path::new("tagboat-here.log")));
        let mut elsewhere = Places::find(&asked("/no/such/directory/t.log"), &Env::fixed([]));
        let said = elsewhere.prepare();
        assert!(said.len() == 1 && said[0].as_str().contains("/no/such/directory/t.log"), "{said:?}");
        assert_eq!(elsewhere.log_file, None);
    }
}
