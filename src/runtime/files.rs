//! Files that somebody named: written from lists and labels, and labels read from them.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use crate::app::modal::file_form::NotSaved;
use crate::domain::clean;
use crate::domain::label::Held;
use crate::store::exchange::{self, Unread};
use crate::store::save;

/// Off the loop and off the readers' threads: a long list takes a while to spell, and disks may be slow. `made`: the
/// text, and what to say of it.
pub async fn write(
    file: PathBuf,
    replace: bool,
    made: impl FnOnce() -> (String, String) + Send + 'static,
) -> Result<clean::Clean, NotSaved> {
    // Whole, because nobody remembers where the program was started.
    let name = std::path::absolute(&file).unwrap_or_else(|_| file.clone()).display().to_string();
    let work = move || {
        let (text, said) = made();
        save::save(&file, text.as_bytes(), replace).map(|()| said)
    };
    let refused = |why: String, exists| NotSaved { why: clean::line(&why), exists };
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(said)) => Ok(clean::line(&format!("{said} in {name}"))),
        Ok(Err(error)) if error.kind() == ErrorKind::AlreadyExists => {
            Err(refused(format!("{name} exists already. Press the button again to replace it."), true))
        }
        Ok(Err(error)) => Err(refused(format!("{name} was not written: {error}"), false)),
        Err(_) => Err(refused(format!("{name} was not written: a fault in tagboat; the log has more"), false)),
    }
}

/// A file of labels, off the loop, too.
pub async fn read_labels(file: PathBuf) -> Result<Arc<Held>, clean::Clean> {
    let name = std::path::absolute(&file).unwrap_or_else(|_| file.clone()).display().to_string();
    match tokio::task::spawn_blocking(move || exchange::load(&file)).await {
        Ok(Ok(held)) => Ok(Arc::new(held)),
        Ok(Err(Unread::Not(why))) => Err(clean::line(&format!("{name}: {why}"))),
        Ok(Err(Unread::Wrong(error))) => Err(clean::line(&error.short())),
        Err(_) => Err(clean::line(&format!("{name} was not read: a fault in tagboat; the log has more"))),
    }
}
