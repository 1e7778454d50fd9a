//! Certificates from files: the CAs a registry's server may be signed by, and what we show when it asks who we are.

use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use url::Url;

use super::realm;
use crate::backend::error::{Error, Result};
use crate::domain::error::ErrorKind;
use crate::domain::registry::RegistryProfile;

pub type Chain = Vec<CertificateDer<'static>>;

/// The file of the profile, and `*.crt` where docker and podman keep them (oci-distribution.md §15).
pub fn authorities(profile: &RegistryProfile, url: &Url) -> Result<Chain> {
    let mut found = Vec::new();
    if let Some(path) = &profile.ca_cert {
        // The user named this one: silence about it would be a lie.
        found.extend(parse(path).map_err(|why| unreadable(path, &why))?);
    }
    for path in shared_files(url, "crt") {
        match parse(&path) {
            Ok(certificates) => found.extend(certificates),
            Err(why) => tracing::warn!(file = %path.display(), why, "CA file cannot be used"),
        }
    }
    Ok(found)
}

/// `client.cert` and `client.key` there, or another pair of one name.
pub fn identity(url: &Url) -> Option<(Chain, PrivateKeyDer<'static>)> {
    shared_files(url, "cert").into_iter().find_map(|path| {
        let key_file = path.with_extension("key");
        let chain = parse(&path);
        let key = PrivateKeyDer::from_pem_file(&key_file);
        if let (Ok(chain), Ok(key)) = (chain, key) {
            return Some((chain, key));
        }
        // What is wrong with a key is not said: it is a secret.
        tracing::warn!(file = %path.display(), key = %key_file.display(), "client certificate cannot be used");
        None
    })
}

fn parse(path: &Path) -> Result<Chain, String> {
    let pem = std::fs::read(path).map_err(|error| error.kind().to_string())?;
    let broken = || "it is not a PEM certificate".to_owned();
    let certificates: Chain = CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(|_| broken())?;
    if certificates.is_empty() {
        return Err("it holds no certificate".to_owned());
    }
    let mut roots = RootCertStore::empty();
    certificates.iter().try_for_each(|one| roots.add(one.clone())).map_err(|_| broken())?;
    Ok(certificates)
}

fn unreadable(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::Config, format!("the CA file {} cannot be used: {why}", path.display()))
        .hint("Give a file of PEM certificates with --ca-cert, or as ca_cert in the config.")
}

fn shared_files(url: &Url, extension: &str) -> Vec<PathBuf> {
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
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}
