//! What a registry can do, asked before anybody reads anything of it: three small requests at most, one after the other,
//! and none while somebody waits for another answer of this registry. A read shows the same, and must not wait.

use std::pin::pin;

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::listing::{Entries, Kind};
use super::walk::Part;
use super::{CATALOGUE, List, Oci, content, tags_path};
use crate::backend::detect;
use crate::backend::error::{Error, Result};
use crate::backend::http::limits;
use crate::domain::capability::Support;
use crate::domain::error::ErrorKind;
use crate::domain::reference::{Digest, RepoName};

/// One entry is as good as a page, and a server that keeps its catalogue in object storage walks no further for it.
const ONE: &str = "n=1";

impl Oci {
    /// Who does not know /v2/ may be an older registry.
    pub(super) async fn stranger(&self, error: &Error) -> Error {
        let (kind, what) = match detect::is_first(&self.http).await {
            true => (ErrorKind::OtherKind, format!("{} is a Docker Registry v1, and knows no /v2/", self.host)),
            false => (ErrorKind::BadAnswer, format!("there is no registry at {}: it does not know /v2/", self.host)),
        };
        Error { status: error.status, ..Error::new(kind, what) }
    }

    pub(super) async fn look_around(&self, sample: Option<&RepoName>) -> bool {
        // What takes so long is not asked again either.
        timeout(limits::EXPLORE, self.ask_around(sample)).await.unwrap_or(true)
    }

    async fn ask_around(&self, sample: Option<&RepoName>) -> bool {
        // A registry that counts and is nearly through is asked for nothing that nobody needs.
        if self.http.few_left() {
            return true;
        }
        let known = self.known_by_now();
        let mut sample = sample.cloned();
        let needs_one = known.paging == Support::Unknown || known.referrers == Support::Unknown;
        if !self.never_lists() && (known.listing == Support::Unknown || (needs_one && sample.is_none())) {
            if !self.http.is_idle() {
                return false;
            }
            let first = self.first(CATALOGUE).await;
            self.learn_listing(&first);
            sample = first.ok().and_then(|first| first.name).and_then(|name| RepoName::parse(&name).ok()).or(sample);
        }
        let Some(repo) = sample else { return true };
        if known.paging == Support::Unknown {
            if !self.http.is_idle() {
                return false;
            }
            let (path, scope) = (tags_path(&repo), content::scope(&repo));
            let first = self.first(List { kind: Kind::Tags, path: &path, scope: &scope, repo: Some(&repo) }).await;
            // What came whole has been learnt from while it was read.
            if first.is_ok_and(|first| first.sent > 1) {
                self.learn(|known| known.paging = Support::No);
            }
        }
        if known.referrers == Support::Unknown {
            if !self.http.is_idle() {
                return false;
            }
            // A registry that has the API answers with an empty list also about what it does not have (OCI Distribution
            // 1.1, "Listing Referrers"); nothing has this digest. Another answer teaches nothing, and is no error here.
            self.by_api(&repo, &Digest::of(b"")).await.ok();
        }
        true
    }

    /// The beginning of a list that was asked for one entry. More than that is not waited for.
    async fn first(&self, list: List<'_>) -> Result<First> {
        let (parts, mut incoming) = mpsc::channel(1);
        let mut reading = pin!(self.page(list, Some(ONE.to_owned()), parts));
        let mut first = First::default();
        let page = loop {
            tokio::select! {
                biased;
                Some(part) = incoming.recv() => first.take(part),
                page = &mut reading => break page?,
            }
            if first.sent > 1 {
                return Ok(first);
            }
        };
        while let Ok(part) = incoming.try_recv() {
            first.take(part);
        }
        first.add(&page.entries);
        Ok(first)
    }
}

#[derive(Default)]
struct First {
    name: Option<String>,
    sent: usize,
}

impl First {
    fn take(&mut self, part: Part) {
        match part {
            Part::Entries(entries) => self.add(&entries),
            Part::Again => *self = Self::default(),
        }
    }

    fn add(&mut self, entries: &Entries) {
        self.sent += entries.sent();
        self.name = self.name.take().or_else(|| entries.names().next().map(str::to_owned));
    }
}
