//! The corners of real registries: what signing, charts, clean-ups and old age leave behind.

use serde_json::{Value, json};

use super::build::{Image, Push, ago};
use super::lists;
use super::schema1;
use super::store::{OCI_INDEX, Store};
use crate::domain::reference::Digest;

const EMPTY_CONFIG: (&str, &str) = ("application/vnd.oci.empty.v1+json", "{}");
const HELM_CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const HELM_LAYER: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const COSIGN_LAYER: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

pub(super) fn add(store: &mut Store) {
    signed(store, "security/signed/app");
    for (name, versions) in [
        ("charts/checkout", ["0.9.0", "0.10.0", "1.0.0"].as_slice()),
        ("charts/redis", &["18.19.4", "19.6.4", "20.2.1"]),
        ("charts/ingress/edge", &["4.9.1", "4.10.5"]),
    ] {
        chart(store, name, versions);
    }
    clean_ups(store);
    contents(store);
    names(store);
    legacy(store);
}

fn small(name: &str, created: &str, labels: &[(&str, &str)]) -> Image {
    let label = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    Image {
        created: created.to_owned(),
        platform: "linux/amd64".to_owned(),
        layers: vec![("alpine-3.20".to_owned(), 3_623_807), (format!("{name}-app"), 9_437_184)],
        labels: labels.iter().map(label).collect(),
        docker: false,
    }
}

/// Both ways to sign: cosign's tags, and referrers with the fall-back tag for registries without the API (§8).
fn signed(store: &mut Store, name: &str) {
    let mut push = Push::to(store, name);
    for (version, hours) in [("v2.3.0", 2200), ("v2.4.0", 700)] {
        let image = push.image(&small(version, &ago(hours), &[]));
        push.tag(&[version], &image);
        let hex = image.digest.to_string().replace(':', "-");
        let payload = json!({"critical": {"image": {"docker-manifest-digest": image.digest.to_string()}}}).to_string();
        let layer = (COSIGN_LAYER, payload.as_str());
        let config = ("application/vnd.oci.image.config.v1+json", "{\"rootfs\":{\"type\":\"layers\"}}");
        let signature = push.artifact(None, config, layer, None, &Value::Null);
        push.tag(&[&format!("{hex}.sig")], &signature);

        let sbom = json!({"spdxVersion": "SPDX-2.3", "name": format!("{name}:{version}"), "packages": []}).to_string();
        let annotations = json!({"org.opencontainers.image.created": ago(hours - 1)});
        let sbom = push.artifact(
            Some("application/spdx+json"),
            EMPTY_CONFIG,
            ("application/spdx+json", &sbom),
            Some(&image),
            &annotations,
        );
        let notation = push.artifact(
            Some("application/vnd.cncf.notary.signature"),
            EMPTY_CONFIG,
            ("application/jose+json", &format!("{{\"payload\":\"{version}\"}}")),
            Some(&image),
            &annotations,
        );
        let documents = &push.store.repository(name).manifests;
        let entries: Vec<Value> = [&sbom, &notation]
            .into_iter()
            .filter_map(|made| documents.get(&made.digest).map(|d| lists::descriptor(&made.digest, d, &d.json())))
            .collect();
        let fall_back = push.index_of(OCI_INDEX, &entries);
        push.tag(&[&hex], &fall_back);
        push.tag(&["latest"], &image);
    }
}

fn chart(store: &mut Store, name: &str, versions: &[&str]) {
    let short = name.rsplit('/').next().unwrap_or(name);
    let mut push = Push::to(store, name);
    for (at, version) in versions.iter().enumerate() {
        let config = json!({"apiVersion": "v2", "name": short, "version": version, "type": "application"}).to_string();
        let content = format!("chart {short} {version}").repeat(900);
        let created = ago(u32::try_from(versions.len() - at).unwrap_or(1) * 1900);
        let annotations = json!({"org.opencontainers.image.created": created, "org.opencontainers.image.title": short});
        let made = push.artifact(None, (HELM_CONFIG, &config), (HELM_LAYER, &content), None, &annotations);
        push.tag(&[version], &made);
    }
}

/// What garbage collection and careless scripts leave (§4.5, §7).
fn clean_ups(store: &mut Store) {
    store.repository("archive/emptied");
    store.repository("archive/never-tagged").never_tagged = true;

    let mut push = Push::to(store, "lab/dangling");
    let good = push.image(&small("good", &ago(5000), &[]));
    push.tag(&["good"], &good);
    let gone = push.image(&small("gone", &ago(9000), &[]));
    push.tag(&["gone", "gone-too"], &gone);
    store.repository("lab/dangling").manifests.remove(&gone.digest);

    let mut push = Push::to(store, "lab/missing-child");
    let mut arm = small("arm", &ago(3000), &[]);
    arm.platform = "linux/arm64".to_owned();
    let children = [push.image(&small("amd", &ago(3000), &[])), push.image(&arm)];
    let index = push.index(&children);
    push.tag(&["v1", "latest"], &index);
    store.repository("lab/missing-child").manifests.remove(&children[1].digest);

    let mut push = Push::to(store, "lab/untagged");
    push.image(&small("replaced", &ago(8000), &[]));
    let current = push.image(&small("current", &ago(100), &[]));
    push.tag(&["latest"], &current);
}

/// Configs that say little or too much.
fn contents(store: &mut Store) {
    let mut push = Push::to(store, "lab/zero-date");
    let made = push.image(&small("nix", "0001-01-01T00:00:00Z", &[]));
    push.tag(&["reproducible"], &made);
    let made = push.image(&small("epoch", "1970-01-01T00:00:00Z", &[]));
    push.tag(&["epoch"], &made);
    let made = push.image(&small("future", "2031-05-05T05:05:05Z", &[]));
    push.tag(&["from-the-future"], &made);

    let mut push = Push::to(store, "lab/labels");
    let labels = [
        ("org.opencontainers.image.title", "镜像仓库 — 演示"),
        ("org.opencontainers.image.description", "\u{1b}]0;title\u{7}\u{1b}[31mred\u{1b}[0m text"),
        ("maintainer", "João Müller <joao@example.com>"),
        ("com.example.bidi", "user\u{202e}txt.exe"),
        ("com.example.emoji", "👩\u{200d}🚀 launch"),
        ("com.example.lines", "first\nsecond\r\nthird\tend"),
    ];
    let made = push.image(&small("labels", &ago(2500), &labels));
    push.tag(&["latest"], &made);
}

fn names(store: &mut Store) {
    let mut push = Push::to(store, "a/b/c/d/e/f/g/h/deep");
    let made = push.image(&small("deep", &ago(15_000), &[]));
    push.tag(&["1"], &made);

    let long = format!("long/{}/{}", "component-".repeat(11) + "a", "segment-".repeat(16) + "z");
    let mut push = Push::to(store, &long);
    let made = push.image(&small("long", &ago(12_000), &[]));
    push.tag(&[&"t".repeat(128), "x"], &made);

    // distribution lists these in another order than plain text sorting does (§4.4).
    for name in ["order/a", "order/a/b", "order/a-b", "order/a.b", "order/a__b", "order/a_b"] {
        let mut push = Push::to(store, name);
        let made = push.image(&small("order", &ago(20_000), &[]));
        push.tag(&["latest"], &made);
    }
}

fn legacy(store: &mut Store) {
    let name = "legacy/schema1-billing";
    let layers: Vec<Digest> = [("jessie", 51_367_285), ("java", 63_211_044), ("billing", 18_040_118)]
        .into_iter()
        .map(|(layer, size)| store.add_layer(name, layer, size).digest)
        .collect();
    let (digest, document) = schema1::document(name, "2016-02", "amd64", &layers);
    store.repository(name).manifests.insert(digest.clone(), document);
    store.tag(name, "2016-02", &digest);
}
