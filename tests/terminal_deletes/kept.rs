//! A row that is kept stays, with all that is on its digest; what a filter hides goes all the same.

use tagboat::demo::Profile;

use super::{SIZES, Site, look};

/// A filter of the plan's rows.
fn filter(site: &mut Site, text: &str) {
    site.pty.press("/");
    site.pty.wait_for("Enter keep");
    site.pty.press("\x15");
    site.pty.press(text);
    site.pty.press("\r");
    site.pty.wait_until("the list", |screen| !screen.contains("Enter keep"));
}

/// Where tags go alone, one of three is marked; where only manifests go, all three have to be.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_stays_and_what_a_filter_hides_goes() {
    for (size, profile, marks) in
        [(SIZES[0], Profile::Distribution3, "~^(a1|b|c|d)$"), (SIZES[1], Profile::Reference, "~^(a.|b|c|d)$")]
    {
        let mut site = Site::new(profile, size, "").await;
        let a = site.server.store().resolve(super::REPO, "a1");
        site.to(marks);
        site.pty.press("a");
        site.pty.wait_for(" marked");
        site.plan();
        filter(&mut site, "a1");
        site.pty.wait_for("1 of 4 shown");
        site.pty.press("K");
        site.pty.wait_for("kept by you");
        site.pty.wait_for("type the number of tags: 3");
        filter(&mut site, "c");
        site.pty.wait_until("the filter", |screen| screen.contains("/ c ") && screen.contains("1 of "));
        look();
        site.pty.press("\t");
        site.pty.press("3");
        site.pty.wait_for("matches");
        assert_eq!(site.deletes(), [""; 0], "{profile:?}");
        site.confirm();
        site.pty.wait_for("Ended at");
        site.pty.wait_for("ok 3");
        assert_eq!(site.tags(), ["a1", "a2", "a3", "e", "i", "j"], "{profile:?}");
        for name in ["a1", "a2", "a3"] {
            assert_eq!(site.server.store().resolve(super::REPO, name), a, "{profile:?}: {name}");
        }
        assert_eq!(site.deletes().len(), 3, "{profile:?}");
        site.quit();
    }
}
