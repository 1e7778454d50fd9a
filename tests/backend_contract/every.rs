//! The contract that holds for every system.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use tagboat::backend::{Backend, Delivery, Error, Settings};
use tagboat::demo::{Fault, Rule};
use tagboat::domain::capability::{Ability, Capabilities, DeleteSemantics, Place, Support};
use tagboat::domain::change::{Change, Doomed, Form};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::reference::{Digest, Reference, RepoName, TagName};
use tagboat::domain::registry::BackendKind;
use tagboat::domain::repository::GroupFilter;
use tokio::sync::mpsc;

use super::servers::{MARKER, One, all};
use crate::support::client::tag;
use crate::support::walk::{repositories, tags};

type Ended = (&'static str, Result<(), Error>);

async fn searched(backend: &dyn Backend, term: &str) -> Result<(), Error> {
    let (pages, mut found) = mpsc::channel(4);
    let (end, ()) = tokio::join!(backend.search(term, pages), async { while found.recv().await.is_some() {} });
    end.map(drop)
}

/// Every read there is, by name. Where a system does not tell its scopes, what the config says of them is no answer of it.
async fn reads(backend: &dyn Backend, repo: &RepoName, tag: &TagName) -> Vec<Ended> {
    let by_tag = Reference::Tag(tag.clone());
    let scopes = match backend.capabilities().can(Ability::Scopes) {
        true => Some(("scopes", backend.scopes().await.map(drop))),
        false => None,
    };
    let mut reads = vec![
        ("connect", backend.connect().await.map(drop)),
        ("repositories", repositories(backend).await.map(drop)),
        ("read_repository", backend.read_repository(repo).await.map(drop)),
        ("tags", tags(backend, repo.as_str()).await.map(drop)),
        ("resolve", backend.resolve(repo, &by_tag).await.map(drop)),
        ("tag_info", backend.tag_info(repo, tag).await.map(drop)),
        ("manifest", backend.manifest(repo, &by_tag).await.map(drop)),
        ("image", backend.image(repo, &by_tag, None).await.map(drop)),
        ("search", searched(backend, "a").await),
        ("groups", backend.groups(&GroupFilter::default()).await.map(drop)),
    ];
    reads.extend(scopes);
    reads
}

/// The names of the writes there are; `write` does one.
const WRITES: [&str; 13] = [
    "delete_tag",
    "delete_manifest",
    "delete tags",
    "delete images",
    "delete repositories",
    "set tag",
    "recolour",
    "favourite",
    "create",
    "edit",
    "credentials",
    "password",
    "put_manifest",
];

async fn write(backend: &dyn Backend, which: &str, repo: &RepoName, tag_name: &TagName) -> Result<(), Error> {
    let resolved = backend.resolve(repo, &Reference::Tag(tag_name.clone())).await.ok();
    let digest = resolved.map_or_else(|| Digest::of(b"nothing"), |resolved| resolved.digest);
    let form = |repo: RepoName| {
        Box::new(Form {
            description: Some("words of a contract".to_owned()),
            full_description: Some("more words\nof it".to_owned()),
            public: Some(true),
            username: Some("somebody".to_owned()),
            password: Some(MARKER.into()),
            ..Form::new(repo)
        })
    };
    let change = match which {
        "delete_tag" => return backend.delete_tag(repo, tag_name).await.map(drop),
        "delete_manifest" => return backend.delete_manifest(repo, &digest).await.map(drop),
        "delete tags" => {
            return backend.delete(&Doomed::Tags(repo.clone(), vec![tag_name.clone()])).await.map(drop);
        }
        "delete images" => return backend.delete(&Doomed::Images(repo.clone(), vec![digest])).await.map(drop),
        "delete repositories" => return backend.delete(&Doomed::Repositories(vec![repo.clone()])).await.map(drop),
        "password" => return backend.generate_password().await.map(drop),
        "put_manifest" => {
            let new = Reference::Tag(tag("contract"));
            let document = format!("{{\"id\":\"{}\"}}", digest.as_image_id().unwrap_or_default());
            return backend.put_manifest(repo, &new, "application/json", document.into()).await.map(drop);
        }
        "set tag" => {
            let coloured = backend.capabilities().colours == Place::Server;
            let colour = coloured.then(|| "#12ab34".to_owned());
            Change::SetTag { repo: repo.clone(), tag: tag("contract"), image: digest, colour }
        }
        "recolour" => {
            Change::Recolour { repo: repo.clone(), tag: tag_name.clone(), colour: Some("#ab1234".to_owned()) }
        }
        "favourite" => Change::Favourite { repo: repo.clone(), on: true },
        "create" => {
            let parent = repo.as_str().rsplit_once('/').map(|(parent, _)| format!("{parent}/")).unwrap_or_default();
            Change::Create(form(RepoName::loose(&format!("{parent}contract")).expect("a name")))
        }
        "edit" => Change::Edit(form(repo.clone())),
        "credentials" => Change::Credentials {
            repo: repo.clone(),
            username: Some("somebody".to_owned()),
            password: Some(MARKER.into()),
        },
        other => panic!("{other}?"),
    };
    backend.change(&change).await.map(drop)
}

/// What a client says it can, of the writes.
fn can(known: &Capabilities, which: &str) -> Option<bool> {
    Some(match which {
        "delete_tag" => known.delete != DeleteSemantics::Unsupported && known.tags != Support::No,
        "delete repositories" => known.can(Ability::DeleteRepositories),
        "delete images" => known.can(Ability::DeleteImages),
        "set tag" => known.can(Ability::SetTag),
        "create" => known.can(Ability::CreateRepository),
        "edit" => known.can(Ability::EditRepository),
        "credentials" => known.can(Ability::RepositoryCredentials),
        "password" => known.can(Ability::GeneratePassword),
        "favourite" => known.favourites == Place::Server,
        "recolour" => known.colours == Place::Server,
        _ => return None,
    })
}

/// Signed in, with a repository and a tag; where there are no tags, one by a name that nothing has.
async fn ready(one: &One) -> (std::sync::Arc<dyn Backend>, RepoName, TagName) {
    let (repo, tag_name) = one.sample().await;
    let backend = one.backend();
    backend.connect().await.unwrap_or_else(|error| panic!("{:?}: {error:?}", one.kind));
    repositories(&*backend).await.expect("a list");
    (backend, repo, tag_name.unwrap_or_else(|| tag("latest")))
}

#[tokio::test]
async fn what_is_said_to_work_works_and_what_is_not_asks_nobody() {
    for one in all().await {
        let kind = one.kind;
        let (backend, repo, tag_name) = ready(&one).await;
        let known = backend.capabilities();
        for (read, result) in reads(&*backend, &repo, &tag_name).await {
            let claimed = match read {
                "tags" | "resolve" | "tag_info" => known.tags != Support::No,
                "search" => known.can(Ability::Search),
                "connect" | "repositories" | "scopes" => true,
                _ => result.is_ok(),
            };
            match result {
                Ok(()) => assert!(claimed, "{kind:?} {read} works, and says it does not"),
                Err(error) => {
                    assert!(!claimed, "{kind:?} {read}: {error:?}");
                    assert_eq!(error.kind, ErrorKind::Unsupported, "{kind:?} {read}: {error:?}");
                }
            }
        }
        for which in WRITES {
            if can(&known, which) == Some(false) {
                one.traffic().clear_log();
                let error = write(&*backend, which, &repo, &tag_name).await.expect_err(which);
                assert_eq!(error.kind, ErrorKind::Unsupported, "{kind:?} {which}: {error:?}");
                assert!(one.written().is_empty(), "{kind:?} {which}: {:?}", one.written());
            }
        }
    }
}

#[tokio::test]
async fn what_is_said_to_be_possible_is_done() {
    // Each on a server of its own: after a deletion there is nothing left for the next.
    for which in WRITES {
        for one in all().await {
            let (backend, repo, tag_name) = ready(&one).await;
            if can(&backend.capabilities(), which) != Some(true) {
                continue;
            }
            one.traffic().clear_log();
            let result = write(&*backend, which, &repo, &tag_name).await;
            assert!(result.is_ok(), "{:?} {which}: {result:?}", one.kind);
            // A new repository, and then who sees it: two calls there (docker-v1.md §5).
            let calls = if which == "create" && one.kind == BackendKind::DockerV1 { 2 } else { 1 };
            let written = one.written();
            assert_eq!(written.len(), calls, "{:?} {which}: {written:?}", one.kind);
            assert_eq!(written.iter().collect::<HashSet<_>>().len(), calls, "{:?} {which}: {written:?}", one.kind);
        }
    }
}

/// Does it with every writing request going wrong, and looks at what left.
async fn goes_wrong(one: &One, which: &str, fault: &Fault, delivery: Delivery) {
    let (backend, repo, tag_name) = ready(one).await;
    if can(&backend.capabilities(), which) != Some(true) {
        return;
    }
    for method in ["DELETE", "POST", "PUT", "PATCH"] {
        one.traffic().faults().add(Rule::on("/", fault.clone()).method(method));
    }
    one.traffic().faults().add(Rule::on("password", fault.clone()).method("GET"));
    one.traffic().clear_log();
    let result = write(&*backend, which, &repo, &tag_name).await;
    let name = format!("{:?} {which} {fault:?}", one.kind);
    assert_eq!(one.written().len(), 1, "{name}: {:?} {result:?}", one.written());
    match result {
        Err(error) => assert_eq!(error.delivery, delivery, "{name}: {error:?}"),
        // It was looked at, and it is as it was asked for.
        Ok(()) => assert_eq!(delivery, Delivery::Unanswered, "{name}"),
    }
    one.traffic().faults().clear();
}

#[tokio::test]
async fn a_write_that_is_refused_is_sent_once() {
    for one in all().await {
        for fault in [Fault::status(403), Fault::status(429), Fault::status(500), Fault::html_error(502)] {
            for which in WRITES {
                goes_wrong(&one, which, &fault, Delivery::Answered).await;
            }
        }
    }
}

#[tokio::test]
async fn a_write_without_an_answer_is_sent_once() {
    // Done all the same, so each has servers of its own.
    for which in WRITES {
        for one in all().await {
            goes_wrong(&one, which, &Fault::LostAnswer, Delivery::Unanswered).await;
        }
    }
}

#[tokio::test]
async fn read_only_sends_no_write() {
    for one in all().await {
        let (_, repo, tag_name) = ready(&one).await;
        let settings = Settings { read_only: true, timeout: Some(Duration::from_secs(5)), ..Settings::default() };
        let backend = one.client(settings);
        backend.connect().await.expect("signing in is no write");
        repositories(&*backend).await.expect("a list");
        one.traffic().clear_log();
        for which in WRITES {
            let error = write(&*backend, which, &repo, &tag_name).await.expect_err(which);
            let refused = matches!(error.kind, ErrorKind::Forbidden | ErrorKind::Unsupported);
            assert!(refused, "{:?} {which}: {error:?}", one.kind);
            assert_eq!(error.delivery, Delivery::NotSent, "{:?} {which}", one.kind);
        }
        assert!(one.written().is_empty(), "{:?}: {:?}", one.kind, one.written());
    }
}

#[tokio::test]
async fn the_same_refusal_is_the_same_kind_everywhere() {
    let body = |status| {
        let headers = vec![("retry-after".to_owned(), "3600".to_owned())];
        Fault::Answer { status, headers, body: b"{\"detail\":\"told\",\"error\":\"told\"}".to_vec() }
    };
    let half = Fault::Answer { status: 200, headers: Vec::new(), body: b"{\"objects\": [{\"na".to_vec() };
    for (fault, kinds) in [
        (body(401), &[ErrorKind::SignIn][..]),
        // Where it is the answer to the call that signs in, it is the password that is refused.
        (body(403), &[ErrorKind::Denied, ErrorKind::SignIn]),
        // A greeting that is not known means that this is no registry.
        (body(404), &[ErrorKind::NotFound, ErrorKind::Unsupported, ErrorKind::BadAnswer]),
        (body(429), &[ErrorKind::RateLimited]),
        (body(500), &[ErrorKind::Server]),
        (Fault::html_error(502), &[ErrorKind::Server]),
        (Fault::Html, &[ErrorKind::BadAnswer]),
        (half, &[ErrorKind::BadAnswer]),
    ] {
        // Side by side: some of it is asked again after a pause.
        join_all(all().await.iter().map(|one| refused_alike(one, &fault, kinds))).await;
    }
}

async fn refused_alike(one: &One, fault: &Fault, kinds: &[ErrorKind]) {
    let (repo, tag_name) = one.sample().await;
    let tag_name = tag_name.unwrap_or_else(|| tag("latest"));
    // Nothing is known yet, so every read has to ask.
    let backend = one.backend();
    one.traffic().faults().add(Rule::on("/", fault.clone()));
    for (read, result) in reads(&*backend, &repo, &tag_name).await {
        let name = format!("{:?} {read} {fault:?}", one.kind);
        let Err(error) = result else {
            // A greeting is its status; nobody reads further.
            assert!(read == "connect" && kinds == [ErrorKind::BadAnswer], "{name} works");
            continue;
        };
        let unsupported = error.kind == ErrorKind::Unsupported && error.delivery == Delivery::NotSent;
        assert!(unsupported || kinds.contains(&error.kind), "{name}: {error:?}");
        let report = error.report();
        assert!(!report.hint.is_empty(), "{name}");
        assert!(!report.what.as_str().contains('<'), "{name}: {}", report.what);
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_waited_for() {
    let silent = async |one: &One| {
        let (repo, tag_name) = one.sample().await;
        let tag_name = tag_name.unwrap_or_else(|| tag("latest"));
        let settings = Settings { timeout: Some(Duration::from_millis(100)), ..Settings::default() };
        one.traffic().faults().add(Rule::on("/", Fault::Hang));
        for (read, result) in reads(&*one.client(settings), &repo, &tag_name).await {
            let Err(error) = result else { panic!("{:?} {read} works", one.kind) };
            let kinds = [ErrorKind::Timeout, ErrorKind::Unsupported];
            assert!(kinds.contains(&error.kind), "{:?} {read}: {error:?}", one.kind);
        }
    };
    join_all(all().await.iter().map(silent)).await;
}

#[tokio::test]
async fn no_secret_is_printed() {
    use base64::Engine as _;
    let leak = async |one: &One| {
        let (backend, repo, tag_name) = ready(one).await;
        let mut printed = format!("{:?} {:?}", backend.capabilities(), backend.notices());
        for fault in [Fault::status(401), Fault::status(403), Fault::status(500), Fault::Html, Fault::LostAnswer] {
            one.traffic().faults().clear();
            one.traffic().faults().add(Rule::on("/", fault));
            let mut results = reads(&*backend, &repo, &tag_name).await;
            for which in WRITES {
                results.push((which, write(&*backend, which, &repo, &tag_name).await));
            }
            for (_, result) in results {
                if let Err(error) = result {
                    printed += &format!("{error} {error:?} {:?}\n", error.report());
                }
            }
        }
        let encoded = base64::engine::general_purpose::STANDARD.encode(format!("tester:{MARKER}"));
        for secret in one.secrets.iter().chain([&encoded]) {
            assert!(!printed.contains(secret.as_str()), "{:?}: {secret} in {printed}", one.kind);
        }
    };
    join_all(all().await.iter().map(leak)).await;
}
