//! Every call of a client that changes something, at every kind of registry: a client that may only read sends none of
//! them, and one that may write sends those that its system has.

use std::sync::Arc;

use bytes::Bytes;
use secrecy::SecretString;
use tagboat::backend::{Backend, BlobRef, Error, Settings};
use tagboat::demo::{Logged, OciServer};
use tagboat::domain::capability::Support;
use tagboat::domain::change::{Change, Doomed, Form};
use tagboat::domain::error::ErrorKind;
use tagboat::domain::reference::{Digest, Reference, RepoName, TagName};
use tagboat::domain::registry::BackendKind;
use tagboat::domain::secret::Credential;
use tokio::sync::mpsc;

use super::{server, writes};
use crate::support::cleanup::REPO;
use crate::support::client::{profile, repo, tag, tags, try_connect};
use crate::support::sweeps::Site;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    DeleteTag,
    DeleteManifest,
    ProbeDelete,
    ProbeUntag,
    PutManifest,
    PutBlob,
    MountBlob,
    WriteBlob,
    SetTag,
    Recolour,
    Favourite,
    Create,
    Edit,
    Credentials,
    DeleteTags,
    DeleteImages,
    DeleteRepositories,
    Password,
    PushLayer,
}

use Call::*;

const CALLS: [Call; 19] = [
    DeleteTag,
    DeleteManifest,
    ProbeDelete,
    ProbeUntag,
    PutManifest,
    PutBlob,
    MountBlob,
    WriteBlob,
    SetTag,
    Recolour,
    Favourite,
    Create,
    Edit,
    Credentials,
    DeleteTags,
    DeleteImages,
    DeleteRepositories,
    Password,
    PushLayer,
];

/// Those that a kind has.
fn known(kind: BackendKind) -> &'static [Call] {
    match kind {
        BackendKind::Oci => {
            &[DeleteTag, DeleteManifest, ProbeDelete, ProbeUntag, PutManifest, PutBlob, MountBlob, WriteBlob]
        }
        BackendKind::DockerV1 => {
            &[DeleteTag, PutManifest, SetTag, Create, Edit, DeleteTags, DeleteRepositories, PushLayer]
        }
        BackendKind::DockerCloud => &[Create, Credentials, DeleteRepositories],
        BackendKind::Alauda => &[DeleteTag, Create, Edit, DeleteTags, DeleteRepositories],
        BackendKind::MlSpace => &[
            DeleteTag,
            DeleteManifest,
            SetTag,
            Recolour,
            Favourite,
            Edit,
            DeleteTags,
            DeleteImages,
            DeleteRepositories,
            Password,
        ],
    }
}

enum Server {
    Oci(OciServer),
    Vendor(Box<Site>),
}

impl Server {
    async fn start(kind: BackendKind) -> Self {
        match kind {
            BackendKind::Oci => Self::Oci(server().await),
            kind => Self::Vendor(Box::new(Site::start(kind).await)),
        }
    }

    fn client(&self, settings: Settings) -> Arc<dyn Backend> {
        match self {
            Self::Oci(server) => try_connect(&profile(&server.url), Credential::Anonymous, settings).expect("a client"),
            Self::Vendor(site) => site.backend(settings),
        }
    }

    fn repo(&self) -> RepoName {
        match self {
            Self::Oci(_) => repo(REPO),
            Self::Vendor(site) => site.three().remove(0),
        }
    }

    /// Requests that are more than a read, or a sign-in.
    fn writes(&self) -> Vec<Logged> {
        let log = match self {
            Self::Oci(server) => server.log(),
            Self::Vendor(site) => site.log(),
        };
        writes(log)
    }
}

/// A tag that is there, and what it is on.
async fn first(backend: &dyn Backend, repo: &RepoName) -> (TagName, Digest) {
    let names = match backend.capabilities().tags {
        Support::No => Vec::new(),
        _ => tags(backend, repo.as_str()).await.unwrap_or_default(),
    };
    for name in names.iter().filter_map(|one| TagName::parse(one).ok()) {
        if let Ok(resolved) = backend.resolve(repo, &Reference::Tag(name.clone())).await {
            return (name, resolved.digest);
        }
    }
    // Where repositories have no tags here.
    (tag("latest"), Digest::of(b"none"))
}

async fn call(backend: &dyn Backend, repo: &RepoName, call: Call) -> Result<(), Error> {
    let (tag, digest) = first(backend, repo).await;
    let own = repo.clone();
    let blob = || BlobRef { digest: Digest::of(b"blob"), size: 4 };
    let pieces = || {
        let (to, from) = mpsc::channel(1);
        to.try_send(Bytes::from_static(b"blob")).expect("room for one");
        from
    };
    let form = |name: RepoName| {
        Box::new(Form {
            description: Some("text".to_owned()),
            public: Some(true),
            labels_added: vec!["new".to_owned()],
            ..Form::new(name)
        })
    };
    let fresh = || {
        let (before, _) = own.as_str().rsplit_once('/').unwrap_or(("team", ""));
        RepoName::loose(&format!("{before}/no-writes")).expect("a name")
    };
    let change = |change: Change| async move { backend.change(&change).await.map(drop) };
    let delete = |doomed: Doomed| async move { backend.delete(&doomed).await.map(drop) };
    match call {
        DeleteTag => backend.delete_tag(repo, &tag).await.map(drop),
        DeleteManifest => backend.delete_manifest(repo, &digest).await.map(drop),
        ProbeDelete => backend.probe_delete(repo).await.map(drop),
        ProbeUntag => backend.probe_untag(repo).await.map(drop),
        PutManifest => {
            let manifest = backend.manifest(repo, &Reference::Tag(tag)).await?;
            let to = Reference::Tag(TagName::parse("no-writes").expect("a tag"));
            backend.put_manifest(repo, &to, &manifest.media_type, Bytes::copy_from_slice(&manifest.raw)).await.map(drop)
        }
        PutBlob => backend.put_blob(repo, Bytes::from_static(b"blob")).await.map(drop),
        MountBlob => backend.mount_blob(&fresh(), &digest, repo).await.map(drop),
        WriteBlob => backend.write_blob(repo, &blob(), pieces()).await,
        SetTag => {
            let tag = TagName::parse("no-writes").expect("a tag");
            change(Change::SetTag { repo: own, tag, image: digest, colour: None }).await
        }
        Recolour => change(Change::Recolour { repo: own, tag, colour: Some("#FF8800".to_owned()) }).await,
        Favourite => change(Change::Favourite { repo: own, on: true }).await,
        Create => change(Change::Create(form(fresh()))).await,
        Edit => change(Change::Edit(form(own))).await,
        Credentials => {
            let password = Some(SecretString::from("pass"));
            change(Change::Credentials { repo: own, username: Some("ann".to_owned()), password }).await
        }
        DeleteTags => delete(Doomed::Tags(own, vec![tag])).await,
        DeleteImages => delete(Doomed::Images(own, vec![digest])).await,
        DeleteRepositories => delete(Doomed::Repositories(vec![own])).await,
        Password => backend.generate_password().await.map(drop),
        PushLayer => {
            let layers = backend.layers().ok_or_else(|| Error::unsupported("layers by themselves"))?;
            let document = format!(r#"{{"id":"{}","created":"2015-03-09T11:42:07Z"}}"#, "e".repeat(64));
            layers.push(repo, Bytes::from(document), 4, pieces()).await.map(drop)
        }
    }
}

#[tokio::test]
async fn a_client_that_may_only_read_sends_no_change_of_any_kind() {
    let mut all = Vec::new();
    for kind in BackendKind::ALL {
        let mut sending = Vec::new();
        for one in CALLS {
            let case = format!("{kind:?}, {one:?}");
            let server = Server::start(kind).await;
            let repo = server.repo();
            let writes = server.client(Settings::default());
            // Whatever came of it: it is seen whether something was sent.
            let _ = call(&*writes, &repo, one).await;
            let sends = !server.writes().is_empty();
            sending.extend(sends.then_some(one));

            let server = Server::start(kind).await;
            let reads = server.client(Settings { read_only: true, ..Settings::default() });
            let said = call(&*reads, &repo, one).await;
            assert!(server.writes().is_empty(), "{case}: {:?}", server.writes());
            let refused = matches!(&said, Err(error) if error.kind == ErrorKind::Forbidden);
            assert!(refused || !sends, "{case}: {said:?}");
        }
        all.push((kind, sending));
    }
    assert_eq!(all, BackendKind::ALL.map(|kind| (kind, known(kind).to_vec())));
}
