//! Lists as the client reads them, with everything it says about them.

use std::sync::Arc;

use tagboat::backend::{Backend, Error};
use tagboat::domain::page::{ListEnd, Listed};
use tagboat::domain::reference::Reference;
use tagboat::domain::secret::Credential;
use tokio::sync::mpsc;

use super::client;

/// A client without credentials.
pub fn anonymous(url: &str) -> Arc<dyn Backend> {
    client::connect(&client::profile(url), Credential::Anonymous)
}

pub fn by_tag(name: &str) -> Reference {
    Reference::Tag(client::tag(name))
}

/// What a walk brought.
#[derive(Debug)]
pub struct Walked {
    pub names: Vec<String>,
    /// Entries that are no names, cleaned.
    pub invalid: Vec<String>,
    pub end: ListEnd,
}

impl Walked {
    pub fn note(&self) -> &str {
        self.end.note.as_ref().map_or("", |note| note.as_str())
    }
}

/// Reads pages until the sender is gone.
async fn gather<T: ToString>(mut pages: mpsc::Receiver<Vec<Listed<T>>>) -> (Vec<String>, Vec<String>) {
    let (mut names, mut invalid) = (Vec::new(), Vec::new());
    while let Some(page) = pages.recv().await {
        for entry in page {
            match entry {
                Listed::Valid(name) => names.push(name.to_string()),
                Listed::Invalid(text) => invalid.push(text.to_string()),
            }
        }
    }
    (names, invalid)
}

pub async fn repositories(backend: &dyn Backend) -> Result<Walked, Error> {
    let (sender, receiver) = mpsc::channel(4);
    let (end, (names, invalid)) = tokio::join!(backend.repositories(sender), gather(receiver));
    end.map(|end| Walked { names, invalid, end })
}

/// In the order of their names: some registries list in none.
pub async fn tags(backend: &dyn Backend, name: &str) -> Result<Walked, Error> {
    let (sender, receiver) = mpsc::channel(4);
    let name = client::repo(name);
    let (end, (mut names, invalid)) = tokio::join!(backend.tags(&name, sender), gather(receiver));
    names.sort();
    end.map(|end| Walked { names, invalid, end })
}
