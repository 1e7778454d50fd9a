//! Effects, performed: reads go to the executor, small writes to the store, and what concerns the terminal back to the
//! loop that owns it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::copying::{self, End};
use super::edited::Edited;
use super::executor::Executor;
use super::facts;
use super::files::{read_labels, write};
use super::history;
use super::jobs::{Change, Jobs};
use super::kind;
use super::layers;
use super::password;
use super::registries::{Registries, sign_in};
use super::saved;
use super::sweep;
use super::themes::Themes;
use super::world::World;
use super::{StartDemo, probe, trial};
use crate::app::effect::{Effect, Query};
use crate::app::job::{JobId, Work};
use crate::app::msg::{Event, Msg};
use crate::app::state::{State, Tone};
use crate::app::update::{Remembered, last_place};
use crate::domain::clean;
use crate::domain::cleanup::Protection;
use crate::domain::reference::RepoName;
use crate::domain::registry::{Mode, RegistryId, RegistryProfile};
use crate::domain::secret::{CredentialSource as _, OneTime};
use crate::store::cache::Cache;
use crate::store::config;
use crate::store::env::Env;
use crate::store::exchange;
use crate::store::save;
use crate::store::state::{LastPlace, StateStore};

pub struct Performer<'a> {
    pub world: &'a mut World,
    pub registries: Registries,
    pub executor: Executor,
    pub store: StateStore,
    pub jobs: Jobs,
    pub themes: Themes,
    /// Where lists of earlier visits are, if they are kept.
    pub disk: Option<Arc<Cache>>,
    pub demo: Option<StartDemo>,
    pub edited: Edited,
    /// Registries that were taken out of the config in this run, as they stood there.
    pub forgotten: BTreeMap<RegistryId, config::Removed>,
}

/// What is left for the loop.
pub enum Then {
    Nothing,
    Suspend,
    Redraw,
    Mouse(bool),
    Copy(String),
    CopySecret(OneTime),
    Theme,
    Quit,
}

impl Performer<'_> {
    pub fn perform(&mut self, effect: Effect, state: &mut State) -> Then {
        match effect {
            Effect::Fetch { id, registry, query } => {
                let list = match &query {
                    Query::Repositories => Some((registry, None)),
                    Query::Tags(repo) | Query::Details(repo, _) => Some((registry, Some(repo.clone()))),
                    _ => None,
                };
                let connection = match list {
                    Some(list) => self.registries.connection_for(self.world, list),
                    None => self.registries.connection(self.world, registry),
                };
                self.executor.fetch(id, connection, query);
            }
            Effect::Survey { id, registry, repo, protection, marks, choices, from } => {
                let labels = state.labels(registry, &repo);
                let connection = self.registries.connection(self.world, registry);
                let profile = self.registries.profile(registry).clone();
                let read_only = self.world.settings.read_only || profile.mode == Mode::ReadOnly;
                let about = facts::About { profile, repo, protection, labels, marks, choices, from, read_only };
                self.executor.read(id, |out| facts::read(connection, about, out));
            }
            Effect::SurveyRepositories { id, registry, repos } => {
                let connection = self.registries.connection(self.world, registry);
                let profile = self.registries.profile(registry).clone();
                let shield = |(repo, protection): (RepoName, Protection)| {
                    let labels = state.labels(registry, &repo);
                    (repo, sweep::Shield { protection, labels })
                };
                let about = sweep::About { profile, repos: repos.into_iter().map(shield).collect() };
                self.executor.read(id, |out| sweep::read(connection, about, out));
            }
            Effect::MakePlan { ticket, making } => self.executor.plan(ticket, *making),
            Effect::StartJob { job, registry, work } => self.start(job, registry, work),
            Effect::LookAtTag { id, registry, repo, tag } => {
                let connection = self.registries.connection(self.world, registry);
                self.executor.look(id, copying::look(connection, repo, tag));
            }
            Effect::LookAtFile { id, path, replace, image } => {
                let work = layers::look(path, replace, image, Env::Process.home());
                self.executor.look(id, async move { Event::FileLooked(work.await) });
            }
            Effect::PlanPush { id, registry, repo, files } => {
                let connection = self.registries.connection(self.world, registry);
                let name = self.registries.profile(registry).name.clone();
                let work = layers::plan(connection, name, repo, files, Env::Process.home());
                let planned = async move { work.await.map(Box::new).map_err(|error| error.report()) };
                self.executor.look(id, async move { Event::PushPlanned(planned.await) });
            }
            Effect::PrepareCopy { id, order } => {
                let (from, to) = (self.end(order.from), self.end(order.to));
                self.executor.look(id, copying::read(from, to, *order));
            }
            Effect::ReadHistory => self.executor.run(history::read(self.jobs.journals())),
            Effect::ReadOperation { journal } => {
                self.executor.run(history::details(self.jobs.journals(), journal));
            }
            Effect::Weigh { id, registry, journal } => {
                let connection = self.registries.connection(self.world, registry);
                let journals = self.jobs.journals();
                self.executor.read(id, |out| history::weigh(connection, journals, journal, out));
            }
            Effect::Examine { id, registry, journal } => {
                let connection = self.registries.connection(self.world, registry);
                let journals = self.jobs.journals();
                self.executor.read(id, |out| history::examine(connection, journals, journal, out));
            }
            Effect::StopJob { job } => self.jobs.stop(job),
            Effect::Change { id, registry, change } => {
                let there = self.end(registry);
                let work = self.jobs.change(there, change);
                self.executor.run(async move { Msg::Changed { id, result: work.await } });
            }
            Effect::MakePassword { id, registry } => {
                let connection = self.registries.connection(self.world, registry);
                self.executor.run(password::make(id, registry, connection));
            }
            Effect::TestAccount { id, registry, account } => {
                let connection = self.registries.connection(self.world, registry);
                let work = probe::pull(self.world, connection, *account);
                self.executor.look(id, async move { Event::AccountTested(work.await.map_err(|e| e.report())) });
            }
            Effect::Abort { id } => self.executor.abort(id),
            Effect::SignIn { registry, credential, keep } => {
                let profile = self.registries.profile(registry).clone();
                self.registries.close(registry);
                let work = sign_in(self.world, &profile, credential, keep);
                self.executor.run(async move { Msg::SignedIn(work.await.map_err(|e| e.report())) });
            }
            Effect::SignOut { registry } => {
                let profile = self.registries.profile(registry).clone();
                self.registries.close(registry);
                let credentials = self.world.credentials.clone();
                self.executor.run(async move {
                    let text = match credentials.sign_out(&profile).await {
                        Ok(lines) if lines.is_empty() => "There was nothing to sign out of.".to_owned(),
                        Ok(lines) => lines.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
                        Err(error) => error.to_string(),
                    };
                    Msg::SignedOut { registry, text: clean::line(&text) }
                });
            }
            Effect::Disconnect { registry } => self.registries.disconnect(registry),
            Effect::Recall { id, registry, repo } => {
                let account = self.registries.account_for(self.world, (registry, repo.clone())).ok();
                let profile = self.registries.profile(registry);
                let account = account.filter(|_| !profile.leaves_scope_open());
                let origin = profile.origin();
                self.executor.look(id, saved::recall(self.disk.clone(), account, origin, repo));
            }
            Effect::Save { registry, time, list } => {
                if let Some(disk) = &self.disk {
                    saved::save(disk, &self.registries, registry, time, list);
                }
            }
            Effect::Arrange { ticket, job, calm } => self.executor.arrange(ticket, *job, calm),
            Effect::LookUp { registry } => {
                let credentials = self.world.credentials.clone();
                let profile = self.registries.profile(registry).clone();
                self.executor.run(async move {
                    let trail = credentials.source(&profile).lookup(profile.host()).await.trail;
                    Msg::Trail { registry, trail, helper: credentials.docker_helper(profile.host()) }
                });
            }
            Effect::TestSignIn { registry, credential } => {
                let work = probe::account(self.world, self.registries.profile(registry), credential);
                self.executor.run(async move { Msg::SignInTested(work.await.map_err(|e| e.report())) });
            }
            Effect::TestRegistry(wanted) => {
                let work = trial::run(self.world, *wanted);
                self.executor.run(async move { Msg::RegistryTested(Box::new(work.await)) });
            }
            Effect::TryCa { registry, file } => {
                let work = probe::ca_file(self.world, self.registries.profile(registry), file);
                let result = async move { work.await.map_err(|e| e.report()) };
                self.executor.run(async move { Msg::CaTried { registry, result: result.await } });
            }
            Effect::FindKind { id, profile } => {
                let work = kind::find(self.world, &profile);
                self.executor.look(id, work);
            }
            Effect::StartDemo => match &self.demo {
                Some(start) => self.executor.run(start()),
                None => state.tell(clean::Clean::fixed("The demo cannot be started from here."), Tone::Bad),
            },
            Effect::TrustRealm { registry, realm } => {
                let warning = self.registries.trust_realm(self.world, registry, &realm);
                tell(state, warning);
            }
            Effect::TrustPlain { registry } => {
                let warning = self.registries.trust_plain(self.world, registry);
                tell(state, warning);
            }
            Effect::KnowRegistry(profile) => {
                self.registries.add(*profile);
            }
            Effect::ChangeRegistry { registry, profile, keys } => {
                self.change(&profile, keys, state);
                self.registries.change(registry, *profile);
            }
            Effect::SettleScope { registry, scope } => self.registries.settle(registry, scope),
            Effect::SaveRegistry(profile) => self.save(&profile, state),
            Effect::ForgetRegistry(registry) => self.forget(registry, state),
            Effect::BringBack(registry) => self.bring_back(registry, state),
            Effect::SetFavourite { registry, repository, on } => {
                let repo = repository.map(|r| r.to_string()).unwrap_or_default();
                self.store.set_favourite(&registry, &repo, on);
                tell(state, self.store.take_warning());
            }
            Effect::ChangeLabels(changes) => {
                self.store.change_labels(&changes);
                tell(state, self.store.take_warning());
            }
            Effect::SetTyped { registry, repository, on } => {
                self.store.set_typed(&registry, repository.as_str(), on);
                tell(state, self.store.take_warning());
            }
            Effect::SaveLooks { theme, ascii } => {
                let signs = ascii.map(|ascii| if ascii { "ascii" } else { "unicode" });
                if let Some(file) = &self.world.places.config_file
                    && let Err(error) = config::set_looks(file, theme, signs)
                {
                    state.tell(clean::line(&format!("The looks hold for this run only: {error}")), Tone::Bad);
                }
            }
            Effect::ApplyLooks => return Then::Theme,
            Effect::NextTheme => {
                let next = self.themes.after(&state.looks.theme);
                state.looks.theme.clone_from(&next);
                state.tell(clean::line(&format!("Theme: {next}")), Tone::Info);
                return Then::Theme;
            }
            Effect::SaveList { path, replace, export } => {
                let file = save::expand(&path, Env::Process.home().as_deref());
                let made = move || (export.render(), format!("Saved {}", export.extent()));
                self.executor.run(async move { Msg::Saved(write(file, replace, made).await) });
            }
            Effect::ExportLabels { path, replace } => {
                let file = save::expand(&path, Env::Process.home().as_deref());
                let text = exchange::write(&self.store.labels(), &exchange::favourites(&self.store));
                let made = move || (text, "Saved labels, notes, rules and favourites".to_owned());
                self.executor.run(async move { Msg::LabelsExported(write(file, replace, made).await) });
            }
            Effect::ReadLabels { path } => {
                let file = save::expand(&path, Env::Process.home().as_deref());
                self.executor.run(async move { Msg::LabelsRead { path, result: read_labels(file).await } });
            }
            Effect::Copy(text) if !super::clipboard::fits(&text) => {
                let text = "Too much for a terminal's clipboard (about 55 KB); mark fewer rows.";
                state.tell(clean::Clean::fixed(text), Tone::Bad);
            }
            Effect::Copy(text) => return Then::Copy(text),
            Effect::CopySecret(secret) => return Then::CopySecret(secret),
            Effect::SetMouse(on) => return Then::Mouse(on),
            Effect::Suspend => return Then::Suspend,
            Effect::Redraw => return Then::Redraw,
            Effect::Quit => return Then::Quit,
        }
        Then::Nothing
    }

    /// What somebody changed in the config file.
    pub fn edited(&mut self, state: &mut State) -> Option<Msg> {
        let msg = self.edited.look(self.world, &state.looks)?;
        if let Msg::Configured(edit) = &msg
            && let Some(looks) = &edit.looks
        {
            self.themes.know(looks);
            state.themes = self.themes.names();
        }
        Some(msg)
    }

    fn start(&mut self, job: JobId, registry: RegistryId, work: Work) {
        let (items, there) = (work.len(), self.end(registry));
        let change = match work {
            Work::Delete(plan) => Change::Delete(plan),
            Work::Sweep(sweep) => Change::Sweep(sweep),
            Work::Copy(order) => Change::Copy(Box::new(self.end(order.from)), order.transfer),
            Work::Recolour(work) => Change::Recolour(work),
            Work::Undo(back) => Change::Undo(back),
            Work::Settle(settling) => Change::Settle(settling),
            Work::Layer(order) => {
                let jobs = &mut self.jobs;
                self.executor.work(|channel| jobs.start_layer(job, there, order, channel));
                return;
            }
        };
        let jobs = &mut self.jobs;
        self.executor.work(|channel| jobs.start(job, there, change, items, channel));
    }

    /// A registry as what is changed, or as an end of a copy.
    fn end(&mut self, registry: RegistryId) -> End {
        let connection = self.registries.connection(self.world, registry);
        End { connection, profile: self.registries.profile(registry).clone() }
    }

    fn change(&self, profile: &RegistryProfile, keys: &[&str], state: &mut State) {
        let Some(file) = self.world.places.config_file.as_ref().filter(|_| !keys.is_empty()) else { return };
        match config::change_registry(file, profile, keys) {
            Ok(false) if keys.contains(&"namespace") => {
                let words = format!("That holds for this run only: {} is not in the config.", profile.name);
                state.tell(clean::line(&words), Tone::Info);
            }
            Ok(_) => {}
            Err(error) => state.tell(clean::line(&format!("That holds for this run only: {error}")), Tone::Bad),
        }
    }

    /// What `-` goes back to in the next run.
    pub fn remember_place(&self, state: &State) {
        if let Some(place) = last_place(state) {
            let Remembered { registry, repository, reference } = place;
            self.store.set_last_place(&LastPlace { registry, repository, tag: reference });
        }
    }

    fn forget(&mut self, registry: RegistryId, state: &mut State) {
        let Some(file) = &self.world.places.config_file else { return };
        let profile = self.registries.profile(registry);
        match config::remove_registry(file, profile) {
            Ok(removed) => drop(removed.map(|removed| self.forgotten.insert(registry, removed))),
            Err(error) => {
                let words = format!("{} is still in the config: {error}", profile.name);
                state.tell(clean::line(&words), Tone::Bad);
            }
        }
    }

    /// What was not in the config does not get there.
    fn bring_back(&mut self, registry: RegistryId, state: &mut State) {
        let removed = self.forgotten.remove(&registry);
        if let (Some(file), Some(removed)) = (&self.world.places.config_file, removed)
            && let Err(error) = config::put_back(file, &removed)
        {
            let name = &self.registries.profile(registry).name;
            state.tell(clean::line(&format!("{name} is back for this run only: {error}")), Tone::Bad);
        }
    }

    fn save(&self, profile: &RegistryProfile, state: &mut State) {
        let Some(file) = &self.world.places.config_file else { return };
        if let Err(error) = config::add_registry(file, profile) {
            state.tell(clean::line(&format!("{} is known for this run only: {error}", profile.name)), Tone::Bad);
        }
    }
}

fn tell(state: &mut State, warning: Option<clean::Clean>) {
    if let Some(warning) = warning {
        state.tell(warning, Tone::Info);
    }
}
