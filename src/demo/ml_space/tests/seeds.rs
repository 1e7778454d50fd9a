//! What the demo shows and the client has to cope with.

use std::collections::BTreeSet;

use super::{Person, start};
use crate::demo::ml_space::{Repository, catalogue, empty};

fn repositories() -> Vec<Repository> {
    catalogue().workspaces.swap_remove(0).repositories
}

#[test]
fn there_is_enough_of_everything() {
    let store = catalogue();
    assert_eq!(store.workspaces.len(), 3);
    let all = repositories();
    assert!(all.len() >= 61, "{}", all.len());
    assert_eq!(all.iter().filter(|repository| repository.favorite).count(), 2);
    let twelve = all.iter().flat_map(|r| &r.images).find(|image| image.tags.len() == 12).expect("twelve tags");
    let colours: BTreeSet<_> = twelve.tags.iter().filter_map(|tag| tag.color.as_deref()).collect();
    assert_eq!(colours.len(), 6);
    let odd: Vec<Option<&str>> =
        all.iter().flat_map(|r| &r.images).flat_map(|i| &i.tags).map(|tag| tag.color.as_deref()).collect();
    for colour in [Some("#abc"), Some("Teal"), Some("not a colour"), Some(""), None] {
        assert!(odd.contains(&colour), "{colour:?}");
    }
}

#[test]
fn null_and_odd_fields_are_there() {
    let all = repositories();
    assert!(all.iter().any(|r| r.description.is_none()) && all.iter().any(|r| r.labels.is_none()));
    assert!(all.iter().any(|r| r.images.is_empty()), "without a recent image");
    let images: Vec<_> = all.iter().flat_map(|r| &r.images).collect();
    assert!(images.iter().any(|image| image.pull_time.is_none()));
    assert!(images.iter().any(|image| image.tags.is_empty()));
    assert!(images.iter().any(|image| image.extra_attrs.to_string().len() > 40 * 1024));
    assert!(images.iter().any(|image| image.extra_attrs == serde_json::json!({})));
    assert!(all.iter().flat_map(|r| r.labels.iter().flatten()).any(|label| label == "обучение"));
    assert!(all.iter().any(|r| r.name.contains('\u{1b}')));
    assert!(images.iter().flat_map(|image| &image.tags).any(|tag| tag.name.contains('\u{1b}')));
}

#[test]
fn ids_are_unique_and_names_too() {
    let store = catalogue();
    let mut ids = BTreeSet::new();
    for workspace in &store.workspaces {
        let mut names = BTreeSet::new();
        for repository in &workspace.repositories {
            assert!(ids.insert(repository.id) && names.insert(&repository.name), "{}", repository.name);
            let mut tags = BTreeSet::new();
            for image in &repository.images {
                assert!(ids.insert(image.id), "{}", repository.name);
                assert!(
                    image.tags.iter().all(|tag| ids.insert(tag.id) && tags.insert(&tag.name)),
                    "{}",
                    repository.name
                );
            }
        }
    }
}

#[tokio::test]
async fn without_data_one_can_still_sign_in() {
    let person = Person::at(start().await, 0).await;
    *person.server.store() = empty();
    let list = person.get("/repositories/").await;
    assert_eq!((list.status, list.json()), (200, serde_json::json!([])));
}
