#!/bin/sh
# The stock clients against sqlite3.
set -- sqlite3
. "$QW_SRCDIR/t/interop/clients.sh"
