//! What the commands that delete, tag and put back take.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args};

use crate::domain::cleanup::KeepBy;

#[derive(Debug, Args)]
pub struct Plan {
    /// REGISTRY/REPO
    #[arg(value_name = "REPOSITORY")]
    pub repository: String,
    /// Write the plan to a file, for `tagboat apply`; an older plan there is replaced, nothing else
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub rules: Rules,
    #[command(flatten)]
    pub choices: Choices,
}

/// They mark; exclude and protection win over all of them.
#[derive(Debug, Args)]
#[command(next_help_heading = "What is marked")]
pub struct Rules {
    /// Mark these: substring, glob, ~regex, age>30d, size>1G, semver<2; ! negates; repeatable
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub mark: Vec<String>,
    /// Never these, whatever else marks them; repeatable
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub exclude: Vec<String>,
    /// Mark these tags by name
    #[arg(long, value_name = "NAME", num_args = 1.., action = ArgAction::Append)]
    pub tag: Vec<String>,
    /// Of what is marked, the newest N stay
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub keep: Option<u32>,
    /// What makes a tag the newest [default: created]
    #[arg(long, value_name = "WHAT", requires = "keep", value_parser = PossibleValuesParser::new(KeepBy::ALL.map(KeepBy::word)))]
    pub keep_by: Option<String>,
    /// Keep N of each group instead: major, minor, or what a regular expression captures
    #[arg(long, value_name = "REGEX", requires = "keep")]
    pub per: Option<String>,
    /// Mark manifests that no tag leads to
    #[arg(long)]
    pub untagged: bool,
    /// Mark tags whose manifest is gone
    #[arg(long)]
    pub dangling: bool,
    /// Mark what this [[rule]] of the config marks; repeatable
    #[arg(long, value_name = "NAME")]
    pub rule: Vec<String>,
}

/// By default tags go, and nothing else.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "How far it may go")]
pub struct Choices {
    /// Delete manifests that lose their last tag, too
    #[arg(long)]
    pub with_manifests: bool,
    /// Let the other tags on the same digest go along
    #[arg(long)]
    pub with_siblings: bool,
    /// Delete entries of deleted indexes that nothing else uses, too
    #[arg(long)]
    pub with_children: bool,
    /// Delete what refers to deleted manifests (signatures, SBOMs), too
    #[arg(long)]
    pub with_referrers: bool,
    /// Where only digests can be deleted: push a placeholder to the tag and delete that
    #[arg(long)]
    pub placeholder: bool,
}

#[derive(Debug, Args)]
pub struct Apply {
    /// A file that `tagboat plan --out` wrote
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// The number of tags that go, or the repository's name where the plan asks for it
    #[arg(long, value_name = "WHAT", required_unless_present = "dry_run")]
    pub confirm: Option<String>,
    /// Check everything again and send nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Args)]
pub struct Tag {
    /// REGISTRY/REPO[:TAG|@DIGEST]
    #[arg(value_name = "SRC")]
    pub source: String,
    /// The new tag, in the same repository
    #[arg(value_name = "NEW")]
    pub new: String,
    #[command(flatten)]
    pub consent: Consent,
}

#[derive(Debug, Args)]
pub struct Copy {
    /// REGISTRY/REPO[:TAG|@DIGEST]
    #[arg(value_name = "SRC")]
    pub source: String,
    /// REGISTRY[/REPO][:TAG]; what is left out is as in SRC
    #[arg(value_name = "DST")]
    pub target: String,
    /// Signatures, SBOMs and what else refers to it go along
    #[arg(long)]
    pub referrers: bool,
    #[command(flatten)]
    pub consent: Consent,
}

/// To what a tag that exists may be moved.
#[derive(Debug, Args)]
pub struct Consent {
    /// Move the tag if it exists, without asking
    #[arg(long, short, visible_alias = "overwrite")]
    pub yes: bool,
    /// The repository's name, to move a protected tag or one of a registry marked PROD
    #[arg(long, value_name = "REPO")]
    pub confirm: Option<String>,
    /// Say what would be done and send nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Args)]
pub struct History {
    /// An id, for its details; or part of a registry, a repository or a tag
    #[arg(value_name = "WHAT")]
    pub what: Option<String>,
    /// Only what is younger, as 7d
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
}

#[derive(Debug, Args)]
pub struct Undo {
    /// As `tagboat history` shows it
    pub id: String,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Move tags back, too, that point at something else by now
    #[arg(long)]
    pub overwrite: bool,
    /// Say what would be put back and send nothing
    #[arg(long)]
    pub dry_run: bool,
}
