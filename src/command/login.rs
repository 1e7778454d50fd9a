//! `tagboat login` and `tagboat logout`

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::{DONE, Failure, Io, Outcome, Stop, prompt};
use crate::cli::{Keep, Login};
use crate::domain::registry::{CredentialPlace, RegistryProfile};
use crate::domain::secret::Credential;
use crate::runtime::world::World;
use crate::store::config::parse_registry_argument;
use crate::store::credentials::SaveIn;

pub(super) async fn login(world: &World, asked: &Login, io: &mut Io<'_>) -> Outcome {
    let profile = parse_registry_argument(&asked.registry, &world.config)?;
    let place = place(world, &profile, asked.keep)?;
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
    let kept = sign_in(world, &profile, username, password, &place, io).await?;
    if io.json {
        io.print_json(&json!({ "registry": profile.name, "host": profile.host(), "kept": kept }))?;
    } else {
        writeln!(io.out, "Signed in to {}: {kept}.", profile.host())?;
    }
    Ok(DONE)
}

/// Tries the credential, and keeps it only when the registry took it.
pub(super) async fn sign_in(
    world: &World,
    profile: &RegistryProfile,
    username: String,
    password: SecretString,
    place: &SaveIn,
    io: &mut Io<'_>,
) -> Result<String, Stop> {
    if username.is_empty() || password.expose_secret().is_empty() {
        return Err(Failure::usage("the user name or the password is empty", "Nothing was sent.").into());
    }
    let credential = Credential::Basic { username, password };
    world.credentials.save(&SaveIn::Session, profile.host(), &credential).await?;
    let known = world.open(profile)?.connect().await?;
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
