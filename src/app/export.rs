//! A list as a file: what the pane shows, as JSON, CSV or text. A pure function over a snapshot, made where waiting does
//! no harm: a list may be long.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use super::cache::{RepoRow, Row as _, Rows, TagCount, TagRow};
use super::job::{Job, Stage};
use super::pane::tags;
use crate::domain::cleanup::{Item, Plan};
use crate::domain::filter::Field;
use crate::domain::label::Labels;
use crate::domain::reference::Digest;
use crate::domain::tag::{DigestInfo, TagState};
use crate::domain::text;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Json,
    Csv,
    Text,
}

impl Format {
    pub const ALL: [Self; 3] = [Self::Json, Self::Csv, Self::Text];

    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Text => "txt",
        }
    }
}

#[derive(Clone, Debug)]
pub enum Source {
    /// Name, address, kind.
    Registries(Vec<[String; 3]>),
    Repositories {
        registry: String,
        rows: Rows<RepoRow>,
        chosen: Vec<u32>,
    },
    Tags {
        registry: String,
        repository: String,
        rows: Rows<TagRow>,
        chosen: Vec<u32>,
        /// What the operator put on tags, and when rules are asked for it.
        labels: Labels,
        now: Timestamp,
    },
    Plan(Arc<Plan>),
    /// What became of a plan's items.
    Job(Box<Job>),
}

#[derive(Clone, Debug)]
pub struct Export {
    pub source: Source,
    pub format: Format,
    /// The list was read to its end.
    pub complete: bool,
}

impl Export {
    pub fn len(&self) -> usize {
        match &self.source {
            Source::Registries(rows) => rows.len(),
            Source::Repositories { chosen, .. } | Source::Tags { chosen, .. } => chosen.len(),
            Source::Plan(plan) => plan.items.len(),
            Source::Job(job) => job.work.len(),
        }
    }

    /// How much it is, in words.
    pub fn extent(&self) -> String {
        let what = if matches!(self.source, Source::Plan(_) | Source::Job(_)) { "item" } else { "row" };
        match self.len() {
            1 => format!("one {what}"),
            n => format!("{} {what}s", text::count(n)),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn render(&self) -> String {
        match self.format {
            Format::Json => self.json(),
            Format::Csv => self.table().into_iter().map(|row| csv_line(&row)).collect(),
            Format::Text => columns(&self.table()),
        }
    }

    fn json(&self) -> String {
        let (mut head, key, rows) = match &self.source {
            // As `tagboat apply` reads it.
            Source::Plan(plan) => return plan.to_json().expect("a plan is made of texts and numbers") + "\n",
            Source::Job(job) => {
                let whole = |at| job.work.whole(at).map(ToString::to_string);
                let rows = items(job).enumerate().map(|(at, [tag, digest, outcome, why])| match whole(at) {
                    Some(repo) => json!({ "repository": repo, "outcome": outcome, "why": why }),
                    None => json!({ "tag": tag, "digest": digest, "outcome": outcome, "why": why }),
                });
                let (registry, repo) = (job.work.registry(), job.work.repo().map(ToString::to_string));
                let head = json!({ "id": job.journal, "registry": registry, "repository": repo });
                (head, "items", rows.collect())
            }
            Source::Registries(rows) => {
                let row = |[name, url, kind]: &[String; 3]| json!({ "name": name, "url": url, "kind": kind });
                (json!({}), "registries", rows.iter().map(row).collect::<Vec<_>>())
            }
            Source::Repositories { registry, rows, chosen } => {
                let row = |row: &RepoRow| {
                    let tags = if let TagCount::Known(n) = row.tags { Some(n) } else { None };
                    json!({ "name": row.text(), "tags": tags, "pinned": row.pinned, "favourite": row.favourite })
                };
                let all = chosen.iter().filter_map(|at| rows.get(*at as usize)).map(row).collect();
                (json!({ "registry": registry }), "repositories", all)
            }
            Source::Tags { registry, repository, rows, chosen, labels, now } => {
                let on = on_digest(rows);
                let row = |row: &TagRow| {
                    let info = row.state.info();
                    let [label, colour, note] = put(row, &on, labels, *now);
                    json!({
                        "name": row.text(),
                        "digest": info.map(|i| i.digest.to_string()),
                        "media_type": info.map(|i| &*i.media_type),
                        "created": info.and_then(|i| i.created).map(time),
                        "size": info.and_then(|i| i.size),
                        "platforms": info.map(|i| i.platforms.iter().map(ToString::to_string).collect::<Vec<_>>()),
                        "tags_on_digest": info.and_then(|i| on.get(&i.digest)),
                        "label": label,
                        "colour": colour,
                        "note": note,
                        "state": state(row),
                    })
                };
                let all = chosen.iter().filter_map(|at| rows.get(*at as usize)).map(row).collect();
                (json!({ "registry": registry, "repository": repository }), "tags", all)
            }
        };
        head["complete"] = self.complete.into();
        // A row a line: the file can be read, compared and cut with line tools.
        let head = head.to_string();
        let lines: Vec<_> = rows.iter().map(ToString::to_string).collect();
        format!("{},\"{key}\":[\n{}\n]}}\n", head.trim_end_matches('}'), lines.join(",\n"))
    }

    /// A heading and the rows.
    fn table(&self) -> Vec<Vec<String>> {
        let heading = |names: &[&str]| vec![names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()];
        match &self.source {
            Source::Registries(rows) => {
                let mut table = heading(&["name", "url", "kind"]);
                table.extend(rows.iter().map(|row| row.to_vec()));
                table
            }
            Source::Repositories { rows, chosen, .. } => {
                let mut table = heading(&["name", "tags"]);
                table.extend(chosen.iter().filter_map(|at| rows.get(*at as usize)).map(|row| {
                    let tags = if let TagCount::Known(n) = row.tags { n.to_string() } else { String::new() };
                    vec![row.text().to_owned(), tags]
                }));
                table
            }
            Source::Tags { rows, chosen, labels, now, .. } => {
                let on = on_digest(rows);
                let mut table = heading(&["name", "digest", "created", "size", "platforms", "tags_on_digest", "state"]);
                // Columns that nobody uses are left out.
                let labelled = !labels.is_empty();
                if labelled {
                    table[0].extend(["label", "colour", "note"].map(str::to_owned));
                }
                table.extend(chosen.iter().filter_map(|at| rows.get(*at as usize)).map(|row| {
                    let info = row.state.info();
                    let platforms = info.map(|i| i.platforms.iter().map(ToString::to_string).collect::<Vec<_>>());
                    let mut cells = vec![
                        row.text().to_owned(),
                        info.map(|i| i.digest.to_string()).unwrap_or_default(),
                        info.and_then(|i| i.created).map(time).unwrap_or_default(),
                        info.and_then(|i| i.size).map(|n| n.to_string()).unwrap_or_default(),
                        platforms.map(|p| p.join(" ")).unwrap_or_default(),
                        info.and_then(|i| on.get(&i.digest)).map(ToString::to_string).unwrap_or_default(),
                        state(row).unwrap_or_default().to_owned(),
                    ];
                    if labelled {
                        cells.extend(put(row, &on, labels, *now).map(Option::unwrap_or_default));
                    }
                    cells
                }));
                table
            }
            Source::Plan(plan) => {
                let mut table = heading(&["tag", "digest", "method", "role", "frees"]);
                table.extend(plan.items.iter().map(|item| {
                    let [tag, digest] = named(item).map(Option::unwrap_or_default);
                    let (method, role) = (item.method.word().to_owned(), item.role.word().to_owned());
                    vec![tag, digest, method, role, item.frees.to_string()]
                }));
                table
            }
            Source::Job(job) if job.work.whole(0).is_some() => {
                let mut table = heading(&["repository", "outcome", "why"]);
                table.extend(items(job).enumerate().map(|(at, [_, _, outcome, why])| {
                    let repo = job.work.whole(at).map(ToString::to_string);
                    [repo, outcome, why].map(Option::unwrap_or_default).to_vec()
                }));
                table
            }
            Source::Job(job) => {
                let mut table = heading(&["tag", "digest", "outcome", "why"]);
                table.extend(items(job).map(|item| item.map(Option::unwrap_or_default).to_vec()));
                table
            }
        }
    }
}

fn named(item: &Item) -> [Option<String>; 2] {
    [item.tag.as_ref().map(ToString::to_string), item.digest.as_ref().map(ToString::to_string)]
}

/// Tag, digest, outcome and reason of each item; the words are those of `tagboat apply`.
fn items(job: &Job) -> impl Iterator<Item = [Option<String>; 4]> {
    job.stages.iter().enumerate().map(|(at, stage)| {
        let (tag, digest) = (job.work.tag(at).map(ToString::to_string), job.work.digest(at).map(ToString::to_string));
        let (outcome, why) = match stage {
            Stage::Ended(ended) => (Some(ended.outcome.word().to_owned()), ended.why.as_ref().map(ToString::to_string)),
            Stage::Waiting | Stage::Now(_) => (None, None),
        };
        [tag, digest, outcome, why]
    })
}

fn on_digest(rows: &Rows<TagRow>) -> HashMap<&Digest, usize> {
    let mut on = HashMap::new();
    for info in rows.iter().filter_map(|row| row.state.info()) {
        *on.entry(&info.digest).or_default() += 1;
    }
    on
}

/// Label, its colour, and note. What a rule cannot tell yet is none.
fn put(row: &TagRow, on: &HashMap<&Digest, usize>, labels: &Labels, now: Timestamp) -> [Option<String>; 3] {
    let sharing = |info: &DigestInfo| on.get(&info.digest).copied().unwrap_or(1) as u32;
    let facts = tags::facts(row, sharing, labels, now);
    let label = if let Field::Is(label) = facts.label { Some(label) } else { None };
    let colour = label.and_then(|label| labels.find(label)).map(|label| label.colour.to_string());
    [label.map(str::to_owned), colour, facts.note.map(str::to_owned)]
}

/// The words of `tagboat tags --json`.
fn state(row: &TagRow) -> Option<&'static str> {
    match row.state {
        TagState::Known(_) => Some("ok"),
        TagState::Dangling => Some("dangling"),
        TagState::Failed(_) => Some("error"),
        TagState::NotAsked => None,
    }
}

/// RFC 3339 in UTC, whole seconds.
fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// RFC 4180.
fn csv_line(cells: &[String]) -> String {
    let quoted = |cell: &String| {
        if cell.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
    };
    cells.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n"
}

fn columns(table: &[Vec<String>]) -> String {
    let count = table.first().map_or(0, Vec::len);
    let widths: Vec<usize> =
        (0..count).map(|at| table.iter().map(|row| text::width(&row[at])).max().unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| text::fit(cell, *width, text::Align::Left));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    table.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clean;
    use crate::domain::colour::Colour;
    use crate::domain::image::ManifestKind;
    use crate::domain::label::{Chosen, Entry, Label, LabelRule};
    use crate::domain::page::Listed;
    use crate::domain::reference::TagName;

    fn export(format: Format) -> Export {
        let mut rows = Rows::default();
        for name in ["v1", "latest", "unread"] {
            let mut row = TagRow::new(Listed::Valid(TagName::parse(name).unwrap()));
            if name != "unread" {
                row.state = TagState::Known(
                    DigestInfo {
                        digest: Digest::of(b"x"),
                        media_type: "application/vnd.oci.image.manifest.v1+json".into(),
                        kind: ManifestKind::Manifest,
                        created: Some("2026-11-01T09:00:00.5Z".parse().unwrap()),
                        size: Some(1234),
                        platforms: Default::default(),
                        artifact: None,
                    }
                    .into(),
                );
            }
            rows.push(row);
        }
        rows.push(TagRow::new(Listed::Invalid(clean::identifier("a,\"b"))));
        let source = Source::Tags {
            registry: "prod".into(),
            repository: "team/app".into(),
            rows,
            chosen: vec![1, 2, 3],
            labels: Labels::default(),
            now: "2026-11-02T09:00:00Z".parse().unwrap(),
        };
        Export { source, format, complete: true }
    }

    #[test]
    fn json_is_json_with_a_row_a_line() {
        let text = export(Format::Json).render();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((value["repository"].as_str(), value["complete"].as_bool()), (Some("team/app"), Some(true)));
        let tags = value["tags"].as_array().unwrap();
        assert_eq!(tags.len(), 3);
        assert_eq!(tags[0]["name"], "latest");
        // Of the whole repository, not of what is saved.
        assert_eq!(tags[0]["tags_on_digest"], 2);
        assert_eq!(tags[0]["created"], "2026-11-01T09:00:00Z");
        assert!(tags[1]["digest"].is_null() && tags[1]["state"].is_null());
        assert_eq!(text.lines().count(), 5);
    }

    /// A label and a note on one tag by hand, and labels by a rule.
    fn labelled(format: Format) -> Export {
        let mut export = export(format);
        let Source::Tags { labels, .. } = &mut export.source else { panic!("tags") };
        let entry = Entry { label: Chosen::Is("pin".into()), note: Some("do not, \"ever\"".into()) };
        labels.palette = vec![Label::new("pin", 'P', Colour::Ansi(3)), Label::new("old", 'O', Colour::Ansi(1))].into();
        labels.tags = Arc::new(HashMap::from([(TagName::parse("latest").unwrap(), entry)]));
        labels.rules = vec![LabelRule::parse("unr", "old").unwrap()].into();
        export
    }

    #[test]
    fn labels_and_notes_are_saved_where_there_are_any() {
        let value: serde_json::Value = serde_json::from_str(&labelled(Format::Json).render()).unwrap();
        let said = |at: usize| ["label", "colour", "note"].map(|key| value["tags"][at][key].as_str());
        let yellow = Colour::Ansi(3).to_string();
        assert_eq!(said(0), [Some("pin"), Some(&*yellow), Some("do not, \"ever\"")]);
        assert_eq!((said(1)[0], said(1)[2], said(2)), (Some("old"), None, [None; 3]));
        let csv = labelled(Format::Csv).render();
        let lines: Vec<_> = csv.split("\r\n").collect();
        assert!(lines[0].ends_with(",state,label,colour,note"), "{}", lines[0]);
        assert!(lines[1].ends_with(&format!(",ok,pin,{yellow},\"do not, \"\"ever\"\"\"")), "{}", lines[1]);
        assert!(lines[3].ends_with(",,,"), "{}", lines[3]);
        assert!(labelled(Format::Text).render().contains("do not, \"ever\""));
        let none: serde_json::Value = serde_json::from_str(&export(Format::Json).render()).unwrap();
        assert!(none["tags"][0]["label"].is_null());
    }

    #[test]
    fn csv_is_quoted_where_it_must_be() {
        let text = export(Format::Csv).render();
        let lines: Vec<_> = text.split("\r\n").collect();
        assert_eq!(lines[0], "name,digest,created,size,platforms,tags_on_digest,state");
        assert!(lines[1].starts_with("latest,sha256:") && lines[1].ends_with(",1234,,2,ok"), "{}", lines[1]);
        assert_eq!(lines[3], "\"a,\"\"b\",,,,,,");
        assert_eq!(export(Format::Csv).extent(), "3 rows");
    }

    #[test]
    fn text_stands_in_columns() {
        let text = export(Format::Text).render();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0].find("digest"), lines[1].find("sha256:"));
    }
}
