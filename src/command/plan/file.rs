//! A plan as a file.

use std::io::{self, Read as _};
use std::path::Path;

use super::super::{Failure, Stop};
use crate::domain::cleanup::Plan;
use crate::store::save::save;

/// A plan for a hundred thousand tags is a quarter of it.
const LARGEST: u64 = 256 << 20;

/// Whether the plan could be written there, told before the work.
pub(super) fn check(path: &Path) -> Result<(), Stop> {
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_file() && read(path).is_ok() => Ok(()),
        Ok(_) => Err(occupied(path).into()),
        Err(_) => Ok(()),
    }
}

/// An older plan is replaced, whole or not at all; another file never is.
pub(super) fn write(path: &Path, plan: &Plan) -> Result<(), Stop> {
    let text =
        plan.to_json().map_err(|error| Failure::internal(&format!("the plan: {error}"), "This is our fault."))?;
    let replace = path.is_file() && read(path).is_ok();
    save(path, (text + "\n").as_bytes(), replace).map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            return occupied(path).into();
        }
        let message = format!("{} cannot be written: {error}", path.display());
        Failure::usage(&message, "Choose another place for --out.").into()
    })
}

fn occupied(path: &Path) -> Failure {
    let message = format!("{} is there already, and is no plan", path.display());
    Failure::usage(&message, "Choose another name for --out; only plans are replaced.")
}

/// As one JSON value, for stdout.
pub(in crate::command) fn value(plan: &Plan) -> Result<serde_json::Value, Stop> {
    let value = plan.to_json().and_then(|text| serde_json::from_str(&text));
    value.map_err(|error| Failure::internal(&format!("the plan: {error}"), "This is a fault in tagboat.").into())
}

pub(in crate::command) fn read(path: &Path) -> Result<Plan, Stop> {
    let wrong = |why: String| {
        Failure::usage(
            &format!("{}: {why}", path.display()),
            "Nothing was sent. `tagboat plan … --out FILE` writes one.",
        )
    };
    let file = std::fs::File::open(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let mut text = String::new();
    let read = file.take(LARGEST + 1).read_to_string(&mut text);
    match read {
        Ok(size) if size as u64 > LARGEST => return Err(wrong("too large for a plan".to_owned()).into()),
        Ok(_) => {}
        Err(error) => return Err(wrong(format!("cannot be read: {error}")).into()),
    }
    Plan::from_json(&text).map_err(|error| wrong(error.to_string()).into())
}
