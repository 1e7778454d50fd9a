//! Journals as earlier tagboats wrote them, as later ones may write them, and as disks leave them: nothing is lost,
//! nothing is taken for something else, and what cannot be read is said.

use super::tests::shelf;
use super::*;
use crate::domain::cleanup::Method;
use crate::domain::outcome::Outcome;
use crate::domain::reference::{Digest, TagName};

const ID: &str = "20261121-191428-3f2a";
const A: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
/// `{}`, and its digest.
const KEPT: &str = r#"{"kept":{"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","media_type":"application/vnd.oci.image.manifest.v1+json","size":2,"bytes":"e30="}}"#;
const END: &str = r#"{"end":{"at":"2026-11-21T19:14:31Z"}}"#;

/// One line: items and a plan in the place of `ITEMS` and `PLAN`.
fn begin(items: &str, plan: &str) -> String {
    r#"{"begin":{"version":1,"time":"2026-11-21T19:14:28Z","registry":"staging","origin":"https://r.example","account":null,"repository":"team/app","items":ITEMS,"plan":PLAN}}"#
        .replace("ITEMS", items)
        .replace("PLAN", plan)
}

fn step(item: usize, state: &str) -> String {
    format!(r#"{{"step":{{"item":{item},"state":"{state}","at":"2026-11-21T19:14:29Z"}}}}"#)
}

/// `2.0` goes by its manifest `A`, and `latest` with it; `1.0` alone from `B`.
fn plan() -> String {
    r#"{"version":1,"registry":"staging","origin":"https://r.example","repository":"team/app","created":"2026-11-21T19:14:20Z","choices":{"manifests":true,"children":false,"referrers":false,"all_siblings":false,"siblings":["latest"],"placeholder":false,"lifted":[],"spared":[]},"items":[{"tag":"2.0","digest":"A","method":"delete-manifest","siblings":["latest"],"children":[],"referrers":[],"protected":false,"warnings":[],"role":"marked","media_type":null,"indexes":[],"after":[],"frees":0},{"tag":"1.0","digest":"B","method":"untag","siblings":[],"children":[],"referrers":[],"protected":false,"warnings":[],"role":"marked","media_type":null,"indexes":[],"after":[],"frees":0}],"kept":[],"left":{"untagged":[],"children":[],"referrers":[]},"reclaimable_bytes":0,"reclaimable_is":"exact","reclaimable_at_most":0,"tags_before":3,"unsure":null,"refused":null}"#
        .replace("\"A\"", &format!("\"{A}\""))
        .replace("\"B\"", &format!("\"{B}\""))
}

/// As the first form named the items of that plan.
fn items() -> String {
    format!(r#"[{{"tag":"2.0","digest":"{A}"}},{{"tag":"1.0","digest":"{B}"}}]"#)
}

struct Disk(tempfile::TempDir);

impl Disk {
    fn with(lines: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("journal")).unwrap();
        let disk = Self(dir);
        std::fs::write(disk.shelf().path(ID), lines.iter().map(|line| format!("{line}\n")).collect::<String>())
            .unwrap();
        disk
    }

    fn shelf(&self) -> Journals {
        shelf(self.0.path())
    }

    fn told(&self) -> Told {
        self.shelf().read(ID).unwrap()
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.shelf().path(ID)).unwrap()
    }
}

fn tag(name: &str) -> TagName {
    TagName::parse(name).unwrap()
}

#[test]
fn the_first_form_named_tags_and_digests_and_the_rest_is_in_its_plan() {
    let disk = Disk::with(&[&begin(&items(), &plan()), KEPT, &step(0, "sending"), &step(0, "done")]);
    let told = disk.told();
    assert!(!told.damaged && told.tagging.is_none() && told.ended.is_none());
    let methods: Vec<_> = told.header.items.iter().map(|item| item.method).collect();
    assert_eq!(methods, [Some(Method::DeleteManifest), Some(Method::Untag)]);
    assert_eq!((&told.header.items[0].along[..], told.header.items[1].along.len()), (&[tag("latest")][..], 0));
    assert_eq!([0, 1].map(|n| told.outcome(&told.items[n])), [Outcome::Done, Outcome::Skipped]);
    // What the plan does not say of these very items is not guessed.
    let others = items().replace("1.0", "1.1");
    for (items, plan) in [(others.as_str(), plan().as_str()), (&items(), r#"{"version":1}"#), (&items(), "{}")] {
        let told = Disk::with(&[&begin(items, plan)]).told();
        assert!(told.header.items.iter().all(|item| item.method.is_none() && item.along.is_empty()), "{plan}");
    }
}

#[test]
fn fields_that_came_later_are_passed_over_and_those_that_came_since_may_be_missing() {
    let items = format!(
        r#"[{{"tag":"2.0","digest":"{A}","method":"untag","along":[],"immutable":true}},{{"tag":"1.0"}},{{"digest":"{B}","method":"evaporate"}}]"#
    );
    let header = begin(&items, "{}").replace(r#""account":null,"#, r#""host":"h","#);
    let later = step(0, "done").replace("{\"item\"", "{\"took\":12,\"item\"");
    let disk = Disk::with(&[&header, r#"{"checked":{"item":0}}"#, &later, &END.replace("{\"at\"", "{\"by\":1,\"at\"")]);
    let told = disk.told();
    assert!(!told.damaged && told.ended.is_some() && told.header.account.is_none());
    assert_eq!(told.items[0].state, State::Ended(Outcome::Done));
    assert_eq!(told.header.items[0].method, Some(Method::Untag));
    assert_eq!((&told.header.items[1].digest, &told.header.items[2].method), (&None, &None));
    assert_eq!(disk.shelf().history().journals.len(), 1);
}

#[test]
fn a_line_that_cannot_be_read_hides_none_behind_it_and_stays_in_the_file() {
    for torn in ["\u{fffd}", &step(1, "vaporised"), &step(9, "done"), r#"{"step":{"item":1"#, r#"{"kept":{}}"#] {
        let lines = [&begin(&items(), &plan()), &step(0, "sending"), torn, &step(0, "done"), KEPT];
        let disk = Disk::with(&lines);
        let told = disk.told();
        assert!(told.damaged, "{torn}");
        assert_eq!((told.items[0].state, told.kept.len()), (State::Ended(Outcome::Done), 1), "{torn}");
        // That it began may be what the line said.
        assert_eq!((told.items[1].state, told.outcome(&told.items[1])), (State::Planned, Outcome::Unknown), "{torn}");
        let before = disk.bytes();
        let (mut journal, _) = disk.shelf().resume(ID).unwrap();
        journal.ended(1, &crate::domain::outcome::Ended::done()).unwrap();
        disk.shelf().end(journal).unwrap();
        assert!(disk.bytes().starts_with(&before), "{torn}");
        let told = disk.told();
        assert!(told.damaged && told.ended.is_some() && told.count(Outcome::Done) == 2, "{torn}");
    }
}

#[test]
fn the_half_of_a_last_line_was_never_written() {
    let disk = Disk::with(&[&begin(&items(), &plan()), &step(0, "sending")]);
    let whole = disk.bytes();
    std::fs::write(disk.shelf().path(ID), [&whole[..], &step(0, "done").as_bytes()[..30]].concat()).unwrap();
    let told = disk.told();
    assert_eq!((told.damaged, told.items[0].state), (false, State::Sending));
    drop(disk.shelf().resume(ID).unwrap());
    assert_eq!(disk.bytes(), whole);
}

#[test]
fn what_is_no_journal_or_two_is_said_and_left_alone() {
    let one = begin(&items(), &plan());
    let no_version = one.replace(r#""version":1,"#, "");
    let no_repository = one.replace("team/app", "TEAM//app");
    let dangling = one.replace(A, "sha256:aa");
    let twice = format!("{one}\n{}\n{one}", step(0, "done"));
    for text in ["", "{}", "PK\u{3}\u{4}", "[]", END, &no_version, &no_repository, &dangling, &twice] {
        let disk = Disk::with(&[text]);
        let before = disk.bytes();
        let shelf = disk.shelf();
        assert!(matches!(shelf.read(ID), Err(Trouble::Broken)), "{text}");
        assert!(matches!(shelf.resume(ID), Err(Trouble::Broken)), "{text}");
        let said = shelf.unfinished().said;
        assert!(said.len() == 1 && said[0].as_str().contains("It is left as it is."), "{said:?}");
        assert_eq!(disk.bytes(), before);
    }
}

#[test]
fn tags_set_in_a_way_that_is_not_known_are_no_deletion() {
    let items = format!(r#"[{{"tag":"2.0","digest":"{A}"}}]"#);
    let tags = format!(r#"[{{"tag":"2.0","digest":"{A}","before":"{B}"}}]"#);
    let set = format!(r#"{{"version":1,"tagging":{{"copied":false,"from":"staging/team/app:1.0","tags":{tags}}}}}"#);
    let done = step(0, "done");
    let told = Disk::with(&[&begin(&items, &set), &done, END]).told();
    assert_eq!(told.tagging.unwrap().moves[0].before, Some(Digest::parse(B).unwrap()));
    let newer = set.replace(r#""version":1"#, r#""version":3"#);
    let other = set.replace(r#""copied":false,"#, "");
    let newer = Disk::with(&[&begin(&items, &newer), &done, END]);
    assert!(matches!(newer.shelf().read(ID), Err(Trouble::Newer(3))));
    let other = Disk::with(&[&begin(&items, &other), &done, END]);
    assert!(matches!(other.shelf().read(ID), Err(Trouble::Broken)));
    for disk in [newer, other] {
        let (ended, open) = (disk.shelf().history(), disk.shelf().unfinished());
        assert!(ended.journals.is_empty() && open.journals.is_empty(), "{ended:?}");
        assert_eq!((ended.said.len(), open.said.len()), (1, 0), "said once");
    }
}

#[test]
fn tags_set_by_a_call_have_a_form_with_their_colours() {
    let items = format!(r#"[{{"tag":"2.0","digest":"{A}"}}]"#);
    let set = |call: &str| {
        let tags = format!(r#"[{{"tag":"2.0","digest":"{A}","before":"{B}"}}]"#);
        let tagging = format!(r#"{{"copied":false,"from":"ml/team/app:1.0","tags":{tags},"call":{call}}}"#);
        format!(r#"{{"version":2,"tagging":{tagging}}}"#)
    };
    let done = step(0, "done");
    for (call, colour, before) in [
        (r##"{"colour":"#27AE60","colour_before":"tomato"}"##, Some("#27AE60"), Some("tomato")),
        (r##"{"colour_before":"#1"}"##, None, Some("#1")),
        ("{}", None, None),
    ] {
        let disk = Disk::with(&[&begin(&items, &set(call)), &done, END]);
        let tagging = disk.told().tagging.unwrap();
        assert_eq!(tagging.moves[0].before, Some(Digest::parse(B).unwrap()), "{call}");
        let told = tagging.call.unwrap();
        assert_eq!((told.colour.as_deref(), told.colour_before.as_deref()), (colour, before), "{call}");
    }
    // A colour that is no text is no colour, and what it was for is not guessed.
    let disk = Disk::with(&[&begin(&items, &set(r#"{"colour":7}"#)), &done, END]);
    let before = disk.bytes();
    assert!(matches!(disk.shelf().read(ID), Err(Trouble::Broken)));
    assert_eq!(disk.bytes(), before);
}

#[test]
fn what_stands_behind_the_end_does_not_open_it_again() {
    let lines = [&begin(&items(), &plan()), &step(0, "done"), END, r#"{"seen":{"by":"somebody"}}"#];
    let disk = Disk::with(&lines);
    assert_eq!(disk.shelf().history().journals[0].id, ID);
    assert!(disk.shelf().unfinished().journals.is_empty());
    assert_eq!(disk.shelf().look(ID).unwrap().0, Stage::Ended);
}

fn sweep() -> String {
    r#"{"version":1,"sweep":{"registry":"staging","origin":"https://r.example","takes":"everything","created":"2026-11-21T19:14:20Z","repositories":[{"repository":"Team/App","tags":3,"images":null,"created":null,"updated":null,"pushed":null,"in_use":false,"favourite":false,"protected":0,"protected_tags":[]}]}}"#.to_owned()
}

#[test]
fn whole_repositories_have_a_form_that_older_programs_leave_alone() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = shelf(dir.path());
    let (whole, tags) = (super::tests::swept("Team/App", &sweep()), super::tests::header(1));
    let mut journal = shelf.begin(&whole).unwrap();
    let id = journal.id().to_owned();
    journal.sending_all([0]).unwrap();
    drop(journal);
    let told = shelf.read(&id).unwrap();
    assert_eq!((&told.header.items, told.items[0].state), (&whole.items, State::Sending));
    assert_eq!(told.sweep.as_ref().unwrap().items[0].tags, Some(3));
    assert!(told.tagging.is_none() && !told.restorable(0) && told.header.items[0].repo.is_some());
    let (journal, _) = shelf.resume(&id).unwrap();
    shelf.end(journal).unwrap();
    assert_eq!(shelf.history().journals[0].id, id);
    assert!(shelf.unfinished().journals.is_empty());
    let first = |id: &str| std::fs::read_to_string(shelf.path(id)).unwrap();
    assert!(first(&id).starts_with("{\"begin\":{\"version\":2,"), "{}", first(&id));
    let journal = shelf.begin(&tags).unwrap();
    assert!(first(journal.id()).starts_with("{\"begin\":{\"version\":1,"), "older ones read it");
}

#[test]
fn repositories_deleted_in_a_way_that_is_not_known_are_no_deletion_of_tags() {
    let items = r#"[{"repository":"Team/App"}]"#;
    let done = step(0, "done");
    let lines = |plan: &str| begin(items, plan).replace(r#""version":1,"time""#, r#""version":2,"time""#);
    let newer = sweep().replace(r#""version":1"#, r#""version":2"#);
    let newer = Disk::with(&[&lines(&newer), &done, END]);
    assert!(matches!(newer.shelf().read(ID), Err(Trouble::Newer(2))));
    let other = Disk::with(&[&lines(&sweep().replace("everything", "half")), &done, END]);
    assert!(matches!(other.shelf().read(ID), Err(Trouble::Broken)));
    let later = Disk::with(&[&lines(&sweep()).replace(r#""version":2,"time""#, r#""version":3,"time""#), &done, END]);
    assert!(matches!(later.shelf().read(ID), Err(Trouble::Newer(3))));
    assert!(later.shelf().history().journals.is_empty());
}
