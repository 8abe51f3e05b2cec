#!/bin/sh
# with_pg.sh COMMAND...    runs COMMAND with FURROW_TEST_PG naming a private PostgreSQL cluster.
# with_pg.sh --start DIR   starts one in DIR (made) and prints its URL; it ends with the caller.
# with_pg.sh --stop DIR    stops it and removes DIR.
# The cluster lives in a temporary folder, listens on a Unix socket only and does not sync to disk,
# unless FURROW_TEST_PG_FSYNC=on. PostgreSQL refuses root, so root lends it to the user postgres.
set -eu

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] && PATH="$bin:$PATH"
command -v initdb >/dev/null || {
    echo "with_pg.sh: initdb is missing: install postgresql" >&2
    exit 1
}

as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && runuser -u postgres -- env PATH="$PATH" "$@")
    else
        "$@"
    fi
}

start() {
    dir=$1
    sync=${FURROW_TEST_PG_FSYNC:-off}
    mkdir -p "$dir"
    [ "$(id -u)" = 0 ] && chown postgres "$dir"
    chmod 755 "$dir"
    as_postgres initdb -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C -N \
        >"$dir/initdb.log" 2>&1 ||
        { cat "$dir/initdb.log" >&2; exit 1; }
    as_postgres pg_ctl -D "$dir/data" -w -l "$dir/data/server.log" -o "-c listen_addresses='' \
        -c unix_socket_directories='$dir' -c fsync=$sync -c full_page_writes=$sync \
        -c synchronous_commit=$sync -c max_connections=200 -c shared_buffers=64MB -c jit=off -c autovacuum=off \
        -c wal_level=minimal -c max_wal_senders=0 -c checkpoint_timeout=1h -c max_wal_size=4GB" start \
        >/dev/null 2>&1 || { cat "$dir/data/server.log" >&2; exit 1; }
    echo "postgresql://postgres@/postgres?host=$dir"
}

stop() {
    as_postgres pg_ctl -D "$1/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$1"
}

case ${1:-} in
--start)
    dir=$2
    caller=$PPID
    start "$dir"
    # A test program that crashed must not leave a server behind.
    (
        while kill -0 "$caller" 2>/dev/null; do sleep 1; done
        stop "$dir"
    ) >/dev/null 2>&1 </dev/null &
    ;;
--stop)
    stop "$2"
    ;;
'')
    sed -n '2,6s/^# //p' "$0" >&2
    exit 2
    ;;
*)
    dir=$(mktemp -d /tmp/furrow-pg-XXXXXX)
    trap 'stop "$dir"' EXIT
    trap 'exit 130' INT TERM HUP
    FURROW_TEST_PG=$(start "$dir")
    export FURROW_TEST_PG
    status=0
    "$@" || status=$?
    exit $status
    ;;
esac
