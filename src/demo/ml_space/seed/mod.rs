//! Three workspaces of a machine learning department; the first is the one people work in.

mod attrs;
mod names;
mod odd;

use serde_json::json;

use self::attrs::Kind;
use super::account::Account;
use super::store::{Image, Repository, Store, Tag, Workspace};
use crate::demo::build::ago;
use crate::domain::reference::{Digest, hex};
use crate::domain::uuid::Uuid;

/// The six colours people here use.
const COLOURS: [&str; 6] = ["#2E86C1", "#27AE60", "#C0392B", "#F39C12", "#8E44AD", "#7F8C8D"];

/// Accounts and workspaces, and nothing in the registries.
pub fn empty() -> Store {
    let workspaces = vec![
        workspace("vision-prod", "Computer vision", "a.orlova@vision.example"),
        workspace("nlp-research", "Языковые модели", "d.kim@nlp.example"),
        workspace("sandbox", "Sandbox", "a.orlova@vision.example"),
    ];
    let keys = |email: &str, count: usize| {
        let key = |workspace: &Workspace| (workspace.id, format!("demo-api-key-{}", short(&[email, &workspace.name])));
        workspaces.iter().take(count).map(key).collect()
    };
    let account = |key: &str, email: &str, person: bool, count: usize| Account {
        key_id: format!("demo-key-{key}"),
        key_secret: format!("demo-secret-{}", short(&[key])),
        email: email.to_owned(),
        person,
        password: format!("demo-password-{}", short(&[email])),
        api_keys: keys(email, count),
    };
    let accounts = vec![
        account("person", "a.orlova@vision.example", true, 3),
        account("service", "ci@service.vision.example", false, 2),
    ];
    Store { accounts, workspaces }
}

/// With everything in it.
pub fn catalogue() -> Store {
    let mut store = empty();
    if let [first, second, _] = store.workspaces.as_mut_slice() {
        let all = names::FIRST.iter().enumerate();
        first.repositories = all.map(|(at, (name, text, kind))| repository(first, at, name, text, *kind)).collect();
        first.repositories.extend(odd::all(first));
        let all = names::SECOND.iter().enumerate();
        second.repositories = all.map(|(at, (name, text, kind))| repository(second, at, name, text, *kind)).collect();
    }
    store
}

fn bits(parts: &[&str]) -> u128 {
    let Digest::Sha256(bytes) = Digest::of(parts.join("\n").as_bytes()) else { return 0 };
    bytes[..16].iter().fold(0, |all, byte| all << 8 | u128::from(*byte))
}

/// The same id every time.
fn id(parts: &[&str]) -> Uuid {
    Uuid::with_bits(bits(parts))
}

/// Numbers that look random, below `end`.
fn number(parts: &[&str], end: u32) -> u32 {
    u32::try_from(bits(parts) % u128::from(end.max(1))).unwrap_or(0)
}

fn short(parts: &[&str]) -> String {
    hex(&bits(parts).to_be_bytes()[..6])
}

fn workspace(name: &str, project: &str, owner: &str) -> Workspace {
    let allocation = id(&["allocation", name]);
    Workspace {
        id: id(&["workspace", name]),
        name: name.to_owned(),
        namespace: format!("ai0{:06}-{name}", number(&["namespace", name], 999_999)),
        project_id: id(&["project", name]),
        project_name: project.to_owned(),
        owner_email: owner.to_owned(),
        allocations: vec![json!({
            "id": allocation, "name": "A100 shared", "cluster_key": "a100", "cluster_name": "Christofari.1",
        })],
        registry_id: id(&["registry", name]),
        created_at: ago(2 * 365 * 24),
        updated_at: ago(3),
        repositories: Vec::new(),
    }
}

fn repository(of: &Workspace, at: usize, name: &str, description: &str, kind: Kind) -> Repository {
    let newest = 2 + number(&[&of.name, name, "newest"], 2000);
    let count = 1 + number(&[&of.name, name, "images"], 6);
    let images: Vec<Image> = (0..count)
        .map(|step| {
            let age = newest + (count - 1 - step) * 170;
            let number_here = step + 1;
            let mut tags = kind.tags(number_here);
            if number_here == count {
                tags.push("latest".to_owned());
            } else if number(&[name, "tagless", &step.to_string()], 5) == 0 {
                tags.clear();
            }
            image(name, kind, number_here, age, &tags)
        })
        .collect();
    Repository {
        id: id(&[&of.name, "repository", name]),
        name: name.to_owned(),
        description: (!description.is_empty()).then(|| description.to_owned()),
        labels: Some(kind.labels().iter().map(|&label| label.to_owned()).collect()),
        created_at: ago(newest + count * 200),
        updated_at: ago(newest),
        favorite: at == 3 || at == 17,
        images,
    }
}

fn image(repository: &str, kind: Kind, step: u32, age: u32, tags: &[String]) -> Image {
    let step_text = step.to_string();
    let of = [repository, step_text.as_str()];
    let tag = |(at, name): (usize, &String)| {
        let colour = number(&[repository, name], 9);
        Tag {
            id: id(&[of[0], of[1], "tag", name]),
            name: name.clone(),
            push_time: ago(age),
            pull_time: (at == 0).then(|| ago(age.min(36))),
            signed: number(&[repository, "signed"], 4) == 0,
            color: COLOURS.get(colour as usize).map(|&text| text.to_owned()),
        }
    };
    Image {
        id: id(&[of[0], of[1], "image"]),
        digest: Digest::of(of.join("\n").as_bytes()).to_string(),
        size: u64::from(kind.megabytes()) * 1_048_576 + u64::from(number(&[of[0], of[1], "size"], 90_000_000)),
        push_time: ago(age),
        pull_time: (number(&[of[0], of[1], "pull"], 3) > 0).then(|| ago(age.min(36))),
        extra_attrs: kind.attrs(repository, tags.first().map_or("", String::as_str), &ago(age + 1)),
        tags: tags.iter().enumerate().map(tag).collect(),
    }
}
