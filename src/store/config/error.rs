//! What is wrong in the config file, where, and what would be right.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::domain::clean::{self, Clean};
use crate::domain::text;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    pub file: PathBuf,
    /// From 1; 0 when the file as a whole is meant.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    pub message: Clean,
}

impl ConfigError {
    /// About the file, not about a place in it.
    pub(super) fn whole(file: &Path, message: &str) -> Self {
        Self { file: file.to_owned(), line: 0, column: 0, message: clean::line(message) }
    }
}

impl ConfigError {
    /// With the name of the file instead of its path, for a line that has little room.
    pub fn short(&self) -> String {
        self.text(self.file.file_name().map_or(self.file.as_path(), Path::new))
    }

    fn text(&self, file: &Path) -> String {
        let file = clean::line(&file.to_string_lossy());
        if self.line == 0 {
            return format!("{file}: {}", self.message);
        }
        format!("{file}:{}:{}: {}", self.line, self.column, self.message)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(&self.file))
    }
}

impl std::error::Error for ConfigError {}

/// The end of a sentence: “did you mean …?” when there is something to suggest, else a full stop.
pub(super) fn suggestion<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    text::nearest(text, known).map_or(".".to_owned(), |word| format!("; did you mean “{word}”?"))
}
