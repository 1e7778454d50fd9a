use super::*;

fn sheet(names: &[&'static str], next: Option<u64>) -> Result<Sheet<&'static str>> {
    let entries = names.iter().map(|name| Listed::Valid(*name)).collect();
    Ok(Sheet { entries, skipped: 0, bytes: 10, next, total: None })
}

/// What a list brings whose page of a number is this; `None` where the walk's first page failed.
async fn read(
    bounds: Bounds,
    page: impl Fn(u64) -> Result<Sheet<&'static str>>,
) -> (Vec<&'static str>, Result<ListEnd>) {
    let (sender, mut receiver) = mpsc::channel::<Vec<Listed<&str>>>(4);
    let fetch = |at| {
        let page = page(at);
        async move { page }
    };
    let gather = async {
        let mut names = Vec::new();
        while let Some(page) = receiver.recv().await {
            names.extend(page.into_iter().map(|entry| match entry {
                Listed::Valid(name) => name,
                Listed::Invalid(_) => "?",
            }));
        }
        names
    };
    let (end, names) = tokio::join!(walk(0, bounds, sender, fetch), gather);
    (names, end)
}

fn note(end: &Result<ListEnd>) -> (bool, &str) {
    let end = end.as_ref().expect("a list");
    (end.complete, end.note.as_ref().map_or("", |note| note.as_str()))
}

#[tokio::test]
async fn pages_are_read_to_the_last() {
    let (names, end) = read(Bounds::default(), |at| match at {
        0 => sheet(&["a", "b"], Some(2)),
        2 => sheet(&["c"], None),
        _ => Err(Error::unsupported("that page")),
    })
    .await;
    assert_eq!((names, note(&end)), (vec!["a", "b", "c"], (true, "")));
}

#[tokio::test]
async fn a_list_that_does_not_go_on_ends() {
    for (next, why) in [
        (0, "incomplete: the next page is one that was read before"),
        (1, "incomplete: a page brought nothing new; 1 duplicate dropped"),
    ] {
        let (names, end) = read(Bounds::default(), |_| sheet(&["a"], Some(next))).await;
        assert_eq!((names, note(&end)), (vec!["a"], (false, why)));
    }
    let (names, end) = read(Bounds::default(), |at| sheet(if at == 0 { &["a"] } else { &[] }, Some(at + 1))).await;
    assert_eq!((names, note(&end)), (vec!["a"], (true, "")));
}

#[tokio::test]
async fn bounds_hold() {
    let endless = |at| sheet(&[["a", "b", "c", "d", "e"][at as usize % 5]], Some(at + 1));
    let short = Bounds::default();
    for bounds in [Bounds { pages: 3, ..short }, Bounds { entries: 3, ..short }, Bounds { bytes: 30, ..short }] {
        let (names, end) = read(bounds, endless).await;
        assert_eq!((names.len(), note(&end)), (3, (false, "incomplete: the list is longer than tagboat reads")));
    }
    let (names, _) = read(Bounds { entries: 2, ..short }, |_| sheet(&["a", "b", "c"], Some(3))).await;
    assert_eq!(names, ["a", "b"]);
}

#[tokio::test]
async fn an_error_ends_the_walk_and_keeps_what_came() {
    let (names, end) = read(Bounds::default(), |_| Err(Error::unsupported("lists"))).await;
    assert!(names.is_empty() && end.is_err());
    let (names, end) =
        read(Bounds::default(), |at| if at == 0 { sheet(&["a"], Some(1)) } else { Err(Error::unsupported("x")) }).await;
    assert_eq!((names, note(&end)), (vec!["a"], (false, "incomplete: this registry does not support x")));
}

#[tokio::test]
async fn what_is_left_out_and_miscounted_is_said() {
    let page = |_| Ok(Sheet { skipped: 2, total: Some(9), ..sheet(&["a", "a"], None)? });
    let (names, end) = read(Bounds::default(), page).await;
    let said = "2 entries skipped; 1 duplicate dropped; the server counts 9";
    assert_eq!((names, note(&end)), (vec!["a"], (true, said)));
}

#[tokio::test(start_paused = true)]
async fn time_is_bounded() {
    let (sender, mut receiver) = mpsc::channel(4);
    let bounds = Bounds { time: Duration::from_secs(60), ..Bounds::default() };
    let fetch = async |at: u64| {
        if at > 0 {
            std::future::pending::<()>().await;
        }
        sheet(&["a"], Some(1))
    };
    let end = walk(0, bounds, sender, fetch).await;
    assert_eq!(note(&end), (false, "incomplete: reading it took longer than 1 min"));
    assert!(receiver.recv().await.is_some());
    let (sender, _receiver) = mpsc::channel::<Vec<Listed<&str>>>(4);
    let error = walk(0, bounds, sender, async |_| std::future::pending().await).await.expect_err("no list");
    assert_eq!(error.kind, ErrorKind::Timeout);
}
