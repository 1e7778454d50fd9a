//! `tagboat login` and `tagboat logout`

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::{DONE, Failure, Io, Outcome, Stop, prompt};
use crate::backend;
use crate::cli::{Keep, Login};
use crate::domain::capability::Capabilities;
use crate::domain::error::ErrorKind;
use crate::domain::lookalike;
use crate::domain::registry::{CredentialPlace, RegistryProfile};
use crate::domain::secret::Credential;
use crate::runtime::world::World;
use crate::store::config::{self, parse_registry_argument};
use crate::store::credentials::SaveIn;

pub(super) async fn login(world: &World, asked: &Login, io: &mut Io<'_>) -> Outcome {
    let mut profile = parse_registry_argument(&asked.registry, &world.config)?;
    let place = place(world, &profile, asked.keep)?;
    if let Some(warning) = lookalike::warning(profile.host()) {
        io.note(warning.as_str());
    }
    let username = match asked.username.clone().or_else(|| profile.username.clone()) {
        Some(username) => username,
        None if asked.password_stdin => {
            let hint = "Add --username NAME, or `username` in the config.";
            return Err(Failure::usage("--password-stdin needs a user name", hint).into());
        }
        None => prompt::line(&format!("User name for {}: ", profile.host())).await.map_err(|_| no_terminal())?,
    };
    let password = if asked.password_stdin {
        prompt::secret_from_stdin().await?
    } else {
        let question = format!("Password for {username} at {}: ", profile.host());
        prompt::secret(&question).await.map_err(|_| no_terminal())?
    };
    recognise(world, &mut profile, io).await;
    // Who answers questions is at the terminal; a script has said all it will say.
    let may_ask = !asked.password_stdin;
    let kept = sign_in(world, &profile, username, password, &place, may_ask, io).await?;
    if io.json {
        io.print_json(&json!({ "registry": profile.name, "host": profile.host(), "kept": kept }))?;
    } else {
        writeln!(io.out, "Signed in to {}: {kept}.", profile.host())?;
    }
    Ok(DONE)
}

/// Of an address that the config does not have, nobody said what it is. Who does not answer that is asked to sign in.
async fn recognise(world: &World, profile: &mut RegistryProfile, io: &mut Io<'_>) {
    if world.config.registries.iter().any(|one| one.url == profile.url) {
        return;
    }
    let ca_cert = profile.ca_cert.clone().or_else(|| world.ca_cert.clone());
    let asked = RegistryProfile { ca_cert, ..profile.clone() };
    match backend::detect(&asked, &world.context(&asked)).await {
        Ok(kind) if kind != profile.kind => {
            io.note(&format!("{} is no OCI registry: {}.", profile.host(), kind.title()));
            profile.kind = kind;
        }
        Ok(_) | Err(_) => {}
    }
}

/// Tries the credential, and keeps it only when the registry took it.
pub(super) async fn sign_in(
    world: &World,
    profile: &RegistryProfile,
    username: String,
    password: SecretString,
    place: &SaveIn,
    may_ask: bool,
    io: &mut Io<'_>,
) -> Result<String, Stop> {
    if username.is_empty() || password.expose_secret().is_empty() {
        return Err(Failure::usage("the user name or the password is empty", "Nothing was sent.").into());
    }
    let credential = Credential::Basic { username, password };
    world.credentials.save(&SaveIn::Session, profile.host(), &credential).await?;
    let (known, token) = connect(world, profile, may_ask, io).await?;
    // Where a password gives a token that lives, the password itself is kept nowhere.
    let credential = token.unwrap_or(credential);
    world.credentials.save(&SaveIn::Session, profile.host(), &credential).await?;
    if known.auth.is_none_or(|scheme| scheme == "none") {
        io.note("The registry did not ask for a sign-in, so the password was not checked.");
    }
    if *place == SaveIn::Session {
        return Ok("taken, and not kept".to_owned());
    }
    let kept = world.credentials.save(place, profile.host(), &credential).await?;
    if *place == SaveIn::Store && profile.credential != CredentialPlace::Store {
        io.note("It is used by registries that have credential = \"store\" in the config; this one has not.");
    }
    Ok(format!("kept in {kept}"))
}

/// Connects with what the session holds; with the token that this gave, where it gave one to keep. Where the password would go to a place nobody confirmed, it asks and remembers.
async fn connect(
    world: &World,
    profile: &RegistryProfile,
    may_ask: bool,
    io: &mut Io<'_>,
) -> Result<(Capabilities, Option<Credential>), Stop> {
    let ca_cert = profile.ca_cert.clone().or_else(|| world.ca_cert.clone());
    let profile = RegistryProfile { ca_cert, ..profile.clone() };
    let mut context = world.context(&profile);
    let host = profile.host().to_owned();
    loop {
        let registry = backend::open(&profile, &context)?;
        let error = match registry.connect().await {
            Ok(known) => return Ok((known, registry.to_keep())),
            Err(error) => error,
        };
        let question = match error.kind {
            ErrorKind::UntrustedRealm => "Send it there?",
            ErrorKind::NotEncrypted => "Send it all the same?",
            _ => return Err(error.into()),
        };
        let report = error.report();
        let question = format!("{}. {question}", report.what);
        if !may_ask || !prompt::yes(&question).await.unwrap_or(false) {
            return Err(error.into());
        }
        let file = world.places.config_file.as_deref();
        let remembered = match report.realm {
            Some(realm) => {
                context.settings.trusted_realms.push((host.clone(), realm.to_string()));
                file.map(|file| config::trust_realm(file, &host, realm.as_str()))
            }
            None => {
                context.settings.trusted_plain.push(host.clone());
                file.map(|file| config::trust_plain_http(file, &host))
            }
        };
        if let Some(Err(error)) = remembered {
            io.note(&format!("That is not remembered: {error}"));
        }
    }
}

fn place(world: &World, profile: &RegistryProfile, keep: Option<Keep>) -> Result<SaveIn, Failure> {
    let helper = || world.credentials.docker_helper(profile.host()).is_some();
    Ok(match (keep, &profile.credential) {
        (Some(Keep::Session), _) => SaveIn::Session,
        (Some(Keep::Helper), _) if !helper() => {
            let hint = "Set credsStore or credHelpers there, or choose another --keep.";
            return Err(Failure::usage("Docker's config.json names no helper for this host", hint));
        }
        (Some(Keep::Helper), _) => SaveIn::DockerHelper,
        (Some(Keep::Docker), _) => SaveIn::DockerFile,
        (Some(Keep::Own), _) | (None, CredentialPlace::Store) => SaveIn::Store,
        // Where the next run will look.
        (None, CredentialPlace::Docker) if helper() => SaveIn::DockerHelper,
        (None, CredentialPlace::Docker) => SaveIn::DockerFile,
        (None, CredentialPlace::Env(name)) => {
            let message = format!("the config takes this registry's secret from the environment variable {name}");
            return Err(Failure::usage(&message, "Set that variable, or change `credential` in the config."));
        }
        (None, CredentialPlace::None) => {
            let hint = "Change `credential` in the config, or try with --keep session.";
            return Err(Failure::usage("the config has credential = \"none\" for this registry", hint));
        }
    })
}

fn no_terminal() -> Failure {
    Failure::usage(
        "there is no terminal to ask for the password",
        "Use --username NAME --password-stdin; a password is never an argument.",
    )
}

pub(super) async fn logout(world: &World, registry: &str, io: &mut Io<'_>) -> Outcome {
    let profile = parse_registry_argument(registry, &world.config)?;
    let erased: Vec<String> = world.credentials.sign_out(&profile).await?.iter().map(ToString::to_string).collect();
    if io.json {
        io.print_json(&json!({ "registry": profile.name, "host": profile.host(), "erased": erased }))?;
    } else if erased.is_empty() {
        writeln!(io.out, "Nothing was kept for {}.", profile.host())?;
    } else {
        writeln!(io.out, "Signed out of {}: erased from {}.", profile.host(), erased.join(", "))?;
    }
    Ok(DONE)
}
