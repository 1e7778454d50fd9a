//! Sets a tag on an image, and brings the image where the tag is to be: another tag, another repository, another
//! registry. First everything is read and worked out ([`prepare()`]), then it is shown, then it runs
//! ([`struct@Copy`]), and it sends what was shown.

mod bring;
mod prepare;
mod referrers;
mod run;
mod set;

pub use bring::LINKED;
pub use prepare::{Wanted, prepare};
pub use run::{Copy, Finished};
