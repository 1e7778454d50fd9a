//! What the user can mean. Each action has a name for the config, a title for help and palette, and a group. Keys are
//! in `assets/keymap.toml`, whether it is possible here in `update::availability`.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    View,
    Move,
    Find,
    Go,
    Anywhere,
}

impl Group {
    pub const ALL: [Self; 5] = [Self::View, Self::Move, Self::Find, Self::Go, Self::Anywhere];

    pub fn title(self) -> &'static str {
        match self {
            Self::View => "THIS VIEW",
            Self::Move => "MOVE",
            Self::Find => "FIND",
            Self::Go => "GO",
            Self::Anywhere => "ANYWHERE",
        }
    }
}

macro_rules! actions {
    ($($variant:ident $name:literal $group:ident $short:literal $title:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action { $($variant,)* }

        impl Action {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in the config.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The words of help and palette.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// One word for the footer.
            pub fn short(self) -> &'static str {
                match self { $(Self::$variant => $short,)* }
            }

            pub fn group(self) -> Group {
                match self { $(Self::$variant => Group::$group,)* }
            }
        }
    };
}

actions! {
    Open "open" View "open" "open",
    Mark "mark" View "mark" "mark, move down",
    MarkRange "range" View "range" "mark a range",
    MarkShown "mark-shown" View "all" "mark all shown",
    InvertMarks "invert-marks" View "invert" "invert marks shown",
    ShowMarked "show-marked" View "marked" "show marked only",
    ClearMarks "clear-marks" View "clear" "clear marks",
    NewTag "new-tag" View "new tag" "new tag, rename or copy...",
    Delete "delete" View "delete" "delete: shows the plan first...",
    MarkRule "mark-rule" View "rule" "mark by a rule...",
    Protect "protect" View "protect" "protect this tag, or lift its protection",
    Label "label" View "label" "label, colour and note...",
    Undo "undo" View "undo" "take back the last change here, or put back what was deleted...",
    StopJob "stop-job" View "stop" "stop this job after the request under way",
    RetryJob "retry-job" View "retry" "try what failed again...",
    Copy "copy" View "copy" "copy...",
    Save "save" View "save" "save the list as a file...",
    Sort "sort" View "sort" "sort...",
    Favourite "favourite" View "favourite" "favourite on or off",
    ShowFavourites "show-favourites" View "favourites" "show favourites only",
    CreateRepository "create-repository" View "create" "create or add a repository...",
    EditRepository "edit-repository" View "edit" "edit a repository, or its account...",
    GeneratePassword "generate-password" View "password" "new password for docker...",
    Search "search" View "search" "search the registry...",
    OpenElsewhere "open-elsewhere" View "at its registry" "open at its own registry",
    Groups "groups" View "registries" "registries that its repositories live at...",
    Scope "scope" View "namespace" "another namespace or workspace...",
    AddRegistry "add-registry" View "add" "add a registry...",
    Credentials "credentials" View "credentials" "sign in...",
    SignOut "sign-out" View "sign out" "sign out",
    Import "import" View "import" "import from Docker and Podman...",
    ForgetRegistry "forget-registry" View "forget" "forget this registry",
    DownloadLayer "download-layer" View "download" "download this layer...",
    UploadLayer "upload-layer" View "upload" "upload an image's metadata and layer...",
    Unfold "unfold" View "unfold" "show tags attached to images (signatures, SBOMs)",
    RawJson "raw" View "raw JSON" "raw JSON, and back",
    LoadLarge "load-large" View "load anyway" "load it in spite of its size",
    Tree "tree" View "tree" "repositories as a tree, or as a list",
    Preview "preview" View "preview" "preview on or off",
    Zoom "zoom" View "zoom" "zoom this pane",
    Down "down" Move "down" "down",
    Up "up" Move "up" "up",
    Top "top" Move "top" "top",
    Bottom "bottom" Move "bottom" "bottom",
    HalfPageDown "half-page-down" Move "half page" "half a page down",
    HalfPageUp "half-page-up" Move "half page" "half a page up",
    PageDown "page-down" Move "page" "page down",
    PageUp "page-up" Move "page" "page up",
    Back "back" Move "back" "back one step",
    NextPane "next-pane" Move "next panel" "next panel",
    PreviousPane "previous-pane" Move "previous panel" "previous panel",
    Panel1 "panel-1" Move "platforms" "panel 1: platforms",
    Panel2 "panel-2" Move "config" "panel 2: config",
    Panel3 "panel-3" Move "layers" "panel 3: layers",
    Panel4 "panel-4" Move "history" "panel 4: history",
    Panel5 "panel-5" Move "referrers" "panel 5: referrers",
    Panel6 "panel-6" Move "raw" "panel 6: raw manifest",
    Filter "filter" Find "filter" "filter",
    NextMatch "next-match" Find "next" "next match",
    PreviousMatch "previous-match" Find "previous" "previous match",
    GoTo "go-to" Go "go to" "favourites and go to a place by name...",
    GoRegistries "go-registries" Go "registries" "registries",
    GoRepositories "go-repositories" Go "repositories" "repositories",
    GoTags "go-tags" Go "tags" "tags",
    LastPlace "last-place" Go "last place" "last place",
    Jobs "jobs" Go "jobs" "jobs of this run",
    History "history" Go "history" "history: what was deleted, and undo",
    Messages "messages" Anywhere "messages" "messages of this run",
    Help "help" Anywhere "help" "this help",
    Palette "palette" Anywhere "commands" "every command",
    Refresh "refresh" Anywhere "refresh" "refresh, or try again",
    RefreshAll "refresh-all" Anywhere "refresh all" "refresh, bypassing the cache",
    ExportLabels "export-labels" Anywhere "export labels" "save labels, notes and favourites as a file...",
    ImportLabels "import-labels" Anywhere "import labels" "labels, notes and favourites from a file...",
    Mouse "mouse" Anywhere "mouse" "mouse on or off",
    NextTheme "next-theme" Anywhere "theme" "next theme",
    Cancel "cancel" Anywhere "cancel" "cancel",
    Suspend "suspend" Anywhere "suspend" "suspend",
    Redraw "redraw" Anywhere "redraw" "redraw everything",
    Quit "quit" Anywhere "quit" "quit",
}

impl Action {
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|a| a.name() == name)
    }
}
