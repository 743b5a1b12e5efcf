#!/bin/sh
# ./bootstrap demo, once it is built: from nothing to a certificate by certbot.
set -u
: "${QW_SRCDIR:?run it by make check-interop}" "${QW_BUILDDIR:?}"
QW_BED=$QW_BUILDDIR/run/interop/demo
QW_DEMO_DIR=$QW_BED/demo
QW_UNROOTED=yes # t/unroot has seen to that
export QW_DEMO_DIR QW_UNROOTED
rm -rf "$QW_BED"
mkdir -p "$QW_DEMO_DIR"
. "$QW_SRCDIR/t/interop/tap.sh"
demo() { "$QW_SRCDIR/scripts/demo" "$QW_BUILDDIR" "$@"; }
trap 'demo stop' EXIT

ok "the demo ends with a certificate" demo
ok "which is a QWAC" sh -c 'openssl x509 -in "$1" -noout -ext certificatePolicies | grep -q 0.4.0.194112.1.4' \
    policy "$QW_DEMO_DIR/certbot/config/live/exemple/cert.pem"
ok "it goes on where it was" demo
ok "it stops" demo stop
tap_done
