//! Writes: sent once, never followed anywhere, and told apart by whether they may have been done (safety.md F5).
//!
//! Nothing here sends a request again, except after a 401: the registry refused it, so it was not done. Below, reqwest
//! is told never to retry; what is left is hyper-util's pool, which takes another connection for a request whose first
//! byte was never written because the pooled connection had ended (hyper 1.12, `proto::h1::dispatch`: a request is
//! handed back only from the queue), and that is no second sending.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use tokio::time::timeout;
use url::Url;

use super::content::Content;
use super::gate::Sample;
use super::turns::Right;
use super::wire::{Outgoing, Purpose, Reply};
use super::{Answer, Call, Http, Op, failure, limits, realm, retry};
use crate::backend::error::{Delivery, Error, Result};
use crate::domain::error::ErrorKind;

/// Where a write goes.
#[derive(Clone, Copy, Debug)]
pub enum To<'a> {
    /// Path below the registry's URL, and query.
    Path(&'a str, Option<&'a str>),
    /// Where the registry said that an upload goes on (`Http::place`).
    Place(&'a Url),
}

#[derive(Clone, Debug)]
pub struct Write<'a> {
    pub op: Op,
    pub method: Method,
    pub to: To<'a>,
    pub content_type: Option<&'a str>,
    pub content: Content,
    pub right: &'a Right,
}

impl Http {
    /// One write and its answer. Its error tells by `delivery` whether it may have been done.
    pub async fn write(&self, write: Write<'_>) -> Result<Answer> {
        let mut out = self.writing(&write)?;
        self.wire.permit(&out)?;
        let _turn = self.turns.wait(write.right.repository()).await;
        let own = out.url.origin() == self.wire.registry.origin();
        let scopes = if own { self.turns.scopes(write.right) } else { Vec::new() };
        let mut rounds = self.auth.up_front(write.op, &scopes).await.map_err(unsent)?;
        loop {
            out.headers.remove(AUTHORIZATION);
            // Another origin gets nothing of ours, wherever the registry says that an upload goes on (safety.md A4).
            if let Some(sent) = rounds.sent.as_ref().filter(|_| own) {
                out.headers.insert(AUTHORIZATION, sent.header().clone());
            }
            let reply = self.once_only(write.op, &out).await?;
            if reply.status == 401 && own && write.content.repeatable() {
                let challenged = self.auth.challenged(write.op, &mut rounds, &out.url, &reply).await;
                challenged.map_err(|error| if error.status == Some(401) { error } else { unsent(error) })?;
                continue;
            }
            if own && reply.status != 401 {
                self.turns.learn(write.right, rounds.scopes());
            }
            return match reply.status {
                200..300 => Ok(self.answer(write.op, &rounds, reply).await),
                300..400 => Err(self.sent_on(write.op, &out.url, &reply)),
                _ => Err(self.failed(write.op, &reply)),
            };
        }
    }

    pub(super) async fn once_only(&self, op: Op, out: &Outgoing) -> Result<Reply> {
        let permit = self.gate.enter().await;
        let exchange = self.wire.exchange(out);
        let reply = if let Content::Flow(_) = out.content {
            exchange.await?
        } else {
            timeout(self.wire.total, exchange).await.map_err(|_| {
                let what = format!("{} did not finish {} in time", self.host, op.words());
                Error::new(ErrorKind::Timeout, what).delivery(Delivery::Unanswered)
            })??
        };
        self.heard(&reply);
        permit.done(match reply.status {
            429 | 500.. => Sample::Overload,
            _ => Sample::Fine(None),
        });
        // The caller waits out its own write; everybody else's requests wait here (oci-distribution.md §13).
        if reply.status == 429 && !reply.foreign {
            let wait = retry::retry_after(&reply.headers, jiff::Timestamp::now());
            self.gate.pause_for(wait.unwrap_or(Duration::ZERO).min(limits::RETRY_AFTER));
        }
        Ok(reply)
    }

    fn writing(&self, write: &Write<'_>) -> Result<Outgoing> {
        debug_assert!(write.op.writes(), "a read does not go this way");
        let url = match write.to {
            To::Path(path, query) => self.below(path, query)?,
            To::Place(url) => url.clone(),
        };
        let mut headers = HeaderMap::new();
        if let Some(value) = write.content_type {
            let value = HeaderValue::from_str(value).map_err(|_| {
                Error::new(ErrorKind::Forbidden, "a media type that is not safe in a header was not sent")
            })?;
            headers.insert(CONTENT_TYPE, value);
        }
        let length = match &write.content {
            Content::Flow(flow) => Some(flow.length),
            // Some servers insist (411), and HTTP libraries leave it out where there is nothing.
            Content::Nothing if write.method != Method::DELETE => Some(0),
            _ => None,
        };
        if let Some(length) = length {
            headers.insert(CONTENT_LENGTH, length.into());
        }
        Ok(Outgoing {
            method: write.method.clone(),
            url,
            headers,
            content: write.content.clone(),
            purpose: Purpose::Registry,
            gzip: false,
            first_byte: limits::FIRST_BYTE_WRITE,
            cap: limits::ERROR_BODY,
            tap: None,
        })
    }

    /// A redirect of a write: who is behind it was not asked for.
    pub(super) fn sent_on(&self, op: Op, from: &Url, reply: &Reply) -> Error {
        let target = reply.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let target = target.and_then(|text| from.join(text).ok()).map(|url| realm::host_of(&url));
        let status = reply.status;
        let what = match target {
            Some(target) => format!("{} answered {status} to {}: it wants it sent to {target}", self.host, op.words()),
            None => format!("{} answered {status} to {}", self.host, op.words()),
        };
        let error = Error::new(ErrorKind::Refused, what)
            .hint("What changes a registry is not sent on. Put the address it names into the config, if it is right.");
        failure::with_status(error, status, &failure::Said::default())
    }
}

/// An error on the way to a token: the write itself never left.
fn unsent(error: Error) -> Error {
    error.delivery(Delivery::NotSent)
}

impl<'a> Write<'a> {
    pub fn delete(op: Op, path: &'a str, right: &'a Right) -> Self {
        let to = To::Path(path, None);
        Self { op, method: Method::DELETE, to, content_type: None, content: Content::Nothing, right }
    }

    pub fn put(op: Op, to: To<'a>, content_type: &'a str, content: Content, right: &'a Right) -> Self {
        Self { op, method: Method::PUT, to, content_type: Some(content_type), content, right }
    }

    pub fn post(op: Op, path: &'a str, query: Option<&'a str>, right: &'a Right) -> Self {
        let to = To::Path(path, query);
        Self { op, method: Method::POST, to, content_type: None, content: Content::Nothing, right }
    }
}

/// Bytes that can be sent as they are.
impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> Call<'a> {
    /// A read of a blob, from this byte on.
    pub fn layer(path: &'a str, scope: &'a str, cap: u64, from: u64) -> Self {
        let range = (from > 0).then_some(from);
        let (op, scope) = (Op::Layer, Some(scope));
        Self { op, head: false, path, query: None, accept: None, range, scope, cap }
    }
}
