use tagboat::backend::Error;
use tagboat::demo::{Fault, Rule};
use tagboat::domain::change::{Change, Doomed};

use super::{Pair, TRAINER, answer, server};
use crate::support::client::{repo, tag};
use crate::support::walk::{repositories, tags};

/// Everything that is secret at the stand-in, tokens included.
fn secrets(pair: &Pair) -> Vec<String> {
    let account = pair.server.store().accounts[0].clone();
    let tokens = pair.server.log().into_iter().filter_map(|seen| seen.header("authorization").map(str::to_owned));
    let tokens = tokens.filter_map(|value| value.strip_prefix("Bearer ").map(str::to_owned));
    let keys = account.api_keys.values().cloned();
    tokens.chain(keys).chain([account.key_secret, account.password]).collect()
}

async fn everything(pair: &Pair) -> Vec<Error> {
    let (name, latest) = (repo(TRAINER), tag("latest"));
    let recolour = Change::Recolour { repo: name.clone(), tag: latest.clone(), colour: None };
    [
        pair.backend.connect().await.map(drop),
        repositories(&*pair.backend).await.map(drop),
        tags(&*pair.backend, TRAINER).await.map(drop),
        pair.backend.read_repository(&name).await.map(drop),
        pair.backend.change(&recolour).await.map(drop),
        pair.backend.delete(&Doomed::Tags(name, vec![latest])).await.map(drop),
        pair.backend.generate_password().await.map(drop),
        pair.backend.scopes().await.map(drop),
    ]
    .into_iter()
    .filter_map(Result::err)
    .collect()
}

/// A server, or a proxy in front of it, that repeats what it was sent.
#[tokio::test]
async fn an_error_that_repeats_a_secret_is_not_shown() {
    for status in [400, 401, 403, 404, 422, 500] {
        let pair = Pair::start().await;
        pair.backend.connect().await.expect("a registry");
        tags(&*pair.backend, TRAINER).await.expect("tags");
        let account = pair.server.store().accounts[0].clone();
        let key = account.api_keys[&pair.workspace().id].clone();
        // After a 401 there is another token, and the one before is no secret of the request any more.
        let token = secrets(&pair).into_iter().find(|secret| secret.starts_with("eyJ") && status != 401);
        shows_none(&pair, "/docker_registry/", status, &[Some(key), token].into_iter().flatten().collect::<Vec<_>>())
            .await;

        let pair = Pair::start().await;
        shows_none(&pair, "/service_auth", status, &[account.key_secret]).await;
    }
}

async fn shows_none(pair: &Pair, path: &str, status: u16, secrets: &[String]) {
    for secret in secrets {
        let body = format!(r#"{{"detail":"you sent {secret}","error_message":"{secret}"}}"#);
        pair.server.faults().add(Rule::on(path, answer(status, &body)));
        let errors = everything(pair).await;
        pair.server.faults().clear();
        assert!(!errors.is_empty());
        for error in errors {
            let shown = format!("{error:?} {error} {:?}", error.report());
            assert!(!shown.contains(secret.as_str()), "{status}: {shown}");
        }
    }
}

#[tokio::test]
async fn no_secret_goes_to_another_server() {
    let other = server().await;
    let pair = Pair::start().await;
    pair.backend.connect().await.expect("a registry");
    for status in [301, 302, 307, 308] {
        let to = format!("{}/public/v2/docker_registry/v2/registries/current", other.url);
        pair.server.faults().add(Rule::on("/docker_registry/", Fault::Redirect { status, to }));
        assert!(!everything(&pair).await.is_empty());
        pair.server.faults().clear();
    }
    let secrets = secrets(&pair);
    for seen in other.log() {
        let text = format!("{seen:?}");
        assert!(!secrets.iter().any(|secret| text.contains(secret)), "{text}");
        assert!(seen.header("authorization").is_none() && seen.header("x-api-key").is_none());
    }
}
