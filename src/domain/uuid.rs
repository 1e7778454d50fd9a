//! Ids that are UUIDs, checked for their form before one goes into a path.

use std::fmt;

/// A UUID of any version: what its bits mean is its server's business.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(into = "String")]
pub struct Uuid(u128);

impl Uuid {
    /// Five groups of hexadecimal digits and nothing else: no braces, no `urn:uuid:`, no spaces.
    pub fn parse(text: &str) -> Option<Self> {
        let groups: Vec<&str> = text.split('-').collect();
        let digits = |group: &str| group.bytes().all(|b| b.is_ascii_hexdigit());
        let lengths = [8, 4, 4, 4, 12];
        let formed = groups.len() == lengths.len()
            && groups.iter().zip(lengths).all(|(group, length)| group.len() == length && digits(group));
        if !formed {
            return None;
        }
        u128::from_str_radix(&groups.concat(), 16).ok().map(Self)
    }

    /// A UUID of version 4 with these bits where it is free.
    pub fn with_bits(bits: u128) -> Self {
        let version = bits & !(0xf << 76) | 0x4 << 76;
        Self(version & !(0x3 << 62) | 0x2 << 62)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:032x}", self.0);
        write!(f, "{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Uuid> for String {
    fn from(id: Uuid) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Uuid;

    #[test]
    fn any_version_is_an_id_and_the_text_comes_back() {
        for text in ["3fa85f64-5717-4562-b3fc-2c963f66afa6", "44b5e14a-3919-11ea-8f8f-3a4ce9d1e497"] {
            assert_eq!(Uuid::parse(text).map(|id| id.to_string()).as_deref(), Some(text));
            assert_eq!(Uuid::parse(&text.to_uppercase()), Uuid::parse(text));
        }
    }

    #[test]
    fn what_could_lead_elsewhere_is_no_id() {
        let close = "3fa85f64-5717-4562-b3fc-2c963f66afa";
        for text in ["", "..", "../v1/users/generate_password", close, "+fa85f64-5717-4562-b3fc-2c963f66afa6"] {
            assert_eq!(Uuid::parse(text), None, "{text}");
        }
        for end in ["/", "66", "\n", "?"] {
            assert_eq!(Uuid::parse(&format!("{close}6{end}")), None, "{end:?}");
        }
        assert_eq!(Uuid::parse("{3fa85f64-5717-4562-b3fc-2c963f66afa6}"), None);
    }

    #[test]
    fn made_ids_are_of_version_four() {
        for bits in [0, u128::MAX, 0x1234_5678_9abc_def0_1234_5678_9abc_def0] {
            let text = Uuid::with_bits(bits).to_string();
            assert_eq!(&text[14..15], "4");
            assert!("89ab".contains(&text[19..20]), "{text}");
            assert_eq!(Uuid::parse(&text).map(|id| id.to_string()), Some(text));
        }
    }
}
