//! A job that ended as nobody wished: what is said of each item, and which keys are offered then.

use super::fixture::{self, Words};
use super::tests::{rows, theme};
use crate::app::job::{JobEvent, JobId};
use crate::app::msg::Msg;
use crate::app::state::State;
use crate::app::update::update;
use crate::domain::clean;
use crate::domain::outcome::{Ended, Outcome};

fn screen(state: &State) -> String {
    rows(&fixture::draw(state, &theme(state))).join("\n")
}

/// A running job of three items.
fn running() -> State {
    let mut state = fixture::state(2, 80, 24, fixture::looks("mono", true));
    let names = ["pr-8800-000000", "pr-8801-012fd1", "pr-8802-025fa2"];
    state.pane_mut().mark(names.map(|name| crate::domain::reference::TagName::parse(name).unwrap()), Vec::new());
    fixture::press(&mut state, "d", &Words::default());
    fixture::look(&mut state);
    fixture::press(&mut state, "tab tab 3 tab", &Words::default());
    fixture::look(&mut state);
    fixture::press(&mut state, "enter", &Words::default());
    assert_eq!(state.jobs.len(), 1, "{}", screen(&state));
    state
}

fn footer(state: &State) -> String {
    screen(state).lines().next_back().unwrap_or_default().to_owned()
}

fn end(state: &mut State, items: Vec<Ended>, stopped: Option<&str>) {
    let stopped = stopped.map(clean::line);
    update(state, Msg::Job { job: JobId(1), event: JobEvent::Finished { items, stopped } });
    state.notice = None;
}

#[test]
fn a_job_offers_only_keys_that_do_something_now() {
    let mut state = running();
    let text = screen(&state);
    assert!(text.contains("The job goes on when this is closed"), "{text}");
    let foot = footer(&state);
    assert!(foot.contains("x stop") && foot.contains("b background") && !foot.contains("retry"), "{foot}");
    fixture::press(&mut state, "x", &Words::default());
    assert!(!footer(&state).contains("x stop"), "once is enough");
    let mut stopped = running();
    fixture::press(&mut stopped, "x", &Words::default());
    let skipped = Ended::because(Outcome::Skipped, clean::line("stopped before its turn"));
    end(&mut stopped, vec![Ended::done(), skipped.clone(), skipped], Some("stopped before its turn"));
    let text = screen(&stopped);
    assert_eq!(text.matches("stopped before its turn").count(), 3, "two rows, and once below\n{text}");
    assert!(text.contains("ok 1   skipped 2"), "{text}");
    assert!(text.contains("]  1/3  33%") && text.contains("[###"), "one of three was done\n{text}");
    assert!(text.contains("#."), "the bar does not end full\n{text}");
    fixture::press(&mut stopped, "esc g j", &Words::default());
    let text = screen(&stopped);
    assert!(text.contains("[###.......] 1/3  33%"), "{text}");

    end(&mut state, vec![Ended::done(), Ended::done(), Ended::done()], None);
    let (text, foot) = (screen(&state), footer(&state));
    assert!(foot.contains("Esc close") && foot.contains("o report"), "{foot}");
    assert!(!foot.contains("stop") && !foot.contains("retry") && !foot.contains("background"), "{foot}");
    assert!(!text.contains("goes on when this is closed"), "{text}");

    let mut state = running();
    let failed = Ended::because(Outcome::Failed, clean::line("the registry said no"));
    end(&mut state, vec![Ended::done(), failed, Ended::done()], None);
    assert!(footer(&state).contains("r retry failed"), "{}", footer(&state));
}

#[test]
fn a_job_that_waits_says_how_long_and_why_in_full() {
    let mut state = running();
    let why = clean::line("registry.example answered 429 to deleting a tag: TOOMANYREQUESTS, later");
    let wait = jiff::SignedDuration::from_secs(4);
    update(&mut state, Msg::Job { job: JobId(1), event: JobEvent::Waiting { at: 0, wait, why } });
    let text = screen(&state);
    assert!(text.contains("waiting 4 s, as the registry asks") && text.contains("[....."), "{text}");
    assert!(text.contains("again in 4 s") && text.contains("TOOMANYREQUESTS, later"), "{text}");
}

#[test]
fn what_ended_an_item_is_read_in_its_row_and_said_once_below() {
    let mut state = running();
    let host = state.registry(state.jobs[0].registry).profile.host().to_owned();
    let why = format!("{host} answered 403 to deleting a tag: DENIED, requested access is denied");
    let because = |outcome| Ended::because(outcome, clean::line(&why));
    let items = vec![Ended::done(), because(Outcome::Refused), because(Outcome::Skipped)];
    end(&mut state, items, Some(&why));
    let text = screen(&state);
    assert!(text.contains("403 to deleting a tag"), "{text}");
    assert!(text.lines().any(|line| line.contains("skipped") && line.contains("not tried")), "{text}");
    assert!(text.contains("ok 1   REFUSED 1   skipped 1"), "they add up\n{text}");
    assert!(text.contains("That stopped the job; what was left was not tried."), "{text}");
    assert_eq!(text.matches("DENIED").count(), 1, "{text}");
}
