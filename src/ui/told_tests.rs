//! What registries say of their repositories and tags, on the screen: long, wide, missing, and on every size.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::fixture::{self, Words};
use super::tests::{SIZES, foreign, rows, straight, theme};
use crate::app::pane::Place;
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::colour::Colour;
use crate::domain::page::Listed;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::registry::BackendKind;
use crate::domain::repository::{Elsewhere, RepoInfo, TagFacts};
use crate::domain::tag::{DigestInfo, TagState};

fn words() -> Words {
    Words {
        prose: "库存查询服务：所有门店的实时库存。A text that goes on for longer than any column has room for."
            .to_owned(),
        ..Words::default()
    }
}

/// The list of repositories, of a registry that says a lot of some and little of others.
pub(super) fn repositories(kind: BackendKind, size: (u16, u16), theme: &str, ascii: bool, words: &Words) -> State {
    let mut state = fixture::with(1, size.0, size.1, fixture::looks(theme, ascii), words);
    let Place::Repositories(id) = state.pane().place else { panic!("no repositories") };
    state.registry_mut(id).profile.kind = kind;
    let names: Vec<RepoName> = state.cache.catalogs[&id]
        .rows
        .iter()
        .filter_map(|row| match &row.name {
            Listed::Valid(name) => Some(name.clone()),
            Listed::Invalid(_) => None,
        })
        .collect();
    let now: Timestamp = fixture::NOW.parse().unwrap();
    for (n, name) in names.into_iter().enumerate() {
        let catalog = state.cache.catalogs.get_mut(&id).unwrap();
        // Already looked at by itself.
        catalog.looked.insert(name.clone());
        catalog.tell(name, info(kind, n, now, words).into());
    }
    fixture::press(&mut state, "T T g g", words);
    fixture::settle(&mut state, words);
    state
}

fn info(kind: BackendKind, n: usize, now: Timestamp, words: &Words) -> RepoInfo {
    let ago = |days: usize| Some(now - SignedDuration::from_hours(24 * days as i64));
    let often = n as u64 * 123_457;
    let some = !n.is_multiple_of(3);
    let text = some.then(|| clean::line(&words.prose));
    let common = RepoInfo { description: text, created: ago(400), ..RepoInfo::default() };
    match kind {
        BackendKind::MlSpace => RepoInfo {
            favourite: Some(n == 2),
            tags: Some(n as u64),
            images: some.then_some(often),
            pushed: ago(n),
            pulled: if some { ago(n * 30) } else { None },
            labels: vec![clean::line(&words.prose), clean::line("gpu")],
            more: vec![(clean::line("command pull"), clean::line(&words.prose))],
            raw: Some(r#"{"name":"x","labels":["gpu",{"a":[]}]}"#.into()),
            ..common
        },
        BackendKind::DockerCloud => RepoInfo {
            group: Some(clean::line(["Docker Hub (registry-1.docker.io)", "quay.io", &words.prose][n % 3])),
            elsewhere: Some(Elsewhere { url: "https://quay.io".to_owned(), repository: "team/api".to_owned() }),
            in_use: some.then_some(n.is_multiple_of(2)),
            public: some.then_some(!n.is_multiple_of(2)),
            ..common
        },
        _ => RepoInfo {
            full_description: Some(clean::block(&format!("{}\n\n- 一\n- {}", words.prose, words.prose))),
            stars: Some(n as u64),
            pulls: Some(often * often),
            pushes: some.then_some(7),
            public: Some(some),
            updated: ago(n),
            ..common
        },
    }
}

/// Tags with what their system keeps of them.
fn tags(kind: BackendKind, size: (u16, u16), theme: &str, ascii: bool, words: &Words) -> State {
    let mut state = fixture::with(2, size.0, size.1, fixture::looks(theme, ascii), words);
    let Place::Tags(id, repo) = state.pane().place.clone() else { panic!("no tags") };
    state.registry_mut(id).profile.kind = kind;
    let list = state.cache.tags.get_mut(&(id, repo)).unwrap();
    let now: Timestamp = fixture::NOW.parse().unwrap();
    let valid = |name: &Listed<TagName>| match name {
        Listed::Valid(name) => Some(name.clone()),
        Listed::Invalid(_) => None,
    };
    let names: Vec<_> = list.rows.iter().filter_map(|row| valid(&row.name)).collect();
    for (n, name) in names.into_iter().enumerate() {
        let colour = [("#C25400", Colour::parse("#C25400")), ("#000000", Colour::parse("#000")), (&*words.prose, None)];
        let (text, colour) = colour[n % 3];
        let facts = TagFacts {
            colour_text: (!n.is_multiple_of(4)).then(|| clean::line(text)),
            colour: colour.filter(|_| !n.is_multiple_of(4)),
            pushed: Some(now - SignedDuration::from_hours(24 * n as i64)),
            pulled: (!n.is_multiple_of(2)).then_some(now),
            signed: (!n.is_multiple_of(5)).then_some(n % 5 == 1),
            more: vec![(clean::line("command"), clean::line(&words.prose))],
        };
        match kind {
            BackendKind::MlSpace => list.tell(vec![(name, Arc::new(facts))]),
            // Two tags on each image.
            _ => {
                let digest = Digest::image_id(&format!("{:02x}", n / 2).repeat(32)).unwrap();
                let info = DigestInfo {
                    digest,
                    media_type: "".into(),
                    kind: crate::domain::image::ManifestKind::Unknown,
                    created: None,
                    size: None,
                    platforms: Arc::from([]),
                    artifact: None,
                };
                list.set_state(&name, TagState::Known(info.into()));
            }
        }
    }
    fixture::settle(&mut state, words);
    state
}

const KINDS: [BackendKind; 3] = [BackendKind::MlSpace, BackendKind::DockerCloud, BackendKind::Alauda];
const MORE_SIZES: [(u16, u16); 5] = [(120, 36), (80, 24), (60, 20), (60, 15), (40, 8)];

fn screen(state: &State) -> String {
    rows(&fixture::draw(state, &theme(state))).join("\n")
}

#[test]
fn repositories_with_what_is_said_look_like_this() {
    for kind in KINDS {
        for (name, look, ascii) in [("unicode", "ansi16", false), ("ascii", "mono", true)] {
            let mut out = String::new();
            for size in &MORE_SIZES[..4] {
                let state = repositories(kind, *size, look, ascii, &words());
                out += &format!("{}x{}\n{}\n\n", size.0, size.1, screen(&state));
            }
            insta::assert_snapshot!(format!("{}_{name}", kind.word()), out);
        }
    }
}

#[test]
fn tags_with_what_is_kept_of_them_look_like_this() {
    for kind in [BackendKind::MlSpace, BackendKind::Alauda] {
        let mut out = String::new();
        for size in &MORE_SIZES[..4] {
            let state = tags(kind, *size, "ansi16", false, &words());
            out += &format!("{}x{}\n{}\n\n", size.0, size.1, screen(&state));
        }
        insta::assert_snapshot!(format!("tags_{}", kind.word()), out);
    }
}

#[test]
fn a_colour_is_a_sign_and_a_text_and_without_colours_the_text_is_there() {
    use ratatui::style::Color;
    let swatches = |theme: &str| {
        let state = tags(BackendKind::MlSpace, (120, 36), theme, false, &words());
        let screen = fixture::draw(&state, &self::theme(&state));
        let text = rows(&screen).join("\n");
        assert!(text.contains("#C25400") && !text.contains("image-id"), "{text}");
        screen.content.iter().filter(|cell| cell.symbol() == "■").map(|cell| cell.fg).collect::<Vec<_>>()
    };
    assert!(swatches("ansi16").contains(&Color::Rgb(0xc2, 0x54, 0)));
    assert!(swatches("mono").iter().all(|colour| *colour == Color::Reset));
}

#[test]
fn ids_of_images_are_called_so_and_shared_ones_counted() {
    let state = tags(BackendKind::Alauda, (120, 36), "mono", true, &words());
    let text = screen(&state);
    assert!(!text.contains("image-id") && !text.contains("DIGEST"), "{text}");
    assert!(text.contains("IMAGE") && text.contains("=2") && text.contains("Tags on this image"), "{text}");
}

#[test]
fn a_group_closes_and_opens_below_its_heading() {
    let mut state = repositories(BackendKind::DockerCloud, (120, 36), "mono", true, &Words::default());
    let count = |state: &State| screen(state).matches("checkout").count();
    let before = count(&state);
    assert!(screen(&state).contains("- built by CI  (3)"), "{}", screen(&state));
    fixture::press(&mut state, "enter", &Words::default());
    fixture::settle(&mut state, &Words::default());
    let text = screen(&state);
    assert!(text.contains("+ built by CI  (3)") && text.contains("Enter  opens this group"), "{text}");
    assert!(count(&state) < before && text.contains("6/9 shown") || text.contains("7/10 shown"), "{text}");
    fixture::press(&mut state, "enter", &Words::default());
    assert_eq!(count(&state), before);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_said_keeps_the_columns_straight(
        kind in proptest::sample::select(KINDS.to_vec()),
        size in proptest::sample::select([&MORE_SIZES[..], &SIZES].concat()),
        ascii in any::<bool>(),
        prose in foreign(),
        keys in proptest::collection::vec(proptest::sample::select(vec!["j", "G", "enter", "w", "p", "z", "T", "s", "?"]), 0..5),
    ) {
        let words = Words { prose, ..Words::default() };
        for mut state in [repositories(kind, size, "mono", ascii, &words), tags(kind, size, "mono", ascii, &words)] {
            straight(&fixture::draw(&state, &theme(&state)))?;
            for key in &keys {
                fixture::press(&mut state, key, &words);
                fixture::settle(&mut state, &words);
                straight(&fixture::draw(&state, &theme(&state)))?;
            }
        }
    }

    #[test]
    fn whatever_is_said_is_drawn_at_any_size(
        kind in proptest::sample::select(KINDS.to_vec()),
        width in 1_u16..200,
        height in 1_u16..60,
        keys in proptest::collection::vec(proptest::sample::select(vec!["j", "G", "enter", "w", "p", "z", "T"]), 0..4),
    ) {
        for mut state in [
            repositories(kind, (width, height), "ansi16", false, &words()),
            tags(kind, (width, height), "ansi16", false, &words()),
        ] {
            for key in &keys {
                fixture::press(&mut state, key, &words());
                straight(&fixture::draw(&state, &theme(&state)))?;
            }
        }
    }
}
