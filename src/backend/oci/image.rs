//! Everything the image pane shows.

use super::tree::{self, Node};
use super::{Oci, config};
use crate::backend::error::{Error, Result};
use crate::domain::error::ErrorKind;
use crate::domain::image::{Child, Image, ImageConfig, Manifest, ManifestKind};
use crate::domain::reference::{Digest, RepoName};

impl Oci {
    pub(super) async fn read_image(
        &self,
        repo: &RepoName,
        manifest: Manifest,
        platform: Option<&Digest>,
    ) -> Result<Image> {
        if manifest.kind != ManifestKind::Index {
            let size = tree::size([&manifest]);
            let shown = self.shown(repo, &manifest).await?;
            return Ok(assemble(manifest.clone(), Vec::new(), size, Some((&manifest, shown))));
        }
        let nodes = self.tree(repo, &manifest).await?;
        let picked = match platform {
            Some(digest) => Some(chosen(&nodes, digest)?),
            None => tree::pick(&nodes).and_then(|node| node.manifest().map(AsRef::as_ref)),
        };
        let size = tree::tree_size(&nodes);
        let children = nodes.iter().map(Node::child).collect();
        let shown = match picked {
            Some(picked) => Some((picked, self.shown(repo, picked).await?)),
            None => None,
        };
        Ok(assemble(manifest, children, size, shown))
    }

    async fn shown(&self, repo: &RepoName, manifest: &Manifest) -> Result<Option<ImageConfig>> {
        match &manifest.config {
            Some(config) => self.image_config(repo, config).await,
            None => Ok(None),
        }
    }
}

fn chosen<'a>(nodes: &'a [Node], digest: &Digest) -> Result<&'a Manifest> {
    let node = nodes.iter().find(|node| node.descriptor.digest == *digest);
    node.and_then(|node| node.manifest().map(AsRef::as_ref)).ok_or_else(|| {
        let what = format!("the platform manifest {} is not in this index, or could not be read", digest.short());
        Error::new(ErrorKind::NotFound, what)
    })
}

fn assemble(
    manifest: Manifest,
    children: Vec<Child>,
    size: Option<u64>,
    shown: Option<(&Manifest, Option<ImageConfig>)>,
) -> Image {
    let (picked, config) = shown.map_or((None, None), |(picked, config)| (Some(picked), config));
    let history = config.as_ref().map_or(&[][..], |config| &config.history);
    let (layers, history_mismatch) = config::layer_rows(picked.map_or(&[][..], |picked| &picked.layers), history);
    Image {
        shown: picked.map(|picked| picked.digest.clone()),
        manifest,
        children,
        config,
        layers,
        history_mismatch,
        size,
    }
}
