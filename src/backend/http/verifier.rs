//! Is this the server we were told to talk to? The platform's answer, with one exception that the user makes.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::certificates::Chain;

/// `None`: this machine knows no CA at all.
type Platform = Option<rustls_platform_verifier::Verifier>;

/// Without CA files of their own all registries trust the same authorities. Reading those takes hundreds of small
/// files on some systems, so it happens once in a run.
static SHARED: OnceLock<Platform> = OnceLock::new();

#[derive(Debug)]
pub struct Verifier {
    /// Read when the first certificate is looked at: a registry on plain http never needs it.
    with_own: OnceLock<Platform>,
    own: Chain,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    pub fn new(own: Chain, provider: Arc<CryptoProvider>) -> Self {
        Self { with_own: OnceLock::new(), own, provider }
    }

    pub fn knows_nobody(&self) -> bool {
        self.platform().is_none()
    }

    fn platform(&self) -> Option<&rustls_platform_verifier::Verifier> {
        let place = if self.own.is_empty() { &SHARED } else { &self.with_own };
        let read = || {
            let own = self.own.iter().cloned();
            rustls_platform_verifier::Verifier::new_with_extra_roots(own, Arc::clone(&self.provider)).ok()
        };
        place.get_or_init(read).as_ref()
    }
}

/// `openssl req -x509` marks what it makes as a CA, and so most self-signed servers show a CA's certificate. Docker
/// takes it when it is in the CA file. Everything else was checked before this is found: see the order in webpki's
/// `check_issuer_independent_properties`.
fn is_ca_itself(error: &Error) -> bool {
    matches!(error, Error::InvalidCertificate(CertificateError::Other(other)) if other.to_string() == "CaUsedAsEndEntity")
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(platform) = self.platform() else { return Err(CertificateError::UnknownIssuer.into()) };
        match platform.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(error) if is_ca_itself(&error) && self.own.iter().any(|own| own == end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
