//! What a person means by a key or a palette entry.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    ThisView,
    Move,
    Find,
    Go,
    Anywhere,
}

impl Group {
    pub const ALL: [Self; 5] = [Self::ThisView, Self::Move, Self::Find, Self::Go, Self::Anywhere];

    pub fn title(self) -> &'static str {
        match self {
            Self::ThisView => "This view",
            Self::Move => "Move",
            Self::Find => "Find",
            Self::Go => "Go",
            Self::Anywhere => "Anywhere",
        }
    }
}

macro_rules! actions {
    ($($variant:ident $name:literal $group:ident $title:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($variant,)* }

        impl Action {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable word of config files and the palette.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            pub fn group(self) -> Group {
                match self { $(Self::$variant => Group::$group,)* }
            }
        }
    };
}

actions! {
    Down "down" Move "down",
    Up "up" Move "up",
    Open "open" Move "open",
    Back "back" Move "back one step",
    Top "top" Move "top",
    Bottom "bottom" Move "bottom",
    HalfPageDown "half-page-down" Move "half page down",
    HalfPageUp "half-page-up" Move "half page up",
    PageDown "page-down" Move "page down",
    PageUp "page-up" Move "page up",
    NextPane "next-pane" Move "next pane",
    PreviousPane "previous-pane" Move "previous pane",
    Panel1 "panel-1" Move "panel 1",
    Panel2 "panel-2" Move "panel 2",
    Panel3 "panel-3" Move "panel 3",
    Panel4 "panel-4" Move "panel 4",
    Panel5 "panel-5" Move "panel 5",
    Panel6 "panel-6" Move "panel 6",
    Zoom "zoom" Move "zoom pane",
    GoRegistries "go-registries" Go "registries",
    GoRepositories "go-repositories" Go "repositories",
    GoTags "go-tags" Go "tags",
    LastPlace "last-place" Go "last place",
    GoTo "go-to" Go "favourites, go to...",
    Filter "filter" Find "filter",
    NextMatch "next-match" Find "next match",
    PreviousMatch "previous-match" Find "previous match",
    Sort "sort" ThisView "sort...",
    Preview "preview" ThisView "preview on/off",
    Favourite "favourite" ThisView "favourite on/off",
    CopyTagReference "copy-tag-reference" ThisView "copy tag reference",
    CopyDigestReference "copy-digest-reference" ThisView "copy digest reference",
    CopyPullCommand "copy-pull-command" ThisView "copy pull command",
    CopyTagName "copy-tag-name" ThisView "copy tag name",
    CopyJson "copy-json" ThisView "copy JSON",
    Mark "mark" ThisView "mark, move down",
    MarkRange "mark-range" ThisView "mark a range",
    MarkShown "mark-shown" ThisView "mark all shown",
    InvertMarks "invert-marks" ThisView "invert marks shown",
    ShowMarked "show-marked" ThisView "show marked only",
    ClearMarks "clear-marks" ThisView "clear marks",
    SaveList "save-list" ThisView "save the list...",
    AddRegistry "add-registry" ThisView "add a registry...",
    Credentials "credentials" ThisView "credentials...",
    Import "import" ThisView "import from Docker or Podman...",
    ForgetRegistry "forget-registry" ThisView "forget this registry",
    SignOut "sign-out" ThisView "sign out",
    RawJson "raw-json" ThisView "raw JSON",
    ShowReferrers "show-referrers" ThisView "referrers",
    Refresh "refresh" Anywhere "refresh",
    RefreshWithoutCache "refresh-without-cache" Anywhere "refresh, bypass cache",
    Undo "undo" Anywhere "undo",
    Palette "palette" Anywhere "every command",
    Help "help" Anywhere "this help",
    Quit "quit" Anywhere "quit",
    Cancel "cancel" Anywhere "cancel",
    Suspend "suspend" Anywhere "suspend",
    Redraw "redraw" Anywhere "redraw",
    ToggleMouse "toggle-mouse" Anywhere "mouse on/off",
    NextTheme "next-theme" Anywhere "next theme",
}

impl Action {
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }
}
