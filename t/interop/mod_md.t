#!/bin/sh
# mod_md of httpd obtains a QWAC, asks when to renew it (RFC 9773), and renews it
# at once when an incident is loaded.
set -u
: "${QW_SRCDIR:?run it by make check-interop}" "${QW_BUILDDIR:?}"
. "$QW_SRCDIR/t/lib/bed.sh"
module=$(sed -n 's/^LoadModule ssl_module *"\(.*\)mod_ssl.so"/\1mod_md.so/p' "$QW_BUILDDIR/t/httpd-base.conf")
grep -q MDRenewViaARI "$module" || {
    echo "1..0 # SKIP this mod_md knows no renewal information"
    exit 0
}
bed=$QW_BUILDDIR/run/interop/mod_md
rm -rf "$bed"
mkdir -p "$bed/md/log" "$bed/md/htdocs" "$bed/md/state"
trap 'bed_stop' EXIT
bed_make "$bed" sqlite3 prod && bed_register && bed_httpd_conf && bed_start || exit 1
. "$QW_SRCDIR/t/interop/tap.sh"
bed_binding || exit 1

# The subscriber's httpd, as conf-examples/client/mod_md has it.
example=$QW_SRCDIR/conf-examples/client/mod_md
(umask 077 && sed -e "s|KEYID|$KID|" -e "s|MACKEY|$MAC_KEY|" "$example/mod_md-binding.json" \
    >"$bed/mod_md-binding.json")
cat >"$bed/md/httpd.conf" <<CONF
ServerRoot $bed/md
ServerName localhost
PidFile $bed/md/httpd.pid
$(grep -v qwacme_module "$bed/base.conf")
LoadModule md_module "$module"
Listen 127.0.0.1:$QW_HTTP01_PORT
Listen 127.0.0.1:$QW_ALPN_PORT
TypesConfig /dev/null
LogLevel info md:trace1
ErrorLog $bed/md/log/error_log
DocumentRoot $bed/md/htdocs
Mutex file:$bed/md/state
$(sed -e "s|/etc/qwac/|$bed/|" -e 's|www.exemple.fr|md.shop.test|' \
    -e "s|^MDCertificateAuthority .*|MDCertificateAuthority $QW_URL/acme/directory|" \
    "$example/mod_md.conf")
MDCACertificateFile $bed/tls/ca.pem
MDStoreDir $bed/md/store
MDPortMap http:$QW_HTTP01_PORT https:$QW_ALPN_PORT
MDCAChallenges http-01
MDProfile qncp-w
<VirtualHost 127.0.0.1:$QW_HTTP01_PORT>
  ServerName md.shop.test
</VirtualHost>
<VirtualHost 127.0.0.1:$QW_ALPN_PORT>
  ServerName md.shop.test
  SSLEngine on
</VirtualHost>
CONF

md=$bed/md
md_start() {
    setsid "$QW_HTTPD" -f "$md/httpd.conf" -DFOREGROUND >"$md/log/out" 2>&1 </dev/null &
    client=$!
}
md_stop() {
    kill "$client" && wait "$client"
}
trap 'kill "$client" 2>/dev/null; bed_stop' EXIT

# How many certificates; of the newest the serial.
count() {
    bed_ctl certificate list --json |
        python3 -c 'import json, sys; print(len(json.load(sys.stdin)))'
}
newest() {
    bed_ctl certificate list --json |
        python3 -c 'import json, sys; print(json.load(sys.stdin)[-1]["serial"])'
}
has() { [ "$(count)" = "$1" ]; }
asked() { grep -q 'GET /acme/renewal-info/[^ ]* HTTP[^ ]* 200' "$bed/log/access_log"; }

md_start
ok "mod_md obtains by http-01 with EAB and a profile" bed_await has 1
ok "and will use it" bed_await grep -q AH10059 "$md/log/error_log"
md_stop
md_start
ok "it asks when to renew" bed_await asked
is "which is not now" "$(count)" 1

serial=$(newest)
echo "$serial" >"$bed/serials"
ok "an incident is loaded" bed_ctl incident load mass "$bed/serials" \
    --url https://status.test/mass
md_stop
md_start
ok "the next time it asks it renews" bed_await has 2
ok "and knows why" bed_await grep -q 'https://status.test/mass' "$md/log/error_log"
is "by an order that replaces the other" \
    "$(sqlite3 -cmd '.timeout 20000' "$bed/qwacme.db" 'SELECT count(*) FROM qw_order WHERE replaces IS NOT NULL')" 1
ok "the new one is another" test "$(newest)" != "$serial"
tap_done
