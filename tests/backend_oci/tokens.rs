//! Token servers of other kinds than the usual one.

use secrecy::SecretString;
use tagboat::domain::error::ErrorKind;
use tagboat::domain::secret::Credential;

use super::APP;
use crate::support::client::{basic, connect, profile, tags};
use crate::support::listener::{Listener, Seen, answer};

/// A registry whose token server answers what `token` says.
fn registry(token: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Listener {
    Listener::start(move |seen| match seen.header("authorization") {
        _ if seen.is_for("/token") => token(seen),
        Some("Bearer right") => {
            answer(200, &[("content-type", "application/json")], r#"{"name":"team/app","tags":["v1"]}"#)
        }
        _ => {
            let scope = "repository:team/app:pull";
            let challenge = format!("Bearer realm=\"/token\",service=\"a b\",scope=\"{scope}\"");
            answer(401, &[("www-authenticate", &challenge)], "")
        }
    })
}

fn asked(server: &Listener) -> Vec<Seen> {
    server.seen().into_iter().filter(|seen| seen.is_for("/token")).collect()
}

#[tokio::test]
async fn a_password_goes_into_a_form_only_where_nothing_else_is_taken() {
    let server = registry(|seen| match seen.line.starts_with("POST ") {
        true => answer(200, &[], r#"{"access_token":"right"}"#),
        false => answer(405, &[], ""),
    });
    let backend = connect(&profile(&server.url()), basic("me", "s3cr3t&=1"));
    assert_eq!(tags(&*backend, APP).await.expect("tags"), ["v1"]);
    let [get, post] = &asked(&server)[..] else { panic!("{:?}", asked(&server)) };
    assert!(get.line.starts_with("GET /token?") && get.header("authorization").is_some(), "{get:?}");
    assert!(post.line.starts_with("POST /token ") && post.header("authorization").is_none(), "{post:?}");
    assert_eq!(post.header("content-type"), Some("application/x-www-form-urlencoded"));
    let form = "grant_type=password&username=me&password=s3cr3t%26%3D1&service=a+b&client_id=tagboat\
                &scope=repository%3Ateam%2Fapp%3Apull";
    assert_eq!(post.body, form);
    assert!(
        server.seen().iter().all(|seen| seen.header("user-agent").is_some_and(|name| name.starts_with("tagboat/")))
    );
}

#[tokio::test]
async fn an_identity_token_that_is_not_taken_goes_nowhere_else() {
    for status in [400, 401, 404, 405] {
        let server = registry(move |_| answer(status, &[], ""));
        let credential = Credential::IdentityToken(SecretString::from("s3cr3t-1"));
        let error = tags(&*connect(&profile(&server.url()), credential), APP).await.expect_err("not taken");
        assert_eq!((error.kind, error.status), (ErrorKind::SignIn, Some(status)), "{error}");
        let seen = asked(&server);
        assert_eq!(seen.len(), 1, "{status}: {seen:?}");
        assert!(seen[0].line.starts_with("POST ") && seen[0].body.contains("refresh_token=s3cr3t-1"), "{seen:?}");
        assert!(!format!("{error:?}").contains("s3cr3t"), "{error:?}");
    }
}
