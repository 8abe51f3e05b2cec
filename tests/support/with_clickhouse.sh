#!/bin/sh
# with_clickhouse.sh SHARDS COMMAND...   runs COMMAND with FURROW_TEST_EVENTS naming SHARDS private
# ClickHouse servers (1 or 2; two of them as the cluster "furrow"). They live in a temporary folder,
# listen on loopback ports that were free, and end with the caller.
set -eu

[ $# -ge 2 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
shards=$1
shift
server=$(command -v clickhouse-server || echo /usr/sbin/clickhouse-server)
[ -x "$server" ] || { echo "with_clickhouse.sh: install clickhouse-server (make deps)" >&2; exit 1; }
# Every small part is dozens of files: in memory where there is room, which is 50 times as fast.
room=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
parent=/tmp
[ -w /dev/shm ] && [ "${room:-0}" -gt 1000000 ] && parent=/dev/shm
dir=$(mktemp -d "$parent/furrow-clickhouse-XXXXXX")
pids=

stop() {
    for pid in $pids; do kill -9 "$pid" 2>/dev/null || true; done
    for pid in $pids; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT TERM HUP

# Ports that nobody listens on: three for each server.
ports=$(python3 - "$shards" <<'END'
import socket, sys
held = [socket.socket() for _ in range(3 * int(sys.argv[1]))]
for s in held:
    s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in held])
END
)
set -- "$shards" "$ports" "$@"
cluster= hosts= n=0
for port in $ports; do
    n=$((n + 1))
    case $((n % 3)) in
    2) cluster="$cluster<shard><replica><host>127.0.0.1</host><port>$port</port></replica></shard>" ;;
    1) hosts="$hosts${hosts:+,}127.0.0.1:$port" ;;
    esac
done

start() { # number, http port, tcp port, interserver port
    here=$dir/$1
    mkdir -p "$here/data" "$here/tmp" "$here/format" "$here/files"
    cat >"$here/users.xml" <<END
<yandex><profiles><default></default></profiles><quotas><default></default></quotas>
<users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile>
<quota>default</quota></default></users></yandex>
END
    cat >"$here/config.xml" <<END
<yandex><logger><level>warning</level><log>$here/server.log</log><errorlog>$here/error.log</errorlog></logger>
<listen_host>127.0.0.1</listen_host><http_port>$2</http_port><tcp_port>$3</tcp_port>
<interserver_http_port>$4</interserver_http_port><interserver_http_host>127.0.0.1</interserver_http_host>
<path>$here/data/</path><tmp_path>$here/tmp/</tmp_path><format_schema_path>$here/format/</format_schema_path>
<user_files_path>$here/files/</user_files_path><users_config>$here/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>16777216</mark_cache_size><mlock_executable>false</mlock_executable>
<remote_servers><furrow>$cluster</furrow></remote_servers></yandex>
END
    (cd "$here" && exec "$server" --config-file="$here/config.xml" >"$here/out" 2>&1) &
    pids="$pids $!"
}

shift 2
i=0
set -- $ports -- "$@"
while [ "$1" != -- ]; do
    i=$((i + 1))
    start "$i" "$1" "$2" "$3"
    shift 3
done
shift

# A script that is killed must not leave servers behind.
caller=$$
(
    trap - EXIT INT TERM HUP
    while kill -0 "$caller" 2>/dev/null; do sleep 1; done
    stop
) >/dev/null 2>&1 </dev/null &

for host in $(echo "$hosts" | tr , ' '); do
    tries=0
    until curl -fs "http://$host/ping" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ $tries -gt 150 ]; then
            echo "with_clickhouse.sh: a server did not start" >&2
            cat "$dir"/*/out "$dir"/*/error.log >&2 || true
            exit 1
        fi
        sleep 0.1
    done
done
if [ "$shards" = 1 ]; then
    FURROW_TEST_EVENTS="clickhouse://$hosts/"
else
    FURROW_TEST_EVENTS="clickhouse://$hosts/?cluster=furrow"
fi
FURROW_TEST_EVENTS_DIR=$dir # what the servers write
export FURROW_TEST_EVENTS FURROW_TEST_EVENTS_DIR
status=0
"$@" || status=$?
exit $status
