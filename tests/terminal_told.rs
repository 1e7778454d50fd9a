//! What the other systems say of their repositories and tags, on a terminal, against the demo's stand-ins.
#![cfg(unix)]

use tagboat::domain::text;

use crate::support::pty::Pty;

/// The demo, in the repositories of one of its registries.
fn open(registry: &str, complete: &str, size: (u16, u16)) -> Pty {
    let mut pty = Pty::start_with(&["demo"], size.0, size.1, &[("LANG", "C.UTF-8")]);
    pty.wait_for("demo-oci");
    enter(&mut pty, registry);
    pty.wait_for(complete);
    pty
}

/// Goes into the only row that matches.
fn enter(pty: &mut Pty, filter: &str) {
    keep(pty, filter);
    pty.press("\r");
}

fn keep(pty: &mut Pty, filter: &str) {
    pty.filter(filter);
    pty.press("\r");
    pty.wait_until("the filter is kept", |screen| !screen.contains("Enter keep"));
}

/// Every row between the header and the footer reaches the right border, whatever stands in it.
#[track_caller]
fn is_straight(pty: &Pty, width: usize) {
    pty.wait_until("straight rows", |screen| {
        let mut rows = screen.lines().filter(|row| row.starts_with(['│', '┌', '└']));
        rows.all(|row| text::width(row.trim_end()) == width)
    });
}

fn quit(mut pty: Pty) {
    pty.press("q");
    assert_eq!(pty.end(), 0);
}

#[test]
fn a_system_with_numbers_has_columns_for_them_and_wide_text_stays_in_its_own() {
    for size in [(120, 36), (80, 24)] {
        let mut pty = open("demo-alauda", "complete: 23 names", size);
        for title in ["PULLS", "STARS", "ACCESS", "PUSHED"] {
            pty.wait_for(title);
        }
        if size.0 == 80 {
            pty.press("p");
        }
        pty.wait_for("账户服务");
        pty.wait_for("4,663");
        is_straight(&pty, size.0.into());
        pty.press("w");
        pty.wait_for("What the registry says of yunfan/account-api");
        pty.wait_for("{");
        pty.press("G");
        pty.wait_for("\"upload\": ");
        is_straight(&pty, size.0.into());
        pty.press("\x1b");
        pty.wait_until("the dialog is closed", |screen| !screen.contains("What the registry says"));
        if size.0 == 80 {
            pty.press("p");
        }
        keep(&mut pty, "public:no pulls>7000");
        pty.wait_for("3/23 shown");
        pty.wait_for("yunfan/search");
        quit(pty);
    }
}

#[test]
fn entries_of_other_registries_stand_below_their_headings() {
    for size in [(120, 36), (80, 24)] {
        let mut pty = open("demo-docker-cloud", "complete: 61 names", size);
        pty.wait_for("▾ Docker Hub (registry-1.docker.io)  (6)");
        pty.wait_for("IN USE");
        is_straight(&pty, size.0.into());
        // The heading closes its group.
        pty.press("gg");
        pty.press("\r");
        pty.wait_for("▸ ");
        pty.wait_until("the others stay", |screen| screen.contains("▾ Docker Hub"));
        is_straight(&pty, size.0.into());
        quit(pty);
    }
}

#[test]
fn tags_have_the_colours_their_system_keeps_and_ids_are_no_digests() {
    for size in [(120, 36), (80, 24)] {
        let mut pty = open("demo-ml-space", "complete: 66 names", size);
        pty.wait_for("★");
        enter(&mut pty, "labelling/palette");
        pty.wait_for("COLOUR");
        pty.wait_for("■");
        is_straight(&pty, size.0.into());
        quit(pty);
        let mut pty = open("demo-docker-v1", "complete: 73 names", size);
        pty.press("\r");
        pty.wait_for("IMAGE");
        pty.wait_until("the image", |screen| screen.contains("complete: 4 tags"));
        assert!(!pty.screen().contains("image-id"), "{}", pty.screen());
        is_straight(&pty, size.0.into());
        // A layer is an image with a document of its own.
        pty.press("\r");
        pty.wait_for("3 Layers");
        pty.press("3");
        pty.wait_until("the layers", |screen| screen.contains("CREATED BY") && !screen.contains("Reading..."));
        pty.press("\r");
        pty.wait_for("6 Raw  JSON");
        quit(pty);
    }
}
