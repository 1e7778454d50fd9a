//! What the protocol's documents leave open, and what is done about it here.

use std::time::Duration;

use crate::domain::reference::RepoName;

/// How long an image that is being uploaded is given before it is asked for once more.
pub(super) const UNFINISHED: Duration = Duration::from_secs(3);

/// Images that are read at a time.
pub(super) const AT_A_TIME: usize = 4;

/// The longest chain that is read. Docker itself stopped at 127 layers.
pub(super) const CHAIN: usize = 1000;

/// Results that are asked for at a time; servers take 1 to 100.
pub(super) const RESULTS: usize = 100;

/// A name without a namespace is in `library`. Docker wrote it out, and every server knows it so.
pub(super) fn full(repo: &RepoName) -> String {
    if repo.as_str().contains('/') { repo.to_string() } else { format!("library/{repo}") }
}

/// A repository as a search names it. A slash in the second part comes escaped from docker-registry, which takes what is
/// behind the first slash for the name.
pub(super) fn found(name: &str) -> Option<RepoName> {
    let name = name.replace("%2F", "/");
    if name.contains('/') { RepoName::loose(&name).ok() } else { RepoName::loose(&format!("library/{name}")).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_a_namespace() {
        let loose = |text: &str| RepoName::loose(text).expect("a name");
        assert_eq!((full(&loose("busybox")), full(&loose("acme/api"))), ("library/busybox".into(), "acme/api".into()));
        assert_eq!(found("redis"), Some(loose("library/redis")));
        assert_eq!(found("acme/team%2Fapi"), Some(loose("acme/team/api")));
        assert_eq!(found("acme/..%2F..%2Fetc"), None);
    }
}
