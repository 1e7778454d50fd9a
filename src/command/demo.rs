//! `tagboat demo --serve`

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use serde_json::json;

use super::{Failure, Io, Stop};
use crate::app::msg::Msg;
use crate::cli::Demo;
use crate::demo::{self, DemoOptions, Endpoint, Running};
use crate::domain::clean;
use crate::domain::registry::{BackendKind, CredentialPlace, RegistryProfile};
use crate::domain::secret::Credential;
use crate::runtime::StartDemo;
use crate::store::credentials::Credentials;

pub async fn start(demo: &Demo) -> Result<Running, Stop> {
    demo::start(demo.options()).await.map_err(|error| {
        let message = format!("the demo registries cannot listen on loopback: {error}");
        Failure { kind: "network", code: 5, message, hint: "Choose another --base-port, or leave it out.".to_owned() }
            .into()
    })
}

/// One line per registry, then `{"ready":true}`. The registries run until what is returned is dropped.
pub async fn serve(demo: &Demo, io: &mut Io<'_>) -> Result<Running, Stop> {
    let running = start(demo).await?;
    for endpoint in &running.endpoints {
        io.print_json(endpoint)?;
    }
    io.print_json(&json!({ "ready": true }))?;
    Ok(running)
}

/// Signs this run in at those of the demo's registries that let nobody in without a key. How it is to sign in to an OCI
/// registry is a thing the demo shows, so that one asks.
pub fn sign_in(running: &Running, credentials: &Credentials) {
    for endpoint in &running.endpoints {
        if let (Some(username), Some(password)) = (&endpoint.username, &endpoint.password)
            && endpoint.kind != BackendKind::Oci.word()
        {
            let credential = Credential::Basic { username: username.clone(), password: password.as_str().into() };
            credentials.put_back(profile(endpoint).host(), Some(credential));
        }
    }
}

/// The demo within a run of the interface: it lives until that run ends.
pub fn starter(credentials: Credentials) -> StartDemo {
    let kept: Arc<Mutex<Vec<Running>>> = Arc::default();
    Box::new(move || {
        let (kept, credentials) = (Arc::clone(&kept), credentials.clone());
        async move {
            match demo::start(DemoOptions::default()).await {
                Ok(running) => {
                    sign_in(&running, &credentials);
                    let profiles = running.endpoints.iter().map(profile).collect();
                    kept.lock().unwrap_or_else(PoisonError::into_inner).push(running);
                    Msg::DemoStarted(Ok(profiles))
                }
                Err(error) => {
                    Msg::DemoStarted(Err(clean::line(&format!("The demo cannot listen on loopback: {error}"))))
                }
            }
        }
        .boxed()
    })
}

/// A registry of the demo, as a profile.
pub fn profile(endpoint: &Endpoint) -> RegistryProfile {
    let kind = BackendKind::from_word(&endpoint.kind).unwrap_or_default();
    RegistryProfile {
        name: endpoint.name.clone(),
        kind,
        url: endpoint.url.clone(),
        username: endpoint.username.clone(),
        workspace: endpoint.workspace.clone(),
        credential: if endpoint.password.is_some() { CredentialPlace::Docker } else { CredentialPlace::None },
        plain_http: true,
        ..RegistryProfile::default()
    }
}
