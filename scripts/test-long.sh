#!/usr/bin/env bash
# What takes long: the server killed again and again under load, on both engines (ROUNDS=100 each), PostgreSQL gone and back, full
# and silent, two instances killed in turn, a full disk under either engine, evidence in S3, backups of it and of 100,000 tests,
# every operation as its document says, alone and after one another. It says what it did.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
export TYRIAN_BIN=${TYRIAN_BIN:-$CARGO_TARGET_DIR/release/tyrian}
rounds=${ROUNDS:-100}
say "killing the server $rounds times on SQLite"
node scripts/long/kill9.mjs "$rounds"
say "killing the server $rounds times on PostgreSQL"
scripts/pg.sh run -- bash -c 'TYRIAN_CHECK_DB=$TYRIAN_TEST_PG node scripts/long/kill9.mjs "$0"' "$rounds"
say 'PostgreSQL stops for 20 s under load, comes back, and loses its connections'
scripts/pg.sh run -- node scripts/long/gone.mjs 20
say 'others take all connections of PostgreSQL'
TYRIAN_TEST_PG_CONNECTIONS=30 scripts/pg.sh run -- node scripts/long/crowded.mjs 10
say 'nothing is carried to PostgreSQL for 20 s'
scripts/pg.sh run -- node scripts/long/stalled.mjs 20
say 'two instances behind a proxy, killed in turn'
scripts/pg.sh run -- node scripts/long/twins.mjs 20
say 'a full disk'
node scripts/long/full.mjs
node scripts/long/full.mjs limit
say 'PostgreSQL without room for its data and for its log'
TYRIAN_TEST_PG_MIB=160 scripts/pg.sh run -- node scripts/long/pg-full.mjs
say 'evidence in S3'
node scripts/long/bucket.mjs
say 'a backup of evidence in S3, put back onto files and onto another bucket'
scripts/pg.sh run -- node scripts/long/bucket-backup.mjs
say '100,000 tests through a backup and onto the other engine'
scripts/pg.sh run -- node scripts/long/much.mjs 500
say 'the OpenAPI document as six kinds of callers, by schemathesis'
node scripts/long/contract.mjs 120
