//! What every manifest request accepts.

/// The one list, for every HEAD and GET of a manifest (oci-distribution.md §5.1). With fewer types distribution 2.8
/// silently swaps an index for its linux/amd64 child, digest and all; with `*/*` it converts images to schema 1.
pub(super) const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
     application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.docker.distribution.manifest.v2+json, \
     application/vnd.docker.distribution.manifest.v1+prettyjws, \
     application/vnd.docker.distribution.manifest.v1+json, \
     application/vnd.oci.artifact.manifest.v1+json";

/// Lists and referrers.
pub(super) const LIST: &str = "application/json";
pub(super) const REFERRERS: &str = "application/vnd.oci.image.index.v1+json, application/json";
