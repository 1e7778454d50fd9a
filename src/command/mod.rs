//! The commands for scripts and for people who know what they want: data on stdout, everything else on stderr.

mod apply;
pub mod config;
pub mod demo;
pub mod doctor;
mod failure;
mod format;
mod history;
mod inspect;
mod io;
mod json;
mod labels;
mod login;
mod place;
mod plan;
mod prompt;
mod registries;
mod repos;
mod running;
mod table;
mod tags;
mod transfer;
mod undo;

#[cfg(test)]
mod tests;

pub use failure::{Failure, Stop};
pub use io::{Io, report};

use crate::backend::Backend;
use crate::cli::{Command, ListArgs};
use crate::domain::filter::{Filter, Of};
use crate::domain::page::ListEnd;
use crate::runtime::world::World;

/// The exit code of what was done, or why it was not.
pub type Outcome = Result<u8, Stop>;

pub const DONE: u8 = 0;
/// Some items failed, or a list ended early.
pub const PARTLY: u8 = 7;

/// Runs a command that needs the world. `None`: it is not one of these.
pub async fn run(command: &Command, world: &World, io: &mut Io<'_>) -> Option<Outcome> {
    Some(match command {
        Command::Registries => registries::run(world, io).await,
        Command::Repos(repos) => repos::run(world, repos, io).await,
        Command::Tags(tags) => tags::run(world, tags, io).await,
        Command::Plan(plan) => plan::run(world, plan, io).await,
        Command::Apply(apply) => apply::run(world, apply, io).await,
        Command::Tag(tag) => transfer::tag(world, tag, io).await,
        Command::Copy(copy) => transfer::copy(world, copy, io).await,
        Command::History(history) => history::run(world, history, io),
        Command::Labels(asked) => labels::run(world, asked, io).await,
        Command::Undo(undo) => undo::run(world, undo, io).await,
        Command::Inspect { image, large } => inspect::run(world, image, *large, io).await,
        Command::Login(login) => login::login(world, login, io).await,
        Command::Logout { registry } => login::logout(world, registry, io).await,
        Command::Demo(_)
        | Command::Config(_)
        | Command::Keys
        | Command::Doctor
        | Command::Completions { .. }
        | Command::Man => {
            return None;
        }
    })
}

fn filter(of: Of, asked: &ListArgs) -> Result<Filter, Failure> {
    Filter::of(of, asked.filter.as_deref().unwrap_or(""))
        .map_err(|error| Failure::usage(&format!("--filter: {error}"), "For example: --filter 'v1.* age>30d !~rc'."))
}

/// Says what the registry said beside its answers.
fn heard(backend: &dyn Backend, io: &mut Io<'_>) {
    for notice in backend.notices() {
        io.note(notice.as_str());
    }
}

/// Says how a list ended.
fn ended(end: &ListEnd, io: &mut Io<'_>) -> u8 {
    match (&end.note, end.complete) {
        (Some(note), _) => io.note(note.as_str()),
        (None, false) => io.note("The list is not complete."),
        (None, true) => {}
    }
    if end.complete { DONE } else { PARTLY }
}
