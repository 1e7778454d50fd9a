//! The floor: the least requests that answer a question, sent by a bare client with the same libraries. It runs as a
//! process of its own, so that it pays for its start as the others do.

use std::collections::HashSet;
use std::sync::Mutex;

use anyhow::{Context as _, bail};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::{Client, Method, Response};
use serde_json::Value;

const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json";
/// At this many in flight the floor is lowest, on loopback and over a slow link.
const IN_FLIGHT: usize = 64;

/// Does what the arguments say; prints how much was found.
pub fn run(job: &str, url: &str, repo: &str) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let floor = Floor { client: super::client(), url: url.to_owned(), repo: repo.to_owned() };
        let found = match job {
            "catalog" => floor.walk("_catalog?n=1000", "repositories").await?.len(),
            "tags" => floor.tags().await?.len(),
            "details" => floor.details(usize::MAX).await?,
            "first" => floor.details(50).await?,
            "digests" => floor.digests().await?,
            "deletes" => floor.deletes().await?,
            other => bail!("no such job: {other}"),
        };
        println!("{found}");
        Ok(())
    })
}

struct Floor {
    client: Client,
    url: String,
    repo: String,
}

impl Floor {
    async fn send(&self, method: Method, path: &str) -> anyhow::Result<Response> {
        let request = self.client.request(method, format!("{}/v2/{path}", self.url)).header("accept", ACCEPT);
        Ok(request.send().await?.error_for_status()?)
    }

    async fn walk(&self, first: &str, field: &str) -> anyhow::Result<Vec<String>> {
        let (mut path, mut all) = (first.to_owned(), Vec::new());
        loop {
            let answer = self.send(Method::GET, &path).await?;
            let next = answer.headers().get("link").and_then(|l| l.to_str().ok()).and_then(query);
            let page: Value = serde_json::from_slice(&answer.bytes().await?)?;
            let names = page[field].as_array().context("a list")?;
            all.extend(names.iter().filter_map(|n| Some(n.as_str()?.to_owned())));
            match next {
                Some(query) => path = format!("{}?{query}", first.split('?').next().unwrap_or_default()),
                None => return Ok(all),
            }
        }
    }

    async fn tags(&self) -> anyhow::Result<Vec<String>> {
        self.walk(&format!("{}/tags/list", self.repo), "tags").await
    }

    async fn digests(&self) -> anyhow::Result<usize> {
        let tags = self.tags().await?;
        let path = |tag: String| format!("{}/manifests/{tag}", self.repo);
        let heads = stream::iter(tags).map(|tag| async { self.send(Method::HEAD, &path(tag)).await });
        Ok(heads.buffer_unordered(IN_FLIGHT).try_collect::<Vec<_>>().await?.len())
    }

    /// Each looked at, deleted by its digest and looked for again, one after the other.
    async fn deletes(&self) -> anyhow::Result<usize> {
        let mut deleted = 0;
        for tag in self.tags().await?.iter().filter(|tag| tag.starts_with(super::deletes::GOING)) {
            let path = format!("{}/manifests/{tag}", self.repo);
            let head = self.send(Method::HEAD, &path).await?;
            let digest = head.headers().get("docker-content-digest").context("a digest")?.to_str()?;
            self.send(Method::DELETE, &format!("{}/manifests/{digest}", self.repo)).await?;
            let gone = self.send(Method::HEAD, &path).await;
            anyhow::ensure!(gone.is_err_and(|error| error.to_string().contains("404")), "{tag} is still there");
            deleted += 1;
        }
        Ok(deleted)
    }

    /// Manifest of every tag, children and one config of each digest that was not seen before.
    async fn details(&self, most: usize) -> anyhow::Result<usize> {
        let tags = self.tags().await?;
        let seen = Mutex::new(HashSet::new());
        let rows = stream::iter(tags.into_iter().take(most)).map(|tag| self.detail(tag, &seen));
        Ok(rows.buffer_unordered(IN_FLIGHT).try_collect::<Vec<_>>().await?.len())
    }

    async fn detail(&self, tag: String, seen: &Mutex<HashSet<String>>) -> anyhow::Result<()> {
        let new = |digest: &str| seen.lock().map(|mut seen| seen.insert(digest.to_owned())).unwrap_or(true);
        let answer = self.send(Method::GET, &format!("{}/manifests/{tag}", self.repo)).await?;
        let digest = answer.headers().get("docker-content-digest").context("a digest")?.to_str()?.to_owned();
        let manifest: Value = serde_json::from_slice(&answer.bytes().await?)?;
        if !new(&digest) {
            return Ok(());
        }
        let Some(entries) = manifest["manifests"].as_array() else { return self.config(&manifest).await };
        let children: Vec<&str> = entries
            .iter()
            .filter(|e| e["platform"]["os"] != "unknown")
            .filter_map(|e| e["digest"].as_str())
            .filter(|d| new(d))
            .collect();
        let reads = children.into_iter().enumerate().map(|(n, digest)| async move {
            let answer = self.send(Method::GET, &format!("{}/manifests/{digest}", self.repo)).await?;
            let child: Value = serde_json::from_slice(&answer.bytes().await?)?;
            if n == 0 { self.config(&child).await } else { Ok(()) }
        });
        futures_util::future::try_join_all(reads).await?;
        Ok(())
    }

    async fn config(&self, manifest: &Value) -> anyhow::Result<()> {
        let digest = manifest["config"]["digest"].as_str().context("a config")?;
        let answer = self.send(Method::GET, &format!("{}/blobs/{digest}", self.repo)).await?;
        serde_json::from_slice::<Value>(&answer.bytes().await?)?;
        Ok(())
    }
}

/// The query of a `Link` header.
fn query(link: &str) -> Option<String> {
    let target = link.split_once('<')?.1.split_once('>')?.0;
    Some(target.split_once('?')?.1.to_owned())
}
