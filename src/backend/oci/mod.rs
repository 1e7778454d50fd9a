//! OCI Distribution and Docker Registry v2.

use async_trait::async_trait;

use super::http::Http;
use super::{Backend, Context, Result};
use crate::domain::capability::Capabilities;
use crate::domain::registry::{BackendKind, RegistryProfile};

pub struct Oci {
    _http: Http,
}

impl Oci {
    pub fn new(profile: &RegistryProfile, context: &Context) -> Result<Self> {
        Ok(Self { _http: Http::new(profile, context)? })
    }
}

#[async_trait]
impl Backend for Oci {
    fn kind(&self) -> BackendKind {
        BackendKind::Oci
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }
    async fn connect(&self) -> Result<Capabilities> {
        Ok(Capabilities::default())
    }
}
