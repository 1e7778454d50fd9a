//! What is read for a plan, and when; and plans that take too long for a key to wait for.

use super::*;
use crate::app::effect::Facts;
use crate::app::msg::Configured;
use crate::app::protection::Cleanup;
use crate::app::update::update;
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::tag::{DigestInfo, TagState};

fn surveys(bench: &Bench) -> Vec<&Facts> {
    let all = bench.effects.iter();
    all.filter_map(|effect| if let Effect::Survey { from, .. } = effect { Some(from) } else { None }).collect()
}

fn info(of: &str) -> DigestInfo {
    let digest = Digest::of(of.as_bytes());
    let media_type = "application/vnd.oci.image.manifest.v1+json".into();
    let kind = ManifestKind::Manifest;
    DigestInfo { digest, media_type, kind, created: None, size: None, platforms: [].into(), artifact: None }
}

fn key(bench: &mut Bench, key: &str) -> Vec<Effect> {
    update(&mut bench.state, Msg::Key(key.parse().unwrap()))
}

#[test]
fn tags_alone_need_no_manifests_until_a_choice_goes_further() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1", "pr-2"]);
    bench.press("d");
    bench.look();
    assert!(!bench.ready().snapshot.deep);
    assert_eq!(bench.ready().unread, 4, "digests of six tags");
    assert_eq!(bench.ready().plan.left.untagged.len(), 1);
    bench.press("1");
    bench.look();
    assert_eq!((surveys(&bench).len(), bench.lost().len()), (1, 3), "siblings are tags");
    bench.press("1");
    bench.look();
    bench.press("4");
    bench.look();
    let surveys = surveys(&bench);
    assert!(matches!(surveys[..], [Facts::List(_), Facts::Plan(_)]), "more of the same is read");
    assert!(bench.ready().snapshot.deep);
    assert_eq!((bench.ready().unread, bench.ready().plan.lost_manifests().count()), (0, 1));
    bench.press("4");
    bench.look();
    bench.press("2");
    assert_eq!(self::surveys(&bench).len(), 2, "once is enough");
}

#[test]
fn reading_for_a_choice_can_be_given_up_or_fail_and_the_plan_is_there_again() {
    for fails in [false, true] {
        let mut bench = Bench::new(BY_TAG);
        bench.mark(&["pr-1", "pr-2"]);
        bench.press("d");
        bench.look();
        bench.press("tab");
        let before = bench.ready().plan.clone();
        let effects = key(&mut bench, "4");
        let [Effect::Survey { id, .. }] = effects[..] else { panic!("{effects:?}") };
        let progress = Reading { what: "manifests", done: 1, of: 4 };
        update(&mut bench.state, Msg::Loaded { id, event: Event::Surveying(progress) });
        if fails {
            let what = crate::domain::clean::Clean::fixed("the registry does not answer");
            let report = ErrorReport::new(ErrorKind::Timeout, what.clone(), what.clone());
            update(&mut bench.state, Msg::Loaded { id, event: Event::Surveyed(Err(report)) });
            assert_eq!(bench.state.notice.as_ref().map(|notice| &notice.text), Some(&what));
        } else {
            let effects = key(&mut bench, "esc");
            assert!(matches!(effects[..], [Effect::Abort { id: own }] if own == id), "{effects:?}");
        }
        assert_eq!((&bench.ready().plan, bench.ready().question.focus), (&before, Focus::List));
        assert_eq!(bench.dialog().choices, Choices::default());
        // What comes all the same is nobody's.
        update(&mut bench.state, Msg::Loaded { id, event: Event::Surveying(progress) });
        assert_eq!(bench.ready().plan, before);
        bench.look();
        assert!(key(&mut bench, "esc").is_empty() && bench.state.modals.is_empty());
    }
}

#[test]
fn what_the_list_was_read_to_say_moments_ago_is_not_asked_again() {
    let seen = |bench: &Bench| match surveys(bench).last() {
        Some(Facts::List(Some(seen))) => Some(seen.targets().len()),
        _ => None,
    };
    let mut bench = Bench::new(BY_TAG);
    let place = (RegistryId(0), RepoName::parse("app").unwrap());
    let list = bench.state.cache.tags.get_mut(&place).unwrap();
    list.set_state(&TagName::parse("pr-1").unwrap(), TagState::Known(info("pr-1").into()));
    list.set_state(&TagName::parse("v1").unwrap(), TagState::Dangling);
    bench.mark(&["pr-1"]);
    bench.press("d");
    assert_eq!(seen(&bench), Some(1));
    // "Read again" means it.
    bench.look();
    bench.press("r");
    assert_eq!(seen(&bench), None);
    bench.look();
    bench.press("esc");
    bench.wait(5 * 60 * 1000);
    bench.press("d");
    assert_eq!(seen(&bench), None, "old");
}

#[test]
fn what_was_read_for_a_plan_is_not_asked_again_for_the_next_one() {
    let seen = |bench: &Bench| match surveys(bench).last() {
        Some(Facts::List(Some(seen))) => Some(seen.targets().len()),
        _ => None,
    };
    let mut bench = Bench::new(BY_TAG);
    let begun = bench.state.now;
    bench.mark(&["pr-1"]);
    bench.press("d");
    assert_eq!(seen(&bench), Some(0), "nothing is known but the names");
    bench.look();
    let all = bench.ready().snapshot.tags.len();
    bench.press("esc");
    bench.mark(&["pr-2"]);
    bench.press("d");
    assert_eq!((seen(&bench), bench.dialog().since), (Some(all), begun));
    // However often, it is as old as what was asked first.
    bench.look();
    bench.press("esc");
    bench.wait(4 * 60 * 1000);
    bench.press("d");
    assert_eq!((seen(&bench), bench.dialog().since), (Some(all), begun));
    bench.look();
    bench.press("esc");
    bench.wait(2 * 60 * 1000);
    bench.press("d");
    assert_eq!(seen(&bench), None, "old");
    bench.look();
    let now = bench.dialog().since;
    assert!(now > begun);
    // A list that is read again, or something that was changed, ends that.
    bench.press("esc");
    let place = (RegistryId(0), RepoName::parse("app").unwrap());
    bench.state.cache.tags.get_mut(&place).unwrap().forget();
    bench.press("d");
    assert_eq!(seen(&bench), None);
}

#[test]
fn what_was_being_read_when_something_was_changed_is_for_no_other_plan() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1"]);
    bench.press("d");
    let place = (RegistryId(0), RepoName::parse("app").unwrap());
    bench.state.cache.tags.get_mut(&place).unwrap().forget();
    bench.look();
    bench.press("esc");
    bench.press("d");
    assert!(matches!(surveys(&bench)[..], [Facts::List(Some(_)), Facts::List(None)]));
}

#[test]
fn a_tag_of_which_two_things_were_read_is_asked_again() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1"]);
    bench.press("d");
    bench.look();
    let all = bench.ready().snapshot.tags.len();
    bench.press("esc");
    let place = (RegistryId(0), RepoName::parse("app").unwrap());
    let list = bench.state.cache.tags.get_mut(&place).unwrap();
    list.set_state(&TagName::parse("v1").unwrap(), TagState::Known(info("moved").into()));
    bench.press("d");
    let Some(Facts::List(Some(seen))) = surveys(&bench).last().copied() else { panic!("a survey") };
    assert_eq!(seen.targets().len(), all - 1);
    assert!(!seen.targets().contains_key(&TagName::parse("v1").unwrap()));
}

#[test]
fn what_the_config_protects_by_now_is_protected_in_the_plan_on_screen() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1", "v1"]);
    bench.press("d");
    bench.look();
    assert_eq!(bench.lost(), ["pr-1", "v1"]);
    let protect = vec!["v*".to_owned()];
    let cleanup = Cleanup { protect, confirm: Confirm { count_from: 1, name_from: 500 }, ..Cleanup::default() };
    let (before, after) = (Vec::new(), Vec::new());
    let later = Vec::new();
    let edit =
        Configured { before, after, looks: None, keymap: None, cleanup: Some(Box::new(cleanup)), labels: None, later };
    let effects = update(&mut bench.state, Msg::Configured(Box::new(edit)));
    assert!(effects.is_empty(), "nothing is read again");
    assert_eq!((bench.lost(), bench.ready().ask.tier), (vec!["pr-1".to_owned()], Tier::Count));
    assert!(bench.dialog().question().unwrap().waits_to_be_shown(), "the other plan was confirmed by nobody");
    let said = bench.state.notice.as_ref().map(|notice| notice.text.to_string());
    assert_eq!(said.as_deref(), Some("The config was edited: confirmation changed; protection changed."));
}

#[test]
fn a_plan_of_a_long_list_is_made_elsewhere_and_no_key_waits_for_it() {
    let mut bench = Bench::new(BY_TAG);
    bench.mark(&["pr-1"]);
    let effects = key(&mut bench, "d");
    let [Effect::Survey { id, repo, protection, .. }] = &effects[..] else { panic!("{effects:?}") };
    let names: Vec<String> = (0..4_000).map(|n| format!("pr-{n}")).collect();
    let tags = names.iter().map(|name| (name.as_str(), name.as_str()));
    let snapshot = snapshot("one", repo, tags, BY_TAG, protection.clone(), bench.state.now);
    let loaded = Msg::Loaded { id: *id, event: Event::Surveyed(Ok(Box::new(snapshot))) };
    let making = |effects: Vec<Effect>| match effects.into_iter().next() {
        Some(Effect::MakePlan { ticket, making }) => (ticket, making),
        other => panic!("{other:?}"),
    };
    let (ticket, first) = making(update(&mut bench.state, loaded));
    for other in ["y", "tab", "1"] {
        assert!(key(&mut bench, other).is_empty());
    }
    update(&mut bench.state, Msg::Planned { ticket, made: Some(Box::new(first.run())) });
    assert_eq!(bench.lost(), ["pr-1"]);
    bench.look();
    bench.press("tab");
    let (stale, slow) = making(key(&mut bench, "4"));
    // The plan before is not run, and nothing is chosen meanwhile.
    assert!(matches!(bench.dialog().stage, Stage::Making { before: Some(_), .. }));
    assert!(key(&mut bench, "y").is_empty());
    update(&mut bench.state, Msg::Planned { ticket, made: None });
    update(&mut bench.state, Msg::Planned { ticket: stale, made: Some(Box::new(slow.run())) });
    assert_eq!((bench.ready().plan.lost_manifests().count(), bench.ready().question.focus), (1, Focus::List));
    assert!(bench.dialog().question().unwrap().waits_to_be_shown(), "it has to be seen before it can be confirmed");
    bench.look();
    let (ticket, _) = making(key(&mut bench, "4"));
    update(&mut bench.state, Msg::Planned { ticket, made: None });
    assert!(matches!(bench.dialog().stage, Stage::Failed(_)));
}
