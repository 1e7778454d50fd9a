//! Everything the image pane shows.

use std::sync::Arc;

use super::Oci;
use super::content::Reach;
use super::convert::is_image_config;
use super::tree::{self, Node};
use crate::backend::error::{Error, Result};
use crate::backend::http::limits;
use crate::backend::image_config;
use crate::domain::error::{ErrorKind, ErrorReport};
use crate::domain::image::{Child, Descriptor, Image, ImageConfig, Manifest, ManifestKind};
use crate::domain::reference::{Digest, Reference, RepoName};

/// The manifest that config and layers are shown of, its config, and why there is none where there should be one.
type Shown<'a> = (&'a Manifest, Option<ImageConfig>, Option<ErrorReport>);

impl Oci {
    pub(super) async fn read_image(
        &self,
        repo: &RepoName,
        manifest: Manifest,
        platform: Option<&Digest>,
        reach: Reach,
    ) -> Result<Image> {
        if manifest.kind != ManifestKind::Index {
            let size = tree::size([&manifest]);
            let shown = self.shown(repo, &manifest, reach).await?;
            return Ok(assemble(manifest.clone(), Vec::new(), size, Some(shown)));
        }
        let nodes = self.tree(repo, &manifest).await?;
        let picked = match platform {
            Some(digest) => Some(self.chosen(repo, &nodes, digest, reach).await?),
            None => tree::pick(&nodes).and_then(Node::manifest).cloned(),
        };
        let size = tree::tree_size(&nodes);
        let children = nodes.iter().map(Node::child).collect();
        let shown = match &picked {
            Some(picked) => Some(self.shown(repo, picked, reach).await?),
            None => None,
        };
        Ok(assemble(manifest, children, size, shown))
    }

    async fn shown<'a>(&self, repo: &RepoName, manifest: &'a Manifest, reach: Reach) -> Result<Shown<'a>> {
        let Some(config) = &manifest.config else { return Ok((manifest, None, None)) };
        match self.read_config(repo, config, reach).await {
            Ok(config) => Ok((manifest, config, None)),
            Err(error) if tree::concerns_one(&error) => Ok((manifest, None, Some(error.report()))),
            Err(error) => Err(error),
        }
    }

    /// The config of an image; `None` where it is one of something else.
    pub(super) async fn read_config(
        &self,
        repo: &RepoName,
        config: &Descriptor,
        reach: Reach,
    ) -> Result<Option<ImageConfig>> {
        if !is_image_config(config.media_type.as_str()) {
            return Ok(None);
        }
        let bytes = self.contents.blob(&self.http, repo, config, reach).await?;
        if !image_config::is_bounded(&bytes) {
            let (name, most) = (config.digest.short(), limits::LARGE_VALUES);
            let what = format!("the config {name} of {repo} is no text, or has {most} values or more: it is not read");
            return Err(Error::new(ErrorKind::BadAnswer, what));
        }
        Ok(Some(image_config::image_config(&bytes)))
    }

    async fn chosen(&self, repo: &RepoName, nodes: &[Node], digest: &Digest, reach: Reach) -> Result<Arc<Manifest>> {
        let node = nodes.iter().find(|node| node.descriptor.digest == *digest);
        if let Some(manifest) = node.and_then(Node::manifest) {
            return Ok(manifest.clone());
        }
        let stated = node.and_then(|node| node.descriptor.size).filter(|size| *size > limits::MANIFEST);
        if let Some(stated) = stated {
            let asked = Reference::Digest(digest.clone());
            let manifest = self.contents.explicit(&self.http, repo, &asked, reach).await?;
            // As in the tree: a descriptor that lies about the length may lie about the rest (§5.4).
            if manifest.raw.len() as u64 == stated {
                return Ok(Arc::new(manifest));
            }
        }
        let what = format!("the platform manifest {} is not in this index, or could not be read", digest.short());
        Err(Error::new(ErrorKind::NotFound, what))
    }
}

fn assemble(manifest: Manifest, children: Vec<Child>, size: Option<u64>, shown: Option<Shown<'_>>) -> Image {
    let (picked, config, config_error) =
        shown.map_or((None, None, None), |(picked, config, error)| (Some(picked), config, error));
    let history = config.as_ref().map_or(&[][..], |config| &config.history);
    let (layers, history_mismatch) = image_config::layer_rows(picked.map_or(&[][..], |picked| &picked.layers), history);
    Image {
        shown: picked.map(|picked| picked.digest.clone()),
        manifest,
        children,
        config,
        config_error,
        layers,
        history_mismatch,
        size,
    }
}
