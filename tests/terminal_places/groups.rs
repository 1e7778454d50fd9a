//! The registries of a Docker Cloud account.

use tagboat::demo::Rule;

use super::{KEY, SIZES, after, cloud, faults, is_whole, of_cloud, start, whole};

#[tokio::test(flavor = "multi_thread")]
async fn registries_are_filtered_looked_at_and_shown_alone() {
    let server = cloud("127.0.0.1:9").await;
    for size in SIZES {
        server.clear_log();
        let mut pty = start(&of_cloud(&server), "cloud", size, KEY);
        whole(&pty, 61);
        pty.press("gh");
        pty.wait_until("all of them", |screen| {
            screen.contains("8 found") && screen.contains("buildbox.local") && screen.contains("gcr.io")
        });
        pty.press("/");
        after(&mut pty, "Which registries", "\t");
        pty.press("quay.io");
        pty.press("\t\t");
        pty.press("\t");
        pty.press("\r");
        pty.wait_until("one of them", |screen| screen.contains("1 found with host quay.io"));
        let asked = server.log().iter().filter(|sent| sent.query.contains("host=quay.io")).count();
        assert_eq!(asked, 1);
        pty.press("j");
        pty.press(" ");
        pty.wait_for("address in the API");
        assert!(server.log().iter().any(|sent| sent.path == "/api/repo/v1/registry/quay.io/"));
        pty.press("\r");
        // The heading says the host once for all of them.
        pty.wait_until("its repositories", |screen| {
            let headed = screen.contains("Quay (quay.io)") && screen.contains("coreos/clair");
            headed && !screen.contains("Build machine") && screen.contains("at Quay")
        });
        pty.press("\x1b");
        pty.wait_until("all again", |screen| {
            is_whole(screen, 61) && screen.contains("Build machine") && !screen.contains("at Quay")
        });
        pty.press("q");
        assert_eq!(pty.end(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn registries_that_cannot_be_read_say_why() {
    let server = cloud("127.0.0.1:9").await;
    let mut pty = start(&of_cloud(&server), "cloud", (80, 24), KEY);
    whole(&pty, 61);
    for (fault, said) in faults() {
        server.faults().add(Rule::on("/registry/", fault));
        pty.press("gh");
        pty.wait_for(said);
        server.faults().clear();
        pty.press("\r");
        pty.wait_for("8 found");
        server.faults().add(Rule::on("/registry/", tagboat::demo::Fault::status(404)));
        pty.press("j");
        pty.press(" ");
        pty.wait_for("answered 404 to");
        server.faults().clear();
        pty.press("\x1b");
        pty.wait_until("no dialog", |screen| !screen.contains("Registries of cloud"));
    }
    pty.press("q");
    assert_eq!(pty.end(), 0);
}
