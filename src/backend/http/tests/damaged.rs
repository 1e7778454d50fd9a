//! Headers and small bodies that are nearly right.

use jiff::Timestamp;
use proptest::prelude::*;
use reqwest::header::{DATE, LINK, RETRY_AFTER, WWW_AUTHENTICATE};

use super::super::{challenge, failure, grant, realm, retry, token};
use super::*;
use crate::domain::damaged::{bytes, soon, text};

const CHALLENGES: &[&str] = &[
    r#"Basic realm="basic-realm""#,
    r#"Bearer realm="https://h/token",service="registry",scope="repository:demo/app:pull,push repository:b:pull""#,
    r#"Bearer realm="https://h/token",scope="registry:catalog:*",error="insufficient_scope""#,
    r#"Negotiate, Digest realm="a\"b", nonce="x", Bearer realm=https://h/t,service=s , Basic realm=r"#,
    "Negotiate YIIJ+a/==, NTLM",
];
const LINKS: &[&str] = &[
    r#"</v2/_catalog?last=a-b&n=5>; rel="next""#,
    r#"<https://h/v2/a/tags/list?n=100&next_page=gAAAA%3D%3D>; title="a, b\""; rel="last next""#,
    r#"</a?x=1>; rel=prev, <?last=b c&n=2>;rel=next; anchor="<x>""#,
];
const WAITS: &[&str] = &[
    "120",
    "Sat, 21 Nov 2026 12:00:30 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
    "Fri, 31 Dec 9999 23:59:60 GMT",
    "Mon, 01 Jan 0001 00:00:00 +0000",
];
const TOKENS: &[&str] = &[
    r#"{"token":"abc.def","access_token":"x","expires_in":300,"issued_at":"2026-11-21T12:00:00Z","scope":"a b"}"#,
    r#"{"access_token":"eyJhIjoxfQ.eyJhY2Nlc3MiOlt7InR5cGUiOiJyZXBvc2l0b3J5IiwibmFtZSI6ImEiLCJhY3Rpb25zIjpbInB1bGwiXX1dfQ.x"}"#,
];
const ERRORS: &[&str] = &[
    r#"{"errors":[{"code":"UNAUTHORIZED","message":"no","detail":[{"Type":"repository","Name":"a","Action":"pull"}]}]}"#,
    r#"{"message":"403 Forbidden"}"#,
    r#"{"error_message":"no","error_type":"x","status":403,"title":"t"}"#,
    "<!DOCTYPE html><title>502</title>",
    "404 page not found\n",
];
const REALMS: &[&str] = &[
    "https://auth.example.com/token?keep=1",
    "/token",
    "//other.example/t",
    "https://user:pass@[::ffff:10.0.0.1]:443/x#y",
    "http://0x7f.1/",
    "file:///etc/passwd",
];

/// What a server can put on the line: control characters do not get through the HTTP library.
fn header(name: reqwest::header::HeaderName, value: &[u8], most: usize) -> HeaderMap {
    let sent: Vec<u8> = value.iter().take(most).map(|b| if *b < b' ' || *b == 0x7f { b' ' } else { *b }).collect();
    HeaderMap::from_iter([(name, HeaderValue::from_bytes(&sent).expect("only what may be sent"))])
}

proptest! {
    #[test]
    fn challenges(value in bytes(CHALLENGES)) {
        let headers = header(WWW_AUTHENTICATE, &value, usize::MAX);
        let found = soon(|| challenge::challenges(&headers));
        prop_assert!(found.len() <= limits::CHALLENGES);
        for one in &found {
            prop_assert!(one.param("realm").unwrap_or_default().len() <= limits::CHALLENGE_VALUE);
            prop_assert!(one.scopes().iter().all(|scope| !scope.contains(' ')));
        }
        prop_assert!(challenge::choose(&found).is_none_or(|one| ["basic", "bearer"].contains(&one.scheme.as_str())));
    }

    #[test]
    fn links(value in bytes(LINKS), most in prop_oneof![Just(limits::LINK), Just(usize::MAX)]) {
        let query = soon(|| link::next_query(&header(LINK, &value, most)));
        prop_assert!(query.is_none_or(|query| !query.is_empty() && query.bytes().all(|b| b.is_ascii_graphic() && b != b'#')));
    }

    #[test]
    fn waits(value in bytes(WAITS), date in bytes(WAITS), now in -377_705_023_201_i64..253_402_207_200) {
        let mut headers = header(RETRY_AFTER, &value, usize::MAX);
        headers.extend(header(DATE, &date, usize::MAX));
        let now = Timestamp::from_second(now).expect("in range");
        let wait = soon(|| retry::retry_after(&headers, now));
        prop_assert!(wait.is_none_or(|wait| !wait.is_zero() && wait < Duration::from_secs(8 * 24 * 3600)));
    }

    #[test]
    fn tokens(body in bytes(TOKENS), now in -377_705_023_201_i64..253_402_207_200) {
        let (received, now) = (Instant::now(), Timestamp::from_second(now).expect("in range"));
        if let Some(token) = soon(|| token::parse(&body, received, now)) {
            prop_assert!(token.expires > received && token.expires <= received + limits::TOKEN_LIFE_MOST);
            prop_assert!(crate::backend::http::credential::bearer(&token.secret).is_some());
            soon(|| grant::granted(&token.secret));
        }
    }

    #[test]
    fn errors(body in bytes(ERRORS), status in 400..600_u16) {
        let error = soon(|| failure::of(Op::Tags, "h", status, &HeaderMap::new(), &body));
        let report = error.report();
        prop_assert!(!report.what.as_str().chars().any(char::is_control));
        prop_assert!(report.what.as_str().chars().count() < 2 * limits::ERROR_TEXT + 200);
        prop_assert_eq!(error.status, Some(status));
    }

    #[test]
    fn realms(realm in text(REALMS)) {
        let registry: Url = "https://203.0.113.7/v2/a/tags/list".parse().expect("URL");
        let bounds = Bounds::new(&registry, []);
        if let Ok(url) = soon(|| realm::resolve(&realm, &registry, &bounds)) {
            prop_assert_eq!(url.scheme(), "https");
            prop_assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
        }
    }
}
