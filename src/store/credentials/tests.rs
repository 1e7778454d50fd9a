use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret as _, SecretString};
use tempfile::TempDir;

use super::*;
use crate::domain::registry::{CredentialPlace, RegistryProfile};
use crate::domain::secret::{Credential, CredentialSource as _};
use crate::store::env::Env;
use crate::store::places::Places;

/// A home of its own, with helpers in `bin`.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir_all(home.at("bin")).unwrap();
        std::fs::create_dir_all(home.at(".docker")).unwrap();
        home
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        std::fs::write(self.at(path), text).unwrap();
    }

    fn helper(&self, name: &str, script: &str) {
        let path = format!("bin/docker-credential-{name}");
        self.write(&path, &format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(self.at(&path), PermissionsExt::from_mode(0o755)).unwrap();
    }

    fn env(&self) -> Env {
        Env::fixed([("HOME", &self.at("").to_string_lossy()), ("PATH", &self.at("bin").to_string_lossy())])
    }

    fn credentials(&self) -> Credentials {
        let places = Places { state_dir: Some(self.at("state")), ..Places::default() };
        Credentials::new(self.env(), &places).with_helper_timeout(Duration::from_secs(10))
    }

    async fn lookup(&self, host: &str) -> (String, String) {
        look(&self.credentials(), &profile(host)).await
    }
}

fn profile(host: &str) -> RegistryProfile {
    RegistryProfile { name: "r".into(), url: format!("https://{host}"), ..RegistryProfile::default() }
}

fn basic(username: &str, password: &str) -> Credential {
    Credential::Basic { username: username.into(), password: SecretString::from(password) }
}

fn show(credential: &Credential) -> String {
    match credential {
        Credential::Anonymous => "anonymous".into(),
        Credential::Basic { username, password } => format!("{username}:{}", password.expose_secret()),
        Credential::IdentityToken(token) => format!("identity {}", token.expose_secret()),
        Credential::RegistryToken(token) => format!("registry {}", token.expose_secret()),
    }
}

async fn look(credentials: &Credentials, profile: &RegistryProfile) -> (String, String) {
    let found = credentials.source(profile).lookup(profile.host()).await;
    let trail = found.trail.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(!trail.contains("s3cr3t") && !trail.contains('\u{1b}'), "{trail}");
    assert!(!format!("{found:?}").contains("s3cr3t"));
    (show(&found.credential), trail)
}

#[tokio::test]
async fn auths_in_all_their_forms() {
    let home = Home::new();
    home.write(
        ".docker/config.json",
        r#"{"HttpHeaders":{"x":"y"},"auths":{
            "a.example":{"auth":"dTpzM2NyM3Q6MQ=="}, "https://b.example/v1/":{"auth":"dTpzM2NyM3Q6MQ"},
            "c.example":{"identitytoken":"s3cr3t-i"}, "d.example":{"registrytoken":"s3cr3t-r"},
            "e.example":{"auth":"%%%"}, "f.example":{}, "g.example":null, "h.example":{"auth":"dTpzM2NyM3QAAA=="}}}"#,
    );
    home.write(".config/containers/auth.json", r#"{"auths":{"p.example/team":{"auth":"dTpzM2NyM3Q6MQ=="}}}"#);
    for (host, want) in [
        ("a.example", "u:s3cr3t:1"),
        ("b.example", "u:s3cr3t:1"),
        ("c.example", "identity s3cr3t-i"),
        ("d.example", "registry s3cr3t-r"),
        ("e.example", "anonymous"),
        ("f.example", "anonymous"),
        ("g.example", "anonymous"),
        ("h.example", "u:s3cr3t"),
        ("p.example", "anonymous"),
        ("p.example/team/x", "u:s3cr3t:1"),
        ("evil-a.example", "anonymous"),
        ("a.example.evil", "anonymous"),
    ] {
        assert_eq!(home.lookup(host).await.0, want, "{host}");
    }
    assert!(home.lookup("e.example").await.1.contains("cannot be decoded"));
}

#[tokio::test]
async fn the_variable_goes_first() {
    let home = Home::new();
    home.write(".docker/config.json", r#"{"auths":{"a.example":{"auth":"dTpzM2NyM3Q6MQ=="}}}"#);
    let Env::Fixed(mut variables) = home.env() else { panic!("a fixed one") };
    variables.insert("DOCKER_AUTH_CONFIG".into(), r#"{"auths":{"a.example":{"registrytoken":"s3cr3t-v"}}}"#.into());
    variables.insert("SECRET".into(), "s3cr3t-e".into());
    let credentials = Credentials::new(Env::Fixed(variables), &Places::default());
    assert_eq!(look(&credentials, &profile("a.example")).await.0, "registry s3cr3t-v");
    let mut by_name = RegistryProfile { credential: CredentialPlace::Env("SECRET".into()), ..profile("a.example") };
    assert_eq!(look(&credentials, &by_name).await.0, "registry s3cr3t-e");
    by_name.username = Some("robot".into());
    assert_eq!(look(&credentials, &by_name).await.0, "robot:s3cr3t-e");
    by_name.credential = CredentialPlace::Env("UNSET".into());
    assert_eq!(look(&credentials, &by_name).await, ("anonymous".into(), "Environment: UNSET is not set".into()));
    by_name.credential = CredentialPlace::None;
    assert_eq!(look(&credentials, &by_name).await.0, "anonymous");
}

#[tokio::test]
async fn a_source_answers_for_its_own_registry_only() {
    let home = Home::new();
    let credentials = home.credentials();
    for host in ["a.example", "b.example"] {
        credentials.save(&SaveIn::Session, host, &basic("u", "s3cr3t")).await.unwrap();
    }
    let source = credentials.source(&profile("a.example"));
    assert!(source.lookup("b.example").await.credential.is_anonymous());
    assert!(!source.lookup("A.example:443").await.credential.is_anonymous());
}

#[tokio::test]
async fn a_helper_gives_what_it_has() {
    let home = Home::new();
    home.write(
        ".docker/config.json",
        r#"{"credsStore":"one","credHelpers":{"t.example":"token"},"auths":{"x.example":{"auth":"dTpzM2NyM3Q6MQ=="}}}"#,
    );
    home.helper(
        "one",
        r#"read -r key || :; case "$1 $key" in
        "get a.example") printf '{"ServerURL":"a","Username":"u","Secret":"s3cr3t-1"}';;
        "get https://b.example") printf '{"ServerURL":"b","Username":"u","Secret":"s3cr3t-2"}';;
        "get https://index.docker.io/v1/") printf '{"ServerURL":"h","Username":"u","Secret":"s3cr3t-3"}';;
        "list unused") printf '{"https://index.docker.io/v1/":"u","l.example":"u"}';;
        *) echo "credentials not found in native keychain"; exit 1;; esac"#,
    );
    home.helper("token", r#"[ "$1" = get ] && printf '{"ServerURL":"t","Username":"<token>","Secret":"s3cr3t-t"}'"#);
    for (host, want) in [
        ("a.example", "u:s3cr3t-1"),
        ("b.example", "u:s3cr3t-2"),
        ("registry-1.docker.io", "u:s3cr3t-3"),
        ("t.example", "identity s3cr3t-t"),
        ("x.example", "u:s3cr3t:1"),
        ("n.example", "anonymous"),
    ] {
        assert_eq!(home.lookup(host).await.0, want, "{host}");
    }
    let trail = home.lookup("n.example").await.1;
    assert!(trail.contains("credsStore") && trail.contains("helper says no credentials"), "{trail}");
    let (known, notes) = home.credentials().known_registries().await;
    let hosts: Vec<&str> = known.iter().map(|known| known.host.as_str()).collect();
    assert_eq!(hosts, ["x.example", "t.example", "docker.io", "l.example"]);
    assert_eq!(notes.len(), 1, "the token helper knows no list: {notes:?}");
}

#[tokio::test]
async fn a_failing_helper_means_no_credentials_of_anybody() {
    let home = Home::new();
    for (name, script, part) in [
        ("says", "echo 's3-broken \u{1b}[2J'; echo '\u{1b}]0;x\u{7}' >&2; exit 1", "s3-broken"),
        ("stderr", "echo 'only here \u{1b}[2J' >&2; exit 3", "only here"),
        ("silent", "exit 127", "exit code 127"),
        ("garbage", "printf 'hello \u{1b}[2J'", "not what the protocol says"),
        ("huge", "exec head -c 1000000000 /dev/zero", "more than 1 MiB"),
        ("loud", "head -c 1000000000 /dev/zero >&2; exit 1", "more than 1 MiB"),
    ] {
        let config = format!(r#"{{"credsStore":"{name}","auths":{{"a.example":{{"auth":"dTpzM2NyM3Q6MQ=="}}}}}}"#);
        home.write(".docker/config.json", &config);
        home.helper(name, script);
        let (found, trail) = home.lookup("a.example").await;
        assert_eq!(found, "anonymous", "{name}");
        assert!(trail.contains(part), "{name}: {trail}");
    }
    for (name, part) in [("missing", "not in PATH"), ("../x", "not a name"), ("/bin/sh", "not a name")] {
        let config = format!(r#"{{"credsStore":"{name}","auths":{{"a.example":{{"auth":"dTpzM2NyM3Q6MQ=="}}}}}}"#);
        home.write(".docker/config.json", &config);
        home.write("x", "#!/bin/sh\ntouch \"$0.ran\"");
        let (found, trail) = home.lookup("a.example").await;
        assert_eq!(found, "anonymous", "{name}");
        assert!(trail.contains(part), "{name}: {trail}");
    }
    assert!(!home.at("x.ran").exists());
}

fn is_alive(pid: &str) -> bool {
    // A killed orphan may stay a zombie where nobody reaps.
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_helper_that_hangs_is_stopped_with_its_children() {
    let home = Home::new();
    home.write(".docker/config.json", r#"{"credsStore":"hang"}"#);
    home.helper("hang", &format!("sleep 100 & echo $! > {}; sleep 100", home.at("child").display()));
    let credentials = home.credentials().with_helper_timeout(Duration::from_millis(800));
    let begun = Instant::now();
    let (found, trail) = look(&credentials, &profile("a.example")).await;
    assert_eq!(found, "anonymous");
    assert!(trail.contains("stopped") && begun.elapsed() < Duration::from_secs(8), "{trail}");
    let child = std::fs::read_to_string(home.at("child")).unwrap();
    let gone = async {
        while is_alive(child.trim()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("the child of the helper is still alive");
}

#[tokio::test]
async fn a_daemon_left_by_a_helper_does_not_delay_its_answer() {
    let home = Home::new();
    home.write(".docker/config.json", r#"{"credsStore":"agent"}"#);
    home.helper("agent", r#"sleep 5 & printf '{"ServerURL":"a","Username":"u","Secret":"s3cr3t"}'"#);
    let begun = Instant::now();
    assert_eq!(home.lookup("a.example").await.0, "u:s3cr3t");
    assert!(begun.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn sign_in_and_out_everywhere() {
    let home = Home::new();
    home.helper(
        "file",
        &format!(
            r#"read -r key || :; case $1 in store) printf '%s' "$key" > {0};; get) cat {0} 2>/dev/null ||
            {{ echo "credentials not found in native keychain"; exit 1; }};; erase) rm -f {0};; esac"#,
            home.at("kept").display()
        ),
    );
    let credentials = home.credentials();
    let mut profile = profile("a.example:5000");
    let host = profile.host().to_owned();
    for (place, kept) in [
        (SaveIn::Session, CredentialPlace::None),
        (SaveIn::Store, CredentialPlace::Store),
        (SaveIn::DockerFile, CredentialPlace::Docker),
        (SaveIn::DockerHelper, CredentialPlace::Docker),
    ] {
        let config = if place == SaveIn::DockerHelper { r#"{"credsStore":"file"}"# } else { r#"{"psFormat":"x"}"# };
        home.write(".docker/config.json", config);
        profile.credential = kept;
        credentials.save(&place, &host, &basic("u", "s3cr3t:\"1\"")).await.unwrap();
        assert_eq!(look(&credentials, &profile).await.0, "u:s3cr3t:\"1\"", "{place:?}");
        let file = std::fs::read_to_string(home.at(".docker/config.json")).unwrap();
        assert!(place != SaveIn::DockerFile || file.contains("psFormat") && file.contains("\"a.example:5000\""));
        assert!(!credentials.sign_out(&profile).await.unwrap().is_empty(), "{place:?}");
        assert_eq!(look(&credentials, &profile).await.0, "anonymous", "{place:?}");
    }
    assert!(credentials.sign_out(&profile).await.is_ok());
    assert_eq!(home.at("state/credentials.json").metadata().unwrap().mode() & 0o777, 0o600);
    assert_eq!(credentials.docker_helper(&host).unwrap().as_str(), "file");
}

#[tokio::test]
async fn dockers_file_keeps_its_link_and_is_never_lost() {
    let home = Home::new();
    home.write("dotfiles/docker.json", "not json");
    std::os::unix::fs::symlink(home.at("dotfiles/docker.json"), home.at(".docker/config.json")).unwrap();
    let credentials = home.credentials();
    assert!(credentials.save(&SaveIn::DockerFile, "a.example", &basic("u", "p")).await.is_err());
    assert_eq!(std::fs::read_to_string(home.at("dotfiles/docker.json")).unwrap(), "not json");
    home.write("dotfiles/docker.json", "{}");
    credentials.save(&SaveIn::DockerFile, "a.example", &basic("u", "p")).await.unwrap();
    assert!(home.at(".docker/config.json").symlink_metadata().unwrap().is_symlink());
    assert!(std::fs::read_to_string(home.at("dotfiles/docker.json")).unwrap().contains("a.example"));
}

#[tokio::test]
async fn every_truncation_of_a_secrets_file_is_survived() {
    let home = Home::new();
    let credentials = home.credentials();
    let mut profile = profile("a.example");
    for (place, path, kept) in [
        (SaveIn::Store, "state/credentials.json", CredentialPlace::Store),
        (SaveIn::DockerFile, ".docker/config.json", CredentialPlace::Docker),
    ] {
        profile.credential = kept;
        credentials.save(&place, "a.example", &basic("u", "s3cr3t")).await.unwrap();
        let whole = std::fs::read(home.at(path)).unwrap();
        for end in 0..whole.len() {
            std::fs::write(home.at(path), &whole[..end]).unwrap();
            assert_eq!(look(&credentials, &profile).await.0, "anonymous");
        }
    }
    home.write("state/credentials.json", "{");
    credentials.save(&SaveIn::Store, "a.example", &basic("u", "s3cr3t")).await.unwrap();
    let kept = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().contains(".bad-");
    assert_eq!(std::fs::read_dir(home.at("state")).unwrap().flatten().filter(kept).count(), 1);
    home.write("state/credentials.json", r#"{"version":2,"entries":{}}"#);
    assert!(credentials.save(&SaveIn::Store, "a.example", &basic("u", "s3cr3t")).await.is_err());
}

#[tokio::test]
async fn files_that_others_can_write_are_not_used() {
    let home = Home::new();
    home.write(".docker/config.json", r#"{"auths":{"a.example":{"auth":"dTpzM2NyM3Q6MQ=="}}}"#);
    std::fs::set_permissions(home.at(".docker/config.json"), PermissionsExt::from_mode(0o666)).unwrap();
    let (found, trail) = home.lookup("a.example").await;
    assert!(found == "anonymous" && trail.contains("chmod"), "{trail}");
    std::fs::remove_file(home.at(".docker/config.json")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(home.at(".docker/config.json")).status().unwrap().success());
    assert!(home.lookup("a.example").await.1.contains("not a regular file"));
    assert!(Path::new(&home.at(".docker/config.json")).exists());
}
