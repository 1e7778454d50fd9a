//! tagboat: browse container registries from the terminal.
//!
//! # Codemap
//!
//! - [`domain`]: plain values: names, digests, tags, images, filters, cleaned text. No I/O, no screen, no clock.
//! - [`backend`]: the client: the `Backend` trait, one HTTP core, one module per kind of registry. Only here is HTTP.
//! - [`store`]: the disk: config, credentials, cache, journals of what was changed, favourites, labels and other state.
//! - [`app`]: the pure core of the interface: state, messages, effects, keymap, panes, dialogs.
//! - [`ui`]: draws a state: theme, panes, dialogs.
//! - [`runtime`]: terminal, input, signals; what performs effects and feeds messages.
//! - [`command`]: the commands without a screen.
//! - [`demo`]: registries in this process, on loopback, for `tagboat demo` and for tests.
//!
//! # Invariants
//!
//! 1. The core is pure: `update(&mut State, Msg) -> Vec<Effect>`. No task ever touches the state.
//! 2. Data is cached by resource address; a pane is an address and a cursor. Every read has a request id, and an
//!    answer whose id is not in flight is stale by definition and dropped.
//! 3. Reads are aborted. Mutations are cancelled between items, never dropped, and always report.
//! 4. Capabilities are data with meaning, and one function answers "may I, and if not, why not" for keys, footer, help
//!    and update.
//! 5. Dialogs are a closed enum on a stack; one that asks carries the intent it asks about, with its values captured.
//! 6. One package, cut into layers; the layering is a test, not a promise.
//!
//! Safety in one breath: what came from a server is cleaned before it reaches a screen, a name is parsed before it goes
//! into a request, bytes are checked against their digest, secrets cannot be printed and go to no host nobody
//! confirmed, and nothing is deleted that was not shown first.
//!
//! # Layers
//!
//! | layer | may use | must not name |
//! |---|---|---|
//! | `domain` | – | tokio, reqwest, ratatui, crossterm, std::fs, Instant |
//! | `backend` | domain | ratatui, crossterm |
//! | `store` | domain | reqwest, ratatui, crossterm |
//! | `app` | domain | tokio, reqwest, ratatui, crossterm, std::fs, Instant |
//! | `ui` | app, domain | tokio, reqwest |
//! | `runtime` | ui, app, store, backend, domain | – |
//! | `command` | cli, runtime, demo, app, store, backend, domain | ratatui |
//! | `demo` | domain | reqwest, ratatui, crossterm, std::fs |
//! | `main`, `cli` | everything | – |
//!
//! `tests/tidy.rs` reads every file and fails with file and line.
//!
//! # Decisions
//!
//! - The demo's server is written on hyper alone: repository names contain slashes, so a router would match only the
//!   first segment and the rest would be parsed by hand anyway.
//! - Details of a list are read in chunks of at most 256 tags, those on the screen first.
//! - A page of names is read while it arrives; what stands around the names is checked when it has ended.
//! - Rows of a list lie in chunks that are shared with whoever arranges them. Short lists are arranged within the
//!   message that asks for it, long ones on another thread, one at a time; a key never waits for a sort.
//! - What a reload does not bring stays on screen, marked as old, until the reload is known to be complete. The list of
//!   the last visit is the same case: it is a pass that happened earlier.
//! - A saved list belongs to an origin and an account, and an account is a user name. Where the name is everybody's (a
//!   token's, `AWS`, `_json_key`), nothing is saved.
//! - Labels and notes are kept by the registry's address, so that a name in the config may change; a change is one of a
//!   single column, and applying it gives the change that takes it back. What the config says of labels wins.
//! - Terminal lines are written by an own ratatui backend: one write a frame, none when nothing changed, and scrolling
//!   moves lines instead of sending them again.
//! - What is sent once and what may be sent again are two types in the HTTP core. A write cannot be handed to the code
//!   that retries and follows, and its error says whether it may have been done.
//! - Content is immutable by digest, so the cache never asks whether it is fresh; what a tag points at is always asked.
//!   A list that says it (GCR's do) is an answer, too, for the reading that follows it.
//! - A plan takes from a list read moments ago what other tags point at. The tags it is about, and what shares a
//!   digest with them, are asked when it is made, and each again right before it goes. Manifests are read only for
//!   plans that may delete by digest.
//! - Before a deletion by digest every tag is asked that may be on it: those of the plan, those of the last reading of
//!   the whole repository, and those new in the list since, which is read again as often as a twentieth of the time
//!   allows. A tag that moved onto the digest later can only be found by asking all of them: that is done before the
//!   first deletion and again after a minute at most. Asking ten thousand tags before each of five hundred deletions
//!   would take an hour, and each answer would be as old when the deletion goes out.
//! - Where one list says what every tag is on, that list is the look at all items of a request that deletes many: one
//!   reading right before it, made again if recording them took longer than a round trip, and one after it. What is
//!   kept for an undo takes a reading of each, so only systems that take nothing back delete so.
//! - No request is conditional (`If-None-Match`). Known content is asked for by HEAD, which brings no body either, and
//!   what is not known has nothing to compare with. On Docker Hub a GET counts as a pull, whatever its answer.
//! - The name of a repository is asked for above 500 tags; operators who want it earlier lower `name_from`, and PROD,
//!   protected tags and whole repositories ask for it always.
//! - Whole repositories are deleted by a plan of its own (`domain::sweep`): it compares what systems say of a repository,
//!   not digests, keeps nothing, and is never undone. One request is about sixteen at most, whatever the system takes, so
//!   that the first of them was looked at moments before.
//! - The integration tests are one binary, `tests/suite.rs`: linked once, and modules share what they need.

pub mod app;
pub mod backend;
pub mod cli;
pub mod command;
pub mod demo;
pub mod domain;
pub mod runtime;
pub mod store;
pub mod ui;
