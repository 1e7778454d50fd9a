//! Forms of repositories and new passwords through the whole program: keys in, frames out, and what the system has then.
#![cfg(unix)]

mod alauda;
mod docker_cloud;
mod docker_v1;
mod ml_space;
mod password;

use tagboat::demo::{Fault, Logged};

use crate::support::gestures::look;
use crate::support::pty::Pty;

/// The secret of the account is in this variable.
const SECRET: &str = "FORMS_SECRET";

/// The program at the repositories of one registry.
struct Screen {
    pty: Pty,
}

impl Screen {
    /// `more`: other lines of its entry in the config, and other arguments.
    fn open(kind: &str, url: &str, secret: &str, more: (&str, &[&str]), (cols, rows): (u16, u16)) -> Self {
        let credential = if secret.is_empty() { "none".to_owned() } else { format!("env:{SECRET}") };
        let config = format!(
            "[[registry]]\nname = 'r'\nkind = '{kind}'\nurl = '{url}'\ncredential = '{credential}'\n{}",
            more.0
        );
        let arguments = [&["r"], more.1].concat();
        // Wide at first: a small screen has no line that says that all was read.
        let pty = Pty::start_configured(&config, &arguments, 110, 30, &[(SECRET, secret)]);
        pty.wait_until("the list", |screen| screen.contains("complete: ") && screen.contains("ms http"));
        pty.resize(cols, rows);
        let frame =
            |screen: &str| screen.lines().next().is_some_and(|head| head.trim_end().chars().count() <= cols.into());
        pty.wait_until("the size", |screen| screen.contains("? help") && frame(screen));
        Self { pty }
    }

    /// The cursor onto a repository, by a filter.
    fn to(&mut self, name: &str) {
        self.pty.narrow(name, " shown");
    }

    /// The row with the cursor is this one.
    fn is_on(&self, name: &str) {
        let row = |line: &str| line.contains('▌') && line.contains(name);
        self.pty.wait_until(name, |screen| screen.lines().any(row));
    }

    fn wait_for(&self, text: &str) {
        self.pty.wait_for(text);
    }

    fn press(&mut self, keys: &str) {
        self.pty.press(keys);
    }

    /// As a paste with markers: so that long text is no burst of keys.
    fn paste(&mut self, text: &str) {
        self.pty.press(&format!("\x1b[200~{text}\x1b[201~"));
    }

    fn tabs(&mut self, count: usize) {
        for _ in 0..count {
            self.press("\t");
        }
    }

    /// No border and no blanks between the lines of a sentence.
    fn words(&self) -> String {
        flat(&self.pty.screen())
    }

    #[track_caller]
    fn says(&self, words: &str) {
        self.pty.wait_until(words, |screen| flat(screen).contains(words));
    }
}

fn flat(screen: &str) -> String {
    screen.replace(['|', '│'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn sent(log: &[Logged], methods: &[&str]) -> Vec<Logged> {
    let writes = |one: &&Logged| methods.contains(&one.method.as_str()) && !one.path.contains("token");
    log.iter().filter(writes).cloned().collect()
}

/// What a server may answer to a change, and what is then said.
fn refusals() -> Vec<(Fault, &'static str)> {
    vec![
        (Fault::status(401), "401"),
        (Fault::status(403), "403"),
        (Fault::too_many_requests("1"), "429"),
        (Fault::html_error(502), "502"),
        (Fault::LostAnswer, "may have been done"),
    ]
}
