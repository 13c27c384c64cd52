#!/usr/bin/env bash
# A throw-away PostgreSQL for tests.
#   scripts/pg.sh run -- CMD…    starts a cluster, runs CMD with TYRIAN_TEST_PG set, then stops and deletes the cluster
# TYRIAN_TEST_PG_CTL names a program that stops it at once, starts it again, ends all connections to it, or asks it: stop, start,
# terminate, sql STATEMENT [DATABASE]. TYRIAN_TEST_PG_CONNECTIONS says how many connections it takes (300).
# TYRIAN_TEST_PG_MIB=N: data and WAL lie on a small file system each, of N MiB, where root may mount one; TYRIAN_TEST_PG_DATA and
# TYRIAN_TEST_PG_WAL then name them, and what is committed is written before it is answered.
# The exit status is CMD's own; 2 for a wrong call, 3 where PostgreSQL is absent or does not start.
set -euo pipefail

say() { printf 'pg.sh: %s\n' "$*" >&2; }

usage() {
  say 'usage: scripts/pg.sh run -- CMD…'
  exit 2
}

[ "${1:-}" = run ] && shift || usage
[ "${1:-}" = -- ] && shift || usage
[ $# -gt 0 ] || usage

# The folder that holds the server's own programs. Debian keeps them out of PATH; a real installation is preferred
# to whatever stands in PATH under the same name.
find_bin() {
  local dir
  for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5,5nr); do
    [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ] && { echo "$dir"; return; }
  done
  if command -v initdb >/dev/null && command -v pg_ctl >/dev/null; then
    dirname "$(command -v initdb)"
  fi
}

bin=$(find_bin)
if [ -z "$bin" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  say 'PostgreSQL is absent: installing the package postgresql (no cluster of its own is made or started)'
  conf=/etc/postgresql-common/createcluster.conf
  export DEBIAN_FRONTEND=noninteractive
  {
    apt-get update && apt-get install -y --no-install-recommends postgresql-common &&
      cp -p "$conf" "$conf.tyrian" && echo 'create_main_cluster = false' >>"$conf" &&
      apt-get install -y --no-install-recommends postgresql
    [ ! -e "$conf.tyrian" ] || mv "$conf.tyrian" "$conf"
  } >&2 || true
  bin=$(find_bin)
fi
if [ -z "$bin" ]; then
  say 'PostgreSQL is absent: install its server programs (Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql)'
  exit 3
fi

# initdb refuses root.
as=()
if [ "$(id -u)" = 0 ]; then
  user=postgres
  id "$user" >/dev/null 2>&1 || user=nobody
  if command -v runuser >/dev/null; then
    as=(runuser -u "$user" --)
  else
    as=(su -s /bin/sh "$user" -c 'exec "$0" "$@"' --)
  fi
fi

# A socket's path may hold 107 bytes, so not under a long TMPDIR.
base=${TMPDIR:-/tmp}
[ ${#base} -le 60 ] || base=/tmp
root=$(mktemp -d "$base/tyrian-pg.XXXXXX")
data=$root/data

started=
child=
mounted=()
finish() {
  trap - EXIT INT TERM HUP
  if [ -n "$child" ] && kill -0 "$child" 2>/dev/null; then
    kill -TERM "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  if [ -n "$started" ]; then
    (cd / && "${as[@]}" "$bin/pg_ctl" -D "$data" -m immediate -w stop >/dev/null 2>&1) || say "the cluster in $data did not stop cleanly"
  fi
  for small in "${mounted[@]}"; do umount "$small" || say "$small is still mounted"; done
  rm -rf --one-file-system "$root"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

if [ "$(id -u)" = 0 ]; then chown "$user" "$root"; fi
chmod 700 "$root"

wal=$root/wal
synchronous=off
own=()
if [ -n "${TYRIAN_TEST_PG_MIB:-}" ] && [ "$(id -u)" = 0 ]; then
  own=(-X "$wal" --wal-segsize=1)
  synchronous=on
  for small in "$data" "$wal"; do
    mkdir "$small"
    mount -t tmpfs -o "size=${TYRIAN_TEST_PG_MIB}m,mode=700,uid=$(id -u "$user"),gid=$(id -g "$user")" tmpfs "$small" 2>/dev/null || { own=(); break; }
    mounted+=("$small")
  done
  if [ ${#own[@]} -gt 0 ]; then
    export TYRIAN_TEST_PG_DATA="$data" TYRIAN_TEST_PG_WAL="$wal"
  else
    say 'no file system of its own could be mounted for the cluster'
    chown "$user" "$data"
  fi
fi

cd_root() { (cd / && "$@"); }

# With the collation of a language, as real installations have it: what sorts in code-point order must ask for it.
init() { cd_root "${as[@]}" "$bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --no-sync "${own[@]}" "$@" >"$root/initdb.log" 2>&1; }
if ! init --locale=C --locale-provider=icu --icu-locale=en-US && ! { rm -rf "$data"; init --no-locale; }; then
  cat "$root/initdb.log" >&2
  exit 3
fi

# A port nobody listens on: asked for by trial, since another process may take it between the look and the start.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  port=$((20000 + RANDOM % 30000))
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then continue; fi
  options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$root -c fsync=off -c synchronous_commit=$synchronous -c full_page_writes=off -c max_connections=${TYRIAN_TEST_PG_CONNECTIONS:-300}"
  if cd_root "${as[@]}" "$bin/pg_ctl" -D "$data" -l "$data/server.log" -o "$options" -w -t 60 start >/dev/null 2>&1; then
    started=yes
    break
  fi
done
if [ -z "$started" ]; then
  say 'the cluster did not start; its log says:'
  cat "$data/server.log" >&2 || true
  exit 3
fi

{
  echo '#!/usr/bin/env bash'
  printf 'as=(%s) ctl=(%q -D %q) psql=%q\n' "$(printf '%q ' "${as[@]}")" "$bin/pg_ctl" "$data" "$bin/psql"
  printf 'log=%q options=%q port=%q\n' "$data/server.log" "$options" "$port"
  cat <<'END'
cd /
case $1 in
  stop) "${as[@]}" "${ctl[@]}" -m immediate -w stop >/dev/null ;;
  start) "${as[@]}" "${ctl[@]}" -l "$log" -o "$options" -w -t 60 start >/dev/null ;;
  terminate) "$psql" -h 127.0.0.1 -p "$port" -U postgres -qAtc 'SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL' ;;
  sql) "$psql" -h 127.0.0.1 -p "$port" -U postgres -d "${3:-postgres}" -v ON_ERROR_STOP=1 -qAtc "$2" ;;
esac
END
} >"$root/ctl"
chmod 755 "$root/ctl"
export TYRIAN_TEST_PG_CTL="$root/ctl"
export TYRIAN_TEST_PG="postgres://postgres@127.0.0.1:$port/postgres"
# In the background, so that a signal ends the wait and the clean-up runs at once.
"$@" <&0 &
child=$!
status=0
wait "$child" || status=$?
child=
exit "$status"
