#!/usr/bin/env bash
# Proves who may know whom (docs/architecture.md): domain ← api-types ← frontend; migration knows nothing of ours.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

failed=
wrong() { printf 'house: %s\n' "$*" >&2; failed=yes; }

# ours CRATE: which of our crates are in its tree, itself apart
ours() { cargo tree --locked --edges normal,build --prefix none -p "$1" "${@:2}" | awk -v self="$1" '($1 ~ /^tyrian/ || $1 == "frontend") && $1 != self { print $1 }' | sort -u | tr '\n' ' '; }
may_know() { # may_know CRATE ALLOWED…
  local crate=$1 known; shift
  for known in $(ours "$crate"); do
    case " $* " in *" $known "*) ;; *) wrong "$crate must not know $known" ;; esac
  done
}
may_know tyrian-domain
may_know tyrian-migration
may_know tyrian-api-types tyrian-domain
may_know tyrian-attack tyrian-domain tyrian-api-types
may_know tyrian-report tyrian-domain
may_know tyrian-entity tyrian-domain
may_know frontend tyrian-domain tyrian-api-types
may_know tyrian tyrian-domain tyrian-api-types tyrian-attack tyrian-report tyrian-entity tyrian-migration

# The app carries nothing of the server.
if cargo tree --locked --edges normal --prefix none -p frontend --target wasm32-unknown-unknown | grep -E '^(sea-orm|sqlx|actix-web|tokio) ' >&2; then
  wrong 'the app must not depend on the crates above'
fi

# HTTP knows no tables: routes call a service.
if grep -rnE 'tyrian_entity|sea_orm' crates/server/src --include=routes.rs >&2; then wrong 'a routes.rs names an entity or the ORM'; fi
# Words and rules do no I/O.
if grep -rnE 'std::(fs|net|env|process|time)|\basync fn' crates/domain/src crates/api-types/src >&2; then wrong 'domain or api-types does I/O'; fi

# That both compile for the browser is shown by the app, which holds them (scripts/lint.sh).

[ -z "$failed" ] || exit 1
