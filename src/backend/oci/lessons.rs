//! What a repository's answers have taught about deleting (oci-distribution.md §11.2).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::backend::error::Error;
use crate::domain::capability::{DeleteSemantics, Deletes, Learnt, Support};
use crate::domain::clean;
use crate::domain::error::ErrorKind;
use crate::domain::reference::RepoName;

/// Repositories remembered. Forgetting costs one refusal.
const MOST: usize = 10_000;

#[derive(Default)]
pub(super) struct Lessons(Mutex<HashMap<RepoName, Deletes>>);

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Tag,
    Manifest,
}

impl Lessons {
    pub(super) fn of(&self, repo: &RepoName) -> Deletes {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(repo).cloned().unwrap_or_default()
    }

    /// Whether the answer to a DELETE taught something.
    pub(super) fn learn(&self, repo: &RepoName, what: What, answer: Result<u16, &Error>) -> bool {
        let Some(support) = taught(what, answer) else { return false };
        let by = match answer {
            Ok(status) => clean::line(&format!("{repo}: answered {status} to deleting a {}", what.word())),
            Err(error) => error.what.clone(),
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        let deletes = known.entry(repo.clone()).or_default();
        let learnt = Learnt { support, by: Some(by) };
        match what {
            What::Tag => deletes.tag = learnt,
            What::Manifest => deletes.manifest = learnt,
        }
        true
    }
}

impl What {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Manifest => "manifest",
        }
    }
}

/// A refusal because of the content (an index refers to it, a tag is protected) says nothing about the ability.
fn taught(what: What, answer: Result<u16, &Error>) -> Option<Support> {
    match (what, answer) {
        (_, Ok(200..300)) => Some(Support::Yes),
        // The manifest that was not there could have been deleted. Of tags this says nothing: a registry that does not
        // know them looks for a manifest of that name.
        (What::Manifest, Ok(404)) => Some(Support::Yes),
        (_, Ok(_)) => None,
        (What::Tag, Err(error)) if no_such_way(error) => Some(Support::No),
        (_, Err(error)) => (error.kind == ErrorKind::Unsupported && error.status.is_some()).then_some(Support::No),
    }
}

/// distribution 2.8 takes a tag for a digest that is none (oci-distribution.md §11.1).
pub(super) fn no_such_way(error: &Error) -> bool {
    error.status == Some(400) && error.code.as_ref().is_some_and(|code| code.as_str() == "DIGEST_INVALID")
}

/// For the registry as a whole, as far as one repository's answers tell.
pub(super) fn semantics(deletes: &Deletes) -> DeleteSemantics {
    match (deletes.tag.support, deletes.manifest.support) {
        (Support::Yes, _) => DeleteSemantics::TagOnly,
        (Support::No, Support::Yes) => DeleteSemantics::ManifestAndAllItsTags,
        (Support::No, Support::No) => DeleteSemantics::Unsupported,
        _ => DeleteSemantics::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, code: &str, kind: ErrorKind) -> Error {
        Error { status: Some(status), code: Some(clean::line(code)), ..Error::new(kind, "no") }
    }

    #[test]
    fn what_answers_teach() {
        let lesson = |what, error: &Error| taught(what, Err(error));
        let digest_invalid = refused(400, "DIGEST_INVALID", ErrorKind::Refused);
        assert_eq!(lesson(What::Tag, &digest_invalid), Some(Support::No));
        assert_eq!(lesson(What::Manifest, &digest_invalid), None);
        for status in [400, 405] {
            let error = refused(status, "UNSUPPORTED", ErrorKind::Unsupported);
            assert_eq!(lesson(What::Tag, &error), Some(Support::No));
            assert_eq!(lesson(What::Manifest, &error), Some(Support::No));
        }
        for error in [
            refused(405, "DENIED", ErrorKind::Denied),
            refused(412, "PRECONDITION", ErrorKind::Refused),
            refused(401, "UNAUTHORIZED", ErrorKind::SignIn),
            refused(429, "TOOMANYREQUESTS", ErrorKind::RateLimited),
            refused(500, "UNKNOWN", ErrorKind::Server),
            Error::unsupported("this"),
        ] {
            assert_eq!((lesson(What::Tag, &error), lesson(What::Manifest, &error)), (None, None), "{error:?}");
        }
        assert_eq!(taught(What::Tag, Ok(202)), Some(Support::Yes));
        assert_eq!((taught(What::Tag, Ok(404)), taught(What::Manifest, Ok(404))), (None, Some(Support::Yes)));
    }
}
