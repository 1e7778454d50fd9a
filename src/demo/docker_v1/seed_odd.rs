//! What old registries have gathered: half pushes, damaged tags, documents of other times.

use serde_json::{Value, json};

use super::archive::{Archive, Entry};
use super::image::Sum;
use super::seed::{Build, MIB, announce, empty_step, note, sha};
use super::store::{Store, Tag};

const WHEN: i64 = 1_419_930_000;

pub(super) fn add(store: &mut Store, base: &str) {
    tags(store, base);
    documents(store, base);
    pushes(store, base);
    names(store, base);
}

fn described(store: &mut Store, name: &str, description: &str) {
    let repository = announce(store, name);
    repository.description = Some(description.to_owned());
    repository.stars = Some(0);
}

fn simple(store: &mut Store, salt: &str, base: &str) -> String {
    let mut build = Build::new(store, salt, WHEN).from(base);
    build.step(&format!("#(nop) ADD {salt} in /srv"), Archive::large(&[], "srv/run", MIB))
}

/// None, one, and one that somebody set with a blank in its name: it is stored escaped, and listed without an image.
fn tags(store: &mut Store, base: &str) {
    described(store, "attic/retired", "Announced, and never pushed");
    let image = simple(store, "attic/cron", base);
    store.tag("attic/cron", "latest", &image, note(WHEN));
    described(store, "attic/cron", "The one job nobody dares to stop");
    store.tag("attic/release-train", "2014-week-50", &image, note(WHEN));
    store.tag("attic/release-train", "2014 week 51", &image, note(WHEN + 9));
    described(store, "attic/release-train", "Weekly bundles; one tag is damaged");
    // Tags alone do not announce a repository: no search finds this one.
    store.tag("attic/unlisted", "latest", &image, Value::Null);
    let name = "attic/vault-tools";
    store.tag(name, "0.3", &image, note(WHEN));
    described(store, name, "Keys of the production hosts");
    store.repository(name).private = true;
}

fn documents(store: &mut Store, base: &str) {
    let name = "attic/documents";
    let mut build = Build::new(store, "null fields", WHEN).from(base);
    let layer = Archive::tar(&[Entry::File("srv/README", "kept for the auditors\n")]);
    let mut fields = build.fields("#(nop) ADD README in /srv", &layer);
    for key in ["config", "author", "docker_version", "container"] {
        fields[key] = Value::Null;
    }
    fields["container_config"] = json!({"Cmd": null, "Env": null, "ExposedPorts": null});
    let nulls = build.add(&fields, layer.clone());
    store.tag(name, "null-config", &nulls, json!({"last_update": null, "docker_version": null, "arch": null}));

    let mut build = Build::new(store, "zero time", WHEN).from(base);
    let mut fields = build.fields("make install", &layer);
    fields["created"] = "0001-01-01T00:00:00Z".into();
    fields["comment"] = "Imported from -".into();
    let zero = build.add(&fields, layer.clone());
    store.tag(name, "zero-time", &zero, note(WHEN + 60));

    // Docker 0.5 wrote a command as one string, an empty parent, and no size.
    let old = json!({
        "id": sha("docker 0.5")[..16], "parent": "", "created": "2013-07-24T17:52:34.1+02:00",
        "container_config": {"Cmd": "/bin/sh -c 'apt-get install -y python'", "Image": "base"},
        "Comment": "before everything", "docker_version": "0.5.0", "architecture": "x86_64",
    });
    let old = store.add_image(&old, Archive::large(&[], "usr/bin/python2.7", 24 * MIB));
    if let Some(image) = store.images.get_mut(&old) {
        image.sum = Sum::None;
    }
    store.tag(name, "docker-0.5", &old, Value::Null);

    let mut build = Build::new(store, "wide text", WHEN).from(base);
    let mut fields = build.fields("#(nop) ENV GREETING=您好，世界", &layer);
    fields["author"] = "株式会社サンプル 開発部 <dev@example.co.jp>".into();
    fields["comment"] = "账单服务：每晚构建，自动清理旧标签".into();
    let wide = build.add(&fields, layer);
    store.tag(name, "wide-text", &wide, note(WHEN + 120));
    described(store, name, "归档：各种旧格式的镜像 (documents of other times)");
}

/// What broken pushes and broken disks left.
fn pushes(store: &mut Store, base: &str) {
    let name = "attic/broken";
    let sound = simple(store, "sound", base);
    store.tag(name, "sound", &sound, note(WHEN));

    let wrong = simple(store, "wrong checksum", base);
    let unfinished = simple(store, "unfinished", base);
    let orphan = simple(store, "orphan", base);
    if let Some(image) = store.images.get_mut(&wrong) {
        image.sum = Sum::Kept(format!("sha256:{}", sha("another layer")));
    }
    if let Some(image) = store.images.get_mut(&unfinished) {
        image.unfinished = true;
    }
    if let Some(image) = store.images.get_mut(&orphan) {
        // The parent's folder went when a disk was full; the list still names it.
        image.ancestry.insert(1, sha("gone with the disk"));
    }
    store.tag(name, "wrong-checksum", &wrong, note(WHEN + 1));
    store.tag(name, "unfinished-push", &unfinished, note(WHEN + 2));
    store.tag(name, "missing-parent", &orphan, note(WHEN + 3));
    let lost = sha("image that is nowhere");
    store.repository(name).tags.insert("lost-image".to_owned(), Tag { image: lost, info: note(WHEN + 4) });
    described(store, name, "Pushes that broke off, and what a full disk left");
}

fn names(store: &mut Store, base: &str) {
    let long = format!("attic/{}", "very-long-component-name.".repeat(6) + "service");
    let mut build = Build::new(store, &long, WHEN).from(base);
    let words = "sed -i 's/#listen_addresses/listen_addresses/' /etc/postgresql/9.3/main/postgresql.conf && ".repeat(9);
    let image = build.step(&format!("{words}true"), empty_step());
    store.tag(&long, &format!("feature-{}", "branch_with_a_long_name-".repeat(5)), &image, note(WHEN));
    store.tag(&long, "v1", &image, note(WHEN + 5));
    described(store, &long, "A name that was generated from a path, as were its tags");
}
