# bed.sh -- a test bed: database, demo CA, external account, DNS and, for those
# who want one, an httpd. To be sourced with QW_SRCDIR and QW_BUILDDIR set.
#
#   bed_make DIR DB BUILD   DB: sqlite3 or pgsql; BUILD: prod or san
#   bed_register [NAME [PROFILE]]   an external account, "exemple", with two
#                           domains: www.exemple.test, and shop.test with all below
#   bed_binding [OPTIONS]   a new binding key: sets KID and MAC_KEY
#   bed_token [MODULE]      the issuing key of "test" moves into a token of SoftHSM,
#                           behind MODULE (t/lib/p11shim.c), if one is given
#   bed_httpd_conf          DIR/httpd.conf for bed_start
#   bed_http01_start        a web server for HTTP-01 answers in DIR/wk
#   bed_start, bed_stop     DNS and httpd; bed_stop ends the database too
#   bed_ctl ARGS            qwacmectl on this bed
#
# After bed_make, DIR/env can be sourced in place of calling it again. Before it,
# these may be set: QW_PORT (ACME, TLS), QW_STATUS_PORT (http), QW_HTTP01_PORT,
# QW_ALPN_PORT, QW_DNS_PORT; QW_CONF_IN (template, from the top), QW_PLACES ("path:authority
# ..."), QW_PORTALS (the same, of portals; none), QW_AUTHORITY (the one bed_ctl
# speaks of).

bed_tick=0.1 # seconds between two looks at a condition

# Wait until COMMAND succeeds, at most 30 s.
bed_await() {
    n=0
    until "$@" >/dev/null 2>&1; do
        n=$((n + 1))
        if [ $n -gt 300 ]; then
            echo "bed: waited 30 s for: $*" >&2
            return 1
        fi
        sleep "$bed_tick"
    done
}

bed_ctl() {
    # shellcheck disable=SC2086
    $QW_CTL_ENV "$QW_CTL" --config "$QW_BED/qwacme.conf" --authority "$QW_AUTHORITY" "$@"
}

# A TLS pair for the ACME vhost under a root of its own, as clients want it.
bed_tls() {
    tls=$QW_BED/tls
    mkdir -p "$tls"
    cat >"$tls/leaf.ext" <<EXT
subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1
extendedKeyUsage=serverAuth
basicConstraints=CA:FALSE
EXT
    {
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc \
            -keyout "$tls/ca.key" -out "$tls/ca.pem" -days 3650 \
            -subj "/CN=TLS of the test bed" \
            -addext basicConstraints=critical,CA:TRUE \
            -addext keyUsage=critical,keyCertSign,cRLSign &&
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc \
                -keyout "$tls/server.key" -out "$tls/server.csr" \
                -subj "/CN=localhost" &&
            openssl x509 -req -in "$tls/server.csr" -CA "$tls/ca.pem" \
                -CAkey "$tls/ca.key" -CAcreateserial -days 825 \
                -out "$tls/server.pem" -extfile "$tls/leaf.ext"
    } >"$tls/log" 2>&1 || { cat "$tls/log" >&2; return 1; }
}

# Which build; the sanitized one needs its libraries first in the process.
bed_build() {
    QW_CTL_ENV=
    QW_HTTPD_ENV=
    if [ "$1" = san ]; then
        QW_MODULE=$QW_BUILDDIR/.libs/mod_qwacme_san.so
        QW_CTL=$QW_BUILDDIR/qwacmectl_san
        opt="env ASAN_OPTIONS=detect_leaks=0,abort_on_error=1,log_path=$QW_BED/san UBSAN_OPTIONS=print_stacktrace=1,log_path=$QW_BED/san"
        QW_CTL_ENV=$opt
        # verify_asan_link_order: the library is preloaded into perl and sh too
        QW_HTTPD_ENV="$opt LD_PRELOAD=$QW_SAN_PRELOAD"
    else
        QW_MODULE=$QW_BUILDDIR/.libs/mod_qwacme.so
        QW_CTL=$QW_BUILDDIR/qwacmectl
    fi
}

bed_database() {
    case $QW_DB in
    sqlite3) QW_DBPARAMS=$QW_BED/qwacme.db ;;
    pgsql)
        [ -n "$QW_PG_BINDIR" ] || {
            echo "bed: no PostgreSQL server program was found by configure" >&2
            return 1
        }
        QW_PG_SOCKET=$("$QW_SRCDIR/t/lib/pg" start "$QW_BED/pg" "$QW_PG_BINDIR") || return 1
        QW_DBPARAMS="host=$QW_PG_SOCKET user=qwacme dbname=qwacme"
        ;;
    *)
        echo "bed: '$QW_DB' is neither sqlite3 nor pgsql" >&2
        return 1
        ;;
    esac
}

bed_save() {
    for name in QW_SRCDIR QW_BUILDDIR QW_BED QW_DB QW_DBPARAMS QW_BUILD \
        QW_MODULE QW_CTL QW_CTL_ENV QW_HTTPD QW_HTTPD_ENV QW_PG_BINDIR \
        QW_PG_SOCKET QW_PORT QW_STATUS_PORT QW_HTTP01_PORT QW_ALPN_PORT \
        QW_DNS_PORT QW_SAN_PRELOAD QW_URL QW_PLACES QW_AUTHORITY QW_CONF_IN; do
        eval "value=\${$name-}"
        printf "%s='%s'; export %s\n" "$name" "$value" "$name"
    done >"$QW_BED/env"
    # shellcheck disable=SC1091
    . "$QW_BED/env"
}

# The configuration that httpd includes and qwacmectl reads.
bed_conf() {
    sed -e "s|%BED%|$QW_BED|g" -e "s|%DB%|$QW_DB|g" \
        -e "s|%DBPARAMS%|$QW_DBPARAMS|g" -e "s|%URL%|$QW_URL|g" \
        -e "s|%STATUS_PORT%|$QW_STATUS_PORT|g" \
        -e "s|%HTTP01_PORT%|$QW_HTTP01_PORT|g" \
        -e "s|%ALPN_PORT%|$QW_ALPN_PORT|g" -e "s|%DNS_PORT%|$QW_DNS_PORT|g" \
        "$QW_SRCDIR/$QW_CONF_IN" >"$QW_BED/qwacme.conf"
    sed -e "s|%MODULE%|$QW_MODULE|g" "$QW_BUILDDIR/t/httpd-base.conf" \
        >"$QW_BED/base.conf"
}

# Another certificate of the issuing CA "other", by the root of "test".
bed_cross() {
    cat >"$QW_BED/cross.ext" <<EXT
basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign
extendedKeyUsage=serverAuth
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
EXT
    {
        openssl x509 -x509toreq -in "$QW_BED/ca-other/issuing.pem" \
            -signkey "$QW_BED/ca-other/issuing-key.pem" -out "$QW_BED/cross.csr" &&
            openssl x509 -req -in "$QW_BED/cross.csr" -CA "$QW_BED/ca-test/root.pem" \
                -CAkey "$QW_BED/ca-test/root-key.pem" -CAcreateserial -days 825 \
                -extfile "$QW_BED/cross.ext" -out "$QW_BED/ca-other/cross.pem"
    } >"$QW_BED/log/cross.log" 2>&1 || { cat "$QW_BED/log/cross.log" >&2; return 1; }
}

bed_make() {
    QW_BED=$1 QW_DB=$2 QW_BUILD=$3
    QW_PORT=${QW_PORT:-14000}
    QW_STATUS_PORT=${QW_STATUS_PORT:-$((QW_PORT + 81))}
    QW_HTTP01_PORT=${QW_HTTP01_PORT:-5080}
    QW_ALPN_PORT=${QW_ALPN_PORT:-5443}
    QW_DNS_PORT=${QW_DNS_PORT:-5353}
    QW_URL=${QW_URL:-https://localhost:$QW_PORT}
    QW_PLACES=${QW_PLACES:-acme:test other:other}
    QW_AUTHORITY=${QW_AUTHORITY:-test}
    QW_CONF_IN=${QW_CONF_IN:-t/lib/bed.conf.in}
    mkdir -p "$QW_BED/state" "$QW_BED/log" "$QW_BED/htdocs"
    chmod 700 "$QW_BED/state"
    bed_build "$QW_BUILD"
    bed_database && bed_tls || return 1
    printf '# NAME TYPE VALUE, read at each query\n*.test A 127.0.0.1\n' >"$QW_BED/dns.zone"
    : >"$QW_BED/dns.log"
    echo 0 >"$QW_BED/clock"
    bed_conf
    bed_save
    for place in $QW_PLACES; do
        ca=${place#*:}
        "$QW_CTL" ca init-demo "$QW_BED/ca-$ca" \
            --organization "Exemple Confiance" --country FR \
            --organization-identifier NTRFR-123456789 \
            >"$QW_BED/log/ca-$ca.log" 2>&1 || { cat "$QW_BED/log/ca-$ca.log" >&2; return 1; }
    done
    case $QW_PLACES in *:other*) bed_cross || return 1 ;; esac
    bed_ctl seal-key create "$QW_BED/seal.key" >/dev/null &&
        bed_ctl schema create --schema-dir "$QW_SRCDIR/schema" >"$QW_BED/log/schema.log"
}

# Account NAME with an identity for PROFILE and the two domains of the bed.
bed_register() {
    name=${1:-exemple} profile=${2:-qncp-w}
    set -- --organization "Exemple SA" --country FR --locality Paris \
        --organization-identifier NTRFR-542051180 \
        --street "1 rue de l'Exemple" --postal-code 75001
    wildcard=--wildcard
    if [ "$profile" = qevcp-w ]; then
        set -- "$@" --business-category "Private Organization" \
            --serial-number 542051180 --jurisdiction-country FR
        wildcard=
    fi
    # shellcheck disable=SC2086
    bed_ctl account create "$name" "$@" --profiles "$profile" \
        --verified-by officer-1 --verified-method a --expires 365d \
        --terms 2026-11 >"$QW_BED/log/account.log" &&
        bed_ctl domain add "$name" www.exemple.test --shared \
            --confirmed-by operator-1 >>"$QW_BED/log/account.log" &&
        bed_ctl domain add "$name" shop.test --subtree --shared $wildcard \
            --confirmed-by operator-1 >>"$QW_BED/log/account.log"
}

bed_token() {
    key=$QW_BED/ca-test/issuing-key.pem
    for module in /usr/lib/softhsm/libsofthsm2.so \
        /usr/lib64/pkcs11/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so; do
        [ ! -e "$module" ] || real=$module
    done
    {
        echo "SOFTHSM2_CONF='$QW_BED/softhsm2.conf'; export SOFTHSM2_CONF"
        echo "PKCS11_MODULE_PATH='${1:-$real}'; export PKCS11_MODULE_PATH"
        echo "QW_P11_REAL='$real'; export QW_P11_REAL"
        echo "QW_P11_PLAN='$QW_BED/p11.plan'; export QW_P11_PLAN"
        echo "QW_P11_COUNT='$QW_BED/p11.count'; export QW_P11_COUNT"
    } >>"$QW_BED/env"
    # shellcheck disable=SC1091
    . "$QW_BED/env"
    mkdir -p "$QW_BED/tokens"
    echo "directories.tokendir = $QW_BED/tokens" >"$SOFTHSM2_CONF"
    : >"$QW_BED/p11.plan"
    : >"$QW_BED/p11.count"
    (umask 077 && echo 1234 >"$QW_BED/pin")
    {
        softhsm2-util --init-token --free --label qwac --so-pin 5678 --pin 1234 &&
            openssl pkcs8 -topk8 -nocrypt -in "$key" -out "$QW_BED/key.p8" &&
            softhsm2-util --import "$QW_BED/key.p8" --token qwac \
                --label issuing --id 01 --pin 1234
    } >"$QW_BED/log/token.log" 2>&1 || { cat "$QW_BED/log/token.log" >&2; return 1; }
    rm -f "$key" "$QW_BED/key.p8"
    sed -i "s|$key|\"pkcs11:token=qwac;object=issuing;type=private\" $QW_BED/pin|" \
        "$QW_BED/qwacme.conf"
}

bed_binding() {
    bed_ctl binding create exemple --json "$@" >"$QW_BED/binding.json" || return 1
    KID=$(bed_json "$QW_BED/binding.json" keyId)
    MAC_KEY=$(bed_json "$QW_BED/binding.json" macKey)
}

bed_json() {
    python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"
}

bed_httpd_conf() {
    cat >"$QW_BED/httpd.conf" <<CONF
ServerRoot $QW_BED
ServerName localhost
PidFile $QW_BED/httpd.pid
Include $QW_BED/base.conf
Listen 127.0.0.1:$QW_PORT
Listen 127.0.0.1:$QW_STATUS_PORT
TypesConfig /dev/null
LogLevel info qwacme:${QW_LOGLEVEL:-debug}
ErrorLog $QW_BED/log/error_log
CustomLog $QW_BED/log/access_log "%h %t \"%r\" %>s %b %D"
DocumentRoot $QW_BED/htdocs
Mutex file:$QW_BED/state
StartServers ${QW_CHILDREN:-2}
ServerLimit 8
ThreadsPerChild 25
MaxRequestWorkers 200
KeepAlive On
MaxKeepAliveRequests 0
Include $QW_BED/qwacme.conf
<VirtualHost 127.0.0.1:$QW_PORT>
  ServerName localhost
  SSLEngine on
  SSLProtocol -all +TLSv1.2 +TLSv1.3
  SSLCertificateFile $QW_BED/tls/server.pem
  SSLCertificateKeyFile $QW_BED/tls/server.key
CONF
    for place in $QW_PLACES; do
        cat <<CONF
  <Location /${place%%:*}>
    SetHandler qwacme-acme
    QwacmeUse ${place#*:}
  </Location>
CONF
    done >>"$QW_BED/httpd.conf"
    for place in ${QW_PORTALS-}; do
        cat <<CONF
  <Location /${place%%:*}>
    SetHandler qwacme-portal
    QwacmeUse ${place#*:}
  </Location>
CONF
    done >>"$QW_BED/httpd.conf"
    echo "</VirtualHost>" >>"$QW_BED/httpd.conf"
    bed_status_conf >>"$QW_BED/httpd.conf"
}

# Where certificates say that their status is.
bed_status_conf() {
    echo "<VirtualHost 127.0.0.1:$QW_STATUS_PORT>"
    echo "  ServerName localhost"
    for place in $QW_PLACES; do
        cat <<CONF
  <Location /status/${place#*:}>
    SetHandler qwacme-status
    QwacmeUse ${place#*:}
  </Location>
CONF
    done
    cat <<CONF
  <Location /metrics>
    SetHandler qwacme-metrics
  </Location>
</VirtualHost>
CONF
}

bed_dns_start() {
    setsid python3 "$QW_SRCDIR/t/lib/dnsd" "$QW_DNS_PORT" "$QW_BED/dns.zone" \
        "$QW_BED/dns.log" >"$QW_BED/log/dnsd.out" 2>&1 </dev/null &
    echo $! >"$QW_BED/dnsd.pid"
    bed_await grep -q ready "$QW_BED/log/dnsd.out" || {
        cat "$QW_BED/log/dnsd.out" >&2
        return 1
    }
}

# Answers HTTP-01 from DIR/wk, where t/lib/QW.pm puts them.
bed_http01_start() {
    mkdir -p "$QW_BED/wk"
    setsid python3 -m http.server "$QW_HTTP01_PORT" --bind 127.0.0.1 \
        --directory "$QW_BED/wk" >"$QW_BED/log/http01.out" 2>&1 </dev/null &
    echo $! >"$QW_BED/http01.pid"
    bed_await curl -s "http://127.0.0.1:$QW_HTTP01_PORT/"
}

bed_start() {
    bed_dns_start || return 1
    # shellcheck disable=SC2086
    setsid $QW_HTTPD_ENV "$QW_HTTPD" -f "$QW_BED/httpd.conf" -DFOREGROUND \
        >"$QW_BED/log/httpd.out" 2>&1 </dev/null &
    echo $! >"$QW_BED/httpd-started.pid"
    if ! bed_await curl -sf --cacert "$QW_BED/tls/ca.pem" "$QW_URL/acme/directory"; then
        cat "$QW_BED/log/httpd.out" >&2
        tail -n 20 "$QW_BED/log/error_log" >&2
        return 1
    fi
}

# End process PID and wait for it; by force after 10 s.
bed_end() {
    [ -n "$1" ] && kill "$1" 2>/dev/null || return 0
    n=0
    while kill -0 "$1" 2>/dev/null; do
        n=$((n + 1))
        [ $n -lt 100 ] || kill -9 "$1" 2>/dev/null
        sleep "$bed_tick"
    done
}

bed_stop() {
    for pid in httpd-started http01 dnsd; do
        [ ! -e "$QW_BED/$pid.pid" ] || bed_end "$(cat "$QW_BED/$pid.pid")"
        rm -f "$QW_BED/$pid.pid"
    done
    [ "$QW_DB" != pgsql ] || "$QW_SRCDIR/t/lib/pg" stop "$QW_BED/pg" "$QW_PG_BINDIR"
}

# Reports of the sanitizers, if any, fail the bed.
bed_sanitizer_reports() {
    found=0
    for f in "$QW_BED"/san.*; do
        [ -s "$f" ] || continue
        found=1
        echo "# sanitizer report $f" >&2
        head -n 60 "$f" >&2
    done
    return $found
}
