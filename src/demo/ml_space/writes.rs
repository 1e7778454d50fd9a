//! The calls that change something.

use hyper::StatusCode;
use serde_json::Value;

use super::answer::{self, Detail};
use super::check::Check;
use super::store::{Tag, Workspace, new_id, now};
use super::switches::Switches;
use super::wire;
use crate::demo::reply::Answer;
use crate::demo::request::Request;
use crate::domain::reference::TagName;
use crate::domain::uuid::Uuid;

/// Description and labels. What is left out stays, `description: null` clears it, and the labels are a difference, not
/// the whole list (§5, assumption A4).
pub(super) fn update(workspace: &mut Workspace, switches: &Switches, request: &Request, id: &str) -> Answer {
    let mut check = Check::new(request);
    let id = check.path_id("repository_id", id);
    let description = check.text_or_null("description");
    let (add, remove) = (check.texts("labels"), check.texts("labels_to_delete"));
    let Some(id) = id.filter(|_| !check.failed()) else { return check.refusal() };
    let Some(repository) = workspace.repository_mut(id) else { return switches.not_found("Repository") };
    if let Some(description) = description {
        repository.description = description;
    }
    if !add.is_empty() || !remove.is_empty() {
        let labels = repository.labels.get_or_insert_default();
        for label in add {
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        labels.retain(|label| !remove.contains(label));
    }
    repository.updated_at = now();
    shown(workspace, switches, id)
}

/// Sets, and does not toggle.
pub(super) fn favorite(workspace: &mut Workspace, switches: &Switches, request: &Request, id: &str) -> Answer {
    let mut check = Check::new(request);
    let (id, flag) = (check.path_id("repository_id", id), check.flag("favorite"));
    let (Some(id), Some(flag)) = (id, flag) else { return check.refusal() };
    let Some(repository) = workspace.repository_mut(id) else { return switches.not_found("Repository") };
    repository.favorite = flag;
    shown(workspace, switches, id)
}

fn shown(workspace: &Workspace, switches: &Switches, id: Uuid) -> Answer {
    match workspace.repository(id) {
        Some(repository) => answer::ok(&wire::repository(workspace, repository)),
        None => switches.not_found("Repository"),
    }
}

/// A tag of that name on another image of the repository moves; on the same image it is a conflict (assumption A3).
pub(super) fn create_tag(workspace: &mut Workspace, switches: &Switches, request: &Request) -> Answer {
    let mut check = Check::new(request);
    let (image, name, color) = (check.id("image_id"), check.text("name"), check.text_or_null("color"));
    let (Some(image), Some(name)) = (image, name) else { return check.refusal() };
    if check.failed() {
        return check.refusal();
    }
    if TagName::parse(&name).is_err() {
        let place = ["body", "name"];
        return answer::invalid(&[Detail::new(&place, "Tag name is not valid", "string_pattern_mismatch")]);
    }
    let holds = |repository: &&mut super::store::Repository| repository.images.iter().any(|it| it.id == image);
    let Some(repository) = workspace.repositories.iter_mut().find(holds) else { return switches.not_found("Image") };
    let has_it = |tag: &Tag| tag.name == name;
    if repository.images.iter().any(|it| it.id == image && it.tags.iter().any(has_it)) {
        return answer::detail(StatusCode::CONFLICT, &format!("Tag {name} already exists"));
    }
    let id = new_id();
    let tag = Tag { id, name: name.clone(), push_time: now(), pull_time: None, signed: false, color: color.flatten() };
    for it in &mut repository.images {
        it.tags.retain(|tag| tag.name != name);
        if it.id == image {
            it.tags.push(tag.clone());
        }
    }
    tag_shown(workspace, switches, id)
}

/// Nothing but the colour of a tag can change.
pub(super) fn recolour(workspace: &mut Workspace, switches: &Switches, request: &Request, id: &str) -> Answer {
    let mut check = Check::new(request);
    let (id, color) = (check.path_id("tag_id", id), check.text_or_null("color"));
    let Some(id) = id.filter(|_| !check.failed()) else { return check.refusal() };
    let Some(tag) = workspace.tag_mut(id) else { return switches.not_found("Tag") };
    if let Some(color) = color {
        tag.color = color;
    }
    tag_shown(workspace, switches, id)
}

fn tag_shown(workspace: &Workspace, switches: &Switches, id: Uuid) -> Answer {
    match workspace.tag(id) {
        Some((repository, image, tag)) => answer::ok(&wire::tag(workspace, repository, image, tag)),
        None => switches.not_found("Tag"),
    }
}

/// The ids that were deleted; those that do not exist are left out, and it is 200 all the same (assumption A2).
pub(super) fn delete(
    workspace: &mut Workspace,
    switches: &Switches,
    request: &Request,
    field: &str,
    one: impl Fn(&mut Workspace, Uuid) -> bool,
) -> Answer {
    let mut check = Check::new(request);
    let Some(ids) = check.ids(field) else { return check.refusal() };
    let done = switches.batch(ids).filter(|id| one(workspace, *id));
    answer::ok(&done.map(|id| Value::from(id.to_string())).collect())
}
