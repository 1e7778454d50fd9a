use std::path::{Path, PathBuf};

use super::*;
use crate::domain::reference::{Digest, Reference};
use crate::domain::registry::{BackendKind, CredentialPlace, Mode};

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(Path::new("/c/config.toml"), text)
}

fn wrong(text: &str) -> (usize, usize, String) {
    let error = parse(text).expect_err(text);
    (error.line, error.column, error.message.to_string())
}

fn config() -> Config {
    parse(concat!(
        "[[registry]]\nname='staging'\nurl='https://r.example.com'\nprotect=['latest']\n",
        "[[registry]]\nname='prefixed'\nurl='https://p.example.com/hub'\n",
        "[[registry]]\nname='hub'\nurl='docker.io'\n",
    ))
    .unwrap()
}

#[test]
fn the_example_names_every_key_and_is_valid() {
    let uncommented: String =
        EXAMPLE.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line)).map(|line| format!("{line}\n")).collect();
    assert_eq!(parse(EXAMPLE).unwrap(), Config::default());
    let full = parse(&uncommented).unwrap();
    assert_eq!(full.registries[0].credential, CredentialPlace::Docker);
    assert_eq!(full.registries.iter().map(|r| r.kind).collect::<Vec<_>>(), BackendKind::ALL);
    let rule = full.rule("old previews").unwrap();
    assert_eq!((rule.mark.len(), rule.exclude.len(), rule.keep.as_ref().map(|keep| keep.n)), (2, 1, Some(5)));
    assert!(full.rule("others").is_none());
    let defaults = Config::default();
    assert_eq!((full.theme, full.signs, full.slow), (defaults.theme, defaults.signs, defaults.slow));
    assert_eq!((full.confirm, full.cache, full.history), (defaults.confirm, defaults.cache, defaults.history));
    assert_eq!((full.mouse, full.utc, full.network.timeout), (false, false, defaults.network.timeout));
    assert_eq!(full.network.max_in_flight, defaults.network.max_in_flight);
    assert!(
        !full.labels.labels.is_empty()
            && !full.labels.rules.is_empty()
            && !full.keys.is_empty()
            && !full.protect.is_empty()
    );
    for key in ["workspace", "namespace", "ca_cert", "plain_http", "trusted_realms", "trusted_plain_http", "older"] {
        assert!(uncommented.contains(&format!("{key} ")), "{key}");
    }
}

#[test]
fn a_registry_has_all_its_keys() {
    let config = parse(concat!(
        "[[registry]]\nname='a'\nkind='ml-space'\nurl='R.example.com'\nusername='robot'\ncredential='env:TOKEN'\n",
        "workspace='w'\nca_cert='ca.pem'\nplain_http=true\nmode='ro'\nenv='PROD'\nrepositories=['team/app']\n"
    ))
    .unwrap();
    let profile = &config.registries[0];
    assert_eq!(profile.url, "http://r.example.com");
    assert_eq!(profile.credential, CredentialPlace::Env("TOKEN".into()));
    assert_eq!(profile.ca_cert, Some(PathBuf::from("/c/ca.pem")));
    assert_eq!((profile.mode, profile.kind), (Mode::ReadOnly, BackendKind::MlSpace));
    assert_eq!(profile.repositories[0].as_str(), "team/app");
}

#[test]
fn errors_have_a_line_a_column_and_what_is_allowed() {
    for (text, line, column, part) in [
        ("\ntheem = 'mono'", 2, 1, "did you mean “theme”?"),
        ("theme = 'drak'", 1, 9, "“dark”"),
        ("mouse = 'yes'", 1, 9, "true or false, not a string"),
        ("signs = 'emoji'", 1, 9, "Allowed: auto unicode ascii"),
        ("[confirm]\ncount_from = 0", 2, 14, "from 1"),
        ("[confirm]\ncount_from = -1", 2, 14, "from 1"),
        ("[confirm]\nname_from = 'x'", 2, 13, "a whole number"),
        ("[network]\ntimeout = 99999", 2, 11, "3600"),
        ("[network]\ntrusted_plain_http = ['a/b']", 2, 23, "host"),
        ("[cache]\nsize = 1", 2, 1, "Allowed: enabled max_mib"),
        ("[history]\nkeep = 0", 2, 8, "100000"),
        ("registry = 1", 1, 12, "an array of tables"),
        ("[[registry]]\nurl='x.example'", 1, 1, "needs the key “name”"),
        ("[[registry]]\nname='a'", 1, 1, "needs the key “url”"),
        ("[[registry]]\nname='a/b'\nurl='x.example'", 2, 6, "is not the name"),
        ("[[registry]]\nname='a'\nurl='ftp://x'", 3, 5, "https://"),
        ("[[registry]]\nname='a'\nurl='x.example'\nkind='harbor'", 4, 6, "not in this version"),
        ("[[registry]]\nname='a'\nurl='x.example'\nkind='ocl'", 4, 6, "did you mean “oci”?"),
        ("[[registry]]\nname='a'\nurl='x.example'\nworkspace='w'", 4, 11, "only for kind ml-space"),
        ("[[registry]]\nname='a'\nurl='x.example'\nmode='r'", 4, 6, "rw ro"),
        ("[[registry]]\nname='a'\nurl='x.example'\nprotect=['']", 4, 10, "empty filter"),
        ("[[registry]]\nname='a'\nurl='x.example'\nrepositories=['A']", 4, 15, "repository name"),
        ("[[registry]]\nname='a'\nurl='x.example'\n[[registry]]\nname='a'\nurl='y.example'", 5, 6, "twice"),
        ("[[label]]\nletter='SS'\nname='x'", 2, 8, "one letter"),
        ("[[label]]\nletter='S'\nname='x'\nolder='soon'", 4, 7, "30d"),
        ("[[label]]\nletter='S'\nname='none'", 3, 6, "none"),
        ("[[label]]\nletter='S'\nname='x'\ncolour='yelow'", 4, 8, "yellow"),
        ("[[label]]\nletter='S'\nname='x'\nmatch='~('", 4, 7, "expression"),
        ("[[label]]\nletter='S'\nname='x'\nmatch='label:x'", 4, 7, "gives them"),
        ("[[label]]\nletter='S'\nname='x'\n[[label]]\nletter='T'\nname='x'", 6, 6, "two labels"),
        ("[confirm]\nname_from = 501", 2, 13, "from 1 to 500"),
        ("[cleanup]\nprotect = ['latest', 'size>']", 2, 22, "“size>” in “protect”"),
        ("[[rule]]\nmark=['x']", 1, 1, "needs the key “name”"),
        ("[[rule]]\nname='a'", 1, 1, "marks nothing"),
        ("[[rule]]\nname=' '\nmark=['x']", 2, 6, "empty"),
        ("[[rule]]\nname='a'\nmark=['~(']", 3, 7, "not a regular expression"),
        ("[[rule]]\nname='a'\nmark=['x']\nper='minor'", 1, 1, "keep = 5"),
        ("[[rule]]\nname='a'\nmark=['x']\nkeep=2\nper='x'", 5, 5, "captures nothing"),
        ("[[rule]]\nname='a'\nmark=['x']\nkeep=2\nkeep_by='age'", 5, 9, "Allowed: created pushed semver name"),
        ("[[rule]]\nname='a'\nuntagged=true\n[[rule]]\nname='a'\nuntagged=true", 5, 6, "two rules"),
        ("[keys.tags]\nmark = 1", 2, 8, "an array of strings"),
        ("[keys]\nmark = 'x'", 2, 1, "[keys.tags]"),
        ("a = ", 1, 5, ""),
        ("x = 1\nx = 2", 2, 1, ""),
    ] {
        let (found_line, found_column, message) = wrong(text);
        assert_eq!((found_line, found_column), (line, column), "{text}: {message}");
        assert!(message.contains(part), "{text}: {message}");
    }
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    for text in [
        "[[registry]]\nname='a'\nurl='https://u:s3cr3t@x.example'",
        "[[registry]]\nname='a'\nurl='x.example'\ncredential='s3cr3t'",
    ] {
        let (_, _, message) = wrong(text);
        assert!(!message.contains("s3cr3t"), "{message}");
    }
}

#[test]
fn every_truncation_is_read_or_refused() {
    for end in 0..EXAMPLE.len() {
        if let Some(text) = EXAMPLE.get(..end) {
            drop(parse(&text.replace("#: ", "")));
        }
    }
}

#[test]
fn files_that_are_none_are_errors_and_a_missing_one_is_empty() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Config::load(dir.path(), false).is_err());
    let missing = dir.path().join("none.toml");
    assert_eq!(Config::load(&missing, false).unwrap().0, Config::default());
    assert!(Config::load(&missing, true).is_err());
    std::fs::write(&missing, [0xff, 0]).unwrap();
    assert!(Config::load(&missing, false).is_err());
}

#[test]
fn registry_arguments() {
    let config = config();
    let found = |text: &str| parse_registry_argument(text, &config).map(|p| (p.name, p.url));
    let pair = |name: &str, url: &str| Ok((name.to_owned(), url.to_owned()));
    assert_eq!(found("staging"), pair("staging", "https://r.example.com"));
    assert_eq!(found("r.example.com"), pair("staging", "https://r.example.com"));
    assert_eq!(found("localhost:5000"), pair("localhost:5000", "http://localhost:5000"));
    assert_eq!(found("http://x.example:5000/"), pair("x.example:5000", "http://x.example:5000"));
    assert_eq!(found("index.docker.io"), pair("hub", "https://registry-1.docker.io"));
    let none = parse_registry_argument("docker.io", &Config::default()).unwrap();
    assert_eq!((none.name.as_str(), none.url.as_str()), ("docker.io", "https://registry-1.docker.io"));
    assert!(found("stagin").unwrap_err().to_string().contains("“staging”"));
    let plain = Config { plain_http: true, ..Config::default() };
    assert_eq!(parse_registry_argument("x.example", &plain).unwrap().url, "http://x.example");
}

#[test]
fn targets() {
    let config = config();
    let found = |text: &str| {
        let (profile, repository, reference) = parse_target(text, &config).map_err(|error| error.to_string())?;
        let show = |reference: Option<Reference>| reference.map_or(String::new(), |r| r.to_string());
        Ok::<_, String>((profile.name, repository.map_or(String::new(), |r| r.to_string()), show(reference)))
    };
    let digest = Digest::of(b"x").to_string();
    for (text, name, repository, reference) in [
        ("staging", "staging", "", ""),
        ("staging/team/app", "staging", "team/app", ""),
        ("staging/team/app:1.2", "staging", "team/app", "1.2"),
        ("localhost:5000/x", "localhost:5000", "x", ""),
        ("localhost:5000/x:1", "localhost:5000", "x", "1"),
        ("[::1]:5000/x", "[::1]:5000", "x", ""),
        ("https://q.example/a/b:t", "q.example", "a/b", "t"),
        ("https://p.example.com/hub/a/b", "prefixed", "a/b", ""),
        ("docker.io/alpine:3", "hub", "library/alpine", "3"),
        ("hub/alpine", "hub", "library/alpine", ""),
        ("hub/team/app", "hub", "team/app", ""),
        (&format!("staging/x@{digest}"), "staging", "x", &digest),
        (&format!("staging/x:1@{digest}"), "staging", "x", &digest),
    ] {
        assert_eq!(found(text), Ok((name.into(), repository.into(), reference.into())), "{text}");
    }
    for bad in
        ["", "team/app", "staging/A", "staging/x:", "staging/x@sha256:1", "staging/../x", "https://u:p@h.example/x"]
    {
        assert!(found(bad).is_err(), "{bad}");
    }
}

#[test]
fn edits_keep_comments_and_are_checked() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("new/config.toml");
    let profile =
        RegistryProfile { name: "r.example:5000".into(), url: "https://r.example:5000".into(), ..Default::default() };
    add_registry(&file, &profile).unwrap();
    let commented = format!("# mine\nmouse = true # yes\n{}", std::fs::read_to_string(&file).unwrap());
    std::fs::write(&file, commented).unwrap();
    let mut second = config().registries[0].clone();
    second.repositories = vec![crate::domain::reference::RepoName::parse("a/b").unwrap()];
    second.mode = Mode::ReadOnly;
    second.credential = CredentialPlace::Store;
    add_registry(&file, &second).unwrap();
    trust_realm(&file, "r.example:5000", "one.example").unwrap();
    trust_realm(&file, "r.example:5000", "sso.example").unwrap();
    trust_plain_http(&file, "r.example:5000").unwrap();
    trust_plain_http(&file, "r.example:5000").unwrap();
    let (read, _) = Config::load(&file, true).unwrap();
    assert_eq!(read.registries, [profile.clone(), second.clone()]);
    assert_eq!(read.network.trusted_realms, [("r.example:5000".into(), "sso.example".into())]);
    assert_eq!(read.network.trusted_plain_http, ["r.example:5000"]);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("# mine\nmouse = true # yes\n"), "{text}");

    assert!(matches!(add_registry(&file, &profile), Err(EditError::Config(_))));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    let elsewhere = RegistryProfile { url: "https://other.example".into(), ..second.clone() };
    assert!(remove_registry(&file, &elsewhere).unwrap().is_none(), "the same name for another registry");
    assert!(remove_registry(&file, &second).unwrap().is_some());
    assert!(remove_registry(&file, &second).unwrap().is_none());
    assert_eq!(Config::load(&file, true).unwrap().0.registries, [profile]);
}

#[test]
fn a_registry_that_was_taken_out_is_put_back_as_it_stood() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    let tables = "theme = \"mono\"\n\n[[registry]]\nname = \"a\"\nurl = \"a.example\"\n\n# Ours, \
                  ask Eva.\n[[registry]]\nname = \"b\" # b\nurl = \"b.example\"\nprotect = [\"latest\"]\n\n\
                  [[registry]]\nname = \"c\"\nurl = \"c.example\"\n\n[cache]\nmax_mib = 9\n";
    let inline = "registry = [\n  { name = \"a\", url = \"a.example\" },\n  { name = \"b\", url = \"b.example\" },\n  \
                  { name = \"c\", url = \"c.example\" },\n]\n";
    for text in [tables, inline] {
        for at in 0..3 {
            std::fs::write(&file, text).unwrap();
            let profile = Config::parse(&file, text).unwrap().registries[at].clone();
            let removed = remove_registry(&file, &profile).unwrap().unwrap();
            let without = std::fs::read_to_string(&file).unwrap();
            assert!(!Config::parse(&file, &without).unwrap().registries.contains(&profile), "{without}");
            put_back(&file, &removed).unwrap();
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
            assert!(put_back(&file, &removed).is_err(), "twice is once too often");
        }
    }
    // The only one, too.
    let text = "[[registry]]\nname = \"a\"\nurl = \"a.example\"\n";
    std::fs::write(&file, text).unwrap();
    let profile = Config::parse(&file, text).unwrap().registries[0].clone();
    let removed = remove_registry(&file, &profile).unwrap().unwrap();
    std::fs::write(&file, "").unwrap();
    put_back(&file, &removed).unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_file_others_can_write_is_refused_when_it_says_where_secrets_go() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    for (text, mode, refused, warned) in [
        ("mouse = true", 0o600, false, false),
        ("mouse = true", 0o666, false, true),
        ("[[registry]]\nname='a'\nurl='x.example'", 0o644, false, false),
        ("[[registry]]\nname='a'\nurl='x.example'", 0o620, false, true),
        ("[[registry]]\nname='a'\nurl='x.example'", 0o602, true, false),
        ("[network]\ntrusted_plain_http = ['x.example']", 0o666, true, false),
    ] {
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
        match Config::load(&file, true) {
            Ok((_, warnings)) => assert_eq!((false, !warnings.is_empty()), (refused, warned), "{text} {mode:o}"),
            Err(error) => assert!(refused && error.to_string().contains("chmod go-w"), "{text} {mode:o}: {error}"),
        }
    }
}

#[test]
fn settings_of_a_registry_and_looks_are_changed_in_place() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    std::fs::write(
        &file,
        "# mine\n[[registry]] # here\nname = \"r\" # it\nurl = \"https://r.example\"\nca_cert = \"/old\"\n",
    )
    .unwrap();
    let (read, _) = Config::load(&file, true).unwrap();
    let mut profile = read.registries[0].clone();
    profile.ca_cert = None;
    profile.credential = CredentialPlace::Store;
    assert!(change_registry(&file, &profile, &["ca_cert", "credential"]).unwrap());
    set_looks(&file, Some("mono"), Some("ascii")).unwrap();
    let (read, _) = Config::load(&file, true).unwrap();
    assert_eq!((&read.registries[0], read.theme.as_str(), read.signs), (&profile, "mono", Signs::Ascii));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("# mine") && text.contains("# here") && text.contains("# it"), "{text}");
    profile.name = "other".to_owned();
    assert!(!change_registry(&file, &profile, &["ca_cert"]).unwrap());
}
