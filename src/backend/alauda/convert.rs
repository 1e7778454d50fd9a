//! From its objects to what is shown. Everything passes the cleaning here.

use std::sync::Arc;

use jiff::Timestamp;

use super::wire;
use crate::backend::json::Object;
use crate::domain::clean::{self, Clean};
use crate::domain::image::ManifestKind;
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::domain::repository::{Elsewhere, RepoInfo, Scope};
use crate::domain::tag::DigestInfo;

fn time(object: &Object<'_>, names: &[&str]) -> Option<Timestamp> {
    wire::first(object, names)?.parse().ok()
}

fn flag(object: &Object<'_>, name: &str) -> Option<bool> {
    object.has(name).then(|| object.flag(name))
}

/// The fields differ from answer to answer, and none has to be there (§3.1).
pub(super) fn repository(
    name: &RepoName,
    object: &Object<'_>,
    image_host: Option<&str>,
    raw: Option<&str>,
) -> RepoInfo {
    let mut more = Vec::new();
    let mut add = |name: &'static str, value: Option<String>| {
        more.extend(value.map(|value| (Clean::fixed(name), clean::line(&value))));
    };
    add("starred by me", flag(object, "is_repo_starred").map(|yes| if yes { "yes" } else { "no" }.to_owned()));
    add("created by", object.some_text("created_by"));
    add("built from", object.raw("build_config").filter(|raw| *raw != "null").map(str::to_owned));
    add("logo", wire::first(object, &["logo_file", "logo"]));
    RepoInfo {
        description: object.some_text("description").map(|text| clean::line(&text)),
        full_description: object.some_text("full_description").map(|text| clean::block(&text)),
        public: flag(object, "is_public"),
        automated: flag(object, "is_automated"),
        stars: object.number("repo_starred_count"),
        pulls: object.number("download"),
        pushes: object.number("upload"),
        created: time(object, &["created_at", "creation_at", "creation_time"]),
        updated: time(object, &["updated_at", "updated_time"]),
        pulled: time(object, &["pulled_at"]),
        pushed: time(object, &["pushed_at"]),
        elsewhere: image_host.map(|url| Elsewhere { url: url.to_owned(), repository: name.as_str().to_owned() }),
        more,
        raw: raw.map(Arc::from),
        ..RepoInfo::default()
    }
}

/// What a tag is on, as far as that is said (§3.2): the id of an image, which may be missing.
pub(super) fn image(tag: &TagName, object: &Object<'_>) -> Digest {
    let id = object.some_text("image_id").and_then(|id| Digest::image_id(&id).ok());
    id.unwrap_or_else(|| Digest::untold(tag))
}

pub(super) fn row(digest: Digest, nothing: Arc<str>) -> DigestInfo {
    DigestInfo {
        digest,
        media_type: nothing,
        kind: ManifestKind::Unknown,
        created: None,
        size: None,
        platforms: Arc::from([]),
        artifact: None,
    }
}

pub(super) fn organisation(object: &Object<'_>) -> Option<Scope> {
    let id = object.some_text("name")?;
    let mut more = Vec::new();
    for (name, shown) in [("company", "company"), ("created_at", "created")] {
        more.extend(object.some_text(name).map(|text| (Clean::fixed(shown), clean::line(&text))));
    }
    Some(Scope { name: clean::identifier(&id), id, more })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> RepoInfo {
        let name = RepoName::loose("acme/web").unwrap();
        repository(&name, &Object::parse(text).unwrap(), None, None)
    }

    #[test]
    fn the_time_of_creation_has_three_names() {
        let when: Timestamp = "2015-06-04T16:30:27.532Z".parse().unwrap();
        for name in ["created_at", "creation_at", "creation_time"] {
            assert_eq!(of(&format!(r#"{{"{name}":"2015-06-04T16:30:27.532Z"}}"#)).created, Some(when), "{name}");
        }
        for name in ["updated_at", "updated_time"] {
            assert_eq!(of(&format!(r#"{{"{name}":"2015-06-04T16:30:27.532Z"}}"#)).updated, Some(when), "{name}");
        }
        assert!(of(r#"{"pulled_at":"2015-06-04T16:30:27Z"}"#).pulled.is_some());
    }

    #[test]
    fn fields_may_be_missing_null_or_of_another_kind() {
        for text in
            ["{}", r#"{"pulled_at":null,"download":"many","is_public":null,"created_at":7,"build_config":null}"#]
        {
            assert_eq!(of(text), RepoInfo::default(), "{text}");
        }
        let info = of(r#"{"description":"\u001b[31m库存","full_description":"一\n二","is_public":false,"upload":9}"#);
        assert_eq!((info.public, info.pushes), (Some(false), Some(9)));
        assert_eq!(info.full_description.unwrap().as_str(), "一\n二");
        let shown = info.description.unwrap();
        assert!(shown.as_str().ends_with("库存") && !shown.as_str().contains('\u{1b}'));
    }

    #[test]
    fn an_image_without_an_id_is_like_no_other() {
        let (a, b) = (TagName::parse("a").unwrap(), TagName::parse("b").unwrap());
        let id = format!(r#"{{"image_id":"{}"}}"#, "0a".repeat(32));
        let known = Object::parse(&id).unwrap();
        assert_eq!(image(&a, &known), image(&b, &known));
        for text in ["{}", r#"{"image_id":""}"#, r#"{"image_id":null}"#, r#"{"image_id":"../x"}"#] {
            let object = Object::parse(text).unwrap();
            assert_ne!(image(&a, &object), image(&b, &object), "{text}");
        }
    }
}
