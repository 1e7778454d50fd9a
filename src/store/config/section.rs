//! The sections of the file, except for registries.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, suggestion};
use super::reader::{At, Section, Source};
use super::{CacheSettings, Config, HistorySettings, KeyChange, Network, Signs, Slow, label, registry, rule, url};
use crate::domain::cleanup::Confirm;
use crate::domain::cleanup::confirm::NAME_FROM_AT_MOST;
use crate::domain::filter::Filter;
use crate::domain::registry::BackendKind;

const TOP: [&str; 14] = [
    "theme", "signs", "mouse", "slow", "utc", "confirm", "cleanup", "registry", "rule", "label", "keys", "network",
    "cache", "history",
];
const THEMES: [&str; 5] = ["ansi16", "mono", "high-contrast", "dark", "light"];

pub(super) fn config(source: &Source<'_>) -> Result<Config, ConfigError> {
    let document = DeTable::parse(source.text)
        .map_err(|error| source.error(error.span().map_or(0, |span| span.start), error.message()))?;
    let top = Section::new(source, document.get_ref(), "the config", 0, &TOP)?;
    let defaults = Config::default();
    Ok(Config {
        theme: theme(&top)?.unwrap_or(defaults.theme),
        signs: top
            .word("signs", &[("auto", Signs::Auto), ("unicode", Signs::Unicode), ("ascii", Signs::Ascii)])?
            .unwrap_or(defaults.signs),
        mouse: top.boolean("mouse")?.unwrap_or(defaults.mouse),
        slow: top.word("slow", &[("auto", Slow::Auto), ("on", Slow::On), ("off", Slow::Off)])?.unwrap_or(defaults.slow),
        utc: top.boolean("utc")?.unwrap_or(defaults.utc),
        confirm: confirm(&top, defaults.confirm)?,
        protect: protect(&top)?,
        registries: registry::registries(&top)?,
        rules: rule::rules(&top)?,
        labels: label::labels(&top)?,
        keys: keys(&top)?,
        network: network(&top, defaults.network)?,
        cache: cache(&top, defaults.cache)?,
        history: history(&top, defaults.history)?,
        plain_http: false,
    })
}

fn theme(top: &Section<'_, '_>) -> Result<Option<String>, ConfigError> {
    let Some(found) = top.string("theme")? else { return Ok(None) };
    check_theme(&found.value, Some(top.source.file)).map_err(|message| top.source.error(found.offset, &message))?;
    Ok(Some(found.value))
}

/// A built-in theme, a file, or the name of one in `themes/` beside the config. `Err` has the sentence that says so.
pub fn check_theme(text: &str, config: Option<&Path>) -> Result<(), String> {
    if text.contains('/') || text.ends_with(".toml") || THEMES.contains(&text) {
        return Ok(());
    }
    let own = config.and_then(Path::parent).map(|dir| dir.join("themes").join(format!("{text}.toml")));
    if own.is_some_and(|file| file.is_file()) {
        return Ok(());
    }
    let allowed = THEMES.join(" ");
    let hint = suggestion(text, THEMES);
    Err(format!(
        "“{text}” is not a theme{hint} Allowed: {allowed}, a file ending in .toml, or the name of one in themes/ beside \
         the config"
    ))
}

fn confirm(top: &Section<'_, '_>, defaults: Confirm) -> Result<Confirm, ConfigError> {
    let Some((table, offset)) = top.table("confirm")? else { return Ok(defaults) };
    let section = Section::new(top.source, table, "[confirm]", offset, &["count_from", "name_from"])?;
    let count_from = section.integer("count_from", 1..=NAME_FROM_AT_MOST)?.unwrap_or(defaults.count_from);
    let name_from = section.integer("name_from", 1..=NAME_FROM_AT_MOST)?.unwrap_or(defaults.name_from);
    if name_from < count_from {
        return Err(top.source.error(offset, "“name_from” in [confirm] must not be less than “count_from”"));
    }
    Ok(Confirm { count_from, name_from })
}

fn protect(top: &Section<'_, '_>) -> Result<Vec<String>, ConfigError> {
    let Some((table, offset)) = top.table("cleanup")? else { return Ok(Vec::new()) };
    filters(&Section::new(top.source, table, "[cleanup]", offset, &["protect"])?, "protect")
}

/// A list of filters; an empty one would protect nothing or everything, and nobody means that.
pub(super) fn filters(section: &Section<'_, '_>, key: &str) -> Result<Vec<String>, ConfigError> {
    let check = |found: At<String>| {
        if found.value.trim().is_empty() {
            return Err(section.source.error(found.offset, &format!("an empty filter in “{key}”")));
        }
        if let Err(error) = Filter::parse(&found.value) {
            return Err(section.source.error(found.offset, &format!("“{}” in “{key}”: {error}", found.value)));
        }
        Ok(found.value)
    };
    section.strings(key)?.into_iter().map(check).collect()
}

fn keys(top: &Section<'_, '_>) -> Result<BTreeMap<String, BTreeMap<String, KeyChange>>, ConfigError> {
    let Some((views, _)) = top.table("keys")? else { return Ok(BTreeMap::new()) };
    let mut all = BTreeMap::new();
    for (view, value) in views {
        let name = format!("[keys.{}]", view.get_ref());
        let DeValue::Table(table) = value.get_ref() else {
            return Err(top.wrong_type("keys", "tables, one a view, as [keys.tags]", value.get_ref(), &view.span()));
        };
        let commands: Vec<&str> = table.keys().map(|key| key.get_ref().as_ref()).collect();
        let section = Section::new(top.source, table, &name, value.span().start, &commands)?;
        let mut changes = BTreeMap::new();
        for (command, value) in table {
            let keys = match value.get_ref() {
                DeValue::String(key) => vec![key.to_string()],
                _ => section.strings(command.get_ref())?.into_iter().map(|found| found.value).collect(),
            };
            let (line, column) = top.source.position(command.span().start);
            changes.insert(command.get_ref().to_string(), KeyChange { keys, line, column });
        }
        all.insert(view.get_ref().to_string(), changes);
    }
    Ok(all)
}

fn network(top: &Section<'_, '_>, defaults: Network) -> Result<Network, ConfigError> {
    let Some((table, offset)) = top.table("network")? else { return Ok(defaults) };
    let known = ["max_in_flight", "timeout", "trusted_realms", "trusted_plain_http"];
    let section = Section::new(top.source, table, "[network]", offset, &known)?;
    let seconds = section.integer("timeout", 1..=3600)?.map(|seconds| Duration::from_secs(seconds.into()));
    let mut trusted_realms = Vec::new();
    for (table, offset) in section.tables("trusted_realms")? {
        let pair = Section::new(top.source, table, "trusted_realms", offset, &["registry", "realm"])?;
        trusted_realms.push((host(top, pair.required("registry")?)?, host(top, pair.required("realm")?)?));
    }
    let plain = section.strings("trusted_plain_http")?;
    Ok(Network {
        max_in_flight: section.integer("max_in_flight", 1..=128)?.unwrap_or(defaults.max_in_flight),
        timeout: seconds.unwrap_or(defaults.timeout),
        trusted_realms,
        trusted_plain_http: plain.into_iter().map(|found| host(top, found)).collect::<Result<_, _>>()?,
    })
}

/// `host[:port]`, and nothing more: a trust with a path in it would promise more than it keeps.
fn host(top: &Section<'_, '_>, found: At<String>) -> Result<String, ConfigError> {
    let normal = url::normalise(&found.value, false, BackendKind::DockerV1);
    match normal.as_deref().map(|url| url.split_once("://")) {
        Ok(Some((_, host))) if !host.contains('/') && !found.value.contains("://") => Ok(host.to_owned()),
        _ => Err(top.source.error(found.offset, &format!("“{}” is not a host or host:port", found.value))),
    }
}

fn cache(top: &Section<'_, '_>, defaults: CacheSettings) -> Result<CacheSettings, ConfigError> {
    let Some((table, offset)) = top.table("cache")? else { return Ok(defaults) };
    let section = Section::new(top.source, table, "[cache]", offset, &["enabled", "max_mib"])?;
    Ok(CacheSettings {
        enabled: section.boolean("enabled")?.unwrap_or(defaults.enabled),
        max_mib: section.integer("max_mib", 1..=1_048_576)?.unwrap_or(defaults.max_mib),
    })
}

fn history(top: &Section<'_, '_>, defaults: HistorySettings) -> Result<HistorySettings, ConfigError> {
    let Some((table, offset)) = top.table("history")? else { return Ok(defaults) };
    let section = Section::new(top.source, table, "[history]", offset, &["enabled", "keep", "max_mib"])?;
    Ok(HistorySettings {
        enabled: section.boolean("enabled")?.unwrap_or(defaults.enabled),
        keep: section.integer("keep", 1..=100_000)?.unwrap_or(defaults.keep),
        max_mib: section.integer("max_mib", 1..=1_048_576)?.unwrap_or(defaults.max_mib),
    })
}
