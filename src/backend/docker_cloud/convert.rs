//! From its objects to what is shown. Everything passes the cleaning here.

use std::sync::Arc;

use super::assumed::{self, DOCKER_HUB};
use super::wire;
use crate::backend::json::Object;
use crate::domain::clean::{self, Clean};
use crate::domain::reference::RepoName;
use crate::domain::repository::{Elsewhere, Group, RepoInfo};

/// Names and values of fields that are shown one below the other.
#[derive(Default)]
pub(super) struct More(Vec<(Clean, Clean)>);

impl More {
    fn add(&mut self, name: &'static str, value: Option<String>) {
        if let Some(value) = value {
            self.0.push((Clean::fixed(name), clean::line(&value)));
        }
    }
}

pub(super) fn group(object: &Object<'_>, raw: Option<&str>) -> Option<Group> {
    let host = object.some_text("host")?;
    let uri = object.text("resource_uri");
    let key = uri.as_deref().and_then(wire::registry_key).unwrap_or(&host).to_owned();
    let mut more = More::default();
    more.add("address in the API", uri.clone());
    more.add("icon", object.some_text("icon_url"));
    Some(Group {
        key,
        name: clean::line(&object.some_text("name").unwrap_or_else(|| host.clone())),
        host: clean::identifier(&host),
        port: object.number("port").and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0),
        encrypted: !object.has("is_ssl") || object.flag("is_ssl"),
        official: wire::is_official(object),
        more: more.0,
        raw: raw.map(Arc::from),
    })
}

/// `registry` is the one its object names, where that is known.
pub(super) fn repository(
    name: &RepoName,
    object: &Object<'_>,
    registry: Option<&Group>,
    raw: Option<&str>,
) -> RepoInfo {
    let key = object.text("registry").as_deref().and_then(wire::registry_key).map(clean::identifier);
    let tags = object.array("tags");
    let mut more = More::default();
    more.add("state", object.some_text("state"));
    more.add("last build", object.some_text("last_build_date"));
    more.add("public page", object.some_text("public_url"));
    more.add("tags", names_of_tags(object));
    let categories: Vec<String> = object.objects("categories").iter().filter_map(|one| one.some_text("name")).collect();
    more.add("categories", (!categories.is_empty()).then(|| categories.join(", ")));
    more.add("built from", object.raw("build_source").filter(|raw| *raw != "null").map(str::to_owned));
    more.add("quick start", object.has("jumpstart").then(|| yes_or_no(object.flag("jumpstart"))));
    RepoInfo {
        description: object.some_text("description").map(|text| clean::line(&text)),
        public: object.has("is_private_image").then(|| !object.flag("is_private_image")),
        in_use: object.has("in_use").then(|| object.flag("in_use")),
        stars: object.number("star_count"),
        tags: object.has("tags").then_some(tags.len() as u64),
        group: registry.map(Group::heading).or(key).or_else(|| Some(clean::identifier(home(name).0))),
        elsewhere: elsewhere(name, registry),
        more: more.0,
        raw: raw.map(Arc::from),
        ..RepoInfo::default()
    }
}

fn yes_or_no(flag: bool) -> String {
    if flag { "yes" } else { "no" }.to_owned()
}

/// A tag is the last part of its path (§5).
fn names_of_tags(object: &Object<'_>) -> Option<String> {
    let paths = object.texts("tags");
    let names: Vec<&str> = paths
        .iter()
        .filter_map(|path| path.trim_end_matches('/').rsplit('/').next())
        .filter(|n| !n.is_empty())
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// The host a name begins with, its port, and the name at that host.
fn home(name: &RepoName) -> (&str, Option<u16>, &str) {
    let Some((first, rest)) = name.as_str().split_once('/').filter(|(first, _)| assumed::is_host(first)) else {
        return (DOCKER_HUB[0], None, name.as_str());
    };
    match first.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok(), rest),
        None => (first, None, rest),
    }
}

/// The repository at its own registry: the host comes from the registry's object, not from the name, where the name has
/// none (§8.6).
fn elsewhere(name: &RepoName, registry: Option<&Group>) -> Option<Elsewhere> {
    let (own_host, own_port, rest) = home(name);
    let host = registry.map_or(own_host, |registry| registry.host.as_str());
    let port = registry.and_then(|registry| registry.port).or(own_port);
    let encrypted = registry.is_none_or(|registry| registry.encrypted);
    let safe = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
    // What is written there in the place of `host/nginx`.
    let library = DOCKER_HUB.contains(&host) && !rest.contains('/');
    let repository = if library { format!("library/{rest}") } else { rest.to_owned() };
    if !safe {
        return None;
    }
    let (scheme, usual) = if encrypted { ("https", 443) } else { ("http", 80) };
    let port = port.filter(|port| *port != usual).map(|port| format!(":{port}")).unwrap_or_default();
    Some(Elsewhere { url: format!("{scheme}://{host}{port}"), repository })
}

/// The same for a name that is in no list yet: one of these registries may be the host it begins with.
pub(super) fn new_home<'a>(name: &RepoName, registries: impl Iterator<Item = &'a Group>) -> Option<Elsewhere> {
    let (host, port, _) = home(name);
    let is_it = |group: &&Group| {
        let key = port.map(|port| format!("{host}:{port}"));
        group.host.as_str() == host && (port.is_none() || group.port == port || Some(&group.key) == key.as_ref())
    };
    let mut found = registries.filter(is_it);
    let first = found.next();
    // Two on one host: which of them, only the service knows.
    elsewhere(name, first.filter(|_| found.next().is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(text: &str) -> Group {
        group(&Object::parse(text).expect("an object"), None).expect("a registry")
    }

    fn at(name: &str, registry: Option<&Group>) -> (String, String) {
        let found = elsewhere(&RepoName::loose(name).unwrap(), registry).expect("a place");
        (found.url, found.repository)
    }

    fn pair(url: &str, repository: &str) -> (String, String) {
        (url.to_owned(), repository.to_owned())
    }

    #[test]
    fn a_repository_is_found_at_its_own_registry() {
        let hub = registry(r#"{"host":"registry-1.docker.io","port":443,"is_ssl":true}"#);
        assert_eq!(at("acme/api", Some(&hub)), pair("https://registry-1.docker.io", "acme/api"));
        assert_eq!(at("nginx", Some(&hub)), pair("https://registry-1.docker.io", "library/nginx"));
        assert_eq!(at("acme/api", None), pair("https://registry-1.docker.io", "acme/api"));
        let build = registry(r#"{"host":"buildbox.local","port":5000,"is_ssl":false}"#);
        assert_eq!(at("buildbox.local:5000/a/b", Some(&build)), pair("http://buildbox.local:5000", "a/b"));
        let silent = registry(r#"{"host":"hub.example","port":null,"is_ssl":true}"#);
        assert_eq!(at("hub.example:8443/a", Some(&silent)), pair("https://hub.example:8443", "a"));
        assert_eq!(at("hub.example/a", Some(&silent)), pair("https://hub.example", "a"));
        assert_eq!(at("quay.io/a/b/c/d/e", None), pair("https://quay.io", "a/b/c/d/e"));
        assert_eq!(at("localhost/a", None), pair("https://localhost", "a"));
        let odd = registry(r#"{"host":"evil/../x"}"#);
        assert_eq!(elsewhere(&RepoName::loose("a/b").unwrap(), Some(&odd)), None);
    }

    #[test]
    fn a_new_name_is_at_the_registry_of_its_host() {
        let plain = registry(r#"{"host":"buildbox.local","port":5000,"is_ssl":false}"#);
        let hub = registry(r#"{"host":"registry-1.docker.io","port":443,"is_ssl":true}"#);
        let all = [plain, hub];
        let at = |name: &str| {
            let found = new_home(&RepoName::loose(name).unwrap(), all.iter()).expect("a place");
            (found.url, found.repository)
        };
        assert_eq!(at("buildbox.local:5000/new"), pair("http://buildbox.local:5000", "new"));
        assert_eq!(at("buildbox.local:6000/new"), pair("https://buildbox.local:6000", "new"));
        assert_eq!(at("nginx"), pair("https://registry-1.docker.io", "library/nginx"));
        assert_eq!(at("ghcr.io/a/b"), pair("https://ghcr.io", "a/b"));
    }

    #[test]
    fn fields_may_be_missing_null_or_of_another_kind() {
        let name = RepoName::loose("quay.io/a/b").unwrap();
        for text in ["{}", r#"{"in_use":null,"tags":null,"star_count":"many","categories":7,"registry":{}}"#] {
            let info = repository(&name, &Object::parse(text).unwrap(), None, None);
            assert_eq!((info.in_use, info.tags, info.stars, info.more.len()), (None, None, None, 0), "{text}");
            assert_eq!(info.group.unwrap().as_str(), "quay.io");
        }
        let text = r#"{"in_use":true,"is_private_image":false,"tags":["/api/x/tag/latest/","/api/x/tag/v1/"],
            "categories":[{"name":"Databases"},{}],"build_source":{"a":1},"description":"red \u001b[31m","jumpstart":true}"#;
        let info = repository(&name, &Object::parse(text).unwrap(), None, None);
        assert_eq!((info.in_use, info.public, info.tags), (Some(true), Some(true), Some(2)));
        assert!(!info.description.unwrap().as_str().contains('\u{1b}'));
        let more: Vec<String> = info.more.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(more, ["tags: latest, v1", "categories: Databases", "built from: {\"a\":1}", "quick start: yes"]);
    }

    #[test]
    fn registries_of_all_years_are_read() {
        let old = registry(r#"{"host":"r.example","is_tutum_registry":true,"name":"R","port":0}"#);
        assert!(old.official && old.encrypted && old.port.is_none());
        assert_eq!(old.heading().as_str(), "R (r.example)");
        let bare = registry(r#"{"host":"r.example","resource_uri":"/api/repo/v1/registry/r.example:5000/"}"#);
        assert_eq!((bare.key.as_str(), bare.official, bare.heading().as_str()), ("r.example:5000", false, "r.example"));
        assert!(group(&Object::parse(r#"{"name":"no host"}"#).unwrap(), None).is_none());
    }
}
