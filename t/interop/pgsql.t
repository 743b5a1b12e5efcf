#!/bin/sh
# The stock clients against pgsql.
set -- pgsql
. "$QW_SRCDIR/t/interop/clients.sh"
