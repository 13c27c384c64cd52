#!/usr/bin/env bash
# What the app costs a browser: bytes of the first load, first paint, page changes and layout shifts on a processor four times
# slower, long tasks of the matrix and of lists of ten thousand rows. The specs are those of the tests; run it on a quiet machine.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
scripts/setup.sh test
export TYRIAN_BIN=${TYRIAN_BIN:-$CARGO_TARGET_DIR/release/tyrian} QUIET=1
cd e2e
{
  npx --no-install playwright test --project=all loading -g budget
  npx --no-install playwright test --project=speed --no-deps
} | grep -E 'kB|painted|pages after|moved by|✓|✘|Error|passed|failed'
