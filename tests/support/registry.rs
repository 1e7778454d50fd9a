//! Debian's `docker-registry`, started for one test on a free port of loopback, with storage of its own.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::{Client, StatusCode};
use tempfile::TempDir;

use super::certificates;
use super::images::Image;
use super::tokens::{ISSUER, SERVICE};

pub const USER: &str = "tester";
pub const PASSWORD: &str = "open sesame";
/// bcrypt of `PASSWORD`, cost 4.
const PASSWORD_HASH: &str = "$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";

#[derive(Clone, Default)]
pub struct Options {
    pub delete: bool,
    /// Maintenance mode.
    pub read_only: bool,
    pub schema1: bool,
    pub basic: bool,
    pub tls: bool,
    pub token: Option<TokenAuth>,
}

/// A token server, and the certificates whose signatures count.
#[derive(Clone)]
pub struct TokenAuth {
    pub realm: String,
    pub bundle: PathBuf,
}

/// Ends with the value.
pub struct Registry {
    pub url: String,
    /// With TLS: the CA to trust.
    pub ca: Option<PathBuf>,
    /// With a token server: what this test pushes with.
    pub bearer: Option<String>,
    client: Client,
    basic: bool,
    process: Child,
    home: TempDir,
}

impl Registry {
    pub fn start(options: Options) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        // Another process may take the port in between; then the registry ends at once and the next one is tried.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
            let config = home.path().join("config.yml");
            std::fs::write(&config, config_text(home.path(), port, &options)).expect("the config");
            if let Some(process) = serve(&config) {
                let scheme = if options.tls { "https" } else { "http" };
                let ca = options.tls.then(|| home.path().join("ca.pem"));
                let client = client(ca.as_deref());
                let url = format!("{scheme}://127.0.0.1:{port}");
                return Self { url, ca, bearer: None, client, basic: options.basic, process, home };
            }
        }
        panic!("docker-registry does not start");
    }

    /// With the same config and content, on the same port; files the config names are read again.
    pub fn restart(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        self.process = serve(&self.home.path().join("config.yml")).expect("docker-registry starts again");
    }

    /// Again with other options, the same content, on the same port.
    pub fn restart_with(&mut self, options: &Options) {
        let port = self.url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let text = config_text(self.home.path(), port, options);
        std::fs::write(self.home.path().join("config.yml"), text).expect("the config");
        self.restart();
    }

    pub async fn push(&self, repository: &str, image: &Image, tags: &[&str]) {
        for blob in &image.blobs {
            self.push_blob(repository, blob).await;
        }
        let digest = image.digest();
        let by_digest = [digest.as_str()];
        for reference in if tags.is_empty() { &by_digest } else { tags } {
            self.push_manifest(repository, reference, image.media_type, &image.manifest).await;
        }
    }

    pub async fn push_manifest(&self, repository: &str, reference: &str, media_type: &str, bytes: &[u8]) {
        let url = format!("{}/v2/{repository}/manifests/{reference}", self.url);
        let request = self.client.put(url).header("content-type", media_type).body(bytes.to_vec());
        assert_eq!(self.send(request).await.status(), StatusCode::CREATED, "{reference}");
    }

    /// Deletes a manifest and, as distribution 2.8 does, every tag on it.
    pub async fn delete(&self, repository: &str, digest: &str) {
        let answer = self.send(self.client.delete(format!("{}/v2/{repository}/manifests/{digest}", self.url))).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED, "{digest}");
    }

    /// Takes a manifest out of the storage and leaves its tags, as a garbage collection at the wrong time does.
    pub fn lose(&self, repository: &str, digest: &str) {
        let place = format!("data/docker/registry/v2/repositories/{repository}/_manifests/revisions");
        let revision = self.home.path().join(place).join(digest.replace(':', "/"));
        std::fs::remove_dir_all(revision).expect("a manifest");
    }

    async fn push_blob(&self, repository: &str, bytes: &[u8]) {
        let begun = self.send(self.client.post(format!("{}/v2/{repository}/blobs/uploads/", self.url))).await;
        assert_eq!(begun.status(), StatusCode::ACCEPTED);
        let place = begun.headers()["location"].to_str().expect("a location").to_owned();
        let separator = if place.contains('?') { '&' } else { '?' };
        let digest = super::images::digest(bytes);
        let request = self.client.put(format!("{place}{separator}digest={digest}")).body(bytes.to_vec());
        assert_eq!(self.send(request).await.status(), StatusCode::CREATED);
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> reqwest::Response {
        let request = if self.basic { request.basic_auth(USER, Some(PASSWORD)) } else { request };
        let request = if let Some(token) = &self.bearer { request.bearer_auth(token) } else { request };
        request.send().await.expect("an answer of docker-registry")
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The process, once it listens; `None` when it ends before.
fn serve(config: &Path) -> Option<Child> {
    let mut command = Command::new("docker-registry");
    command.arg("serve").arg(config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap_or_else(|why| {
        panic!(
            "docker-registry cannot be started ({why}); tests/run.sh installs it, or: apt-get install docker-registry"
        )
    });
    let mut log = BufReader::new(process.stderr.take().expect("a pipe")).lines();
    if log.by_ref().map_while(Result::ok).any(|line| line.contains("listening on")) {
        // Read on, or the registry stops when the pipe is full.
        std::thread::spawn(move || log.map_while(Result::ok).for_each(drop));
        return Some(process);
    }
    let _ = process.wait();
    None
}

fn config_text(home: &Path, port: u16, options: &Options) -> String {
    let dir = home.display();
    let mut text = format!(
        "version: 0.1\nlog:\n  level: info\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n    \
         rootdirectory: {dir}/data\n  delete:\n    enabled: {}\n  maintenance:\n    readonly:\n      enabled: {}\n\
         http:\n  addr: 127.0.0.1:{port}\n  secret: test\n",
        options.delete, options.read_only
    );
    if options.schema1 {
        text += "compatibility:\n  schema1:\n    enabled: true\n";
    }
    if options.tls {
        certificates::for_loopback(home);
        text += &format!("  tls:\n    certificate: {dir}/server.pem\n    key: {dir}/server.key\n");
    }
    if options.basic {
        std::fs::write(home.join("htpasswd"), format!("{USER}:{PASSWORD_HASH}\n")).expect("htpasswd");
        text += &format!("auth:\n  htpasswd:\n    realm: tests\n    path: {dir}/htpasswd\n");
    }
    if let Some(TokenAuth { realm, bundle }) = &options.token {
        text += &format!(
            "auth:\n  token:\n    realm: {realm}\n    service: {SERVICE}\n    issuer: {ISSUER}\n    rootcertbundle: {}\n",
            bundle.display()
        );
    }
    text
}

fn client(ca: Option<&Path>) -> Client {
    // The first to come sets it; all set the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder().no_proxy();
    if let Some(ca) = ca {
        let pem = std::fs::read(ca).expect("the CA");
        builder = builder.tls_certs_only([reqwest::Certificate::from_pem(&pem).expect("a certificate")]);
    }
    builder.build().expect("a client")
}
