#!/usr/bin/env bash
# Builds the app into dist/ as the binary serves it, where anything that goes into it has changed.
#   scripts/build-app.sh          for the binary: small, precompressed
#   scripts/build-app.sh --dev    quicker: not optimised, not compressed
# cargo makes one WASM file; wasm-split cuts the parts out that a browser fetches later (frontend/src/parts.rs), wasm-bindgen
# writes the glue for the rest, wasm-opt makes each smaller, assemble-app.mjs lays all out. Trunk knows no split, so it is not used.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

profile=wasm-release
[ "${1:-}" != --dev ] || profile=wasm-dev
stamp=frontend/.build/dist.stamp
checksum() { if has sha256sum; then sha256sum; else shasum -a 256; fi; }
# Names and contents of all that goes into the app. Its own build folder is not among them.
inputs() {
  find frontend crates/domain crates/api-types .cargo Cargo.toml Cargo.lock scripts/bundle-css.sh scripts/assemble-app.mjs scripts/build-app.sh scripts/setup-wasm.sh \
    -path frontend/.build -prune -o -type f -print | LC_ALL=C sort
}
now=$profile\ $(inputs | while IFS= read -r file; do printf '%s %s\n' "$file" "$(cksum <"$file")"; done | checksum)

if [ -f dist/index.html ] && [ "$(cat "$stamp" 2>/dev/null)" = "$now" ]; then exit 0; fi

say 'getting the WASM target and tools (the first time takes minutes)'
scripts/setup-wasm.sh .
say 'building the app into dist/'
rm -f "$stamp"
. "${TYRIAN_WASM_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/tyrian-wasm}/env"
sh scripts/bundle-css.sh
cargo build --locked -p frontend --target wasm32-unknown-unknown --profile $profile

built=frontend/.build/app
rm -rf "$built" frontend/.build/split
mkdir -p "$built" frontend/.build/split
wasm-split-cli --out-name frontend "$CARGO_TARGET_DIR/wasm32-unknown-unknown/$profile/frontend.wasm" frontend/.build/split
# The glue and the loader of the parts import each other, so they lie side by side.
wasm-bindgen --target web --no-typescript --keep-lld-exports --no-demangle --out-dir "$built" --out-name frontend frontend/.build/split/frontend.wasm
rm frontend/.build/split/frontend.wasm
mv frontend/.build/split/* "$built"
if [ $profile = wasm-release ]; then
  # The tool takes seconds to start: small files are not worth it, the others go side by side.
  find "$built" -name '*.wasm' -size +7k -print0 | xargs -0 -n 1 -P "$(getconf _NPROCESSORS_ONLN)" sh -c 'wasm-opt -Oz "$1" -o "$1"' -
fi
node scripts/assemble-app.mjs "$built" dist $([ $profile = wasm-release ] || echo --plain)
printf '%s\n' "$now" >"$stamp"
