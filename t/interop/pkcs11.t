#!/bin/sh
# The issuing key in a PKCS#11 token (SoftHSM by the pkcs11 engine): certificates
# come from it, and its PIN shows up nowhere.
set -u
: "${QW_SRCDIR:?run it by make check-interop}" "${QW_BUILDDIR:?}"
. "$QW_SRCDIR/t/lib/bed.sh"
bed=$QW_BUILDDIR/run/interop/pkcs11
rm -rf "$bed"
mkdir -p "$bed/tokens"
trap 'bed_stop' EXIT
for module in /usr/lib/softhsm/libsofthsm2.so /usr/lib64/pkcs11/libsofthsm2.so \
    /usr/lib/*/softhsm/libsofthsm2.so; do
    [ ! -e "$module" ] || PKCS11_MODULE_PATH=$module
done
SOFTHSM2_CONF=$bed/softhsm2.conf
export SOFTHSM2_CONF PKCS11_MODULE_PATH
echo "directories.tokendir = $bed/tokens" >"$SOFTHSM2_CONF"
bed_make "$bed" sqlite3 prod && bed_register || exit 1
. "$QW_SRCDIR/t/interop/tap.sh"

# The demo CA's key goes into the token, and away from the disk.
key=$bed/ca-test/issuing-key.pem
echo 1234 >"$bed/pin"
chmod 600 "$bed/pin"
ok "a token" softhsm2-util --init-token --free --label qwac --so-pin 5678 --pin 1234
openssl pkcs8 -topk8 -nocrypt -in "$key" -out "$bed/key.p8"
ok "with the issuing key" softhsm2-util --import "$bed/key.p8" --token qwac \
    --label issuing --id 01 --pin 1234
rm -f "$key" "$bed/key.p8"
sed -i "s|$key|\"pkcs11:token=qwac;object=issuing;type=private\" $bed/pin|" \
    "$bed/qwacme.conf"
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
ok "nor in what httpd shows of its configuration" \
    sh -c '! "$1" -f "$2" -DDUMP_CONFIG -t 2>&1 | grep "1234$"' sh "$QW_HTTPD" "$bed/httpd.conf"
ok "the ledger agrees with itself" bed_ctl ledger verify
tap_done
