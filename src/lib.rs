//! tagboat

pub mod app;
pub mod backend;
pub mod cli;
pub mod command;
pub mod demo;
pub mod domain;
pub mod runtime;
pub mod store;
pub mod ui;
