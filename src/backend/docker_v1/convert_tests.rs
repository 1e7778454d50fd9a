use super::*;

#[test]
fn results_of_every_server_are_read() {
    let page = results(
        br#"{"query":"","num_pages":3,"page":"2","page_size":25,"results":[
            {"name":"acme/api","description":"HTTP \u001b[31mfront","star_count":4,"is_official":false,"is_trusted":true},
            {"name":"redis","description":null,"star_count":-1,"is_public":1},{"description":"nameless"},7]}"#,
    )
    .expect("a page");
    assert_eq!((page.found.len(), page.skipped, page.pages), (2, 2, Some(3)));
    let [api, redis] = &page.found[..] else { panic!("two results") };
    assert_eq!((api.name.as_str(), api.info.stars, api.info.automated), ("acme/api", Some(4), Some(true)));
    assert!(api.info.description.as_ref().is_some_and(|text| text.was_changed()));
    assert_eq!((redis.info.description.as_ref(), redis.info.stars, redis.info.official), (None, None, None));
    assert_eq!(redis.info.public, Some(false), "a number is no flag");
    for none in ["", "[]", "{}", r#"{"results":{}}"#, r#"{"results":null}"#, "<html>", r#"{"results":["#] {
        assert!(results(none.as_bytes()).is_none(), "{none}");
    }
    assert_eq!(results(br#"{"results":[]}"#).map(|page| (page.found.len(), page.pages)), Some((0, None)));
}

#[test]
fn tags_are_a_map_or_a_list() {
    let owned = |name: &str, image: Option<&str>| (name.to_owned(), image.map(str::to_owned));
    let map = tags(br#"{"latest":"9e89cc6f","1.0":null,"x":7}"#).expect("a map");
    assert_eq!(map, [owned("1.0", None), owned("latest", Some("9e89cc6f")), owned("x", None)]);
    let list = tags(br#"[{"name":"latest","layer":"9e89cc6f"},{"layer":"y"},{"name":"1.0"}]"#).expect("a list");
    assert_eq!(list, [owned("latest", Some("9e89cc6f")), owned("1.0", None)]);
    assert_eq!(tags(b"{}"), Some(Vec::new()));
    for none in ["", "<html>", "\"x\"", "null", "{\"a\":", "[{"] {
        assert_eq!(tags(none.as_bytes()), None, "{none}");
    }
}

#[test]
fn ids_are_hexadecimal_digits_of_two_lengths() {
    let long = "0a".repeat(32);
    assert!(id(&long).is_some() && id(&long[..16]).is_some());
    for bad in ["", "9e89cc6f", &long[1..], &long.to_uppercase(), "../../../../../x"] {
        assert!(id(bad).is_none(), "{bad}");
    }
    assert_eq!(id_of(format!(" \"{long}\"\n").as_bytes()).as_deref(), Some(long.as_str()));
    assert_eq!(id_of(b"true"), None);
    assert_eq!(ancestry(format!("[\"{long}\"]").as_bytes()).map(|chain| chain.len()), Some(1));
    assert_eq!(ancestry(b"[\"short\"]"), None);
}

fn read(text: &str) -> Step {
    step("ab", text.as_bytes(), Some(7), Some("sha256:00")).expect("a document")
}

#[test]
fn documents_tell_how_an_image_was_made() {
    for (command, want) in [
        (r##"["/bin/sh","-c","#(nop) EXPOSE 8080/tcp"]"##, "EXPOSE 8080/tcp"),
        (r#"["/bin/sh","-c","apt-get update"]"#, "RUN apt-get update"),
        (r#"["/srv/run","--all"]"#, "/srv/run --all"),
        (r#""/bin/sh -c 'make'""#, "RUN 'make'"),
        ("null", ""),
        ("{}", ""),
    ] {
        let step = read(&format!(r#"{{"id":"ab","container_config":{{"Cmd":{command}}}}}"#));
        assert_eq!(step.history.created_by.as_str(), want, "{command}");
    }
}

#[test]
fn keys_are_matched_whatever_their_case() {
    let step = read(
        r#"{"ID":"ab","Created":"2015-03-09T11:42:07.3+02:00","Comment":"c","Size":0,"Os":"linux","Architecture":"x86_64",
            "Config":{"Env":["A=b"],"Volumes":null}}"#,
    );
    assert!(step.warnings.is_empty() && step.history.empty_layer);
    assert_eq!((step.history.comment.as_str(), step.config.env.len()), ("c", 1));
    assert_eq!(step.config.platform.as_ref().map(ToString::to_string).as_deref(), Some("linux/amd64"));
    assert!(step.config.raw.starts_with(br#"{"ID""#), "the bytes stay as they came");
    assert!(step.history.created.is_some());
}

#[test]
fn every_field_may_be_missing_or_wrong() {
    let step = read(r#"{"id":"cd","created":"0001-01-01T00:00:00Z","config":null,"container_config":7,"Size":"x"}"#);
    assert_eq!((step.history.created, step.warnings.len(), step.history.empty_layer), (None, 1, false));
    let sum = |sum| super::step("ab", b"{}", None, sum).expect("a document").checksum;
    assert_eq!((sum(Some("tarsum+sha256:00")), sum(None)), (None, None), "only what can be checked");
    for none in ["", "[]", "<html>", "{\"id\":"] {
        assert!(super::step("ab", none.as_bytes(), None, None).is_none(), "{none}");
    }
}

#[test]
fn notes_on_a_tag_may_all_be_null() {
    let full =
        facts(br#"{"last_update":1436868854,"docker_version":"1.3.0","arch":"amd64","os":null}"#).expect("facts");
    assert_eq!(full.pushed.map(|at| at.as_second()), Some(1_436_868_854));
    let more: Vec<_> = full.more.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(more, [("docker", "1.3.0"), ("architecture", "amd64")]);
    let none = facts(br#"{"last_update":null,"docker_version":null}"#).expect("facts");
    assert_eq!((none.pushed, none.more.len()), (None, 0));
}
