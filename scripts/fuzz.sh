#!/usr/bin/env bash
# Fuzzes every parser of foreign formats, one after the other.
#   scripts/fuzz.sh [SECONDS]     for each target; 280 make an hour of all
# Starts from the golden files of the tests. What is found lies in fuzz/artifacts: make it a test, then mend the parser.
# cargo-fuzz wants compiler flags that a stable compiler only takes by RUSTC_BOOTSTRAP.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
seconds=${1:-280}
has cargo-fuzz || { say 'installing cargo-fuzz'; cargo install --locked --quiet cargo-fuzz; }
export RUSTC_BOOTSTRAP=1
for target in $(cargo fuzz list); do
  mkdir -p "fuzz/corpus/$target"
  cp crates/attack/tests/imports/golden/* "fuzz/corpus/$target/"
  say "fuzzing $target for $seconds s"
  # without the address sanitizer: our crates forbid unsafe code, what is looked for are panics, hangs and hunger
  cargo fuzz run --sanitizer none "$target" -- -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 2>&1 |
    grep -E '^(stat::number_of_executed_units|SUMMARY|ERROR|==|Failing)|panicked|artifact' || true
  [ -z "$(ls -A "fuzz/artifacts/$target" 2>/dev/null)" ] || die "$target: see fuzz/artifacts/$target"
done
say 'no crash'
