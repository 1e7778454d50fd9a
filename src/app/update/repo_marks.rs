//! Marking repositories, where they can be deleted. As with tags, marks are names.

use crate::app::action::Action;
use crate::app::pane::{Place, repositories};
use crate::app::state::{State, Tone};
use crate::domain::clean;
use crate::domain::reference::RepoName;
use crate::domain::text;

pub fn act(state: &mut State, action: Action) {
    let State { panes, cache, now, .. } = state;
    let Some(pane) = panes.last_mut() else { return };
    let Place::Repositories(id) = &pane.place else { return };
    let Some(catalog) = cache.catalogs.get(id) else { return };
    let rows = &catalog.rows;
    let named = |row: &u32| rows.get(*row as usize).and_then(repositories::name).cloned();
    // Many at once only where each is known to be meant: what is marked here may be deleted.
    let filter = pane.list.filter.filter.as_ref();
    let meant = |row: &u32| {
        let row = rows.get(*row as usize)?;
        let sure = filter.is_none_or(|filter| repositories::surely_matches(row, filter, *now));
        repositories::name(row).filter(|_| sure).cloned()
    };
    match action {
        Action::Mark => {
            if let Some(range) = pane.list.range() {
                let names: Vec<RepoName> = pane.list.shown[range].iter().filter_map(meant).collect();
                pane.mark_repos(names, Vec::new());
                pane.list.anchor = None;
                return;
            }
            let Some(row) = pane.list.selected() else { return };
            let (folder, group) = (repositories::folder(rows, row), repositories::heading(rows, row));
            if let Some(path) = folder.or(group).map(str::to_owned) {
                let inside = rows.iter().filter(|row| match folder {
                    Some(_) => repositories::is_inside(row, &path),
                    None => repositories::group(row) == Some(&path),
                });
                let names: Vec<RepoName> = inside.filter_map(repositories::name).cloned().collect();
                let all = names.iter().all(|name| pane.repos.contains(name));
                let changed = if all { pane.mark_repos(Vec::new(), names) } else { pane.mark_repos(names, Vec::new()) };
                pane.list.move_by(1);
                let words = format!("{} in {path} {}.", repos(changed), if all { "unmarked" } else { "marked" });
                state.tell(clean::line(&words), Tone::Info);
                return;
            }
            let Some(name) = named(&row) else { return };
            match pane.repos.contains(&name) {
                true => pane.mark_repos(Vec::new(), vec![name]),
                false => pane.mark_repos(vec![name], Vec::new()),
            };
            pane.list.move_by(1);
        }
        Action::MarkRange => match pane.list.anchor {
            None => pane.list.anchor = Some(pane.list.cursor),
            Some(_) => act(state, Action::Mark),
        },
        Action::MarkShown => {
            let names: Vec<RepoName> = pane.list.shown.iter().filter_map(meant).collect();
            pane.mark_repos(names, Vec::new());
        }
        Action::InvertMarks => {
            let shown = pane.list.shown.iter().filter_map(meant);
            let (marked, others) = shown.partition(|name| pane.repos.contains(name));
            pane.mark_repos(others, marked);
        }
        Action::ClearMarks => {
            pane.clear_marks();
            pane.only_marked = false;
        }
        Action::ShowMarked => pane.only_marked = !pane.only_marked,
        _ => {}
    }
}

fn repos(n: usize) -> String {
    if n == 1 { "1 repository".to_owned() } else { format!("{} repositories", text::count(n)) }
}
