#!/usr/bin/env bash
# Figures of this machine: start to ready, memory, the sync of a real bundle beside the bare parse of the same file, and
# the memory that exports of a large mission take.
# Takes the bundle from TYRIAN_TEST_DATA (default ../shared/data) and says so where it is absent. Nothing here is a test.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

binary=$CARGO_TARGET_DIR/release/tyrian
data=${TYRIAN_TEST_DATA:-../shared/data}
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$dir"' EXIT
ms() { date +%s%3N; }
memory() { awk -v f="$1:" '$1 == f { printf "%.0f MiB", $2 / 1024 }' "/proc/$pid/status"; }

printf 'load before: %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)"
TYRIAN_DATA_DIR=$dir "$binary" migrate up >/dev/null
begun=$(ms); : >"$dir/out"
TYRIAN_DATA_DIR=$dir TYRIAN_LISTEN=127.0.0.1:0 TYRIAN_RATE_LIMIT=off "$binary" serve >"$dir/out" 2>"$dir/err" &
pid=$!
until url=$(grep -o 'http://[^ ]*' "$dir/out"); do kill -0 "$pid"; sleep 0.005; done
until curl -sf -o /dev/null "$url/api/v1/diag/ready"; do sleep 0.005; done
printf 'start to ready (migrated database): %s ms\n' $(($(ms) - begun))
sleep 1
printf 'memory idle: %s\n' "$(memory VmRSS)"

bundle=$data/stix/enterprise-attack-18.1.json.gz
if [ ! -f "$bundle" ]; then
  printf 'sync: skipped, %s is absent\n' "$bundle"
  exit 0
fi
gunzip -c "$bundle" >"$dir/bundle.json"
cargo build -q --release -p tyrian-attack --example parse
printf 'bare parse: '; "$CARGO_TARGET_DIR/release/examples/parse" "$dir/bundle.json" | head -3 | tr '\n' ' '; echo
json='Content-Type: application/json'
curl -sf -o /dev/null "$url/api/v1/setup" -H "$json" -d '{"email":"a@example.test","display_name":"A","password":"a long enough password"}'
token=$(curl -sf "$url/api/v1/auth/login" -H "$json" -d '{"email":"a@example.test","password":"a long enough password"}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
sync() { curl -sf "$url/api/v1/mitre/sync" -H "Authorization: Bearer $token" -F allow_unverified=true -F "file=@$dir/bundle.json"; }
printf 'sync by upload: %s ms\n' "$(sync | sed 's/.*"duration_ms":\([0-9]*\).*/\1/')"
printf 'the same again: %s ms\n' "$(sync | sed 's/.*"duration_ms":\([0-9]*\).*/\1/')"
printf 'memory peak: %s\n' "$(memory VmHWM)"
node scripts/bench-exports.mjs "$url" "$token" "$pid"
printf 'load after: %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)"
