# tap.sh -- TAP for shell scripts: ok "name" COMMAND..., is "name" GOT WANT.
tap_n=0
tap_failed=0

# The command's output is shown only if it fails.
ok() {
    name=$1
    shift
    tap_n=$((tap_n + 1))
    if "$@" >"$QW_BED/tap.out" 2>&1; then
        echo "ok $tap_n - $name"
        return 0
    fi
    tap_failed=$((tap_failed + 1))
    echo "not ok $tap_n - $name"
    sed 's/^/#   /' "$QW_BED/tap.out" | tail -n 40
    return 1
}

is() {
    tap_got=$2 tap_want=$3
    ok "$1" sh -c 'test "$1" = "$2" || { echo "got:  $1"; echo "want: $2"; exit 1; }' \
        is "$tap_got" "$tap_want"
}

tap_done() {
    echo "1..$tap_n"
    [ $tap_failed = 0 ]
}
