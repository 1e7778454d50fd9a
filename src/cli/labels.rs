//! What `tagboat labels` takes.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Labels {
    /// The labels, and what has one or a note
    List {
        /// Only of this registry, or REGISTRY/REPO
        target: Option<String>,
    },
    /// Put a label or a note on tags
    Set {
        /// REGISTRY/REPO
        #[arg(value_name = "REPOSITORY")]
        repository: String,
        #[arg(value_name = "TAG", required = true)]
        tags: Vec<String>,
        /// A label that exists; none: no label, rule: what rules say
        #[arg(long, value_name = "NAME", required_unless_present = "note")]
        label: Option<String>,
        /// One short line; an empty one takes the note away
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Make a registry or a repository a favourite
    Favourite {
        /// A registry's name from the config, or REGISTRY/REPO
        target: String,
        /// No longer
        #[arg(long)]
        off: bool,
    },
    /// Labels, notes, rules and favourites as TOML
    Export {
        /// Into this file, which must not exist yet; else to stdout
        #[arg(long, short, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Add those of a file, and say what that changes
    Import {
        /// A file that `tagboat labels export` wrote
        file: PathBuf,
        /// Only say it
        #[arg(long)]
        dry_run: bool,
    },
}
