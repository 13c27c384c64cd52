#!/usr/bin/env bash
# The tests.
#   scripts/test.sh all           all of them; the last line counts
#   scripts/test.sh unit          Rust tests that need neither PostgreSQL nor a browser
#   scripts/test.sh api [FILTER]  the API on both engines
#   scripts/test.sh e2e [ARG…]    Playwright against the development binary
set -euo pipefail
. "$(dirname "$0")/lib.sh"

logs=$CARGO_TARGET_DIR/test-logs
mkdir -p "$logs"
what=${1:-all}
[ $# -eq 0 ] || shift

# cargo-nextest where it is there, else cargo's own runner: rust LOG ARG…
rust() {
  local log=$1; shift
  if cargo nextest --version >/dev/null 2>&1; then
    CARGO_TERM_COLOR=never cargo nextest run --no-fail-fast "$@" 2>&1 | tee "$log"
  else
    CARGO_TERM_COLOR=never cargo test --no-fail-fast "$@" 2>&1 | tee "$log"
  fi
}

passed() { # how many tests a log of either runner counts
  awk '/^ *Summary \[/ { for (i = 2; i <= NF; i++) if ($i ~ /^passed/) n += $(i - 1) }
       /^test result: ok\. / { n += $4 }
       END { print n + 0 }' "$1"
}

app() {
  scripts/setup.sh test
  scripts/build-app.sh
  # The binary as the API tests build it, so that nothing is compiled twice; it reads the app from dist/.
  cargo build --workspace --exclude frontend --bins --tests
}

browser() {
  app
  (cd e2e && TYRIAN_BIN=${TYRIAN_BIN:-$CARGO_TARGET_DIR/debug/tyrian} npx --no-install playwright test "$@") 2>&1 | tee "$logs/e2e"
}

case $what in
  unit)
    scripts/setup.sh
    rust "$logs/unit" --workspace --exclude frontend --lib --bins
    rust "$logs/app" -p frontend
    ;;
  api)
    scripts/setup.sh
    scripts/pg.sh run -- scripts/test.sh _rust "$logs/api" --workspace --exclude frontend --test api "$@"
    ;;
  e2e) browser "$@" ;;
  _rust) rust "$@" ;;
  all)
    started=$SECONDS
    say 'setting up'
    scripts/setup.sh test
    # they have lock files of their own, which a new dependency of a crate of ours leaves behind
    for other in bench fuzz; do
      cargo fetch -q --locked --manifest-path "$other/Cargo.toml" || die "$other/Cargo.lock is stale: build $other without --locked"
    done
    say 'Rust: unit tests, and the API on SQLite and PostgreSQL'
    scripts/pg.sh run -- scripts/test.sh _rust "$logs/rust" --workspace --exclude frontend
    say 'Rust: the app'
    rust "$logs/app" -p frontend
    say 'browser: Playwright against the development binary'
    browser
    printf 'ok: %d Rust tests (SQLite and PostgreSQL), %d of the app, %d in the browser, %d min %d s\n' \
      "$(passed "$logs/rust")" "$(passed "$logs/app")" "$(awk '$2 == "passed" { n = $1 } END { print n + 0 }' "$logs/e2e")" \
      $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60))
    ;;
  *) die "no such tests: $what" ;;
esac
