#!/usr/bin/env bash
# Builds the app into dist/ as the binary serves it (release, precompressed), where anything that goes into it has changed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

stamp=frontend/.build/dist.stamp
checksum() { if has sha256sum; then sha256sum; else shasum -a 256; fi; }
# Names and contents of all that goes into the app. Its own build folder is not among them.
inputs() {
  find frontend crates/domain crates/api-types Cargo.toml Cargo.lock Trunk.toml scripts/bundle-css.sh scripts/compress.mjs scripts/build-app.sh \
    -path frontend/.build -prune -o -type f -print | LC_ALL=C sort
}
now=$(inputs | while IFS= read -r file; do printf '%s %s\n' "$file" "$(cksum <"$file")"; done | checksum)

if [ -f dist/index.html ] && [ "$(cat "$stamp" 2>/dev/null)" = "$now" ]; then exit 0; fi

say 'getting the WASM target and tools (the first time takes minutes)'
scripts/setup-wasm.sh .
say 'building the app into dist/'
rm -f "$stamp"
(
  . "${TYRIAN_WASM_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/tyrian-wasm}/env"
  NO_COLOR=true trunk build --release
)
node scripts/compress.mjs dist
mkdir -p frontend/.build
printf '%s\n' "$now" >"$stamp"
