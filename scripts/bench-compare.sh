#!/usr/bin/env bash
# Tyrian beside a limit program and a peer, on SQLite and PostgreSQL: docs/performance.md says what is measured.
#   scripts/bench-compare.sh [OPTION…]   the options of bench/ (--help lists them): --size 10000, --engine sqlite, …
set -euo pipefail
. "$(dirname "$0")/lib.sh"

tyrian=$CARGO_TARGET_DIR/release/tyrian
target=$CARGO_TARGET_DIR/bench
[ -x "$tyrian" ] || die "$tyrian is absent: run make build"
say 'building what measures'
CARGO_TARGET_DIR=$target cargo build -q --locked --release --manifest-path bench/Cargo.toml
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tyrian-bench
mkdir -p "$cache"
scripts/pg.sh run -- "$target/release/bench" --tyrian "$tyrian" --cache "$cache" "$@"
