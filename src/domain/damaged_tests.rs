//! Names, prose and filters that are nearly right.

use jiff::Timestamp;
use proptest::prelude::*;

use super::clean;
use super::damaged::{soon, text};
use super::filter::{Field, Filter, Row};
use super::reference::{Digest, RepoName, TagName};
use super::text as words;

const NAMES: &[&str] = &[
    "team/checkout/api",
    "a__b/c-d.e",
    "v1.2.3-rc1_x",
    "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    "a+b.c_d-e:x=_-Z",
];
const PROSE: &[&str] = &[
    "plain words",
    "\u{1b}]0;title\u{7}\u{9b}2J\r\n\ttab",
    "adm\u{200b}in \u{202e}desrever\u{202c} 👩\u{200d}💻 ❤\u{fe0f} 日本 e\u{301}",
    "https://user:pass@h.example:443/p?X-Amz-Signature=s&n=5#frag",
];
const FILTERS: &[&str] = &[
    "pr-* !~^v\\d+$ \"a b\" size>500M age<30d state:dangling",
    "semver>=1.2 label:none shared age>9223372036854775807y",
    "~(a+)+b{2,9} team/*?x[0-9] is:favourite digest:77ab platform:linux/arm64",
];

fn is_visible(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

proptest! {
    #[test]
    fn names(name in text(NAMES)) {
        let (repo, tag, digest) = soon(|| (RepoName::parse(&name), TagName::parse(&name), Digest::parse(&name)));
        let safe = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/:+=".contains(&b));
        if let Ok(repo) = repo {
            prop_assert_eq!(repo.as_str(), &name);
            prop_assert!(safe(&name) && !name.split('/').any(|part| part.is_empty() || part.starts_with('.')));
        }
        if let Ok(tag) = tag {
            prop_assert_eq!(tag.as_str(), &name);
            prop_assert!(safe(&name) && !name.contains('/') && !name.starts_with('.') && name.len() <= 128);
        }
        if let Ok(digest) = digest {
            prop_assert_eq!(digest.to_string(), name.clone());
            prop_assert!(safe(&name) && !name.contains('/') && !name.contains(".."), "{}", name);
        }
    }

    #[test]
    fn prose(prose in text(PROSE)) {
        for cleaned in [soon(|| clean::identifier(&prose)), soon(|| clean::line(&prose)), soon(|| clean::url(&prose))] {
            prop_assert!(is_visible(cleaned.as_str()));
        }
        prop_assert!(soon(|| clean::block(&prose)).as_str().split('\n').all(is_visible));
        soon(|| (words::parse_size(&prose), words::parse_span(&prose)));
    }

    #[test]
    fn filters(filter in text(FILTERS)) {
        let Ok(filter) = soon(|| Filter::parse(&filter)) else { return Ok(()) };
        let row = Row { name: "team/checkout/api", size: Field::Is(u64::MAX), label: Field::Is("x"), ..Row::default() };
        for now in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            for created in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
                soon(|| filter.matches(&Row { created: Field::Is(created), ..row }, now));
            }
        }
    }
}
