//! A blob from one registry to another, through here, without a copy on disk.

use tokio::sync::mpsc;

use super::{Backend, BlobRef, Result};
use crate::domain::error::ErrorKind;
use crate::domain::reference::RepoName;

/// Pieces in hand. The faster side waits for the slower one.
const PIECES: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// The target had it: what an earlier copy has brought is not brought again.
    Present,
    Moved,
}

/// Where a blob is, or shall be.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub backend: &'a dyn Backend,
    pub repo: &'a RepoName,
}

/// Reads, verifies and uploads; `progress` is told how many bytes have been handed to the upload, and says whether to go
/// on. A read that breaks off goes on where it was; an upload that fails or is given up leaves nothing behind.
pub async fn copy_blob(
    from: Place<'_>,
    to: Place<'_>,
    blob: &BlobRef,
    progress: &(dyn Fn(u64) -> bool + Send + Sync),
) -> Result<Copied> {
    if to.backend.has_blob(to.repo, &blob.digest).await? {
        return Ok(Copied::Present);
    }
    let (out, mut pieces) = mpsc::channel(PIECES);
    let (next, source) = mpsc::channel(PIECES);
    let counted = async move {
        let mut moved = 0;
        while let Some(bytes) = pieces.recv().await {
            let bytes: bytes::Bytes = bytes;
            let length = bytes.len() as u64;
            if next.send(bytes).await.is_err() {
                break;
            }
            moved += length;
            if !progress(moved) {
                break;
            }
        }
    };
    let reading = from.backend.read_blob(from.repo, blob, out);
    let writing = to.backend.write_blob(to.repo, blob, source);
    let (read, (), written) = tokio::join!(reading, counted, writing);
    match read {
        // The upload ended first, and knows why.
        Err(error) if error.kind == ErrorKind::Cancelled => written?,
        Err(error) => return Err(error),
        Ok(()) => written?,
    }
    Ok(Copied::Moved)
}
