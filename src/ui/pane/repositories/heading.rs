//! What stands above the repositories of one registry.

use std::sync::Arc;

use crate::app::cache::Catalog;
use crate::app::pane::repositories;
use crate::domain::repository::RepoInfo;
use crate::domain::text;
use crate::ui::pane::table::Cell;
use crate::ui::theme::Theme;

/// Its name, how many there are, how it is reached where that is not the usual way, and what is said of several of them.
pub fn cell(catalog: &Catalog, group: &str, open: bool, theme: &Theme) -> Cell {
    let sign = if open { theme.signs.open } else { theme.signs.closed };
    let facts = Facts::of(catalog, group);
    Cell { text: format!("{sign} {group}  ({}){}", text::count(facts.all), facts.words()), style: theme.title }
}

#[derive(Default)]
pub struct Facts<'a> {
    pub all: usize,
    pub in_use: usize,
    pub private: usize,
    /// Where the registry is.
    pub url: Option<&'a str>,
}

impl<'a> Facts<'a> {
    pub fn of(catalog: &'a Catalog, group: &str) -> Self {
        let inside = catalog.rows.iter().filter(|row| repositories::group(row) == Some(group));
        let mut facts = Self::default();
        inside.for_each(|row| facts.hear(row.info.as_ref()));
        facts
    }

    fn hear(&mut self, info: Option<&'a Arc<RepoInfo>>) {
        self.all += 1;
        let Some(info) = info else { return };
        self.in_use += usize::from(info.in_use == Some(true));
        self.private += usize::from(info.public == Some(false));
        self.url = self.url.or(info.elsewhere.as_ref().map(|there| there.url.as_str()));
    }

    fn words(&self) -> String {
        let (scheme, host) = self.url.and_then(|url| url.split_once("://")).unwrap_or_default();
        let port = host.rsplit_once(':').map(|(_, port)| format!("port {port}"));
        let counted = |n: usize, what: &str| (n > 0).then(|| format!("{} {what}", text::count(n)));
        let plain = (scheme == "http").then(|| "plain http".to_owned());
        let all = [port, plain, counted(self.in_use, "in use"), counted(self.private, "private")];
        let all: Vec<String> = all.into_iter().flatten().collect();
        if all.is_empty() { String::new() } else { format!("  {}", all.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::repository::Elsewhere;

    fn words(entries: &[(&str, Option<bool>, Option<bool>)]) -> String {
        let infos: Vec<_> = entries
            .iter()
            .map(|(url, in_use, public)| {
                let elsewhere = Some(Elsewhere { url: (*url).to_owned(), repository: "a/b".to_owned() });
                Arc::new(RepoInfo { elsewhere, in_use: *in_use, public: *public, ..RepoInfo::default() })
            })
            .collect();
        let mut facts = Facts::default();
        infos.iter().for_each(|info| facts.hear(Some(info)));
        facts.words()
    }

    #[test]
    fn a_heading_says_what_is_not_usual_and_counts_what_is_said() {
        assert_eq!(words(&[("https://quay.io", None, None)]), "");
        let desk = "http://buildbox.local:5000";
        let entries = [(desk, Some(true), Some(false)), (desk, Some(true), None), (desk, Some(false), Some(true))];
        assert_eq!(words(&entries), "  port 5000, plain http, 2 in use, 1 private");
        // What nothing is said of counts all the same.
        let mut facts = Facts::default();
        facts.hear(None);
        assert_eq!((facts.all, facts.words().as_str()), (1, ""));
    }
}
