//! The border between foreign text and the terminal.

use std::fmt;
use std::sync::Arc;

/// Text that may reach a screen, a terminal or a log: it holds no control character, no bidirectional override and
/// no invisible character. Only the functions of this module make one from foreign text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Clean(Arc<str>);

impl Clean {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Our own words, known at compile time.
    pub fn fixed(text: &'static str) -> Self {
        Self(text.into())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A name, tag, digest or host.
pub fn identifier(text: &str) -> Clean {
    Clean(text.escape_debug().to_string().into())
}

/// One line of prose: a label, an annotation, an error message.
pub fn line(text: &str) -> Clean {
    Clean(text.escape_debug().to_string().into())
}

/// Several lines of prose; newlines stay, tabs become spaces.
pub fn block(text: &str) -> Clean {
    Clean(text.escape_debug().to_string().into())
}
