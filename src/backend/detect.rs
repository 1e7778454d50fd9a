//! What an address speaks, asked without any credential: the second protocol first, then the first one
//! (docker-v1.md §2). The other systems have nothing to be known by but their own public addresses: their paths answer
//! only who has signed in, and one of them looks like the first protocol (alauda.md §8.1).

use reqwest::header::{CONTENT_TYPE, HeaderMap, WWW_AUTHENTICATE};
use serde_json::Value;

use super::http::{Answer, Ask, Http, Op, limits};
use super::{Context, Error, Result};
use crate::domain::error::ErrorKind;
use crate::domain::registry::{BackendKind, RegistryProfile};

/// Where the vendors' own services are, or were.
const PUBLIC: [(&str, BackendKind); 4] = [
    ("cloud.docker.com", BackendKind::DockerCloud),
    ("api.alauda.cn", BackendKind::Alauda),
    ("api.alauda.io", BackendKind::Alauda),
    ("api.ai.cloud.ru", BackendKind::MlSpace),
];

/// What one question of a protocol brought.
enum Said {
    Yes,
    /// A sign-in is wanted before anything is said, by something that need not be a registry of this protocol.
    SignInFirst,
    No(Answer),
}

/// What speaks at this address. The kind in the profile is not looked at, and nothing secret is sent.
pub async fn detect(profile: &RegistryProfile, context: &Context) -> Result<BackendKind> {
    let host = profile.host().split(['/', ':']).next().unwrap_or("");
    if let Some((_, kind)) = PUBLIC.iter().find(|(public, _)| public.eq_ignore_ascii_case(host)) {
        return Ok(*kind);
    }
    let http = Http::new(profile, context)?;
    let second = second(&http).await?;
    if matches!(second, Said::Yes) {
        return Ok(BackendKind::Oci);
    }
    match (first(&http).await?, second) {
        (Said::Yes, _) => Ok(BackendKind::DockerV1),
        // Whoever keeps both closed is more often of the second protocol, and its sign-in will tell.
        (_, Said::SignInFirst | Said::Yes) => Ok(BackendKind::Oci),
        (Said::SignInFirst, _) => Ok(BackendKind::DockerV1),
        (Said::No(_), Said::No(answer)) => Err(neither(&http, &answer)),
    }
}

/// Whether the first protocol is spoken where the second one is not.
pub(super) async fn is_first(http: &Http) -> bool {
    matches!(first(http).await, Ok(Said::Yes))
}

async fn ask(http: &Http, path: &str) -> Result<Answer> {
    http.ask(Ask { cap: limits::PING, ..Ask::get(Op::Ping, path) }).await
}

async fn second(http: &Http) -> Result<Said> {
    let answer = ask(http, "/v2/").await?;
    if answer.foreign || is_page(&answer) && answer.status < 400 {
        return Ok(Said::No(answer));
    }
    let named = answer.headers.contains_key("docker-distribution-api-version");
    Ok(match answer.status {
        200..300 => Said::Yes,
        401 | 403 if named || asks_for(&answer.headers, "bearer") => Said::Yes,
        401 => Said::SignInFirst,
        500.. | 429 => return Err(http.declined(Op::Ping, &answer, None)),
        _ => Said::No(answer),
    })
}

/// The first protocol does not say what the answer to its greeting is made of; what is seen there is `{}`, `true`, `""`
/// and versions, and docker-registry gives headers of its own (docker-v1.md §2).
async fn first(http: &Http) -> Result<Said> {
    let answer = ask(http, "/v1/_ping").await?;
    if answer.foreign || is_page(&answer) {
        return Ok(Said::No(answer));
    }
    let named = answer.headers.keys().any(|name| name.as_str().starts_with("x-docker-registry-"));
    let body = answer.body.trim_ascii();
    let greets = || {
        body.is_empty()
            || matches!(serde_json::from_slice(body), Ok(Value::Object(_) | Value::Bool(true) | Value::String(_)))
    };
    Ok(match answer.status {
        200..300 if named || greets() => Said::Yes,
        401 if named || asks_for(&answer.headers, "token") => Said::Yes,
        401 => Said::SignInFirst,
        500.. | 429 => return Err(http.declined(Op::Ping, &answer, None)),
        _ => Said::No(answer),
    })
}

fn asks_for(headers: &HeaderMap, scheme: &str) -> bool {
    let challenges = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    challenges.flat_map(|text| text.split([',', ' '])).any(|word| word.eq_ignore_ascii_case(scheme))
}

/// A page for people.
fn is_page(answer: &Answer) -> bool {
    let declared = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    declared.to_ascii_lowercase().starts_with("text/html") || answer.body.trim_ascii_start().starts_with(b"<")
}

fn neither(http: &Http, answer: &Answer) -> Error {
    let host = http.host();
    let (what, hint) = if answer.foreign {
        (
            format!("{host} sends everybody on to another host, which is not asked in its place"),
            "It may be the sign-in page of the network, or the registry has moved: enter its new address if you know it.",
        )
    } else if is_page(answer) && answer.status < 400 {
        (
            format!("{host} answered with a web page: this is no registry, or a login page"),
            "Check the address; a vendor's system is found only when its kind is chosen.",
        )
    } else {
        (
            format!("there is no registry at {host}: it knows neither /v2/ nor /v1/_ping ({})", answer.status),
            "Check the address and its path; a vendor's system is found only when its kind is chosen.",
        )
    };
    Error { status: Some(answer.status), ..Error::new(ErrorKind::BadAnswer, what).hint(hint) }
}
