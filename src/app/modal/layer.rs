//! A layer by itself: into which file, or from which files; and, before anything is sent, what a push would do.

use super::file_form::{FileForm, NotSaved, Pressed};
use super::form::{Control, Done, Form};
use super::{Outcome, Then};
use crate::app::key::{Key, KeyCode as Code};
use crate::app::layer::{LayerOrder, PushPlan};
use crate::app::msg::RequestId;
use crate::domain::clean::Clean;
use crate::domain::reference::{Digest, RepoName};
use crate::domain::registry::RegistryId;

#[derive(Clone, Debug)]
pub enum LayerDialog {
    Fetch(Fetch),
    Push(Push),
}

#[derive(Clone, Debug)]
pub struct Fetch {
    pub registry: RegistryId,
    pub repo: RepoName,
    pub image: Digest,
    pub size: Option<u64>,
    pub to: FileForm,
    /// The file is being looked at.
    pub looking: Option<RequestId>,
    /// And may be replaced.
    pub replace: bool,
}

const FILE: usize = 0;
const DOWNLOAD: &str = "Download";

impl Fetch {
    pub fn new(registry: RegistryId, repo: RepoName, image: Digest, size: Option<u64>, file: &str) -> Self {
        let form = Form::new(vec![
            Control::text("File", file),
            Control::Button { label: DOWNLOAD },
            Control::Button { label: "Cancel" },
        ]);
        Self { registry, repo, image, size, to: FileForm::new(form, FILE), looking: None, replace: false }
    }

    pub fn look(&mut self, id: RequestId) {
        (self.looking, self.replace) = (Some(id), self.to.replaces());
        self.to.begin();
    }

    pub fn refused(&mut self, not: NotSaved) {
        self.looking = None;
        self.to.refused(not);
        self.to.label(DOWNLOAD);
    }

    fn key(&mut self, key: Key) -> Outcome {
        // What is looked at is what is there.
        if self.looking.is_some() && key.code != Code::Esc {
            return Outcome::Stay;
        }
        let pressed = self.to.key(key);
        self.to.label(DOWNLOAD);
        match pressed {
            Pressed::Nothing => Outcome::Stay,
            Pressed::Go => Outcome::Act(Then::Layer(Box::new(LayerDialog::Fetch(self.clone())))),
            Pressed::Close => Outcome::Close,
        }
    }

    fn paste(&mut self, text: &str) {
        if self.looking.is_none() {
            self.to.paste(text);
            self.to.label(DOWNLOAD);
        }
    }
}

#[derive(Clone, Debug)]
pub struct Push {
    pub registry: RegistryId,
    pub repo: RepoName,
    files: Form,
    pub error: Option<Clean>,
    /// The files are being looked at, and the server is asked.
    pub looking: Option<RequestId>,
    /// What would be done, with the buttons that decide.
    planned: Option<Box<(PushPlan, Form)>>,
}

const DOCUMENT: usize = 0;
const LAYER: usize = 1;
const LOOK: usize = 2;
const UPLOAD: &str = "Upload";
const BACK: &str = "Other files";

impl Push {
    pub fn new(registry: RegistryId, repo: RepoName) -> Self {
        let files = Form::new(vec![
            Control::text("Metadata", ""),
            Control::text("Layer", ""),
            Control::Button { label: "Look at them" },
            Control::Button { label: "Cancel" },
        ]);
        Self { registry, repo, files, error: None, looking: None, planned: None }
    }

    pub fn form(&self) -> &Form {
        self.planned.as_ref().map_or(&self.files, |planned| &planned.1)
    }

    pub fn plan(&self) -> Option<&PushPlan> {
        self.planned.as_ref().map(|planned| &planned.0)
    }

    /// The metadata, and the layer.
    pub fn files(&self) -> (String, String) {
        (self.files.text(DOCUMENT).trim().to_owned(), self.files.text(LAYER).trim().to_owned())
    }

    pub fn refused(&mut self, why: Clean) {
        (self.looking, self.error) = (None, Some(why));
    }

    /// Enter alone sends nothing: the focus is not on the button that does.
    pub fn planned(&mut self, plan: PushPlan) {
        self.looking = None;
        let labels = if plan.obstacle().is_none() { &[UPLOAD, BACK, "Cancel"][..] } else { &[BACK, "Cancel"] };
        let mut buttons = Form::new(labels.iter().map(|label| Control::Button { label }).collect());
        buttons.focus = labels.len() - 1;
        self.planned = Some(Box::new((plan, buttons)));
    }

    /// What was confirmed.
    pub fn confirmed(&self) -> Option<&LayerOrder> {
        self.plan().filter(|plan| plan.obstacle().is_none()).map(|plan| &plan.order)
    }

    fn key(&mut self, key: Key) -> Outcome {
        let act = |dialog: &Self| Outcome::Act(Then::Layer(Box::new(LayerDialog::Push(dialog.clone()))));
        if let Some(planned) = &mut self.planned {
            let buttons = &mut planned.1;
            let pressed = match buttons.key(key) {
                Done::Nothing => return Outcome::Stay,
                Done::Cancelled => None,
                Done::Pressed(at) => match buttons.controls.get(at) {
                    Some(Control::Button { label }) => Some(*label),
                    _ => None,
                },
            };
            return match pressed {
                Some(UPLOAD) => act(self),
                Some(BACK) => {
                    self.planned = None;
                    Outcome::Stay
                }
                _ => Outcome::Close,
            };
        }
        // What is looked at is what is there.
        if self.looking.is_some() && key.code != Code::Esc {
            return Outcome::Stay;
        }
        match self.files.key(key) {
            Done::Nothing => Outcome::Stay,
            Done::Pressed(LOOK) => {
                let (document, layer) = self.files();
                if document.is_empty() || layer.is_empty() {
                    self.error = Some(Clean::fixed("Enter both files: the image's JSON, and its layer."));
                    self.files.focus = if document.is_empty() { DOCUMENT } else { LAYER };
                    return Outcome::Stay;
                }
                act(self)
            }
            Done::Pressed(_) | Done::Cancelled => Outcome::Close,
        }
    }
}

impl LayerDialog {
    pub fn key(&mut self, key: Key) -> Outcome {
        match self {
            Self::Fetch(dialog) => dialog.key(key),
            Self::Push(dialog) => dialog.key(key),
        }
    }

    /// What is being asked for it.
    pub fn looking(&self) -> Option<RequestId> {
        match self {
            Self::Fetch(dialog) => dialog.looking,
            Self::Push(dialog) => dialog.looking,
        }
    }

    pub fn typing(&self) -> bool {
        match self {
            Self::Fetch(dialog) => dialog.to.form.typing(),
            Self::Push(dialog) => dialog.form().typing(),
        }
    }

    pub fn paste(&mut self, text: &str) {
        match self {
            Self::Fetch(dialog) => dialog.paste(text),
            Self::Push(dialog) if dialog.planned.is_none() && dialog.looking.is_none() => dialog.files.paste(text),
            Self::Push(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::layer::{self, Presence};

    fn press(dialog: &mut LayerDialog, keys: &str) -> Outcome {
        keys.split(' ').map(|key| dialog.key(key.parse().unwrap())).last().unwrap()
    }

    fn image() -> Digest {
        Digest::image_id(&"a".repeat(64)).unwrap()
    }

    fn repo() -> RepoName {
        RepoName::loose("acme/api").unwrap()
    }

    fn planned(now: Presence, parent: Option<Presence>) -> LayerDialog {
        let mut dialog = Push::new(RegistryId(0), repo());
        let push = layer::Push { document: "a.json".into(), layer: "a.tar".into(), digest: Digest::of(b"{}") };
        let way = layer::Way::Push(push);
        let order = LayerOrder { registry: "r".to_owned(), repo: repo(), image: image(), size: Some(9), way };
        let parent = parent.map(|there| (image(), there));
        dialog.planned(PushPlan { order, document: 2, form: "tar", now, parent });
        LayerDialog::Push(dialog)
    }

    #[test]
    fn enter_alone_sends_nothing() {
        let mut dialog = planned(Presence::Missing, None);
        assert!(matches!(press(&mut dialog, "enter"), Outcome::Close));
        let mut dialog = planned(Presence::Half, Some(Presence::There));
        assert!(matches!(press(&mut dialog, "tab enter"), Outcome::Act(Then::Layer(_))));
    }

    #[test]
    fn what_cannot_be_sent_has_no_button_that_sends_it() {
        for (now, parent) in [
            (Presence::There, None),
            (Presence::Missing, Some(Presence::Missing)),
            (Presence::Missing, Some(Presence::Half)),
        ] {
            let mut dialog = planned(now, parent);
            let LayerDialog::Push(push) = &dialog else { unreachable!() };
            assert!(push.confirmed().is_none() && push.form().controls.len() == 2, "{now:?} {parent:?}");
            assert!(matches!(press(&mut dialog, "left enter"), Outcome::Stay), "back to the files");
        }
    }
}
