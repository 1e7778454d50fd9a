#!/usr/bin/env bash
# Installs Debian packages: tests/packages.sh NAME...
set -euo pipefail

if ! command -v apt-get >/dev/null; then
    echo "$0: missing: $*; there is no apt-get here, install them by hand" >&2
    exit 1
fi
as_root=()
if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
        echo "$0: missing: $*; not root and no sudo, run as root: apt-get install $*" >&2
        exit 1
    fi
    as_root=(sudo)
fi
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" || {
    echo "$0: could not install: $*" >&2
    exit 1
}
