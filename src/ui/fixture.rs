//! A state with something to see in every pane, for tests: filled by messages, as in a run.

mod copies;
use std::collections::BTreeMap;
use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::theme::Theme;
use crate::app::effect::{Effect, Query};
use crate::app::job::{JobEvent, Step};
use crate::app::keymap::Keymap;
use crate::app::modal::Modal;
use crate::app::modal::plan::{Stage, tests as plan_tests};
use crate::app::msg::{Event, Msg};
use crate::app::state::{Looks, Registry, State};
use crate::app::update::{start, update};
use crate::domain::capability::Capabilities;
use crate::domain::clean::{self, Clean};
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::image::{
    Child, ChildState, Descriptor, HistoryEntry, Image, ImageConfig, LayerRow, Manifest, ManifestKind, Platform,
    Referrer, Referrers,
};
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::page::{ListEnd, Listed};
use crate::domain::reference::{Digest, Reference, RepoName, TagName};
use crate::domain::registry::RegistryProfile;
use crate::domain::tag::{DigestInfo, TagState};

pub const NOW: &str = "2026-11-01T09:00:00Z";
const HOUR: i64 = 3600;

const REPOSITORIES: [&str; 9] = [
    "team/checkout/api",
    "team/checkout/worker",
    "team/checkout/web",
    "team/search",
    "team/search/indexer",
    "ci/checkout-cache",
    "library/alpine",
    "mirror/quay.io/prometheus/node-exporter",
    "legacy/checkout",
];

pub fn looks(theme: &str, ascii: bool) -> Looks {
    Looks { ascii, mouse: false, slow: false, utc: true, accessible: false, theme: theme.to_owned() }
}

/// What is told a fixture: texts from outside, so that tests can make them strange.
#[derive(Clone, Debug)]
pub struct Words {
    /// One that no grammar allows, among the repositories and among the tags.
    pub invalid: String,
    /// In labels, history, annotations.
    pub prose: String,
}

impl Default for Words {
    fn default() -> Self {
        Self { invalid: "Not/Valid".to_owned(), prose: "built by CI".to_owned() }
    }
}

/// One of the panes, 0 to 3, at a size.
pub fn state(pane: usize, width: u16, height: u16, looks: Looks) -> State {
    with(pane, width, height, looks, &Words::default())
}

pub fn with(pane: usize, width: u16, height: u16, looks: Looks, words: &Words) -> State {
    let profile = |name: &str| RegistryProfile {
        name: name.to_owned(),
        url: format!("https://{name}.example.com"),
        env: (name == "prod").then(|| "PROD".to_owned()),
        ..RegistryProfile::default()
    };
    let rows = ["prod", "lab"].map(|name| Registry::new(profile(name), true)).into();
    let mut state = State::new(rows, Keymap::builtin(), looks, NOW.parse().unwrap());
    let mut effects = update(&mut state, Msg::Resize(width, height));
    effects.extend(start(&mut state));
    answer(&mut state, effects, words);
    for step in 0..pane {
        if step == 1 {
            // One in the middle of the list, with tags.
            press(&mut state, "j j j j j", words);
        }
        press(&mut state, "enter", words);
    }
    settle(&mut state, words);
    state
}

pub fn press(state: &mut State, keys: &str, words: &Words) {
    for key in keys.split(' ') {
        let effects = update(state, Msg::Key(key.parse().unwrap()));
        answer(state, effects, words);
    }
}

/// The cursor rests, and what that asks for is answered.
pub fn settle(state: &mut State, words: &Words) {
    let effects = update(state, Msg::Rested);
    answer(state, effects, words);
}

/// What asks is drawn, and looked at for a moment.
pub fn look(state: &mut State) {
    update(state, Msg::Shown(state.now));
    update(state, Msg::Tick(state.now + jiff::SignedDuration::from_millis(300)));
}

/// The plan on top is confirmed, begins, and meets trouble.
pub fn run(state: &mut State, words: &Words) {
    let Some(Modal::Plan(dialog)) = state.modals.last() else { panic!("no plan") };
    let Stage::Ready(ready) = &dialog.stage else { panic!("nothing read") };
    let typed = ready.ask.typed.clone();
    press(state, "tab tab", words);
    for c in typed.chars() {
        update(state, Msg::Key(crate::app::key::Key::char(c)));
    }
    press(state, "tab", words);
    look(state);
    press(state, "enter", words);
    let job = state.jobs.last().expect("it was confirmed").id;
    let mut tell = |event| drop(update(state, Msg::Job { job, event }));
    tell(JobEvent::Began { journal: "20261101-090000-3f2a".to_owned() });
    let why = clean::line(&format!("the registry said no: {}", words.prose));
    tell(JobEvent::Ended { at: 0, ended: Ended::because(Outcome::Failed, why) });
    tell(JobEvent::Item { at: 1, step: Step::Sending });
}

pub fn draw(state: &State, theme: &Theme) -> Buffer {
    let (width, height) = (state.layout.width, state.layout.height);
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| super::draw(frame, state, theme)).unwrap();
    terminal.backend().buffer().clone()
}

/// Answers every request as a registry would, and what the answers ask for.
fn answer(state: &mut State, effects: Vec<Effect>, words: &Words) {
    let mut waiting = effects;
    while let Some(effect) = waiting.pop() {
        let (id, events) = match effect {
            Effect::Fetch { id, query, .. } => (id, events(&query, words)),
            // There was no earlier visit.
            Effect::Recall { id, repo: None, .. } => (id, vec![Event::OldRepositories(None)]),
            Effect::Recall { id, .. } => (id, vec![Event::OldTags(None)]),
            Effect::LookAtTag { id, .. } => (id, vec![copies::looked()]),
            Effect::PrepareCopy { id, order } => (id, vec![copies::prepared(state, &order)]),
            Effect::Survey { id, repo, protection, .. } => {
                let all: Vec<String> = tags().filter(|tag| tag.len() < 60).collect();
                let pointing: Vec<String> = all.iter().map(|tag| target(tag)).collect();
                let pairs = all.iter().map(String::as_str).zip(pointing.iter().map(String::as_str));
                let snapshot = plan_tests::snapshot("prod", &repo, pairs, plan_tests::BY_DIGEST, protection, state.now);
                (id, vec![Event::Surveyed(Ok(Box::new(snapshot)))])
            }
            _ => continue,
        };
        for event in events {
            waiting.extend(update(state, Msg::Loaded { id, event }));
        }
    }
}

fn end() -> Result<ListEnd, ErrorReport> {
    Ok(ListEnd { complete: true, note: None })
}

fn events(query: &Query, words: &Words) -> Vec<Event> {
    match query {
        Query::Connect => {
            let caps = Capabilities { transport: Some("https, h2"), ..Capabilities::default() };
            vec![Event::Connected(Ok(caps), Box::default())]
        }
        Query::Repositories => {
            let mut names: Vec<_> = REPOSITORIES.iter().map(|n| Listed::Valid(RepoName::parse(n).unwrap())).collect();
            names.push(Listed::Invalid(clean::identifier(&words.invalid)));
            vec![Event::Repositories(names), Event::RepositoriesEnd(end())]
        }
        Query::TagCounts(repos) => {
            let mut events: Vec<_> = repos.iter().map(|repo| Event::TagCount(repo.clone(), count(repo))).collect();
            events.push(Event::DetailsEnd);
            events
        }
        Query::Tags(_) => {
            let mut names: Vec<_> = tags().map(|t| Listed::Valid(TagName::parse(&t).unwrap())).collect();
            names.push(Listed::Invalid(clean::identifier(&words.invalid)));
            vec![Event::Tags(names), Event::TagsEnd(end())]
        }
        Query::Details(_, tags) => {
            let states = tags.iter().map(|tag| (tag.clone(), detail(tag))).collect();
            vec![Event::Details(states), Event::DetailsEnd]
        }
        Query::Image { reference, .. } => vec![Event::Image(Ok(Box::new(image(reference, words))))],
        Query::Referrers(..) => vec![Event::Referrers(Ok(referrers(words)))],
        Query::Repository(_) => vec![Event::Repository(Ok(Arc::default()))],
        Query::Explore(_) => vec![Event::Explored(true)],
        Query::Search(_) | Query::Scopes | Query::Groups(_) | Query::Group(_) => Vec::new(),
    }
}

fn count(repo: &RepoName) -> Result<usize, ErrorReport> {
    match repo.as_str() {
        "legacy/checkout" => Err(ErrorReport::new(
            ErrorKind::Denied,
            Clean::fixed("The registry refuses to list these tags (403)."),
            Clean::fixed("The account needs the pull right here."),
        )),
        "ci/checkout-cache" => Ok(0),
        name => Ok(name.len() * 61),
    }
}

fn tags() -> impl Iterator<Item = String> {
    let releases = (0..6).map(|n| format!("v1.{}.0", n * 2));
    let builds = (0..30).map(|n| format!("pr-{}-{:06x}", 8800 + n, n * 77_777));
    let fixed = ["latest", "stable-candidate", "helm-chart-0.9", "gone", "refused"].map(str::to_owned);
    let attached = format!("sha256-{}.sig", digest("release-5").to_string().trim_start_matches("sha256:"));
    releases.chain(builds).chain(fixed).chain([attached])
}

fn digest(of: &str) -> Digest {
    Digest::of(of.as_bytes())
}

/// What a tag points at.
fn target(tag: &str) -> String {
    match tag {
        "latest" | "stable-candidate" => "release-5".to_owned(),
        _ if tag.starts_with("v1.") => {
            format!("release-{}", tag[3..].trim_end_matches(".0").parse::<u32>().unwrap_or(0) / 2)
        }
        _ => tag.to_owned(),
    }
}

fn detail(tag: &TagName) -> TagState {
    let report = ErrorReport::new(
        ErrorKind::Timeout,
        Clean::fixed("No answer in 120 s."),
        Clean::fixed("Press r to try again."),
    );
    match tag.as_str() {
        "gone" => return TagState::Dangling,
        "refused" => return TagState::Failed(report.into()),
        _ => {}
    }
    let target = target(tag.as_str());
    let index = target.starts_with("release-");
    let number: u64 = target.bytes().map(u64::from).sum();
    let chart = tag.as_str().starts_with("helm");
    let platforms: Vec<Platform> = match (chart, index) {
        (true, _) => Vec::new(),
        (_, true) => vec![platform("amd64"), platform("arm64")],
        _ => vec![platform("amd64")],
    };
    let now: jiff::Timestamp = NOW.parse().unwrap();
    let kind = if index { "index" } else { "manifest" };
    TagState::Known(Arc::new(DigestInfo {
        digest: digest(&target),
        media_type: format!("application/vnd.oci.image.{kind}.v1+json").into(),
        kind: if index { ManifestKind::Index } else { ManifestKind::Manifest },
        created: (!chart).then(|| now - jiff::SignedDuration::from_secs(HOUR * (number as i64 % 1500))),
        size: Some(number * 123_456),
        platforms: platforms.into(),
        artifact: chart.then(|| "application/vnd.cncf.helm.config.v1+json".into()),
    }))
}

fn platform(architecture: &'static str) -> Platform {
    Platform { os: Clean::fixed("linux"), architecture: Clean::fixed(architecture), variant: None, os_version: None }
}

fn descriptor(of: &str, size: u64, media_type: &str) -> Descriptor {
    Descriptor {
        digest: digest(of),
        size: Some(size),
        media_type: clean::line(media_type),
        artifact_type: None,
        platform: None,
        annotations: BTreeMap::new(),
        attests: None,
    }
}

fn image(reference: &Reference, words: &Words) -> Image {
    let own = match reference {
        Reference::Digest(digest) => digest.clone(),
        Reference::Tag(tag) => digest(&target(tag.as_str())),
    };
    let manifest_type = "application/vnd.oci.image.manifest.v1+json";
    let child = |name: &str, state: ChildState, platform: Option<Platform>, attests: bool| Child {
        descriptor: Descriptor {
            platform,
            attests: attests.then(|| digest("child-amd64")),
            ..descriptor(name, 883, manifest_type)
        },
        state,
    };
    let present = ChildState::Present { size: Some(191_260_262), layers: 4 };
    let children = vec![
        child("child-amd64", present.clone(), Some(platform("amd64")), false),
        child("child-arm64", present, Some(platform("arm64")), false),
        child("child-missing", ChildState::Missing, Some(platform("s390x")), false),
        child("child-attestation", ChildState::Unread, None, true),
    ];
    let layer_type = "application/vnd.oci.image.layer.v1.tar+gzip";
    let commands =
        ["ADD debian-bookworm-slim rootfs", "RUN apt-get install -y ca-certificates", "COPY /out/api /app/api"];
    let layers: Vec<LayerRow> = commands
        .iter()
        .enumerate()
        .map(|(n, command)| LayerRow {
            descriptor: descriptor(&format!("layer-{n}"), 31_000_000 / (n as u64 + 1), layer_type),
            created_by: Some(clean::line(command)),
        })
        .collect();
    let raw =
        format!("{{\"schemaVersion\":2,\"manifests\":[{{\"digest\":\"{own}\",\"size\":883}}],\"annotations\":{{}}}}");
    Image {
        manifest: Manifest {
            digest: own,
            media_type: "application/vnd.oci.image.index.v1+json".into(),
            kind: ManifestKind::Index,
            raw: raw.as_bytes().into(),
            children: children.iter().map(|c| c.descriptor.clone()).collect(),
            config: None,
            layers: Vec::new(),
            subject: None,
            artifact_type: None,
            annotations: [(clean::line("org.example.note"), clean::block(&words.prose))].into(),
            warnings: Vec::new(),
        },
        children,
        config: Some(config(words)),
        config_error: None,
        shown: Some(digest("child-amd64")),
        layers,
        history_mismatch: false,
        size: Some(380_000_000),
    }
}

fn config(words: &Words) -> ImageConfig {
    let lines = |texts: &[&str]| texts.iter().map(|t| clean::line(t)).collect::<Vec<_>>();
    let entry = |days: i64, by: &str, empty_layer: bool| HistoryEntry {
        created: Some(NOW.parse::<jiff::Timestamp>().unwrap() - jiff::SignedDuration::from_hours(24 * days)),
        created_by: clean::line(by),
        comment: Clean::default(),
        empty_layer,
    };
    ImageConfig {
        created: Some("2026-10-29T06:02:00Z".parse().unwrap()),
        platform: Some(platform("amd64")),
        user: Some(clean::line("10001")),
        workdir: Some(clean::line("/app")),
        stop_signal: Some(clean::line("SIGTERM")),
        entrypoint: lines(&["/app/api"]),
        cmd: lines(&["serve", "--port", "8080"]),
        env: lines(&["LANG=C.UTF-8", "RUN_ENV=production", "PATH=/usr/bin:/bin", &words.prose]),
        exposed_ports: lines(&["8080/tcp"]),
        labels: [
            (clean::line("org.opencontainers.image.version"), clean::block("1.10.0")),
            (clean::line("org.opencontainers.image.revision"), clean::block("8c1f22a0")),
            (clean::line("org.opencontainers.image.source"), clean::block("https://git.example.com/checkout")),
            (clean::line("org.example.text"), clean::block(&words.prose)),
        ]
        .into(),
        healthcheck: Some(clean::line("CMD /app/api healthz")),
        history: vec![
            entry(21, "ADD debian-bookworm-slim rootfs", false),
            entry(21, "CMD [\"bash\"]", true),
            entry(3, "RUN apt-get install -y ca-certificates", false),
            entry(3, "COPY /out/api /app/api", false),
            entry(3, &words.prose, true),
        ],
        ..ImageConfig::default()
    }
}

fn referrers(words: &Words) -> Referrers {
    let one = |name: &str, artifact: &str, what: &'static str, size| Referrer {
        descriptor: Descriptor {
            artifact_type: Some(clean::line(artifact)),
            annotations: [(clean::line("note"), clean::line(&words.prose))].into(),
            ..descriptor(name, size, "application/vnd.oci.image.manifest.v1+json")
        },
        what: Clean::fixed(what),
    };
    Referrers {
        list: vec![
            one("sig", "application/vnd.dev.cosign.artifact.sig.v1+json", "signature", 1229),
            one("sbom", "application/spdx+json", "sbom", 90_112),
        ],
        by_tag: true,
        incomplete: None,
    }
}
