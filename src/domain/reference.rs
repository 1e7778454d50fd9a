//! Names of the OCI Distribution specification, parsed once and trusted from then on.
//!
//! A `RepoName`, `TagName` or `Digest` that exists has the form the specification demands, so it can go into a
//! request path or a file name without further checks (CVE-2024-3727 was the lack of exactly that).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use sha2::{Digest as _, Sha256, Sha512};

use super::clean::{self, Clean};

/// A text that is not a name of the wanted kind. The text itself is cleaned: it came from a server or a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not a valid {what}")]
pub struct InvalidName {
    pub what: &'static str,
    pub text: Clean,
}

fn invalid(what: &'static str, text: &str) -> InvalidName {
    InvalidName { what, text: clean::identifier(text) }
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/…)*`, at most 255 characters (distribution-spec, "Pulling manifests").
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepoName(Arc<str>);

impl RepoName {
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let ok = !text.is_empty() && text.len() <= 255 && text.split('/').all(is_path_component);
        if ok { Ok(Self(text.into())) } else { Err(invalid("repository name", text)) }
    }

    /// The names of older and vendor systems: capitals, hosts with a port, more separators (docker-v1.md §1,
    /// docker-cloud.md §1). Still nothing that a path could be taken apart with: no empty part, no `.` or `..`, nothing
    /// that has a meaning in a web address.
    pub fn loose(text: &str) -> Result<Self, InvalidName> {
        let part = |part: &str| {
            let bytes = part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:-".contains(&b));
            !part.is_empty() && bytes && part.bytes().any(|b| b.is_ascii_alphanumeric())
        };
        let ok = !text.is_empty() && text.len() <= 255 && text.split('/').all(part);
        if ok { Ok(Self(text.into())) } else { Err(invalid("repository name", text)) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for RepoName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

fn is_path_component(part: &str) -> bool {
    let alnum = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = part.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    if !alnum(*first) || !alnum(*last) {
        return false;
    }
    let mut rest = bytes;
    while let Some(start) = rest.iter().position(|b| !alnum(*b)) {
        let end = rest[start..].iter().position(|b| alnum(*b)).map_or(rest.len(), |n| start + n);
        let separator = &rest[start..end];
        let fine = matches!(separator, b"." | b"_" | b"__") || separator.iter().all(|b| *b == b'-');
        if !fine {
            return false;
        }
        rest = &rest[end..];
    }
    true
}

/// The bytes of tags. Lists have them by the million.
const TAG: [bool; 256] = {
    let mut all = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        let b = byte as u8;
        all[byte] = b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        byte += 1;
    }
    all
};

/// `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TagName(Arc<str>);

impl TagName {
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let bytes = text.as_bytes();
        let ok = bytes.len() <= 128
            && bytes.first().is_some_and(|b| !matches!(b, b'.' | b'-'))
            && bytes.iter().all(|b| TAG[usize::from(*b)]);
        if ok { Ok(Self(text.into())) } else { Err(invalid("tag", text)) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for TagName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Algorithms of our own, for what other systems have in the place of a digest. No registry's answer can name them: a
/// digest that is parsed must not begin with either.
const IMAGE_ID: &str = "image-id:";
const UNTOLD: &str = "untold:";

/// The digest of content. `sha256` is stored as its 32 bytes; other well-formed algorithms keep their text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Digest {
    Sha256([u8; 32]),
    Other(Arc<str>),
}

impl Hash for Digest {
    /// All of it: a hostile manifest may list any number of digests that begin alike. As words, since long lists are
    /// looked up by the hundred thousand.
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Sha256(bytes) => {
                let (words, _) = bytes.as_chunks();
                words.iter().for_each(|word| state.write_u64(u64::from_ne_bytes(*word)));
            }
            Self::Other(text) => text.hash(state),
        }
    }
}

impl Digest {
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let bad = || invalid("digest", text);
        if text.len() > 512 {
            return Err(bad());
        }
        let (algorithm, encoded) = text.split_once(':').ok_or_else(bad)?;
        match algorithm {
            "sha256" => Ok(Self::Sha256(unhex(encoded).ok_or_else(bad)?)),
            "sha512" if encoded.len() == 128 && encoded.bytes().all(is_lower_hex) => Ok(Self::Other(text.into())),
            "sha512" => Err(bad()),
            _ if text.starts_with(IMAGE_ID) || text.starts_with(UNTOLD) => Err(bad()),
            _ => {
                let component =
                    |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
                let algorithm_ok = algorithm.split(['+', '.', '_', '-']).all(component);
                let encoded_ok =
                    !encoded.is_empty() && encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"=_-".contains(&b));
                if algorithm_ok && encoded_ok { Ok(Self::Other(text.into())) } else { Err(bad()) }
            }
        }
    }

    /// The id of an image in a system that knows no digests (docker-v1.md §1, alauda.md §3.2): not the hash of anything
    /// that can be read. Equal ids are one image.
    pub fn image_id(hex: &str) -> Result<Self, InvalidName> {
        let ok = (12..=64).contains(&hex.len()) && hex.bytes().all(is_lower_hex);
        if ok { Ok(Self::Other(format!("{IMAGE_ID}{hex}").into())) } else { Err(invalid("image id", hex)) }
    }

    /// What stands for the image of a tag whose system does not say which it is: equal to no other.
    pub fn untold(tag: &TagName) -> Self {
        Self::Other(format!("{UNTOLD}{}", hex(tag.as_str().as_bytes())).into())
    }

    /// As our own files have it: a digest, or one of the two above.
    pub fn stored(text: &str) -> Result<Self, InvalidName> {
        match (text.strip_prefix(IMAGE_ID), text.strip_prefix(UNTOLD)) {
            (Some(id), _) => Self::image_id(id),
            (_, Some(tag)) if !tag.is_empty() && tag.len() <= 256 && tag.bytes().all(is_lower_hex) => {
                Ok(Self::Other(text.into()))
            }
            _ => Self::parse(text),
        }
    }

    /// The id, where it is one of `image_id`.
    pub fn as_image_id(&self) -> Option<&str> {
        match self {
            Self::Other(text) => text.strip_prefix(IMAGE_ID),
            Self::Sha256(_) => None,
        }
    }

    /// It is the digest of content, as the OCI specification means it.
    pub fn is_of_content(&self) -> bool {
        !matches!(self, Self::Other(text) if text.starts_with(IMAGE_ID) || text.starts_with(UNTOLD))
    }

    /// The sha256 digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::Sha256(Sha256::digest(bytes).into())
    }

    /// Whether `bytes` have this digest; `None` when the algorithm is not one that can be computed here.
    pub fn matches(&self, bytes: &[u8]) -> Option<bool> {
        match self {
            Self::Sha256(want) => Some(<[u8; 32]>::from(Sha256::digest(bytes)) == *want),
            Self::Other(text) => {
                let want = text.strip_prefix("sha512:")?;
                Some(hex(&Sha512::digest(bytes)) == want)
            }
        }
    }

    /// The first 12 characters of the encoded part, as docker shows them; nothing of what is not told.
    pub fn short(&self) -> String {
        match self {
            Self::Other(text) if text.starts_with(UNTOLD) => String::new(),
            Self::Sha256(bytes) => hex(&bytes[..6]),
            Self::Other(text) => text.split(':').nth(1).unwrap_or("").chars().take(12).collect(),
        }
    }
}

/// Lower-case hexadecimal text.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

fn is_lower_hex(b: u8) -> bool {
    b.is_ascii_digit() || (b'a'..=b'f').contains(&b)
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let bytes = text.as_bytes();
    if bytes.len() != 64 || !bytes.iter().copied().all(is_lower_hex) {
        return None;
    }
    let nibble = |b: u8| if b.is_ascii_digit() { b - b'0' } else { b - b'a' + 10 };
    let mut out = [0; 32];
    for (slot, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
        *slot = nibble(pair[0]) << 4 | nibble(pair[1]);
    }
    Some(out)
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256(bytes) => write!(f, "sha256:{}", hex(bytes)),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// What a manifest request names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    Tag(TagName),
    Digest(Digest),
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => tag.fmt(f),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

macro_rules! text_name {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )*};
}
text_name!(RepoName, TagName);

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repository_names_follow_the_grammar() {
        for good in ["a", "library/alpine", "a.b/c_d/e__f/g--h", "0/1"] {
            assert!(RepoName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "A", "a/", "/a", "a//b", "a___b", "a._b", "-a", "a-", "a b", "../x", "a\u{1b}"] {
            assert!(RepoName::parse(bad).is_err(), "{bad}");
        }
        assert!(RepoName::parse(&"a".repeat(256)).is_err());
    }

    #[test]
    fn tags_follow_the_grammar() {
        for good in ["latest", "_x", "1.0-rc.1", &"a".repeat(128)] {
            assert!(TagName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", ".a", "-a", "a/b", "a:b", "ä", &"a".repeat(129)] {
            assert!(TagName::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn digests_are_checked_before_anything_uses_them() {
        let good = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(Digest::parse(&good).unwrap().to_string(), good);
        assert_eq!(Digest::parse(&good).unwrap().short(), "0a0a0a0a0a0a");
        assert!(Digest::parse("blake3+x:AZaz09=_-").is_ok());
        for bad in ["", "sha256:", "sha256:../../x", "sha256:%2e%2e", "sha512:ab", ":x", "SHA256:aa"] {
            assert!(Digest::parse(bad).is_err(), "{bad}");
        }
        assert!(Digest::parse(&format!("sha256:{}", "0A".repeat(32))).is_err());
        assert!(Digest::parse(&format!("a:{}", "x".repeat(10_240))).is_err());
    }

    #[test]
    fn other_systems_have_other_names_that_are_still_safe_in_a_path() {
        for good in ["acme/API", "library/x", "quay.io/acme/tools/api", "host:5000/a", "a___b", "_private/x"] {
            assert!(RepoName::loose(good).is_ok(), "{good}");
        }
        for bad in ["", "a//b", "/a", "a/", "../x", "a/..", "a/.", "a b", "a?b", "a#b", "a%2f", "a\\b", "ä", "a\u{1b}"]
        {
            assert!(RepoName::loose(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ids_of_images_are_told_from_digests() {
        let id = "0a".repeat(32);
        let image = Digest::image_id(&id).unwrap();
        assert_eq!((image.as_image_id(), image.is_of_content()), (Some(id.as_str()), false));
        assert_eq!(image.short(), "0a0a0a0a0a0a");
        assert!(Digest::parse(&image.to_string()).is_err(), "no registry can send one in the place of a digest");
        assert_eq!(Digest::stored(&image.to_string()).unwrap(), image);
        for bad in ["", "0a0a", "0A0A0A0A0A0A", "../../../../../x", &"0a".repeat(33)] {
            assert!(Digest::image_id(bad).is_err(), "{bad}");
        }
        let [a, b] = ["a", "b"].map(|tag| Digest::untold(&TagName::parse(tag).unwrap()));
        assert_ne!(a, b);
        assert_eq!((a.short().as_str(), a.is_of_content(), a.as_image_id()), ("", false, None));
        assert!(Digest::parse(&a.to_string()).is_err());
        assert_eq!(Digest::stored(&a.to_string()).unwrap(), a);
        assert!(Digest::stored("untold:../x").is_err() && Digest::stored("image-id:..").is_err());
        assert!(Digest::of(b"").is_of_content());
    }

    #[test]
    fn content_is_compared_with_its_digest() {
        let digest = Digest::of(b"hello");
        assert_eq!(digest.matches(b"hello"), Some(true));
        assert_eq!(digest.matches(b"hello\n"), Some(false));
        assert_eq!(Digest::parse("blake3:00").unwrap().matches(b""), None);
    }
}
