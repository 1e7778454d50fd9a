//! Docker's file, nearly right.

use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use super::docker::{DockerConfig, Entry};
use super::host::Host;
use crate::domain::damaged::{bytes, soon};
use crate::domain::secret::Credential;

const FILES: &[&str] = &[
    r#"{"auths":{"r.example:5000":{"auth":"bWU6czNjcjN0AAA="},"https://index.docker.io/v1/":{"identitytoken":"t"},"h/ns/repo":{},"x":null},"credsStore":"secretservice","credHelpers":{"e.example":"ecr-login"},"HttpHeaders":{"a":"b"},"proxies":{"default":{"noProxy":"*"}}}"#,
    r#"{"auths":{"r.example:5000":{"username":"me","password":"p:q"},"R.EXAMPLE:5000/v2/":{"registrytoken":"t"},"r.example:443":{"auth":"%%%"}}}"#,
];
const HOSTS: [&str; 3] = ["r.example:5000", "docker.io", "h/ns/repo/x"];

proptest! {
    #[test]
    fn docker_files(file in bytes(FILES), asked in proptest::sample::select(HOSTS.as_slice())) {
        let Some(config) = soon(|| DockerConfig::parse(&file)) else { return Ok(()) };
        let host = Host::parse(asked);
        soon(|| (config.helper_for(&host).map(str::len), config.hosts().count(), config.creds_store().map(str::len)));
        if let Some(Entry::Usable(credential)) = soon(|| config.entry(&host)) {
            prop_assert!(!credential.is_anonymous());
            if let Credential::Basic { username, password } = &credential {
                prop_assert!(!username.is_empty() && !password.expose_secret().is_empty());
            }
        }
    }
}
