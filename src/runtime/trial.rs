//! An address tried, part by part, as somebody is about to add it. Nothing of it is kept.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::account::Watched;
use super::probe::Fixed;
use super::world::World;
use crate::app::trial::{Finding, Part, Trial, Tried};
use crate::backend::{self, Backend, Context, Error};
use crate::domain::capability::{Ability, Capabilities};
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::registry::{BackendKind, RegistryProfile};
use crate::domain::repository::Scope;
use crate::domain::secret::CredentialSource;
use crate::domain::text;

/// Repositories that are counted; of more it is enough to know that there are more.
const COUNTED: usize = 1000;
/// Nobody looks at the dialog for longer.
const COUNTING: Duration = Duration::from_secs(20);

pub fn run(world: &World, trial: Trial) -> impl Future<Output = Tried> + Send + 'static {
    let Trial { mut profile, detect, credential, only_kind } = trial;
    let source: Arc<dyn CredentialSource> = match credential {
        Some(credential) => Arc::new(Fixed(credential)),
        None => Arc::new(world.credentials.source(&profile)),
    };
    let account = Arc::new(Watched::new(source, profile.host().to_owned()));
    profile.ca_cert = profile.ca_cert.or_else(|| world.ca_cert.clone());
    let context = world.context_as(&profile, account.clone());
    async move {
        let mut tried = Tried { url: profile.url.clone(), ..Tried::default() };
        if detect {
            match backend::detect(&profile, &context).await {
                Ok(kind) => profile.kind = kind,
                Err(error) => {
                    tried.failed(&profile, unreached(&error).unwrap_or(Part::Kind), &error);
                    return tried;
                }
            }
            tried.kind = Some(profile.kind);
            tried.worked(Part::Kind, &format!("{}, found by asking", profile.kind.title()));
        }
        if !only_kind && let Err((part, error)) = look(&profile, &context, &account, &mut tried).await {
            tried.failed(&profile, part, &error);
        }
        tried
    }
}

async fn look(
    profile: &RegistryProfile,
    context: &Context,
    account: &Watched,
    tried: &mut Tried,
) -> Result<(), (Part, Error)> {
    let backend = backend::open(profile, context).map_err(|error| (Part::Host, error))?;
    let known = match backend.connect().await {
        Ok(known) => known,
        Err(error) => {
            let part = blame(&*backend, profile, &error).await;
            if !matches!(part, Part::Host | Part::Tls) {
                reached(&*backend, profile, tried);
            }
            if matches!(part, Part::Namespace | Part::Workspace) {
                signed_in(account, &backend.capabilities(), tried).await;
            }
            return Err((part, error));
        }
    };
    reached(&*backend, profile, tried);
    signed_in(account, &known, tried).await;
    let counted = count(&*backend).await;
    if let Some((part, id)) = scope(profile) {
        match &counted {
            Err(error) if is_about_scope(error) => return Err((part, error.clone())),
            _ => tried.worked(part, &format!("{} found", named(&*backend, id).await)),
        }
    }
    let words = match counted {
        Ok((1, true)) => "1 repository".to_owned(),
        Ok((count, true)) => format!("{} repositories", text::count(count)),
        Ok((count, false)) => format!("{} repositories, and more", text::count(count)),
        Err(error) if error.kind == ErrorKind::Unsupported => {
            "it does not list its repositories; type their names".to_owned()
        }
        Err(error) => return Err((Part::List, error)),
    };
    tried.worked(Part::List, &words);
    Ok(())
}

/// Nobody answered, or nobody who could be trusted.
fn unreached(error: &Error) -> Option<Part> {
    match error.kind {
        ErrorKind::Network | ErrorKind::Timeout => Some(Part::Host),
        ErrorKind::Tls => Some(Part::Tls),
        _ => None,
    }
}

/// The part that a greeting failed at.
async fn blame(backend: &dyn Backend, profile: &RegistryProfile, error: &Error) -> Part {
    use ErrorKind as K;
    if let Some(part) = unreached(error) {
        return part;
    }
    match (error.kind, scope_part(profile.kind)) {
        (K::SignIn | K::UntrustedRealm | K::NotEncrypted, _) => Part::SignIn,
        (K::Config, Some(part)) => part,
        // A system that can name its namespaces to this account has nothing against the account.
        (_, Some(part)) if scope(profile).is_some() && is_about_scope(error) => {
            let can_tell = backend.capabilities().can(Ability::Scopes);
            let known = !can_tell || backend.scopes().await.is_ok();
            if known { part } else { Part::SignIn }
        }
        (K::Denied, _) => Part::SignIn,
        _ => Part::Kind,
    }
}

fn is_about_scope(error: &Error) -> bool {
    use ErrorKind as K;
    matches!(error.kind, K::Denied | K::NotFound | K::Refused | K::Config)
}

fn scope_part(kind: BackendKind) -> Option<Part> {
    match kind {
        BackendKind::MlSpace => Some(Part::Workspace),
        BackendKind::DockerCloud | BackendKind::Alauda => Some(Part::Namespace),
        BackendKind::Oci | BackendKind::DockerV1 => None,
    }
}

/// The namespace or workspace that was entered. A workspace is found even where none was: there is one then.
fn scope(profile: &RegistryProfile) -> Option<(Part, Option<&str>)> {
    let part = scope_part(profile.kind)?;
    match part {
        Part::Workspace => Some((part, profile.workspace.as_deref())),
        _ => Some((part, Some(profile.namespace.as_deref()?))),
    }
}

/// As people know it, where the system tells.
async fn named(backend: &dyn Backend, id: Option<&str>) -> String {
    let all = match backend.capabilities().can(Ability::Scopes) {
        true => backend.scopes().await.unwrap_or_default(),
        false => Vec::new(),
    };
    let fits = |one: &&Scope| match id {
        Some(id) => one.id.eq_ignore_ascii_case(id) || one.name.as_str() == id,
        None => all.len() == 1,
    };
    match (all.iter().find(fits), id) {
        (Some(one), _) => one.name.to_string(),
        (None, Some(id)) => id.to_owned(),
        (None, None) => "the only one".to_owned(),
    }
}

fn reached(backend: &dyn Backend, profile: &RegistryProfile, tried: &mut Tried) {
    let time = backend.latency().map(|time| format!(" in {}", text::milliseconds(time))).unwrap_or_default();
    let host = profile.host();
    tried.worked(Part::Host, &format!("{host} answered{time}"));
    let how = match backend.capabilities().transport {
        _ if profile.url.starts_with("http://") => "none: http, not encrypted".to_owned(),
        Some(transport) => format!("encrypted, {transport}"),
        None => "encrypted".to_owned(),
    };
    tried.worked(Part::Tls, &how);
}

async fn signed_in(account: &Watched, known: &Capabilities, tried: &mut Tried) {
    let user = account.asked().await.and_then(|(account, _)| account.user);
    let words = match (known.auth, user) {
        (None | Some("none"), Some(_)) => "not asked for, so what was entered was not checked".to_owned(),
        (None | Some("none"), None) => "not asked for".to_owned(),
        (Some(_), None) => "anonymous".to_owned(),
        (Some(scheme), Some(user)) => format!("signed in as {user}, {scheme}"),
    };
    tried.worked(Part::SignIn, &words);
}

/// How many repositories, and whether these are all.
async fn count(backend: &dyn Backend) -> backend::Result<(usize, bool)> {
    let (pages, mut incoming) = mpsc::channel(1);
    let take = async move {
        let mut count = 0;
        while count < COUNTED {
            let Some(page) = incoming.recv().await else { return (count, true) };
            count += Vec::len(&page);
        }
        // Which ends the walk.
        drop(incoming);
        (count, false)
    };
    match tokio::time::timeout(COUNTING, async { tokio::join!(backend.repositories(pages), take) }).await {
        Ok((Err(error), _)) => Err(error),
        Ok((Ok(end), (count, all))) => Ok((count, all && end.complete)),
        Err(_) => Err(Error::new(ErrorKind::Timeout, "the list of repositories did not end in time")),
    }
}

impl Tried {
    fn worked(&mut self, part: Part, text: &str) {
        self.worked.push(Finding { part, text: clean::line(text) });
    }

    fn failed(&mut self, profile: &RegistryProfile, part: Part, error: &Error) {
        if part == Part::Tls {
            self.worked(Part::Host, &format!("{} answered", profile.host()));
        }
        self.failed = Some((part, error.report()));
    }
}
