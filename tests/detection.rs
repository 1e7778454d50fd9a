//! What an address speaks, and who only seems to speak it.

use std::sync::Arc;

use tagboat::backend::{self, Context, Error, Settings};
use tagboat::demo::docker_v1::{Access, DockerV1Options, IndexRules, Store, start_docker_v1};
use tagboat::demo::{Auth, OciOptions, Profile, start_oci};
use tagboat::domain::content::NoCache;
use tagboat::domain::error::ErrorKind;
use tagboat::domain::registry::{BackendKind, RegistryProfile};
use tagboat::domain::secret::Credential;

use crate::support::listener::{Listener, Seen, answer, closed_port};
use crate::support::vendor::Keys;

const SECRET: &str = "s3cr3t-detect";

async fn of(url: &str) -> Result<BackendKind, Error> {
    let profile = RegistryProfile {
        name: "r".to_owned(),
        url: url.to_owned(),
        plain_http: url.starts_with("http://"),
        ..RegistryProfile::default()
    };
    let password = SECRET.to_owned().into();
    let keys = Keys::new(Credential::Basic { username: "bob".to_owned(), password });
    let context = Context { credentials: Arc::new(keys), cache: Arc::new(NoCache), settings: Settings::default() };
    backend::detect(&profile, &context).await
}

fn kind(found: Result<BackendKind, Error>) -> Result<BackendKind, String> {
    found.map_err(|error| error.what.to_string())
}

type Headers = &'static [(&'static str, &'static str)];

/// Answers with what these say of paths; everything else is not found.
fn serving(answers: &'static [(&'static str, u16, Headers, &'static str)]) -> Listener {
    Listener::start(move |seen: &Seen| {
        let found = answers.iter().find(|(path, ..)| seen.is_for(path));
        found.map_or_else(|| answer(404, &[], ""), |(_, status, headers, body)| answer(*status, headers, body))
    })
}

#[tokio::test]
async fn registries_of_both_protocols_are_told_apart_however_they_sign_in() {
    let (user, password) = ("bob".to_owned(), "pw".to_owned());
    for auth in [
        Auth::Open,
        Auth::Basic { user: user.clone(), password: password.clone() },
        Auth::Bearer { user: user.clone(), password: password.clone() },
    ] {
        let second = start_oci(
            tagboat::demo::Store::new(),
            OciOptions { profile: Profile::default(), auth: auth.clone(), ..OciOptions::default() },
        );
        let second = second.await.unwrap();
        assert_eq!(kind(of(&second.url).await), Ok(BackendKind::Oci), "{auth:?}");
        let first = DockerV1Options { access: Access::from(&auth), ..DockerV1Options::reference() };
        let first = start_docker_v1(Store::new(), first).await.unwrap();
        assert_eq!(kind(of(&first.url).await), Ok(BackendKind::DockerV1), "{auth:?}");
    }
    let rules = IndexRules { inactive: true, ..IndexRules::default() };
    let options = DockerV1Options { access: Access::Index { user, password, rules }, ..DockerV1Options::default() };
    let index = start_docker_v1(Store::new(), options).await.unwrap();
    assert_eq!(kind(of(&index.url).await), Ok(BackendKind::DockerV1));
}

#[tokio::test]
async fn the_second_protocol_is_asked_first_and_nobody_is_told_a_secret() {
    let both = serving(&[("/v2/", 200, &[], "{}"), ("/v1/_ping", 200, &[], "true")]);
    assert_eq!(kind(of(&both.url()).await), Ok(BackendKind::Oci));
    assert_eq!(both.seen().len(), 1, "what is known is not asked");
    let first = serving(&[("/v1/_ping", 200, &[("X-Docker-Registry-Version", "0.6.0")], "whatever it says")]);
    assert_eq!(kind(of(&first.url()).await), Ok(BackendKind::DockerV1));
    for server in [both, first] {
        assert!(server.seen().iter().all(|seen| seen.header("authorization").is_none()));
    }
}

#[tokio::test]
async fn a_sign_in_on_both_is_taken_for_the_second_unless_something_names_the_first() {
    let basic = ("WWW-Authenticate", "Basic realm=\"r\"");
    let closed = Listener::start(move |_| answer(401, &[basic], ""));
    assert_eq!(kind(of(&closed.url()).await), Ok(BackendKind::Oci));
    let old = Listener::start(move |seen| match seen.is_for("/v1/_ping") {
        true => answer(401, &[("WWW-Authenticate", "Token")], "{}"),
        false => answer(401, &[basic], ""),
    });
    assert_eq!(kind(of(&old.url()).await), Ok(BackendKind::DockerV1));
    // Only the first protocol is there, and closed.
    let old = serving(&[("/v1/_ping", 401, &[("WWW-Authenticate", "Basic realm=\"r\"")], "")]);
    assert_eq!(kind(of(&old.url()).await), Ok(BackendKind::DockerV1));
    // Servers of the second protocol that answer 401 to whatever they do not know.
    let named = ("Docker-Distribution-Api-Version", "registry/2.0");
    let second = Listener::start(move |_| answer(401, &[basic, named], ""));
    assert_eq!(kind(of(&second.url()).await), Ok(BackendKind::Oci));
    assert_eq!(second.seen().len(), 1);
}

#[tokio::test]
async fn what_is_no_registry_is_not_taken_for_one() {
    let html = [("content-type", "text/html; charset=utf-8")];
    let pages = Listener::start(move |_| answer(200, &html, "<!doctype html><h1>Welcome</h1>"));
    let unlabelled = Listener::start(|_| answer(200, &[], "\n <html>Welcome</html>"));
    let lost = Listener::start(move |_| answer(404, &html, "<h1>Not found</h1>"));
    let talker = serving(&[("/v1/_ping", 200, &[], "pong")]);
    for (server, says) in
        [(pages, "a web page"), (unlabelled, "a web page"), (lost, "neither /v2/ nor /v1/_ping"), (talker, "neither")]
    {
        let error = of(&server.url()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::BadAnswer);
        assert!(error.what.as_str().contains(says), "{says}: {}", error.what);
    }
}

#[tokio::test]
async fn another_host_does_not_answer_for_this_one() {
    let registry = serving(&[("/v2/", 200, &[], "{}"), ("/v1/_ping", 200, &[], "true")]);
    let there = registry.url_by_name();
    let away = Listener::start(move |seen| {
        let path = if seen.is_for("/v2/") { "/v2/" } else { "/v1/_ping" };
        answer(307, &[("Location", &format!("{there}{path}"))], "")
    });
    let error = of(&away.url()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::BadAnswer);
    assert!(error.what.as_str().contains("another host"), "{}", error.what);
    assert!(registry.seen().iter().all(|seen| seen.header("authorization").is_none()));
}

#[tokio::test]
async fn trouble_is_no_answer_to_what_it_is() {
    let busy = serving(&[("/v2/", 429, &[("Retry-After", "3600")], ""), ("/v1/_ping", 200, &[], "true")]);
    assert_eq!(of(&busy.url()).await.unwrap_err().kind, ErrorKind::RateLimited);
    let nobody = format!("http://127.0.0.1:{}", closed_port());
    assert_eq!(of(&nobody).await.unwrap_err().kind, ErrorKind::Network);
}

/// Typed on the command line, where nobody said what it is.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_typed_address_of_the_first_protocol_is_read_as_that() {
    use crate::support::program::Place;
    use crate::support::pty::Pty;

    let contents = tagboat::demo::docker_v1::catalogue();
    let options = DockerV1Options {
        access: Access::Basic { user: "me".into(), password: SECRET.into() },
        ..DockerV1Options::default()
    };
    let closed = start_docker_v1(contents, options).await.unwrap();
    let open = start_docker_v1(tagboat::demo::docker_v1::catalogue(), DockerV1Options::default()).await.unwrap();
    let mut pty = Pty::start_configured("", &[&open.url], 120, 36, &[]);
    pty.wait_for("accounts/identity");
    pty.press("q");
    assert_eq!(pty.end(), 0);

    let place = Place::new("");
    let mut login = place.command(&["login", &closed.url, "--username", "me", "--password-stdin"]);
    let mut child = login
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), SECRET.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("Docker Registry v1"), "{said}");
    assert_eq!(output.status.code(), Some(0), "{said}");
}

#[tokio::test]
async fn the_vendors_own_addresses_need_no_question() {
    for (url, wanted) in [
        ("https://cloud.docker.com", BackendKind::DockerCloud),
        ("https://api.alauda.cn/v1", BackendKind::Alauda),
        ("https://API.alauda.io", BackendKind::Alauda),
        ("https://api.ai.cloud.ru/public/v2", BackendKind::MlSpace),
    ] {
        assert_eq!(kind(of(url).await), Ok(wanted), "{url}");
    }
}
