//! Which theme is drawn with: a built-in one, or one from a file of the user's.

use std::path::{Path, PathBuf};

use crate::app::state::Looks;
use crate::domain::clean::{self, Clean};
use crate::store::env::Env;
use crate::store::private;
use crate::ui::theme::{self, Depth, Theme};

pub struct Themes {
    /// The config's directory: where `themes/` is, and where paths begin.
    dir: Option<PathBuf>,
    /// The user's own theme, to come round to when themes are switched.
    own: Option<String>,
    home: Option<PathBuf>,
    depth: Depth,
}

impl Themes {
    pub fn new(config: Option<&Path>, looks: &Looks, env: &Env) -> Self {
        let text = |key| env.text(key).filter(|text| !text.is_empty());
        let mut themes = Self {
            dir: config.and_then(Path::parent).map(Path::to_owned),
            own: None,
            home: env.home(),
            depth: Depth::of(text("COLORTERM").as_deref(), text("TERM").as_deref()),
        };
        themes.know(looks);
        themes
    }

    /// A theme that is none of the built-in ones is the user's own from here on.
    pub fn know(&mut self, looks: &Looks) {
        if !theme::NAMES.contains(&looks.theme.as_str()) {
            self.own = Some(looks.theme.clone());
        }
    }

    /// The built-in ones, those that lie beside the config, and what the config or a flag names.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = theme::NAMES.map(str::to_owned).to_vec();
        let beside = self.dir.as_ref().and_then(|dir| std::fs::read_dir(dir.join("themes")).ok());
        let mut found: Vec<String> = beside.into_iter().flatten().flatten().filter_map(|e| named(&e.path())).collect();
        found.sort();
        found.truncate(MOST);
        for name in found.into_iter().chain(self.own.clone()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The theme, or, where its file is not right, the default one and what to say about that.
    pub fn load(&self, looks: &Looks) -> (Theme, Option<Clean>) {
        let own = Some(&looks.theme).filter(|name| !theme::NAMES.contains(&name.as_str()));
        let (mut theme, wrong) = match own {
            None => (Theme::of(looks), None),
            Some(own) => match self.read(own, looks.ascii) {
                Ok(theme) => (theme, None),
                Err(wrong) => (Theme::named(theme::NAMES[0], looks.ascii), Some(clean::line(&wrong))),
            },
        };
        theme.signs.lines = !looks.accessible;
        (theme.within(self.depth), wrong)
    }

    /// The name that follows this one.
    pub fn after(&self, name: &str) -> String {
        let mut names = self.names();
        let next = names.iter().position(|n| n == name).map_or(0, |at| at + 1);
        names.swap_remove(next % names.len())
    }

    fn read(&self, own: &str, ascii: bool) -> Result<Theme, String> {
        let file = self.file(own);
        let name = file.display();
        let failed = |why: &str| format!("The theme {name}: {why}");
        let (bytes, _) =
            private::read(&file).map_err(|e| failed(&e.to_string()))?.ok_or_else(|| failed("no such file"))?;
        let source = String::from_utf8(bytes).map_err(|_| failed("not UTF-8 text"))?;
        theme::parse(&source, ascii)
            .map_err(|error| format!("The theme {name}, line {}: {}", error.line, error.message))
    }

    /// A name is a file in `themes/` beside the config. A path begins there, too, if it leads to a file; else where the
    /// program was started, since it may come from the command line. No shell opens a `~` in a config.
    fn file(&self, own: &str) -> PathBuf {
        if let (Some(rest), Some(home)) = (own.strip_prefix("~/"), &self.home) {
            return home.join(rest);
        }
        let is_name = !own.contains('/') && !own.ends_with(".toml");
        let Some(dir) = &self.dir else { return PathBuf::from(own) };
        if is_name {
            return dir.join("themes").join(format!("{own}.toml"));
        }
        let beside = dir.join(own);
        if beside.is_file() { beside } else { PathBuf::from(own) }
    }
}

/// More are no choice any more.
const MOST: usize = 64;

/// What a file is called by, if it may be a theme.
fn named(file: &Path) -> Option<String> {
    let name = file.file_name()?.to_str()?.strip_suffix(".toml")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(theme: &str) -> Looks {
        Looks { ascii: true, mouse: false, slow: false, utc: true, accessible: false, theme: theme.to_owned() }
    }

    fn themes(dir: &Path, theme: &str) -> Themes {
        let home = dir.display().to_string();
        let env = Env::fixed([("COLORTERM", "truecolor"), ("TERM", "xterm"), ("HOME", &home)]);
        Themes::new(Some(&dir.join("config.toml")), &looks(theme), &env)
    }

    #[test]
    fn names_and_paths_lead_to_files_beside_the_config() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("themes")).unwrap();
        std::fs::write(dir.path().join("themes/mine.toml"), "[good]\nfg = 'blue'").unwrap();
        let path = dir.path().join("themes/mine.toml").display().to_string();
        for own in ["mine", "themes/mine.toml", "~/themes/mine.toml", &path] {
            let (theme, wrong) = themes(dir.path(), own).load(&looks(own));
            assert_eq!((theme.good.fg, wrong), (Some(ratatui::style::Color::Blue), None), "{own}");
        }
    }

    #[test]
    fn a_bad_file_is_told_with_its_line_and_the_default_is_used() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("bad.toml");
        std::fs::write(&file, "[good]\nfg = 'blu'").unwrap();
        let (theme, wrong) = themes(dir.path(), "bad.toml").load(&looks("bad.toml"));
        let wrong = wrong.unwrap().to_string();
        assert!(wrong.contains("bad.toml, line 2: not a colour"), "{wrong}");
        assert_eq!(theme.good, Theme::named("ansi16", true).good);
        assert!(themes(dir.path(), "none").load(&looks("none")).1.unwrap().as_str().contains("none.toml"));
    }

    #[test]
    fn what_lies_beside_the_config_is_a_choice() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("themes")).unwrap();
        for name in ["b.toml", "a.toml", "mono.toml", "no\x1b[2J.toml", "notes.txt", ".toml"] {
            std::fs::write(dir.path().join("themes").join(name), "[good]\nfg = 'blue'").unwrap();
        }
        let themes = themes(dir.path(), "ansi16");
        assert_eq!(themes.names(), ["ansi16", "mono", "high-contrast", "dark", "light", "a", "b"]);
        assert_eq!((themes.after("light").as_str(), themes.after("b").as_str()), ("a", "ansi16"));
        let (theme, wrong) = themes.load(&looks("a"));
        assert_eq!((theme.good.fg, wrong), (Some(ratatui::style::Color::Blue), None));
    }

    #[test]
    fn switching_comes_round_to_the_own_theme() {
        let dir = tempfile::tempdir().unwrap();
        let own = themes(dir.path(), "mine");
        assert_eq!((own.after("light").as_str(), own.after("mine").as_str()), ("mine", "ansi16"));
        assert_eq!(themes(dir.path(), "mono").after("light"), "ansi16");
    }
}
