use std::path::Path;

use jiff::Timestamp;

use super::*;
use crate::app::cache::{RepoRow, Row as _, Rows, TagRow};
use crate::domain::reference::TagName;
use crate::domain::registry::{BackendKind, RegistryProfile};
use crate::domain::secret::Credential;
use crate::runtime::world::{Options, World};
use crate::store::credentials::SaveIn;
use crate::store::env::Env;

const REGISTRY: RegistryId = RegistryId(0);

/// A run of the program, signed in as somebody, or as nobody.
struct Run {
    world: World,
    registries: Registries,
}

impl Run {
    async fn of(dir: &Path, user: Option<&str>) -> Self {
        let options = Options { state_dir: Some(dir.to_owned()), ..Options::default() };
        let world = World::load(&options, Env::fixed([])).unwrap();
        let (mut registries, _) = Registries::gather(&world, Vec::new());
        let url = "http://127.0.0.1:1".to_owned();
        let profile = RegistryProfile { name: "r".to_owned(), url, plain_http: true, ..RegistryProfile::default() };
        registries.add(profile);
        let mut run = Self { world, registries };
        if let Some(user) = user {
            run.sign_in(user).await;
        }
        run
    }

    async fn sign_in(&mut self, user: &str) {
        let credential = Credential::Basic { username: user.to_owned(), password: "s".to_owned().into() };
        self.world.credentials.save(&SaveIn::Session, "127.0.0.1:1", &credential).await.unwrap();
        self.registries.close(REGISTRY);
    }

    async fn recall(&mut self, repo: Option<RepoName>) -> Event {
        let account = self.registries.account_for(&self.world, (REGISTRY, repo.clone())).unwrap();
        let origin = self.registries.profile(REGISTRY).origin();
        recall(self.world.disk.clone(), Some(account), origin, repo).await
    }

    /// The same account, in a workspace.
    fn turn_to(&mut self, workspace: Option<&str>) {
        let profile = self.registries.profile(REGISTRY);
        let profile = RegistryProfile { kind: BackendKind::MlSpace, ..profile.clone() };
        self.registries.change(REGISTRY, profile.with_scope(workspace.map(str::to_owned)));
        self.registries.disconnect(REGISTRY);
    }

    fn save(&self, list: SavedList) {
        save(self.world.disk.as_ref().unwrap(), &self.registries, REGISTRY, Timestamp::UNIX_EPOCH, list);
    }
}

fn repo() -> RepoName {
    RepoName::parse("app").unwrap()
}

fn tags() -> SavedList {
    let mut rows = Rows::default();
    rows.push(TagRow::new(Listed::Valid(TagName::parse("1.0").unwrap())));
    rows.push(TagRow::new(Listed::Invalid(crate::domain::clean::identifier("a b"))));
    SavedList::Tags(repo(), rows)
}

fn repositories() -> SavedList {
    let mut rows = Rows::default();
    rows.push(RepoRow::new(Listed::Valid(repo())));
    SavedList::Repositories(rows)
}

#[tokio::test]
async fn a_list_is_shown_to_the_account_that_saw_it_and_to_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let mut run = Run::of(dir.path(), Some("bob")).await;
    assert_eq!(run.recall(Some(repo())).await, Event::OldTags(None));
    assert_eq!(run.recall(None).await, Event::OldRepositories(None));
    run.save(tags());
    run.save(repositories());
    drop(run);
    for other in [None, Some("alice"), Some("AWS")] {
        let mut run = Run::of(dir.path(), other).await;
        assert_eq!(run.recall(Some(repo())).await, Event::OldTags(None), "{other:?}");
        assert_eq!(run.recall(None).await, Event::OldRepositories(None), "{other:?}");
    }
    let mut run = Run::of(dir.path(), Some("bob")).await;
    let time = Timestamp::UNIX_EPOCH;
    let tag = (TagName::parse("1.0").unwrap(), None);
    assert_eq!(run.recall(Some(repo())).await, Event::OldTags(Some((time, vec![tag]))));
    assert_eq!(run.recall(None).await, Event::OldRepositories(Some((time, vec![repo()]))));
}

#[tokio::test]
async fn two_workspaces_of_an_account_are_two() {
    let dir = tempfile::tempdir().unwrap();
    let mut run = Run::of(dir.path(), Some("bob")).await;
    for workspace in ["one", "two"] {
        run.turn_to(Some(workspace));
        assert_eq!(run.recall(Some(repo())).await, Event::OldTags(None), "{workspace}");
        assert_eq!(run.recall(None).await, Event::OldRepositories(None), "{workspace}");
        if workspace == "one" {
            run.save(tags());
            run.save(repositories());
        }
    }
    drop(run);
    let mut run = Run::of(dir.path(), Some("bob")).await;
    for (workspace, known) in [(None, false), (Some("two"), false), (Some("one"), true)] {
        run.turn_to(workspace);
        assert_eq!(matches!(run.recall(Some(repo())).await, Event::OldTags(Some(_))), known, "{workspace:?}");
        assert_eq!(matches!(run.recall(None).await, Event::OldRepositories(Some(_))), known, "{workspace:?}");
    }
}

#[tokio::test]
async fn a_list_that_two_accounts_read_is_nobodys() {
    let dir = tempfile::tempdir().unwrap();
    let mut run = Run::of(dir.path(), Some("bob")).await;
    run.recall(Some(repo())).await;
    run.sign_in("alice").await;
    // Details asked for between the sign-in and its answer: through a connection of the new account.
    run.recall(Some(repo())).await;
    assert_eq!(run.registries.reader(&(REGISTRY, Some(repo()))), None);
    run.save(tags());
    run.registries.disconnect(REGISTRY);
    run.recall(Some(repo())).await;
    assert_eq!(run.registries.reader(&(REGISTRY, Some(repo()))).as_deref(), Some("alice"));
    drop(run);
    for user in ["bob", "alice"] {
        assert_eq!(Run::of(dir.path(), Some(user)).await.recall(Some(repo())).await, Event::OldTags(None));
    }
}

#[tokio::test]
async fn without_a_cache_nothing_is_looked_for() {
    let event = recall(None, None, "http://127.0.0.1:1".to_owned(), Some(repo())).await;
    assert_eq!(event, Event::OldTags(None));
}
