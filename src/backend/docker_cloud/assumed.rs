//! What is documented nowhere and assumed (docker-cloud.md §10). A service that does otherwise is a change here.

/// Rows asked for at a time. 25 come when nothing is said; up to 1000 are taken (A3).
pub(super) const LIMIT: u64 = 100;

/// A1: the part after `v1/` is a namespace exactly when it is neither of these. A namespace of such a name cannot be
/// addressed.
pub(super) const LISTS: [&str; 2] = ["registry", "repository"];

/// Hosts of Docker Hub: names of its images have no host, and `acme/api` is all of one (§8.6).
pub(super) const DOCKER_HUB: [&str; 4] =
    ["registry-1.docker.io", "registry.hub.docker.com", "index.docker.io", "docker.io"];

/// A10: whether this part of a name is a host, with its port.
pub(super) fn is_host(part: &str) -> bool {
    part == "localhost" || part.contains(['.', ':'])
}
