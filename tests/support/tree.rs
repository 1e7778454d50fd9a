//! The files of this package.

use std::path::{Path, PathBuf};

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A text file of the package, with its path from the root.
pub struct Source {
    pub path: String,
    pub text: String,
}

/// Every file below these directories whose name ends in one of these.
pub fn sources(dirs: &[&str], endings: &[&str]) -> Vec<Source> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut dirs: Vec<PathBuf> = dirs.iter().map(|dir| root().join(dir)).collect();
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(&dir).unwrap_or_else(|why| panic!("{}: {why}", dir.display())) {
            let path = entry.expect("a directory entry").path();
            let name = path.to_string_lossy().into_owned();
            match path.is_dir() {
                true => dirs.push(path),
                false if endings.iter().any(|ending| name.ends_with(ending)) => files.push(path),
                false => {}
            }
        }
    }
    files.sort();
    files.iter().map(|path| source(path)).collect()
}

fn source(path: &Path) -> Source {
    let text = std::fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let inside = path.strip_prefix(root()).expect("below the root");
    Source { path: inside.to_string_lossy().replace('\\', "/"), text }
}
