//! The contents of the demo's first-protocol registry.

use std::sync::OnceLock;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::archive::{Archive, Entry};
use super::seed_names::{OFFICIAL, SERVICES};
use super::seed_odd;
use super::store::Store;
use crate::domain::reference::hex;

pub(super) const MIB: u64 = 1 << 20;
/// 2015-03-09T11:42:07Z. The demo's dates do not move with the clock, so that ids are the same every day.
const NOW: i64 = 1_425_901_327;
const DAY: i64 = 86_400;

/// Everything; made once, because a process may start several registries.
pub fn catalogue() -> Store {
    static MADE: OnceLock<Store> = OnceLock::new();
    MADE.get_or_init(make).clone()
}

fn make() -> Store {
    let mut store = Store::new();
    for (at, (name, description, stars, tags)) in OFFICIAL.iter().enumerate() {
        let size = [2, 85, 188, 91, 110, 412][at % 6] * MIB;
        let mut image = String::new();
        for (n, tag) in tags.iter().enumerate() {
            // Every other name is one more for the image before.
            if n % 2 == 0 {
                let mut build = Build::new(&mut store, &format!("{name}:{tag}"), NOW - DAY * (400 - n as i64 * 60));
                build.step("#(nop) MAINTAINER Tianon Gravi <admwiggin@gmail.com>", empty_step());
                let archive = format!("#(nop) ADD file:{} in /", &sha(tag)[..40]);
                build.step(&archive, Archive::large(&ROOT, "usr/share/rootfs.img", size + n as u64 * MIB / 3));
                image = build.step("#(nop) CMD [/bin/bash]", empty_step());
            }
            store.tag(name, tag, &image, note(NOW - DAY * 30));
        }
        let repository = announce(&mut store, name);
        repository.description = Some((*description).to_owned());
        repository.stars = Some(*stars);
        repository.official = true;
    }
    let base = base(&mut store);
    for (at, (name, description, stars)) in SERVICES.iter().enumerate() {
        service(&mut store, name, at, &base);
        let repository = announce(&mut store, name);
        // Nobody described a few of them.
        repository.description = (at % 13 != 5).then(|| (*description).to_owned());
        repository.stars = *stars;
        repository.automated = at % 9 == 4;
    }
    invoice_api(&mut store, &base);
    nightly(&mut store, &base);
    seed_odd::add(&mut store, &base);
    store
}

pub(super) const ROOT: [Entry<'static>; 5] = [
    Entry::Folder("./bin/"),
    Entry::Program("./bin/sh", "#!/bin/busybox sh\n"),
    Entry::Folder("./etc/"),
    Entry::File("./etc/hostname", "localhost\n"),
    Entry::File("./etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=14.04\nDISTRIB_CODENAME=trusty\n"),
];

/// What a step leaves that only changes the configuration.
pub(super) fn empty_step() -> Archive {
    Archive::tar(&[])
}

pub(super) fn sha(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// Marks a repository as pushed by way of an index, with the images its tags lead to.
pub(super) fn announce<'a>(store: &'a mut Store, name: &str) -> &'a mut super::Repository {
    let tags = store.repositories.get(name).map(|repository| repository.tags.clone()).unwrap_or_default();
    let images: Vec<Value> = tags.iter().map(|(tag, set)| json!({"id": set.image, "Tag": tag})).collect();
    store.announce(name, &super::answer::python(&images.into()))
}

/// What Docker 1.5 left with a tag at that time.
pub(super) fn note(when: i64) -> Value {
    json!({
        "last_update": when, "docker_version": "1.5.0", "docker_go_version": "go1.4.1",
        "kernel": "3.13.0-45-generic", "os": "linux", "arch": "amd64",
    })
}

/// Builds images on top of each other, as a Dockerfile does.
pub(super) struct Build<'a> {
    pub store: &'a mut Store,
    salt: String,
    parent: Option<String>,
    at: i64,
    steps: usize,
}

impl<'a> Build<'a> {
    pub fn new(store: &'a mut Store, salt: &str, at: i64) -> Self {
        Self { store, salt: salt.to_owned(), parent: None, at, steps: 0 }
    }

    pub fn from(mut self, parent: &str) -> Self {
        self.parent = Some(parent.to_owned());
        self
    }

    pub fn step(&mut self, command: &str, layer: Archive) -> String {
        let fields = self.fields(command, &layer);
        self.add(&fields, layer)
    }

    pub fn add(&mut self, fields: &Value, layer: Archive) -> String {
        let id = self.store.add_image(fields, layer);
        self.parent = Some(id.clone());
        id
    }

    /// The document of the next step.
    pub fn fields(&mut self, command: &str, layer: &Archive) -> Value {
        self.steps += 1;
        self.at += 37;
        let created = jiff::Timestamp::new(self.at, 301_938_000).unwrap_or_default().to_string();
        // An empty archive is two empty records, which count as nothing.
        let size = layer.size().saturating_sub(1024);
        let config = json!({
            "Hostname": "7c1e33a0f2b9", "Domainname": "", "User": "", "Memory": 0, "MemorySwap": 0, "CpuShares": 0,
            "Cpuset": "", "AttachStdin": false, "AttachStdout": false, "AttachStderr": false, "PortSpecs": null,
            "ExposedPorts": {"8080/tcp": {}}, "Tty": false, "OpenStdin": false, "StdinOnce": false,
            "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"],
            "Cmd": ["/bin/sh", "-c", command], "Image": self.parent, "Volumes": null, "WorkingDir": "/srv",
            "Entrypoint": null, "NetworkDisabled": false, "MacAddress": "", "OnBuild": [], "Labels": null,
        });
        let mut run = config.clone();
        run["Cmd"] = json!(["/srv/run"]);
        let id = sha(&format!("{} {} {command}", self.salt, self.steps));
        let mut fields = json!({
            "id": id, "created": created, "container": sha(&format!("container of {id}")),
            "container_config": config, "docker_version": "1.5.0", "author": "Platform <platform@example.com>",
            "config": run, "architecture": "amd64", "os": "linux", "Size": size,
        });
        if let Some(parent) = &self.parent {
            fields["parent"] = parent.as_str().into();
        }
        fields
    }
}

/// What all services stand on.
fn base(store: &mut Store) -> String {
    let mut build = Build::new(store, "ops/base", NOW - DAY * 200);
    build.step(
        "#(nop) ADD file:62400a49cced0d7521560b501f6c52fe7d8a2b4c in /",
        Archive::large(&ROOT, "lib/rootfs", 188 * MIB),
    );
    build.step("#(nop) ENV LANG=C.UTF-8", empty_step());
    let certificates =
        [Entry::Folder("usr/local/share/ca-certificates/"), Entry::File("etc/timezone", "Europe/Berlin\n")];
    build.step("echo Europe/Berlin > /etc/timezone && update-ca-certificates", Archive::tar(&certificates))
}

/// Versions of a service, the newest under more names.
fn service(store: &mut Store, name: &str, at: usize, base: &str) {
    let short = name.rsplit('/').next().unwrap_or(name);
    let versions = 2 + at % 5;
    for n in 0..versions {
        let version = format!("1.{}.{}", n + 7, (at + n) % 4);
        let when = NOW - DAY * (19 * (versions - n) as i64 + at as i64);
        let mut build = Build::new(store, &format!("{name}:{version}"), when).from(base);
        let packages = Archive::large(&[], "var/cache/packages", (6 + (at as u64 * 7 + n as u64) % 38) * MIB);
        build.step(&format!("apt-get update && apt-get install -y {short}-dependencies"), packages);
        build.step("#(nop) EXPOSE 8080/tcp", empty_step());
        let program =
            [Entry::Folder("srv/"), Entry::File("srv/VERSION", &version), Entry::Link("srv/current", "/srv/run")];
        let program = Archive::large(&program, "srv/run", (1 + (at as u64 + n as u64) % 9) * MIB + 4321);
        let image = build.step(&format!("#(nop) ADD {short}-{version}.tar.gz in /srv"), program);
        store.tag(name, &version, &image, note(when + 600));
        if n + 1 == versions {
            store.tag(name, "latest", &image, note(when + 640));
            store.tag(name, "production", &image, note(when + DAY));
        }
    }
}

/// The longest chain: twelve images with the base, every sort of layer among them.
fn invoice_api(store: &mut Store, base: &str) {
    let name = "billing/invoice-api";
    let when = NOW - DAY * 3;
    let mut build = Build::new(store, name, when).from(base);
    build.step("#(nop) MAINTAINER Billing <billing@example.com>", empty_step());
    build.step(
        "apt-get update && apt-get install -y openjdk-7-jre-headless",
        Archive::large(&[], "usr/lib/jvm/rt.jar", 50 * MIB),
    );
    build.step("#(nop) ENV JAVA_HOME=/usr/lib/jvm/java-7-openjdk-amd64", empty_step());
    build.step("rm -rf /var/lib/apt/lists/*", Archive::tar(&[Entry::Folder("./var/"), Entry::Gone("./lists")]));
    let settings = [Entry::Folder("srv/"), Entry::File("srv/invoice.yml", "currency: EUR\nrounding: half-even\n")];
    build.step("#(nop) COPY file:1d3c6a in /srv/invoice.yml", Archive::gzip(&settings));
    build.step("#(nop) VOLUME [/srv/archive]", Archive::default());
    build.step("#(nop) ADD invoice-api-2.4.1.jar in /srv", Archive::large(&[], "srv/invoice-api.jar", 17 * MIB));
    build.step("#(nop) EXPOSE 8080/tcp", empty_step());
    let image = build.step("#(nop) CMD [java -jar /srv/invoice-api.jar]", empty_step());
    for tag in ["2.4.1", "2.4", "latest", "production"] {
        store.tag(name, tag, &image, note(when + 900));
    }
    let repository = announce(store, name);
    repository.description = Some("Invoices over HTTP, from draft to dunning".to_owned());
    repository.stars = Some(15);
}

/// What a build server leaves behind when nobody cleans up: 400 tags.
fn nightly(store: &mut Store, base: &str) {
    let name = "ci/nightly";
    for n in 0..400_u64 {
        let when = NOW - DAY * (400 - n as i64);
        let mut build = Build::new(store, &format!("{name}:{n}"), when).from(base);
        let layer = Archive::large(&[], "srv/bundle", 3 * MIB + n * 1999);
        let image = build.step(&format!("#(nop) ADD bundle-{}.tar.gz in /srv", 4100 + n), layer);
        let info = if n % 7 == 0 { json!({"last_update": when}) } else { note(when) };
        store.tag(name, &format!("build-{}", 4100 + n), &image, info);
    }
    let repository = announce(store, name);
    repository.description = Some("One tag for every build".to_owned());
    repository.stars = Some(0);
    repository.automated = true;
}
