//! A body handed on while it arrives, to somebody who need not hold all of it.

use bytes::Bytes;
use tokio::sync::mpsc;

/// Pieces on their way to the reader. The connection waits for a slow one.
const PIECES: usize = 4;

#[derive(Debug)]
pub enum Piece {
    /// A body begins. If one has begun already, it broke off, and this is all of it again.
    Begin {
        status: u16,
    },
    Bytes(Bytes),
}

#[derive(Clone, Debug)]
pub struct Tap(mpsc::Sender<Piece>);

impl Tap {
    /// Ends with the request: then the reader has had everything.
    pub fn new() -> (Self, mpsc::Receiver<Piece>) {
        let (sender, receiver) = mpsc::channel(PIECES);
        (Self(sender), receiver)
    }

    /// False when nobody reads any more.
    pub async fn pass(&self, piece: Piece) -> bool {
        self.0.send(piece).await.is_ok()
    }
}
