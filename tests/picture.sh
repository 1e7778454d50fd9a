#!/bin/sh
# Makes the README's picture of the tags pane anew, from the real program over the demo's registries.
set -eu
cd "$(dirname "$0")/.."
UPDATE_DOCS=1 cargo test --test suite picture
