//! The objects of §4 as JSON.

use serde_json::{Value, json};

use super::store::{Image, Repository, Tag, Workspace};

/// Where images are pushed to and pulled from (§1); not served here.
const IMAGE_HOST: &str = "cr.ai.cloud.ru";

pub(super) fn workspace(it: &Workspace) -> Value {
    json!({
        "id": it.id, "name": it.name, "namespace": it.namespace, "project_id": it.project_id,
        "project_name": it.project_name, "owner_email": it.owner_email, "allocations": it.allocations,
    })
}

pub(super) fn registry(it: &Workspace) -> Value {
    json!({
        "id": it.registry_id, "name": it.id, "created_at": it.created_at, "updated_at": it.updated_at,
        "repositories_count": it.repositories.len(),
        "commands": {"login": format!("docker login {IMAGE_HOST}")},
    })
}

fn full_name(workspace: &Workspace, repository: &Repository) -> String {
    format!("{IMAGE_HOST}/{}/{}", workspace.id, repository.name)
}

pub(super) fn repository(workspace: &Workspace, it: &Repository) -> Value {
    let name = full_name(workspace, it);
    let tags = it.images.iter().flat_map(|at| at.tags.iter().map(move |one| tag(workspace, it, at, one)));
    let recent = it.images.iter().max_by(|a, b| a.push_time.cmp(&b.push_time));
    json!({
        "id": it.id, "name": it.name, "full_name": name, "description": it.description, "labels": it.labels,
        "created_at": it.created_at, "updated_at": it.updated_at, "registry_id": workspace.registry_id,
        "tags": tags.collect::<Vec<Value>>(), "favorite": it.favorite,
        "recent_image": recent.map(|recent| image(workspace, it, recent, &recent.tags)),
        "images_count": it.images.len(),
        "commands": {
            "tag": format!("docker tag SOURCE_IMAGE[:TAG] {name}[:TAG]"),
            "push": format!("docker push {name}[:TAG]"),
        },
    })
}

/// With these of its tags: a page may end in the middle of an image.
pub(super) fn image(workspace: &Workspace, of: &Repository, it: &Image, tags: &[Tag]) -> Value {
    let name = format!("{}@{}", full_name(workspace, of), it.digest);
    json!({
        "id": it.id, "digest": it.digest, "full_name": name, "repository_id": of.id, "size": it.size,
        "push_time": it.push_time, "pull_time": it.pull_time, "extra_attrs": it.extra_attrs,
        "tags": tags.iter().map(|one| tag(workspace, of, it, one)).collect::<Vec<Value>>(),
        "commands": {"pull": format!("docker pull {name}")},
    })
}

pub(super) fn tag(workspace: &Workspace, of: &Repository, at: &Image, it: &Tag) -> Value {
    let name = format!("{}:{}", full_name(workspace, of), it.name);
    json!({
        "id": it.id, "name": it.name, "full_name": name, "image_id": at.id, "repository_id": of.id,
        "push_time": it.push_time, "pull_time": it.pull_time, "signed": it.signed, "color": it.color,
        "commands": {"pull": format!("docker pull {name}")},
    })
}
