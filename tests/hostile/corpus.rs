//! Text that tries to drive a terminal or to deceive its reader.

/// A mark that shows that a text came through, whatever became of the rest of it.
pub const TRACE: &str = "trc";

pub fn texts() -> Vec<String> {
    let texts = [
        "\u{1b}]0;owned\u{7}",
        "\u{1b}]2;owned\u{1b}\\",
        "\u{1b}]8;;http://evil.example/\u{1b}\\link\u{1b}]8;;\u{1b}\\",
        "\u{1b}]52;c;cm0gLXJmIC8=\u{7}",
        "\u{1b}[2J\u{1b}[1;1H",
        "\u{1b}[31mred\u{1b}[5i",
        "\u{1b}[6n\u{1b}[c\u{1b}[>q\u{1b}[18t",
        "\u{1b}P$q\"p\u{1b}\\",
        "\u{1b}_Gi=1,a=q;AAAA\u{1b}\\",
        "\u{1b}^pm\u{1b}\\\u{1b}Xsos\u{1b}\\",
        "\u{1b}c\u{1b}7\u{1b}8\u{1b}#8\u{1b}=",
        "\u{9b}31m\u{9d}0;c1\u{9c}\u{90}q\u{9c}\u{85}",
        "over\rwrite",
        "back\u{8}\u{8}\u{8}space",
        "nul\0bel\u{7}vt\u{b}ff\u{c}so\u{e}si\u{f}del\u{7f}",
        "line\nbreak\r\nand\ttab",
        "sep\u{2028}para\u{2029}nel\u{85}",
        "bidi\u{202e}txt.exe\u{202c}\u{2066}x\u{2069}\u{200f}\u{61c}",
        "adm\u{200b}in\u{200c}\u{2060}\u{feff}\u{ad}\u{34f}\u{115f}\u{3164}",
        "tags\u{e0001}\u{e0041}\u{e007f}",
        "selector\u{fe0f}\u{fe00}\u{e0100}\u{180b}",
        "日本語の説明文 ｆｕｌｌ",
        "👩\u{200d}👩\u{200d}👧\u{200d}👦 🇩🇪 ❤\u{fe0f} 1\u{fe0f}\u{20e3}",
        "\u{fff9}annotated\u{fffb}\u{fffe}\u{e000}\u{10ffff}",
    ];
    let mut all: Vec<String> = texts.iter().map(|text| format!("{TRACE}{text}{TRACE}")).collect();
    all.push(format!("{TRACE}a{}", "\u{301}".repeat(50)));
    all.push(format!("{TRACE}{}", "long\u{1b}[H".repeat(1500)));
    all
}

/// Several at once, short enough for a single field.
pub fn joined() -> String {
    format!("{TRACE}\u{1b}]0;t\u{7}\u{1b}[2J\u{9b}1m\r\u{8}\u{202e}\u{200b}日\u{1b}[6n")
}

/// What is wrong with these bytes as output of the program on a terminal. Only its own vocabulary may be there.
pub fn faults_of_screen(bytes: &[u8]) -> Vec<String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return vec!["not UTF-8".to_owned()] };
    let own = regex::Regex::new(concat!(
        "^\u{1b}(M|\\[([0-9;:]*m|[0-9]*(;[0-9]*)?H|[0-9]*[CKX]|2J|([0-9]+;[0-9]+)?r",
        "|\\?(25|1000|1006|1049|2004|2026)[hl]))"
    ))
    .unwrap();
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        found.extend(faults_of_text(&rest[..at], "\r\n"));
        rest = &rest[at..];
        match own.find(rest) {
            Some(sequence) => rest = &rest[sequence.end()..],
            None => {
                found.push(format!("a sequence that is not ours: {:?}", rest.chars().take(12).collect::<String>()));
                rest = &rest[1..];
            }
        }
    }
    found.extend(faults_of_text(rest, "\r\n"));
    found
}

/// What is wrong with this as plain text, where only these control characters may be.
pub fn faults_of_text(text: &str, allowed: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    for (n, c) in chars.iter().enumerate() {
        let before = n.checked_sub(1).and_then(|n| chars.get(n)).copied();
        let after = chars.get(n + 1).copied();
        let emoji = |c: Option<char>| c.is_some_and(|c| u32::from(c) >= 0x2100);
        let bad = match u32::from(*c) {
            0..0x20 | 0x7f..0xa0 => !allowed.contains(*c),
            // Joiners and selectors, where they make an emoji.
            0x200d => !(emoji(before) && emoji(after)),
            0xfe0f => !(emoji(before) || before.is_some_and(|c| c.is_ascii_digit())),
            0xad
            | 0x34f
            | 0x61c
            | 0x115f..=0x1160
            | 0x180b..=0x180f
            | 0x200b..=0x200f
            | 0x2028..=0x202e
            | 0x2060..=0x206f
            | 0x3164
            | 0xfe00..=0xfe0e
            | 0xfeff
            | 0xfff9..=0xfffb
            | 0xe0000..=0xe0fff => true,
            _ => false,
        };
        if bad {
            let near: String = chars[n.saturating_sub(8)..(n + 8).min(chars.len())].iter().collect();
            found.push(format!("U+{:04X} in {near:?}", u32::from(*c)));
        }
    }
    let marks = chars.split(|c| !(0x300..0x370).contains(&u32::from(*c))).map(<[char]>::len).max();
    if marks.unwrap_or(0) > 4 {
        found.push("more marks on a letter than a row can hold".to_owned());
    }
    found
}
