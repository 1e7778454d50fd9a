//! The four forms of a repository, as different as they are (§3.1).

use serde_json::{Map, Value, json};

use super::store::AlaudaRepository;

const LOGO: &str = "default-icon.jpg";

fn merged(parts: [Value; 2]) -> Value {
    let fields = parts.into_iter().filter_map(|part| match part {
        Value::Object(fields) => Some(fields),
        _ => None,
    });
    Value::Object(fields.flatten().collect::<Map<_, _>>())
}

/// What every form has; it is also all of the answer to an update.
pub(super) fn updated(namespace: &str, name: &str, repository: &AlaudaRepository) -> Value {
    json!({
        "repo_name": name,
        "namespace": namespace,
        "repo_path": format!("{namespace}/{name}"),
        "description": repository.description,
        "is_public": repository.is_public,
        "logo": LOGO,
    })
}

pub(super) fn created(namespace: &str, name: &str, repository: &AlaudaRepository) -> Value {
    let more = json!({
        "is_automated": repository.is_automated(),
        "creation_time": repository.created,
        "updated_time": repository.updated,
    });
    merged([updated(namespace, name, repository), more])
}

fn known(namespace: &str, name: &str, repository: &AlaudaRepository) -> Value {
    let more = json!({
        "full_description": repository.full_description,
        "is_automated": repository.is_automated(),
        "repo_starred_count": repository.stars,
        "download": repository.download,
        "upload": repository.upload,
        "pulled_at": repository.pulled_at,
        "pushed_at": repository.pushed_at,
        "updated_at": repository.updated,
    });
    merged([updated(namespace, name, repository), more])
}

pub(super) fn listed(namespace: &str, name: &str, repository: &AlaudaRepository) -> Value {
    merged([known(namespace, name, repository), json!({ "creation_at": repository.created })])
}

pub(super) fn shown(namespace: &str, name: &str, repository: &AlaudaRepository) -> Value {
    let mut more = json!({
        "created_at": repository.created,
        "is_repo_starred": repository.is_starred,
        "logo_file": "/static/images/user/default-logo.png",
    });
    if let Some(config) = &repository.build_config {
        more["build_config"] = config.clone();
        more["created_by"] = repository.created_by.as_str().into();
    }
    merged([known(namespace, name, repository), more])
}
