//! How the interface looks, from what was asked for: flags and `TAGBOAT_*` variables, then the config, then what the
//! environment tells about the terminal.

use crate::app::state::Looks;
use crate::store::config::{Config, Signs, Slow};
use crate::store::env::Env;

/// What flags and variables say; `None` leaves it to the config.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub theme: Option<String>,
    pub ascii: Option<bool>,
    pub mouse: Option<bool>,
    pub slow: Option<Slow>,
    pub utc: Option<bool>,
    pub accessible: bool,
}

impl Wanted {
    pub fn slow(&self, config: &Config) -> Slow {
        self.slow.unwrap_or(config.slow)
    }

    pub fn looks(&self, config: &Config, env: &Env) -> Looks {
        let theme = match &self.theme {
            Some(name) => name.clone(),
            None if env.raw("NO_COLOR").is_some() => "mono".to_owned(),
            None => config.theme.clone(),
        };
        let ascii = self.ascii.unwrap_or(match config.signs {
            Signs::Ascii => true,
            Signs::Unicode => false,
            Signs::Auto => !is_utf8(env),
        });
        Looks {
            ascii,
            mouse: self.mouse.unwrap_or(config.mouse),
            slow: self.slow(config) == Slow::On,
            utc: self.utc.unwrap_or(config.utc),
            accessible: self.accessible,
            theme,
        }
    }
}

/// By the rule of setlocale(3): the first of these that is set.
fn is_utf8(env: &Env) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|key| env.text(key)).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asked_for_wins_over_the_config_and_that_over_the_environment() {
        let utf8 = Env::fixed([("LC_ALL", ""), ("LANG", "de_DE.UTF-8")]);
        let config = Config { theme: "dark".into(), mouse: true, slow: Slow::On, utc: true, ..Config::default() };
        let looks = Wanted::default().looks(&config, &utf8);
        assert_eq!(
            (looks.theme.as_str(), looks.ascii, looks.mouse, looks.slow, looks.utc),
            ("dark", false, true, true, true)
        );
        let wanted = Wanted {
            theme: Some("light".into()),
            ascii: Some(true),
            mouse: Some(false),
            slow: Some(Slow::Off),
            utc: Some(false),
            accessible: false,
        };
        let looks = wanted.looks(&config, &utf8);
        assert_eq!(
            (looks.theme.as_str(), looks.ascii, looks.mouse, looks.slow, looks.utc),
            ("light", true, false, false, false)
        );
        let bare = Env::fixed([("NO_COLOR", "1"), ("LANG", "C")]);
        let looks = Wanted::default().looks(&config, &bare);
        assert_eq!((looks.theme.as_str(), looks.ascii), ("mono", true));
        let unicode = Config { signs: Signs::Unicode, ..Config::default() };
        assert!(!Wanted::default().looks(&unicode, &bare).ascii);
        assert_eq!(wanted.looks(&config, &bare).theme, "light");
    }
}
