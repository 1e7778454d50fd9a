//! Labels, notes and rules in the state's tables. What the file says is read as if a stranger had written it: somebody
//! may have.

use std::sync::Arc;

use rusqlite::{Connection, Row, params};

use super::StateStore;
use crate::domain::colour::Colour;
use crate::domain::label::{self, Change, Chosen, Entry, Kept, LABELS_MOST, Label, LabelRule, RULES_MOST, TAGS_MOST};
use crate::domain::reference::{RepoName, TagName};

/// How no label is written, where one was chosen in spite of rules: no label has this name.
const NONE: &str = "";

impl StateStore {
    /// Everything; rows that cannot be understood are left out.
    pub fn labels(&self) -> Kept {
        self.read(read).unwrap_or_else(|| Kept { labels: Label::built_in(), ..Kept::default() })
    }

    /// All of these changes, or none.
    pub fn change_labels(&self, changes: &[Change]) {
        self.write(|connection| changes.iter().try_fold(0, |n, change| Ok(n + write(connection, change)?)));
    }
}

fn read(connection: &Connection) -> rusqlite::Result<Kept> {
    let mut kept = Kept::default();
    let labels = format!("SELECT name, letter, colour FROM label ORDER BY rowid LIMIT {LABELS_MOST}");
    each(connection, &labels, |row| {
        kept.labels.extend(read_label(&text(row, 0)?, &text(row, 1)?, &text(row, 2)?));
        Some(())
    })?;
    let tags = format!("SELECT origin, repository, tag, label, note FROM tag LIMIT {TAGS_MOST}");
    each(connection, &tags, |row| {
        let (origin, repo, tag) = (text(row, 0)?, RepoName::loose(&text(row, 1)?).ok()?, text(row, 2)?);
        let tag = TagName::parse(&tag).ok()?;
        let label = match text(row, 3) {
            None => Chosen::ByRule,
            Some(name) if name == NONE => Chosen::None,
            Some(name) => Chosen::Is(label::name(&name).ok()?),
        };
        let entry = Entry { label, note: text(row, 4).and_then(|note| label::note(&note)) };
        if !entry.is_empty() {
            let entries = kept.tags.entry((origin.into(), repo)).or_default();
            Arc::make_mut(entries).insert(tag, entry);
        }
        Some(())
    })?;
    each(connection, "SELECT origin, filter, label FROM label_rule ORDER BY rowid", |row| {
        let name = label::name(&text(row, 2)?).ok()?;
        let rules = kept.rules.entry(text(row, 0)?.into()).or_default();
        if rules.len() < RULES_MOST {
            rules.push(LabelRule::parse(&text(row, 1)?, &name).ok()?);
        }
        Some(())
    })?;
    kept.rules.retain(|_, rules| !rules.is_empty());
    Ok(kept)
}

fn each(connection: &Connection, query: &str, mut take: impl FnMut(&Row<'_>) -> Option<()>) -> rusqlite::Result<()> {
    let mut prepared = connection.prepare_cached(query)?;
    let mut rows = prepared.query([])?;
    while let Some(row) = rows.next()? {
        // A row that says nothing is no reason to lose the others.
        let _ = take(row);
    }
    Ok(())
}

/// A column that is text.
fn text(row: &Row<'_>, column: usize) -> Option<String> {
    row.get(column).ok()
}

fn read_label(name: &str, letter: &str, colour: &str) -> Option<Label> {
    let colour = Colour::parse(colour).unwrap_or(Colour::Ansi(3));
    Some(Label { name: label::name(name).ok()?, letter: label::letter(letter).ok()?, colour })
}

fn write(connection: &Connection, change: &Change) -> rusqlite::Result<usize> {
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| connection.prepare_cached(sql)?.execute(values);
    match change {
        // Each column by itself: the other one may just have been changed by somebody else.
        Change::Label { origin, repo, tag, to } => {
            let value = match to {
                Chosen::ByRule => None,
                Chosen::None => Some(NONE),
                Chosen::Is(name) => Some(&**name),
            };
            run(
                "INSERT INTO tag VALUES (?1, ?2, ?3, ?4, NULL, unixepoch()) ON CONFLICT DO UPDATE SET label = ?4",
                params![&**origin, repo.as_str(), tag.as_str(), value],
            )?;
            forget_empty(connection, origin, repo, tag)
        }
        Change::Note { origin, repo, tag, to } => {
            run(
                "INSERT INTO tag VALUES (?1, ?2, ?3, NULL, ?4, unixepoch()) ON CONFLICT DO UPDATE SET note = ?4",
                params![&**origin, repo.as_str(), tag.as_str(), to.as_deref()],
            )?;
            forget_empty(connection, origin, repo, tag)
        }
        Change::Rule { origin, filter, label: Some(label) } => run(
            "INSERT INTO label_rule VALUES (?1, ?2, ?3, unixepoch()) ON CONFLICT DO UPDATE SET label = ?3",
            params![&**origin, &**filter, &**label],
        ),
        Change::Rule { origin, filter, label: None } => {
            run("DELETE FROM label_rule WHERE origin = ?1 AND filter = ?2", params![&**origin, &**filter])
        }
        Change::Put(label) => run(
            "INSERT INTO label VALUES (?1, ?2, ?3, unixepoch()) ON CONFLICT DO UPDATE SET letter = ?2, colour = ?3",
            params![&*label.name, label.letter.to_string(), label.colour.to_string()],
        ),
        Change::Rename { from, to } => {
            // Somebody else may have made one of that name meanwhile.
            if run("UPDATE OR IGNORE label SET name = ?2 WHERE name = ?1", params![&**from, &**to])? == 0 {
                return Ok(0);
            }
            run("UPDATE label_rule SET label = ?2 WHERE label = ?1", params![&**from, &**to])?;
            run("UPDATE tag SET label = ?2 WHERE label = ?1", params![&**from, &**to])
        }
        Change::Remove(name) => {
            run("DELETE FROM label WHERE name = ?1", params![&**name])?;
            run("DELETE FROM label_rule WHERE label = ?1", params![&**name])?;
            run("UPDATE tag SET label = NULL WHERE label = ?1", params![&**name])?;
            run("DELETE FROM tag WHERE label IS NULL AND note IS NULL", &[])
        }
    }
}

fn forget_empty(connection: &Connection, origin: &str, repo: &RepoName, tag: &TagName) -> rusqlite::Result<usize> {
    let sql = "DELETE FROM tag WHERE origin = ?1 AND repository = ?2 AND tag = ?3 AND label IS NULL AND note IS NULL";
    connection.prepare_cached(sql)?.execute(params![origin, repo.as_str(), tag.as_str()])
}
