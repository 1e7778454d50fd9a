//! What a push would do: both files looked at, and the server asked for the image and its parent.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{disk, whole};
use crate::app::layer::{LayerOrder, Presence, Push, PushPlan, Way};
use crate::backend::layers::Layers;
use crate::backend::{self, Error};
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::reference::{Digest, RepoName};
use crate::runtime::registries::Connection;

/// Bytes of a document; real ones have a few thousand.
const DOCUMENT: u64 = 4 << 20;
/// Where a tar says that it is one.
const USTAR: usize = 257;

/// Sends nothing that changes anything.
pub async fn plan(
    connection: backend::Result<Connection>,
    registry: String,
    repo: RepoName,
    files: (String, String),
    home: Option<PathBuf>,
) -> backend::Result<PushPlan> {
    let (document, layer) = (whole(&files.0, home.clone()), whole(&files.1, home));
    let work =
        move || (read_document(&document).map(|bytes| (document, bytes)), look_at_layer(&layer).map(|it| (layer, it)));
    let ended = tokio::task::spawn_blocking(work).await;
    let (document, layer) =
        ended.map_err(|_| Error::new(ErrorKind::Internal, "reading the files ended without a result"))?;
    let ((document, bytes), (layer, (size, form))) = (document?, layer?);
    let (image, parent) = ids(&bytes)?;
    let backend = connection?.backend;
    let layers = backend.layers().ok_or_else(|| Error::unsupported("layers by themselves"))?;
    let now = presence(layers, &repo, &image).await?;
    let parent = match parent {
        Some(parent) => {
            let there = presence(layers, &repo, &parent).await?;
            Some((parent, there))
        }
        None => None,
    };
    let push = Push {
        document: document.display().to_string(),
        layer: layer.display().to_string(),
        digest: Digest::of(&bytes),
    };
    let order = LayerOrder { registry, repo, image, size: Some(size), way: Way::Push(push) };
    Ok(PushPlan { order, document: bytes.len() as u64, form, now, parent })
}

pub(super) fn read_document(path: &Path) -> backend::Result<Vec<u8>> {
    let wrong =
        |error: &io::Error| Error::new(ErrorKind::Config, disk("read", path, error)).hint("Choose another file.");
    let file = open(path).map_err(|error| wrong(&error))?;
    let mut bytes = Vec::new();
    file.take(DOCUMENT + 1).read_to_end(&mut bytes).map_err(|error| wrong(&error))?;
    if bytes.len() as u64 > DOCUMENT {
        let what = format!("{} is no image's metadata: it has more than 4 MiB", path.display());
        return Err(Error::new(ErrorKind::Config, what).hint("The first file is the small one, the JSON."));
    }
    Ok(bytes)
}

/// A file that has an end.
pub(super) fn open(path: &Path) -> io::Result<File> {
    // Looked at before it is opened: opening a pipe waits for whoever writes to it.
    if !path.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "that is no file"));
    }
    File::open(path)
}

/// How long it is, and what it looks like.
fn look_at_layer(path: &Path) -> backend::Result<(u64, &'static str)> {
    let read = || -> io::Result<(u64, Vec<u8>)> {
        let file = open(path)?;
        let size = file.metadata()?.len();
        let mut head = Vec::new();
        file.take(512).read_to_end(&mut head)?;
        Ok((size, head))
    };
    let (size, head) = read()
        .map_err(|error| Error::new(ErrorKind::Config, disk("read", path, &error)).hint("Choose another file."))?;
    Ok((size, form(&head)))
}

/// By the first bytes, as readers of layers decide it.
fn form(head: &[u8]) -> &'static str {
    match head {
        [] => "empty",
        [0x1f, 0x8b, ..] => "tar, gzip",
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => "tar, xz",
        [b'B', b'Z', b'h', ..] => "tar, bzip2",
        _ if head.get(USTAR..USTAR + 5) == Some(b"ustar") => "tar",
        _ if head.iter().all(|byte| *byte == 0) => "tar without entries",
        _ => "NOT known to be a tar",
    }
}

/// The image a document is of, and the one it stands on.
fn ids(document: &[u8]) -> backend::Result<(Digest, Option<Digest>)> {
    let wrong = |what: &str| {
        Error::new(ErrorKind::Config, what).hint("The first file is the image's JSON, as `docker save` has it.")
    };
    let fields = match serde_json::from_slice(document) {
        Ok(Value::Object(fields)) => fields,
        _ => return Err(wrong("the metadata is no JSON object")),
    };
    let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let id = |text: &str| {
        Digest::image_id(text)
            .map_err(|_| wrong(&format!("{} is no image id: 64 hexadecimal digits", clean::identifier(text))))
    };
    let image = id(text("id").ok_or_else(|| wrong("the metadata names no image: it has no id"))?)?;
    Ok((image, text("parent").map(id).transpose()?))
}

/// Whether an image is there.
pub async fn presence(layers: &dyn Layers, repo: &RepoName, image: &Digest) -> backend::Result<Presence> {
    match layers.layer(repo, image).await {
        Ok(_) => Ok(Presence::There),
        Err(error) if error.is_not_found() => Ok(Presence::Missing),
        // docker-registry 0.9.1: "Image is being uploaded, retry later", also for ever after a push broke off.
        Err(error) if error.status == Some(400) => Ok(Presence::Half),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_names_its_image_and_its_parent() {
        let (a, b) = ("0a".repeat(32), "0b".repeat(32));
        let of = |text: String| ids(text.as_bytes()).map(|(image, parent)| (image.to_string(), parent.is_some()));
        let named = Digest::image_id(&a).unwrap().to_string();
        assert_eq!(of(format!(r#"{{"id":"{a}"}}"#)).unwrap(), (named.clone(), false));
        assert_eq!(of(format!(r#"{{"id":"{a}","parent":""}}"#)).unwrap(), (named.clone(), false));
        assert_eq!(of(format!(r#"{{"id":"{a}","parent":"{b}"}}"#)).unwrap(), (named, true));
        for bad in ["", "[]", "{}", r#"{"id":7}"#, r#"{"id":"../../x"}"#] {
            assert_eq!(of(bad.to_owned()).unwrap_err().kind, ErrorKind::Config, "{bad}");
        }
    }

    #[test]
    fn a_layer_is_known_by_its_first_bytes() {
        let mut tar = vec![b'a'; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(form(&tar), "tar");
        assert_eq!(form(&[0x1f, 0x8b, 8]), "tar, gzip");
        assert_eq!(form(b""), "empty");
        assert_eq!(form(b"<html>"), "NOT known to be a tar");
    }

    #[test]
    fn what_is_no_file_is_not_opened() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read_document(dir.path()).is_err() && look_at_layer(&dir.path().join("no")).is_err());
        std::fs::write(dir.path().join("big"), vec![0; DOCUMENT as usize + 1]).unwrap();
        assert_eq!(read_document(&dir.path().join("big")).unwrap_err().kind, ErrorKind::Config);
    }
}
