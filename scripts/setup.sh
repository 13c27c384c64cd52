#!/usr/bin/env bash
# Makes this machine ready and says what it does; where all is there it is silent and takes no time.
#   scripts/setup.sh          what building and running needs
#   scripts/setup.sh test     also what the tests need: Chromium, Playwright, PostgreSQL
# The WASM target and its tools are scripts/setup-wasm.sh, which scripts/build-app.sh calls where the app has to be built.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

need() { # need PROGRAM PACKAGE WHAT-FOR
  has "$1" && return
  if can_apt; then apt_install "$2" || true; fi
  has "$1" || missing+=("$1 ($3; Debian, Ubuntu: apt-get install $2)")
}

missing=()
need cc gcc 'the C compiler that Rust links with'
need git git 'the version that is built'
need curl curl 'downloads'
need node nodejs 'compresses the app and runs the browser tests'
need npm npm 'wasm-opt and Playwright'

# rustup installs into a folder that a fresh shell may not have in its PATH yet.
if ! has cargo && [ -x "$HOME/.cargo/bin/cargo" ]; then
  missing+=('cargo (it is in ~/.cargo/bin: add that folder to PATH)')
elif ! has cargo; then
  missing+=('cargo (Rust: see https://rustup.rs)')
fi
if [ ${#missing[@]} -gt 0 ]; then
  printf 'error: this machine lacks:\n' >&2
  printf '  %s\n' "${missing[@]}" >&2
  exit 1
fi

wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
found=$(rustc --version | awk '{print $2}')
[ "$(printf '%s\n%s\n' "$wanted" "${found%%-*}" | sort -V | head -1)" = "$wanted" ] || die "Rust $wanted or newer is needed, this is $found: run 'rustup update'"
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] || die "Node 18 or newer is needed, this is $(node --version)"

[ "${1:-}" = test ] || exit 0

# type -P: only a program in the PATH counts, not a function of this script.
find_chromium() { local c; for c in "${CHROMIUM:-}" chromium-headless-shell chromium chromium-browser google-chrome; do if [ -n "$c" ] && type -P "$c"; then return; fi; done; return 1; }
# The one without a window is quicker; older Debians have only the whole browser.
if [ -z "${CHROMIUM:-}" ] && ! type -P chromium-headless-shell >/dev/null && can_apt; then apt_install chromium-headless-shell || true; fi
if ! find_chromium >/dev/null && can_apt; then apt_install chromium || true; fi
find_chromium >/dev/null || die 'the browser tests need Chromium (Debian: apt-get install chromium), or CHROMIUM=/path/to/it'

# A tree that npm wrote for this lock file is taken as it is.
if ! cmp -s e2e/package-lock.json e2e/node_modules/.lock-it-was-made-from; then
  say 'installing Playwright (npm ci in e2e/)'
  (cd e2e && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-audit --no-fund) >&2
  cp e2e/package-lock.json e2e/node_modules/.lock-it-was-made-from
fi

scripts/pg.sh run -- true
