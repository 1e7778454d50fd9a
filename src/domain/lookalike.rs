//! Hosts that look like a well-known registry and are another one. `ghrc.io` answered with a proper challenge in 2025,
//! only to collect the tokens of people who mistyped `ghcr.io` (safety.md A7).

use super::clean::{self, Clean};

/// Registries that people type by heart.
const KNOWN: [&str; 22] = [
    "docker.io",
    "docker.com",
    "ghcr.io",
    "quay.io",
    "gcr.io",
    "k8s.io",
    "pkg.dev",
    "gitlab.com",
    "github.com",
    "azurecr.io",
    "amazonaws.com",
    "mcr.microsoft.com",
    "public.ecr.aws",
    "registry.redhat.io",
    "registry.access.redhat.com",
    "lscr.io",
    "nvcr.io",
    "icr.io",
    "ocir.io",
    "cgr.dev",
    "jfrog.io",
    "registry.suse.com",
];

/// Letters of other scripts that are drawn like a Latin one.
const TWINS: [(&str, char); 26] = [
    ("аɑα", 'a'),
    ("Ьƅ", 'b'),
    ("сϲ", 'c'),
    ("ԁɗ", 'd'),
    ("еҽ", 'e'),
    ("ғ", 'f'),
    ("ɡց", 'g'),
    ("һհ", 'h'),
    ("іıɩι", 'i'),
    ("ј", 'j'),
    ("ккκ", 'k'),
    ("ӏⅼ", 'l'),
    ("м", 'm'),
    ("ոп", 'n'),
    ("оοօ", 'o'),
    ("рρ", 'p'),
    ("ԛգ", 'q'),
    ("гᴦ", 'r'),
    ("ѕ", 's'),
    ("т", 't'),
    ("υս", 'u'),
    ("ѵν", 'v'),
    ("ԝա", 'w'),
    ("х", 'x'),
    ("уү", 'y'),
    ("ᴢ", 'z'),
];

/// What to say before a password goes to this host (`host[:port][/path]`), if anything.
pub fn warning(host: &str) -> Option<Clean> {
    let name = host.split('/').next().unwrap_or_default();
    let name = name.rsplit_once(':').map_or(name, |(name, _)| name).trim_end_matches('.').to_lowercase();
    let shown: Vec<String> = name.split('.').map(decoded).collect();
    if let Some(label) = shown.iter().find(|label| mixes_scripts(label)) {
        let text = format!("{name} mixes letters of several scripts: “{label}” is not what it looks like.");
        return Some(clean::line(&text));
    }
    let plain: Vec<String> = shown.iter().map(|label| label.chars().map(twin).collect()).collect();
    let plain = plain.join(".");
    if KNOWN.iter().any(|known| is_or_below(&name, known)) {
        return None;
    }
    let known = KNOWN.into_iter().find(|known| resembles(&name, &plain, known))?;
    Some(clean::line(&format!("{name} looks like {known}, and is another host. Is it the one you mean?")))
}

/// Whether `name`, drawn as `plain`, could be taken for `known`. It is not a known one itself.
fn resembles(name: &str, plain: &str, known: &str) -> bool {
    // The name of the other, with something before or after it.
    let borrowed = name.starts_with(&format!("{known}.")) || name.ends_with(&format!("-{known}"));
    borrowed || is_or_below(plain, known) || one_slip(tail(plain, known.split('.').count()), known)
}

fn is_or_below(name: &str, known: &str) -> bool {
    name.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The last labels of a name.
fn tail(name: &str, labels: usize) -> &str {
    name.rmatch_indices('.').nth(labels - 1).map_or(name, |(at, _)| &name[at + 1..])
}

/// One letter changed, added, left out, or two neighbours exchanged.
fn one_slip(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    match (&a[..a.len() - end], &b[..b.len() - end]) {
        ([_], [_]) | ([], [_]) | ([_], []) => true,
        ([p, q], [r, s]) => p == s && q == r,
        _ => false,
    }
}

/// A label in the letters it stands for.
fn decoded(label: &str) -> String {
    let letters = label.strip_prefix("xn--").and_then(idna::punycode::decode_to_string);
    letters.unwrap_or_else(|| label.to_owned())
}

fn twin(letter: char) -> char {
    TWINS.into_iter().find(|(twins, _)| twins.contains(letter)).map_or(letter, |(_, latin)| latin)
}

/// Latin beside a script that has twins of its letters. Latin with accents, or with Chinese, is how people write.
fn mixes_scripts(label: &str) -> bool {
    let script = |letter: char| match letter {
        'a'..='z' | '\u{c0}'..='\u{24f}' => Some(0),
        '\u{370}'..='\u{3ff}' => Some(1),
        '\u{400}'..='\u{52f}' => Some(2),
        '\u{530}'..='\u{58f}' => Some(3),
        _ => None,
    };
    let mut scripts = label.chars().filter_map(script);
    scripts.next().is_some_and(|first| scripts.any(|other| other != first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_from_a_known_registry_is_said() {
        for (host, known) in [
            ("ghrc.io", "ghcr.io"),
            ("docker.1o", "docker.io"),
            ("dokcer.io", "docker.io"),
            ("docker.oi", "docker.io"),
            ("GHCR.lo:443/x", "ghcr.io"),
            ("auth.d0cker.io", "docker.io"),
            ("team.azurecr.lo", "azurecr.io"),
            ("ghcr.io.evil.com", "ghcr.io"),
            ("evil-ghcr.io", "ghcr.io"),
            ("quayy.io.", "quay.io"),
        ] {
            let text = warning(host).unwrap_or_else(|| panic!("{host} is not noticed")).to_string();
            assert!(text.contains(known), "{host}: {text}");
        }
    }

    #[test]
    fn a_name_all_in_letters_of_another_script_is_seen_through() {
        // Cyrillic, drawn like "ocir".
        let host = format!("xn--{}.io", idna::punycode::encode_str("\u{43e}\u{441}\u{456}\u{433}").unwrap());
        assert!(warning(&host).is_some_and(|text| text.as_str().contains("ocir.io")), "{host}");
    }

    #[test]
    fn known_registries_and_ordinary_hosts_pass() {
        for host in KNOWN {
            assert_eq!(warning(host), None, "{host}");
        }
        for host in [
            "registry-1.docker.io",
            "us.gcr.io",
            "registry.gitlab.com",
            "1.dkr.ecr.eu-west-1.amazonaws.com",
            "team.azurecr.io:443",
            "registry.example.com",
            "localhost:5000",
            "127.0.0.1:5000",
            "[::1]:5000",
            "xn--bcher-kva.example",
            "xn--fiqs8s",
            "",
        ] {
            assert_eq!(warning(host), None, "{host}");
        }
    }

    #[test]
    fn mixed_scripts_are_said_with_the_name_that_is_really_asked() {
        // "ghcr" with a Cyrillic "с".
        let host = format!("xn--{}.example", idna::punycode::encode_str("gh\u{441}r").unwrap());
        let text = warning(&host).expect("a warning").to_string();
        assert!(text.contains(&host) && text.contains("scripts"), "{text}");
    }

    #[test]
    fn slips() {
        for (a, b) in [("ab", "ba"), ("abc", "abd"), ("abc", "ab"), ("b", "ab"), ("acb", "abc")] {
            assert!(one_slip(a, b) && one_slip(b, a), "{a} {b}");
        }
        for (a, b) in [("abc", "abc"), ("abcd", "badc"), ("abc", "cba"), ("", "ab")] {
            assert!(!one_slip(a, b), "{a} {b}");
        }
    }
}
