//! The calls that only read.

use serde_json::Value;

use super::answer::{self, Checked};
use super::check::Check;
use super::store::{Image, Repository, Store, Tag, Workspace};
use super::switches::Switches;
use super::wire;
use crate::demo::reply::Answer;
use crate::demo::request::Request;

pub(super) fn workspaces(store: &Store, account: usize) -> Answer {
    let may = |workspace: &&Workspace| {
        store.accounts.get(account).is_some_and(|account| account.api_keys.contains_key(&workspace.id))
    };
    let list: Vec<Value> = store.workspaces.iter().filter(may).map(wire::workspace).collect();
    answer::ok(&serde_json::json!({"workspaces": list}))
}

pub(super) fn workspace(store: &Store, switches: &Switches, account: usize, request: &Request, id: &str) -> Answer {
    let mut check = Check::new(request);
    let Some(id) = check.path_id("workspace_id", id) else { return check.refusal() };
    let may = store.accounts.get(account).is_some_and(|account| account.api_keys.contains_key(&id));
    match store.workspace(id).filter(|_| may) {
        Some(workspace) => answer::ok(&wire::workspace(workspace)),
        None => switches.not_found("Workspace"),
    }
}

/// `page` and `page_size` work although nothing describes them (§3); all of it without a size.
pub(super) fn repositories(workspace: &Workspace, request: &Request) -> Answer {
    let all: Vec<&Repository> = workspace.repositories.iter().collect();
    let cut = match page(request, &all) {
        Ok(cut) => cut,
        Err(refusal) => return *refusal,
    };
    answer::ok(&cut.iter().map(|repository| wire::repository(workspace, repository)).collect())
}

pub(super) fn repository(workspace: &Workspace, switches: &Switches, request: &Request, id: &str) -> Answer {
    let mut check = Check::new(request);
    let Some(id) = check.path_id("repository_id", id) else { return check.refusal() };
    match workspace.repository(id) {
        Some(repository) => answer::ok(&wire::repository(workspace, repository)),
        None => switches.not_found("Repository"),
    }
}

/// One row is an image with one of its tags, which is why pages cut through images (§3).
pub(super) fn images(workspace: &Workspace, switches: &Switches, request: &Request) -> Answer {
    let mut check = Check::new(request);
    let Some(id) = check.query_id("repository_id") else { return check.refusal() };
    let Some(repository) = workspace.repository(id) else { return switches.not_found("Repository") };
    let rows: Vec<(&Image, Option<&Tag>)> = repository
        .images
        .iter()
        .flat_map(|image| {
            let tagless = image.tags.is_empty().then_some((image, None));
            tagless.into_iter().chain(image.tags.iter().map(move |tag| (image, Some(tag))))
        })
        .collect();
    let cut = match page(request, &rows) {
        Ok(cut) => cut,
        Err(refusal) => return *refusal,
    };
    let pages = cut.chunks(switches.split_images.unwrap_or(usize::MAX).max(1));
    let list = pages.flat_map(|page| {
        page.chunk_by(|(a, _), (b, _)| a.id == b.id).map(|rows| {
            let tags: Vec<Tag> = rows.iter().filter_map(|(_, tag)| tag.cloned()).collect();
            wire::image(workspace, repository, rows[0].0, &tags)
        })
    });
    answer::ok(&list.collect())
}

pub(super) fn image(workspace: &Workspace, switches: &Switches, request: &Request, id: &str) -> Answer {
    let mut check = Check::new(request);
    let Some(id) = check.path_id("image_id", id) else { return check.refusal() };
    match workspace.image(id) {
        Some((repository, image)) => answer::ok(&wire::image(workspace, repository, image, &image.tags)),
        None => switches.not_found("Image"),
    }
}

pub(super) fn tags(workspace: &Workspace, switches: &Switches, request: &Request) -> Answer {
    let mut check = Check::new(request);
    let Some(id) = check.query_id("image_id") else { return check.refusal() };
    let Some((repository, image)) = workspace.image(id) else { return switches.not_found("Image") };
    match page(request, &image.tags) {
        Ok(cut) => answer::ok(&cut.iter().map(|tag| wire::tag(workspace, repository, image, tag)).collect()),
        Err(refusal) => *refusal,
    }
}

fn page<'a, T>(request: &Request, all: &'a [T]) -> Checked<&'a [T]> {
    let mut check = Check::new(request);
    let (number, size) = (check.query_number("page"), check.query_number("page_size"));
    let (Some(number), Some(size)) = (number, size) else { return Err(check.refusal().into()) };
    let size = size.unwrap_or(usize::MAX);
    let start = size.saturating_mul(number.unwrap_or(1) - 1).min(all.len());
    Ok(&all[start..start.saturating_add(size).min(all.len())])
}
