//! The command line.
#![allow(
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags,
    reason = "doc comments here are the help text, brackets included"
)]

mod examples;
mod parse;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::demo;
use crate::domain::text;
use crate::runtime::looks::Wanted;
use crate::runtime::world;
use crate::store::config::Slow;
use crate::store::env::Env;

pub mod cleanup;
pub mod labels;

const EXAMPLES: &str = "\
Variables set the global options too, except -v, -q and --json: TAGBOAT_SLOW=1,
TAGBOAT_THEME=mono. Flags win over variables, variables over the config file.

Examples:
  tagboat demo                                    try it, nothing to set up
  tagboat registry.example.com/team/app           browse a repository
  tagboat plan prod/app --mark 'pr-* age>30d'     what a clean-up would do";

/// Browse container registries and clean up their tags.
#[derive(Debug, Parser)]
#[command(name = "tagboat", version, after_help = EXAMPLES, disable_help_subcommand = true, max_term_width = 120)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,

    /// A registry's name from the config, or REGISTRY/REPO[:TAG]
    #[arg(help_heading = "Arguments")]
    pub target: Option<String>,

    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Config file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Directory of state and cache
    #[arg(long, global = true, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// Write JSON to stdout
    #[arg(long, global = true)]
    pub json: bool,
    /// Send nothing that changes a registry
    #[arg(long, global = true, num_args = 0, default_missing_value = "true")]
    pub read_only: Option<bool>,
    /// Use http for addresses without a scheme
    #[arg(long, global = true, num_args = 0, default_missing_value = "true")]
    pub plain_http: Option<bool>,
    /// CA certificates to trust, PEM
    #[arg(long, global = true, value_name = "FILE")]
    pub ca_cert: Option<PathBuf>,
    /// Keep no content on disk and use none from there
    #[arg(long, global = true, num_args = 0, default_missing_value = "true")]
    pub no_cache: Option<bool>,
    /// How long one request may take, as 30s or 2m
    #[arg(long, global = true, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// Log file
    #[arg(long, global = true, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// Log more
    #[arg(short = 'v', long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// No progress and no notes
    #[arg(short, long, global = true)]
    pub quiet: bool,
    #[command(flatten)]
    pub looks: LooksArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Looks of the interface")]
pub struct LooksArgs {
    /// ansi16, mono, high-contrast, dark, light or a file
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// Draw with ASCII only
    #[arg(long, global = true, num_args = 0, default_missing_value = "true")]
    pub ascii: Option<bool>,
    /// Take mouse clicks
    #[arg(long, global = true, num_args = 0, default_missing_value = "true")]
    pub mouse: Option<bool>,
    /// Draw little, for slow connections
    #[arg(long, global = true, num_args = 0, default_missing_value = "on", value_parser = slow)]
    pub slow: Option<Slow>,
    /// For screen readers: no borders, nothing moves by itself
    #[arg(long, global = true, num_args = 0, default_missing_value = "true")]
    pub accessible: Option<bool>,
    /// Times in UTC
    #[arg(long, global = true, num_args = 0, default_missing_value = "true")]
    pub utc: Option<bool>,
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// The interface over built-in registries, nothing to set up
    #[command(after_help = examples::DEMO)]
    Demo(Demo),
    /// Configured registries, with kind and capabilities
    #[command(after_help = examples::REGISTRIES)]
    Registries,
    /// Repositories of a registry
    #[command(after_help = examples::REPOS)]
    Repos(Repos),
    /// Tags of a repository, with details
    #[command(after_help = examples::TAGS)]
    Tags(Tags),
    /// One image
    #[command(after_help = examples::INSPECT)]
    Inspect {
        /// REGISTRY/REPO[:TAG|@DIGEST]
        #[arg(value_name = "IMAGE")]
        image: String,
        /// Read a manifest or config above 4 MiB too, up to 32 MiB
        #[arg(long)]
        large: bool,
    },
    /// What a clean-up would do; nothing is sent
    #[command(after_help = examples::PLAN)]
    Plan(cleanup::Plan),
    /// Run exactly a plan that was saved
    #[command(after_help = examples::APPLY)]
    Apply(cleanup::Apply),
    /// Put another tag on an image
    #[command(after_help = examples::TAG)]
    Tag(cleanup::Tag),
    /// Bring an image to another repository or registry
    #[command(after_help = examples::COPY)]
    Copy(cleanup::Copy),
    /// What was deleted, tagged and copied
    History(cleanup::History),
    /// Take back what was deleted, tagged or copied
    #[command(after_help = examples::UNDO)]
    Undo(cleanup::Undo),
    /// Labels and notes of tags, and favourites: set them, take them elsewhere
    #[command(subcommand)]
    Labels(labels::Labels),
    /// Sign in to a registry
    #[command(after_help = examples::LOGIN)]
    Login(Login),
    /// Forget what a registry is signed in with
    Logout { registry: String },
    /// The config file
    #[command(subcommand)]
    Config(ConfigCommand),
    /// The keys of the interface
    Keys,
    /// What of this machine matters here, and what to do about it
    Doctor,
    /// Completions for a shell
    Completions { shell: clap_complete::Shell },
    /// The manual page
    Man,
}

#[derive(Debug, Args)]
pub struct Demo {
    /// No interface: print where the registries are and run until Ctrl-C
    #[arg(long)]
    pub serve: bool,
    /// Port of the first registry; the next ones follow
    #[arg(long, value_name = "N")]
    pub base_port: Option<u16>,
    /// No data in the registries
    #[arg(long)]
    pub empty: bool,
    /// Which registry's behaviour to show
    #[arg(long, value_name = "NAME", default_value = "reference", value_parser = PossibleValuesParser::new(demo::Profile::names()))]
    pub profile: String,
    /// How the registries want to be signed in to
    #[arg(long, value_name = "HOW", default_value = "open")]
    pub auth: AuthName,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum AuthName {
    Open,
    Basic,
    Bearer,
}

impl Demo {
    pub fn options(&self) -> demo::DemoOptions {
        // Both are printed by `--serve`: they guard made-up data on loopback.
        let (user, password) = ("demo".to_owned(), "demo-password".to_owned());
        demo::DemoOptions {
            base_port: self.base_port,
            empty: self.empty,
            profile: demo::Profile::from_name(&self.profile).unwrap_or_default(),
            auth: match self.auth {
                AuthName::Open => demo::Auth::Open,
                AuthName::Basic => demo::Auth::Basic { user, password },
                AuthName::Bearer => demo::Auth::Bearer { user, password },
            },
            ..demo::DemoOptions::default()
        }
    }
}

/// What lists have in common.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only these: substring, glob, ~regex, age>30d, size>1G, semver<2; ! negates
    #[arg(long, value_name = "FILTER")]
    pub filter: Option<String>,
    /// One JSON object a line, as they become known
    #[arg(long, conflicts_with_all = ["json", "csv"])]
    pub jsonl: bool,
    /// CSV with a heading
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

#[derive(Debug, Args)]
pub struct Repos {
    /// A name from the config, a host[:port] or a URL
    pub registry: String,
    #[command(flatten)]
    pub list: ListArgs,
}

#[derive(Debug, Args)]
pub struct Tags {
    /// REGISTRY/REPO
    #[arg(value_name = "REPOSITORY")]
    pub repository: String,
    /// Names only, as they arrive
    #[arg(long)]
    pub names: bool,
    #[command(flatten)]
    pub list: ListArgs,
}

#[derive(Debug, Args)]
pub struct Login {
    pub registry: String,
    #[arg(long, short, value_name = "NAME")]
    pub username: Option<String>,
    /// Read the password from stdin
    #[arg(long)]
    pub password_stdin: bool,
    /// Where to keep it; by default where the registry's `credential` looks
    #[arg(long, value_name = "PLACE")]
    pub keep: Option<Keep>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Keep {
    /// Nowhere: only try it
    Session,
    /// The helper Docker's config names
    Helper,
    /// Docker's config.json, not encrypted
    Docker,
    /// A file of tagboat, for its owner alone, not encrypted
    Own,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Where the file is
    Path,
    /// Whether it can be read
    Check,
    /// Every key with its meaning and default
    Example,
}

impl Global {
    /// Fills in what the command line leaves open. The places of files are found by `Places`, which knows theirs.
    pub fn read_variables(&mut self, env: &Env) -> Result<(), String> {
        let looks = &mut self.looks;
        for (option, name) in [
            (&mut self.read_only, "TAGBOAT_READ_ONLY"),
            (&mut self.plain_http, "TAGBOAT_PLAIN_HTTP"),
            (&mut self.no_cache, "TAGBOAT_NO_CACHE"),
            (&mut looks.ascii, "TAGBOAT_ASCII"),
            (&mut looks.mouse, "TAGBOAT_MOUSE"),
            (&mut looks.accessible, "TAGBOAT_ACCESSIBLE"),
            (&mut looks.utc, "TAGBOAT_UTC"),
        ] {
            let value = env.switch(name)?;
            *option = option.or(value);
        }
        looks.theme = looks.theme.take().or_else(|| env.text("TAGBOAT_THEME"));
        parsed(&mut looks.slow, env, "TAGBOAT_SLOW", slow)?;
        parsed(&mut self.timeout, env, "TAGBOAT_TIMEOUT", duration)?;
        self.ca_cert = self.ca_cert.take().or_else(|| env.path("TAGBOAT_CA_CERT"));
        Ok(())
    }

    pub fn wanted(&self) -> Wanted {
        let looks = &self.looks;
        Wanted {
            theme: looks.theme.clone(),
            ascii: looks.ascii,
            mouse: looks.mouse,
            slow: looks.slow,
            utc: looks.utc,
            accessible: looks.accessible.unwrap_or(false),
        }
    }

    pub fn options(&self) -> world::Options {
        world::Options {
            config: self.config.clone(),
            state_dir: self.state_dir.clone(),
            log_file: self.log_file.clone(),
            read_only: self.read_only.unwrap_or(false),
            plain_http: self.plain_http.unwrap_or(false),
            ca_cert: self.ca_cert.clone(),
            timeout: self.timeout,
            no_cache: self.no_cache,
        }
    }
}

fn parsed<T>(
    option: &mut Option<T>,
    env: &Env,
    name: &str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<(), String> {
    if let Some(text) = env.text(name) {
        let value = parse(&text).map_err(|why| format!("{name}: {why}"))?;
        option.get_or_insert(value);
    }
    Ok(())
}

fn slow(text: &str) -> Result<Slow, String> {
    match text.to_ascii_lowercase().as_str() {
        "auto" => Ok(Slow::Auto),
        "1" | "true" | "yes" | "on" => Ok(Slow::On),
        "0" | "false" | "no" | "off" => Ok(Slow::Off),
        _ => Err("write auto, on or off".to_owned()),
    }
}

/// A time with a unit, or seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let with_unit = if text.bytes().all(|b| b.is_ascii_digit()) { format!("{text}s") } else { text.to_owned() };
    text::parse_span(&with_unit)
        .and_then(|span| Duration::try_from(span).ok())
        .filter(|time| !time.is_zero())
        .ok_or_else(|| "write a time, as 30s or 2m".to_owned())
}

#[cfg(test)]
mod tests;
