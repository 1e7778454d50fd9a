//! Image configs (oci-distribution.md §6). Everything in them is optional and may be wrong.

use jiff::Timestamp;

use super::http::limits;
use super::json::{self, Flaw, Object};
use super::platform;
use crate::domain::clean::{self, Clean};
use crate::domain::image::{Descriptor, HistoryEntry, ImageConfig, LayerRow};

/// Whether reading it costs memory within bounds. What is no text grows threefold when it is made one.
pub(super) fn is_bounded(bytes: &[u8]) -> bool {
    let text = || std::str::from_utf8(bytes).ok();
    bytes.len() as u64 <= limits::CONFIG || text().is_some_and(|text| json::flaw(text) != Some(Flaw::TooMany))
}

/// Reads what can be read; of a document that is no JSON, or a nesting bomb, only the raw bytes remain.
pub(super) fn image_config(bytes: &[u8]) -> ImageConfig {
    let mut config = ImageConfig { raw: bytes.into(), ..ImageConfig::default() };
    let text = String::from_utf8_lossy(bytes);
    if json::flaw(&text) == Some(Flaw::TooDeep) {
        return config;
    }
    let Some(document) = Object::parse(&text) else { return config };
    let run = document.object("config").unwrap_or_default();
    let line = |from: &Object<'_>, name: &str| from.some_text(name).map(|text| clean::line(&text));
    let lines = |texts: Vec<String>| texts.iter().map(|text| clean::line(text)).collect::<Vec<_>>();
    config.created = document.text("created").as_deref().and_then(date);
    config.author = line(&document, "author");
    config.platform = platform::platform(&document);
    config.user = line(&run, "User");
    config.workdir = line(&run, "WorkingDir");
    config.stop_signal = line(&run, "StopSignal");
    config.entrypoint = lines(run.texts("Entrypoint"));
    config.cmd = lines(run.texts("Cmd"));
    config.env = lines(run.texts("Env"));
    config.exposed_ports = lines(run.names("ExposedPorts"));
    config.volumes = lines(run.names("Volumes"));
    config.labels = run.pairs("Labels").iter().map(|(key, value)| (clean::line(key), clean::block(value))).collect();
    config.healthcheck = run.object("Healthcheck").map(|check| check.texts("Test").join(" ")).map(|t| clean::line(&t));
    config.history = document.objects("history").iter().map(history_entry).collect();
    config.diff_ids = document.object("rootfs").map_or(0, |rootfs| rootfs.array("diff_ids").len());
    config
}

fn history_entry(entry: &Object<'_>) -> HistoryEntry {
    let created_by = entry.text("created_by").unwrap_or_default();
    let command = ["/bin/sh -c #(nop) ", "/bin/sh -c "].iter().find_map(|shell| created_by.strip_prefix(shell));
    HistoryEntry {
        created: entry.text("created").as_deref().and_then(date),
        created_by: clean::line(command.unwrap_or(&created_by).trim_start()),
        comment: clean::line(&entry.text("comment").unwrap_or_default()),
        empty_layer: entry.flag("empty_layer"),
    }
}

/// Dates before 1971 are what reproducible builds write in place of one.
pub(super) fn date(text: &str) -> Option<Timestamp> {
    const SECONDS_TO_1971: i64 = 365 * 24 * 60 * 60;
    text.trim().parse::<Timestamp>().ok().filter(|at| at.as_second() >= SECONDS_TO_1971)
}

/// Each layer with the command that made it, and whether history and layers do not fit together.
pub(super) fn layer_rows(layers: &[Descriptor], history: &[HistoryEntry]) -> (Vec<LayerRow>, bool) {
    let mut commands = history.iter().filter(|entry| !entry.empty_layer).map(|entry| &entry.created_by);
    let fits = history.is_empty() || commands.clone().count() == layers.len();
    let rows = layers.iter().map(|layer| LayerRow {
        descriptor: layer.clone(),
        created_by: if fits { commands.next().filter(|text: &&Clean| !text.is_empty()).cloned() } else { None },
    });
    (rows.collect(), !fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reference::Digest;

    fn layers(n: u8) -> Vec<Descriptor> {
        let layer = |i: u8| Descriptor {
            digest: Digest::of(&[i]),
            size: Some(1),
            media_type: Clean::default(),
            artifact_type: None,
            platform: None,
            annotations: Default::default(),
            attests: None,
        };
        (0..n).map(layer).collect()
    }

    #[test]
    fn every_field_may_be_missing_or_wrong() {
        for text in [
            "{}",
            "",
            "[]",
            "null",
            r#"{"created":5,"config":null,"history":null,"rootfs":[]}"#,
            r#"{"created":"yesterday","config":[],"history":{},"os":1,"rootfs":{"diff_ids":null}}"#,
        ] {
            let config = image_config(text.as_bytes());
            let want = ImageConfig { raw: text.as_bytes().into(), ..ImageConfig::default() };
            assert_eq!(config, want, "{text}");
        }
    }

    #[test]
    fn a_full_config_is_read() {
        let config = image_config(
            br#"{"created":"2026-05-06T07:08:09.123Z","author":"me","os":"linux","architecture":"arm64","variant":"v8",
            "config":{"User":"app","WorkingDir":"/w","StopSignal":"SIGINT","Entrypoint":["/e","x"],"Cmd":"run",
            "Env":["A=b",null],"ExposedPorts":{"80/tcp":{}},"Volumes":{"/d":{}},"Labels":{"k":"v","n":1},
            "Healthcheck":{"Test":["CMD","true"]}},"rootfs":{"diff_ids":["a","b"]},
            "history":[{"created_by":"/bin/sh -c #(nop)  CMD [\"sh\"]","empty_layer":true},{"created_by":"/bin/sh -c ls"}]}"#,
        );
        assert_eq!(config.created.unwrap().to_string(), "2026-05-06T07:08:09.123Z");
        assert_eq!(config.platform.unwrap().to_string(), "linux/arm64");
        assert_eq!(config.user.unwrap().as_str(), "app");
        assert_eq!(config.entrypoint.len(), 2);
        assert_eq!(config.cmd[0].as_str(), "run");
        assert_eq!(config.env.len(), 1);
        assert_eq!(config.exposed_ports[0].as_str(), "80/tcp");
        assert_eq!(config.labels.len(), 1);
        assert_eq!(config.healthcheck.unwrap().as_str(), "CMD true");
        assert_eq!(config.diff_ids, 2);
        assert!(config.history[0].created_by.as_str().starts_with("CMD"));
        assert_eq!(config.history[1].created_by.as_str(), "ls");
    }

    #[test]
    fn a_depth_bomb_leaves_the_raw_bytes() {
        let text = format!(r#"{{"created":"2026-05-06T07:08:09Z","x":{}}}"#, "[".repeat(1_000_000));
        assert_eq!(image_config(text.as_bytes()).created, None);
    }

    #[test]
    fn dates_that_mean_no_date() {
        for text in ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z", "", "2026-13-01T00:00:00Z"]
        {
            assert_eq!(date(text), None, "{text}");
        }
        // A year too late for any calendar is no date; one that is only wrong is shown as what it is.
        assert_eq!(date("10000-01-01T00:00:00Z"), None);
        for text in ["2026-05-06T07:08:09+02:00", "9999-12-30T00:00:00Z", "2016-12-31T23:59:60Z"] {
            assert!(date(text).is_some(), "{text}");
        }
    }

    #[test]
    fn history_pairs_with_layers_only_when_it_fits() {
        let entry = |text: &'static str, empty_layer| HistoryEntry {
            created_by: Clean::fixed(text),
            empty_layer,
            ..HistoryEntry::default()
        };
        let history = [entry("add", false), entry("env", true), entry("run", false)];
        let (rows, mismatch) = layer_rows(&layers(2), &history);
        assert!(!mismatch);
        assert_eq!(rows[0].created_by.as_ref().unwrap().as_str(), "add");
        assert_eq!(rows[1].created_by.as_ref().unwrap().as_str(), "run");
        let (rows, mismatch) = layer_rows(&layers(3), &history);
        assert!(mismatch && rows.iter().all(|row| row.created_by.is_none()));
        assert!(!layer_rows(&layers(3), &[]).1);
    }
}
