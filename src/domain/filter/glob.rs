//! Globs, as shells and git have them, written as regular expressions.

/// The expression for the whole of a name, or what is wrong with the glob. `*` and `?` pass slashes: names are not paths
/// here, and `pr-*` means every one of them. Between slashes `**` stands for any number of parts, none included.
pub fn expression(glob: &str) -> Result<String, &'static str> {
    let mut out = String::from(r"^(?s:");
    let mut rest = glob.chars().peekable();
    let mut open = 0;
    // What stands before decides what `**` means.
    let mut after_slash = true;
    while let Some(c) = rest.next() {
        let was_after_slash = std::mem::replace(&mut after_slash, c == '/');
        match c {
            '*' => {
                let mut stars = 1;
                while rest.next_if_eq(&'*').is_some() {
                    stars += 1;
                }
                if stars == 2 && was_after_slash && rest.next_if_eq(&'/').is_some() {
                    out.push_str("(?:.*/)?");
                    after_slash = true;
                } else {
                    out.push_str(".*");
                }
            }
            '?' => out.push('.'),
            '[' => class(&mut rest, &mut out)?,
            '{' => {
                open += 1;
                out.push_str("(?:");
            }
            ',' if open > 0 => out.push('|'),
            '}' => {
                open = i32::checked_sub(open, 1).filter(|open| *open >= 0).ok_or("a } closes no {")?;
                out.push(')');
            }
            '\\' => literal(rest.next().ok_or("nothing follows the last \\")?, &mut out),
            c => literal(c, &mut out),
        }
    }
    if open > 0 {
        return Err("a { is not closed");
    }
    out.push_str(")$");
    Ok(out)
}

/// What stands between the brackets; the first one is read already.
fn class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) -> Result<(), &'static str> {
    const UNCLOSED: &str = "a [ is not closed";
    out.push('[');
    if rest.next_if(|c| matches!(c, '!' | '^')).is_some() {
        out.push('^');
    }
    let mut first = true;
    loop {
        let c = rest.next().ok_or(UNCLOSED)?;
        if c == ']' && !first {
            out.push(']');
            return Ok(());
        }
        first = false;
        literal(c, out);
        // A dash at the end is a dash.
        if rest.next_if_eq(&'-').is_some() {
            match rest.peek().copied().ok_or(UNCLOSED)? {
                ']' => out.push_str(r"\-"),
                end if end < c => return Err("a range ends before it begins"),
                end => {
                    rest.next();
                    out.push('-');
                    literal(end, out);
                }
            }
        }
    }
}

fn literal(c: char, out: &mut String) {
    out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(glob: &str, name: &str) -> bool {
        regex::Regex::new(&expression(glob).unwrap()).unwrap().is_match(name)
    }

    #[test]
    fn globs_match_whole_names() {
        for (glob, yes, no) in [
            ("pr-*", &["pr-1", "pr-", "pr-a/b"][..], &["xpr-1", "pr"][..]),
            ("v?.0", &["v1.0", "vé.0"], &["v10.0", "v.0", "v1x0"]),
            ("*-rc", &["1-rc", "-rc"], &["1-rc1"]),
            ("[0-9]*", &["1", "9x"], &["x1", ""]),
            ("[!0-9]*", &["x1"], &["1x", ""]),
            ("[^a]", &["b"], &["a"]),
            ("[]a-]", &["]", "a", "-"], &["b"]),
            ("[a-]b", &["ab", "-b"], &["bb"]),
            ("{dev,pr-*}", &["dev", "pr-7"], &["devs", "pr"]),
            ("v{1,2{a,b}}", &["v1", "v2a", "v2b"], &["v2", "v"]),
            ("a,b", &["a,b"], &["a", "b"]),
            (r"\*x\[", &["*x["], &["ax["]),
            ("1.0+", &["1.0+"], &["1.00", "1x0+"]),
            ("team/*", &["team/a", "team/a/b"], &["team"]),
            ("**/api", &["api", "a/api", "a/b/api"], &["xapi"]),
            ("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["ab", "a/xb"]),
            ("a/**", &["a/", "a/b/c"], &["a"]),
            ("a**b", &["ab", "a/b"], &["a"]),
            ("***", &["", "x/y"], &[]),
            ("é*", &["éa"], &["ea"]),
            ("a\nb", &["a\nb"], &["a b"]),
        ] {
            for name in yes {
                assert!(matches(glob, name), "{glob} and {name}");
            }
            for name in no {
                assert!(!matches(glob, name), "{glob} and not {name}");
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (glob, why) in [
            ("[a", "a [ is not closed"),
            ("[", "a [ is not closed"),
            ("[]", "a [ is not closed"),
            ("[a-", "a [ is not closed"),
            ("[z-a]", "a range ends before it begins"),
            ("{a", "a { is not closed"),
            ("a}", "a } closes no {"),
            ("a\\", "nothing follows the last \\"),
        ] {
            assert_eq!(expression(glob), Err(why), "{glob}");
        }
    }

    proptest::proptest! {
        /// Whatever is typed is an expression, or a sentence; and what holds no sign of a glob matches itself.
        #[test]
        fn every_text_is_a_glob_or_refused(text in r"[a-c*?\[\]{},\\!^/.+$()|-]{0,12}") {
            if let Ok(expression) = expression(&text) {
                let regex = regex::Regex::new(&expression);
                proptest::prop_assert!(regex.is_ok(), "{text}: {regex:?}");
                if !text.contains(['*', '?', '[', ']', '{', '}', ',', '\\']) {
                    proptest::prop_assert!(regex.unwrap().is_match(&text), "{text}");
                }
            }
        }
    }
}
