//! The HTTP client of one registry.

use std::sync::Arc;

use reqwest::{Client, ClientBuilder, redirect};
use rustls::ClientConfig;
use rustls::crypto::ring;
use url::Url;

use super::address::{Bounds, Resolver};
use super::proxy::Proxies;
use super::verifier::Verifier;
use super::{certificates, limits, realm};
use crate::backend::error::{Error, Result};
use crate::domain::error::ErrorKind;
use crate::domain::registry::RegistryProfile;

pub fn client(profile: &RegistryProfile, url: &Url, bounds: &Arc<Bounds>, proxies: &Proxies) -> Result<Client> {
    // A second install is refused by rustls and harmless: somebody was first.
    let _ = ring::default_provider().install_default();
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier::new(certificates::authorities(profile, url)?, Arc::clone(&provider));
    // Slim containers have no CA bundle, and plain http needs none.
    if url.scheme() == "https" && verifier.knows_nobody() {
        return Err(no_authorities(url));
    }
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| unusable(url))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match certificates::identity(url) {
        Some((chain, key)) => config.with_client_auth_cert(chain, key).map_err(|_| unfit(url))?,
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    builder(bounds, proxies).tls_backend_preconfigured(config).build().map_err(|_| unusable(url))
}

fn unusable(url: &Url) -> Error {
    Error::new(ErrorKind::Internal, format!("the connection to {} cannot be prepared", realm::host_of(url)))
}

fn unfit(url: &Url) -> Error {
    Error::new(ErrorKind::Config, format!("the client certificate for {} does not fit its key", realm::host_of(url)))
        .hint("Look at *.cert and *.key of this host in /etc/docker/certs.d and ~/.config/containers/certs.d.")
}

fn no_authorities(url: &Url) -> Error {
    Error::new(
        ErrorKind::Tls,
        format!("no certificate authorities were found on this machine to check {} with", realm::host_of(url)),
    )
    .hint("Install the CA certificates (package ca-certificates), set SSL_CERT_FILE, or set ca_cert for this registry.")
}

fn builder(bounds: &Arc<Bounds>, proxies: &Proxies) -> ClientBuilder {
    let proxies = proxies.clone();
    Client::builder()
        .user_agent(concat!("tagboat/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(limits::CONNECT)
        .pool_idle_timeout(limits::POOL_IDLE)
        .pool_max_idle_per_host(limits::FLIGHT_HTTP1)
        .http2_max_header_list_size(limits::HEADERS as u32)
        .http2_adaptive_window(true)
        .tcp_nodelay(true)
        .dns_resolver(Resolver(Arc::clone(bounds)))
        .proxy(reqwest::Proxy::custom(move |url| proxies.for_url(url).map(|proxy| proxy.url.clone())))
}
