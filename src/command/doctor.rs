//! `tagboat doctor`: what of this machine matters to us, and what to do where it is not as it should be.

use std::path::Path;

use serde::Serialize;

use super::{DONE, Io, Outcome};
use crate::domain::clean;
use crate::runtime::keys::keymap;
use crate::store::config::Config;
use crate::store::credentials::Credentials;
use crate::store::env::Env;
use crate::store::places::Places;
use crate::store::{is_network, private};

/// Something is bad.
const BAD: u8 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Warn,
    Bad,
}

/// One line of the report.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    verdict: Verdict,
    what: String,
    #[serde(rename = "do")]
    advice: Option<String>,
}

fn ok(name: &'static str, what: impl Into<String>) -> Check {
    Check { name, verdict: Verdict::Ok, what: what.into(), advice: None }
}

fn warn(name: &'static str, what: impl Into<String>, advice: &str) -> Check {
    Check { name, verdict: Verdict::Warn, what: what.into(), advice: Some(advice.to_owned()) }
}

fn bad(name: &'static str, what: impl Into<String>, advice: &str) -> Check {
    Check { name, verdict: Verdict::Bad, what: what.into(), advice: Some(advice.to_owned()) }
}

/// Columns and rows of the terminal, where there is one.
pub type Size = Option<(u16, u16)>;

/// Exit code 1 when something is bad; warnings alone are none.
pub async fn run(places: &Places, env: &Env, size: Size, io: &mut Io<'_>) -> Outcome {
    let mut checks = terminal(env, size);
    checks.push(clipboard(env));
    checks.push(proxies(env));
    checks.push(authorities(env));
    checks.push(config(places));
    checks.push(directory("state", places.state_dir.as_deref(), "Favourites and history are"));
    checks.push(directory("cache", places.cache_dir.as_deref(), "The cache is"));
    checks.extend(credentials(places, env).await);
    let worst = checks.iter().any(|check| check.verdict == Verdict::Bad);
    if io.json {
        io.print_json(&serde_json::json!({ "ok": !worst, "checks": checks }))?;
    } else {
        for check in &checks {
            let word = match check.verdict {
                Verdict::Ok => "ok",
                Verdict::Warn => "warn",
                Verdict::Bad => "BAD",
            };
            writeln!(io.out, "{word:<5} {:<12} {}", check.name, clean::line(&check.what))?;
            if let Some(advice) = &check.advice {
                writeln!(io.out, "{:<18} {advice}", "")?;
            }
        }
    }
    Ok(if worst { BAD } else { DONE })
}

fn terminal(env: &Env, size: Size) -> Vec<Check> {
    let term = env.text("TERM").unwrap_or_default();
    let mut checks = vec![match term.as_str() {
        "" => warn("terminal", "TERM is not set", "Set TERM to what your terminal is, as xterm-256color."),
        "dumb" => warn("terminal", "TERM=dumb cannot be drawn on", "Use the commands: see `tagboat --help`."),
        term => ok("terminal", format!("TERM={term}")),
    }];
    checks.push(match size {
        None => warn("size", "not a terminal", "The interface needs one; the commands do not."),
        Some((w, h)) if w < 40 || h < 8 => bad("size", format!("{w}x{h}"), "The interface needs 40x8 at least."),
        Some((w, h)) if w < 80 || h < 24 => warn(
            "size",
            format!("{w}x{h}"),
            "Everything is reachable; 80x24 shows more, 110x20 a preview beside the list.",
        ),
        Some((w, h)) => ok("size", format!("{w}x{h}")),
    });
    let truecolor = env.text("COLORTERM").is_some_and(|value| matches!(value.as_str(), "truecolor" | "24bit"));
    checks.push(if env.raw("NO_COLOR").is_some() {
        ok("colours", "none: NO_COLOR is set; words and signs say everything")
    } else if truecolor {
        ok("colours", "16, and 24 bit: COLORTERM says so")
    } else {
        ok("colours", "16; the themes dark and light need COLORTERM=truecolor to look as drawn")
    });
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|key| env.text(key)).unwrap_or_default();
    let lower = locale.to_ascii_lowercase();
    checks.push(if lower.contains("utf-8") || lower.contains("utf8") {
        ok("UTF-8", format!("locale {locale}"))
    } else {
        let shown = if locale.is_empty() { "no locale".to_owned() } else { format!("locale {locale}") };
        warn(
            "UTF-8",
            format!("{shown}: ASCII signs are drawn"),
            "Set LANG=C.UTF-8, or signs = \"unicode\" in the config.",
        )
    });
    checks
}

/// OSC 52 goes through whatever is between us and the screen.
fn clipboard(env: &Env) -> Check {
    let term = env.text("TERM").unwrap_or_default();
    if env.raw("TMUX").is_some() {
        let advice = "Run `tmux set -s set-clipboard on`, and keep it in tmux.conf.";
        warn("clipboard", "tmux passes copies on only with set-clipboard on", advice)
    } else if env.raw("STY").is_some() || term.starts_with("screen") {
        let advice = "Use tmux, or select with the mouse (mouse is off by default).";
        warn("clipboard", "screen does not pass copies (OSC 52) on", advice)
    } else if term == "linux" {
        warn("clipboard", "the Linux console has no clipboard", "Connect over SSH from a terminal with OSC 52.")
    } else {
        ok("clipboard", "copies are sent to the terminal (OSC 52); some ask to allow that in their settings")
    }
}

fn proxies(env: &Env) -> Check {
    let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    let set: Vec<&str> = names.into_iter().filter(|name| env.raw(name).is_some()).collect();
    if set.is_empty() {
        return ok("proxy", "none set");
    }
    // The values may hold a password, so only the names are shown.
    let except = ["NO_PROXY", "no_proxy"].into_iter().find(|name| env.raw(name).is_some());
    let shown = set.join(", ");
    match except {
        Some(name) => ok("proxy", format!("{shown}; {name} names the hosts reached without")),
        None => warn(
            "proxy",
            format!("{shown}: every registry but this machine's own is reached through it"),
            "Set NO_PROXY to the hosts of the registries in your own network.",
        ),
    }
}

fn authorities(env: &Env) -> Check {
    const PLACES: [&str; 5] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/cert.pem",
        "/etc/ssl/ca-bundle.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    ];
    if let Some(file) = env.path("SSL_CERT_FILE") {
        return if file.is_file() {
            ok("CA bundle", format!("{} (SSL_CERT_FILE)", file.display()))
        } else {
            let what = format!("SSL_CERT_FILE names {}, which is no file", file.display());
            bad("CA bundle", what, "Correct the variable, or unset it.")
        };
    }
    if let Some(dir) = env.path("SSL_CERT_DIR").filter(|dir| dir.is_dir()) {
        return ok("CA bundle", format!("{} (SSL_CERT_DIR)", dir.display()));
    }
    if cfg!(target_os = "macos") {
        return ok("CA bundle", "the system's keychain");
    }
    match PLACES.into_iter().find(|place| Path::new(place).is_file()) {
        Some(place) => ok("CA bundle", place),
        None => bad(
            "CA bundle",
            "no certificate authorities: https registries cannot be checked",
            "Install the package ca-certificates, or set SSL_CERT_FILE, or ca_cert per registry.",
        ),
    }
}

fn config(places: &Places) -> Check {
    let Some(file) = &places.config_file else {
        return warn("config", "no place for it: HOME is not set", "Set HOME, or use --config FILE.");
    };
    let shown = file.display();
    match Config::load(file, places.config_asked) {
        Err(error) => bad("config", error.to_string(), "Correct the file; `tagboat config example` shows every key."),
        Ok((config, warnings)) => match (keymap(&config, Some(file)), warnings.first()) {
            (Err(why), _) => bad("config", why.to_string(), "`tagboat keys` lists views and actions."),
            (Ok(_), Some(warning)) => warn("config", warning.to_string(), "Run chmod go-w on it."),
            (Ok(_), None) if !file.exists() => ok("config", format!("{shown}: not there, the defaults hold")),
            (Ok(_), None) => ok("config", format!("{shown}: {} registries", config.registries.len())),
        },
    }
}

fn directory(name: &'static str, dir: Option<&Path>, what: &str) -> Check {
    let Some(dir) = dir else {
        return warn(name, format!("no place for it: {what} not kept"), "Set HOME, or use --state-dir DIR.");
    };
    let shown = dir.display();
    match private::create_dir(dir).and_then(|()| private::probe_writable(dir)) {
        Err(error) => bad(name, format!("{shown}: {error}: {what} not kept"), "Use --state-dir DIR, or free the disk."),
        Ok(()) if is_network(dir) => warn(
            name,
            format!("{shown}: on a network file system, which is slow"),
            "--state-dir DIR on a local disk is faster.",
        ),
        Ok(()) => ok(name, format!("{shown}: writable")),
    }
}

/// Files and helpers that may hold secrets; no helper is asked for one.
async fn credentials(places: &Places, env: &Env) -> Vec<Check> {
    let credentials = Credentials::new(env.clone(), places);
    let (known, notes) = credentials.known_registries().await;
    let what = match known.len() {
        0 => "Docker and Podman know no registry".to_owned(),
        n => format!(
            "Docker and Podman know {n}: {}",
            known.iter().map(|k| k.host.as_str()).collect::<Vec<_>>().join(", ")
        ),
    };
    let mut checks = vec![ok("credentials", what)];
    let helpers = credentials.helpers();
    checks.extend(helpers.into_iter().map(|(name, found)| match found {
        Ok(()) => ok("helper", format!("docker-credential-{name} is there")),
        Err(why) => bad("helper", why.to_string(), "Install it, or take it out of Docker's config.json."),
    }));
    let advice = "Signing in through it may fail; look at the file or run the helper by hand.";
    checks.extend(notes.into_iter().map(|note| warn("credentials", note.to_string(), advice)));
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(check: &Check) -> (&'static str, Verdict) {
        (check.name, check.verdict)
    }

    #[test]
    fn terminals_are_judged_by_size_locale_and_name() {
        let good = Env::fixed([("TERM", "xterm-256color"), ("LANG", "C.UTF-8")]);
        assert!(terminal(&good, Some((120, 36))).iter().all(|check| check.verdict == Verdict::Ok));
        let poor = Env::fixed([("TERM", "dumb"), ("LANG", "C")]);
        let checks: Vec<_> = terminal(&poor, Some((39, 8))).iter().map(verdict).collect();
        assert_eq!(
            checks,
            [("terminal", Verdict::Warn), ("size", Verdict::Bad), ("colours", Verdict::Ok), ("UTF-8", Verdict::Warn)]
        );
        assert_eq!(terminal(&good, None)[1].verdict, Verdict::Warn);
    }

    #[test]
    fn what_stands_between_us_and_the_clipboard_is_named() {
        assert!(clipboard(&Env::fixed([("TMUX", "/tmp/x")])).advice.is_some_and(|a| a.contains("set-clipboard on")));
        assert_eq!(clipboard(&Env::fixed([("STY", "1.x")])).verdict, Verdict::Warn);
        assert_eq!(clipboard(&Env::fixed([("TERM", "xterm")])).verdict, Verdict::Ok);
    }

    #[test]
    fn proxies_are_named_and_never_shown() {
        let check = proxies(&Env::fixed([("https_proxy", "http://me:s3cret@p:1")]));
        assert!(check.what.contains("https_proxy") && !check.what.contains("s3cret"));
        assert_eq!(check.verdict, Verdict::Warn);
        assert_eq!(proxies(&Env::fixed([("HTTP_PROXY", "p"), ("NO_PROXY", "x")])).verdict, Verdict::Ok);
    }

    #[test]
    fn a_ca_file_that_is_not_there_is_bad() {
        assert_eq!(authorities(&Env::fixed([("SSL_CERT_FILE", "/nowhere/ca.pem")])).verdict, Verdict::Bad);
    }

    #[test]
    fn directories_must_be_writable() {
        let dir = tempfile::tempdir().unwrap();
        assert_ne!(directory("state", Some(dir.path()), "x").verdict, Verdict::Bad);
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert_eq!(directory("state", Some(&file.join("below")), "x").verdict, Verdict::Bad);
        assert_eq!(directory("state", None, "x").verdict, Verdict::Warn);
    }

    #[tokio::test]
    async fn the_report_is_parseable_and_one_bad_line_is_an_exit_code() {
        let dir = tempfile::tempdir().unwrap();
        let places = |config: &str| {
            let file = dir.path().join("config.toml");
            std::fs::write(&file, config).unwrap();
            Places { config_file: Some(file), state_dir: Some(dir.path().join("state")), ..Places::default() }
        };
        let env = Env::fixed([("SSL_CERT_DIR", "/"), ("TERM", "xterm"), ("LANG", "C.UTF-8")]);
        for (text, code) in [("", DONE), ("theem = 1", BAD)] {
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let mut io = Io::new(&mut out, &mut err);
            io.json = true;
            let got = run(&places(text), &env, Some((80, 24)), &mut io).await.unwrap();
            let report: serde_json::Value = serde_json::from_slice(&out).unwrap();
            assert_eq!((got, &report["ok"]), (code, &(code == DONE).into()), "{report}");
            let checks = report["checks"].as_array().unwrap();
            assert!(checks.iter().all(|c| c["name"].is_string() && c["verdict"].is_string() && c["what"].is_string()));
        }
    }
}
