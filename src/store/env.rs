//! The environment as a value, so that tests bring their own.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// Where environment variables are read from. Not `Debug`: variables hold secrets.
#[derive(Clone)]
pub enum Env {
    /// The real one. Read when asked: nothing is copied.
    Process,
    Fixed(BTreeMap<String, OsString>),
}

impl Env {
    pub fn fixed<const N: usize>(variables: [(&str, &str); N]) -> Self {
        Self::Fixed(variables.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect())
    }

    /// An empty variable counts as an unset one, as the XDG specification asks.
    pub fn raw(&self, key: &str) -> Option<OsString> {
        let value = match self {
            Self::Process => std::env::var_os(key),
            Self::Fixed(variables) => variables.get(key).cloned(),
        };
        value.filter(|value| !value.is_empty())
    }

    pub fn text(&self, key: &str) -> Option<String> {
        self.raw(key)?.into_string().ok()
    }

    /// A switch: `1 true yes on` or `0 false no off`. `Err` has the sentence that says so.
    pub fn switch(&self, key: &str) -> Result<Option<bool>, String> {
        let Some(value) = self.raw(key) else { return Ok(None) };
        match value.to_string_lossy().to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Ok(Some(true)),
            "0" | "false" | "no" | "off" => Ok(Some(false)),
            _ => Err(format!("{key} must be 1 or 0")),
        }
    }

    pub fn path(&self, key: &str) -> Option<PathBuf> {
        self.raw(key).map(PathBuf::from)
    }

    /// Relative directories are ignored: nothing may depend on the current directory.
    pub fn directory(&self, key: &str) -> Option<PathBuf> {
        self.path(key).filter(|path| path.is_absolute())
    }

    pub fn home(&self) -> Option<PathBuf> {
        self.directory("HOME")
    }
}
