//! The jobs an operator waits for, against Debian's `docker-registry`, beside the floor (the least requests, sent by a
//! bare client) and beside other tools; then what the program sends to a terminal. Times of one run are comparable
//! with each other, never with those of another machine.
//!
//! ```text
//! cargo bench --bench jobs -- [--runs 3] [--repositories 2000] [--tags 1000] [--big 10000] [--rtt 50,150] [--deletes 500]
//! ```
//!
//! Needs `docker-registry`; `skopeo`, `curl` with `jq`, and `dxf` take part where they are installed.

mod deletes;
mod fill;
mod floor;
mod proxy;
mod screen;
mod table;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use fill::{Row, Storage, Truth};
use screen::Screen;
use table::Job;

const TAGBOAT: &str = env!("CARGO_BIN_EXE_tagboat");

struct Options {
    runs: usize,
    repositories: usize,
    tags: usize,
    big: usize,
    rtt: Vec<u64>,
    deletes: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if let [first, job, url, repo] = arguments.as_slice()
        && first == "--floor"
    {
        return floor::run(job, url, repo);
    }
    let options = options(&arguments)?;
    let home = tempfile::tempdir()?;
    println!("filling: {} repositories, {} and {} tags", options.repositories, options.tags, options.big);
    let storage = Storage::new(home.path());
    let names = storage.small(options.repositories)?;
    let truth = storage.big("bench/tags", options.tags)?;
    let big = storage.big("bench/big", options.big)?;
    let (deleted, stays) = deletes::Repositories::fill(&storage, options.runs, options.deletes)?;
    let registry = Registry::start(home.path())?;
    let bench = Bench { options, home: home.path().to_owned(), url: registry.url(), truth };

    println!("\n| job | floor s | tagboat s | ratio | target | others (times tagboat) |\n|---|---|---|---|---|---|");
    bench.repositories(names.len() + 2 + 3 * if stays.is_empty() { 0 } else { bench.options.runs })?;
    bench.names("bench/tags", bench.truth.len())?;
    bench.names("bench/big", big.len())?;
    bench.details(&bench.url, "", 1.25)?;
    bench.sharing()?;
    deletes::run(&bench, &deleted, &stays)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    for rtt in &bench.options.rtt {
        let port = runtime.block_on(proxy::start(registry.port, Duration::from_millis(*rtt)))?;
        bench.details(&format!("http://127.0.0.1:{port}"), &format!(", {rtt} ms RTT"), 1.5)?;
    }
    bench.screen(big.len())
}

fn options(arguments: &[String]) -> anyhow::Result<Options> {
    let mut options =
        Options { runs: 3, repositories: 2000, tags: 1000, big: 10_000, rtt: vec![50, 150], deletes: 500 };
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let value = rest.next().with_context(|| format!("{name}: a value"))?;
        match name.as_str() {
            "--runs" => options.runs = value.parse()?,
            "--repositories" => options.repositories = value.parse()?,
            "--tags" => options.tags = value.parse()?,
            "--big" => options.big = value.parse()?,
            "--deletes" => options.deletes = value.parse()?,
            "--rtt" => {
                options.rtt = value.split(',').filter(|n| !n.is_empty()).map(str::parse).collect::<Result<_, _>>()?
            }
            other => bail!("{other}: --runs, --repositories, --tags, --big, --rtt or --deletes"),
        }
    }
    Ok(options)
}

struct Bench {
    options: Options,
    home: PathBuf,
    url: String,
    truth: Truth,
}

impl Bench {
    fn repositories(&self, count: usize) -> anyhow::Result<()> {
        let mut job = Job::new(format!("J1 names of {count} repositories"), 1.3);
        for _ in 0..self.options.runs {
            job.floor.push(self.floor("catalog", &self.url, "-", count)?);
            let (time, out) = timed(self.tagboat(&["repos", &self.url, "--json"], None))?;
            let found: Value = serde_json::from_slice(&out)?;
            ensure!(found["repositories"].as_array().is_some_and(|r| r.len() == count), "not every repository");
            job.ours.push(time);
            let pages = format!(
                "last=; while names=$(curl -sf \"{}/v2/_catalog?n=1000&last=$last\" | jq -r '.repositories[]'); \
                 test -n \"$names\"; do echo \"$names\"; last=$(echo \"$names\" | tail -n1); done",
                self.url
            );
            self.peer(&mut job, "curl+jq", count, &pages)?;
            self.peer(&mut job, "dxf", count, &format!("DXF_INSECURE=1 dxf --host {} list-repos", self.host()))?;
        }
        job.print();
        Ok(())
    }

    fn names(&self, repo: &str, count: usize) -> anyhow::Result<()> {
        let mut job = Job::new(format!("J2 names of {count} tags"), 1.3);
        let place = format!("{}/{repo}", self.host());
        for _ in 0..self.options.runs {
            job.floor.push(self.floor("tags", &self.url, repo, count)?);
            let (time, out) = timed(self.tagboat(&["--plain-http", "tags", &place, "--names"], None))?;
            ensure!(lines(&out) == count, "not every tag");
            job.ours.push(time);
            self.peer(
                &mut job,
                "skopeo",
                count,
                &format!("skopeo list-tags --tls-verify=false docker://{place} | jq -r '.Tags[]'"),
            )?;
            self.peer(
                &mut job,
                "curl+jq",
                count,
                &format!("curl -sf {}/v2/{repo}/tags/list | jq -r '.tags[]'", self.url),
            )?;
        }
        job.print();
        Ok(())
    }

    /// Digest, date, size and platforms of every tag: cold, and with a cache.
    fn details(&self, url: &str, suffix: &str, target: f64) -> anyhow::Result<()> {
        let count = self.truth.len();
        let place = format!("{}/bench/tags", url.trim_start_matches("http://"));
        let mut cold = Job::new(format!("J3 details of {count} tags, cold{suffix}"), target);
        let mut first = Job::new(format!("J3 the first screen of them{suffix}"), 1.5);
        let mut warm = Job::new(format!("J3 warm{suffix}"), 1.25);
        for run in 0..self.options.runs {
            let state = self.home.join(format!("state-{run}{suffix}"));
            let ours = || self.tagboat(&["--plain-http", "tags", &place, "--json"], Some(&state));
            cold.floor.push(self.floor("details", url, "bench/tags", count)?);
            let (time, out) = timed(ours())?;
            self.check(&out)?;
            cold.ours.push(time);
            if suffix.is_empty() && run == 0 {
                let inspect = format!(
                    "skopeo list-tags --tls-verify=false docker://{place} | jq -r '.Tags[]' | \
                     xargs -P8 -I@ sh -c 'skopeo inspect --tls-verify=false docker://{place}:@ | jq -c .Digest'"
                );
                self.peer(&mut cold, "skopeo x8", count, &inspect)?;
            }
            warm.floor.push(self.floor("digests", url, "bench/tags", count)?);
            let (time, out) = timed(ours())?;
            self.check(&out)?;
            warm.ours.push(time);
            first.floor.push(self.floor("first", url, "bench/tags", count.min(50))?);
            first.ours.push(self.first_screen(&place)?);
        }
        cold.print();
        first.print();
        warm.print();
        Ok(())
    }

    /// The tags that are on one digest: what each tag of the repository points at has to be asked.
    fn sharing(&self) -> anyhow::Result<()> {
        let mut job = Job::new(format!("J4 which of {} tags share a digest", self.truth.len()), 1.25);
        let (tag, row) = self.truth.iter().next().context("a tag")?;
        let place = format!("{}/bench/tags:{tag}", self.host());
        let count = self.truth.values().filter(|other| other.digest == row.digest).count();
        for run in 0..self.options.runs {
            job.floor.push(self.floor("digests", &self.url, "bench/tags", self.truth.len())?);
            let state = self.home.join(format!("state-sharing-{run}"));
            let (time, out) = timed(self.tagboat(&["--plain-http", "inspect", &place, "--json"], Some(&state)))?;
            let found: Value = serde_json::from_slice(&out)?;
            ensure!(found["tags"].as_array().is_some_and(|tags| tags.len() == count), "not every tag: {found}");
            job.ours.push(time);
        }
        job.print();
        Ok(())
    }

    /// From the start of the program until every row on the screen has its details.
    fn first_screen(&self, place: &str) -> anyhow::Result<Duration> {
        let state = tempfile::tempdir()?;
        let state = state.path().display().to_string();
        let mut screen = Screen::start(&self.home, &["--state-dir", &state, "--plain-http", place])?;
        let there = screen.wait("the first screen of tags", full)?;
        Ok(there - screen.started)
    }

    fn screen(&self, count: usize) -> anyhow::Result<()> {
        println!("\n| at 120x36, {count} tags | bytes | first ms | last ms | worst ms |\n|---|---|---|---|---|");
        let state = self.home.join("state-screen").display().to_string();
        let place = format!("{}/bench/big", self.host());
        let mut screen = Screen::start(&self.home, &["--state-dir", &state, "--plain-http", &place])?;
        let drawn = screen.wait("a first frame", |text| text.contains("bench/big"))?;
        println!("| start to the first frame | | | {:.1} | |", millis(drawn - screen.started));
        screen.wait("the tags", full)?;
        while screen.settle(Duration::from_millis(500))?.is_some() {}
        for (what, key, times) in [
            ("cursor down", "j", 25),
            ("page down", "\u{6}", 20.min(count / 64)),
            ("half a page up", "\u{15}", 10.min(count / 64)),
            ("to the end", "G", 1),
        ] {
            let (answer, worst) = screen.press(key, times)?;
            row(what, answer, worst);
        }
        screen.press("/", 1)?;
        let (answer, worst) = screen.press("1", 1)?;
        row("a character in the filter that changes the rows", answer, worst);
        // The preview comes when the cursor has rested, and is no part of being idle.
        while screen.settle(Duration::from_millis(500))?.is_some() {}
        let idle = screen.settle(Duration::from_secs(2))?.map_or(0, |a| a.bytes);
        println!("| idle for two seconds | {idle} | | | |");
        if let Some(kib) = screen.peak_memory() {
            println!("| peak memory | {:.1} MiB | | | |", kib as f64 / 1024.0);
        }
        Ok(())
    }

    /// A fast wrong answer does not count.
    fn check(&self, out: &[u8]) -> anyhow::Result<()> {
        let found: Value = serde_json::from_slice(out)?;
        let rows = found["tags"].as_array().context("tags")?;
        ensure!(rows.len() == self.truth.len(), "{} tags of {}", rows.len(), self.truth.len());
        for row in rows {
            let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
            let platforms = row["platforms"].as_array().context("platforms")?;
            let said = Row {
                digest: text("digest"),
                created: text("created"),
                size: row["size"].as_u64().unwrap_or(0),
                platforms: platforms.iter().filter_map(|p| Some(p.as_str()?.to_owned())).collect(),
            };
            ensure!(self.truth.get(&text("name")) == Some(&said), "{}: {said:?}", text("name"));
        }
        Ok(())
    }

    fn floor(&self, job: &str, url: &str, repo: &str, count: usize) -> anyhow::Result<Duration> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--floor", job, url, repo]);
        let (time, out) = timed(command)?;
        let found: usize = String::from_utf8(out)?.trim().parse()?;
        ensure!(found == count, "the floor found {found} of {count}");
        Ok(time)
    }

    fn tagboat(&self, arguments: &[&str], state: Option<&Path>) -> Command {
        let mut command = Command::new(TAGBOAT);
        command.args(arguments).env_clear().env("HOME", &self.home).env("PATH", "/usr/bin:/bin");
        let nothing = self.home.join("state-names");
        command.arg("--state-dir").arg(state.unwrap_or(&nothing));
        command
    }

    /// Another tool, where it is installed; what it prints must have the right number of lines.
    fn peer(&self, job: &mut Job, name: &'static str, count: usize, line: &str) -> anyhow::Result<()> {
        let tools = name.trim_end_matches(" x8").split('+');
        let installed = |tool: &str| {
            Command::new("sh")
                .args(["-c", &format!("command -v {tool}")])
                .stdout(Stdio::null())
                .status()
                .is_ok_and(|s| s.success())
        };
        if !tools.clone().all(installed) {
            return Ok(());
        }
        let mut command = Command::new("sh");
        command.args(["-c", line]).env("HOME", &self.home);
        let (time, out) = timed(command)?;
        ensure!(lines(&out) == count, "{name} found {} of {count}", lines(&out));
        job.other(name, time);
        Ok(())
    }

    fn host(&self) -> &str {
        self.url.trim_start_matches("http://")
    }
}

/// Every row of the tags pane has its details.
fn full(text: &str) -> bool {
    let rows: Vec<_> =
        text.lines().filter(|l| ["v0", "v1", "sha-", "pr-", "main-"].iter().any(|t| l.contains(t))).collect();
    rows.len() > 25 && rows.iter().skip(1).all(|l| l.contains("amd64") || l.contains("arm64"))
}

fn row(what: &str, answer: screen::Answer, worst: Duration) {
    let (first, last) = (millis(answer.first), millis(answer.last));
    println!("| {what} | {} | {first:.1} | {last:.1} | {:.1} |", answer.bytes, millis(worst));
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn lines(out: &[u8]) -> usize {
    out.split(|b| *b == b'\n').filter(|line| !line.is_empty()).count()
}

fn timed(mut command: Command) -> anyhow::Result<(Duration, Vec<u8>)> {
    let begun = Instant::now();
    let output = command.stdin(Stdio::null()).stderr(Stdio::piped()).output()?;
    let time = begun.elapsed();
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok((time, output.stdout))
}

fn client() -> reqwest::Client {
    // The first to come sets it; all set the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client")
}

struct Registry {
    process: Child,
    port: u16,
}

impl Registry {
    fn start(root: &Path) -> anyhow::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let config = root.join("config.yml");
        let text = format!(
            "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\nstorage:\n  filesystem: {{rootdirectory: {}, \
             maxthreads: 100}}\n  cache: {{blobdescriptor: inmemory}}\n  delete: {{enabled: true}}\nhttp: {{addr: \"127.0.0.1:{port}\", secret: bench}}\n",
            root.display()
        );
        std::fs::write(&config, text)?;
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(&config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().context("docker-registry: apt-get install docker-registry")?;
        let registry = Self { process, port };
        let deadline = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            ensure!(Instant::now() < deadline, "docker-registry does not listen");
            std::thread::yield_now();
        }
        Ok(registry)
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
