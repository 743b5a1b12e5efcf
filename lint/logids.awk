# awk -f logids.awk FILES -- each log id stands at one place only
{
    rest = $0
    while (match(rest, /"QW[0-9][0-9][0-9][0-9]+/)) {
        id = substr(rest, RSTART + 1, RLENGTH - 1)
        if (length(id) != 6) { print FILENAME ":" FNR ": " id " is not QW and four digits"; bad = 1 }
        if (id in seen) { print FILENAME ":" FNR ": " id " is used at " seen[id] " too"; bad = 1 }
        else seen[id] = FILENAME ":" FNR
        rest = substr(rest, RSTART + RLENGTH)
    }
}
END { exit bad }
