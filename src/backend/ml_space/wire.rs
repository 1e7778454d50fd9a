//! The objects of ml-space.md §4, read field by field: what is missing or of another type is absent, and only what has
//! no id or no name is left out.

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::assumed;
use crate::backend::json::Object;
use crate::backend::platform;
use crate::domain::image::Platform;
use crate::domain::reference::Digest;
use crate::domain::uuid::Uuid;

pub(super) struct Repository<'a> {
    pub id: Uuid,
    pub name: String,
    pub full_name: Option<String>,
    pub description: Option<String>,
    pub labels: Vec<String>,
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
    pub favourite: Option<bool>,
    pub images: Option<u64>,
    pub tags: u64,
    pub recent: Option<Image<'a>>,
    pub commands: Vec<(String, String)>,
}

pub(super) struct Image<'a> {
    pub id: Uuid,
    pub digest: Option<Digest>,
    pub size: Option<u64>,
    pub pushed: Option<Timestamp>,
    pub pulled: Option<Timestamp>,
    pub created: Option<Timestamp>,
    pub platform: Option<Platform>,
    pub commands: Vec<(String, String)>,
    /// As it came; an empty object where there is none.
    pub attrs: &'a str,
    pub tags: Vec<Tag>,
}

pub(super) struct Tag {
    pub id: Uuid,
    pub name: String,
    pub full_name: Option<String>,
    pub pushed: Option<Timestamp>,
    pub pulled: Option<Timestamp>,
    pub signed: Option<bool>,
    pub colour: Option<String>,
    pub commands: Vec<(String, String)>,
}

pub(super) struct Workspace {
    pub id: Uuid,
    pub name: String,
    pub more: Vec<(&'static str, String)>,
}

/// What a list brought, and how many entries of it were not what they should be.
pub(super) struct List<T> {
    pub entries: Vec<T>,
    pub skipped: usize,
}

/// A bare array; `None` where it is something else.
pub(super) fn list<'a, T>(text: &'a str, read: impl Fn(&Object<'a>) -> Option<T>) -> Option<List<T>> {
    let all: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    let entries: Vec<T> = all.iter().filter_map(|one| read(&Object::parse(one.get())?)).collect();
    Some(List { skipped: all.len() - entries.len(), entries })
}

/// The ids in the answer to a deletion.
pub(super) fn ids(text: &str) -> Option<Vec<Uuid>> {
    let all: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    Some(all.iter().filter_map(|one| Uuid::parse(&serde_json::from_str::<String>(one.get()).ok()?)).collect())
}

fn id(from: &Object<'_>) -> Option<Uuid> {
    from.text("id").as_deref().and_then(Uuid::parse)
}

fn time(from: &Object<'_>, name: &str) -> Option<Timestamp> {
    from.text(name).as_deref().and_then(assumed::time)
}

fn flag(from: &Object<'_>, name: &str) -> Option<bool> {
    serde_json::from_str(from.raw(name)?).ok()
}

pub(super) fn repository<'a>(from: &Object<'a>) -> Option<Repository<'a>> {
    Some(Repository {
        id: id(from)?,
        name: from.some_text("name")?,
        full_name: from.some_text("full_name"),
        description: from.some_text("description"),
        labels: from.texts("labels"),
        created: time(from, "created_at"),
        updated: time(from, "updated_at"),
        favourite: flag(from, "favorite"),
        images: from.number("images_count"),
        tags: from.array("tags").len() as u64,
        recent: from.object("recent_image").as_ref().and_then(image),
        commands: from.pairs("commands"),
    })
}

pub(super) fn image<'a>(from: &Object<'a>) -> Option<Image<'a>> {
    let attrs = from.object("extra_attrs");
    let inside = attrs.clone().unwrap_or_default();
    Some(Image {
        id: id(from)?,
        digest: from.text("digest").and_then(|text| Digest::parse(&text).ok()),
        size: from.number("size"),
        pushed: time(from, "push_time"),
        pulled: time(from, "pull_time"),
        created: inside.text("created").as_deref().and_then(crate::backend::image_config::date),
        platform: platform::platform(&inside),
        commands: from.pairs("commands"),
        attrs: attrs.and_then(|_| from.raw("extra_attrs")).unwrap_or("{}"),
        tags: from.objects("tags").iter().filter_map(tag).collect(),
    })
}

pub(super) fn tag(from: &Object<'_>) -> Option<Tag> {
    Some(Tag {
        id: id(from)?,
        name: from.some_text("name")?,
        full_name: from.some_text("full_name"),
        pushed: time(from, "push_time"),
        pulled: time(from, "pull_time"),
        signed: flag(from, "signed"),
        colour: from.text("color"),
        commands: from.pairs("commands"),
    })
}

pub(super) fn workspace(from: &Object<'_>) -> Option<Workspace> {
    let fields = [("project", "project_name"), ("namespace", "namespace"), ("owner", "owner_email")];
    Some(Workspace {
        id: id(from)?,
        name: from.text("name").unwrap_or_default(),
        more: fields.into_iter().filter_map(|(word, field)| Some((word, from.some_text(field)?))).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

    #[test]
    fn one_wrong_field_spoils_only_itself() {
        let text = format!(
            r#"[{{"id":"{ID}","name":"a","labels":null,"favorite":"yes","images_count":-1,"recent_image":null,"tags":7}},
            {{"id":"{ID}","name":"b","labels":["x",2],"favorite":true,"images_count":3,"created_at":"2024-05-06T07:08:09",
              "recent_image":{{"id":"{ID}","digest":"../x","extra_attrs":[],"size":1e400}},"commands":{{"pull":"p","n":1}}}},
            {{"id":"..","name":"c"}},{{"id":"{ID}"}},null,"text"]"#
        );
        let List { entries, skipped } = list(&text, repository).expect("a list");
        assert_eq!((entries.len(), skipped), (2, 4));
        let [a, b] = &entries[..] else { panic!("two") };
        assert_eq!((a.favourite, a.images, a.tags, a.labels.len()), (None, None, 0, 0));
        assert!(a.recent.is_none() && a.created.is_none());
        assert_eq!((b.favourite, b.images, b.labels.as_slice()), (Some(true), Some(3), &["x".to_owned()][..]));
        assert_eq!(b.commands, [("pull".to_owned(), "p".to_owned())]);
        let recent = b.recent.as_ref().expect("an image");
        assert_eq!((recent.digest.is_none(), recent.size, recent.attrs), (true, None, "{}"));
        assert!(b.created.is_some());
        for other in ["{}", "null", "[", "<html>", ""] {
            assert!(list(other, repository).is_none(), "{other}");
        }
    }

    #[test]
    fn ids_that_are_none_are_not_named() {
        assert_eq!(ids(&format!(r#"["{ID}",7,"x"]"#)).map(|ids| ids.len()), Some(1));
        assert_eq!(ids("{}"), None);
    }
}
