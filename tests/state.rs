//! What is on disk: broken, full, read-only, shared with another tagboat, or not there at all. The program starts, says
//! what it has to, and loses nothing that was written.
#![cfg(unix)]

mod broken;
mod damage;
mod disk;
mod edited;
mod elsewhere;
mod instances;
