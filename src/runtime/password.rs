//! A new password for docker, made once.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;

use super::registries::Connection;
use crate::app::msg::{ChangeId, Msg};
use crate::backend;
use crate::domain::clean::Clean;
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::registry::RegistryId;
use crate::domain::secret::OneTime;

/// Whatever becomes of it is told: somebody waits, and the password before may be gone.
pub async fn make(id: ChangeId, registry: RegistryId, connection: backend::Result<Connection>) -> Msg {
    let work = async { connection?.backend.generate_password().await };
    let result = match AssertUnwindSafe(work).catch_unwind().await {
        Ok(result) => result.map(OneTime::new).map_err(|error| error.report()),
        Err(_) => Err(ErrorReport {
            kind: ErrorKind::Internal,
            what: Clean::fixed("This broke off by a fault in tagboat."),
            hint: Clean::fixed("The log has more."),
            realm: None,
            fields: Vec::new(),
            unsure: true,
        }),
    };
    Msg::PasswordMade { id, registry, result }
}
