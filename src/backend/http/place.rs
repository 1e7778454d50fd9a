//! Where an upload goes on: a `Location` the registry chose (oci-distribution.md §10, safety.md A4).

use reqwest::header::LOCATION;
use url::Url;

use super::{Answer, Http, limits, redirect};
use crate::backend::error::{Delivery, Error, Result};
use crate::domain::error::ErrorKind;
use crate::domain::reference::RepoName;

impl Http {
    /// The place an answer to the beginning of an upload names.
    pub fn place(&self, repo: &RepoName, answer: &Answer) -> Result<Url> {
        let nowhere = || {
            let what = format!("{} begins an upload without saying where it goes on", self.host());
            Error::new(ErrorKind::BadAnswer, what).delivery(Delivery::Answered)
        };
        let text = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok()).ok_or_else(nowhere)?;
        if text.len() > limits::URL {
            return Err(nowhere());
        }
        let registry = &self.wire.registry;
        let asked = self.below(&format!("/v2/{repo}/blobs/uploads/"), None)?;
        let mut place = asked.join(text.trim()).map_err(|_| nowhere())?;
        place.set_fragment(None);
        let prefix = registry.path().trim_end_matches('/');
        let below = format!("/v2/{repo}/blobs/uploads/");
        let ours = place.path().starts_with(&below) || place.path().starts_with(&format!("{prefix}{below}"));
        let (host, origin) = (place.host_str() == registry.host_str(), place.origin() == registry.origin());
        if host && !origin && ours {
            // distribution builds it from headers that a proxy should have set.
            self.notices.tell(format!(
                "{} names another port or scheme for uploads ({}): the proxy before it is misconfigured",
                self.host(),
                place.origin().ascii_serialization(),
            ));
            let (path, query) = (place.path().to_owned(), place.query().map(str::to_owned));
            place = registry.clone();
            place.set_path(&path);
            place.set_query(query.as_deref());
        }
        // With `http.prefix` set, distribution leaves the prefix out (observed).
        if place.origin() == registry.origin() && !prefix.is_empty() && place.path().starts_with(&below) {
            let path = format!("{prefix}{}", place.path());
            place.set_path(&path);
        }
        redirect::permits(&self.wire, &asked, &place)?;
        Ok(place)
    }
}
