//! Which fields a kind of registry has, and what they are called there.

use std::borrow::Cow;

use crate::app::effect::Keep;
use crate::app::list::Field;
use crate::app::modal::form::{Control, Form};
use crate::domain::registry::BackendKind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Kind,
    Address,
    Name,
    Transport,
    CaFile,
    User,
    Secret,
    Keep,
    Scope,
    Env,
    Mode,
    Add,
    Test,
    Cancel,
}

/// The first one is found out by asking.
pub(super) const KINDS: [Option<BackendKind>; 6] = [
    None,
    Some(BackendKind::Oci),
    Some(BackendKind::DockerV1),
    Some(BackendKind::DockerCloud),
    Some(BackendKind::Alauda),
    Some(BackendKind::MlSpace),
];
/// A helper belongs to a host, which is not known before the registry is.
pub(super) const KEEPS: [(Keep, &str); 3] = [
    (Keep::Session, "this session only, in memory"),
    (Keep::Store, "tagboat's own file, readable by you only"),
    (Keep::DockerConfig, "Docker config file, base64, readable by you only"),
];

/// In the order of the form.
pub(super) fn slots(kind: Option<BackendKind>) -> Vec<Slot> {
    use Slot as S;
    let mut slots = vec![S::Kind, S::Address, S::Name, S::Transport, S::CaFile, S::User, S::Secret, S::Keep];
    if scope(kind).is_some() {
        slots.push(S::Scope);
    }
    slots.extend([S::Env, S::Mode, S::Add, S::Test, S::Cancel]);
    slots
}

/// What the part of the system is called that one registry of ours is.
pub(super) fn scope(kind: Option<BackendKind>) -> Option<&'static str> {
    match kind? {
        BackendKind::MlSpace => Some("Workspace"),
        BackendKind::DockerCloud | BackendKind::Alauda => Some("Namespace"),
        BackendKind::Oci | BackendKind::DockerV1 => None,
    }
}

/// User and secret.
pub(super) fn words(kind: Option<BackendKind>) -> (&'static str, &'static str) {
    match kind {
        Some(BackendKind::MlSpace) => ("Key ID", "Key Secret"),
        Some(BackendKind::DockerCloud) => ("User", "API key"),
        _ => ("User", "Password"),
    }
}

/// To know before.
pub(super) fn about(kind: Option<BackendKind>) -> [&'static str; 2] {
    match kind {
        None => [
            "Address: host, host:port or URL. The rest may stay empty.",
            "What speaks there is asked: OCI first, then Docker Registry v1. Others are chosen.",
        ],
        Some(BackendKind::Oci) => [
            "Address: host, host:port or URL. The rest may stay empty.",
            "Env is shown beside the name; PROD makes deleting harder.",
        ],
        Some(BackendKind::DockerV1) => [
            "Address: of the registry; where an index gives the tokens, the address of the index.",
            "The rest may stay empty.",
        ],
        Some(BackendKind::DockerCloud) => [
            "Address: https://cloud.docker.com, or of another installation.",
            "Without a user, the key is sent as it is (DOCKERCLOUD_AUTH). Namespace: default your own.",
        ],
        Some(BackendKind::Alauda) => [
            "Address: https://api.alauda.cn or api.alauda.io, or of another installation.",
            "The password gives a token, which is kept instead; without a user it is a token.",
        ],
        Some(BackendKind::MlSpace) => [
            "Address: https://api.ai.cloud.ru, or of another installation.",
            "Workspace: id or name; may stay empty where the account has only one.",
        ],
    }
}

/// The controls of a kind, with what was entered for another one.
pub(super) fn form(kind: Option<BackendKind>, before: Option<(&Form, &[Slot])>) -> Form {
    let old = |slot: Slot| {
        let (form, slots) = before?;
        form.controls.get(slots.iter().position(|one| *one == slot)?)
    };
    let text = |slot, label: &'static str, secret| {
        let field = match old(slot) {
            Some(Control::Text { field, .. }) => field.clone(),
            _ => Field::default(),
        };
        Control::Text { label, field, secret }
    };
    let choice = |slot, label: &'static str, options: Vec<&'static str>| {
        let picked = match old(slot) {
            Some(Control::Choice { picked, .. }) => *picked,
            _ => 0,
        };
        Control::Choice { label, options: options.into_iter().map(Cow::from).collect(), picked }
    };
    let (user, secret) = words(kind);
    let slots = slots(kind);
    let control = |slot: &Slot| match slot {
        Slot::Kind => {
            let titles = KINDS.iter().map(|kind| kind.map_or("found out by asking", BackendKind::title));
            choice(Slot::Kind, "Kind", titles.collect())
        }
        Slot::Address => text(Slot::Address, "Address", false),
        Slot::Name => text(Slot::Name, "Name", false),
        Slot::Transport => choice(Slot::Transport, "Transport", vec!["https", "plain http, not encrypted"]),
        Slot::CaFile => text(Slot::CaFile, "CA file", false),
        Slot::User => text(Slot::User, user, false),
        Slot::Secret => text(Slot::Secret, secret, true),
        Slot::Keep => choice(Slot::Keep, "Keep it", KEEPS.iter().map(|(_, text)| *text).collect()),
        Slot::Scope => text(Slot::Scope, scope(kind).unwrap_or_default(), false),
        Slot::Env => text(Slot::Env, "Env", false),
        Slot::Mode => choice(Slot::Mode, "Mode", vec!["read and write", "read only"]),
        Slot::Add => Control::Button { label: "Add" },
        Slot::Test => Control::Button { label: "Test" },
        Slot::Cancel => Control::Button { label: "Cancel" },
    };
    let mut form = Form::new(slots.iter().map(control).collect());
    let focus = before.and_then(|(form, slots)| slots.get(form.focus).copied()).unwrap_or(Slot::Address);
    form.focus = slots.iter().position(|slot| *slot == focus).unwrap_or(0);
    form
}
