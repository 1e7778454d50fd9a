//! The HTTP client of one registry.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use reqwest::{Certificate, Client, ClientBuilder, redirect};
use url::Url;

use super::address::{Bounds, Resolver, is_loopback};
use super::{limits, realm};
use crate::backend::error::{Error, Result};
use crate::domain::error::ErrorKind;
use crate::domain::registry::RegistryProfile;

pub fn client(profile: &RegistryProfile, url: &Url, bounds: &Arc<Bounds>) -> Result<Client> {
    // A second install is refused by rustls and harmless: somebody was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let own = own_certificates(profile, url)?;
    let merged = builder(url, bounds).tls_certs_merge(own.clone()).build();
    match merged {
        Ok(client) => Ok(client),
        // Slim containers have no CA bundle, and then the build fails even where none is needed.
        Err(_) if url.scheme() == "http" || !own.is_empty() => {
            builder(url, bounds).tls_certs_only(own).build().map_err(|_| broken(url))
        }
        Err(_) => Err(broken(url)),
    }
}

fn broken(url: &Url) -> Error {
    Error::new(
        ErrorKind::Tls,
        format!("no certificate authorities were found on this machine to check {} with", realm::host_of(url)),
    )
    .hint("Install the CA certificates (package ca-certificates), set SSL_CERT_FILE, or set ca_cert for this registry.")
}

fn builder(url: &Url, bounds: &Arc<Bounds>) -> ClientBuilder {
    let builder = Client::builder()
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
        .dns_resolver(Resolver(Arc::clone(bounds)));
    // HTTP_PROXY would apply to loopback too, and no proxy can reach this machine's own.
    if is_loopback(url) { builder.no_proxy() } else { builder }
}

fn own_certificates(profile: &RegistryProfile, url: &Url) -> Result<Vec<Certificate>> {
    let mut found = Vec::new();
    if let Some(path) = &profile.ca_cert {
        // The user named this one: silence about it would be a lie.
        let pem = std::fs::read(path).map_err(|error| unreadable(path, &error.kind().to_string()))?;
        let certificates =
            Certificate::from_pem_bundle(&pem).map_err(|_| unreadable(path, "it is not a PEM certificate"))?;
        if certificates.is_empty() {
            return Err(unreadable(path, "it holds no certificate"));
        }
        found.extend(certificates);
    }
    for path in shared_places(url) {
        let parsed = std::fs::read(&path).ok().and_then(|pem| Certificate::from_pem_bundle(&pem).ok());
        match parsed {
            Some(certificates) => found.extend(certificates),
            None => tracing::warn!(file = %path.display(), "CA file cannot be used"),
        }
    }
    Ok(found)
}

fn unreadable(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::Config, format!("the CA file {} cannot be used: {why}", path.display()))
}

/// `*.crt` where docker and podman keep them (oci-distribution.md §15).
fn shared_places(url: &Url) -> Vec<PathBuf> {
    if url.scheme() != "https" {
        return Vec::new();
    }
    let host = url.host_str().unwrap_or_default();
    let mut names = vec![realm::authority(url)];
    if let Some(port) = url.port_or_known_default() {
        let full = format!("{host}:{port}");
        if !names.contains(&full) {
            names.push(full);
        }
    }
    let mut roots = vec![PathBuf::from("/etc/docker/certs.d"), PathBuf::from("/etc/containers/certs.d")];
    roots.extend(directories::BaseDirs::new().map(|base| base.home_dir().join(".config/containers/certs.d")));
    let mut files: Vec<PathBuf> = roots
        .iter()
        .flat_map(|root| names.iter().map(move |name| root.join(name)))
        .filter_map(|place| std::fs::read_dir(place).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "crt"))
        .collect();
    files.sort();
    files
}
