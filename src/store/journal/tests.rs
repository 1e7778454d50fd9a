use std::io::{Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::domain::clean::Clean;
use crate::domain::cleanup::Method;
use crate::domain::outcome::{Ended, Outcome};
use crate::domain::reference::{Digest, RepoName, TagName};
use crate::store::config::HistorySettings;

pub(super) fn header(items: usize) -> Header {
    let item = |n: usize| Item {
        tag: (n != 1).then(|| TagName::parse(&format!("1.{n}")).unwrap()),
        digest: (n != 4).then(|| Digest::of(&[n as u8])),
        method: Some(if n == 2 { Method::DeleteManifest } else { Method::Untag }),
        along: if n == 2 { vec![TagName::parse("latest").unwrap()] } else { Vec::new() },
        repo: None,
    };
    Header {
        time: "2026-11-21T19:14:28Z".parse().unwrap(),
        registry: "staging".into(),
        origin: "https://r.example".into(),
        account: Some("robot".into()),
        repo: RepoName::parse("team/app").unwrap(),
        undoes: None,
        items: (0..items).map(item).collect(),
        plan: "{\n \"version\": 1\n}".into(),
    }
}

pub(super) fn swept(repo: &str, plan: &str) -> Header {
    let items = vec![Item::whole(RepoName::loose(repo).unwrap())];
    Header { items, repo: RepoName::loose(repo).unwrap(), plan: plan.to_owned(), ..header(0) }
}

pub(super) fn shelf(dir: &Path) -> Journals {
    Journals::new(dir, HistorySettings::default())
}

fn changed() -> Ended {
    Ended::because(Outcome::Changed, Clean::fixed("It was moved."))
}

/// A journal with every kind of line, not ended.
fn full(shelf: &Journals) -> Journal {
    let mut journal = shelf.begin(&header(5)).unwrap();
    journal.keep(&Digest::of(b"zero"), "a/b", b"zero").unwrap();
    journal.sending(0).unwrap();
    journal.ended_and_sending(0, &Ended::done(), 1).unwrap();
    journal.ended(1, &changed()).unwrap();
    journal.placeholder(2, PlaceholderStep::Uploading, &Digest::of(b"p")).unwrap();
    journal.sending(2).unwrap();
    journal.placeholder(2, PlaceholderStep::Moving, &Digest::of(b"p")).unwrap();
    journal.skipped([3, 4], &Ended::because(Outcome::Skipped, Clean::fixed("Stopped."))).unwrap();
    journal
}

#[test]
fn what_was_written_is_told_again() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = shelf(dir.path());
    let journal = full(&shelf);
    let (id, path) = (journal.id().to_owned(), journal.path().to_owned());
    assert!(id.starts_with("20261121-191428-"), "{id}");
    assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    assert_eq!(path.parent().unwrap().metadata().unwrap().mode() & 0o777, 0o700);
    let told = shelf.read(&id).unwrap();
    assert_eq!(told.header, Header { plan: "{\"version\":1}".into(), ..header(5) });
    let states: Vec<_> = told.items.iter().map(|item| item.state).collect();
    let ended = State::Ended;
    assert_eq!(
        states,
        [
            ended(Outcome::Done),
            ended(Outcome::Changed),
            State::Sending,
            ended(Outcome::Skipped),
            ended(Outcome::Skipped)
        ]
    );
    assert_eq!(told.items[1].why.as_ref().map(ToString::to_string).as_deref(), Some("It was moved."));
    let step = Placeholder { step: PlaceholderStep::Moving, digest: Digest::of(b"p") };
    assert_eq!(told.items[2].placeholder, Some(step));
    assert_eq!((told.ended, told.damaged), (None, false));
    assert_eq!([Outcome::Done, Outcome::Unknown, Outcome::Skipped].map(|o| told.count(o)), [1, 1, 2]);
    // Item 0 has another digest than what was kept.
    assert!(!told.restorable(0) && told.kept.contains_key(&Digest::of(b"zero")));
    let kept = KeptManifest { media_type: "a/b".into(), bytes: b"zero".to_vec() };
    assert_eq!(shelf.kept(&id).unwrap().into_iter().collect::<Vec<_>>(), [(Digest::of(b"zero"), kept)]);
    shelf.end(journal).unwrap();
    let history = shelf.history();
    assert!(history.said.is_empty() && history.journals[0].ended.is_some());
    assert!(shelf.unfinished().journals.is_empty());
}

#[test]
fn what_was_deleted_and_kept_can_be_restored() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = shelf(dir.path()).begin(&header(2)).unwrap();
    journal.keep(&Digest::of(&[0]), "a/b", &[0]).unwrap();
    journal.keep(&Digest::of(&[1]), "a/b", &[1]).unwrap();
    journal.ended(0, &Ended::done()).unwrap();
    journal.ended(1, &changed()).unwrap();
    let told = shelf(dir.path()).read(journal.id()).unwrap();
    assert_eq!([0, 1, 2].map(|item| told.restorable(item)), [true, false, false]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn cut_off_at_any_byte_it_tells_what_was_whole(cut in 0.0..1.0f64) {
        let dir = tempfile::tempdir().unwrap();
        let shelf = shelf(dir.path());
        let journal = full(&shelf);
        let (id, path) = (journal.id().to_owned(), journal.path().to_owned());
        drop(journal);
        let all = std::fs::read(&path).unwrap();
        let length = (all.len() as f64 * cut) as usize;
        std::fs::write(&path, &all[..length]).unwrap();
        let first = all.iter().position(|byte| *byte == b'\n').unwrap();
        if length <= first {
            prop_assert!(matches!(shelf.read(&id), Err(Trouble::Broken)));
            return Ok(());
        }
        // As many lines as are whole, and not a word of the torn one.
        let told = shelf.read(&id).unwrap();
        let whole = all[..length].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        std::fs::write(&path, &all[..whole]).unwrap();
        prop_assert_eq!(&told, &shelf.read(&id).unwrap());
        prop_assert!(!told.damaged);
        // And going on does not glue the next line to it.
        std::fs::write(&path, &all[..length]).unwrap();
        let (mut journal, _) = shelf.resume(&id).unwrap();
        journal.ended(4, &changed()).unwrap();
        shelf.end(journal).unwrap();
        let told = shelf.read(&id).unwrap();
        prop_assert!(!told.damaged && told.ended.is_some());
        prop_assert_eq!(told.items[4].state, State::Ended(Outcome::Changed));
    }

    #[test]
    fn changed_at_any_byte_it_is_told_or_refused(at in 0.0..1.0f64, byte: u8) {
        let dir = tempfile::tempdir().unwrap();
        let shelf = shelf(dir.path());
        let journal = full(&shelf);
        let (id, path) = (journal.id().to_owned(), journal.path().to_owned());
        drop(journal);
        let mut all = std::fs::read(&path).unwrap();
        let at = (all.len() as f64 * at) as usize;
        all[at] = byte;
        std::fs::write(&path, &all).unwrap();
        if let Ok(told) = shelf.read(&id) {
            prop_assert_eq!(told.items.len(), told.header.items.len());
        }
        let found = shelf.unfinished();
        prop_assert_eq!(found.journals.len() + found.said.len(), 1);
        // What is kept is what has its digest, or is not there.
        prop_assert!(shelf.kept(&id).unwrap().iter().all(|(digest, kept)| digest.matches(&kept.bytes) != Some(false)));
    }
}

#[test]
fn work_is_unfinished_when_its_process_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = shelf(dir.path());
    let journal = full(&shelf);
    let (id, path) = (journal.id().to_owned(), journal.path().to_owned());
    assert!(shelf.unfinished().journals.is_empty(), "it is held here");
    assert!(matches!(shelf.resume(&id), Err(Trouble::Held)) && matches!(shelf.remove(&id), Err(Trouble::Held)));
    drop(journal);
    // Another process holds it, and says so when it does.
    let script = "echo held; exec cat";
    let mut other = Command::new("flock")
        .arg(&path)
        .args(["/bin/sh", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    other.stdout.as_mut().unwrap().read_exact(&mut [0; 5]).unwrap();
    assert!(shelf.unfinished().journals.is_empty());
    assert!(matches!(shelf.resume(&id), Err(Trouble::Held)));
    // `flock` itself holds it too, until what it runs has ended.
    drop(other.stdin.take());
    other.wait().unwrap();
    assert_eq!(shelf.unfinished().journals[0].id, id);
    let (again, told) = shelf.resume(&id).unwrap();
    assert_eq!((told.items[2].state, told.kept.len()), (State::Sending, 1));
    assert!(shelf.unfinished().journals.is_empty());
    drop(again);
    shelf.remove(&id).unwrap();
    assert!(!path.exists() && matches!(shelf.remove(&id), Err(Trouble::Missing)));
}

#[test]
fn history_is_bounded_and_unfinished_work_is_not_history() {
    let dir = tempfile::tempdir().unwrap();
    let settings = |keep, max_mib, enabled| HistorySettings { keep, max_mib, enabled };
    let few = Journals::new(dir.path(), settings(3, 1, true));
    let unfinished = few.begin(&Header { time: "2020-01-01T00:00:00Z".parse().unwrap(), ..header(1) }).unwrap();
    drop(unfinished);
    let at = |n: i64| Header { time: jiff::Timestamp::new(1_800_000_000 + n, 0).unwrap(), ..header(1) };
    let mut ids = Vec::new();
    for n in 0..5 {
        let journal = few.begin(&at(n)).unwrap();
        ids.insert(0, journal.id().to_owned());
        few.end(journal).unwrap();
    }
    let told = |shelf: &Journals| shelf.history().journals.into_iter().map(|told| told.id).collect::<Vec<_>>();
    assert_eq!(told(&few), ids[..3]);
    // By size: this one alone is nearly all there may be.
    let mut large = few.begin(&at(9)).unwrap();
    let bytes = vec![7; 700 << 10];
    large.keep(&Digest::of(&bytes), "a/b", &bytes).unwrap();
    let large_id = large.id().to_owned();
    few.end(large).unwrap();
    assert_eq!(told(&few).len(), 3);
    let mut next = few.begin(&at(10)).unwrap();
    next.keep(&Digest::of(&bytes), "a/b", &bytes).unwrap();
    let next_id = next.id().to_owned();
    few.end(next).unwrap();
    assert_eq!(told(&few), [next_id]);
    assert!(!few.path(&large_id).exists());
    assert_eq!(few.unfinished().journals.len(), 1);
    // Switched off: nothing is left of what has ended.
    let off = Journals::new(dir.path(), settings(3, 1, false));
    off.end(off.begin(&at(11)).unwrap()).unwrap();
    assert!(told(&off).is_empty());
    assert_eq!(off.unfinished().journals.len(), 1);
}

#[test]
fn a_newer_journal_is_left_alone_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = Journals::new(dir.path(), HistorySettings { enabled: false, ..HistorySettings::default() });
    let journal = shelf.begin(&header(1)).unwrap();
    let (id, path) = (journal.id().to_owned(), journal.path().to_owned());
    drop(journal);
    let newer = "{\"begin\":{\"version\":3,\"what\":[]}}\n{\"end\":{\"at\":\"2026-01-01T00:00:00Z\"}}\n";
    std::fs::write(&path, newer).unwrap();
    assert!(matches!(shelf.read(&id), Err(Trouble::Newer(3))));
    assert!(matches!(shelf.resume(&id), Err(Trouble::Newer(3))));
    let found = shelf.unfinished();
    assert!(found.journals.is_empty() && found.said[0].as_str().contains("newer tagboat"), "{found:?}");
    shelf.end(shelf.begin(&header(1)).unwrap()).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), newer);
}

#[test]
fn lines_of_a_kind_that_came_later_are_passed_over_and_damage_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = shelf(dir.path());
    let journal = full(&shelf);
    let id = journal.id().to_owned();
    let mut file = std::fs::OpenOptions::new().append(true).open(journal.path()).unwrap();
    file.write_all(b"{\"later\":{\"x\":1}}\n").unwrap();
    assert_eq!(shelf.read(&id).map(|told| (told.damaged, told.items.len())).unwrap(), (false, 5));
    for wrong in ["{\"step\":{\"item\":9,\"state\":\"done\",\"at\":\"2026-01-01T00:00:00Z\"}}", "\0\0\0", "{}", "[]"] {
        let before = std::fs::read(journal.path()).unwrap();
        file.write_all(format!("{wrong}\n").as_bytes()).unwrap();
        assert!(shelf.read(&id).unwrap().damaged, "{wrong}");
        file.set_len(before.len() as u64).unwrap();
    }
}

#[test]
fn ids_are_not_paths() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = shelf(dir.path());
    for id in ["", ".", "../x", "a/b", "a.journal", "\0"] {
        assert!(matches!(shelf.read(id), Err(Trouble::Missing)), "{id:?}");
        assert!(matches!(shelf.remove(id), Err(Trouble::Missing)), "{id:?}");
    }
    assert!(shelf.history().journals.is_empty() && shelf.unfinished().said.is_empty());
    assert!(shelf.begin(&Header { plan: "no JSON".into(), ..header(1) }).is_err());
    assert_eq!(std::fs::read_dir(dir.path().join("journal")).unwrap().count(), 0);
}

/// What is written where there is room for so much and no more: in a process of its own, since the limit holds for all
/// of one.
#[test]
fn on_a_full_disk_what_is_recorded_stays_whole() {
    const PLACE: &str = "TAGBOAT_TEST_JOURNAL";
    if let Some(dir) = std::env::var_os(PLACE) {
        return fill(Path::new(&dir));
    }
    for kib in [1, 2, 4] {
        let dir = tempfile::tempdir().unwrap();
        let name = "store::journal::tests::on_a_full_disk_what_is_recorded_stays_whole";
        let limited = format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\"");
        let exe = std::env::current_exe().unwrap();
        let mut command = Command::new("/bin/bash");
        command.args(["-c", &limited]).arg(exe).args(["--exact", name]).env(PLACE, dir.path());
        let ran = command.output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
        let recorded: usize = std::fs::read_to_string(dir.path().join("count")).unwrap().parse().unwrap();
        let found = shelf(dir.path()).unfinished();
        assert!(found.said.is_empty() && recorded > 0, "{found:?}");
        assert!(!found.journals[0].damaged && found.journals[0].ended.is_none());
        let done = found.journals[0].items.iter().filter(|item| item.state != State::Planned).count();
        assert_eq!(done, recorded);
    }
}

fn fill(dir: &Path) {
    let mut journal = shelf(dir).begin(&header(5)).unwrap();
    let recorded = (0..5).cycle().take_while(|item| journal.ended(*item, &changed()).is_ok()).take(1000).count();
    assert!(recorded < 1000, "there was room");
    // It stays full, and that is an error each time.
    assert!(journal.sending(0).is_err() || journal.sending(0).is_err());
    let bytes = vec![1; 8 << 10];
    assert!(journal.keep(&Digest::of(&bytes), "a/b", &bytes).is_err());
    std::fs::write(dir.join("count"), recorded.min(5).to_string()).unwrap();
}

#[test]
fn what_begins_in_one_second_stays_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = shelf(dir.path());
    let at = |nanos: i64| Timestamp::from_nanosecond(1_795_000_000_000_000_000 + i128::from(nanos)).unwrap();
    let times = [1, 2, 700_000_000, 700_000_001, 999_999_999];
    let begun: Vec<_> = times.map(|nanos| shelf.begin(&Header { time: at(nanos), ..header(1) }).unwrap()).into();
    let mut ids: Vec<_> = begun.iter().map(|journal| journal.id().to_owned()).collect();
    let told = ids.clone();
    ids.sort();
    ids.dedup();
    assert_eq!(ids, told);
}
