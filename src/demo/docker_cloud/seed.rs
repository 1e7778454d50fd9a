//! What a company had in its list: its own registry, those of its suppliers, some leftovers of the Tutum days.

use serde_json::{Map, Value, json};

use super::store::{CloudRegistry, CloudSpace, DockerCloudStore, uuid};
use crate::demo::seed::noise_of;

/// `registry` is the host and port of a registry without TLS whose repositories are in the list, too: those of
/// [`catalogue`](crate::demo::catalogue).
pub fn docker_cloud_catalogue(registry: &str) -> DockerCloudStore {
    let mut store = DockerCloudStore::empty(&["annika", "harbourline", "playground"]);
    let mut own = CloudSpace::default();
    for (name, host, port, is_ssl) in REGISTRIES {
        known(&mut own, name, host, port, is_ssl);
    }
    let (host, port) = registry.rsplit_once(':').map_or((registry, None), |(host, port)| (host, port.parse().ok()));
    known(&mut own, "Harbourline builds", host, port, false);
    for name in OWN {
        repository(&mut own, &format!("{registry}/{name}"));
    }
    for name in OTHERS {
        repository(&mut own, name);
    }
    store.namespaces.insert("annika".to_owned(), own);

    let mut team = CloudSpace::default();
    known(&mut team, "Harbourline builds", host, port, false);
    for name in &OWN[..3] {
        repository(&mut team, &format!("{registry}/{name}"));
    }
    for name in ["quay.io/coreos/etcd", "registry-1.docker.io/harbourline/status-page", "harbourline/status-page"] {
        repository(&mut team, name);
    }
    store.namespaces.insert("harbourline".to_owned(), team);
    store
}

fn known(space: &mut CloudSpace, name: &str, host: &str, port: Option<u16>, is_ssl: bool) {
    let is_docker = host.ends_with("docker.io");
    let icon_url = is_docker.then(|| "/_static/images/registries/docker.png".to_owned());
    let registry = CloudRegistry {
        uuid: uuid(host),
        name: name.to_owned(),
        host: host.to_owned(),
        port,
        is_ssl,
        is_docker,
        icon_url,
        takes: None,
    };
    space.registries.insert(host.to_owned(), registry);
}

/// About a third has nothing but what is documented, another third what the Tutum days knew.
fn repository(space: &mut CloudSpace, name: &str) {
    let made = space.add(name, None);
    let chance = noise_of(name, 7);
    made.in_use = chance.is_multiple_of(3);
    let short = name.rsplit('/').next().unwrap_or(name);
    match chance / 3 % 3 {
        0 => {}
        1 => {
            made.more.insert("description".to_owned(), format!("{short}, added by hand").into());
            made.more.insert("is_private_image".to_owned(), chance.is_multiple_of(2).into());
        }
        _ => made.more = of_tutum(name, short, chance),
    }
}

fn of_tutum(name: &str, short: &str, chance: u64) -> Map<String, Value> {
    let (day, hour, minute) = (1 + chance / 9 % 28, chance / 252 % 24, chance / 6048 % 60);
    let tag = |tag: &str| format!("/api/repo/v1/repository/{name}/tag/{tag}/");
    let source = if chance.is_multiple_of(5) {
        json!({"repository": format!("git@git.example.com:{short}.git")})
    } else {
        Value::Null
    };
    let fields = json!({
        "build_source": source,
        "categories": [{"name": if chance.is_multiple_of(4) { "Databases" } else { "Web services" }}],
        "description": format!("{short} as it runs in the cluster"),
        "icon_url": Value::Null,
        "is_private_image": true,
        "jumpstart": false,
        "last_build_date": format!("2015-06-{day:02} {hour:02}:{minute:02}:04+00:00"),
        "public_url": "",
        "star_count": chance % 40,
        "state": "Success",
        "tags": [tag("latest"), tag("v1.2")],
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Name, host, port, TLS. Null ports are seen in the vendor's test data (§4).
const REGISTRIES: [(&str, &str, Option<u16>, bool); 6] = [
    ("Docker Hub", "registry-1.docker.io", Some(443), true),
    ("Quay", "quay.io", Some(443), true),
    ("Google Container Registry", "gcr.io", None, true),
    ("GitLab", "registry.gitlab.com", Some(443), true),
    ("Northwind shipping", "hub.northwind.example", Some(8443), true),
    ("Build machine under the desk", "buildbox.local", Some(5000), false),
];

/// Repositories of the demo's OCI registry.
const OWN: [&str; 16] = [
    "team/checkout/api",
    "team/checkout/worker",
    "team/checkout/web",
    "team/search/api",
    "team/search/indexer",
    "team/payments/gateway",
    "team/payments/ledger",
    "team/platform/auth",
    "team/platform/edge-proxy",
    "team/mobile/bff",
    "data/ingest/kafka-connect",
    "data/airflow",
    "ci/monorepo",
    "library/nginx",
    "library/postgres",
    "ml/experiments/2025/q3/ranking/ablation-07/trainer",
];

const OTHERS: [&str; 45] = [
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/harbourline/billing-export",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/harbourline/invoice-renderer",
    "buildbox.local:5000/nightly/checkout-api",
    "buildbox.local:5000/nightly/checkout-web",
    "buildbox.local:5000/scratch",
    "gcr.io/google_containers/pause-amd64",
    "gcr.io/google_containers/kube-dns-amd64",
    "gcr.io/google_containers/heapster",
    "gcr.io/harbourline-prod/geo-lookup",
    "gcr.io/harbourline-prod/rate-limiter",
    "gcr.io/harbourline-staging/geo-lookup",
    "harbourline/status-page",
    "harbourline/hubot",
    "harbourline/backup",
    "hub.northwind.example:8443/tracking/api",
    "hub.northwind.example:8443/tracking/importer",
    "hub.northwind.example:8443/labels/renderer",
    "hub.northwind.example:8443/customs/declarations",
    "quay.io/coreos/clair",
    "quay.io/coreos/dex",
    "quay.io/coreos/etcd",
    "quay.io/coreos/flannel",
    "quay.io/coreos/hyperkube",
    "quay.io/prometheus/alertmanager",
    "quay.io/prometheus/blackbox-exporter",
    "quay.io/prometheus/node-exporter",
    "quay.io/prometheus/prometheus",
    "quay.io/harbourline/cron",
    "quay.io/harbourline/mailer",
    "quay.io/harbourline/pdf",
    "quay.io/harbourline/thumbnailer",
    "quay.io/tutum/haproxy",
    "quay.io/tutum/hello-world",
    "quay.io/tutum/ubuntu",
    "registry-1.docker.io/harbourline/cms",
    "registry-1.docker.io/harbourline/cms-assets",
    "registry-1.docker.io/harbourline/legacy-shop",
    "registry.gitlab.com/harbourline/docs",
    "registry.gitlab.com/harbourline/handbook",
    "registry.gitlab.com/harbourline/infra/bastion",
    "registry.gitlab.com/harbourline/infra/terraform-runner",
    "registry.gitlab.com/harbourline/platform/charts/edge/gateway",
    "registry.gitlab.com/harbourline/platform/charts/edge/waf-rules",
    "registry.gitlab.com/harbourline/web/landing",
    "registry.gitlab.com/harbourline/web/shop",
];
