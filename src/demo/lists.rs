//! The catalogue, the tags, the referrers.

use std::collections::BTreeSet;

use hyper::StatusCode;
use hyper::header::{HeaderName, LINK};
use serde_json::{Value, json};

use super::profile::TagPages;
use super::reply::{self, Answer};
use super::request::{Request, encode};
use super::routes::name_unknown;
use super::server::Shared;
use super::store::{Document, OCI_INDEX, Repository, Store};
use crate::domain::reference::Digest;

/// distribution's `catalog.maxentries`, and what it returns when nothing is asked for.
const CATALOGUE_MAX: i64 = 1000;
const CATALOGUE_DEFAULT: i64 = 100;

pub(super) fn catalogue(shared: &Shared, request: &Request) -> Answer {
    if !shared.semantics.catalogue {
        return reply::error(
            StatusCode::NOT_FOUND,
            "NAME_UNKNOWN",
            "repository name not known to registry",
            &Value::Null,
        );
    }
    let asked: Option<i64> = request.parameter("n").and_then(|n| n.parse().ok());
    let wanted = match asked {
        Some(n) if n > CATALOGUE_MAX || (n < 0 && shared.semantics.strict_numbers) => {
            return number_invalid(&json!({"n": n}));
        }
        Some(n) if n >= 0 => n,
        _ => CATALOGUE_DEFAULT,
    };
    let wanted = usize::try_from(wanted).unwrap_or(0);
    let last = request.parameter("last").unwrap_or_default();
    let store = shared.store();
    let names = store.names();
    let mut rest = names.into_iter().filter(|name| last.is_empty() || name.split('/').gt(last.split('/')));
    let page: Vec<&str> = rest.by_ref().take(wanted).collect();
    let mut answer = reply::json(&json!({"repositories": page}));
    // Unlike a page of tags, one of the catalogue is known to be the last (2.8.2, observed).
    if rest.next().is_some()
        && let Some(last) = page.last()
    {
        link(shared, request, &mut answer, last, wanted);
    }
    answer
}

pub(super) fn tags(shared: &Shared, request: &Request, name: &str) -> Answer {
    let store = shared.store();
    let below = if shared.semantics.maps { below(&store, name) } else { Vec::new() };
    let empty = Repository::default();
    let repository = match store.repositories.get(name).filter(|repository| !repository.never_tagged) {
        Some(repository) => repository,
        None if !below.is_empty() => &empty,
        None => return name_unknown(name),
    };
    let all = repository.tags.keys().map(String::as_str);
    let asked = request.parameter("n");
    let (page, cut_at) = match shared.semantics.tag_pages {
        TagPages::Ignored => {
            let mut all: Vec<&str> = all.collect();
            all.sort_by_key(|tag| scatter(tag));
            (all, None)
        }
        TagPages::Linked { max, strict } => {
            let wanted = match asked.as_deref().map(str::parse::<usize>) {
                Some(Ok(n)) if n <= max || !strict => n.min(max),
                Some(_) if strict => return number_invalid(&json!({"n": asked})),
                // distribution 3 without `n` sends everything; the others have a page size of their own.
                _ if strict => usize::MAX,
                _ => max.min(100),
            };
            (after(all, request, wanted), Some(wanted))
        }
        TagPages::Cut => {
            let wanted = asked.and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
            (after(all, request, wanted), None)
        }
    };
    let mut list = json!({"name": name, "tags": if page.is_empty() { None } else { Some(&page) }});
    if shared.semantics.maps {
        list["child"] = json!(below);
        list["manifest"] = manifests(repository);
    }
    let mut answer = reply::json(&list);
    if cut_at == Some(page.len())
        && let Some(last) = page.last()
    {
        link(shared, request, &mut answer, last, page.len());
    }
    answer
}

/// The next part of the name of every repository below.
fn below(store: &Store, name: &str) -> Vec<String> {
    let names = store.names();
    let inside = names.iter().filter_map(|other| other.strip_prefix(name)?.strip_prefix('/')?.split('/').next());
    let parts: BTreeSet<&str> = inside.collect();
    parts.into_iter().map(str::to_owned).collect()
}

/// GCR's map: numbers are strings there, and times are milliseconds.
fn manifests(repository: &Repository) -> Value {
    let one = |(digest, document): (&Digest, &Document)| {
        let tags: Vec<&String> = repository.tags.iter().filter(|(_, at)| *at == digest).map(|(tag, _)| tag).collect();
        let value = json!({
            "imageSizeBytes": document.bytes.len().to_string(),
            "layerId": "",
            "mediaType": &*document.media_type,
            "tag": tags,
            "timeCreatedMs": "1767322800000",
            "timeUploadedMs": "1767322860000",
        });
        (digest.to_string(), value)
    };
    Value::Object(repository.manifests.iter().map(one).collect())
}

fn after<'a>(all: impl Iterator<Item = &'a str>, request: &Request, count: usize) -> Vec<&'a str> {
    let last = request.parameter("last").unwrap_or_default();
    all.filter(|tag| *tag > last.as_str()).take(count).collect()
}

/// A directory order: without sense, but the same every time (FNV-1a of the name).
fn scatter(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

fn link(shared: &Shared, request: &Request, answer: &mut Answer, last: &str, count: usize) {
    let base = if shared.semantics.absolute_links { request.origin() } else { String::new() };
    let value = format!("<{base}{}?last={}&n={count}>; rel=\"next\"", request.path, encode(last));
    reply::set(answer, LINK, &value);
}

fn number_invalid(detail: &Value) -> Answer {
    reply::error(StatusCode::BAD_REQUEST, "PAGINATION_NUMBER_INVALID", "invalid number of results requested", detail)
}

pub(super) fn referrers(shared: &Shared, request: &Request, name: &str, digest: &Digest) -> Answer {
    let wanted = request.parameter("artifactType");
    let store = shared.store();
    let found = store.repositories.get(name).map(|repository| about(repository, digest)).unwrap_or_default();
    let keep = |entry: &Value| wanted.as_deref().is_none_or(|wanted| entry["artifactType"] == wanted);
    let manifests: Vec<Value> = found.into_iter().filter(keep).collect();
    let body = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests});
    let mut answer = reply::with_body(StatusCode::OK, OCI_INDEX, reply::Payload::bytes(body.to_string()));
    if wanted.is_some() {
        reply::set(&mut answer, HeaderName::from_static("oci-filters-applied"), "artifactType");
    }
    answer
}

/// Descriptors of the manifests whose subject this is, in digest order so that answers repeat.
fn about(repository: &Repository, digest: &Digest) -> Vec<Value> {
    let subject = digest.to_string();
    let mut found: Vec<(&Digest, Value)> = repository
        .manifests
        .iter()
        .map(|(digest, document)| (digest, document, document.json()))
        .filter(|(_, _, json)| json["subject"]["digest"] == subject.as_str())
        .map(|(digest, document, json)| (digest, descriptor(digest, document, &json)))
        .collect();
    found.sort_by(|a, b| a.0.cmp(b.0));
    found.into_iter().map(|(_, value)| value).collect()
}

/// The descriptor of a referrer: its artifact type is the manifest's own, else its config's (§5.2).
pub(super) fn descriptor(digest: &Digest, document: &Document, json: &Value) -> Value {
    let kind = if json["artifactType"].is_string() { &json["artifactType"] } else { &json["config"]["mediaType"] };
    let mut entry = json!({
        "mediaType": &*document.media_type,
        "digest": digest.to_string(),
        "size": document.bytes.len(),
        "artifactType": kind,
    });
    if json["annotations"].is_object() {
        entry["annotations"] = json["annotations"].clone();
    }
    entry
}
