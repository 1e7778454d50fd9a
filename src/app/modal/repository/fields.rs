//! Which controls the parts of a repository have, and what a server calls them.

use crate::app::list;
use crate::app::modal::form::Control;
use crate::app::modal::form::area::Area;
use crate::app::modal::form::labels::Labels;
use crate::domain::change::Part;
use crate::domain::clean::Clean;
use crate::domain::repository::RepoInfo;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Name,
    Description,
    FullDescription,
    Visibility,
    Labels,
    User,
    Password,
    Go,
    Test,
    Cancel,
}

/// Where they stand.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<Field>);

impl Fields {
    pub fn at(&self, field: Field) -> Option<usize> {
        self.0.iter().position(|one| *one == field)
    }

    pub fn button(&self, at: usize) -> Field {
        self.0.get(at).copied().unwrap_or(Field::Cancel)
    }
}

pub fn label(field: Field) -> &'static str {
    match field {
        Field::Name => "Name",
        Field::Description => "Description",
        Field::FullDescription => "Full text",
        Field::Visibility => "Who sees it",
        Field::Labels => "Labels",
        Field::User => "User",
        Field::Password => "Password",
        Field::Go => "Save",
        Field::Test => "Test",
        Field::Cancel => "Cancel",
    }
}

/// The field that a server's error is about, by the names the systems have for it (alauda.md §3.1, ml-space.md §5,
/// docker-cloud.md §5).
pub fn named(name: &str) -> Option<Field> {
    Some(match name {
        "repo_name" | "name" | "repository" | "namespace" => Field::Name,
        "description" => Field::Description,
        "full_description" => Field::FullDescription,
        "is_public" | "access" => Field::Visibility,
        "labels" | "labels_to_delete" => Field::Labels,
        "username" => Field::User,
        "password" => Field::Password,
        _ => return None,
    })
}

const PRIVATE: &str = "only those with rights (private)";
const PUBLIC: &str = "everybody (public)";

/// What is chosen; nothing where it is left to the registry, or as it is.
pub fn visibility(picked: usize, new: bool, before: &RepoInfo) -> Option<bool> {
    let first = usize::from(new || before.public.is_none());
    match picked.checked_sub(first)? {
        0 => Some(false),
        _ => Some(true),
    }
}

fn who_sees_it(new: bool, before: &RepoInfo) -> Control {
    let options: &[&'static str] = match (new, before.public) {
        (true, _) => &["as the registry has it by itself", PRIVATE, PUBLIC],
        (false, None) => &["stays as it is; the registry does not say how", PRIVATE, PUBLIC],
        (false, Some(_)) => &[PRIVATE, PUBLIC],
    };
    let mut control = Control::choice(label(Field::Visibility), options);
    if let (false, Some(true), Control::Choice { picked, .. }) = (new, before.public, &mut control) {
        *picked = 1;
    }
    control
}

pub fn controls(parts: &[Part], new: bool, before: &RepoInfo) -> (Vec<Control>, Fields) {
    let text = |text: &Option<Clean>| text.as_ref().map_or(String::new(), ToString::to_string);
    let (mut controls, mut fields) = (Vec::new(), Vec::new());
    let mut add = |field, control| {
        fields.push(field);
        controls.push(control);
    };
    for part in parts {
        match part {
            Part::Name => add(Field::Name, Control::text(label(Field::Name), "")),
            Part::Description => {
                add(Field::Description, Control::text(label(Field::Description), &text(&before.description)));
            }
            Part::FullDescription => {
                let area = Area::new(&text(&before.full_description));
                add(Field::FullDescription, Control::Area { label: label(Field::FullDescription), area });
            }
            Part::Visibility => add(Field::Visibility, who_sees_it(new, before)),
            Part::Labels => {
                let labels = Labels::new(&before.labels);
                add(Field::Labels, Control::Labels { label: label(Field::Labels), labels });
            }
            Part::Account => {
                add(Field::User, Control::text(label(Field::User), ""));
                let field = list::Field::default();
                add(Field::Password, Control::Text { label: label(Field::Password), field, secret: true });
            }
        }
    }
    let account = parts.contains(&Part::Account);
    let go = match (new, account) {
        (true, true) => "Add",
        (true, false) => "Create",
        (false, _) => label(Field::Go),
    };
    add(Field::Go, Control::Button { label: go });
    if account {
        add(Field::Test, Control::Button { label: label(Field::Test) });
    }
    add(Field::Cancel, Control::Button { label: label(Field::Cancel) });
    (controls, Fields(fields))
}

/// What to know of a text that is not shown as it is.
pub fn notes(parts: &[Part], before: &RepoInfo) -> Vec<Clean> {
    let odd = |part, text: &Option<Clean>| parts.contains(part) && text.as_ref().is_some_and(Clean::was_changed);
    let words =
        match (odd(&Part::Description, &before.description), odd(&Part::FullDescription, &before.full_description)) {
            (true, true) => {
                "Both texts have signs that are not shown as they are. What you leave alone stays as it is."
            }
            (true, false) => "The description has signs that are not shown as they are. Left alone, it stays as it is.",
            (false, true) => "The full text has signs that are not shown as they are. Left alone, it stays as it is.",
            (false, false) => return Vec::new(),
        };
    vec![Clean::fixed(words)]
}
