#!/bin/sh
# TLS certificate bindings: what qwacmectl signs verifies by other means, and
# what they sign by qwacmectl; the example for subscribers renews in the right
# order, in front of a real httpd.
set -u
: "${QW_SRCDIR:?run it by make check-interop}" "${QW_BUILDDIR:?}"
. "$QW_SRCDIR/t/lib/bed.sh"
QW_BED=$QW_BUILDDIR/run/interop/tls_binding
rm -rf "$QW_BED"
mkdir -p "$QW_BED/log"
bed_build prod
QW_DB=none
trap 'bed_stop' EXIT
. "$QW_SRCDIR/t/interop/tap.sh"
cd "$QW_BED" || exit 1
bed=$QW_BED
# Subscribers have neither a configuration nor a database.
QWACME_CONFIG=$bed/none
export QWACME_CONFIG
browser=$QW_SRCDIR/t/lib/binding_browser
example=$QW_SRCDIR/conf-examples/client/tls-binding

# ---- a provider, 2-QWACs and TLS certificates --------------------------------
"$QW_CTL" ca init-demo "$bed/ca" >"$bed/log/ca.log" || exit 1
cat >"$bed/qwac.ext" <<EXT
keyUsage=critical,digitalSignature
extendedKeyUsage=0.4.0.194115.1.0
certificatePolicies=0.4.0.194112.1.6
subjectAltName=DNS:localhost,DNS:www.exemple.test
authorityKeyIdentifier=keyid
1.3.6.1.5.5.7.1.3=DER:301f3008060604008e4601013013060604008e4601063009060704008e46010603
EXT
printf 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n' >"$bed/leaf.ext"

qwac() { # NAME KEY-OPTIONS...
    name=$1
    shift
    openssl req -newkey "$@" -noenc -keyout "$name.key" -out "$name.csr" -subj /CN=www.exemple.test &&
        openssl x509 -req -in "$name.csr" -CA ca/issuing.pem -CAkey ca/issuing-key.pem \
            -CAcreateserial -days 199 -extfile qwac.ext -out "$name.crt" &&
        cat "$name.crt" ca/issuing.pem >"$name.pem"
} >>"$bed/log/openssl.log" 2>&1

tls() { # NAME DAYS
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$1.key" \
        -out "$1.csr" -subj /CN=localhost &&
        openssl x509 -req -in "$1.csr" -signkey "$1.key" -days "$2" -extfile leaf.ext -out "$1.pem"
} >>"$bed/log/openssl.log" 2>&1

ok "a 2-QWAC for P-256" qwac ec ec -pkeyopt ec_paramgen_curve:P-256
ok "one for RSA" qwac rsa rsa:2048
ok "one for P-384" qwac p384 ec -pkeyopt ec_paramgen_curve:P-384
tls one 30 && tls two 90 && tls three 90 || exit 1
ctl() { "$QW_CTL" tls-binding "$@"; }
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"; }
refused() { # WORDS COMMAND...: exit 1, and these words on standard error
    words=$1
    shift
    "$@" >refused.out 2>refused.err
    test $? = 1 && grep -F -- "$words" refused.err || { cat refused.err; return 1; }
}

# ---- create and verify -------------------------------------------------------
ok "ES256 is signed" ctl create --chain ec.pem --key ec.key --out ec.jws --kid key-1 one.pem two.pem
ok "another implementation takes it" "$browser" verify ec.jws one.pem two.pem
"$browser" verify ec.jws >header.json
is "its kid" "$(field header.json kid)" key-1
is "labels are the names of the files" \
    "$(python3 -c 'import json; print(*json.load(open("header.json"))["sigD"]["pars"])')" "one.pem two.pem"
is "it ends with the longest-lived certificate" \
    "$(date -ud "@$(field header.json exp)" '+%b %e %T %Y GMT')" \
    "$(openssl x509 -in two.pem -noout -enddate | cut -d= -f2)"
is "everybody may read it" "$(stat -c %a ec.jws)" 644
is "no line feed ends it" "$(wc -l <ec.jws)" 0
ok "and none when it goes to standard output" sh -c '
    "$1" tls-binding create --chain ec.pem --key ec.key one.pem >stdout.jws && test "$(wc -l <stdout.jws)" = 0' sh "$QW_CTL"
ok "which verifies too" ctl verify stdout.jws one.pem --host localhost --trusted ca/root.pem
ok "a certificate that is given twice is named once" sh -c '
    "$1" tls-binding create --chain ec.pem --key ec.key --json one.pem one.pem | grep -c label | grep -qx 1' sh "$QW_CTL"
ok "an earlier end" ctl create --chain ec.pem --key ec.key --out early.jws --expires 7d --labels a,b one.pem two.pem
ok "is the binding's" ctl verify early.jws --at 6d
ok "to the day" refused "the binding ended at" ctl verify early.jws --at 8d
ok "a later end than the certificates have" ctl create --chain ec.pem --key ec.key --out late.jws --expires 150d one.pem
ok "is not taken" refused "the binding ended at" ctl verify late.jws --at 31d

# By openssl's command line: header and one dot are signed.
by_openssl() { # OPTIONS OF openssl dgst
    cut -d. -f1 rsa.jws | tr -d '\n' >rsa.in
    printf . >>rsa.in
    python3 -c 'import base64; print(end="") or open("rsa.sig", "wb").write(base64.urlsafe_b64decode(open("rsa.jws").read().split(".")[2] + "=="))'
    openssl x509 -in rsa.crt -noout -pubkey >rsa.pub
    openssl dgst -sha256 -verify rsa.pub "$@" -signature rsa.sig rsa.in
}
ok "PS256 is signed with an RSA key" ctl create --chain rsa.pem --key rsa.key --out rsa.jws one.pem
ok "openssl takes it" by_openssl -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32
ok "another implementation too" "$browser" verify rsa.jws one.pem
ok "RS256 if one wants" ctl create --chain rsa.pem --key rsa.key --algorithm RS256 --out rsa.jws one.pem
ok "openssl takes that" by_openssl
ok "another implementation too" "$browser" verify rsa.jws one.pem
"$browser" make ec.pem ec.key one.pem >minimal.jws
ok "a binding of another implementation, without optional members, is taken" \
    ctl verify minimal.jws one.pem --host localhost --trusted ca/root.pem

ctl verify ec.jws one.pem --json >verified.json
is "what was not asked for is said to be unchecked" \
    "$(field verified.json trusted), $(field verified.json hostCovered)" "not checked, not checked"
ok "another certificate" refused "does not name the certificate of three.pem" ctl verify ec.jws one.pem three.pem
ok "another host" refused "does not cover www.exemple.fr" ctl verify ec.jws --host www.exemple.fr
ok "another CA" refused "ends at nobody who is trusted" ctl verify ec.jws --trusted one.pem
ctl verify ec.jws three.pem --json >refused.json 2>/dev/null
ok "a refusal as JSON" grep -q '"refused": "the binding does not name' refused.json
printf '%s\n' "$(cat ec.jws)" >line.jws
ok "a line feed" refused "with no line feed after it" ctl verify line.jws

# ---- what create refuses; nothing is written -----------------------------------
none() { # WORDS OPTIONS...
    words=$1
    shift
    refused "$words" ctl create --out none.jws "$@" && test ! -e none.jws
}
ok "no chain" none "chain: give the file" --key ec.key one.pem
ok "no key" none "key: say where" --chain ec.pem one.pem
ok "a key that is not there" none "key: no private key" --chain ec.pem --key "$bed/none.key" one.pem
ok "another key" none "it is not that of the first certificate" --chain ec.pem --key rsa.key one.pem
ok "the chain in another order" none "it is not that of the first certificate" --chain ca/issuing.pem --key ec.key one.pem
ok "the 2-QWAC alone" none "add the certificate of its issuing CA" --chain ec.crt --key ec.key one.pem
ok "a TLS certificate for a 2-QWAC" none "sign with a 2-QWAC, not with the TLS certificate" --chain one.pem --key one.key one.pem
ok "P-384" none "order a 2-QWAC for such a key" --chain p384.pem --key p384.key one.pem
ok "an algorithm of another key" none "does not fit the key" --chain ec.pem --key ec.key --algorithm RS256 one.pem
ok "too few labels" none "labels: 1 for 2 certificates" --chain ec.pem --key ec.key --labels a one.pem two.pem
ok "no certificate" none "no certificate in PEM form" --chain ec.pem --key ec.key ec.jws
ok "an end in the past" none "the binding ended at" --chain ec.pem --key ec.key --expires 2026-01-01 one.pem
ok "a folder that is not there" refused "none/x.jws: " ctl create --chain ec.pem --key ec.key --out none/x.jws one.pem
ok "nothing is left of any of them" sh -c '! ls *.jws.* 2>/dev/null'

# ---- a key in a token ----------------------------------------------------------
for module in /usr/lib/softhsm/libsofthsm2.so /usr/lib64/pkcs11/libsofthsm2.so \
    /usr/lib/*/softhsm/libsofthsm2.so; do
    [ ! -e "$module" ] || PKCS11_MODULE_PATH=$module
done
SOFTHSM2_CONF=$bed/softhsm2.conf
export SOFTHSM2_CONF PKCS11_MODULE_PATH
mkdir tokens
echo "directories.tokendir = $bed/tokens" >"$SOFTHSM2_CONF"
echo 1234 >pin
{
    softhsm2-util --init-token --free --label qwac --so-pin 5678 --pin 1234
    for key in ec rsa; do
        openssl pkcs8 -topk8 -nocrypt -in $key.key -out key.p8
        softhsm2-util --import key.p8 --token qwac --label $key --id 0${#key} --pin 1234
    done
} >"$bed/log/softhsm.log" 2>&1
for key in ec rsa; do
    ok "the key in a token ($key)" ctl create --chain $key.pem --pin pin --out token.jws \
        --key "pkcs11:token=qwac;object=$key;type=private" one.pem
    ok "its binding verifies ($key)" "$browser" verify token.jws one.pem
done

# ---- the example: httpd with the binding, renewed ------------------------------
mkdir -p site www "$bed/conf"
sed "s|%MODULE%|$QW_MODULE|g" "$QW_BUILDDIR/t/httpd-base.conf" >base.conf
sed -e "s|/etc/ssl/www.exemple.fr|$bed/site|g" -e "s|/var/www/tls-binding|$bed/www|g" \
    "$example/httpd.conf" >vhost.conf
echo "hello" >"$bed/htdocs.html"
mkdir htdocs && mv htdocs.html htdocs/index.html
cat >httpd.conf <<CONF
ServerRoot $bed
ServerName localhost
PidFile $bed/httpd.pid
Include $bed/base.conf
Listen 127.0.0.1:14100
TypesConfig /dev/null
ErrorLog $bed/log/error_log
DocumentRoot $bed/htdocs
DirectoryIndex index.html
Mutex file:$bed/conf
<VirtualHost 127.0.0.1:14100>
  SSLEngine on
  Include $bed/vhost.conf
</VirtualHost>
CONF
cat >conf/tls-binding.conf <<CONF
HOST=localhost
QWAC_CHAIN=$bed/ec.pem
QWAC_KEY=$bed/ec.key
QWAC_PIN= QWAC_KID=
TRUSTED=$bed/ca/issuing.pem
NEXT_CERT=$bed/next/fullchain.pem
NEXT_KEY=$bed/next/privkey.pem
DEPLOYED=$bed/site
BINDING=$bed/www/tls-certificate-binding.jws
RELOAD=$bed/reload
CONF
# What stands there when httpd is told: the binding must be ready by then.
cat >reload <<'SH'
#!/bin/sh
cp www/tls-certificate-binding.jws at-reload.jws
cp site/current/cert.pem at-reload.pem
test ! -e no-reload && { test ! -e httpd.pid || "$QW_HTTPD" -f "$PWD/httpd.conf" -k graceful; }
SH
chmod 755 reload
deploy() {
    TLS_BINDING_CONF=$bed/conf/tls-binding.conf QWACMECTL=$QW_CTL QW_HTTPD=$QW_HTTPD \
        "$@" "$example/tls-binding-deploy"
}
renewed() { # NAME: the ACME client has a new certificate
    mkdir -p next
    cp "$1.pem" next/fullchain.pem
    cp "$1.key" next/privkey.pem
}
names() { python3 -c 'import json, sys; print(len(json.load(sys.stdin)["sigD"]["hashV"]))'; }
served() { # what a visitor gets: the certificate and, by the Link header, its binding
    openssl s_client -connect 127.0.0.1:14100 </dev/null 2>/dev/null | openssl x509 >served.pem
    path=$(curl -skI https://127.0.0.1:14100/ |
        sed -n 's|^[Ll]ink: <\(/[^>]*\)>; rel="tls-certificate-binding".*|\1|p')
    test -n "$path" && curl -sfk "https://127.0.0.1:14100$path" >served.jws &&
        "$browser" verify served.jws served.pem &&
        ctl verify served.jws served.pem --host localhost --trusted ca/root.pem
}
is_served() { # NAME: that certificate, with a binding
    openssl x509 -in "$1.pem" >want.pem
    n=0
    until openssl s_client -connect 127.0.0.1:14100 </dev/null 2>/dev/null |
        openssl x509 2>/dev/null | cmp -s - want.pem; do
        n=$((n + 1))
        test $n -lt 100 || { echo "another certificate"; return 1; }
        sleep "$bed_tick"
    done
    served
}

renewed one
ok "the first deployment" deploy env
setsid "$QW_HTTPD" -f "$bed/httpd.conf" -DFOREGROUND >log/httpd.out 2>&1 </dev/null &
echo $! >httpd-started.pid
bed_await curl -sfk https://127.0.0.1:14100/
ok "a visitor finds certificate and binding" is_served one
ok "which browsers do not keep" sh -c '
    curl -skI https://127.0.0.1:14100/.well-known/tls-certificate-binding.jws | grep -i "^cache-control: no-cache"'
before=$(stat -c %i www/tls-certificate-binding.jws)
ok "a second run" deploy env
is "has nothing to do" "$(stat -c %i www/tls-certificate-binding.jws)" "$before"

renewed two
ok "a renewal, as by the path unit" deploy env
ok "when httpd was told, the binding named the old and the next certificate" \
    "$browser" verify at-reload.jws one.pem two.pem
ok "a visitor finds the next certificate and its binding" is_served two
ok "the key is the owner's alone" test "$(stat -c %a site/current/key.pem)" = 600

# A binding that cannot be made: nothing may change.
renewed three
sed -i "s|^QWAC_KEY=.*|QWAC_KEY=$bed/rsa.key|" conf/tls-binding.conf
ok "without a binding" sh -c '! "$@"' sh env TLS_BINDING_CONF="$bed/conf/tls-binding.conf" QWACMECTL="$QW_CTL" "$example/tls-binding-deploy"
ok "nothing is deployed" cmp site/current/cert.pem two.pem
ok "and the old binding stands" is_served two
sed -i "s|^QWAC_KEY=.*|QWAC_KEY=$bed/ec.key|" conf/tls-binding.conf
sed -i "s|^HOST=.*|HOST=www.example.org|" conf/tls-binding.conf
ok "with a 2-QWAC that does not cover the site" sh -c '! "$@"' sh env TLS_BINDING_CONF="$bed/conf/tls-binding.conf" QWACMECTL="$QW_CTL" "$example/tls-binding-deploy"
ok "nothing is deployed either" cmp site/current/cert.pem two.pem
ok "no half-made binding is left" test ! -e www/tls-certificate-binding.jws.next
sed -i "s|^HOST=.*|HOST=localhost|" conf/tls-binding.conf

# httpd does not take it: back, and still bound.
: >no-reload
ok "a reload that fails" sh -c '! "$@"' sh env TLS_BINDING_CONF="$bed/conf/tls-binding.conf" QWACMECTL="$QW_CTL" "$example/tls-binding-deploy"
ok "goes back to the certificate before" cmp site/current/cert.pem two.pem
ok "which is bound, as is the next one" "$browser" verify www/tls-certificate-binding.jws two.pem three.pem
rm no-reload

# As hooks: the client says which.
cp one.key next/privkey.pem
deploy env >/dev/null 2>&1
is "a certificate before its key waits" $? 75
mkdir certbot && cp three.pem certbot/fullchain.pem && cp three.key certbot/privkey.pem
ok "as a hook of certbot" deploy env RENEWED_LINEAGE="$bed/certbot"
ok "its certificate is deployed" is_served three
ok "as a hook of lego" deploy env LEGO_CERT_PATH="$bed/two.pem" LEGO_CERT_KEY_PATH="$bed/two.key"
ok "its certificate is deployed too" is_served two
is "two versions are kept" "$(ls -d site/v.* | wc -l)" 2

# Killed in the middle of a copy, and run again.
mkdir site/new.killed && echo half >site/new.killed/cert.pem
ok "after a run that was killed" deploy env RENEWED_LINEAGE="$bed/certbot"
ok "the next one deploys" is_served three
is "and cleans up" "$(ls -d site/new.* 2>/dev/null)" ""

# Killed anywhere: what is in place is bound, and the next run ends it.
bad=0
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
    next=two
    cmp -s site/current/cert.pem two.pem && next=three
    timeout -s KILL "0.$(printf %03d $((n * 14)))" env TLS_BINDING_CONF="$bed/conf/tls-binding.conf" \
        QWACMECTL="$QW_CTL" QW_HTTPD="$QW_HTTPD" LEGO_CERT_PATH="$bed/$next.pem" \
        LEGO_CERT_KEY_PATH="$bed/$next.key" "$example/tls-binding-deploy" >>log/killed.log 2>&1
    ctl verify www/tls-certificate-binding.jws site/current/cert.pem >>log/killed.log || bad=$((bad + 1))
done
is "killed anywhere, what is in place is bound" "$bad" 0
: >site/httpd-does-not-know
mv at-reload.pem at-reload.old
ok "killed before the reload" deploy env LEGO_CERT_PATH="$bed/$next.pem" LEGO_CERT_KEY_PATH="$bed/$next.key"
ok "httpd is told by the next run" cmp at-reload.pem site/current/cert.pem
ok "the next renewal" deploy env RENEWED_LINEAGE="$bed/certbot"
ok "is served" is_served three
is "and cleans up" "$(ls -d site/new.* site/httpd-does-not-know site/current.next 2>/dev/null)" ""

# A new 2-QWAC: the binding is signed anew, the TLS certificate stays.
qwac ec ec -pkeyopt ec_paramgen_curve:P-256
touch -d 2026-01-01 ec.pem # not that its date would tell
ok "with the next 2-QWAC" deploy env RENEWED_LINEAGE="$bed/certbot"
ok "the binding is signed anew" is_served three
is "by that one" "$(ctl verify www/tls-certificate-binding.jws --json >now.json && field now.json signer)" \
    "$(openssl x509 -in ec.crt -noout -fingerprint -sha256 | cut -d= -f2 | tr -d : | tr A-F a-f)"

# The units, where systemd can read them.
if command -v systemd-analyze >/dev/null; then
    mkdir units
    cp "$example"/*.path "$example"/*.timer "$example"/*.service units
    sed -i "s|/usr/local/sbin/|$example/|" units/*.service
    ok "systemd takes the units" sh -c '
        systemd-analyze verify --man=no units/*.path units/*.timer units/*.service 2>&1 | grep tls-binding | tee /dev/stderr | grep -q . && exit 1; exit 0'
fi
tap_done
