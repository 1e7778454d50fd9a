//! Configs and addresses that are nearly right.

use std::path::Path;

use proptest::prelude::*;

use super::{Config, EXAMPLE, parse_registry_argument, parse_target};
use crate::domain::damaged::{soon, text};

const CONFIGS: &[&str] = &[
    EXAMPLE,
    "[[registry]]\nname='a'\nkind='oci'\nurl='R.example.com:5000/hub'\nusername='robot'\ncredential='env:TOKEN'\n",
    "theme='dark'\n[network]\nmax_in_flight=8\ntimeout='30s'\ntrusted_plain_http=['r.example']\n[keys]\nquit=['q']\n",
    "protect=[\"v*\", '''~^x$''']\n[labels]\nowner = \"team\"\n",
];
const TARGETS: &[&str] = &[
    "r.example.com:5000/team/app:v1.2@sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    "https://user:pass@[::1]:443/hub/app",
    "docker.io/busybox",
    "localhost/a:latest",
    "a/app:1",
];

proptest! {
    #[test]
    fn configs(config in text(CONFIGS)) {
        match soon(|| Config::parse(Path::new("/c/config.toml"), &config)) {
            Ok(parsed) => prop_assert!(parsed.registries.iter().all(|profile| !profile.url.is_empty())),
            Err(error) => {
                let lines = config.matches('\n').count() + 1;
                prop_assert!(error.line <= lines, "line {} of {lines}", error.line);
                prop_assert!(!error.message.as_str().chars().any(char::is_control));
            }
        }
    }

    #[test]
    fn targets(target in text(TARGETS)) {
        let config = Config::parse(Path::new("/c"), CONFIGS[1]).expect("a config");
        if let Ok((profile, repository, _)) = soon(|| parse_target(&target, &config)) {
            prop_assert!(profile.url.starts_with("http") && !profile.url.contains('@'), "{}", profile.url);
            prop_assert!(repository.is_none_or(|name| !name.as_str().contains("..")));
        }
        if let Err(error) = soon(|| parse_registry_argument(&target, &config)) {
            prop_assert!(!error.0.as_str().chars().any(char::is_control));
        }
    }
}
