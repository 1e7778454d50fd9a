//! What a rule marks. Rules mark and never act; what is excluded stays, whatever else says so.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

use jiff::Timestamp;
use regex::Regex;

use super::referrer_tag;
use crate::domain::clean::{self, Clean};
use crate::domain::filter::{Field, Filter, Row, RowState, Verdict};
use crate::domain::order;
use crate::domain::reference::{Digest, TagName};

/// The rules of one clean-up (interface.md §1), or a named one of the config.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Rules {
    /// A tag is marked by any of them.
    pub mark: Vec<Filter>,
    /// A tag that may match any of them is not marked.
    pub exclude: Vec<Filter>,
    pub keep: Option<Keep>,
    /// Manifests that nothing reaches from a tag.
    pub untagged: bool,
    /// Tags without a manifest.
    pub dangling: bool,
    /// Tags marked by name.
    pub names: BTreeSet<TagName>,
}

/// Of what is marked, the newest stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep {
    pub n: usize,
    pub by: KeepBy,
    /// So many of each group, instead of all together.
    pub per: Option<Per>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum KeepBy {
    #[default]
    Created,
    Pushed,
    Semver,
    Name,
}

/// What makes a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Per {
    /// The first number of a version.
    Major,
    /// The first two.
    Minor,
    /// What the expression captures. Names it does not match are one group of their own.
    Pattern(Pattern),
}

/// An expression with something to capture. Equal when written the same.
#[derive(Clone)]
pub struct Pattern(Regex);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidRule(pub Clean);

/// A tag for the rules to look at.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    pub tag: &'a TagName,
    pub row: Row<'a>,
    /// Not part of the OCI interface; systems of their own tell it.
    pub pushed: Field<Timestamp>,
}

/// What the rules say of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Marked {
    /// In the order of the rows.
    pub tags: Vec<TagName>,
    /// Would be marked, but for the reason beside it.
    pub kept: Vec<(TagName, Clean)>,
    /// Not marked, since what a rule asks is not read yet.
    pub unknown: Vec<TagName>,
    /// Named, but not in the repository.
    pub absent: Vec<TagName>,
    pub untagged: bool,
}

/// How large an expression may be once compiled.
const SIZE_LIMIT: usize = 1 << 20;

impl Rules {
    /// They mark nothing, whatever there is.
    pub fn is_empty(&self) -> bool {
        self.mark.is_empty() && self.names.is_empty() && !self.untagged && !self.dangling
    }

    pub fn asks_labels(&self) -> bool {
        self.mark.iter().chain(&self.exclude).any(Filter::asks_labels)
    }

    /// Whether more than names has to be read before they can be applied.
    pub fn needs_details(&self) -> bool {
        let dates = self.keep.as_ref().is_some_and(|keep| keep.by == KeepBy::Created);
        self.dangling || dates || self.mark.iter().chain(&self.exclude).any(Filter::needs_details)
    }

    /// Looks at all tags of a repository at once: the newest are found among all that are marked.
    pub fn apply(&self, rows: &[Candidate<'_>], now: Timestamp) -> Marked {
        let mut out = Marked { untagged: self.untagged, ..Marked::default() };
        let mut chosen = Vec::new();
        let present: HashSet<&Digest> = rows.iter().filter_map(|one| one.row.digest).collect();
        for one in rows {
            match self.chooses(one, &present, now) {
                Choice::No => {}
                Choice::Unknown => out.unknown.push(one.tag.clone()),
                Choice::Kept(why) => out.kept.push((one.tag.clone(), why)),
                Choice::Yes => chosen.push(one),
            }
        }
        if !self.names.is_empty() {
            let listed: HashSet<&TagName> = rows.iter().map(|one| one.tag).collect();
            out.absent = self.names.iter().filter(|name| !listed.contains(name)).cloned().collect();
        }
        match &self.keep {
            Some(keep) => keep.newest(chosen, self.dangling, &mut out),
            None => out.tags = chosen.into_iter().map(|one| one.tag.clone()).collect(),
        }
        out
    }

    fn chooses(&self, one: &Candidate<'_>, present: &HashSet<&Digest>, now: Timestamp) -> Choice {
        let named = self.names.contains(one.tag) || (self.dangling && is_dangling(one));
        let mut verdict = if named { Verdict::Yes } else { Verdict::No };
        for filter in &self.mark {
            if verdict == Verdict::Yes {
                break;
            }
            match filter.matches(&one.row, now) {
                Verdict::No => {}
                found => verdict = found,
            }
        }
        match verdict {
            Verdict::No => return Choice::No,
            Verdict::Unknown => return Choice::Unknown,
            Verdict::Yes => {}
        }
        if let Some(filter) = self.exclude.iter().find(|filter| filter.may_match(&one.row, now)) {
            return Choice::Kept(clean::line(&format!("excluded by “{}”", filter.as_str())));
        }
        // A filter that matches everything does not mean the signatures of what stays.
        match referrer_tag::subject(one.tag) {
            Some(image) if !named && present.contains(&image) => {
                Choice::Kept(clean::line(&format!("it belongs to the image {}", image.short())))
            }
            _ => Choice::Yes,
        }
    }
}

enum Choice {
    No,
    Unknown,
    Kept(Clean),
    Yes,
}

fn is_dangling(one: &Candidate<'_>) -> bool {
    one.row.state == Some(RowState::Dangling)
}

/// What orders the tags of a group, newest largest.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    Time(Timestamp),
    Version(order::VersionKey),
    Name,
}

impl Keep {
    fn newest(&self, chosen: Vec<&Candidate<'_>>, all_dangling: bool, out: &mut Marked) {
        let mut groups: HashMap<Group, Vec<(Age, order::Key, usize)>> = HashMap::new();
        let mut stays: HashMap<usize, Clean> = HashMap::new();
        for (at, one) in chosen.iter().enumerate() {
            // A tag without a manifest is no image that could be among the newest.
            if all_dangling && is_dangling(one) {
                continue;
            }
            match self.age(one) {
                Field::Is(age) => {
                    groups.entry(self.group(one.tag)).or_default().push((age, order::key(one.tag.as_str()), at));
                }
                Field::Absent => drop(stays.insert(at, Clean::fixed(self.by.missing()))),
                Field::NotLoaded => {
                    out.unknown.push(one.tag.clone());
                    stays.insert(at, Clean::default());
                }
            }
        }
        for group in groups.values_mut() {
            group.sort_unstable_by(|a, b| Reverse(a).cmp(&Reverse(b)));
            let why = clean::line(&format!("one of the newest {} by {}", self.n, self.by.word()));
            stays.extend(group.iter().take(self.n).map(|(_, _, at)| (*at, why.clone())));
        }
        for (at, one) in chosen.into_iter().enumerate() {
            match stays.remove(&at) {
                None => out.tags.push(one.tag.clone()),
                Some(why) if why.is_empty() => {}
                Some(why) => out.kept.push((one.tag.clone(), why)),
            }
        }
    }

    fn age(&self, one: &Candidate<'_>) -> Field<Age> {
        let time = |field| match field {
            Field::Is(time) => Field::Is(Age::Time(time)),
            Field::Absent => Field::Absent,
            Field::NotLoaded => Field::NotLoaded,
        };
        match self.by {
            KeepBy::Created => time(one.row.created),
            KeepBy::Pushed => time(one.pushed),
            KeepBy::Semver => {
                order::version_key(one.tag.as_str()).map_or(Field::Absent, |key| Field::Is(Age::Version(key)))
            }
            KeepBy::Name => Field::Is(Age::Name),
        }
    }

    fn group(&self, tag: &TagName) -> Group {
        let line = |parts| order::version_line(tag.as_str(), parts).map_or(Group::Other, Group::Line);
        match &self.per {
            None => Group::Other,
            Some(Per::Major) => line(1),
            Some(Per::Minor) => line(2),
            Some(Per::Pattern(pattern)) => pattern.0.captures(tag.as_str()).map_or(Group::Other, |found| {
                Group::Captured(found.iter().skip(1).map(|part| part.map(|part| part.as_str().to_owned())).collect())
            }),
        }
    }
}

#[derive(PartialEq, Eq, Hash)]
enum Group {
    Other,
    Line(order::VersionKey),
    Captured(Vec<Option<String>>),
}

impl KeepBy {
    pub const ALL: [Self; 4] = [Self::Created, Self::Pushed, Self::Semver, Self::Name];

    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Pushed => "pushed",
            Self::Semver => "semver",
            Self::Name => "name",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.word() == word)
    }

    fn missing(self) -> &'static str {
        match self {
            Self::Created => "when it was made is not known, so it may be one of the newest",
            Self::Pushed => "when it was pushed is not known, so it may be one of the newest",
            Self::Semver | Self::Name => "it is no version, so it may be one of the newest",
        }
    }
}

impl Per {
    /// `major`, `minor`, or a regular expression with a group.
    pub fn parse(text: &str) -> Result<Self, InvalidRule> {
        match text {
            "major" => Ok(Self::Major),
            "minor" => Ok(Self::Minor),
            _ => Pattern::parse(text).map(Self::Pattern),
        }
    }
}

impl Pattern {
    pub fn parse(text: &str) -> Result<Self, InvalidRule> {
        let invalid = |why: &str| InvalidRule(clean::line(&format!("“{text}” {why}")));
        let regex = regex::RegexBuilder::new(text).size_limit(SIZE_LIMIT).build().map_err(|error| {
            // The library's message draws several lines; the last one says what is wrong.
            let message = error.to_string();
            let why = message.lines().last().unwrap_or("").trim_start_matches("error: ");
            invalid(&format!("is not a regular expression: {why}"))
        })?;
        if regex.captures_len() < 2 {
            return Err(invalid(
                "captures nothing to group by; put what makes a group in brackets, or write major or minor",
            ));
        }
        Ok(Self(regex))
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Pattern {}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.as_str())
    }
}
