//! What a journal keeps of a change by a system's own interface: of what, from what, to what. Never a secret.

use serde::{Deserialize, Serialize};

use super::change::{Change, Form};
use super::clean::Clean;
use super::reference::{Digest, RepoName, TagName};
use super::registry::BackendKind;
use super::repository::RepoInfo;
use super::text;

/// Of this form.
pub const VERSION: u32 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    Recolour,
    Tag,
    Create,
    Edit,
    /// The account an external repository is pulled with.
    Credentials,
    Favourite,
    /// A layer with its image's document.
    Upload,
}

impl What {
    /// What was done, for lists.
    pub fn done(self) -> &'static str {
        match self {
            Self::Recolour => "recoloured",
            Self::Tag => "tagged",
            Self::Create => "created",
            Self::Edit => "edited",
            Self::Credentials => "new credentials",
            Self::Favourite => "favourite",
            Self::Upload => "layer uploaded",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Recolour => "recolour",
            Self::Tag => "tag",
            Self::Create => "create",
            Self::Edit => "edit",
            Self::Credentials => "credentials",
            Self::Favourite => "favourite",
            Self::Upload => "upload",
        }
    }

    /// Why there is no way back from it, here or anywhere else.
    pub fn no_way_back(self) -> Option<&'static str> {
        (self == Self::Upload).then_some("Cannot be undone: no call of Docker Registry v1 takes an image away.")
    }
}

/// One thing that is another one afterwards. `None` before: nothing, or not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// A tag, or a field as people call it.
    pub of: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    pub what: What,
    pub edits: Vec<Edit>,
}

#[derive(Serialize, Deserialize)]
struct Dto {
    version: u32,
    /// Read by `cleanup::json::kind_of`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    change: Recorded,
}

impl Edit {
    fn new(of: &str, before: Option<String>, after: Option<String>) -> Self {
        Self { of: of.to_owned(), before, after }
    }

    /// "#2E86C1 -> none"
    pub fn words(&self) -> String {
        let word = |value: &Option<String>| match value.as_deref() {
            None | Some("") => "none".to_owned(),
            Some(text) => text.to_owned(),
        };
        format!("{} -> {}", word(&self.before), word(&self.after))
    }
}

impl Recorded {
    /// `before`: what was last seen of the repository.
    pub fn of(change: &Change, before: Option<&RepoInfo>) -> Self {
        let (what, edits) = match change {
            Change::Favourite { on, .. } => {
                let word = |on: bool| if on { "yes" } else { "no" }.to_owned();
                let was = before.and_then(|info| info.favourite).map(word);
                (What::Favourite, vec![Edit::new("favourite", was, Some(word(*on)))])
            }
            Change::SetTag { tag, image, .. } => {
                (What::Tag, vec![Edit::new(tag.as_str(), None, Some(image.to_string()))])
            }
            Change::Recolour { tag, colour, .. } => {
                (What::Recolour, vec![Edit::new(tag.as_str(), None, colour.clone())])
            }
            Change::Create(form) => (What::Create, fields(form, None)),
            Change::Edit(form) => (What::Edit, fields(form, before)),
            Change::Credentials { username, password, .. } => {
                let mut edits = Vec::new();
                edits.extend(username.as_ref().map(|name| Edit::new("username", None, Some(name.clone()))));
                edits.extend(password.as_ref().map(|_| Edit::new("password", None, Some("(not kept)".to_owned()))));
                (What::Credentials, edits)
            }
        };
        Self { what, edits }
    }

    /// A layer of so many bytes, from this file.
    pub fn upload(image: &Digest, size: u64, file: &str) -> Self {
        let edits = vec![
            Edit::new("image", None, Some(image.to_string())),
            Edit::new("layer", None, Some(format!("{} of {file}", text::size(size)))),
        ];
        Self { what: What::Upload, edits }
    }

    /// The edit of this tag.
    pub fn of_tag(&self, tag: &TagName) -> Option<&Edit> {
        self.edits.iter().find(|edit| edit.of == tag.as_str())
    }

    /// `kind`: that of the registry.
    pub fn to_json(&self, kind: BackendKind) -> serde_json::Result<String> {
        serde_json::to_string(&Dto { version: VERSION, kind: Some(kind.word().to_owned()), change: self.clone() })
    }

    /// `None` for what is something else, or cannot be read.
    pub fn from_json(text: &str) -> Option<Self> {
        let Dto { version: VERSION, change, .. } = serde_json::from_str(text).ok()? else { return None };
        Some(change)
    }
}

fn fields(form: &Form, before: Option<&RepoInfo>) -> Vec<Edit> {
    let text = |of: &str, was: Option<&Clean>, now: &Option<String>| {
        let was = was.map(ToString::to_string);
        now.as_ref().map(|now| Edit::new(of, was, Some(now.clone())))
    };
    let shown = |public: bool| if public { "public" } else { "private" }.to_owned();
    let mut edits: Vec<Edit> = Vec::new();
    edits.extend(text("description", before.and_then(|info| info.description.as_ref()), &form.description));
    let full = before.and_then(|info| info.full_description.as_ref());
    edits.extend(text("full description", full, &form.full_description));
    let public = before.and_then(|info| info.public).map(shown);
    edits.extend(form.public.map(|now| Edit::new("visibility", public, Some(shown(now)))));
    edits.extend(form.labels_added.iter().map(|label| Edit::new("label", None, Some(label.clone()))));
    edits.extend(form.labels_removed.iter().map(|label| Edit::new("label", Some(label.clone()), None)));
    edits.extend(text("username", None, &form.username));
    edits.extend(form.password.as_ref().map(|_| Edit::new("password", None, Some("(not kept)".to_owned()))));
    edits
}

/// Tags that get other colours, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recolouring {
    /// As named in the config, or the host where it has no name.
    pub registry: String,
    /// `RegistryProfile::origin`
    pub origin: String,
    pub repo: RepoName,
    pub tags: Vec<Repaint>,
    /// It takes such a change back.
    pub takes_back: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaint {
    pub tag: TagName,
    /// As the system had it.
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Recolouring {
    pub fn recorded(&self) -> Recorded {
        let edit = |one: &Repaint| Edit::new(one.tag.as_str(), one.before.clone(), one.after.clone());
        Recorded { what: What::Recolour, edits: self.tags.iter().map(edit).collect() }
    }

    /// What takes these of it back.
    pub fn reversed(&self, which: impl Fn(usize) -> bool) -> Self {
        let these = self.tags.iter().enumerate().filter(|(at, _)| which(*at));
        let back = these.map(|(_, one)| Repaint {
            tag: one.tag.clone(),
            before: one.after.clone(),
            after: one.before.clone(),
        });
        Self { tags: back.collect(), takes_back: !self.takes_back, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;
    use crate::domain::cleanup::json::kind_of;

    fn repo() -> RepoName {
        RepoName::parse("team/app").unwrap()
    }

    #[test]
    fn what_was_changed_is_kept_and_no_secret() {
        let info = RepoInfo { description: Some(Clean::fixed("old")), public: Some(true), ..RepoInfo::default() };
        let form = Form {
            description: Some("new".to_owned()),
            public: Some(false),
            labels_added: vec!["a".to_owned()],
            labels_removed: vec!["b".to_owned()],
            password: Some(SecretString::from("geheim")),
            ..Form::new(repo())
        };
        let kept = Recorded::of(&Change::Edit(Box::new(form)), Some(&info));
        let words: Vec<String> = kept.edits.iter().map(|edit| format!("{}: {}", edit.of, edit.words())).collect();
        let want = [
            "description: old -> new",
            "visibility: public -> private",
            "label: none -> a",
            "label: b -> none",
            "password: none -> (not kept)",
        ];
        assert_eq!(words, want);
        let json = kept.to_json(BackendKind::MlSpace).unwrap();
        assert!(!json.contains("geheim"));
        assert_eq!(Recorded::from_json(&json), Some(kept));
        let password = Some(SecretString::from("geheim"));
        let change = Change::Credentials { repo: repo(), username: Some("ann".to_owned()), password };
        let json = Recorded::of(&change, None).to_json(BackendKind::DockerCloud).unwrap();
        assert!(json.contains("ann") && !json.contains("geheim"), "{json}");
        assert_eq!(kind_of(&json), BackendKind::DockerCloud);
        let info = RepoInfo { favourite: Some(false), ..RepoInfo::default() };
        let favourite = Recorded::of(&Change::Favourite { repo: repo(), on: true }, Some(&info));
        assert_eq!((favourite.what, favourite.edits[0].words()), (What::Favourite, "no -> yes".to_owned()));
        assert_eq!(Recorded::from_json(&json.replace("\"version\":1", "\"version\":2")), None);
    }

    #[test]
    fn only_what_was_done_is_taken_back() {
        let tag = |name: &str| TagName::parse(name).unwrap();
        let one = |name: &str| Repaint { tag: tag(name), before: None, after: Some("#000000".to_owned()) };
        let tags = vec![one("a"), one("b")];
        let work =
            Recolouring { registry: "ml".into(), origin: "https://m".into(), repo: repo(), tags, takes_back: false };
        let back = work.reversed(|at| at == 1);
        assert_eq!(back.tags, [Repaint { tag: tag("b"), before: Some("#000000".to_owned()), after: None }]);
        assert!(back.takes_back);
    }
}
