use super::*;
use proptest::prelude::*;

#[test]
fn plain_text_stays_as_it_is() {
    let name = identifier("team/api:v1.2 ~");
    assert_eq!((name.as_str(), name.was_changed()), ("team/api:v1.2 ~", false));
    assert_eq!(block("a\n\tb\r\nc").as_str(), "a\n    b\nc");
    assert!(!block("a\n\tb\r\nc").was_changed());
    assert_eq!(line("häuser 日本").as_str(), "häuser 日本");
}

#[test]
fn control_characters_become_pictures() {
    let text = line("\u{1b}]0;x\u{7}\u{9b}2J\u{7f}\r\n\t");
    assert_eq!(text.as_str(), "␛]0;x␇\\x9b2J␡␍␊␉");
    assert!(text.was_changed());
    assert_eq!(block("a\rb\nc").as_str(), "a␍b\nc");
}

#[test]
fn identifiers_show_everything_that_is_not_ascii() {
    assert_eq!(identifier("adm\u{200b}in").as_str(), "adm‹U+200B›in");
    assert_eq!(identifier("а").as_str(), "‹U+0430›");
    assert_ne!(identifier("‹U+0430›"), identifier("а"));
}

#[test]
fn prose_keeps_emoji_and_shows_hidden_characters() {
    assert_eq!(line("👩\u{200d}💻 ❤\u{fe0f} 1\u{fe0f}\u{20e3}").as_str(), "👩\u{200d}💻 ❤\u{fe0f} 1\u{fe0f}\u{20e3}");
    assert_eq!(line("a\u{200d}b\u{fe0f}\u{202e}").as_str(), "a‹U+200D›b‹U+FE0F›‹U+202E›");
    assert_eq!(line("x\u{e0041}\u{ad}").as_str(), "x‹U+E0041›‹U+00AD›");
}

#[test]
fn lengths_have_caps() {
    assert_eq!(identifier(&"x".repeat(256)).as_str().len(), 256);
    let cut = identifier(&"x".repeat(257));
    assert_eq!(cut.as_str().chars().count(), 256);
    assert!(cut.as_str().ends_with("x…") && cut.was_changed());
    assert_eq!(line(&"é".repeat(5000)).as_str().chars().count(), 4096);
    assert_eq!(line(&format!("e{}x", "\u{301}".repeat(50))).as_str(), "e\u{301}\u{301}\u{301}…x");
    assert!(line(&format!("e{}", "\u{301}".repeat(1_000_000))).as_str().chars().count() <= 4096);
}

#[test]
fn urls_lose_their_secrets() {
    assert_eq!(url("https://u:p@h:5000/v2/?a=1&b=2&c#t").as_str(), "https://h:5000/v2/?a=...&b=...&...");
    assert_eq!(url("u:p@w@h/x").as_str(), "h/x");
    assert_eq!(url("http://h/a@b").as_str(), "http://h/a@b");
}

fn hostile() -> impl Strategy<Value = String> {
    let special = prop::sample::select(
        "\0\u{1b}\u{7f}\u{85}\u{9b}\t\r\n\u{ad}\u{200d}\u{fe0f}\u{202e}\u{2028}\u{feff}\u{e0041}👩💻❤1\u{20e3}🇩🇪\u{600}\u{301}e "
            .chars()
            .collect::<Vec<_>>(),
    );
    prop::collection::vec(prop_oneof![4 => special, 1 => any::<char>()], 0..60).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn nothing_dangerous_comes_out(text in hostile()) {
        for (out, newline) in [(identifier(&text), false), (line(&text), false), (block(&text), true), (url(&text), false)] {
            let chars: Vec<char> = out.as_str().chars().collect();
            for (n, c) in chars.iter().enumerate() {
                prop_assert!(!c.is_control() || (newline && *c == '\n'), "{:?}", out);
                let before = n.checked_sub(1).map(|n| chars[n]);
                prop_assert!(!is_invisible(*c) || joins_emoji(before, *c, chars.get(n + 1).copied()), "{:?}", out);
            }
            prop_assert!(out.as_str().graphemes(true).all(|g| g.chars().count() <= GRAPHEME_CAP), "{:?}", out);
        }
    }

    #[test]
    fn prose_is_cleaned_once_and_for_all(text in hostile()) {
        for clean in [line, block] {
            let (once, twice) = (clean(&text), clean(clean(&text).as_str()));
            prop_assert_eq!(once.as_str(), twice.as_str());
        }
    }
}
