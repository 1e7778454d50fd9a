//! The journal, written without holding up whoever else runs here.

use std::io;

use crate::domain::clean::{self, Clean};
use crate::domain::outcome::Ended;
use crate::domain::reference::Digest;
use crate::runtime::batch::keep::Kept;
use crate::store::journal::{Header, Journal, Journals, PlaceholderStep};

/// Writes in the order of the calls, each on disk when it returns.
#[derive(Debug)]
pub struct Record {
    journals: Journals,
    /// `None` once a write has failed in a way that lost it.
    journal: Option<Journal>,
    id: String,
    /// An outcome that goes to disk together with the next line.
    owed: Option<(usize, Ended)>,
}

impl Record {
    pub async fn begin(journals: &Journals, header: Header) -> Result<Self, Clean> {
        let shelf = journals.clone();
        let journal = blocking(move || shelf.begin(&header)).await?;
        Ok(Self { journals: journals.clone(), id: journal.id().to_owned(), journal: Some(journal), owed: None })
    }

    /// For the one request of an operation, which may go out when this returns.
    pub async fn of_one(journals: Option<Journals>, header: Header) -> Result<Self, Clean> {
        let journals = journals.ok_or(Clean::fixed("there is no directory to record it in"))?;
        let mut record = Self::begin(&journals, header).await?;
        record.sending(0, Vec::new()).await?;
        Ok(record)
    }

    /// What became of that one. That it is not on disk is found out by whoever looks at the unfinished journal.
    pub async fn answered(mut self, ended: &Ended) {
        if let Err(why) = match self.ended(0, ended).await {
            Ok(()) => self.end().await,
            Err(why) => Err(why),
        } {
            tracing::warn!(%why, "the end of an operation was not recorded");
        }
    }

    /// Goes on with a journal that was taken up again.
    pub fn resumed(journals: &Journals, journal: Journal) -> Self {
        Self { journals: journals.clone(), id: journal.id().to_owned(), journal: Some(journal), owed: None }
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// Before a request goes out. What is kept for undo goes to disk with it; returns what there was no room for.
    pub async fn sending(&mut self, at: usize, kept: Vec<Kept>) -> Result<Vec<Digest>, Clean> {
        let owed = self.owed.take();
        self.write(move |journal| {
            let mut omitted = Vec::new();
            for one in kept {
                if !journal.keep(&one.digest, &one.media_type, &one.bytes)? {
                    omitted.push(one.digest);
                }
            }
            match owed {
                Some((before, ended)) => journal.ended_and_sending(before, &ended, at)?,
                None => journal.sending(at)?,
            }
            Ok(omitted)
        })
        .await
    }

    /// Before one request goes out that is about all of these. Nothing of them is kept for undo.
    pub async fn sending_all(&mut self, items: Vec<usize>) -> Result<(), Clean> {
        self.flush().await?;
        self.write(move |journal| journal.sending_all(items)).await
    }

    /// The outcomes of many, on disk when it returns.
    pub async fn ended_all(&mut self, all: Vec<(usize, Ended)>) -> Result<(), Clean> {
        self.flush().await?;
        self.write(move |journal| journal.ended_all(&all)).await
    }

    /// An outcome; on disk with the next line. Whoever finds it missing there looks at the registry, and finds the same.
    pub async fn ended(&mut self, at: usize, ended: &Ended) -> Result<(), Clean> {
        self.flush().await?;
        self.owed = Some((at, ended.clone()));
        Ok(())
    }

    pub async fn skipped(&mut self, items: Vec<usize>, ended: Ended) -> Result<(), Clean> {
        self.flush().await?;
        self.write(move |journal| journal.skipped(items, &ended)).await
    }

    pub async fn placeholder(&mut self, at: usize, step: PlaceholderStep, digest: &Digest) -> Result<(), Clean> {
        self.flush().await?;
        let digest = digest.clone();
        self.write(move |journal| journal.placeholder(at, step, &digest)).await
    }

    pub async fn flush(&mut self) -> Result<(), Clean> {
        match self.owed.take() {
            Some((at, ended)) => self.write(move |journal| journal.ended(at, &ended)).await,
            None => Ok(()),
        }
    }

    /// It becomes history.
    pub async fn end(mut self) -> Result<(), Clean> {
        self.flush().await?;
        let Some(journal) = self.journal.take() else { return Err(lost()) };
        blocking(move || self.journals.end(journal)).await
    }

    async fn write<T: Send + 'static>(
        &mut self,
        write: impl FnOnce(&mut Journal) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Clean> {
        let Some(mut journal) = self.journal.take() else { return Err(lost()) };
        let (journal, result) = blocking(move || {
            let result = write(&mut journal);
            Ok((journal, result))
        })
        .await?;
        self.journal = Some(journal);
        result.map_err(|error| unwritten(&error))
    }
}

fn lost() -> Clean {
    Clean::fixed("the journal is not written any more, and what cannot be recorded is not done")
}

fn unwritten(error: &io::Error) -> Clean {
    clean::line(&format!("the journal cannot be written ({error}), and what cannot be recorded is not done"))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, Clean> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|error| unwritten(&error)),
        Err(_) => Err(lost()),
    }
}
