//! From a request's path to what it is for, as Flask matches it: the rules in order, and a rule that knows the path but
//! not the method leaves the path to the next one.

use super::path;

/// What a path is for. Repositories are named as they are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Issue,
    Ping,
    Search,
    Users,
    Account,
    Repository(String),
    Images(String),
    Auth(String),
    Tags(String),
    Tag(String, String),
    TagInfo(String, String),
    Info(String),
    Properties(String),
    Json(String),
    Layer(String),
    Checksum(String),
    Ancestry(String),
    Files(String),
    Diff(String),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Route(Route),
    /// There is one with a slash at the end.
    Slash,
    /// Only for these methods.
    Methods(Vec<&'static str>),
    Nothing,
}

struct Rule {
    route: Route,
    methods: &'static [&'static str],
    /// Only for paths that end with a slash.
    slash: bool,
}

impl Route {
    pub fn repository(&self) -> Option<&str> {
        match self {
            Self::Repository(name)
            | Self::Images(name)
            | Self::Auth(name)
            | Self::Tags(name)
            | Self::Tag(name, _)
            | Self::TagInfo(name, _)
            | Self::Info(name)
            | Self::Properties(name) => Some(name),
            _ => None,
        }
    }
}

/// `offers` says which rules the server has.
pub(super) fn find(method: &str, path: &str, offers: impl Fn(&Route, &str) -> bool) -> Found {
    let path = path::decoded(path);
    let method = if method == "HEAD" { "GET" } else { method };
    let mut methods: Vec<&'static str> = Vec::new();
    for Rule { route, methods: known, slash } in rules(&path) {
        let known: Vec<&'static str> = known.iter().copied().filter(|method| offers(&route, method)).collect();
        if known.contains(&method) {
            return if slash && !path.ends_with('/') { Found::Slash } else { Found::Route(route) };
        }
        if !slash || path.ends_with('/') {
            methods.extend(known);
        }
    }
    if methods.is_empty() {
        return Found::Nothing;
    }
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    methods.sort_unstable();
    methods.dedup();
    Found::Methods(methods)
}

fn rules(path: &str) -> Vec<Rule> {
    let rule = |route, methods| Rule { route, methods, slash: false };
    match path {
        "/" => return vec![rule(Route::Issue, &["GET"])],
        "/_ping" | "/v1/_ping" => return vec![rule(Route::Ping, &["GET"])],
        "/v1/search" => return vec![rule(Route::Search, &["GET"])],
        "/v1/users" | "/v1/users/" => {
            return vec![Rule { route: Route::Users, methods: &["GET", "POST"], slash: true }];
        }
        _ => {}
    }
    if let Some(name) = path.strip_prefix("/v1/users/") {
        let single = !name.trim_end_matches('/').contains('/');
        return single.then_some(Rule { route: Route::Account, methods: &["PUT"], slash: true }).into_iter().collect();
    }
    if let Some(rest) = path.strip_prefix("/v1/images/") {
        let Some((id, what)) = rest.split_once('/').filter(|(id, _)| !id.is_empty()) else { return Vec::new() };
        let id = id.to_owned();
        return match what {
            "json" => vec![rule(Route::Json(id), &["GET", "PUT"])],
            "layer" => vec![rule(Route::Layer(id), &["GET", "PUT"])],
            "checksum" => vec![rule(Route::Checksum(id), &["PUT"])],
            "ancestry" => vec![rule(Route::Ancestry(id), &["GET"])],
            "files" => vec![rule(Route::Files(id), &["GET"])],
            "diff" => vec![rule(Route::Diff(id), &["GET"])],
            _ => Vec::new(),
        };
    }
    path.strip_prefix("/v1/repositories/")
        .filter(|rest| !rest.is_empty() && !rest.starts_with('/'))
        .map(below)
        .unwrap_or_default()
}

/// Longer rules first. Whatever no other rule takes is the name of a repository, slashes and all.
fn below(rest: &str) -> Vec<Rule> {
    let rule = |route, methods| Rule { route, methods, slash: false };
    let segments: Vec<&str> = rest.split('/').collect();
    let before = |count: usize| path::repository(&segments[..segments.len() - count].join("/"));
    let mut rules = match segments[..] {
        [_, .., "tags", tag, "json"] if segments.len() > 3 && !tag.is_empty() => {
            vec![rule(Route::TagInfo(before(3), tag.to_owned()), &["GET"]), rule(Route::Info(before(1)), &["GET"])]
        }
        [_, .., "tags", tag] if segments.len() > 2 && !tag.is_empty() => {
            vec![rule(Route::Tag(before(2), tag.to_owned()), &["GET", "PUT", "DELETE"])]
        }
        [_, .., "tags"] => vec![rule(Route::Tags(before(1)), &["GET", "DELETE"])],
        [_, .., "images"] => vec![rule(Route::Images(before(1)), &["GET", "PUT", "DELETE"])],
        [_, .., "json"] => vec![rule(Route::Info(before(1)), &["GET"])],
        [_, .., "properties"] => vec![rule(Route::Properties(before(1)), &["GET", "PUT"])],
        [_, .., "auth"] => vec![rule(Route::Auth(before(1)), &["PUT"])],
        _ => Vec::new(),
    };
    let name = path::repository(rest);
    rules.push(rule(Route::Repository(name.clone()), &["PUT"]));
    rules.push(Rule { route: Route::Repository(name), methods: &["DELETE"], slash: true });
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> Found {
        find(method, path, |_, _| true)
    }

    fn route(method: &str, path: &str) -> Route {
        match found(method, path) {
            Found::Route(route) => route,
            other => panic!("{method} {path}: {other:?}"),
        }
    }

    #[test]
    fn paths_are_matched_as_flask_does_it() {
        let api = || "acme/api".to_owned();
        assert_eq!(route("GET", "/v1/repositories/acme/api/tags"), Route::Tags(api()));
        assert_eq!(route("HEAD", "/v1/repositories/acme/api/tags/1.0"), Route::Tag(api(), "1.0".into()));
        assert_eq!(route("GET", "/v1/repositories/acme/api/tags/1.0/json"), Route::TagInfo(api(), "1.0".into()));
        assert_eq!(route("GET", "/v1/repositories/baz/tags"), Route::Tags("library/baz".into()));
        assert_eq!(route("DELETE", "/v1/repositories/acme/api/"), Route::Repository(api()));
        assert_eq!(found("DELETE", "/v1/repositories/acme/api"), Found::Slash);
        assert_eq!(route("PUT", "/v1/repositories/acme/api"), Route::Repository(api()));
        assert_eq!(route("PUT", "/v1/repositories/acme/api/"), Route::Repository(api()));
        assert_eq!(found("GET", "/v1/users"), Found::Slash);
        assert_eq!(found("GET", "/v2/"), Found::Nothing);
        assert_eq!(found("GET", "/v1/images/abc/json/"), Found::Nothing);
        assert_eq!(found("DELETE", "/v1/images/abc/json"), Found::Methods(vec!["GET", "HEAD", "OPTIONS", "PUT"]));
    }

    /// A tag with a slash, a slash behind the tags, and a name that looks like a rule.
    #[test]
    fn what_no_rule_takes_names_a_repository() {
        let with_slash = "/v1/repositories/acme/api/tags/a/b";
        assert_eq!(route("PUT", with_slash), Route::Repository("acme/api%2Ftags%2Fa%2Fb".into()));
        assert_eq!(found("GET", with_slash), Found::Methods(vec!["OPTIONS", "PUT"]));
        let slash = found("GET", "/v1/repositories/acme/api/tags/");
        assert_eq!(slash, Found::Methods(vec!["DELETE", "OPTIONS", "PUT"]));
        assert_eq!(route("PUT", "/v1/repositories/acme/api/tags"), Route::Repository("acme/api%2Ftags".into()));
    }
}
