//! The server against the protocol notes, spoken to in raw HTTP so that no client library helps.

mod auth;
mod catalogue;
pub(super) mod client;
mod faults;
mod manifests;
mod transfer;

use super::{Image, OciOptions, OciServer, Push, Store, start_oci};
use crate::domain::reference::Digest;

/// Every manifest type, as §5.1 asks of a client.
const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

fn image(name: &str, platform: &str, docker: bool) -> Image {
    Image {
        created: "2026-01-01T00:00:00Z".to_owned(),
        platform: platform.to_owned(),
        layers: vec![(name.to_owned(), 20_000_000)],
        labels: Vec::new(),
        docker,
    }
}

/// `demo/app`: a Docker list under `v1`, `v1.0` and `latest`, an OCI image under `oci`.
fn small_store() -> (Store, [Digest; 3]) {
    let mut store = Store::new();
    let mut push = Push::to(&mut store, "demo/app");
    let children = [push.image(&image("amd", "linux/amd64", true)), push.image(&image("arm", "linux/arm64/v8", true))];
    let list = push.index(&children);
    push.tag(&["v1", "v1.0", "latest"], &list);
    let oci = push.image(&image("oci", "linux/amd64", false));
    push.tag(&["oci"], &oci);
    let [amd, _] = children;
    (store, [list.digest, amd.digest, oci.digest])
}

async fn server(options: OciOptions) -> (OciServer, [Digest; 3]) {
    let (store, digests) = small_store();
    (start_oci(store, options).await.expect("loopback has a free port"), digests)
}
