#!/bin/sh
# Caddy, with the configuration of conf-examples/client/caddy: it binds its account
# with KeyID and MAC key from the file that it is handed, obtains a QWAC and serves it;
# without the file it goes on.
set -u
: "${QW_SRCDIR:?run it by make check-interop}" "${QW_BUILDDIR:?}"
. "$QW_SRCDIR/t/lib/bed.sh"
bed=$QW_BUILDDIR/run/interop/caddy
rm -rf "$bed"
mkdir -p "$bed/credentials" "$bed/log" "$bed/data"
pid=
trap 'kill $pid 2>/dev/null; bed_stop' EXIT
bed_make "$bed" sqlite3 prod && bed_register && bed_httpd_conf && bed_start || exit 1
. "$QW_SRCDIR/t/interop/tap.sh"
cd "$bed" || exit 1
if ! command -v caddy >/dev/null; then
    echo "1..0 # SKIP there is no caddy"
    exit 0
fi
example=$QW_SRCDIR/conf-examples/client/caddy

bed_binding || exit 1
sed -e "s|KEYID|$KID|" -e "s|MACKEY|$MAC_KEY|" "$example/caddy-binding" >credentials/caddy-binding
# Caddy 2.6 has no persist_config: it keeps its configuration, and the MAC key in it.
old=
case $(caddy version) in 2.6.* | v2.6.*) old=/persist_config/d ;; esac
# The ports of the bed, and to whom its own CA is known.
sed -e "s|https://acme.qtsp.example|$QW_URL|" -e 's|www.exemple.fr|www.exemple.test|' \
    -e "s|/var/www/html|$bed/data|" -e "$old" \
    -e "s|^{\$|{\n\tacme_ca_root $bed/tls/ca.pem\n\thttp_port $QW_HTTP01_PORT\n\thttps_port $QW_ALPN_PORT\n\tskip_install_trust|" \
    "$example/Caddyfile" >Caddyfile
echo 'a page' >data/index.html

caddy_start() { # FOLDER OF CREDENTIALS
    CREDENTIALS_DIRECTORY=$1 HOME=$bed/data XDG_DATA_HOME=$bed/data XDG_CONFIG_HOME=$bed/data \
        caddy run --config Caddyfile --adapter caddyfile >>log/caddy 2>&1 &
    pid=$!
}
caddy_stop() {
    kill "$pid" && wait "$pid"
    pid=
}
served() {
    curl -sf --cacert ca-test/root.pem --resolve "www.exemple.test:$QW_ALPN_PORT:127.0.0.1" \
        "https://www.exemple.test:$QW_ALPN_PORT/" | grep -qx 'a page'
}
counted() {
    bed_ctl certificate list --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))'
}

ok "caddy takes the example" env CREDENTIALS_DIRECTORY="$bed/credentials" caddy validate --config Caddyfile --adapter caddyfile
caddy_start "$bed/credentials"
ok "caddy binds its account, obtains and serves" bed_await served || tail -n 20 log/caddy
is "there is one certificate" "$(counted)" 1
ok "a QWAC" sh -c 'openssl x509 -in "$(find data -name www.exemple.test.crt)" -noout -ext certificatePolicies | grep -q 0.4.0.194112.1.5'
caddy_stop
[ -z "$old" ] || rm -f data/caddy/autosave.json
ok "the MAC key is kept nowhere" sh -c '! grep -rlF -- "$1" data log' keeps "$MAC_KEY"

# renewed by the account that is bound already
rm -f credentials/caddy-binding
find data -path '*certificates*' -name 'www.exemple.test*' -type f -exec rm {} +
caddy_start "$bed/credentials"
ok "without the MAC key it obtains the next one" bed_await served || tail -n 20 log/caddy
is "there are two" "$(counted)" 2
caddy_stop
tap_done
