# awk -f schema.awk sqlite3.sql pgsql.sql STATEMENTS...
# Both schemas have the same tables with the same columns in the same order, and
# no statement names a table that is in neither.
FNR == 1 { part++; if (part > 3) part = 3; table = "" }
{ line = $0; sub(/--.*/, "", line) }
part < 3 && match(line, /^CREATE TABLE (IF NOT EXISTS )?qw_[a-z0-9_]+/) {
    table = substr(line, RSTART, RLENGTH); sub(/.* /, "", table)
    tables[table] = tables[table] part
    next
}
part < 3 && table != "" {
    if (line ~ /^\)/) { table = ""; next }
    if (match(line, /^[ \t]+[a-z][a-z0-9_]*[ \t]/)) {
        col = substr(line, RSTART, RLENGTH); gsub(/[ \t]/, "", col)
        columns[table] = columns[table]
        cols[part, table] = cols[part, table] " " col
    }
    next
}
part == 3 {
    if (incomment || line ~ /^[ \t]*\/\*/) { incomment = line !~ /\*\//; next }
    rest = line
    while (match(rest, /(FROM|JOIN|INTO|UPDATE)[ \t]+qw_[a-z0-9_]+/)) {
        name = substr(rest, RSTART, RLENGTH); sub(/.*[ \t]/, "", name)
        if (!(name in tables)) { print FILENAME ":" FNR ": no table " name; bad = 1 }
        rest = substr(rest, RSTART + RLENGTH)
    }
}
END {
    for (t in tables) {
        if (tables[t] != "12") { print t ": is in one schema only"; bad = 1 }
        else if (cols[1, t] != cols[2, t]) {
            print t ": columns differ\n  sqlite3:" cols[1, t] "\n  pgsql:  " cols[2, t]; bad = 1
        }
    }
    exit bad
}
