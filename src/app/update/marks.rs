//! Marking tags. Marks are names; what is filtered out stays marked and is counted.

use super::repo_marks;
use crate::app::action::Action;
use crate::app::modal::rule::Rule;
use crate::app::pane::marks::Back;
use crate::app::pane::{Place, tags};
use crate::app::state::{State, Tone};
use crate::domain::clean;
use crate::domain::reference::TagName;
use crate::domain::text;

pub fn act(state: &mut State, action: Action) {
    if matches!(state.pane().place, Place::Repositories(_)) {
        return repo_marks::act(state, action);
    }
    let mut unread = 0;
    let Place::Tags(id, repo) = &state.pane().place else { return };
    let labels = state.labels(*id, repo);
    let State { panes, cache, now, .. } = state;
    let Some(pane) = panes.last_mut() else { return };
    let Place::Tags(id, repo) = &pane.place else { return };
    let Some(list) = cache.tags.get(&(*id, repo.clone())) else { return };
    let named = |row: &u32| list.rows.get(*row as usize).and_then(tags::name).cloned();
    // Many at once only where each is known to be meant: what is marked here may be deleted later.
    let filter = pane.list.filter.filter.as_ref();
    let meant = |row: &u32| {
        let name = named(row)?;
        let row = list.rows.get(*row as usize)?;
        let sure = filter.is_none_or(|filter| tags::surely_matches(list, row, filter, &labels, *now));
        unread += usize::from(!sure);
        sure.then_some(name)
    };
    match action {
        Action::Mark => {
            if let Some(range) = pane.list.range() {
                let names: Vec<TagName> = pane.list.shown[range].iter().filter_map(meant).collect();
                pane.mark(names, Vec::new());
                pane.list.anchor = None;
                say(state, unread);
                return;
            }
            let Some(name) = pane.list.selected().as_ref().and_then(named) else { return };
            match pane.marks.contains(&name) {
                true => pane.mark(None, vec![name]),
                false => pane.mark([name], Vec::new()),
            };
            pane.list.move_by(1);
        }
        Action::MarkRange => match pane.list.anchor {
            None => pane.list.anchor = Some(pane.list.cursor),
            Some(_) => act(state, Action::Mark),
        },
        Action::MarkShown => {
            let names: Vec<TagName> = pane.list.shown.iter().filter_map(meant).collect();
            pane.mark(names, Vec::new());
        }
        Action::InvertMarks => {
            let shown = pane.list.shown.iter().filter_map(meant);
            let (marked, others) = shown.partition(|name| pane.marks.contains(name));
            let others: Vec<TagName> = others;
            pane.mark(others, marked);
        }
        Action::ClearMarks => {
            pane.clear_marks();
            pane.only_marked = false;
        }
        Action::ShowMarked => pane.only_marked = !pane.only_marked,
        _ => {}
    }
    say(state, unread);
}

fn say(state: &mut State, unread: usize) {
    let words = match unread {
        0 => return,
        1 => "One row was left out: what the filter asks of it is not read yet.".to_owned(),
        n => format!("{} rows were left out: what the filter asks of them is not read yet.", text::count(n)),
    };
    state.tell(clean::line(&words), Tone::Bad);
}

/// `u`: the last change of the marks never was.
pub fn undo(state: &mut State) {
    let pane = state.pane_mut();
    let Some(count) = pane.undo_marks() else { return };
    let now = pane.marks.len() + pane.repos.len();
    pane.only_marked &= now > 0;
    let what = match (&pane.place, count) {
        (Place::Repositories(_), 1) => "repository",
        (Place::Repositories(_), _) => "repositories",
        (_, 1) => "tag",
        _ => "tags",
    };
    let text = format!("Took a change of {} {what} back; {} marked.", text::count(count), text::count(now));
    state.tell(clean::line(&text), Tone::Info);
    super::arrange(state);
}

/// Marks what the dialog's rule says.
pub fn by_rule(state: &mut State, dialog: &Rule) {
    let Some(Ok(found)) = dialog.apply(state) else { return };
    let things = state.words().things;
    let unread = found.unknown.len();
    let pane = state.pane_mut();
    let spared = found.kept.into_iter().collect();
    let changed = pane.mark(found.tags, Vec::new());
    pane.rule_said(found.untagged, spared, changed);
    let mut said = format!("Marked {} by rule.", text::count(changed));
    if found.untagged {
        said.push_str(&format!(" With {things} that no tag is on, in the plan."));
    }
    if unread > 0 {
        said.push_str(&format!(" {} not judged: their details are not read.", text::count(unread)));
    }
    state.tell(clean::line(&said), Tone::Info);
    super::arrange(state);
}

/// `!`: lifts the protection of the tag under the cursor, puts it back, or protects one that nothing protects.
pub fn protect(state: &mut State) {
    let pane = state.pane();
    let Place::Tags(id, repo) = pane.place.clone() else { return };
    let Some(list) = state.tags(id, &repo) else { return };
    let row = pane.list.selected().and_then(|at| list.rows.get(at as usize));
    let Some((row, name)) = row.and_then(|row| Some((row, tags::name(row)?.clone()))) else { return };
    let pattern = state.protected_by(id, row, list).map(|pattern| pattern.to_string());
    let lifted = pane.lifted.contains(&name);
    let guarded = state.guarded.entry((id, repo)).or_default();
    let back = Back::Protection { tag: name.clone(), guarded: guarded.contains(&name), lifted };
    let said = if guarded.remove(&name) {
        match pattern {
            Some(pattern) => format!("{name} is still protected, by “{pattern}”."),
            None => format!("{name} is no longer protected."),
        }
    } else if let Some(pattern) = pattern {
        let lifted = &mut state.pane_mut().lifted;
        if lifted.remove(&name) {
            format!("{name} is protected by “{pattern}” again.")
        } else {
            lifted.insert(name.clone());
            format!("The protection of {name} by “{pattern}” is lifted until you leave this list.")
        }
    } else {
        guarded.insert(name.clone());
        format!("{name} is protected, until tagboat ends.")
    };
    state.pane_mut().changed(back);
    state.tell(clean::line(&said), Tone::Info);
}
