//! The registry names the server that gets the password. It is not believed.

use tempfile::TempDir;

use super::*;
use crate::support::certificates;

/// The ways to ask for a token.
#[derive(Clone, Copy, Debug)]
enum Grant {
    Anonymous,
    Password,
    /// The server refuses GET.
    PasswordByPost,
    IdentityToken,
}

const GRANTS: [Grant; 4] = [Grant::Anonymous, Grant::Password, Grant::PasswordByPost, Grant::IdentityToken];

impl Grant {
    fn credential(self) -> Credential {
        match self {
            Self::Anonymous => Credential::Anonymous,
            Self::Password | Self::PasswordByPost => mine(),
            Self::IdentityToken => Credential::IdentityToken("s3cr3t-identity".into()),
        }
    }

    /// A token server that takes this grant.
    fn server(self) -> Listener {
        Listener::start(move |seen| match self {
            Self::PasswordByPost if seen.line.starts_with("GET ") => answer(405, &[], ""),
            _ => answer(200, &[], r#"{"token":"s3cr3t-token"}"#),
        })
    }
}

/// A registry that sends to this realm.
fn sends_to(realm: String) -> impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static {
    let value = format!("Bearer realm=\"{realm}\",service=\"s\",scope=\"repository:app:pull\"");
    move |seen| match seen.header("authorization") {
        Some("Bearer s3cr3t-token") => content(seen),
        _ => answer(401, &[("www-authenticate", &value)], ""),
    }
}

fn confirmed(registry: &Listener, realm: &Listener) -> Settings {
    let pair = (registry.address.to_string(), format!("localhost:{}", realm.address.port()));
    Settings { trusted_realms: vec![pair], ..Settings::default() }
}

#[tokio::test]
async fn another_host_gets_a_secret_only_after_a_word_from_the_user() {
    for op in ops() {
        for grant in GRANTS {
            let what = format!("{op:?} {grant:?}");
            let realm = grant.server();
            let first = Listener::start(sends_to(format!("{}/token", realm.url_by_name())));
            let backend = client::connect(&profile(&first.url()), grant.credential());
            let outcome = send(op, &*backend).await;
            if let Grant::Anonymous = grant {
                outcome.unwrap_or_else(|error| panic!("{what}: {error}"));
                realm.seen().iter().for_each(|seen| nothing_of_ours(seen, &what));
                assert!(!realm.seen().is_empty(), "{what}");
                continue;
            }
            let error = outcome.expect_err(&what);
            assert_eq!(error.kind, ErrorKind::UntrustedRealm, "{what}: {error}");
            let port = realm.address.port();
            assert_eq!(error.realm.map(|realm| realm.to_string()), Some(format!("localhost:{port}")), "{what}");
            assert!(realm.seen().is_empty(), "{what}: {:?}", realm.seen());

            let settings = confirmed(&first, &realm);
            let backend = client::try_connect(&profile(&first.url()), grant.credential(), settings).expect("a client");
            send(op, &*backend).await.unwrap_or_else(|error| panic!("{what}: {error}"));
            no_cookie_came_back(&realm, &what);
            no_cookie_came_back(&first, &what);
            assert!(realm.seen().iter().all(|seen| seen.header("referer").is_none()), "{what}");
        }
    }
}

#[tokio::test]
async fn a_realm_must_not_hand_us_on() {
    for grant in GRANTS {
        for status in [301, 302, 303, 307, 308] {
            let other = Listener::start(|_| answer(200, &[], r#"{"token":"s3cr3t-token"}"#));
            let target = format!("{}/token?by=redirect", other.url());
            let realm = Listener::start(move |_| answer(status, &[("location", &target)], ""));
            let first = Listener::start(sends_to(format!("{}/token", realm.url_by_name())));
            let settings = confirmed(&first, &realm);
            let backend = client::try_connect(&profile(&first.url()), grant.credential(), settings).expect("a client");
            let error = send(Op::Tags, &*backend).await.expect_err("refused");
            assert!(!realm.seen().is_empty() && other.seen().is_empty(), "{grant:?} {status}: {error}");
        }
    }
}

#[tokio::test]
async fn a_change_of_the_realm_asks_again() {
    let (old, new) = (Grant::Password.server(), Grant::Password.server());
    let realms = [&old, &new].map(|realm| format!("Bearer realm=\"{}/token\"", realm.url_by_name()));
    let first = Listener::start(move |seen| {
        let realm = if asked_by(Op::Catalog, seen) { &realms[1] } else { &realms[0] };
        match seen.header("authorization") {
            Some("Bearer s3cr3t-token") if !asked_by(Op::Catalog, seen) => content(seen),
            _ => answer(401, &[("www-authenticate", realm)], ""),
        }
    });
    let settings = confirmed(&first, &old);
    let backend = client::try_connect(&profile(&first.url()), mine(), settings).expect("a client");
    send(Op::Tags, &*backend).await.expect("the confirmed one");
    let error = send(Op::Catalog, &*backend).await.expect_err("another one");
    assert_eq!(error.kind, ErrorKind::UntrustedRealm, "{error}");
    let hint = error.report().hint;
    assert!(hint.as_str().contains(&format!("localhost:{}", old.address.port())), "{hint}");
    assert!(new.seen().is_empty());
}

#[tokio::test]
async fn a_realm_on_the_same_host_that_changes_asks_again() {
    let (old, new) = (Grant::Password.server(), Grant::Password.server());
    let realms = [&old, &new].map(|realm| format!("Bearer realm=\"{}/token\"", realm.url()));
    let first = Listener::start(move |seen| {
        let realm = if asked_by(Op::Catalog, seen) { &realms[1] } else { &realms[0] };
        match seen.header("authorization") {
            Some("Bearer s3cr3t-token") if !asked_by(Op::Catalog, seen) => content(seen),
            _ => answer(401, &[("www-authenticate", realm)], ""),
        }
    });
    let backend = connect(&first.url());
    send(Op::Tags, &*backend).await.expect("the registry's own host needs no word");
    let error = send(Op::Catalog, &*backend).await.expect_err("a second one does");
    assert_eq!(error.kind, ErrorKind::UntrustedRealm, "{error}");
    assert!(new.seen().is_empty());
}

#[tokio::test]
async fn unsafe_realms_are_refused_by_an_encrypted_registry() {
    let dir = TempDir::new().expect("a directory");
    let ca = certificates::for_loopback(dir.path());
    let other = Listener::start(|_| answer(200, &[], r#"{"token":"t"}"#));
    let at = other.address;
    for realm in [
        format!("http://{at}/token"),
        format!("http://localhost:{}/token", at.port()),
        format!("https://me:s3cr3t-2@{at}/token"),
        format!("https://{at}/token#part"),
        format!("https://{at}/{}", "a".repeat(2048)),
        "file:///etc/passwd".to_owned(),
        "https://169.254.169.254/latest".to_owned(),
        "https://[fe80::1]/".to_owned(),
        "https://0.0.0.0/".to_owned(),
        "https://10.0.0.1/".to_owned(),
        "javascript:alert(1)".to_owned(),
        "https://".to_owned(),
    ] {
        for credential in [Credential::Anonymous, mine()] {
            let first = Listener::start_tls(dir.path(), sends_to(realm.clone()));
            let profile =
                tagboat::domain::registry::RegistryProfile { ca_cert: Some(ca.clone()), ..profile(&first.url()) };
            let error = send(Op::Tags, &*client::connect(&profile, credential)).await.expect_err(&realm);
            assert_eq!(error.kind, ErrorKind::Forbidden, "{realm}: {error}");
            assert!(!error.to_string().contains("s3cr3t"), "{error}");
        }
    }
    assert!(other.seen().is_empty(), "{:?}", other.seen());
}

#[tokio::test]
async fn an_encrypted_registry_leads_to_nothing_unencrypted() {
    let dir = TempDir::new().expect("a directory");
    let ca = certificates::for_loopback(dir.path());
    for op in reads() {
        let other = Listener::start(content);
        let away = format!("{}/away", other.url());
        let first = Listener::start_tls(dir.path(), move |seen| {
            if asked_by(op, seen) { answer(307, &[("location", &away)], "") } else { content(seen) }
        });
        let profile = tagboat::domain::registry::RegistryProfile { ca_cert: Some(ca.clone()), ..profile(&first.url()) };
        let error = send(op, &*client::connect(&profile, mine())).await.expect_err("refused");
        assert_eq!(error.kind, ErrorKind::Forbidden, "{op:?}: {error}");
        assert!(other.seen().is_empty(), "{op:?}");
    }
}
