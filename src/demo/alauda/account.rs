//! Who the user is, and what organisations there are (§1.2, §1.3).

use hyper::StatusCode;
use serde_json::{Value, json};

use super::not_found;
use super::server::Shared;
use super::store::AlaudaNamespace;
use crate::demo::reply::{self, Answer};

pub(super) fn profile(shared: &Shared) -> Answer {
    let user = &shared.options.user;
    let repositories: usize = shared.store().namespaces.get(user).map_or(0, |own| own.repositories.len());
    let fields = json!({
        "username": user,
        "realname": "李娜",
        "email": format!("{user}@example.cn"),
        "company": Value::Null,
        "mobile": Value::Null,
        "is_active": true,
        "is_available": true,
        "is_trialuser": false,
        "password_is_temp": false,
        "account_type": 1,
        "company_size": 3,
        "industry": 0,
        "feature_flags": 0,
        "currency": "CNY",
        "user_level": "basic",
        "type": "user",
        "prefered_language": "zh-CN",
        "invitation": "",
        "last_login": "2016-02-19T03:11:52.004Z",
        "joined_at": "2014-11-19T05:54:22.741Z",
        "app_created": Value::Null,
        "repo_created": (repositories > 0).then_some("2014-11-19T06:02:10.118Z"),
        "api_revoked": shared.entrance.revoked_at(),
        "logo_file": "/static/images/user/default-logo.png",
    });
    reply::document(StatusCode::OK, &fields)
}

fn organisation(name: &str, namespace: &AlaudaNamespace) -> Value {
    json!({"name": name, "company": namespace.company, "created_at": namespace.created_at})
}

/// Without any, the body is empty and not an empty list (§1.3).
pub(super) fn organisations(shared: &Shared) -> Answer {
    let store = shared.store();
    let mine = store.namespaces.iter().filter(|(name, org)| **name != shared.options.user && !org.foreign);
    let list: Vec<Value> = mine.map(|(name, org)| organisation(name, org)).collect();
    if list.is_empty() { reply::empty(StatusCode::OK) } else { reply::document(StatusCode::OK, &list.into()) }
}

pub(super) fn get_organisation(shared: &Shared, name: &str) -> Answer {
    let store = shared.store();
    let found = store.namespaces.get(name).filter(|org| name != shared.options.user && !org.foreign);
    found.map_or_else(not_found, |org| reply::document(StatusCode::OK, &organisation(name, org)))
}
