# awk -f directives.awk directives.def DIRECTIVES EXAMPLES...
# A directive is in the table and in the manual, or in neither; an example uses
# no other. In the manual a directive's entry starts at the first column.
FNR == 1 { part++; if (part > 3) part = 3 }
part == 1 {
    if (match($0, /^[ \t]*QW[A-Z]*_[A-Z_]+\([ \t]*Qwacme[A-Za-z0-9]+/)) {
        name = substr($0, RSTART, RLENGTH); sub(/.*\([ \t]*/, "", name)
        if (name in table) say(name " has two rows")
        table[name] = FILENAME ":" FNR
    }
    next
}
part == 2 {
    if (match($0, /^<?Qwacme[A-Za-z0-9]+/)) {
        name = substr($0, RSTART, RLENGTH); sub(/^</, "", name)
        manual[name] = FILENAME ":" FNR
    }
    next
}
{
    line = $0
    sub(/^[ \t]*#?[ \t]*/, "", line)
    if (match(line, /^<?\/?Qwacme[A-Za-z0-9]+/)) {
        name = substr(line, RSTART, RLENGTH); sub(/^<?\/?/, "", name)
        if (!(name in table)) say("no directive " name)
    }
}
function say(what) { print FILENAME ":" FNR ": " what; bad = 1 }
END {
    for (name in table) if (!(name in manual)) {
        print table[name] ": " name " is not in the manual"; bad = 1
    }
    for (name in manual) if (!(name in table)) {
        print manual[name] ": " name " is not a directive"; bad = 1
    }
    exit bad
}
