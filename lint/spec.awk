# awk -f spec.awk SOURCES TESTS -- requirement -> line that obeys -> test
# A citation is RFC8555-7.4, BR-3.2.2.9, EN319412-5-4.2.1 in a comment; [FIN-12]
# beside it or in the name of a test is a case of the conformance list.
{
    rest = $0
    while (match(rest, /\[[A-Z][A-Z0-9][A-Z0-9]-[0-9][0-9]+[a-z]?\]/)) {
        id = substr(rest, RSTART + 1, RLENGTH - 2)
        add(id, FILENAME ~ /^(.*\/)?mod_qwacme\// ? "code" : "test")
        rest = substr(rest, RSTART + RLENGTH)
    }
    rest = $0
    while (match(rest, /(RFC[0-9]+|BR|EN3[0-9]+-[0-9]+|EN3[0-9]+|TS1[0-9]+|CIR[0-9-]+)-[0-9]+(\.[0-9]+)*(\([a-z]\))*/)) {
        add(substr(rest, RSTART, RLENGTH), FILENAME ~ /^(.*\/)?mod_qwacme\// ? "code" : "test")
        rest = substr(rest, RSTART + RLENGTH)
    }
}
function add(what, kind,   at) {
    at = FILENAME; sub(/^.*\/(mod_qwacme|t)\//, "&", at)
    if (root != "") sub("^" root "/", "", at)
    at = at ":" FNR
    if (!((what, kind, at) in once)) {
        once[what, kind, at] = 1
        found[what, kind] = found[what, kind] (found[what, kind] == "" ? "" : " ") at
    }
    all[what] = 1
}
END {
    for (what in all)
        printf "%-22s %s -> %s\n", what, show(found[what, "code"]), show(found[what, "test"]) | "sort -V"
    close("sort -V")
}
function show(list) { return list == "" ? "-" : list }
