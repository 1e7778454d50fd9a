//! What the registry says of one repository, in full: its description, and the object as it came.

use super::Outcome;
use crate::app::key::{Key, KeyCode as Code};
use crate::app::pane::image;
use crate::app::state::State;
use crate::domain::reference::RepoName;
use crate::domain::registry::RegistryId;
use crate::domain::repository::RepoInfo;
use crate::domain::text;

/// Rows of the screen that are not the dialog's lines: header, status line, footer, and its own frame.
const AROUND: u16 = 5;
/// The frame and a cell of air on both sides.
const BESIDE: u16 = 4;
/// Longer lines are hard to read.
const WIDEST: u16 = 110;
const PAGE: usize = 10;

#[derive(Clone, Debug)]
pub struct About {
    pub registry: RegistryId,
    pub repo: RepoName,
    /// The first line shown.
    pub top: usize,
}

impl About {
    /// Of the row under the cursor, where something is said of it.
    pub fn of(registry: RegistryId, repo: RepoName) -> Self {
        Self { registry, repo, top: 0 }
    }

    pub fn key(&mut self, key: Key, state: &State) -> Outcome {
        let room = usize::from(state.layout.height.saturating_sub(AROUND)).max(1);
        let last = self.lines(state).len().saturating_sub(room);
        match key.code {
            Code::Esc | Code::Enter | Code::Char('q' | 'w') => return Outcome::Close,
            Code::Up | Code::Char('k') => self.top = self.top.min(last).saturating_sub(1),
            Code::Down | Code::Char('j') => self.top += 1,
            Code::PageUp => self.top = self.top.min(last).saturating_sub(PAGE),
            Code::PageDown | Code::Char(' ') => self.top += PAGE,
            Code::Home | Code::Char('g') => self.top = 0,
            Code::End | Code::Char('G') => self.top = last,
            _ => {}
        }
        self.top = self.top.min(last);
        Outcome::Stay
    }

    /// As many cells as the dialog has across.
    pub fn width(state: &State) -> u16 {
        state.layout.width.min(WIDEST)
    }

    /// What it says, broken to its width.
    pub fn lines(&self, state: &State) -> Vec<String> {
        let width = usize::from(Self::width(state).saturating_sub(BESIDE)).max(1);
        let row = state.cache.catalogs.get(&self.registry).and_then(|catalog| catalog.named(self.repo.as_str()));
        let Some(info) = row.and_then(|row| row.info.as_deref()) else {
            return vec!["Nothing is said of it any more.".to_owned()];
        };
        let wrap = |line: &str| {
            let words = line.trim_start();
            let indent = (line.len() - words.len()).min(width / 2);
            let parts = text::wrap(words, width - indent).into_iter();
            parts.map(|part| format!("{}{part}", " ".repeat(indent))).collect::<Vec<_>>()
        };
        said(info).iter().flat_map(|line| wrap(line)).collect()
    }
}

fn said(info: &RepoInfo) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for text in [&info.description, &info.full_description].into_iter().flatten().filter(|text| !text.is_empty()) {
        lines.extend(text.as_str().lines().map(str::to_owned));
        lines.push(String::new());
    }
    match &info.raw {
        Some(raw) => lines.extend(image::pretty(raw.as_bytes())),
        None => lines.extend(info.more.iter().map(|(name, value)| format!("{name}: {value}"))),
    }
    if lines.is_empty() { vec!["Nothing more is said of it.".to_owned()] } else { lines }
}
