#!/usr/bin/env bash
# All that can be said of the code without running it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

wasm=wasm32-unknown-unknown
say 'formatting'
cargo fmt --all --check
cargo fmt --manifest-path bench/Cargo.toml --check
say 'clippy: server and libraries'
cargo clippy --workspace --exclude frontend --all-targets -- -D warnings
say 'clippy: the app'
scripts/setup-wasm.sh . 2>/dev/null
(
  . "${TYRIAN_WASM_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/tyrian-wasm}/env"
  if cargo clippy --version >/dev/null 2>&1; then
    cargo clippy -p frontend --target $wasm -- -D warnings
  else
    # the toolchain that setup-wasm.sh built has no clippy
    RUSTFLAGS='-D warnings' cargo check -p frontend --target $wasm
  fi
)
say 'who may know whom'
scripts/check-house.sh
say 'documentation'
RUSTDOCFLAGS='-D warnings' cargo doc -q --workspace --exclude frontend --no-deps
if has cargo-deny; then
  say 'licences, bans, sources; advisories where their database can be had'
  checks=(bans licenses sources)
  if cargo deny --log-level off fetch db 2>/dev/null; then checks+=(advisories); else say 'the database of advisories cannot be reached: they were not checked'; fi
  for manifest in Cargo.toml bench/Cargo.toml fuzz/Cargo.toml; do
    cargo deny --log-level error --config "$PWD/deny.toml" --manifest-path "$manifest" check "${checks[@]}"
  done
else
  say 'cargo-deny is not installed: licences and sources were not checked (cargo install cargo-deny)'
fi
if has shellcheck; then shellcheck -x scripts/*.sh .ci/run; fi
if [ -x e2e/node_modules/.bin/tsc ]; then
  say 'types of the browser tests'
  (cd e2e && node_modules/.bin/tsc --noEmit)
fi
echo 'ok: lint'
