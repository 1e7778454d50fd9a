#!/usr/bin/env bash
# Puts other people's registry clients into a throw-away environment below target/, for the tests that drive them.
# Running it again does nothing until a version below tests/clients/ or of the tools changes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing=()
command -v python3 >/dev/null || missing+=(python3)
# Debian has the module, but not what it needs, in python3 itself.
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
if ((${#missing[@]})); then
    tests/packages.sh "${missing[@]}"
fi

home=${TAGBOAT_TEST_CLIENTS:-$PWD/target/test-clients}
mkdir -p "$home"
home=$(cd "$home" && pwd)
wanted=$(python3 --version && node --version && cat tests/clients/requirements.txt tests/clients/package-lock.json)
if [[ -f $home/installed && $(<"$home/installed") == "$wanted" ]]; then
    exit 0
fi

rm -rf "$home/installed" "$home/python" "$home/node"
python3 -m venv "$home/python"
pip=("$home/python/bin/pip" --disable-pip-version-check --quiet)
# First what the others are built with: the newest would be fetched for each of them otherwise.
"${pip[@]}" install "$(grep '^setuptools==' tests/clients/requirements.txt)"
"${pip[@]}" install --no-deps --no-build-isolation --requirement tests/clients/requirements.txt
"${pip[@]}" check

mkdir "$home/node"
cp tests/clients/package.json tests/clients/package-lock.json "$home/node/"
# Their scripts build optional native code, which nothing here needs.
npm ci --prefix "$home/node" --ignore-scripts --no-audit --no-fund --loglevel=error

printf '%s\n' "$wanted" >"$home/installed"
