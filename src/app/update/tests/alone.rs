//! What takes something away is alone in its repository.

use std::sync::Arc;

use super::*;
use crate::app::job::{JobEvent, JobId, Settling, Work};
use crate::app::layer::{LayerOrder, Presence, Push, PushPlan, Way};
use crate::app::modal::layer::{LayerDialog, Push as PushDialog};
use crate::app::update::{jobs, layers};
use crate::domain::capability::Takes;
use crate::domain::recorded::Recolouring;
use crate::domain::reference::Digest;
use crate::domain::repository::RepoInfo;
use crate::domain::sweep::{Fact, Protected, Sweep};

const ONE: RegistryId = RegistryId(0);
const OTHER: RegistryId = RegistryId(1);

fn repo(name: &str) -> RepoName {
    RepoName::parse(name).unwrap()
}

fn layer(name: &str, fetch: bool) -> LayerOrder {
    let (image, registry) = (Digest::of(b"image"), "one".to_owned());
    let push = Push { document: "d".to_owned(), layer: "l".to_owned(), digest: Digest::of(b"document") };
    let way = if fetch { Way::Fetch { path: "f".to_owned(), replace: false } } else { Way::Push(push) };
    LayerOrder { registry, repo: repo(name), image, size: None, way }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Sweep,
    Settle,
    Upload,
    Download,
    Recolour,
}

const SORTS: [Sort; 5] = [Sort::Sweep, Sort::Settle, Sort::Upload, Sort::Download, Sort::Recolour];

fn work(sort: Sort, name: &str) -> Work {
    let (registry, origin) = ("one".to_owned(), "https://one.example".to_owned());
    match sort {
        Sort::Sweep => Work::Sweep(Arc::new(Sweep {
            registry,
            origin,
            scope: None,
            account: None,
            takes: Takes::Everything,
            created: jiff::Timestamp::UNIX_EPOCH,
            items: [name, "last/one"]
                .map(|name| Fact::new(repo(name), &RepoInfo::default(), None, Protected::default()))
                .into(),
            kept: Vec::new(),
        })),
        Sort::Settle => {
            Work::Settle(Arc::new(Settling { id: "1".to_owned(), registry, repo: repo(name), standing: Vec::new() }))
        }
        Sort::Upload => Work::Layer(Arc::new(layer(name, false))),
        Sort::Download => Work::Layer(Arc::new(layer(name, true))),
        Sort::Recolour => {
            let work = Recolouring { registry, origin, repo: repo(name), tags: Vec::new(), takes_back: false };
            Work::Recolour(Arc::new(work))
        }
    }
}

fn begins(state: &mut State, registry: RegistryId, work: Work) -> bool {
    let mut effects = Vec::new();
    let began = jobs::begin(state, registry, work, &mut effects);
    assert_eq!(effects.len(), usize::from(began), "what did not begin is not started");
    assert_eq!(began, !told(state).contains("A job is running in "));
    began
}

fn told(state: &State) -> &str {
    state.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

#[test]
fn an_upload_and_a_deletion_of_its_repository_do_not_run_at_once() {
    for running in SORTS {
        for next in SORTS {
            let takes = |sort| matches!(sort, Sort::Sweep | Sort::Settle);
            let waits = next != Sort::Download && (takes(running) || takes(next));
            for (place, name, same) in [(ONE, "app/a", true), (ONE, "app/b", false), (OTHER, "app/a", false)] {
                let mut state = state(&["one", "two"]);
                assert!(begins(&mut state, ONE, work(running, "app/a")), "{running:?}");
                let began = begins(&mut state, place, work(next, name));
                // Both sweeps are about another repository, too.
                let same = same || place == ONE && running == Sort::Sweep && next == Sort::Sweep;
                assert_eq!(began, !(waits && same), "{running:?}, then {next:?} of {name} at {place:?}");
                if !began {
                    // When it is over, the other one's turn has come.
                    let end = JobEvent::Finished { items: Vec::new(), stopped: None };
                    update(&mut state, Msg::Job { job: JobId(1), event: end });
                    state.notice = None;
                    assert!(begins(&mut state, place, work(next, name)), "{running:?}, then {next:?}");
                }
            }
        }
    }
}

#[test]
fn the_dialog_of_an_upload_that_has_to_wait_stays() {
    let mut state = state(&["one"]);
    assert!(begins(&mut state, ONE, work(Sort::Sweep, "app/a")));
    let mut dialog = PushDialog::new(ONE, repo("app/a"));
    dialog.planned(PushPlan {
        order: layer("app/a", false),
        document: 10,
        form: "tar",
        now: Presence::Missing,
        parent: None,
    });
    let mut effects = Vec::new();
    layers::submit(&mut state, LayerDialog::Push(dialog), &mut effects);
    assert!(effects.is_empty() && state.jobs.len() == 1);
    assert!(matches!(state.modals.last(), Some(Modal::Layer(_))), "{:?}", state.modals);
    assert_eq!(told(&state), "A job is running in this repository; start this one when it is done.");
}
