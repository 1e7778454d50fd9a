//! Why a panel is empty: some systems do not have what it shows, and say so in their own name.

use super::Tab;
use crate::domain::registry::BackendKind;

/// What stands in a panel that this kind of registry has nothing for.
pub fn words(kind: BackendKind, tab: Tab) -> &'static str {
    match (kind, tab) {
        (BackendKind::MlSpace, Tab::Layers) => {
            "ML Space does not tell which layers an image has. What it tells is under Raw."
        }
        (BackendKind::MlSpace, Tab::History) => "ML Space does not tell how an image was built.",
        (BackendKind::MlSpace, Tab::Config) => "ML Space tells nothing of how this image is run.",
        (BackendKind::MlSpace, Tab::Referrers) => "ML Space knows no referrers.",
        (BackendKind::DockerV1, Tab::Referrers) => "Docker Registry v1 knows no referrers.",
        (_, Tab::Layers) => "No layers.",
        (_, Tab::History) => "No history in this image.",
        (_, Tab::Referrers) => "This registry knows no referrers.",
        _ => "Nothing is told of this.",
    }
}
