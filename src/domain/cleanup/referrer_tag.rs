//! Tags that attach something to an image: `sha256-<hex>` (the referrers fall-back tag of the OCI specification) and
//! cosign's `sha256-<hex>.sig`, `.att`, `.sbom` (oci-distribution.md §8).

use crate::domain::reference::{Digest, TagName};

/// The image such a tag belongs to.
pub fn subject(tag: &TagName) -> Option<Digest> {
    let (hex, suffix) = tag.as_str().strip_prefix("sha256-")?.split_at_checked(64)?;
    let known = matches!(suffix, "" | ".sig" | ".att" | ".sbom");
    Digest::parse(&format!("sha256:{hex}")).ok().filter(|_| known)
}

/// Whether the tag is the index of what refers to an image, not one of these things itself.
pub fn is_fallback(tag: &TagName) -> bool {
    tag.as_str().len() == "sha256-".len() + 64 && subject(tag).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tags_of_that_form_belong_to_an_image() {
        let digest = Digest::of(b"x");
        let base = digest.to_string().replace(':', "-");
        let tag = |text: &str| TagName::parse(text).unwrap();
        for suffix in ["", ".sig", ".att", ".sbom"] {
            assert_eq!(subject(&tag(&format!("{base}{suffix}"))).as_ref(), Some(&digest), "{suffix}");
            assert_eq!(is_fallback(&tag(&format!("{base}{suffix}"))), suffix.is_empty());
        }
        for other in ["latest", "sha256-00", &format!("{base}.txt"), &base.replace(|c: char| c.is_ascii_digit(), "G")] {
            assert_eq!(subject(&tag(other)), None, "{other}");
        }
    }
}
