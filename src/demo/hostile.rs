//! The hostile profile: what safety.md expects a registry to try, switched on from the start.

use serde_json::{Value, json};

use super::faults::{Fault, Faults, Rule};

pub(super) fn arm(faults: &Faults) {
    let names: Vec<Value> = vec![
        json!("\u{1b}]0;owned\u{7}library/title"),
        json!("\u{1b}[2J\u{1b}[1;1Hlibrary/clear"),
        json!("../../etc/passwd"),
        json!("library/adm\u{200b}in"),
        json!("library/\u{202e}tset"),
        json!("UPPER/Case"),
        json!("library/a?n=1#x"),
        json!("x".repeat(300)),
        json!(null),
        json!(""),
        json!(42),
    ];
    let tags: Vec<Value> = vec![
        json!("\u{1b}]52;c;cm0gLXJmIC8=\u{7}"),
        json!("latest\r\nstable"),
        json!("v1.0\u{9b}31m"),
        json!("la\u{200b}test"),
        json!("sha256:../../x"),
        json!(null),
        json!({"name": "object"}),
    ];
    faults.add(Rule::on("/v2/_catalog", Fault::Entries(names)));
    faults.add(Rule::on("/tags/list", Fault::Entries(tags)));
    // The page that names itself as the next one: crane and skopeo follow it for ever (§4.3, observed).
    faults.add(Rule::on("/tags/list", Fault::Link("</v2/x/tags/list?n=100&last=a>; rel=\"next\"".to_owned())));
    let cookie = Fault::Header("set-cookie".to_owned(), Some("sid=demo; Path=/".to_owned()));
    faults.add(Rule::on("/v2/", cookie));
    let warning = Fault::Header("warning".to_owned(), Some("299 - \"\u{9b}31mread me\"".to_owned()));
    faults.add(Rule::on("/manifests/", warning));
}
