# clients.sh DB -- certbot, lego and uacme, as they come from the distribution,
# each obtain, renew and revoke a QWAC with EAB. Between them: http-01, dns-01
# and tls-alpn-01, a CSR that asks for other things, and an account key rollover.
set -u
: "${QW_SRCDIR:?run it by make check-interop}" "${QW_BUILDDIR:?}"
. "$QW_SRCDIR/t/lib/bed.sh"
bed=$QW_BUILDDIR/run/interop/$1
rm -rf "$bed"
mkdir -p "$bed"
trap 'bed_stop' EXIT
bed_make "$bed" "$1" prod && bed_register exemple qevcp-w && bed_httpd_conf && bed_start || exit 1
. "$QW_SRCDIR/t/interop/tap.sh"
dir=$QW_URL/acme/directory
cd "$bed" || exit 1

# How many certificates in the database, of them revoked.
counted() {
    bed_ctl certificate list --json | python3 -c '
import json, sys
rows = json.load(sys.stdin)
print(len(rows), sum(r["status"] == "revoked" for r in rows))'
}

# FILE is a QWAC of PROFILE for NAME: policies, qcStatements, verified subject.
is_qwac() {
    openssl x509 -in "$1" -noout -text >"$bed/cert.txt" || return 1
    grep -q "Policy: $2" "$bed/cert.txt" &&
        grep -q 'qcStatements\|1.3.6.1.5.5.7.1.3' "$bed/cert.txt" &&
        grep -q "DNS:$3" "$bed/cert.txt" &&
        grep 'Subject:' "$bed/cert.txt" | grep 'Exemple SA' |
        grep -q 'NTRFR-542051180'
}

# ---- certbot: http-01, renew, dns-01, a CSR of its own, revoke --------------
certbot_() {
    REQUESTS_CA_BUNDLE=$bed/tls/ca.pem certbot "$@" --server "$dir" -n \
        --config-dir "$bed/certbot" --work-dir "$bed/certbot/work" \
        --logs-dir "$bed/certbot/logs"
}
live=$bed/certbot/live/www.exemple.test

bed_binding || exit 1
ok "certbot obtains by http-01 with EAB" \
    certbot_ certonly --standalone --http-01-port "$QW_HTTP01_PORT" \
    -d www.exemple.test --eab-kid "$KID" --eab-hmac-key "$MAC_KEY" \
    --agree-tos -m ops@exemple.fr --no-eff-email
ok "what certbot got is a QEVCP-w certificate" \
    is_qwac "$live/cert.pem" 0.4.0.194112.1.4 www.exemple.test
ok "it verifies under the demo root" \
    openssl verify -CAfile "$bed/ca-test/root.pem" -untrusted "$live/chain.pem" \
    "$live/cert.pem"
ok "certbot renews" certbot_ renew --force-renewal --no-random-sleep-on-renew
is "there are two certificates" "$(counted)" "2 0"

cat >"$bed/dns-add" <<HOOK
#!/bin/sh
echo "_acme-challenge.\$CERTBOT_DOMAIN TXT \$CERTBOT_VALIDATION" >>"$bed/dns.zone"
HOOK
cat >"$bed/dns-remove" <<HOOK
#!/bin/sh
sed -i "/_acme-challenge.\$CERTBOT_DOMAIN TXT/d" "$bed/dns.zone"
HOOK
chmod +x "$bed/dns-add" "$bed/dns-remove"
ok "certbot obtains by dns-01" \
    certbot_ certonly --manual --preferred-challenges dns \
    --manual-auth-hook "$bed/dns-add" --manual-cleanup-hook "$bed/dns-remove" \
    -d dns.shop.test

openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc \
    -keyout "$bed/other.key" -out "$bed/other.csr" \
    -subj "/C=DE/L=Berlin/O=Someone Else AG/CN=csr.shop.test" \
    -addext subjectAltName=DNS:csr.shop.test -addext basicConstraints=CA:TRUE \
    -addext extendedKeyUsage=codeSigning 2>/dev/null
ok "certbot obtains with a CSR that asks for more" \
    certbot_ certonly --standalone --http-01-port "$QW_HTTP01_PORT" \
    --csr "$bed/other.csr" --cert-path "$bed/csr.pem" \
    --chain-path "$bed/csr-chain.pem" --fullchain-path "$bed/csr-full.pem"
ok "and gets the verified identity" \
    is_qwac "$bed/csr.pem" 0.4.0.194112.1.4 csr.shop.test
ok "and nothing that it asked for" \
    sh -c '! grep -q "Someone Else\|CA:TRUE\|Code Signing" "$1"' sh "$bed/cert.txt"
ok "certbot revokes" certbot_ revoke --cert-path "$live/cert.pem" \
    --no-delete-after-revoke --reason superseded
is "one of four is revoked" "$(counted)" "4 1"

# ---- lego: tls-alpn-01, http-01, renew, revoke -------------------------------
bed_binding || exit 1
lego_() {
    LEGO_CA_CERTIFICATES=$bed/tls/ca.pem timeout 100 lego --server "$dir" \
        --path "$bed/lego" --email ops@exemple.fr --accept-tos \
        --eab --kid "$KID" --hmac "$MAC_KEY" "$@"
}
ok "lego obtains by tls-alpn-01" \
    lego_ -d lego.shop.test --tls --tls.port ":$QW_ALPN_PORT" run
ok "what lego got is a QWAC" \
    is_qwac "$bed/lego/certificates/lego.shop.test.crt" 0.4.0.194112.1.4 lego.shop.test
ok "lego renews by http-01" \
    lego_ -d lego.shop.test --http --http.port ":$QW_HTTP01_PORT" \
    renew --days 9999 --no-random-sleep
ok "lego revokes" lego_ -d lego.shop.test --http \
    --http.port ":$QW_HTTP01_PORT" revoke
is "two of six are revoked" "$(counted)" "6 2"

# ---- uacme: http-01, renew, key rollover, revoke -----------------------------
bed_binding || exit 1
mkdir -p "$bed/webroot/.well-known/acme-challenge"
setsid python3 -m http.server "$QW_HTTP01_PORT" --bind 127.0.0.1 \
    --directory "$bed/webroot" >"$bed/log/web.out" 2>&1 </dev/null &
web=$!
trap 'kill $web 2>/dev/null; bed_stop' EXIT
bed_await curl -sf "http://127.0.0.1:$QW_HTTP01_PORT/"
cat >"$bed/uacme-hook" <<HOOK
#!/bin/sh
[ "\$2" = http-01 ] || exit 1
case \$1 in
begin) printf %s "\$5" >"$bed/webroot/.well-known/acme-challenge/\$4" ;;
*) rm -f "$bed/webroot/.well-known/acme-challenge/\$4" ;;
esac
HOOK
chmod +x "$bed/uacme-hook"
# It trusts the system's CA bundle only: it is shown another one there.
uacme_() {
    unshare --user --map-root-user --mount sh -c '
        mount --bind "$1" /etc/ssl/certs/ca-certificates.crt && shift && exec uacme "$@"' \
        sh "$bed/tls/ca.pem" -v -c "$bed/uacme" -a "$dir" "$@"
}
ok "uacme registers with EAB" uacme_ -y -e "$KID:$MAC_KEY" new ops@exemple.fr
ok "uacme obtains by http-01" uacme_ -h "$bed/uacme-hook" issue uacme.shop.test
ok "what uacme got is a QWAC" \
    is_qwac "$bed/uacme/uacme.shop.test/cert.pem" 0.4.0.194112.1.4 uacme.shop.test
ok "uacme rolls its account key over" uacme_ newkey
ok "uacme renews under the new key" \
    uacme_ -f -h "$bed/uacme-hook" issue uacme.shop.test
ok "uacme revokes" uacme_ revoke "$bed/uacme/uacme.shop.test/cert.pem"
ok "uacme deactivates its account" uacme_ -y deactivate
is "three of eight are revoked" "$(counted)" "8 3"

ok "the ledger agrees with itself" bed_ctl ledger verify
tap_done
