//! The way in, as it is drawn.

use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::draw;
use super::theme::Theme;
use crate::app::keymap::Keymap;
use crate::app::modal::Modal;
use crate::app::msg::{Event, Hello, Msg};
use crate::app::state::{Link, Looks, Pending, Registry, State};
use crate::app::update::{first_run, start, update};
use crate::domain::capability::{Capabilities, DeleteSemantics, Support};
use crate::domain::clean::Clean;
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::registry::{Mode, RegistryId, RegistryProfile};
use crate::domain::secret::Account;

fn profile(name: &str) -> RegistryProfile {
    RegistryProfile { name: name.to_owned(), url: format!("https://{name}.example.com"), ..RegistryProfile::default() }
}

fn state(profiles: Vec<RegistryProfile>, size: (u16, u16)) -> State {
    let rows = profiles.into_iter().map(|profile| Registry::new(profile, true)).collect();
    let looks =
        Looks { ascii: true, mouse: false, slow: false, utc: true, accessible: false, theme: "mono".to_owned() };
    let mut state = State::new(rows, Keymap::builtin(), looks, jiff::Timestamp::UNIX_EPOCH);
    update(&mut state, Msg::Resize(size.0, size.1));
    start(&mut state);
    state
}

pub(super) fn frame(state: &State) -> String {
    let size = (state.layout.width, state.layout.height);
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    terminal
        .draw(|frame| {
            draw(frame, state, &Theme::named("mono", true));
        })
        .unwrap();
    terminal.backend().to_string()
}

fn press(state: &mut State, keys: &str) {
    for key in keys.split(' ') {
        update(state, Msg::Key(key.parse().unwrap()));
    }
}

fn answer(state: &mut State, id: u32, result: Result<Capabilities, ErrorReport>, hello: Hello) {
    let mine = Pending::Connect(RegistryId(id));
    let id = *state.inflight.iter().find(|(_, p)| **p == mine).expect("it was asked").0;
    update(state, Msg::Loaded { id, event: Event::Connected(result, Box::new(hello)) });
}

fn report(kind: ErrorKind, what: &'static str) -> ErrorReport {
    ErrorReport::new(kind, Clean::fixed(what), Clean::fixed("Do something about it."))
}

/// Three registries of the design: one that answers, one that wants a sign-in, one that is down.
pub(super) fn three(size: (u16, u16)) -> State {
    let prod = RegistryProfile { env: Some("PROD".to_owned()), ..profile("prod-eu") };
    let partner = RegistryProfile { mode: Mode::ReadOnly, ..profile("partner") };
    let old = RegistryProfile { url: "http://10.20.0.7:5000".to_owned(), ..profile("old-dc") };
    let mut state = state(vec![prod, partner, old], size);
    let caps = Capabilities {
        listing: Support::Yes,
        delete: DeleteSemantics::ManifestAndAllItsTags,
        tag_delete: Support::No,
        referrers: Support::No,
        auth: Some("bearer"),
        transport: Some("h2"),
        granted: vec![Clean::fixed("repository team/app: pull")],
        ..Capabilities::default()
    };
    let account = Account { user: Some(Clean::fixed("ops-bot")), from: Some(Clean::fixed("helper:pass")) };
    let rtt = Some(Duration::from_millis(12));
    answer(&mut state, 0, Ok(caps), Hello { account: Some(account), rtt, auth: Some("bearer"), ..Hello::default() });
    answer(&mut state, 1, Err(report(ErrorKind::SignIn, "401")), Hello::default());
    answer(&mut state, 2, Err(report(ErrorKind::Network, "10.20.0.7 refused the connection")), Hello::default());
    // prod-eu sorts last; as a favourite it comes first, and the cursor stays on it.
    press(&mut state, "G f");
    state
}

#[test]
fn the_registries_at_120x36() {
    insta::assert_snapshot!(frame(&three((120, 36))));
}

#[test]
fn the_registries_at_80x24() {
    insta::assert_snapshot!(frame(&three((80, 24))));
}

#[test]
fn the_registries_at_60x15() {
    insta::assert_snapshot!(frame(&three((60, 15))));
}

#[test]
fn the_registries_at_40x8() {
    insta::assert_snapshot!(frame(&three((40, 8))));
}

#[test]
fn narrow_screens_drop_columns_and_keep_name_and_answer() {
    for size in [(60, 15), (40, 8)] {
        let text = frame(&three(size));
        assert!(text.contains("prod-eu") && text.contains("12ms"), "{size:?}\n{text}");
        assert!(!text.contains("helper:pass"), "{size:?}\n{text}");
    }
}

/// What the design draws: found in two files, checked, nothing written.
pub(super) fn first(size: (u16, u16)) -> State {
    let mut state = state(Vec::new(), size);
    first_run(&mut state);
    let hub = RegistryProfile {
        name: "docker.io".to_owned(),
        url: "https://registry-1.docker.io".to_owned(),
        ..RegistryProfile::default()
    };
    let registries = vec![
        (profile("registry"), Clean::fixed("helper: pass")),
        (profile("staging"), Clean::fixed("config.json (base64)")),
        (profile("partner"), Clean::fixed("helper: pass")),
        (hub, Clean::fixed("helper: pass")),
    ];
    update(&mut state, Msg::Found { registries, notes: Vec::new() });
    let hello = |ms| Hello { rtt: Some(Duration::from_millis(ms)), ..Hello::default() };
    let up = Capabilities { transport: Some("h2"), ..Capabilities::default() };
    let no_list = Capabilities { listing: Support::No, ..up.clone() };
    answer(&mut state, 0, Ok(up.clone()), hello(12));
    answer(&mut state, 1, Ok(up), hello(18));
    let nobody = Hello { account: Some(Account::default()), ..Hello::default() };
    answer(&mut state, 2, Err(report(ErrorKind::SignIn, "401")), nobody);
    answer(&mut state, 3, Ok(no_list), hello(9));
    state
}

#[test]
fn the_first_run_at_80x24() {
    insta::assert_snapshot!(frame(&first((80, 24))));
}

#[test]
fn the_first_run_at_120x36() {
    let text = frame(&first((120, 36)));
    for part in ["helper: pass, no entry", "401", "no catalog", "ok, h2, 12ms", "Enter imports 3", "Nothing is written"]
    {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn the_first_run_on_a_small_screen_keeps_rows_and_focus() {
    let mut state = first((40, 8));
    for _ in 0..4 {
        press(&mut state, "down");
    }
    let text = frame(&state);
    assert!(text.contains("docker.io"), "{text}");
    press(&mut state, "tab");
    assert!(frame(&state).contains("Colours"), "{}", frame(&state));
}

#[test]
fn without_anything_found_the_first_run_says_welcome() {
    let mut state = state(Vec::new(), (80, 24));
    first_run(&mut state);
    assert!(frame(&state).contains("Looking into"));
    update(&mut state, Msg::Found { registries: Vec::new(), notes: Vec::new() });
    insta::assert_snapshot!(frame(&state));
}

fn sign_in(size: (u16, u16)) -> State {
    let mut state = three(size);
    state.registries[0].trail = vec![Clean::fixed("Docker config: credsStore: helper says no credentials")];
    press(&mut state, "e");
    let helper = Some(Clean::fixed("pass"));
    let trail = state.registries[0].trail.clone();
    update(&mut state, Msg::Trail { registry: RegistryId(0), trail, helper });
    state
}

#[test]
fn the_sign_in_at_80x24() {
    let mut state = sign_in((80, 24));
    press(&mut state, "b o b tab s e c r e t tab tab right enter");
    update(&mut state, Msg::SignInTested(Ok(vec![Clean::fixed("sign-in   ok"), Clean::fixed("catalog   NO: 403")])));
    let text = frame(&state);
    assert!(!text.contains("secret"), "{text}");
    insta::assert_snapshot!(text);
}

/// Every control of a form gets the focus, and is on the screen when it has it.
fn reachable(mut state: State, labels: &[&str]) {
    let size = (state.layout.width, state.layout.height);
    for label in labels {
        let text = frame(&state);
        assert!(text.contains(label), "{label} at {size:?}\n{text}");
        press(&mut state, "tab");
    }
}

#[test]
fn every_field_can_be_reached_on_every_screen() {
    for size in [(120, 36), (80, 24), (60, 15), (40, 8)] {
        let mut state = sign_in(size);
        press(&mut state, "backtab");
        reachable(state, &["Sign in with", "User", "Password", "Keep it", "[ Sign in ]", "[ Test ]", "[ Cancel ]"]);
        let mut state = three(size);
        press(&mut state, "+ backtab");
        let (first, last) =
            (["Kind", "Address", "Name", "Transport", "CA file"], ["Env", "Mode", "[ Add ]", "[ Test ]"]);
        reachable(state, &[&first[..], &["User", "Password", "Keep it"], &last].concat());
        let mut state = three(size);
        press(&mut state, "+ backtab space space space space space");
        reachable(state, &[&first[..], &["Key ID", "Key Secret", "Keep it", "Workspace"], &last].concat());
    }
}

#[test]
fn an_error_stays_on_the_smallest_screen() {
    let mut state = sign_in((40, 8));
    press(&mut state, "tab tab tab enter");
    let text = frame(&state);
    assert!(text.contains("Enter a user name first."), "{text}");
}

#[test]
fn a_certificate_nobody_knows_offers_a_ca_file() {
    let mut state = three((80, 24));
    state.registries[0].link = Link::Down(report(ErrorKind::Tls, "an authority this machine does not know"));
    press(&mut state, "e");
    let text = frame(&state);
    assert!(text.contains("CA file for prod-eu.example.com") && text.contains("[ Try it ]"), "{text}");
}

#[test]
fn messages_are_shown_newest_last() {
    for size in [(120, 36), (80, 24)] {
        let mut state = three(size);
        press(&mut state, "g l");
        assert!(matches!(state.modals.last(), Some(Modal::Messages(_))));
        let text = frame(&state);
        let (first, last) = (text.find("connected as ops-bot"), text.find("10.20.0.7 refused"));
        assert!(first.is_some() && first < last, "{text}");
        assert!(text.contains("3 messages"), "{text}");
    }
}

#[test]
fn the_last_place_of_the_last_run_is_offered() {
    let mut state = state(vec![profile("prod-eu")], (80, 24));
    let last = crate::app::update::Remembered {
        registry: "prod-eu".to_owned(),
        repository: Some("team/app".to_owned()),
        reference: None,
    };
    crate::app::update::from_last_run(&mut state, &last);
    assert!(frame(&state).contains("- goes back to prod-eu > team/app"), "{}", frame(&state));
}
