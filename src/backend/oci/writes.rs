//! Deleting, tagging, uploading (oci-distribution.md §10, §11).

use std::sync::Arc;

use bytes::Bytes;
use url::Url;

use super::Oci;
use super::content::{DIGEST_HEADER, call, header, scope};
use super::lessons::{self, What};
use crate::backend::error::{Delivery, Error, Result};
use crate::backend::http::{Call, Content, Flow, Op, Right, To, Write};
use crate::backend::{BlobRef, DeleteProbe, Mounted, Sent};
use crate::domain::error::ErrorKind;
use crate::domain::reference::{Digest, Reference, RepoName, TagName, hex};

impl Oci {
    pub(super) async fn drop_tag(&self, repo: &RepoName, tag: &TagName) -> Result<Sent> {
        let result = self.delete(Op::DeleteTag, What::Tag, repo, tag.as_str()).await;
        result.map_err(|error| {
            if !lessons::no_such_way(&error) {
                return error;
            }
            Error { kind: ErrorKind::Unsupported, ..error }
                .hint("This registry deletes manifests only, each with all its tags.")
        })
    }

    pub(super) async fn drop_manifest(&self, repo: &RepoName, digest: &Digest) -> Result<Sent> {
        self.delete(Op::DeleteManifest, What::Manifest, repo, &digest.to_string()).await
    }

    pub(super) async fn probe(&self, repo: &RepoName) -> Result<DeleteProbe> {
        let digest = format!("sha256:{}", hex(&random::<32>()?));
        self.ask_deletes(Op::ProbeDelete, What::Manifest, repo, &digest).await
    }

    pub(super) async fn probe_tag(&self, repo: &RepoName) -> Result<DeleteProbe> {
        let tag = format!("tagboat-probe-{}", hex(&random::<16>()?));
        self.ask_deletes(Op::ProbeUntag, What::Tag, repo, &tag).await
    }

    async fn ask_deletes(&self, op: Op, what: What, repo: &RepoName, nothing: &str) -> Result<DeleteProbe> {
        match self.delete(op, what, repo, nothing).await {
            Ok(_) => Ok(DeleteProbe::On),
            Err(error) if what == What::Tag && lessons::no_such_way(&error) => Ok(DeleteProbe::Off(error.what)),
            Err(error) => match error.kind {
                ErrorKind::Unsupported if error.status.is_some() => Ok(DeleteProbe::Off(error.what)),
                ErrorKind::Denied | ErrorKind::SignIn => Ok(DeleteProbe::Denied(error.what)),
                _ => Err(error),
            },
        }
    }

    async fn delete(&self, op: Op, what: What, repo: &RepoName, reference: &str) -> Result<Sent> {
        let path = format!("/v2/{repo}/manifests/{reference}");
        let result = self.http.write(Write::delete(op, &path, &Right::Delete(repo.clone()))).await;
        let gone = |error: &Error| error.is_not_found() && error.delivery == Delivery::Answered;
        let (taught, sent) = match result {
            Ok(answer) => (self.lessons.learn(repo, what, Ok(answer.status)), Ok(Sent::Done)),
            Err(error) if gone(&error) => (self.lessons.learn(repo, what, Ok(404)), Ok(Sent::Gone)),
            Err(error) => (self.lessons.learn(repo, what, Err(&error)), Err(error)),
        };
        if taught {
            let deletes = self.lessons.of(repo);
            self.learn(|known| {
                known.delete = lessons::semantics(&deletes);
                known.tag_delete = deletes.tag.support;
            });
        }
        sent
    }

    pub(super) async fn send_manifest(
        &self,
        repo: &RepoName,
        reference: &Reference,
        media_type: &str,
        bytes: Bytes,
    ) -> Result<Digest> {
        if let Reference::Digest(asked) = reference
            && asked.matches(&bytes) == Some(false)
        {
            let what = format!("a manifest was not sent: its bytes do not have the digest {asked}");
            return Err(Error::new(ErrorKind::Forbidden, what));
        }
        let path = format!("/v2/{repo}/manifests/{reference}");
        let right = Right::Push(repo.clone());
        // Without parameters, or distribution answers 400 MANIFEST_INVALID (§10, observed).
        let media_type = super::convert::essence(media_type);
        let to = To::Path(&path, None);
        let write = Write::put(Op::PutManifest, to, &media_type, bytes.clone().into(), &right);
        let answer = self.http.write(write).await?;
        self.same(header(&answer.headers, DIGEST_HEADER), &bytes)
    }

    /// The digest the registry gave to these bytes, if they have it.
    fn same(&self, said: Option<&str>, bytes: &[u8]) -> Result<Digest> {
        let Some(said) = said else { return Ok(Digest::of(bytes)) };
        match Digest::parse(said) {
            Ok(digest) if digest.matches(bytes) != Some(false) => Ok(digest),
            _ => {
                let what =
                    format!("{} took {} and says that it has another digest", self.http.host(), Digest::of(bytes));
                Err(Error::new(ErrorKind::BadAnswer, what).delivery(Delivery::Unanswered))
            }
        }
    }

    pub(super) async fn knows_blob(&self, repo: &RepoName, digest: &Digest) -> Result<bool> {
        let path = format!("/v2/{repo}/blobs/{digest}");
        let scope = scope(repo);
        match self.http.send(Call { head: true, ..call(Op::HasBlob, &path, &scope, 0) }).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn send_blob(&self, repo: &RepoName, bytes: Bytes) -> Result<Digest> {
        let digest = Digest::of(&bytes);
        self.upload(repo, &digest, bytes.into()).await?;
        Ok(digest)
    }

    pub(super) async fn send_flow(&self, repo: &RepoName, blob: &BlobRef, flow: Flow) -> Result<()> {
        self.upload(repo, &blob.digest, Content::Flow(Arc::new(flow))).await
    }

    /// POST, then PUT: the sign-in is settled by the POST, before a body that cannot be sent twice leaves (§3.7).
    async fn upload(&self, repo: &RepoName, digest: &Digest, content: Content) -> Result<()> {
        let path = format!("/v2/{repo}/blobs/uploads/");
        let right = Right::Push(repo.clone());
        let begun = self.http.write(Write::post(Op::BeginUpload, &path, None, &right)).await?;
        let place = self.http.place(repo, &begun)?;
        let mut last = place.clone();
        last.query_pairs_mut().append_pair("digest", &digest.to_string());
        let write = Write::put(Op::Upload, To::Place(&last), "application/octet-stream", content, &right);
        let result = self.http.write(write).await;
        let done = result.and_then(|answer| match header(&answer.headers, DIGEST_HEADER) {
            Some(said) if Digest::parse(said).ok().as_ref() != Some(digest) => {
                let what = format!("{} took the blob {digest} and calls it {said}", self.http.host());
                Err(Error::new(ErrorKind::BadAnswer, what).delivery(Delivery::Unanswered))
            }
            _ => Ok(()),
        });
        if done.is_err() {
            self.give_up(&place, &right).await;
        }
        done
    }

    /// What is left of an upload is the registry's to clean up where this fails.
    async fn give_up(&self, place: &Url, right: &Right) {
        let write = Write { to: To::Place(place), ..Write::delete(Op::CancelUpload, "", right) };
        if let Err(error) = self.http.write(write).await {
            tracing::debug!(%error, "an upload was not cancelled");
        }
    }

    pub(super) async fn mount(&self, repo: &RepoName, digest: &Digest, from: &RepoName) -> Result<Mounted> {
        let path = format!("/v2/{repo}/blobs/uploads/");
        let pairs = [("mount", digest.to_string()), ("from", from.to_string())];
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let right = Right::Mount { to: repo.clone(), from: from.clone() };
        let answer = self.http.write(Write::post(Op::Mount, &path, Some(&query), &right)).await?;
        if answer.status == 201 {
            return Ok(Mounted::Done);
        }
        // It began an upload instead, which nobody is going to finish.
        if let Ok(place) = self.http.place(repo, &answer) {
            self.give_up(&place, &right).await;
        }
        Ok(Mounted::No)
    }
}

/// What nobody has given to anything.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::new(ErrorKind::Internal, "this system gives no random numbers"))?;
    Ok(bytes)
}
