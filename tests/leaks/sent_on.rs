//! Writes go to the registry or nowhere.

use super::*;
use tagboat::backend::Delivery;

/// What a registry says that this write should do; the upload that nobody wants is begun, not sent on.
fn sends_on(op: Op, status: u16, target: String) -> impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static {
    move |seen| match asked_by(op, seen) {
        true => answer(status, &[("location", &format!("{target}/v2/app/elsewhere?signature=s3cr3t"))], ""),
        false => content(seen),
    }
}

#[tokio::test]
async fn a_write_is_never_sent_on() {
    for op in writes() {
        for sign_in in [SignIn::Basic, SignIn::Bearer] {
            for status in [301, 302, 303, 307, 308] {
                let what = format!("{op:?} {sign_in:?} {status}");
                let other = Listener::start(content);
                let first = registry(sign_in, sends_on(op, status, other.url()));
                let outcome = send(op, &*connect(&first.url())).await;
                // An upload that cannot be given up is nobody's loss.
                if op != Op::CancelUpload {
                    let error = outcome.expect_err(&what);
                    assert_eq!((error.kind, error.status), (ErrorKind::Refused, Some(status)), "{what}: {error}");
                    assert_eq!(error.delivery, Delivery::Answered, "{what}");
                    assert!(error.what.as_str().contains(&other.address.to_string()), "{what}: {error}");
                    assert!(!error.what.as_str().contains("s3cr3t"), "{what}: {error}");
                }
                assert!(other.seen().is_empty(), "{what}: {:?}", other.seen());
                let sent = |seen: &&Seen| asked_by(op, seen) && seen.header("authorization").is_some();
                assert_eq!(first.seen().iter().filter(sent).count(), 1, "{what}: {:?}", first.seen());
                no_cookie_came_back(&first, &what);
            }
        }
    }
}

#[tokio::test]
async fn in_read_only_mode_no_kind_of_write_leaves() {
    for sign_in in [SignIn::Basic, SignIn::Bearer] {
        let first = registry(sign_in, content);
        let settings = Settings { read_only: true, ..Settings::default() };
        let backend = client::try_connect(&profile(&first.url()), mine(), settings).expect("a client");
        for op in writes() {
            let error = send(op, &*backend).await.expect_err("refused");
            assert_eq!((error.kind, error.delivery), (ErrorKind::Forbidden, Delivery::NotSent), "{op:?}: {error}");
        }
        assert!(first.seen().is_empty(), "{:?}", first.seen());
    }
}

#[tokio::test]
async fn every_kind_of_write_can_be_made() {
    for op in writes() {
        let first = registry(SignIn::Bearer, content);
        send(op, &*connect(&first.url())).await.unwrap_or_else(|error| panic!("{op:?}: {error}"));
        let sent = |seen: &&Seen| asked_by(op, seen) && seen.header("authorization").is_some();
        assert_eq!(first.seen().iter().filter(sent).count(), 1, "{op:?}: {:?}", first.seen());
    }
}
