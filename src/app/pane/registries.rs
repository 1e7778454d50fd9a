//! The first pane: which registries there are.

use std::collections::BTreeSet;

use super::Pane;
use crate::app::list::{Column, Sort};
use crate::app::state::Registry;
use crate::domain::filter::{Row, Verdict};
use crate::domain::order;
use crate::domain::registry::RegistryId;

pub const COLUMNS: &[Column] = &[Column::Name, Column::Host, Column::Kind];

/// The rows to show, favourites first.
pub fn arrange(registries: &[Registry], hidden: &BTreeSet<RegistryId>, pane: &Pane, now: jiff::Timestamp) -> Vec<u32> {
    let list = &pane.list;
    let wanted = |registry: &Registry| {
        if pane.only_favourites && !registry.favourite {
            return false;
        }
        let Some(filter) = &list.filter.filter else { return true };
        let text = format!("{} {}", registry.profile.name, registry.profile.host());
        filter.matches(&Row { name: &text, favourite: registry.favourite, ..Row::default() }, now) != Verdict::No
    };
    // What docker and podman know besides is offered for import, and listed only where there is nothing else.
    let any_saved = registries.iter().any(|registry| registry.saved);
    let listed = |n: u32| !hidden.contains(&RegistryId(n)) && (registries[n as usize].saved || !any_saved);
    let mut shown: Vec<u32> =
        (0..registries.len() as u32).filter(|n| listed(*n) && wanted(&registries[*n as usize])).collect();
    let Sort { column, reverse } = list.sort;
    shown.sort_by(|a, b| {
        let (a, b) = (&registries[*a as usize], &registries[*b as usize]);
        let by_column = match column {
            Column::Host => a.profile.host().cmp(b.profile.host()),
            Column::Kind => a.profile.kind.word().cmp(b.profile.kind.word()),
            _ => order::compare(&a.profile.name, &b.profile.name),
        };
        let by_column = if reverse { by_column.reverse() } else { by_column };
        b.favourite.cmp(&a.favourite).then(by_column)
    });
    shown
}
