#!/usr/bin/env bash
# Everything that must hold before a change goes in: format, lints, tests, documentation.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The tests talk to a real registry and look at the program in a terminal; on Debian the command has the package's name.
missing=()
for tool in docker-registry skopeo tmux openssl; do
    command -v "$tool" >/dev/null || missing+=("$tool")
done
if ((${#missing[@]})); then
    tests/packages.sh "${missing[@]}"
fi
# Other people's clients, for the tests that drive them.
tests/clients.sh

set -x
cargo fmt --check
cargo clippy --locked --all-targets -- -D warnings
cargo test --locked
RUSTDOCFLAGS=-Dwarnings cargo doc --locked --no-deps
