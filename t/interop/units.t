#!/bin/sh
# The units of conf-examples/client: systemd takes them and finds them closed, and
# what they start obtains and renews a QWAC as an ordinary user, in the file system
# that they leave to it, with the MAC key from where they put it.
set -u
: "${QW_SRCDIR:?run it by make check-interop}" "${QW_BUILDDIR:?}"
. "$QW_SRCDIR/t/lib/bed.sh"
bed=$QW_BUILDDIR/run/interop/units
rm -rf "$bed"
mkdir -p "$bed/etc" "$bed/units" "$bed/log"
trap 'bed_stop' EXIT
bed_make "$bed" sqlite3 prod && bed_register && bed_httpd_conf && bed_start &&
    bed_http01_start || exit 1
. "$QW_SRCDIR/t/interop/tap.sh"
cd "$bed" || exit 1
example=$QW_SRCDIR/conf-examples/client

# ---- as they are ---------------------------------------------------------------
mkdir stock
cp -R "$example"/qwac-.service.d "$example"/webserver-reload.* "$example"/certbot/qwac-* \
    "$example"/lego/qwac-* "$example"/uacme/qwac-* stock
if command -v systemd-analyze >/dev/null; then
    ok "systemd takes the units" sh -c '
        ! systemd-analyze verify --man=no stock/*.service stock/*.path stock/*.timer 2>&1 | grep "stock/\|qwac-\|webserver-"'
    for unit in stock/*.service; do
        ok "and finds ${unit#stock/} closed: 2.0 of 10 at most" \
            systemd-analyze security --offline=true --threshold=20 --no-pager "$unit"
    done
else
    ok "systemd takes the units # SKIP there is no systemd-analyze" true
fi
ok "none runs as root, but for the one that reloads the web server" sh -c '
    for unit in stock/qwac-*.service; do grep -qx "User=qwac-acme" "$unit" || { echo "$unit"; exit 1; }; done'

# ---- as this bed needs them -----------------------------------------------------
NAME=www.exemple.test
for file in $(cd stock && find . -type f) ; do
    mkdir -p "units/$(dirname "$file")"
    sed -e "s|/etc/qwac/|$bed/etc/|g" -e "s|/var/lib/qwac-challenge|$bed/wk|g" \
        -e "s|/var/lib/qwac-|$bed/lib/qwac-|g" -e "s|www.exemple.fr|$NAME|g" \
        -e "s|https://acme.qtsp.example|$QW_URL|g" "stock/$file" >"units/$file"
done
sed -e "s|/var/lib/qwac-challenge|$bed/wk|g" -e "s|/var/lib/qwac-|$bed/lib/qwac-|g" \
    -e "s|www.exemple.fr|$NAME|g" -e "s|https://acme.qtsp.example|$QW_URL|g" \
    "$example/certbot/certbot.ini" >etc/certbot.ini
mkdir -p wk/.well-known/acme-challenge
for client in certbot lego uacme; do
    mkdir -p -m 700 "lib/qwac-$client"
    for unit in qwac-$client qwac-$client-bind; do
        mkdir -p "units/$unit.service.d"
        # What StateDirectory= gives, and whom the bed's own CA is made known to.
        cat >"units/$unit.service.d/zz-bed.conf" <<CONF
[Service]
ReadWritePaths=$bed/lib/qwac-$client
Environment=REQUESTS_CA_BUNDLE=$bed/tls/ca.pem
Environment=LEGO_CA_CERTIFICATES=$bed/tls/ca.pem
BindReadOnlyPaths=$bed/tls/ca.pem:/etc/ssl/certs/ca-certificates.crt
CONF
    done
done
LEGO=old
if lego --help | grep -q LEGO_EAB_HMAC; then
    LEGO=new
    rm units/qwac-lego-bind.service.d/old-lego.conf
fi

run() { # UNIT [SECRET-FILE]
    "$QW_SRCDIR/t/lib/unit_run" "$bed/units" "$1.service" "${2-}"
}
counted() {
    bed_ctl certificate list --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))'
}
# A new KeyID in the file that the client reads, root's alone; and the secret by itself.
binding() { # FILE OF THE EXAMPLE
    bed_binding || exit 1
    (
        umask 077
        printf %s "$MAC_KEY" >secret
        sed -e "s|=\( *\)KEYID|=\1$KID|" -e "s|=\( *\)MACKEY|=\1$MAC_KEY|" "$1" >"etc/${1##*/}"
    )
}
keeps_no_secret() { # CLIENT
    ! grep -rlF -- "$(cat secret)" "lib/qwac-$1" "units/qwac-$1"*
}
is_qwac() { openssl x509 -in "$1" -noout -ext subjectAltName,certificatePolicies | grep -q 0.4.0.194112.1.5; }

# ---- certbot --------------------------------------------------------------------
binding "$example/certbot/binding.ini"
ok "certbot binds its account; nobody sees the MAC key" run qwac-certbot-bind secret
ok "and does not keep it" keeps_no_secret certbot
rm -f etc/binding.ini
ok "certbot obtains" run qwac-certbot
ok "a QWAC" is_qwac "lib/qwac-certbot/live/$NAME/fullchain.pem"
is "there is one" "$(counted)" 1
ok "when nothing is due" run qwac-certbot
is "nothing is done" "$(counted)" 1

# ---- lego -----------------------------------------------------------------------
binding "$example/lego/binding.env"
if [ $LEGO = new ]; then
    ok "lego binds its account and obtains; nobody sees the MAC key" run qwac-lego-bind secret
else
    ok "lego binds its account and obtains" run qwac-lego-bind
fi
ok "and does not keep it" keeps_no_secret lego
rm -f etc/binding.env
ok "it got a QWAC" is_qwac "lib/qwac-lego/certificates/$NAME.crt"
is "there are two" "$(counted)" 2
sed -i 's/--days 30/--days 9999/' units/qwac-lego.service
ok "lego renews without the MAC key" run qwac-lego
is "there are three" "$(counted)" 3

# ---- uacme ----------------------------------------------------------------------
binding "$example/uacme/binding.env"
ok "uacme binds its account" run qwac-uacme-bind
ok "and does not keep the MAC key" keeps_no_secret uacme
rm -f etc/binding.env
ok "uacme obtains" run qwac-uacme
ok "a QWAC" is_qwac "lib/qwac-uacme/$NAME/cert.pem"
run qwac-uacme >/dev/null 2>&1
is "when nothing is due it says 1, which the unit takes for success" \
    "$? $(sed -n 's/^SuccessExitStatus=//p' units/qwac-uacme.service)" "1 1"
is "there are four" "$(counted)" 4
is "what the web server reads lets no other user in" \
    "$(find lib -maxdepth 1 -mindepth 1 -perm /077)" ""

# ---- what the runner of this test looks for, it finds ----------------------------
cat >units/careless.service <<CONF
[Service]
UMask=0077
ProtectSystem=strict
ExecStart=/usr/bin/sh -c "sleep 0.3; echo x >$bed/written" $(cat secret)
CONF
run careless secret >/dev/null 2>&1
is "a secret on a command line is seen" $? 99
ok "nothing is written where a unit may not" test ! -e written
tap_done
