//! The catalogue of the demo: a company's registry after three years of work.

use std::sync::OnceLock;

use super::build::{Image, Made, Push, ago};
use super::odd;
use super::store::Store;

/// Everything; made once, because a process that starts several registries would otherwise hash it all again.
pub fn catalogue() -> Store {
    static MADE: OnceLock<Store> = OnceLock::new();
    MADE.get_or_init(make).clone()
}

const THREE_YEARS: u32 = 3 * 365 * 24;
const MIB: u64 = 1 << 20;

fn make() -> Store {
    let mut store = Store::new();
    for (at, (name, versions, size)) in UPSTREAM.iter().enumerate() {
        upstream(&mut store, name, versions, *size, at % 3 != 0);
    }
    for (at, name) in SERVICES.iter().enumerate() {
        service(&mut store, name, at);
    }
    for (at, name) in PLAIN.iter().enumerate() {
        plain(&mut store, name, at);
    }
    monorepo(&mut store, "ci/monorepo", 10_000);
    odd::add(&mut store);
    store
}

/// Images taken over from outside: multi-arch, few versions with many names. Versions cross 1.9 → 1.10.
const UPSTREAM: [(&str, &[&str], u64); 14] = [
    ("library/alpine", &["3.9.6", "3.10.9", "3.18.9", "3.19.4", "3.20.3", "3.21.0"], 3),
    ("library/nginx", &["1.9.15", "1.10.3", "1.25.5", "1.26.2", "1.27.2"], 41),
    ("library/redis", &["6.2.16", "7.0.15", "7.2.6", "7.4.1"], 38),
    ("library/postgres", &["13.17", "14.14", "15.9", "16.5", "17.1"], 138),
    ("library/node", &["18.20.4", "20.18.0", "22.11.0", "23.2.0"], 320),
    ("library/python", &["3.9.20", "3.10.15", "3.11.10", "3.12.7", "3.13.0"], 290),
    ("library/golang", &["1.21.13", "1.22.9", "1.23.3"], 262),
    ("library/debian", &["10.13", "11.11", "12.8"], 49),
    ("library/busybox", &["1.35.0", "1.36.1", "1.37.0"], 2),
    ("library/traefik", &["2.9.10", "2.10.7", "2.11.14", "3.2.1"], 46),
    ("mirror/quay.io/prometheus/node-exporter", &["1.6.1", "1.7.0", "1.8.2"], 11),
    ("mirror/quay.io/prometheus/prometheus", &["2.45.6", "2.53.3", "3.0.0"], 103),
    ("mirror/registry.k8s.io/pause", &["3.8", "3.9", "3.10"], 1),
    ("mirror/ghcr.io/fluxcd/source-controller", &["1.2.5", "1.3.0", "1.4.1"], 44),
];

const SERVICES: [&str; 17] = [
    "team/checkout/api",
    "team/checkout/worker",
    "team/checkout/web",
    "team/checkout/e2e",
    "team/search/api",
    "team/search/indexer",
    "team/search/ui",
    "team/payments/gateway",
    "team/payments/ledger",
    "team/payments/reconciler",
    "team/platform/auth",
    "team/platform/edge-proxy",
    "team/platform/feature-flags",
    "team/platform/audit-log",
    "team/mobile/bff",
    "data/ingest/kafka-connect",
    "data/warehouse/dbt-runner",
];

const PLAIN: [&str; 14] = [
    "ci/builder",
    "ci/runner",
    "ci/cache/buildkit",
    "ci/e2e-browser",
    "ci/lint",
    "ml/inference/llama-server",
    "ml/training/cuda-base",
    "ml/notebooks",
    "ml/embeddings/e5-large",
    "ml/experiments/2025/q3/ranking/ablation-07/trainer",
    "data/airflow",
    "data/spark/driver",
    "tools/regctl",
    "tools/trivy-db-updater",
];

/// Numbers that look random and are the same every time (splitmix64).
fn noise(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

pub(super) fn noise_of(text: &str, salt: u64) -> u64 {
    text.bytes().fold(noise(salt), |hash, b| noise(hash ^ u64::from(b)))
}

/// Eight hexadecimal digits, as an abbreviated commit.
fn commit(text: &str, salt: u64) -> String {
    format!("{:08x}", noise_of(text, salt) >> 32)
}

fn label(key: &str, value: impl Into<String>) -> (String, String) {
    (format!("org.opencontainers.image.{key}"), value.into())
}

fn upstream(store: &mut Store, name: &str, versions: &[&str], size: u64, docker: bool) {
    let platforms = ["linux/amd64", "linux/arm64/v8", "linux/arm/v7", "linux/s390x"];
    let platforms = if size > 200 { &platforms[..2] } else { &platforms[..] };
    let short = name.rsplit('/').next().unwrap_or(name);
    let mut push = Push::to(store, name);
    for (at, version) in versions.iter().enumerate() {
        let from_end = u32::try_from(versions.len() - at).unwrap_or(1);
        let created = ago(from_end * 24 * 190 - 3000 + u32::try_from(noise_of(name, 1) % 900).unwrap_or(0));
        let mut children: Vec<Made> = Vec::new();
        for platform in platforms {
            let seed = noise_of(platform, noise_of(version, 7));
            let bytes = size * MIB + seed % (size * MIB / 2 + 1);
            children.push(push.image(&Image {
                created: created.clone(),
                platform: (*platform).to_owned(),
                layers: vec![
                    (format!("base-{}-{platform}", from_end / 2), 28 * MIB + noise_of(platform, 3) % MIB),
                    (format!("{short}-{version}-{platform}"), bytes),
                ],
                labels: vec![label("version", *version), label("title", short)],
                docker,
            }));
        }
        let made = if docker { push.index(&children) } else { push.attested_index(&children) };
        let minor = version.rsplit_once('.').map_or(*version, |(minor, _)| minor);
        let major = version.split('.').next().unwrap_or(version);
        push.tag(&[version, minor, major], &made);
        let suffixed = format!("{version}-slim");
        push.tag(&[&suffixed, "latest"], &made);
    }
}

fn app(name: &str, build: u64, version: &str, platform: &str, created: String) -> Image {
    let short = name.rsplit('/').next().unwrap_or(name);
    // The base image changes about twice a year, the dependencies every few builds, the program always.
    let (base, dependencies) = (build / 12, build / 4);
    let size = |what: &str, least: u64, spread: u64| least + noise_of(what, spread) % spread;
    Image {
        created,
        platform: platform.to_owned(),
        layers: vec![
            (format!("debian-{base}-{platform}"), size("debian", 27 * MIB, 3 * MIB)),
            (format!("runtime-{base}-{platform}"), size("runtime", 34 * MIB, 5 * MIB)),
            (
                format!("{name}-deps-{dependencies}-{platform}"),
                size(&format!("{name}{dependencies}"), 8 * MIB, 60 * MIB),
            ),
            (format!("{name}-app-{version}-{platform}"), size(&format!("{name}{version}"), MIB / 2, 6 * MIB)),
        ],
        labels: vec![
            label("title", short),
            label("version", version),
            label("revision", commit(name, build)),
            label("source", format!("https://git.example.com/{name}")),
        ],
        docker: false,
    }
}

/// A service of the company: releases for two platforms with attestations, builds of branches, nightly builds.
fn service(store: &mut Store, name: &str, at: usize) {
    let mut push = Push::to(store, name);
    let releases = 12 + (at as u64 * 5) % 9;
    let step = THREE_YEARS / u32::try_from(releases).unwrap_or(1);
    for build in 0..releases {
        // From 1.6 on, so that every service has both 1.9 and 1.10.
        let (minor, patch) = (6 + build * 2 / 3 + build / 9, build % 3);
        let version = format!("1.{minor}.{patch}");
        let hours = u32::try_from(releases - build).unwrap_or(1) * step - step / 2;
        let image = |platform: &str| app(name, build, &version, platform, ago(hours));
        let children = [push.image(&image("linux/amd64")), push.image(&image("linux/arm64"))];
        let made = push.attested_index(&children);
        let (full, short, sha) = (format!("v{version}"), format!("1.{minor}"), format!("sha-{}", commit(name, build)));
        push.tag(&[&full, &short, &sha, "1", "latest"], &made);
        if build + 2 == releases {
            push.tag(&["stable", "prod"], &made);
        }
        if build == releases / 2 {
            let candidate = format!("v1.{}.0-rc.1", minor + 1);
            push.tag(&[&candidate], &children[0]);
        }
    }
    for n in 0..8_u64 {
        let salt = 1000 + n;
        let hours = u32::try_from(n).unwrap_or(0) * 31 + 5;
        let (pr, head, night) = (
            format!("pr-{}-{}", 8812 - n * 3 - at as u64, &commit(name, salt)[..6]),
            format!("main-{}", commit(name, salt + 100)),
            format!("nightly-2026-10-{:02}", 31 - n),
        );
        let made = push.image(&app(name, releases + n / 4, &pr, "linux/amd64", ago(hours)));
        push.tag(&[&pr], &made);
        let made = push.image(&app(name, releases + n / 4, &head, "linux/amd64", ago(hours + 2)));
        push.tag(&[&head, &night], &made);
        if n == 0 {
            push.tag(&["main", "edge"], &made);
        }
    }
}

/// A tool or a model: one platform, dated tags, some of them large.
fn plain(store: &mut Store, name: &str, at: usize) {
    let mut push = Push::to(store, name);
    let large = if name.starts_with("ml/") { 1800 * MIB + noise_of(name, 5) % (900 * MIB) } else { 0 };
    for n in 0..(4 + at as u32 % 5) {
        let hours = n * 24 * 60 + 400 + at as u32 * 11;
        let day = ago(hours);
        let version = format!("{}{}.{}", &day[..4], &day[5..7], &day[8..10]);
        let mut image = app(name, u64::from(n), &version, "linux/amd64", day.clone());
        if large > 0 {
            image.layers.push((format!("{name}-weights-{}", n / 2), large));
        }
        let made = push.image(&image);
        push.tag(&[&version], &made);
        if n == 0 {
            push.tag(&["latest"], &made);
        }
    }
}

/// A repository where every commit left a tag: ten tags share about three digests. `latest` is one of
/// the tags counted.
fn monorepo(store: &mut Store, name: &str, tags: u64) {
    let mut push = Push::to(store, name);
    let mut made: Option<Made> = None;
    let hours_per_tag = f64::from(THREE_YEARS) / tags as f64;
    for n in 0..tags - 1 {
        let age = (tags - n) as f64 * hours_per_tag;
        let current = match made.take() {
            Some(made) if n % 10 != 0 && n % 10 != 4 && n % 10 != 7 => made,
            _ => {
                let mut image = app(name, n / 40, &format!("b{n}"), "linux/amd64", ago(age as u32));
                image.labels.truncate(3);
                push.image(&image)
            }
        };
        let tag = match n % 10 {
            0 => format!("v0.{}.{}", n / 200, n / 10 % 20),
            1 => format!("sha-{}", commit(name, n)),
            4 => format!("pr-{}-{}", 1000 + n / 2, &commit(name, n)[..6]),
            7 => format!("nightly-{}", n / 10),
            _ => format!("main-{}", commit(name, n)),
        };
        push.tag(&[&tag], &current);
        made = Some(current);
    }
    if let Some(last) = made {
        push.tag(&["latest"], &last);
    }
}
