//! Alauda deletes a tag at a time, and one list tells what all of them are on.

use std::collections::BTreeMap;
use std::sync::Arc;

use tagboat::backend::{Backend, Settings};
use tagboat::demo::{AlaudaOptions, AlaudaServer, Fault, Rule, alauda_catalogue, start_alauda};
use tagboat::domain::cleanup::{Choices, Plan, Protection, plan};
use tagboat::domain::outcome::Outcome::{Done, Refused, Skipped};
use tagboat::domain::registry::BackendKind;
use tagboat::runtime::batch::{Event, Report, Stop};
use tagboat::runtime::survey::{Place, Progress, Seen, Wanted, survey};
use tagboat::store::config::HistorySettings;
use tagboat::store::journal::Journals;
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};

use super::{batch, marks, outcomes};
use crate::support::cleanup::drained;
use crate::support::client::basic;
use crate::support::vendor::{Keys, client, name, profile};

const CART: &str = "yunfan/cart";

struct Pair {
    server: AlaudaServer,
    backend: Arc<dyn Backend>,
    home: TempDir,
}

impl Pair {
    async fn new(options: AlaudaOptions) -> Self {
        let options = AlaudaOptions { password: "pass".into(), ..options };
        let server = start_alauda(alauda_catalogue(), options).await.expect("a free port");
        let place = profile(BackendKind::Alauda, &server.url, Some("yunfan"));
        let backend = client(&place, &Keys::new(basic("yunfan", "pass")), Settings::default()).expect("a client");
        Self { server, backend, home: tempfile::tempdir().expect("a directory") }
    }

    fn tags(&self) -> BTreeMap<String, String> {
        let store = self.server.store();
        let cart = &store.namespaces["yunfan"].repositories["cart"];
        cart.tags.iter().map(|tag| (tag.tag.clone(), tag.image_id.clone())).collect()
    }

    async fn plan(&self, names: &[&str]) -> Plan {
        let place = Place {
            registry: "test".to_owned(),
            origin: self.server.url.clone(),
            repo: name(CART),
            protection: Protection::default(),
            labels: tagboat::domain::label::Labels::default(),
        };
        let progress = watch::Sender::new(Progress::default());
        let facts = survey(&*self.backend, &place, &Wanted::default(), &Seen::default(), &progress).await;
        let plan = plan(&facts.expect("facts"), &marks(names), &Choices::default());
        self.server.clear_log();
        plan
    }

    async fn run(&self, plan: &Plan) -> (Report, Vec<Event>) {
        let (events, receiver) = mpsc::channel(4);
        let journals = Journals::new(self.home.path(), HistorySettings::default());
        drained(batch(self.backend.clone(), &self.server.url, plan, journals, events).run(), receiver).await
    }

    fn count(&self, method: &str) -> usize {
        self.server.log().iter().filter(|seen| seen.method == method).count()
    }
}

#[tokio::test]
async fn each_tag_goes_by_itself_and_siblings_stay() {
    let pair = Pair::new(AlaudaOptions::default()).await;
    let before = pair.tags();
    let names: Vec<&str> = before.keys().map(String::as_str).take(2).collect();
    let plan = pair.plan(&names).await;
    assert_eq!((plan.items.len(), plan.tags_before), (2, before.len()));
    let (report, _) = pair.run(&plan).await;
    assert_eq!((outcomes(&report), &report.stopped), (vec![Done; 2], &None));
    // Where recording one took longer than a round trip, it is looked at once more.
    assert!(pair.count("DELETE") == 2 && pair.count("GET") >= 4, "a look before and after each");
    let mut left = before.clone();
    left.retain(|tag, _| !names.contains(&tag.as_str()));
    assert_eq!(pair.tags(), left);
}

#[tokio::test]
async fn a_lost_answer_is_settled_and_an_old_server_is_left_alone() {
    let pair = Pair::new(AlaudaOptions::default()).await;
    let before = pair.tags();
    let names: Vec<&str> = before.keys().map(String::as_str).take(3).collect();
    let plan = pair.plan(&names).await;
    pair.server.faults().add(Rule::on("/tags/", Fault::LostAnswer).method("DELETE").times(1));
    pair.server.faults().add(Rule::on("/tags/", Fault::status(405)).method("DELETE").after(1));
    let (report, _) = pair.run(&plan).await;
    assert_eq!(outcomes(&report), [Done, Refused, Skipped], "{report:?}");
    assert!(report.items[0].why.as_ref().is_some_and(|why| why.as_str().contains("gone all the same")));
    assert!(matches!(report.stopped, Some(Stop::Registry(_))));
    assert_eq!((pair.count("DELETE"), pair.tags().len()), (2, before.len() - 1));
    let why = report.items[1].why.as_ref().map(ToString::to_string).unwrap_or_default();
    assert!(!why.contains("placeholder") && !why.contains("manifest"), "{why}");
}
