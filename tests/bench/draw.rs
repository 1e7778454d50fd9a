//! What happens between a key and the screen, with 100,000 tags loaded.

use divan::{Bencher, black_box};
use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tagboat::app::effect::{Effect, Query};
use tagboat::app::keymap::Keymap;
use tagboat::app::modal::prompt::Target;
use tagboat::app::msg::{Event, Msg, RequestId};
use tagboat::app::state::{Looks, Registry, State};
use tagboat::app::update::{go_to, start, update};
use tagboat::domain::page::{ListEnd, Listed};
use tagboat::domain::reference::{RepoName, TagName};
use tagboat::domain::registry::{RegistryId, RegistryProfile};
use tagboat::domain::tag::TagState;
use tagboat::ui::{self, theme::Theme};

use crate::lists::{info, name};

const TAGS: usize = 100_000;

fn asked(effects: &[Effect], wanted: impl Fn(&Query) -> bool) -> Option<RequestId> {
    effects.iter().find_map(|effect| match effect {
        Effect::Fetch { id, query, .. } if wanted(query) => Some(*id),
        _ => None,
    })
}

/// Does what the executor does with arrangements.
fn perform(state: &mut State, mut effects: Vec<Effect>) {
    while let Some(effect) = effects.pop() {
        if let Effect::Arrange { ticket, job, .. } = effect {
            effects.extend(update(state, Msg::Arranged { ticket, arranged: Some(job.run()) }));
        }
    }
}

fn names() -> Vec<Listed<TagName>> {
    (0..TAGS).map(|n| Listed::Valid(TagName::parse(&name(n)).unwrap())).collect()
}

fn empty() -> (State, RequestId) {
    let profile = RegistryProfile { name: "r".to_owned(), url: "https://r".to_owned(), ..RegistryProfile::default() };
    let looks =
        Looks { ascii: false, mouse: false, slow: false, utc: true, accessible: false, theme: "ansi16".to_owned() };
    let mut state = State::new(vec![Registry::new(profile, true)], Keymap::builtin(), looks, Timestamp::UNIX_EPOCH);
    update(&mut state, Msg::Resize(120, 36));
    start(&mut state);
    let repo = RepoName::parse("app").ok();
    let effects = go_to(&mut state, Target { registry: RegistryId(0), repo, reference: None });
    let id = asked(&effects, |query| matches!(query, Query::Tags(_))).unwrap();
    (state, id)
}

fn loaded() -> State {
    let (mut state, id) = empty();
    let mut effects = update(&mut state, Msg::Loaded { id, event: Event::Tags(names()) });
    let details = asked(&effects, |query| matches!(query, Query::Details(..)));
    let end = Event::TagsEnd(Ok(ListEnd { complete: true, note: None }));
    effects.extend(update(&mut state, Msg::Loaded { id, event: end }));
    perform(&mut state, effects);
    if let Some(id) = details {
        let states = (0..TAGS).map(|n| (TagName::parse(&name(n)).unwrap(), TagState::Known(info(n)))).collect();
        let effects = update(&mut state, Msg::Loaded { id, event: Event::Details(states) });
        perform(&mut state, effects);
    }
    assert_eq!(state.pane().list.shown.len(), TAGS);
    state
}

#[divan::bench]
fn draw_tags(bencher: Bencher<'_, '_>) {
    let state = loaded();
    let theme = Theme::of(&state.looks);
    let mut screen = Terminal::new(TestBackend::new(120, 36)).unwrap();
    bencher.bench_local(|| {
        screen
            .draw(|frame| {
                ui::draw(frame, black_box(&state), &theme);
            })
            .unwrap();
    });
}

#[divan::bench(args = ["j", "G", "space", "s 4", "/ v 1 esc"])]
fn keys(bencher: Bencher<'_, '_>, keys: &str) {
    let mut state = loaded();
    bencher.bench_local(|| {
        for key in keys.split(' ') {
            let effects = update(&mut state, Msg::Key(key.parse().unwrap()));
            // Arrangements are made elsewhere: their time is not this thread's.
            divan::black_box_drop(effects);
        }
    });
}

/// A page of 2,000 tags, at the end of a long list.
#[divan::bench(sample_count = 50)]
fn page_of_tags(bencher: Bencher<'_, '_>) {
    let (mut state, id) = empty();
    update(&mut state, Msg::Loaded { id, event: Event::Tags(names()) });
    let mut next = 0;
    bencher
        .with_inputs(|| {
            next += 2_000;
            (next..next + 2_000).map(|n| Listed::Valid(TagName::parse(&format!("more-{n}")).unwrap())).collect()
        })
        .bench_local_values(|page| update(&mut state, Msg::Loaded { id, event: Event::Tags(page) }));
}
