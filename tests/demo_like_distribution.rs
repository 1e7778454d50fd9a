//! The demo beside the registry it imitates, call by call: what a client reads of an answer has to be the same.

use reqwest::{Client, Method, redirect};
use serde_json::Value;
use tagboat::demo::{OciOptions, OciServer, Store, start_oci};
use tagboat::domain::reference::Digest;

use crate::support::images::{self, DOCKER_MANIFEST, Image, OCI_INDEX, OCI_MANIFEST};
use crate::support::registry::{Options, Registry};

const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// Everything a client acts on.
const READ: [&str; 13] = [
    "content-type",
    "content-length",
    "docker-content-digest",
    "docker-distribution-api-version",
    "etag",
    "link",
    "location",
    "allow",
    "accept-ranges",
    "content-range",
    "cache-control",
    "www-authenticate",
    "x-content-type-options",
];

/// Method, path with its query, headers.
type Call = (&'static str, String, Vec<(&'static str, String)>);

/// The same content in both.
struct Both {
    real: Registry,
    demo: OciServer,
    client: Client,
    docker: Image,
    oci: Image,
    list: Vec<u8>,
    index: Vec<u8>,
}

impl Both {
    async fn start() -> Self {
        let real = Registry::start(Options { delete: true, ..Options::default() });
        let mut store = Store::new();
        let docker = Image::new(DOCKER_MANIFEST, "d", "amd64");
        let (oci, arm) = (Image::new(OCI_MANIFEST, "o", "amd64"), Image::new(OCI_MANIFEST, "o", "arm64"));
        let attestation = Image::attestation();
        let list = serde_json::json!({"schemaVersion": 2, "mediaType": DOCKER_LIST, "manifests": [{
            "mediaType": DOCKER_MANIFEST, "digest": docker.digest(), "size": docker.manifest.len(),
            "platform": {"os": "linux", "architecture": "amd64"}
        }]});
        let list = list.to_string().into_bytes();
        let index = images::index(&[&oci, &arm], &attestation);
        for name in ["order/a", "order/a/b", "order/a-b", "order/a.b", "order/a__b", "order/a_b", "team/app"] {
            for (image, tags) in
                [(&docker, &["docker", "latest"][..]), (&oci, &["oci"]), (&arm, &[]), (&attestation, &[])]
            {
                real.push(name, image, tags).await;
                for blob in &image.blobs {
                    store.add_blob(name, blob.clone());
                }
                let digest = store.add_manifest(name, image.media_type, image.manifest.clone());
                tags.iter().for_each(|tag| store.tag(name, tag, &digest));
            }
            for (tag, media_type, bytes) in [("list", DOCKER_LIST, &list), ("index", OCI_INDEX, &index)] {
                real.push_manifest(name, tag, media_type, bytes).await;
                let digest = store.add_manifest(name, media_type, bytes.clone());
                store.tag(name, tag, &digest);
            }
        }
        let demo = start_oci(store, OciOptions::default()).await.expect("loopback has a free port");
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).build().expect("a client");
        Self { real, demo, client, docker, oci, list, index }
    }

    /// What is the same in two answers that are the same.
    async fn ask(&self, url: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> Vec<String> {
        let mut request =
            self.client.request(Method::from_bytes(method.as_bytes()).expect("a method"), format!("{url}{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("an answer");
        let mut lines = vec![answer.status().to_string()];
        for name in READ {
            let value = answer.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            // An absolute location names the server it came from.
            lines.extend(value.map(|value| format!("{name}: {}", value.replace(url, ""))));
        }
        let Ok(body) = answer.bytes().await else {
            lines.push("broken off".to_owned());
            return lines;
        };
        lines.push(match serde_json::from_slice::<Value>(&body) {
            Ok(mut json) => {
                // 2.8 lists tags in the order of its directories.
                if let Some(tags) = json.get_mut("tags").and_then(Value::as_array_mut) {
                    tags.sort_by_key(ToString::to_string);
                }
                json.to_string()
            }
            Err(_) => String::from_utf8_lossy(&body).into_owned(),
        });
        lines
    }

    async fn compare(&self, calls: &[Call]) {
        let mut different = Vec::new();
        for (method, path, headers) in calls {
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let real = self.ask(&self.real.url, method, path, &headers).await;
            let demo = self.ask(&self.demo.url, method, path, &headers).await;
            if real != demo {
                let only = |one: &[String], other: &[String]| {
                    let lines = one.iter().filter(|line| !other.contains(line));
                    lines.map(|line| format!("    {}\n", line.trim_end())).collect::<String>()
                };
                let (more, less) = (only(&real, &demo), only(&demo, &real));
                different
                    .push(format!("{method} {path} {headers:?}\n  only the real one\n{more}  only the demo\n{less}"));
            }
        }
        assert!(different.is_empty(), "{} of {}\n{}", different.len(), calls.len(), different.join("\n"));
    }
}

fn get(path: &str) -> Call {
    ("GET", path.to_owned(), Vec::new())
}

#[tokio::test]
async fn greetings_and_lists() {
    let both = Both::start().await;
    let mut calls = vec![
        get("/v2/"),
        get("/v2"),
        ("HEAD", "/v2/".to_owned(), Vec::new()),
        ("POST", "/v2/".to_owned(), Vec::new()),
        ("HEAD", "/v2/_catalog".to_owned(), Vec::new()),
        get("/"),
        get("/v2/x"),
        get("/v2/team/app/nothing"),
        get("/v2/team/app/tags/list"),
        get("/v2/team/app/tags/list?n=2"),
        get("/v2/team/app/tags/list?n=0"),
        get("/v2/team/app/tags/list?n=-1"),
        get("/v2/team/app/tags/list?n=x"),
        get("/v2/team/app/tags/list?n=100000&last=latest"),
        ("HEAD", "/v2/team/app/tags/list".to_owned(), Vec::new()),
        get("/v2/no/such/tags/list"),
        get("/v2/UPPER/tags/list"),
        get("/v2/a..b/tags/list"),
        get("/v2/-a/tags/list"),
        get("/v2/team//app/tags/list"),
        get("/v2/team/../app/tags/list"),
        get("/v2/team/app/referrers/sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ];
    for query in [
        "",
        "?n=1",
        "?n=3",
        "?n=7",
        "?n=100",
        "?n=1000",
        "?n=1001",
        "?n=0",
        "?n=-1",
        "?n=x",
        "?n=",
        "?n=1.5",
        "?n=99999999999999999999",
        "?last=order%2Fa",
        "?n=2&last=order%2Fa",
        "?n=2&last=order%2Fa-b",
        "?n=3&last=order%2Fa_b",
        "?last=zzz",
        "?n=2&last=",
        "?last=order",
        "?last=order%2Fa%2F",
        "?n=2&last=nothing%20here",
    ] {
        calls.push(get(&format!("/v2/_catalog{query}")));
    }
    both.compare(&calls).await;
}

#[tokio::test]
async fn manifests() {
    let both = Both::start().await;
    let full = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
        application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json"
        .to_owned();
    let digests = [&both.docker.manifest, &both.oci.manifest, &both.list, &both.index].map(|bytes| Digest::of(bytes));
    let mut references: Vec<String> = digests.iter().map(ToString::to_string).collect();
    references.extend(
        ["docker", "latest", "oci", "index", "list", "absent", ".bad", "a b", "sha256:short"].map(str::to_owned),
    );
    references.push(format!("sha256:{}", "0".repeat(64)));
    references.push("t".repeat(129));
    let mut calls = Vec::new();
    for reference in &references {
        let path = format!("/v2/team/app/manifests/{}", reference.replace(' ', "%20"));
        for method in ["GET", "HEAD"] {
            calls.push((method, path.clone(), vec![("accept", full.clone())]));
            // A schema 2 image asked for without a type is converted and signed anew each time, and so has no fixed digest.
            let converted = ["docker", "latest", "list"].contains(&reference.as_str());
            if !converted {
                calls.push((method, path.clone(), Vec::new()));
                calls.push((method, path.clone(), vec![("accept", "*/*".to_owned())]));
            }
            for one in [DOCKER_MANIFEST, OCI_MANIFEST, OCI_INDEX] {
                if !converted || one == DOCKER_MANIFEST {
                    calls.push((method, path.clone(), vec![("accept", one.to_owned())]));
                }
            }
        }
        let known = format!("\"{}\"", digests[0]);
        calls.push(("GET", path.clone(), vec![("accept", full.clone()), ("if-none-match", known)]));
        calls.push(("OPTIONS", path.clone(), Vec::new()));
        calls.push(("POST", path.clone(), Vec::new()));
    }
    for name in ["no/such", "UPPER", "order/a"] {
        calls.push(("GET", format!("/v2/{name}/manifests/latest"), vec![("accept", full.clone())]));
        calls.push(("HEAD", format!("/v2/{name}/manifests/{}", digests[1]), vec![("accept", full.clone())]));
    }
    both.compare(&calls).await;
}

#[tokio::test]
async fn blobs() {
    let both = Both::start().await;
    let config = Digest::of(&both.oci.blobs[2]);
    let length = both.oci.blobs[2].len();
    let path = format!("/v2/team/app/blobs/{config}");
    let mut calls = Vec::new();
    let absent = format!("sha256:{}", "0".repeat(64));
    for path in [
        path.clone(),
        format!("/v2/no/such/blobs/{config}"),
        format!("/v2/team/app/blobs/{absent}"),
        "/v2/team/app/blobs/sha256:short".to_owned(),
        "/v2/team/app/blobs/latest".to_owned(),
        "/v2/team/app/blobs/sha256:../x".to_owned(),
    ] {
        for method in ["GET", "HEAD"] {
            calls.push((method, path.clone(), Vec::new()));
        }
    }
    for range in ["bytes=0-9", "bytes=5-", "bytes=-7", "bytes=0-99999", "bytes=9-5", "lines=1-2", "bytes=x-y", "bytes="]
    {
        calls.push(("GET", path.clone(), vec![("range", range.to_owned())]));
    }
    calls.push(("GET", path.clone(), vec![("range", format!("bytes={length}-"))]));
    calls.push(("GET", path.clone(), vec![("range", format!("bytes={}-", length - 1))]));
    calls.push(("GET", path.clone(), vec![("if-none-match", format!("\"{config}\""))]));
    calls.push(("OPTIONS", path, Vec::new()));
    both.compare(&calls).await;
}
