use proptest::prelude::*;

use super::*;
use crate::backend::http::Tap;

/// What a scanner makes of a body that comes in pieces of this size.
fn scan(body: &[u8], size: usize) -> Result<Entries, Unlisted> {
    let mut page = Scanner::new(Kind::Tags);
    body.chunks(size).for_each(|piece| page.feed(piece));
    page.end().entries
}

fn whole(body: &[u8]) -> Result<Entries, Unlisted> {
    listing::entries(Kind::Tags, &Bytes::copy_from_slice(body))
}

const BODIES: [&str; 34] = [
    r#"{"name":"a","tags":["1","2"]}"#,
    "\u{feff} { \"tags\" : [ \"1\" ,\n\"2\" ] , \"name\" : \"x\" } \n",
    r#"{"tags":[]}"#,
    r#"{"tags":null,"name":"a"}"#,
    r#"{"name":"a"}"#,
    r#"{"name":"tags","tags":["1"]}"#,
    r#"{"child":["tags",{"tags":["no"]}],"manifest":{"tags":["no"]},"tags":["yes"]}"#,
    r#"{"tags":["1",null,"",2,-1e400,{"x":["]","}\""]},[[],"\\"],"\u0062\"","ä","日本",true]}"#,
    r#"{"tags":["1"],"errors":[{"code":"DENIED","message":"no"}]}"#,
    r#"{"errors":[{"code":"DENIED"}]}"#,
    r#"{"\u0074ags":["1"]}"#,
    r#"{"tags":{"a":["1"]}}"#,
    r#"{"tags":"x","name":"a"}"#,
    r#"["tags",["1"]]"#,
    r#"{"x":"tags","y":["1"],"tags":["2"]}"#,
    r#"{"x\"tags":["1"],"name":"a"}"#,
    "",
    "<html>",
    r#"{"tags":["1""#,
    r#"{"tags":["1","#,
    r#"{"tags":["1"]"#,
    r#"{"tags":["1"]} {}"#,
    r#"{"tags":["1"]}}"#,
    r#"{"tags":["1",]}"#,
    r#"{"tags":[,"1"]}"#,
    r#"{"tags":["1" "2"]}"#,
    r#"{"tags":["1"]"name":"a"}"#,
    r#"{"tags":["\x"]}"#,
    "{\"tags\":[\"a\tb\"]}",
    r#"{"tags":[nul]}"#,
    r#"{"tags":[{"a":}]}"#,
    r#"{"tags":[{]}"#,
    r#"{"tags":["1"}"#,
    r#"{"tags":[1"2"]}"#,
];

#[test]
fn in_pieces_of_any_size_a_page_is_what_it_is_as_a_whole() {
    for body in BODIES {
        for size in [1, 2, 3, 7, 1_000] {
            assert_eq!(scan(body.as_bytes(), size), whole(body.as_bytes()), "{body} by {size}");
        }
    }
    let foreign = b"{\"tags\":[\"a\xff\",\"\xe6\x97\",\"b\"]}";
    assert_eq!(scan(foreign, 1), whole(foreign));
}

proptest! {
    #[test]
    fn whatever_comes_is_read_as_it_is_as_a_whole(
        body in r#"\{("name":"a",)?"tags":\[(("(a|\\"|\\u0041|\\|é)?"|1|null|\[\]|\{\}|,|\]| ){0,12})\]?(,"name":"b")?\}?"#,
        size in 1_usize..9,
    ) {
        prop_assert_eq!(scan(body.as_bytes(), size), whole(body.as_bytes()), "{}", body);
    }
}

async fn parts(pieces: Vec<Piece>) -> (Vec<Option<Vec<String>>>, Rest) {
    let (tap, receiver) = Tap::new();
    let (sender, mut got) = mpsc::channel(64);
    let send = async move {
        for piece in pieces {
            assert!(tap.pass(piece).await);
        }
    };
    let ((), rest) = tokio::join!(send, read(Kind::Tags, receiver, sender));
    let mut parts = Vec::new();
    while let Some(part) = got.recv().await {
        parts.push(match part {
            Part::Again => None,
            Part::Entries(entries) => Some(entries.names().map(str::to_owned).collect()),
        });
    }
    (parts, rest)
}

fn bytes(text: &'static str) -> Piece {
    Piece::Bytes(Bytes::from_static(text.as_bytes()))
}

#[tokio::test]
async fn a_body_that_broke_off_is_read_again_from_its_beginning() {
    let (parts, rest) = parts(vec![
        Piece::Begin { status: 200 },
        bytes(r#"{"tags":["a","b"#),
        Piece::Begin { status: 200 },
        bytes(r#"{"tags":["a","bc"]}"#),
    ])
    .await;
    let flat: Vec<&str> = parts
        .iter()
        .flat_map(|part| part.as_ref().map_or(vec!["again"], |names| names.iter().map(String::as_str).collect()))
        .collect();
    // With both in hand at once, the first may not have been handed on.
    assert!(flat == ["a", "again", "a", "bc"] || flat == ["a", "bc"], "{flat:?}");
    assert_eq!((rest.bytes, rest.entries.unwrap().sent()), (19, 0));
}

#[tokio::test]
async fn the_names_are_not_kept() {
    let mut page = Scanner::new(Kind::Tags);
    page.feed(br#"{"name":"a","tags":["#);
    for n in 0..10_000 {
        page.feed(format!("{}\"tag-{n}\"", if n > 0 { "," } else { "" }).as_bytes());
        page.found = Entries::default();
    }
    page.feed(b"]}");
    let rest = page.end();
    assert_eq!((&rest.body[..], rest.entries.unwrap().sent()), (&br#"{"name":"a","tags":[]}"#[..], 0));
}
