//! What a list has to cope with: fields that are null, colours that are none, names that want to be more than names.

use serde_json::{Value, json};

use super::attrs::{Kind, heavy};
use super::{COLOURS, ago, id, image};
use crate::demo::ml_space::store::{Image, Repository, Tag, Workspace};
use crate::domain::uuid::Uuid;

pub(super) fn all(of: &Workspace) -> Vec<Repository> {
    let name = |name: &str, images: Vec<Image>| Repository {
        id: id(&[&of.name, "repository", name]),
        name: name.to_owned(),
        description: None,
        labels: None,
        created_at: ago(9000),
        updated_at: ago(40),
        favorite: false,
        images,
    };
    let trainer = Repository {
        description: Some("Instruction tuning; the newest image carries every name a release has".to_owned()),
        labels: Some(["обучение", "nlp", "a100", "owner: d.kim"].map(str::to_owned).to_vec()),
        ..name("nlp/instruct-trainer", vec![many_tags()])
    };
    let long =
        "experiments/2026/q3/ranking/ablation-07/two-tower-with-frozen-item-embeddings-and-hard-negatives/trainer";
    vec![
        trainer,
        Repository { labels: Some(Vec::new()), ..name("labelling/palette", vec![odd_colours()]) },
        name("datasets/loader", vec![plain("datasets/loader", json!({"architecture": "arm64", "os": "linux"}))]),
        name("experiments/retired", Vec::new()),
        name("nlp/eval-harness", vec![plain("nlp/eval-harness", heavy(&ago(500)))]),
        old_id(name("legacy/caffe-runtime", vec![plain("legacy/caffe-runtime", json!({}))])),
        name("experiments/\u{1b}]0;owned\u{7}probe", vec![escapes()]),
        name(long, vec![plain(long, Kind::Trainer.attrs(long, "exp-0007", &ago(800)))]),
    ]
}

/// Some ids are older than random ones: this is a UUID of version 1 (§8).
fn old_id(repository: Repository) -> Repository {
    Repository { id: Uuid::parse("44b5e14a-3919-11ea-8f8f-3a4ce9d1e497").unwrap_or(repository.id), ..repository }
}

/// One image with one tag, never pulled.
fn plain(name: &str, extra_attrs: Value) -> Image {
    let image = image(name, Kind::Job, 1, 700, &["v1".to_owned()]);
    let tags = image.tags.into_iter().map(|tag| Tag { pull_time: None, color: None, ..tag }).collect();
    Image { extra_attrs, pull_time: None, tags, ..image }
}

fn coloured(name: &str, tags: &[(&str, Option<&str>)]) -> Image {
    let names: Vec<String> = tags.iter().map(|(tag, _)| (*tag).to_owned()).collect();
    let image = image(name, Kind::Trainer, 4, 12, &names);
    let colour = |(tag, (_, colour)): (Tag, &(&str, Option<&str>))| Tag { color: colour.map(str::to_owned), ..tag };
    Image { tags: image.tags.into_iter().zip(tags).map(colour).collect(), ..image }
}

/// Twelve tags in six colours.
fn many_tags() -> Image {
    let names = [
        "2026.4",
        "2026.4.1",
        "2026.4.1-rc2",
        "exp-0164",
        "exp-0164-best",
        "cu124-py312",
        "a100",
        "h100-checked",
        "stable",
        "candidate",
        "blessed",
        "latest",
    ];
    let tags: Vec<(&str, Option<&str>)> =
        names.iter().enumerate().map(|(at, name)| (*name, Some(COLOURS[at % COLOURS.len()]))).collect();
    coloured("nlp/instruct-trainer", &tags)
}

fn odd_colours() -> Image {
    coloured(
        "labelling/palette",
        &[
            ("short", Some("#abc")),
            ("named", Some("Teal")),
            ("worded", Some("not a colour")),
            ("empty", Some("")),
            ("none", None),
            ("transparent", Some("#2e86c180")),
        ],
    )
}

fn escapes() -> Image {
    coloured("experiments/probe", &[("v1\u{1b}[2J", Some("\u{1b}[31mred")), ("v1", None)])
}
