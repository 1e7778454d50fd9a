//! One image: its document as it came, its layer, and what the server keeps beside them.

use std::sync::OnceLock;

use hyper::body::Bytes;
use serde_json::Value;

use super::archive::Archive;

/// The checksum of an image.
#[derive(Clone, Debug, Default)]
pub enum Sum {
    /// Pushed by a client that sent none, long ago.
    #[default]
    None,
    /// What the server worked out when the layer came, or somebody's idea of it.
    Kept(String),
    /// The true one of a seed, worked out when somebody asks.
    Lazy(OnceLock<String>),
}

#[derive(Clone, Debug, Default)]
pub struct Image {
    /// Byte for byte: the checksum runs over it.
    pub json: Bytes,
    pub layer: Option<Archive>,
    pub sum: Sum,
    /// The push did not end: nothing of it is shown.
    pub unfinished: bool,
    /// Child first. Written when the image comes, and never looked at again.
    pub ancestry: Vec<String>,
}

impl Image {
    pub fn checksum(&self) -> Option<String> {
        match &self.sum {
            Sum::None => None,
            Sum::Kept(sum) => Some(sum.clone()),
            Sum::Lazy(sum) => {
                let layer = self.layer.as_ref()?;
                Some(sum.get_or_init(|| layer.checksum(&self.json)).clone())
            }
        }
    }

    /// The fields, or null when it is not JSON.
    pub fn fields(&self) -> Value {
        serde_json::from_slice(&self.json).unwrap_or_default()
    }
}

/// What the server takes for an image id.
pub(super) fn is_id(text: &str) -> bool {
    matches!(text.len(), 16 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
