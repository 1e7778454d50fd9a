//! What refers to an image: the API, the fall-back tag, cosign's tags (oci-distribution.md §8).

use std::collections::{BTreeMap, HashSet};

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt as _};

use super::convert::{self, Received};
use super::{Oci, accept, content};
use crate::backend::error::{Error, Result};
use crate::backend::http::{Call, Op, limits, link};
use crate::domain::capability::Support;
use crate::domain::clean::{self, Clean};
use crate::domain::error::ErrorKind;
use crate::domain::image::{Descriptor, ManifestKind, Referrer, Referrers};
use crate::domain::reference::{Digest, Reference, RepoName, TagName};

const MAX_PAGES: usize = 100;
/// Of all pages together.
const MAX_BYTES: u64 = 64 * limits::MIB;
/// Targets of a fall-back tag that are read to see whether they mean this image.
const MAX_TARGETS: usize = 256;
const AT_ONCE: usize = 16;
const TOO_MANY: &str = "there are more of them than tagboat reads";

impl Oci {
    pub(super) async fn read_referrers(&self, repo: &RepoName, digest: &Digest) -> Result<Referrers> {
        let api = if self.referrers_support() == Support::No { None } else { self.by_api(repo, digest).await? };
        let by_tag = api.is_none();
        let mut found = match api {
            Some(found) => found,
            None => self.by_tag(repo, digest).await?,
        };
        found.list.extend(self.by_cosign_tags(repo, digest).await);
        let mut known = HashSet::new();
        found.list.retain(|referrer| known.insert(referrer.descriptor.digest.clone()));
        Ok(Referrers { by_tag, ..found })
    }

    pub(super) async fn by_api_alone(&self, repo: &RepoName, digest: &Digest) -> Result<Option<Referrers>> {
        if self.referrers_support() == Support::No { Ok(None) } else { self.by_api(repo, digest).await }
    }

    /// `None` where the registry has no such API. A failure of the first page is the read's; a later one ends it,
    /// incomplete.
    pub(super) async fn by_api(&self, repo: &RepoName, digest: &Digest) -> Result<Option<Referrers>> {
        let path = format!("/v2/{repo}/referrers/{digest}");
        let scope = content::scope(repo);
        let mut found = Vec::new();
        let mut known = HashSet::new();
        let mut bytes = 0;
        let mut queries: HashSet<Option<String>> = HashSet::new();
        let mut query: Option<String> = None;
        let incomplete = loop {
            if queries.len() >= MAX_PAGES || bytes > MAX_BYTES {
                break Some(TOO_MANY.to_owned());
            }
            if !queries.insert(query.clone()) {
                break Some("the registry's next page is one that was read before".to_owned());
            }
            let call = content::call(Op::Referrers, &path, &scope, limits::LIST_PAGE);
            let answer =
                self.http.send(Call { accept: Some(accept::REFERRERS), query: query.as_deref(), ..call }).await;
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) if queries.len() == 1 && no_such_api(&error) => {
                    self.learn_referrers(Support::No);
                    return Ok(None);
                }
                Err(error) if queries.len() == 1 => return Err(error),
                Err(error) => break Some(error.what.to_string()),
            };
            let Some(page) = page(&answer.body) else {
                if queries.len() > 1 {
                    break Some(self.http.misshapen(Op::Referrers, &answer).what.to_string());
                }
                return Ok(None);
            };
            bytes += answer.body.len() as u64;
            let (sent, before) = (page.len(), found.len());
            found.extend(page.into_iter().filter(|entry| known.insert(entry.digest.clone())).map(referrer));
            query = link::next_query(&answer.headers);
            // An empty page may have others behind it, where the server filters; one that repeats has not.
            if query.is_none() {
                break None;
            }
            if sent > 0 && found.len() == before {
                break Some("a page brought nothing new".to_owned());
            }
        };
        self.learn_referrers(Support::Yes);
        Ok(Some(Referrers { list: found, by_tag: false, incomplete: incomplete.as_deref().map(note) }))
    }

    async fn by_tag(&self, repo: &RepoName, digest: &Digest) -> Result<Referrers> {
        let Some(tag) = fallback_tag(digest, "") else { return Ok(Referrers::default()) };
        let index = match self.contents.fetch(&self.http, repo, &Reference::Tag(tag), |_| ()).await {
            Ok(index) if index.kind == ManifestKind::Index => index,
            Ok(_) => return Ok(Referrers::default()),
            Err(error) if error.is_not_found() => return Ok(Referrers::default()),
            Err(error) => return Err(error),
        };
        let incomplete = (index.children.len() > MAX_TARGETS).then(|| note(TOO_MANY));
        let targets = stream::iter(index.children.into_iter().take(MAX_TARGETS))
            .map(|descriptor| async {
                let target = self.contents.manifest(&self.http, repo, &descriptor.digest).await;
                // Anybody who can push can write this index; only the target itself says what it refers to.
                let means_this = target.is_ok_and(|m| m.subject.as_ref().is_some_and(|s| s.digest == *digest));
                means_this.then(|| referrer(descriptor))
            })
            .buffered(AT_ONCE);
        let list = targets.filter_map(std::future::ready).collect().await;
        Ok(Referrers { list, by_tag: true, incomplete })
    }

    /// Tags of the time before referrers. A tag that is not there, or an error, is no referrer.
    async fn by_cosign_tags(&self, repo: &RepoName, digest: &Digest) -> Vec<Referrer> {
        let asks =
            [(".sig", "signature"), (".att", "attestation"), (".sbom", "sbom")].map(|(suffix, what)| async move {
                let tag = Reference::Tag(fallback_tag(digest, suffix)?);
                let resolved = content::head(&self.http, repo, &tag).await.ok()??;
                let descriptor = Descriptor {
                    digest: resolved.digest,
                    size: resolved.size,
                    media_type: clean::line(&resolved.media_type),
                    artifact_type: None,
                    platform: None,
                    annotations: BTreeMap::new(),
                    attests: None,
                };
                Some(Referrer { descriptor, what: Clean::fixed(what) })
            });
        join_all(asks).await.into_iter().flatten().collect()
    }
}

fn note(why: &str) -> Clean {
    clean::line(&format!("incomplete: {why}"))
}

/// A page of the API; `None` for anything that is no index (some servers answer unknown routes with a web page).
fn page(body: &[u8]) -> Option<Vec<Descriptor>> {
    let asked = Reference::Digest(Digest::of(body));
    let received = Received { asked: &asked, content_type: convert::OCI_INDEX, header_digest: None, body };
    let index = convert::manifest(&received).ok()?;
    (index.kind == ManifestKind::Index).then_some(index.children)
}

/// distribution 2.8 and 3.1 answer the route with a plain 404; others 405, 501 or 400. An error with a code about the
/// name or the manifest comes from a server that knows the route.
fn no_such_api(error: &Error) -> bool {
    let code = error.code.as_ref().map(Clean::as_str);
    error.kind == ErrorKind::Unsupported
        || (matches!(error.status, Some(400 | 404 | 405 | 501))
            && !matches!(code, Some("NAME_UNKNOWN" | "MANIFEST_UNKNOWN" | "NAME_INVALID" | "DIGEST_INVALID")))
}

/// `sha256:ab…` as a tag: the algorithm cut to 32, the rest to 64 characters (§1).
fn fallback_tag(digest: &Digest, suffix: &str) -> Option<TagName> {
    let text = digest.to_string();
    let (algorithm, encoded) = text.split_once(':')?;
    let cut = |part: &str, most: usize| part.chars().take(most).collect::<String>();
    let tag: String = format!("{}-{}{suffix}", cut(algorithm, 32), cut(encoded, 64));
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    TagName::parse(&tag.chars().map(|c| if allowed(c) { c } else { '-' }).collect::<String>()).ok()
}

fn referrer(descriptor: Descriptor) -> Referrer {
    let artifact_type = descriptor.artifact_type.as_ref().unwrap_or(&descriptor.media_type);
    let what = word(artifact_type.as_str()).map_or_else(|| artifact_type.clone(), Clean::fixed);
    Referrer { what, descriptor }
}

fn word(artifact_type: &str) -> Option<&'static str> {
    let has = |part: &str| artifact_type.contains(part);
    if has("cosign.artifact.sig") || has("cncf.notary.signature") {
        Some("signature")
    } else if has("spdx") || has("cyclonedx") || has("cosign.artifact.sbom") || has("syft") {
        Some("sbom")
    } else if has("in-toto") {
        Some("attestation")
    } else if has("sigstore.bundle") {
        Some("sigstore bundle")
    } else if has("sarif") {
        Some("scan report")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fallback_tags_follow_the_form() {
        let digest = Digest::of(b"x");
        let tag = fallback_tag(&digest, ".sig").unwrap();
        assert_eq!(tag.as_str(), digest.to_string().replace(':', "-") + ".sig");
        let odd = Digest::parse(&format!("a+b:{}=", "x".repeat(100))).unwrap();
        assert_eq!(fallback_tag(&odd, "").unwrap().as_str(), format!("a-b-{}", "x".repeat(64)));
    }

    #[test]
    fn pages_are_indexes() {
        let digest = Digest::of(b"x");
        let body = format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
            {{"digest":"{digest}","size":3,"artifactType":"application/spdx+json"}},{{"digest":"junk"}},null]}}"#
        );
        let found: Vec<Referrer> = page(body.as_bytes()).unwrap().into_iter().map(referrer).collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].what.as_str(), "sbom");
        assert!(page(b"<html>").is_none());
        assert_eq!(page(br#"{"manifests":null}"#).unwrap(), []);
    }

    #[test]
    fn only_a_missing_route_means_no_api() {
        let error = |status: u16, code: Option<&'static str>| Error {
            status: Some(status),
            code: code.map(Clean::fixed),
            ..Error::new(ErrorKind::NotFound, "x")
        };
        assert!(no_such_api(&error(404, None)));
        assert!(no_such_api(&error(405, Some("UNSUPPORTED"))));
        assert!(!no_such_api(&error(404, Some("NAME_UNKNOWN"))));
        assert!(!no_such_api(&error(500, None)));
    }
}
