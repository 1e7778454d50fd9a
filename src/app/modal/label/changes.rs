//! What the dialog means, as changes.

use std::sync::Arc;

use super::{Focus, LabelDialog, Row, Spot};
use crate::app::state::State;
use crate::domain::clean::{self, Clean};
use crate::domain::colour::Colour;
use crate::domain::label::{self, Change, Chosen, Label, LabelRule};

impl LabelDialog {
    /// Only what differs from how it was. Else what is wrong, and where.
    pub fn changes(&self, state: &State) -> Result<Vec<Change>, (Focus, Clean)> {
        let labels = self.labels()?;
        let mut changes = Vec::new();
        for row in self.rows.iter().filter(|row| row.removed) {
            changes.extend(row.was.iter().map(|was| Change::Remove(was.name.clone())));
        }
        for (row, label) in self.rows.iter().zip(&labels) {
            let Some(label) = label else { continue };
            match &row.was {
                Some(was) if was == label => continue,
                Some(was) if was.name != label.name => {
                    changes.push(Change::Rename { from: was.name.clone(), to: label.name.clone() });
                }
                _ => {}
            }
            if row.was.as_ref().is_none_or(|was| (was.letter, was.colour) != (label.letter, label.colour)) {
                changes.push(Change::Put(label.clone()));
            }
        }
        let here = match self.spot() {
            Spot::Label(at) => labels.get(at).cloned().flatten(),
            _ => None,
        };
        let origin: Arc<str> = state.registry(self.registry).profile.origin().into();
        self.choose(here.as_ref(), &origin, state, &mut changes);
        if let Some(label) = &here {
            self.give(label, &origin, &mut changes)?;
        }
        let kept = &state.book.kept;
        kept.check(&changes).map_err(|why| (Focus::List, why))?;
        Ok(changes)
    }

    /// The labels as they are meant; nothing for those that go, or that stay as the config has them.
    fn labels(&self) -> Result<Vec<Option<Label>>, (Focus, Clean)> {
        let mut labels: Vec<Option<Label>> = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            labels.push(match &row.was {
                Some(was) if row.configured => Some(was.clone()),
                _ if row.removed => None,
                _ => Some(self.one(row)?),
            });
        }
        for (n, label) in labels.iter().enumerate() {
            let Some(label) = label else { continue };
            for other in labels[..n].iter().flatten() {
                if other.name.eq_ignore_ascii_case(&label.name) {
                    return Err((Focus::Name, clean::line(&format!("There are two labels “{}”.", label.name))));
                }
                if other.letter == label.letter {
                    let text = format!("{} and {} have the same letter, {}.", other.name, label.name, label.letter);
                    return Err((Focus::Letter, clean::line(&text)));
                }
            }
        }
        Ok(labels)
    }

    fn one(&self, row: &Row) -> Result<Label, (Focus, Clean)> {
        let wrong = |focus, why: String| {
            let name = clean::line(row.name.value().trim());
            (focus, clean::line(&if name.is_empty() { why } else { format!("{name}: {why}") }))
        };
        let name = label::name(row.name.value()).map_err(|why| wrong(Focus::Name, why))?;
        let letter = match row.letter.as_str() {
            // One may leave that to us.
            "" => label::free_letter(&name, &self.known(row)).unwrap_or('0'),
            text => label::letter(text).map_err(|why| wrong(Focus::Letter, why))?,
        };
        let colour = row.colour.colour().ok_or_else(|| wrong(Focus::Colour, Colour::ALLOWED.to_owned()))?;
        Ok(Label { name, letter, colour })
    }

    /// The letters of all other rows, on labels.
    fn known(&self, but: &Row) -> Vec<Label> {
        let others = self.rows.iter().filter(|row| !std::ptr::eq(*row, but) && !row.removed);
        let letters = others.filter_map(|row| row.letter.chars().next());
        letters.map(|letter| Label::new("", letter, Colour::Ansi(0))).collect()
    }

    /// The label and the note of the tags.
    fn choose(&self, here: Option<&Label>, origin: &Arc<str>, state: &State, changes: &mut Vec<Change>) {
        let to = match self.spot() {
            Spot::Label(_) => here.map(|label| Chosen::Is(label.name.clone())),
            // Without rules there is nothing to shield it from.
            Spot::None if self.ruled => Some(Chosen::None),
            Spot::None => Some(Chosen::ByRule),
            Spot::AsIs if !self.mixed => Some(Chosen::ByRule),
            Spot::AsIs | Spot::New => None,
        };
        let note = label::note(self.note.value());
        let noted = match &self.note_was {
            Some(was) => label::note(was) != note,
            // Notes that differ are replaced by something, never by nothing.
            None => note.is_some(),
        };
        let before = state.labels(self.registry, &self.repo);
        for tag in &self.tags {
            let entry = before.entry(tag).cloned().unwrap_or_default();
            let same = |to: &Chosen| match (to, &entry.label) {
                // A label that is renamed takes its tags along.
                (Chosen::Is(to), Chosen::Is(was)) => {
                    *to == *was || self.row().and_then(|row| row.was.as_ref()).is_some_and(|row| row.name == *was)
                }
                (to, was) => to == was,
            };
            let of = || (origin.clone(), self.repo.clone(), tag.clone());
            if let Some(to) = to.as_ref().filter(|to| !same(to)) {
                let (origin, repo, tag) = of();
                changes.push(Change::Label { origin, repo, tag, to: to.clone() });
            }
            if noted && entry.note != note {
                let (origin, repo, tag) = of();
                changes.push(Change::Note { origin, repo, tag, to: note.clone() });
            }
        }
    }

    /// The rule of the label under the cursor.
    fn give(&self, label: &Label, origin: &Arc<str>, changes: &mut Vec<Change>) -> Result<(), (Focus, Clean)> {
        let was = self.row().and_then(|row| row.was.as_ref()).map(|was| &*was.name);
        let before = self.rule_of(was);
        let now = self.rule.then(|| self.pattern.value().trim());
        if before == now {
            return Ok(());
        }
        if let Some(now) = now {
            LabelRule::parse(now, &label.name).map_err(|why| (Focus::Pattern, clean::line(&format!("Rule: {why}"))))?;
        }
        let mut rule = |filter: &str, to: Option<&Arc<str>>| {
            changes.push(Change::Rule { origin: origin.clone(), filter: filter.into(), label: to.cloned() });
        };
        if let Some(before) = before {
            rule(before, None);
        }
        if let Some(now) = now {
            rule(now, Some(&label.name));
        }
        Ok(())
    }
}
