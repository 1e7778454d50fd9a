//! Pages of referrers, and those that have no end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tagboat::domain::reference::Digest;

use super::APP;
use crate::support::client::repo;
use crate::support::images::{OCI_INDEX, OCI_MANIFEST};
use crate::support::listener::{Listener, Seen, answer};
use crate::support::walk::anonymous;

fn digest(of: usize) -> Digest {
    Digest::of(of.to_string().as_bytes())
}

fn page(entries: impl IntoIterator<Item = usize>, next: Option<&str>) -> Vec<u8> {
    let entry = |n| format!(r#"{{"mediaType":"x","digest":"{}","size":1,"artifactType":"application/x"}}"#, digest(n));
    let entries: Vec<String> = entries.into_iter().map(entry).collect();
    let body = format!(r#"{{"schemaVersion":2,"mediaType":"{OCI_INDEX}","manifests":[{}]}}"#, entries.join(","));
    let link = next.map(|next| format!("<{next}>; rel=\"next\"")).unwrap_or_default();
    let mut headers = vec![("content-type", OCI_INDEX)];
    headers.extend(next.map(|_| ("link", link.as_str())));
    answer(200, &headers, body)
}

/// Answers pages by their number; everything else is not there. How often it was asked for a page.
fn server(pages: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static) -> (Listener, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let listener = Listener::start(move |seen: &Seen| match seen.line.contains("/referrers/") {
        true => pages(count.fetch_add(1, Ordering::SeqCst)),
        false => answer(404, &[], ""),
    });
    (listener, asked)
}

/// What was read, and whether that is all.
async fn read(server: &Listener) -> (Vec<Digest>, bool) {
    let found = anonymous(&server.url()).referrers(&repo(APP), &digest(0)).await.expect("referrers");
    assert!(!found.by_tag);
    let all = found.incomplete.is_none();
    (found.list.into_iter().map(|referrer| referrer.descriptor.digest).collect(), all)
}

#[tokio::test]
async fn pages_are_read_to_the_last_also_behind_an_empty_one() {
    let (server, asked) = server(|number| match number {
        0 => page([1, 2], Some("/elsewhere?next=a%2Fb")),
        1 => page([], Some("?next=c")),
        2 => page([2, 3], None),
        _ => page([4], None),
    });
    assert_eq!(read(&server).await, (vec![digest(1), digest(2), digest(3)], true));
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    let path = format!("/v2/{APP}/referrers/{}", digest(0));
    let pages: Vec<_> = server.seen().into_iter().filter(|seen| seen.line.contains("/referrers/")).collect();
    assert!(pages.iter().all(|seen| seen.is_for(&path)), "{pages:?}");
    assert!(pages[1].line.contains("?next=a%2Fb ") && pages[2].line.contains("?next=c "), "{pages:?}");
}

#[tokio::test]
async fn a_page_that_fails_leaves_those_before_it() {
    for (answer, why) in [
        (answer(403, &[], ""), "403"),
        (answer(404, &[], ""), "404"),
        (answer(200, &[("content-type", "text/html")], "<html>"), "web page"),
    ] {
        let (server, _) =
            server(move |number| if number == 0 { page([1, 2], Some("?next=b")) } else { answer.clone() });
        let backend = anonymous(&server.url());
        let found = backend.referrers(&repo(APP), &digest(0)).await.expect("the first page");
        assert_eq!((found.list.len(), found.by_tag), (2, false));
        let note = found.incomplete.expect("a note").to_string();
        assert!(note.starts_with("incomplete: ") && note.contains(why), "{note}");
    }
    let (server, _) = server(|_| answer(403, &[], ""));
    assert!(anonymous(&server.url()).referrers(&repo(APP), &digest(0)).await.is_err(), "nothing was read");
}

#[tokio::test]
async fn pages_without_end_end() {
    // A link to itself, a page that repeats under another query, pages for ever.
    for (name, entries, most) in [("itself", 0, 2), ("repeats", 0, 2), ("for ever", 1, 100)] {
        let (server, asked) = server(move |number| {
            let next = if name == "itself" { "?n=1".to_owned() } else { format!("?n={number}") };
            page([1 + number * entries], Some(&next))
        });
        let (found, all) = read(&server).await;
        assert!(!all, "{name}");
        let asked = asked.load(Ordering::SeqCst);
        assert!(asked == most && found.len() == if entries == 0 { 1 } else { most }, "{name}: {asked} {}", found.len());
    }
}

/// A registry without the API, whose manifests are what `manifest` says of their tag or digest.
fn without_api(manifest: impl Fn(&str) -> Option<(&'static str, String)> + Send + Sync + 'static) -> Listener {
    Listener::start(move |seen: &Seen| {
        let reference = seen.line.split(' ').nth(1).and_then(|path| path.split("/manifests/").nth(1));
        match reference.and_then(&manifest) {
            Some((media_type, body)) => {
                let digest = Digest::of(body.as_bytes()).to_string();
                answer(200, &[("content-type", media_type), ("docker-content-digest", &digest)], body)
            }
            None => answer(404, &[], ""),
        }
    })
}

fn index_of(digests: &[Digest]) -> String {
    let entry = |digest| format!(r#"{{"mediaType":"{OCI_MANIFEST}","digest":"{digest}","size":7}}"#);
    let entries: Vec<String> = digests.iter().map(entry).collect();
    format!(r#"{{"schemaVersion":2,"mediaType":"{OCI_INDEX}","manifests":[{}]}}"#, entries.join(","))
}

/// Anybody who can push can write the index of that tag.
#[tokio::test]
async fn a_fall_back_tag_is_believed_where_its_targets_agree() {
    let about = |subject: &str, what: &str| {
        format!(
            r#"{{"schemaVersion":2,"mediaType":"{OCI_MANIFEST}","artifactType":"application/{what}","layers":[]{subject}}}"#
        )
    };
    let of = |digest: Digest| format!(r#","subject":{{"mediaType":"{OCI_MANIFEST}","digest":"{digest}","size":1}}"#);
    let documents = [about(&of(digest(0)), "a"), about(&of(digest(1)), "b"), about("", "c")];
    let mut targets: Vec<Digest> = documents.iter().map(|text| Digest::of(text.as_bytes())).collect();
    targets.push(digest(99));
    let tag = digest(0).to_string().replace(':', "-");
    let signature = about("", "signature");
    let (index, kept, signed) = (index_of(&targets), documents.clone(), signature.clone());
    let server = without_api(move |reference| match reference.strip_prefix(&tag) {
        Some("") => Some((OCI_INDEX, index.clone())),
        Some(".sig") => Some((OCI_MANIFEST, signed.clone())),
        _ => {
            let found = kept.iter().find(|text| Digest::of(text.as_bytes()).to_string() == reference);
            found.map(|text| (OCI_MANIFEST, text.clone()))
        }
    });
    let found = anonymous(&server.url()).referrers(&repo(APP), &digest(0)).await.expect("referrers");
    assert!(found.by_tag && found.incomplete.is_none(), "{found:?}");
    let list: Vec<_> = found.list.iter().map(|one| (one.descriptor.digest.clone(), one.what.as_str())).collect();
    let kind = found.list[0].what.as_str();
    assert_eq!(list, [(targets[0].clone(), kind), (Digest::of(signature.as_bytes()), "signature")]);
}

#[tokio::test]
async fn more_targets_than_are_read_are_said_to_be_left_out() {
    for (count, all) in [(256, true), (257, false)] {
        let targets: Vec<Digest> = (1..=count).map(digest).collect();
        let index = index_of(&targets);
        let server = without_api(move |reference| {
            let is_tag = reference.len() == "sha256-".len() + 64;
            is_tag.then(|| (OCI_INDEX, index.clone())).filter(|_| reference.starts_with("sha256-"))
        });
        let found = anonymous(&server.url()).referrers(&repo(APP), &digest(0)).await.expect("referrers");
        assert_eq!((found.list.len(), found.incomplete.is_none()), (0, all), "{count}: {found:?}");
        let asked = server.seen().iter().filter(|seen| seen.line.contains("/manifests/sha256:")).count();
        assert_eq!(asked, 256);
    }
}
