//! Certificates of a test's own, made by `openssl` in its directory.

use std::path::{Path, PathBuf};
use std::process::Command;

const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
/// How `openssl ca` signs: it is the one command of OpenSSL 3.0 that takes both dates.
const SIGNING: &str = "[ca]
default_ca = tests
[tests]
database = index
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
rand_serial = yes
[any]
commonName = supplied
";
/// What a server on loopback is called here.
pub const NAMES: &str = "IP:127.0.0.1,DNS:localhost";

/// A CA (`ca.pem`, `ca.key`).
pub fn authority(dir: &Path) -> PathBuf {
    openssl(dir, &format!("req -x509 {KEY} -keyout ca.key -out ca.pem -days 2 -subj /CN=tests"));
    dir.join("ca.pem")
}

/// `server.pem` and `server.key` from the CA in the same directory, for these names and this time.
pub fn server(dir: &Path, names: &str, validity: &str) {
    let write = |name: &str, text: &str| std::fs::write(dir.join(name), text).expect("a file");
    write("ca.cnf", SIGNING);
    write("index", "");
    write("ext", &format!("subjectAltName={names}\nbasicConstraints=CA:FALSE\n"));
    openssl(dir, &format!("req {KEY} -keyout server.key -out server.csr -subj /CN=server"));
    openssl(dir, &format!("ca -batch -notext -config ca.cnf -in server.csr -out server.pem -extfile ext {validity}"));
}

/// A CA and a certificate for loopback from it; the CA's file.
pub fn for_loopback(dir: &Path) -> PathBuf {
    let ca = authority(dir);
    server(dir, NAMES, "-days 2");
    ca
}

pub fn openssl(dir: &Path, arguments: &str) {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(dir).output();
    let output = output.unwrap_or_else(|why| panic!("openssl cannot be started ({why}); tests/run.sh installs it"));
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}
