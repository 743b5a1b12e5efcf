#!/bin/sh
# t/lib/pg.sh start|stop DIR -- a PostgreSQL of its own in DIR, by a unix socket
# only, run by $PGTESTUSER (nobody) when root asks. start prints how libpq
# reaches it.
set -eu
verb=${1:?start or stop} dir=${2:?a folder}
here=$(dirname "$0")
bin=${QW_PG_BINDIR:-}
for d in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -Vr) /usr/pgsql-*/bin; do
    [ -z "$bin" ] && [ -x "$d/initdb" ] && bin=$d
done
[ -n "$bin" ] || { echo "pg.sh: no PostgreSQL server is installed" >&2; exit 77; }
mkdir -p "$dir"
if [ "$(id -u)" = 0 ]; then
    QW_TEST_USER=${PGTESTUSER:-nobody}
    export QW_TEST_USER
    sock=$("$here/../unroot" "$dir" "$here/pg" "$verb" "$dir" "$bin")
else
    sock=$("$here/pg" "$verb" "$dir" "$bin")
fi
[ "$verb" = stop ] || echo "host=$sock user=qwacme dbname=qwacme"
