//! `tagboat labels`: labels, notes and favourites without the screen, and to and from a file.

mod said;

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::{DONE, Failure, Io, Outcome, Stop, place, table};
use crate::cli::labels::Labels as Asked;
use crate::domain::label::{self, Change, Chosen, Favourite, Kept, Labels, palette};
use crate::domain::reference::{RepoName, TagName};
use crate::domain::registry::RegistryProfile;
use crate::domain::text;
use crate::runtime::world::World;
use crate::store::config::parse_target;
use crate::store::exchange::{self, Unread, favourites};
use crate::store::save;
use crate::store::state::StateStore;

pub(super) fn store(world: &World) -> Result<StateStore, Stop> {
    let opened = StateStore::open(world.places.state_dir.as_deref());
    Ok(opened.map_err(|error| Failure::internal(&error.to_string(), "Try --state-dir DIR."))?)
}

/// What holds in a repository.
pub(super) fn here(world: &World, profile: &RegistryProfile, repo: &RepoName) -> Result<Labels, Stop> {
    Ok(Labels::new(&world.config.labels, &store(world)?.labels(), &profile.origin(), repo))
}

pub(super) async fn run(world: &World, asked: &Asked, io: &mut Io<'_>) -> Outcome {
    let store = store(world)?;
    match asked {
        Asked::List { target } => list(world, &store, target.as_deref(), io),
        Asked::Set { repository, tags, label, note } => {
            let (profile, repo) = place::repository(world, repository)?;
            let profile = settled(world, profile).await?;
            let changes = wanted(world, &store, (&profile, &repo), tags, label.as_deref(), note.as_deref())?;
            change(&store, &changes, &[], false, io)
        }
        Asked::Favourite { target, off } => favourite(world, &store, target, !off, io).await,
        Asked::Export { out } => export(&store, out.as_deref(), io),
        Asked::Import { file, dry_run } => import(&store, file, *dry_run, io),
    }
}

fn list(world: &World, store: &StateStore, target: Option<&str>, io: &mut Io<'_>) -> Outcome {
    let kept = store.labels();
    let only = target.map(|text| parse_target(text, &world.config)).transpose()?;
    let wanted = |origin: &str, repo: Option<&RepoName>| {
        only.as_ref().is_none_or(|(profile, wanted, _)| {
            is_of(profile, origin) && (wanted.is_none() || repo.is_none() || wanted.as_ref() == repo)
        })
    };
    let labels = palette(&world.config.labels.labels, &kept.labels);
    let rules = kept.rules.iter().flat_map(|(origin, rules)| rules.iter().map(move |rule| (origin, rule)));
    let rules: Vec<_> = rules.filter(|(origin, _)| wanted(origin, None)).collect();
    let mut rows = Vec::new();
    for ((origin, repo), entries) in kept.tags.iter().filter(|((origin, repo), _)| wanted(origin, Some(repo))) {
        let mut entries: Vec<_> = entries.iter().collect();
        entries.sort_by_key(|(tag, _)| *tag);
        rows.extend(entries.into_iter().map(|(tag, entry)| (origin, repo, tag, entry)));
    }
    if io.json {
        let labels = labels
            .iter()
            .map(|one| json!({ "name": &*one.name, "letter": one.letter, "colour": one.colour.to_string() }));
        let rules = rules.iter().map(
            |(origin, rule)| json!({ "registry": &***origin, "match": rule.filter.as_str(), "label": &*rule.label }),
        );
        let tags = rows.iter().map(|(origin, repo, tag, entry)| {
            json!({
                "registry": &***origin, "repository": repo.as_str(), "tag": tag.as_str(),
                "label": said::chosen(&entry.label), "note": entry.note.as_deref(),
            })
        });
        io.print_json(&json!({
            "labels": labels.collect::<Vec<_>>(), "rules": rules.collect::<Vec<_>>(), "tags": tags.collect::<Vec<_>>(),
        }))?;
        return Ok(DONE);
    }
    let palette: Vec<Vec<String>> =
        labels.iter().map(|one| vec![one.letter.to_string(), one.name.to_string(), one.colour.to_string()]).collect();
    table::write(io.out, &["LETTER", "LABEL", "COLOUR"], &palette)?;
    if !rules.is_empty() {
        writeln!(io.out)?;
        let rules: Vec<_> = rules
            .iter()
            .map(|(origin, rule)| vec![origin.to_string(), rule.filter.as_str().to_owned(), rule.label.to_string()])
            .collect();
        table::write(io.out, &["REGISTRY", "MATCH", "LABEL"], &rules)?;
    }
    if !rows.is_empty() {
        writeln!(io.out)?;
        let rows: Vec<_> = rows
            .iter()
            .map(|(origin, repo, tag, entry)| {
                let label = said::chosen(&entry.label).unwrap_or("-").to_owned();
                let note = entry.note.as_deref().unwrap_or("-").to_owned();
                vec![format!("{origin}/{repo}:{tag}"), label, note]
            })
            .collect();
        table::write(io.out, &["TAG", "LABEL", "NOTE"], &rows)?;
    }
    Ok(DONE)
}

/// Where nobody said which workspace, what is kept of any of them is of this registry. Nothing is asked for that.
fn is_of(profile: &RegistryProfile, origin: &str) -> bool {
    let whole = origin.split_once('#').map_or(origin, |(whole, _)| whole);
    origin == profile.origin() || (profile.leaves_scope_open() && whole == profile.origin())
}

/// The system is asked which workspace it is where the config does not say; labels ask it for nothing else.
async fn settled(world: &World, profile: RegistryProfile) -> Result<RegistryProfile, Stop> {
    if !profile.leaves_scope_open() {
        return Ok(profile);
    }
    let backend = world.open(&profile)?;
    place::settled(profile, &*backend).await
}

/// What `set` means, as changes.
fn wanted(
    world: &World,
    store: &StateStore,
    (profile, repo): (&RegistryProfile, &RepoName),
    tags: &[String],
    label: Option<&str>,
    note: Option<&str>,
) -> Result<Vec<Change>, Stop> {
    let kept = store.labels();
    let origin: Arc<str> = profile.origin().into();
    let to = match label {
        None => None,
        Some("none") => Some(Chosen::None),
        Some("rule") => Some(Chosen::ByRule),
        Some(name) => {
            let labels = palette(&world.config.labels.labels, &kept.labels);
            let known = labels.iter().find(|one| *one.name == *name);
            let known = known.or_else(|| labels.iter().find(|one| one.name.eq_ignore_ascii_case(name)));
            let names = || labels.iter().map(|one| &*one.name);
            let unknown = || {
                let near = text::nearest(name, names()).map(|near| format!("Did you mean “{near}”?"));
                let hint = near.unwrap_or_else(|| format!("There are: {}.", names().collect::<Vec<_>>().join(", ")));
                Failure::usage(&format!("there is no label “{name}”"), &hint)
            };
            Some(Chosen::Is(known.ok_or_else(unknown)?.name.clone()))
        }
    };
    let note = note.map(label::note);
    let mut changes = Vec::new();
    for tag in tags {
        let tag = TagName::parse(tag).map_err(|error| Failure::usage(&error.to_string(), "A tag's name is wanted."))?;
        let known = kept.entry(&origin, repo, &tag);
        if let Some(to) = to.as_ref().filter(|to| **to != known.label) {
            let (origin, repo, tag) = (origin.clone(), repo.clone(), tag.clone());
            changes.push(Change::Label { origin, repo, tag, to: to.clone() });
        }
        if let Some(to) = note.as_ref().filter(|to| **to != known.note) {
            changes.push(Change::Note { origin: origin.clone(), repo: repo.clone(), tag, to: to.clone() });
        }
    }
    Ok(changes)
}

async fn favourite(world: &World, store: &StateStore, target: &str, on: bool, io: &mut Io<'_>) -> Outcome {
    let (profile, repository, reference) = parse_target(target, &world.config)?;
    if reference.is_some() {
        let hint = "Tags have labels: tagboat labels set REGISTRY/REPO TAG --label NAME.";
        return Err(Failure::usage("favourites are registries and repositories", hint).into());
    }
    let registry = if repository.is_some() { settled(world, profile).await?.kept_as() } else { profile.name };
    let one = Favourite { registry, repository };
    let known = favourites(store).contains(&one);
    let changed: Vec<_> = (known != on).then_some((one, on)).into_iter().collect();
    change(store, &[], &changed, false, io)
}

fn export(store: &StateStore, out: Option<&Path>, io: &mut Io<'_>) -> Outcome {
    let text = exchange::write(&store.labels(), &favourites(store));
    let Some(out) = out else {
        io.out.write_all(text.as_bytes())?;
        return Ok(DONE);
    };
    save::save(out, text.as_bytes(), false).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::usage(&format!("{} exists already", out.display()), "Choose another name, or remove it.")
        }
        _ => Failure::internal(&format!("{} was not written: {error}", out.display()), "Choose another place."),
    })?;
    Ok(DONE)
}

fn import(store: &StateStore, file: &Path, dry_run: bool, io: &mut Io<'_>) -> Outcome {
    let unread = |why: &str| {
        let hint = "`tagboat labels export` writes such a file.";
        Failure::usage(&format!("{}: {why}", file.display()), hint)
    };
    let (theirs, favoured) = exchange::load(file).map_err(|why| match why {
        Unread::Not(why) => Stop::from(unread(&why)),
        Unread::Wrong(error) => error.into(),
    })?;
    let known = favourites(store);
    let favoured: Vec<_> = favoured.into_iter().filter(|one| !known.contains(one)).map(|one| (one, true)).collect();
    change(store, &store.labels().merge(&theirs), &favoured, dry_run, io)
}

/// Makes the changes, and says each.
fn change(
    store: &StateStore,
    changes: &[Change],
    favoured: &[(Favourite, bool)],
    dry_run: bool,
    io: &mut Io<'_>,
) -> Outcome {
    let kept: Kept = store.labels();
    kept.check(changes).map_err(|why| Failure::refused(why.as_str(), "Nothing was changed."))?;
    if !dry_run {
        store.change_labels(changes);
        for (one, on) in favoured {
            store.set_favourite(&one.registry, one.repository.as_ref().map_or("", RepoName::as_str), *on);
        }
        if let Some(why) = store.take_warning() {
            return Err(Failure::internal(why.as_str(), "Nothing was saved. Try --state-dir DIR.").into());
        }
    }
    if io.json {
        let favoured = favoured.iter().map(|(one, on)| said::favourite_json(one, *on));
        let all: Vec<_> = changes.iter().map(said::json).chain(favoured).collect();
        io.print_json(&json!({ "changes": all, "dry_run": dry_run }))?;
        return Ok(DONE);
    }
    for change in changes {
        writeln!(io.out, "{}", said::line(&kept, change))?;
    }
    for (one, on) in favoured {
        writeln!(io.out, "{}", said::favourite(one, *on))?;
    }
    if changes.is_empty() && favoured.is_empty() {
        io.note("Nothing changes: all of it is so already.");
    } else if dry_run {
        io.note("Nothing was changed (--dry-run).");
    }
    Ok(DONE)
}
