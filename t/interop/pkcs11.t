#!/bin/sh
# The issuing key in a PKCS#11 token (SoftHSM by the pkcs11 engine): certificates
# come from it, and its PIN shows up nowhere.
set -u
: "${QW_SRCDIR:?run it by make check-interop}" "${QW_BUILDDIR:?}"
. "$QW_SRCDIR/t/lib/bed.sh"
bed=$QW_BUILDDIR/run/interop/pkcs11
rm -rf "$bed"
mkdir -p "$bed"
trap 'bed_stop' EXIT
bed_make "$bed" sqlite3 prod && bed_register && bed_token || exit 1
. "$QW_SRCDIR/t/interop/tap.sh"
bed_httpd_conf && bed_start || exit 1

bed_binding --uses 9 || exit 1
dir=$QW_URL/acme/directory
certbot_() {
    REQUESTS_CA_BUNDLE=$bed/tls/ca.pem certbot certonly --server "$dir" -n \
        --config-dir "$bed/certbot" --work-dir "$bed/certbot/work" \
        --logs-dir "$bed/certbot/logs" --standalone \
        --http-01-port "$QW_HTTP01_PORT" --eab-kid "$KID" \
        --eab-hmac-key "$MAC_KEY" --agree-tos -m ops@exemple.fr --no-eff-email "$@"
}
ok "certbot obtains a certificate signed in the token" certbot_ -d a.shop.test
ok "it verifies under the demo root" openssl verify \
    -CAfile "$bed/ca-test/root.pem" \
    -untrusted "$bed/certbot/live/a.shop.test/chain.pem" \
    "$bed/certbot/live/a.shop.test/cert.pem"
ok "the PIN is in no log" sh -c '! grep -rn 1234 "$1/log/error_log"' sh "$bed"
ok "the signer is healthy" bed_ctl signer health
ok "the ledger agrees with itself" bed_ctl ledger verify
tap_done
