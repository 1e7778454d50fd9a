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

    /// The theme, or, where its file is not right, the default one and what to say about that.
    pub fn load(&self, looks: &Looks) -> (Theme, Option<Clean>) {
        let (mut theme, wrong) = match self.own.as_ref().filter(|own| **own == looks.theme) {
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
        let names: Vec<&str> = theme::NAMES.into_iter().chain(self.own.as_deref()).collect();
        let next = names.iter().position(|n| *n == name).map_or(0, |at| at + 1);
        names[next % names.len()].to_owned()
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
    fn switching_comes_round_to_the_own_theme() {
        let dir = tempfile::tempdir().unwrap();
        let own = themes(dir.path(), "mine");
        assert_eq!((own.after("light").as_str(), own.after("mine").as_str()), ("mine", "ansi16"));
        assert_eq!(themes(dir.path(), "mono").after("light"), "ansi16");
    }
}
