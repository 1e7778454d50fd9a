//! Manifests: reading with distribution's conversions, writing, deleting by the profile's column of §11.1.

use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, ETAG, HeaderName, LOCATION};
use serde_json::{Value, json};

use super::blobs::digest_invalid;
use super::profile::{DigestDelete, TagDelete};
use super::reply::{self, Answer, DOCKER_DIGEST, Payload};
use super::request::{Request, known_digest};
use super::schema1;
use super::server::Shared;
use super::store::{DOCKER_LIST, DOCKER_MANIFEST, Document, OCI_INDEX, OCI_MANIFEST, Repository, SCHEMA_1, Store};
use crate::domain::reference::{Digest, TagName};

/// distribution's limit for a PUT (§5.5, observed).
const MANIFEST_CAP: usize = 4 << 20;

enum Reference {
    Tag(String),
    Digest(Digest),
}

/// `None` for what looks like a digest and is none that distribution knows.
fn reference(text: &str) -> Option<Reference> {
    if TagName::parse(text).is_ok() {
        return Some(Reference::Tag(text.to_owned()));
    }
    known_digest(text).map(Reference::Digest)
}

/// distribution 2.8 takes a digest it does not know for a tag, and tells where it keeps those (§12, observed).
fn no_such_digest(shared: &Shared, name: &str, text: &str) -> Answer {
    if !shared.semantics.converts {
        return digest_invalid(&Value::Null);
    }
    let path = format!("/docker/registry/v2/repositories/{name}/_manifests/tags/{text}/current/link");
    let detail = json!({"DriverName": "filesystem", "Path": path});
    reply::error(StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN", "unknown error", &detail)
}

fn unknown(message: &str, detail: &Value) -> Answer {
    reply::error(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN", message, detail)
}

fn unknown_revision(name: &str, digest: &Digest) -> Answer {
    unknown("manifest unknown", &json!({"Name": name, "Revision": digest.to_string()}))
}

pub(super) fn get(shared: &Shared, request: &Request, name: &str, text: &str) -> Answer {
    let Some(wanted) = reference(text) else { return no_such_digest(shared, name, text) };
    let store = shared.store();
    let (digest, by_tag) = match wanted {
        Reference::Tag(tag) => match store.resolve(name, &tag) {
            Some(digest) => (digest, Some(tag)),
            None => return unknown("manifest unknown", &json!({"Tag": tag})),
        },
        Reference::Digest(digest) => (digest, None),
    };
    let tagged = format!("\"{digest}\"");
    let known = store.repositories.get(name).and_then(|repository| repository.manifests.get(&digest));
    let Some(document) = known else { return unknown_revision(name, &digest) };
    if request.header("if-none-match").is_some_and(|value| value == tagged || value == tagged.trim_matches('"')) {
        let mut answer = reply::empty(StatusCode::NOT_MODIFIED);
        answer.headers_mut().remove(hyper::header::CONTENT_LENGTH);
        return answer;
    }
    let (digest, document) = if shared.semantics.converts {
        match negotiate(&store, request, name, by_tag.as_deref(), digest, document) {
            Ok(chosen) => chosen,
            Err(answer) => return *answer,
        }
    } else {
        (digest, document.clone())
    };
    let mut answer = reply::with_body(StatusCode::OK, &document.media_type, Payload::bytes(document.bytes));
    reply::set(&mut answer, DOCKER_DIGEST, &digest.to_string());
    reply::set(&mut answer, ETAG, &format!("\"{digest}\""));
    answer
}

/// What distribution 2.8.2 does with the Accept header (§5.1, observed): OCI content that is not named there is not
/// found; a list asked for by tag becomes its linux/amd64 child, a schema 2 image becomes a schema 1 image.
fn negotiate(
    store: &Store,
    request: &Request,
    name: &str,
    tag: Option<&str>,
    digest: Digest,
    document: &Document,
) -> Result<(Digest, Document), Box<Answer>> {
    let accepts = |media_type: &str| {
        let values = request.headers.get_all(hyper::header::ACCEPT);
        let mut named = values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        named.any(|part| part.split(';').next().is_some_and(|part| part.trim() == media_type))
    };
    let hidden = |what: &str, plural: &str| {
        let message = format!("OCI {what} found, but accept header does not support OCI {plural}");
        Err(Box::new(unknown(&message, &Value::Null)))
    };
    match &*document.media_type {
        OCI_MANIFEST if !accepts(OCI_MANIFEST) => return hidden("manifest", "manifests"),
        OCI_INDEX if !accepts(OCI_INDEX) => return hidden("index", "indexes"),
        _ => {}
    }
    let Some(tag) = tag else { return Ok((digest, document.clone())) };
    let (digest, document) = if &*document.media_type == DOCKER_LIST && !accepts(DOCKER_LIST) {
        let child = amd64(store, name, document);
        child.ok_or_else(|| Box::new(unknown_revision(name, &digest)))?
    } else {
        (digest, document.clone())
    };
    if &*document.media_type == DOCKER_MANIFEST && !accepts(DOCKER_MANIFEST) {
        return Ok(schema1::convert(store, name, tag, &document));
    }
    Ok((digest, document))
}

fn amd64(store: &Store, name: &str, list: &Document) -> Option<(Digest, Document)> {
    let json = list.json();
    let wanted = |m: &&Value| m["platform"]["os"] == "linux" && m["platform"]["architecture"] == "amd64";
    let entry = json["manifests"].as_array()?.iter().find(wanted)?;
    let digest = Digest::parse(entry["digest"].as_str()?).ok()?;
    let document = store.repositories.get(name)?.manifests.get(&digest)?.clone();
    Some((digest, document))
}

pub(super) fn put(shared: &Shared, request: &Request, name: &str, text: &str) -> Answer {
    let Some(wanted) = reference(text) else { return no_such_digest(shared, name, text) };
    let invalid =
        |detail: Value| reply::error(StatusCode::BAD_REQUEST, "MANIFEST_INVALID", "manifest invalid", &detail);
    if request.body.len() > MANIFEST_CAP {
        return invalid(json!("http: request body too large"));
    }
    let media_type = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media_type = media_type.split(';').next().unwrap_or("").trim();
    let known = [OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST];
    let old = media_type == SCHEMA_1 && shared.semantics.converts;
    if !known.contains(&media_type) && !old {
        return invalid(json!({}));
    }
    let Ok(json) = serde_json::from_slice::<Value>(&request.body) else { return invalid(json!({})) };
    if json["mediaType"].as_str().is_some_and(|inner| inner != media_type) {
        return invalid(json!({}));
    }
    let digest = Digest::of(&request.body);
    if let Reference::Digest(asked) = &wanted
        && *asked != digest
    {
        return digest_invalid(&Value::Null);
    }
    let mut store = shared.store();
    if let Some(missing) = missing(&store, name, &json) {
        let message = "blob unknown to registry";
        return reply::error(StatusCode::BAD_REQUEST, "MANIFEST_BLOB_UNKNOWN", message, &json!(missing));
    }
    store.add_manifest(name, media_type, request.body.clone());
    if let Reference::Tag(tag) = &wanted {
        store.tag(name, tag, &digest);
        store.repository(name).never_tagged = false;
    }
    let mut answer = reply::empty(StatusCode::CREATED);
    reply::set(&mut answer, LOCATION, &format!("{}/v2/{name}/manifests/{digest}", request.origin()));
    reply::set(&mut answer, DOCKER_DIGEST, &digest.to_string());
    if shared.semantics.referrers
        && let Some(subject) = json["subject"]["digest"].as_str()
    {
        reply::set(&mut answer, HeaderName::from_static("oci-subject"), subject);
    }
    answer
}

/// The first thing the manifest refers to that the repository lacks. A subject may be missing, and so may a layer that
/// says where else it is.
fn missing(store: &Store, name: &str, json: &Value) -> Option<String> {
    let digest_of = |entry: &Value| entry["digest"].as_str().map(str::to_owned);
    let entries = |key: &str| json[key].as_array().cloned().unwrap_or_default().into_iter();
    let blobs = entries("layers")
        .filter(|layer| layer["urls"].is_null())
        .chain(json["config"].is_object().then(|| json["config"].clone()))
        .filter_map(|entry| digest_of(&entry));
    let lacks_blob = |text: &String| Digest::parse(text).map_or(true, |digest| store.blob(name, &digest).is_none());
    let mut blobs = blobs.filter(lacks_blob);
    let repository = store.repositories.get(name);
    let lacks_child = |text: &String| {
        Digest::parse(text).map_or(true, |digest| repository.is_none_or(|r| !r.manifests.contains_key(&digest)))
    };
    blobs.next().or_else(|| entries("manifests").filter_map(|entry| digest_of(&entry)).find(lacks_child))
}

pub(super) fn delete(shared: &Shared, name: &str, text: &str) -> Answer {
    let Some(wanted) = reference(text) else { return no_such_digest(shared, name, text) };
    if !shared.deletes {
        return reply::unsupported(StatusCode::METHOD_NOT_ALLOWED);
    }
    let mut store = shared.store();
    let accepted = || reply::empty(StatusCode::ACCEPTED);
    match wanted {
        Reference::Tag(tag) => match shared.semantics.tag_delete {
            TagDelete::DigestInvalid => digest_invalid(&Value::Null),
            TagDelete::Unsupported => reply::unsupported(StatusCode::BAD_REQUEST),
            TagDelete::NotAllowed => reply::unsupported(StatusCode::METHOD_NOT_ALLOWED),
            TagDelete::Untag => {
                match store.repositories.get_mut(name).and_then(|repository| repository.tags.remove(&tag)) {
                    Some(_) => accepted(),
                    None => unknown("manifest unknown", &json!({"Tag": tag})),
                }
            }
        },
        Reference::Digest(digest) => {
            if shared.semantics.digest_delete == DigestDelete::NotAllowed {
                return reply::unsupported(StatusCode::METHOD_NOT_ALLOWED);
            }
            let repository = store.repositories.get_mut(name);
            let Some(repository) = repository.filter(|r| r.manifests.contains_key(&digest)) else {
                return unknown_revision(name, &digest);
            };
            if let Some(refusal) = refusal(shared.semantics.digest_delete, repository, &digest) {
                return refusal;
            }
            // Where tags stay, what they point at has to stay too: they still resolve.
            if shared.semantics.digest_delete != DigestDelete::TagsStay || repository.tags_on(&digest) == 0 {
                repository.manifests.remove(&digest);
                repository.tags.retain(|_, on| *on != digest);
            }
            accepted()
        }
    }
}

fn refusal(column: DigestDelete, repository: &Repository, digest: &Digest) -> Option<Answer> {
    let refuse = |status, code, message| Some(reply::error(status, code, message, &Value::Null));
    match column {
        DigestDelete::DeniedInIndex if repository.is_child(digest) => {
            refuse(StatusCode::METHOD_NOT_ALLOWED, "DENIED", "requested access to the resource is denied")
        }
        DigestDelete::PreconditionInIndex if repository.is_child(digest) => {
            refuse(StatusCode::PRECONDITION_FAILED, "PRECONDITION", "the artifact is referenced by an index")
        }
        DigestDelete::OnlyTagged if repository.tags_on(digest) == 0 => {
            refuse(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN", "manifest unknown")
        }
        DigestDelete::OnlyDangling if repository.tags_on(digest) > 0 => {
            let message = "Manifest is still referenced by one or more tags";
            refuse(StatusCode::BAD_REQUEST, "GOOGLE_MANIFEST_DANGLING_TAG", message)
        }
        DigestDelete::OnlyDangling if repository.is_child(digest) => {
            let message = "Manifest is still referenced by a parent image";
            refuse(StatusCode::BAD_REQUEST, "GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE", message)
        }
        _ => None,
    }
}
