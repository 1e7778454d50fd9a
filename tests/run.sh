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
    if ! command -v apt-get >/dev/null; then
        echo "tests/run.sh: missing: ${missing[*]}; there is no apt-get here, install them by hand" >&2
        exit 1
    fi
    as_root=()
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null; then
            echo "tests/run.sh: missing: ${missing[*]}; not root and no sudo, run as root: apt-get install ${missing[*]}" >&2
            exit 1
        fi
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" || {
        echo "tests/run.sh: could not install: ${missing[*]}" >&2
        exit 1
    }
fi

set -x
cargo fmt --check
cargo clippy --locked --all-targets -- -D warnings
cargo test --locked
RUSTDOCFLAGS=-Dwarnings cargo doc --locked --no-deps
