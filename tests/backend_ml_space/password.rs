use secrecy::ExposeSecret as _;
use tagboat::backend::Delivery;
use tagboat::demo::{Fault, Rule};
use tagboat::domain::error::ErrorKind;

use super::{Pair, answer, configured, is_clear, server};
use crate::support::client::{basic, connect};

const PATH: &str = "/generate_password";

#[tokio::test]
async fn a_new_password_is_made_only_when_it_is_asked_for() {
    let pair = Pair::start().await;
    pair.backend.connect().await.expect("a registry");
    pair.backend.scopes().await.expect("workspaces");
    pair.backend.explore(None).await;
    assert_eq!(pair.server.passwords_asked(), 0);
    let password = pair.backend.generate_password().await.expect("a password");
    assert_eq!(password.expose_secret(), pair.server.store().accounts[0].password);
    assert!(!format!("{password:?}").contains(password.expose_secret()));
    assert_eq!((pair.server.passwords_asked(), pair.asked("GET", PATH).len()), (1, 1));
}

/// Whatever comes of it, it goes out once: each one would end the password before.
#[tokio::test]
async fn it_is_never_asked_for_again() {
    for fault in [
        answer(500, ""),
        answer(503, ""),
        answer(429, ""),
        answer(401, r#"{"error_code":20,"error_message":"Token has expired"}"#),
        answer(401, r#"{"error_code":10,"error_message":"no"}"#),
        Fault::Redirect { status: 307, to: "/public/v2/docker_registry/v1/users/generate_password?x".to_owned() },
        Fault::LostAnswer,
        Fault::Truncate(5),
        Fault::Html,
    ] {
        let pair = Pair::start().await;
        pair.backend.connect().await.expect("a registry");
        pair.server.faults().add(Rule::on(PATH, fault.clone()).times(1));
        let error = pair.backend.generate_password().await.expect_err("a fault");
        assert_eq!(pair.asked("GET", PATH).len(), 1, "{fault:?}: {error:?}");
        let lost = matches!(fault, Fault::LostAnswer | Fault::Truncate(_) | Fault::Html);
        assert_eq!(error.delivery == Delivery::Unanswered, lost, "{fault:?}: {error:?}");
        let password = pair.server.store().accounts[0].password.clone();
        assert!(!format!("{error:?}").contains(&password));
        // The next one that is asked for works: what was over is renewed by then.
        pair.backend.generate_password().await.expect("a password");
    }
}

#[tokio::test]
async fn a_service_account_has_none() {
    let server = server().await;
    let service = server.store().accounts[1].clone();
    let backend = connect(&configured(&server), basic(&service.key_id, &service.key_secret));
    let error = backend.generate_password().await.expect_err("none");
    is_clear(&error, ErrorKind::Refused, &["personal accounts"]);
}
