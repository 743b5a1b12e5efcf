#!/bin/sh
# t/unit/pgsql.sh DIR PROGRAM... -- the storage tests again, on a PostgreSQL of
# their own in DIR.
set -eu
dir=${1:?a folder}
shift
here=$(dirname "$0")
params=$("$here/../lib/pg.sh" start "$dir")
trap '"$here/../lib/pg.sh" stop "$dir"' EXIT
QW_TEST_DB="pgsql $params" "${PROVE:-prove}" --exec '' "$@"
