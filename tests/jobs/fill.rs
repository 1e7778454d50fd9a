//! Fills the storage of a `docker-registry` by writing its filesystem layout, which takes seconds where pushing takes
//! minutes. Every digest, size and media type is true; layers are described but not stored, because no job reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// 2023-11-21, in seconds; images are spread over the three years from here.
const FIRST: i64 = 1_700_524_800;
const SPAN: i64 = 3 * 365 * 86_400;

/// What `tagboat tags --json` must say of a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub digest: String,
    pub created: String,
    pub size: u64,
    pub platforms: Vec<String>,
}

pub type Truth = BTreeMap<String, Row>;

pub struct Storage {
    base: PathBuf,
    layers: Vec<(String, u64)>,
}

impl Storage {
    pub fn new(root: &Path) -> Self {
        let mut dice = Dice(7);
        let layers = (0..96).map(|n| (digest(format!("layer {n}").as_bytes()), 512 + dice.below(80 << 20))).collect();
        Self { base: root.join("docker/registry/v2"), layers }
    }

    /// Repositories of one tag each, for the catalog; names of one to three segments.
    pub fn small(&self, count: usize) -> io::Result<Vec<String>> {
        let names: BTreeSet<String> = (0..count)
            .map(|n| match n % 5 {
                0 => format!("service-{n:05}"),
                1 => format!("team-{:02}/platform/worker-{n:05}", n % 60),
                _ => format!("team-{:02}/api-{n:05}", n % 60),
            })
            .collect();
        for name in &names {
            let repo = Repository { storage: self, path: self.base.join("repositories").join(name) };
            let (image, _) = repo.single(&mut Dice(1), "amd64", FIRST)?;
            repo.tag("latest", &image.0)?;
        }
        Ok(names.into_iter().collect())
    }

    /// One repository of many tags: indexes with attestations and single images, a third of the tags on a digest that
    /// has another tag already.
    pub fn big(&self, name: &str, tags: usize) -> io::Result<Truth> {
        let repo = Repository { storage: self, path: self.base.join("repositories").join(name) };
        let mut dice = Dice(tags as u64);
        let unique = tags - tags / 3;
        let mut rows = Vec::with_capacity(unique);
        for n in 0..unique {
            let created = FIRST + SPAN * n as i64 / unique as i64;
            rows.push(if dice.below(100) < 60 {
                repo.index(&mut dice, created)?
            } else {
                repo.alone(&mut dice, created)?
            });
        }
        let mut truth = Truth::new();
        for n in 0..tags {
            let row = if n < unique { &rows[n] } else { &rows[dice.below(unique as u64) as usize] };
            let tag = match n % 4 {
                0 => format!("v{}.{}.{}", n / 400, n / 20 % 20, n % 20),
                1 => format!("sha-{}", &row.digest[7..19]),
                2 => format!("pr-{n}"),
                _ => format!("main-{n}"),
            };
            // Two tags of one commit would be one tag.
            let tag = if truth.contains_key(&tag) { format!("{tag}-{n}") } else { tag };
            repo.tag(&tag, &row.digest)?;
            truth.insert(tag, row.clone());
        }
        Ok(truth)
    }

    /// As many tags that are going as tags that stay, each on an image of its own.
    pub fn halves(&self, name: &str, going: usize, prefix: &str) -> io::Result<Truth> {
        let repo = Repository { storage: self, path: self.base.join("repositories").join(name) };
        let mut dice = Dice(going as u64);
        let mut truth = Truth::new();
        for n in 0..2 * going {
            let row = repo.alone(&mut dice, FIRST + n as i64)?;
            let tag = if n % 2 == 0 { format!("{prefix}{n:05}") } else { format!("stays-{n:05}") };
            repo.tag(&tag, &row.digest)?;
            truth.insert(tag, row);
        }
        Ok(truth)
    }

    fn blob(&self, bytes: &[u8]) -> io::Result<String> {
        let digest = digest(bytes);
        let hex = &digest[7..];
        let dir = self.base.join("blobs/sha256").join(&hex[..2]).join(hex);
        if !dir.exists() {
            fs::create_dir_all(&dir)?;
            fs::write(dir.join("data"), bytes)?;
        }
        Ok(digest)
    }
}

struct Repository<'a> {
    storage: &'a Storage,
    path: PathBuf,
}

/// A manifest's digest and length, and the blobs it names.
type Made = ((String, usize), BTreeMap<String, u64>);

impl Repository<'_> {
    fn alone(&self, dice: &mut Dice, created: i64) -> io::Result<Row> {
        let arch = if dice.below(6) == 0 { "arm64" } else { "amd64" };
        let ((digest, _), blobs) = self.single(dice, arch, created)?;
        Ok(Row { digest, created: date(created), size: blobs.values().sum(), platforms: vec![platform(arch)] })
    }

    fn index(&self, dice: &mut Dice, created: i64) -> io::Result<Row> {
        let (mut entries, mut notes, mut all) = (Vec::new(), Vec::new(), BTreeMap::new());
        for arch in ["amd64", "arm64"] {
            let ((child, length), blobs) = self.single(dice, arch, created)?;
            all.extend(blobs);
            let ((note, note_length), _) = self.attestation(&child)?;
            entries.push(json!({"mediaType": MANIFEST, "digest": child, "size": length,
                "platform": {"os": "linux", "architecture": arch}}));
            notes.push(json!({"mediaType": MANIFEST, "digest": note, "size": note_length,
                "platform": {"os": "unknown", "architecture": "unknown"}, "annotations": {
                    "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": child}}));
        }
        entries.extend(notes);
        let (digest, _) = self.manifest(&json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}))?;
        let platforms = vec![platform("amd64"), platform("arm64")];
        Ok(Row { digest, created: date(created), size: all.values().sum(), platforms })
    }

    fn single(&self, dice: &mut Dice, arch: &str, created: i64) -> io::Result<Made> {
        let mut layers: Vec<_> = self.storage.layers[..3].to_vec();
        for _ in 0..2 + dice.below(6) {
            layers.push(self.storage.layers[3 + dice.below(93) as usize].clone());
        }
        let history: Vec<_> = (0..layers.len())
            .map(|n| {
                let step = format!("RUN /bin/sh -c set -eux; step {n}; apt-get install -y ca-certificates # buildkit");
                json!({"created": date(created), "created_by": step, "comment": "buildkit.dockerfile.v0"})
            })
            .collect();
        let config = json!({
            "architecture": arch, "os": "linux", "created": date(created),
            "config": {"User": "app", "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", format!("BUILD={}", dice.next())],
                "Entrypoint": ["/usr/local/bin/entrypoint"], "Cmd": ["serve", "--port", "8080"], "WorkingDir": "/app",
                "Labels": {"org.opencontainers.image.source": "https://git.example.test/bench"}},
            "history": history, "rootfs": {"type": "layers", "diff_ids": layers.iter().map(|l| &l.0).collect::<Vec<_>>()},
        });
        let bytes = serde_json::to_vec(&config)?;
        let digest = self.storage.blob(&bytes)?;
        self.link(&format!("_layers/sha256/{}", &digest[7..]), &digest)?;
        let described: Vec<Value> =
            layers.iter().map(|(d, n)| json!({"mediaType": LAYER, "digest": d, "size": n})).collect();
        let made = self.manifest(&json!({"schemaVersion": 2, "mediaType": MANIFEST, "layers": described,
            "config": {"mediaType": CONFIG, "digest": digest, "size": bytes.len()}}))?;
        let mut blobs: BTreeMap<_, _> = layers.into_iter().collect();
        blobs.insert(digest, bytes.len() as u64);
        Ok((made, blobs))
    }

    fn attestation(&self, of: &str) -> io::Result<Made> {
        let config = self.storage.blob(b"{}")?;
        let made = self.manifest(&json!({"schemaVersion": 2, "mediaType": MANIFEST, "annotations": {"subject": of},
            "config": {"mediaType": CONFIG, "digest": config, "size": 2}, "layers": []}))?;
        Ok((made, BTreeMap::new()))
    }

    fn manifest(&self, value: &Value) -> io::Result<(String, usize)> {
        let bytes = serde_json::to_vec(value)?;
        let digest = self.storage.blob(&bytes)?;
        self.link(&format!("_manifests/revisions/sha256/{}", &digest[7..]), &digest)?;
        Ok((digest, bytes.len()))
    }

    fn tag(&self, tag: &str, digest: &str) -> io::Result<()> {
        self.link(&format!("_manifests/tags/{tag}/current"), digest)?;
        self.link(&format!("_manifests/tags/{tag}/index/sha256/{}", &digest[7..]), digest)
    }

    fn link(&self, dir: &str, digest: &str) -> io::Result<()> {
        let dir = self.path.join(dir);
        fs::create_dir_all(&dir)?;
        fs::write(dir.join("link"), digest)
    }
}

fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

fn date(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| String::new(), |time| time.to_string())
}

fn platform(arch: &str) -> String {
    format!("linux/{arch}")
}

/// Numbers that are the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}
