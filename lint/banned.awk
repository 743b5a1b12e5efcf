# awk -f banned.awk banned.txt FILES -- calls that the house does not make, and
# assertions that do something
FNR == NR {
    if (/^#/ || NF == 0) next
    name = $1; why = $0; sub(/^[^\t]*\t/, "", why)
    banned[name] = why
    next
}
FNR == 1 { incomment = 0; allow = "" }
{
    line = $0
    # An exception counts for its own line and for the next.
    allowed_above = allow; allow = ""
    if (match(line, /\/\* lint: [A-Za-z0-9_]+,/)) {
        allow = substr(line, RSTART + 9, RLENGTH - 10)
    }
    code = strip(line)
    rest = code
    while (match(rest, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/)) {
        before = RSTART > 1 ? substr(rest, RSTART - 1, 1) : ""
        word = substr(rest, RSTART, RLENGTH)
        sub(/[ \t]*\($/, "", word)
        # a member of a struct that has the same name is another function
        if (word in banned && word != allow && word != allowed_above && before != "." && before != ">")
            say(word "(): " banned[word])
        rest = substr(rest, RSTART + RLENGTH)
    }
    if (match(code, /(^|[^A-Za-z_])assert\(.*(\+\+|--|[^=!<>]=[^=])/) && allow != "assert")
        say("assert() with a side effect is lost under NDEBUG")
}
function say(what) { print FILENAME ":" FNR ": " what; bad = 1 }
# LINE without strings, characters and comments
function strip(text,   out, i, c, two, instr, q) {
    out = ""; instr = 0
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1); two = substr(text, i, 2)
        if (incomment) { if (two == "*/") { incomment = 0; i++ } ; continue }
        if (instr) { if (c == "\\") i++; else if (c == q) instr = 0; continue }
        if (two == "/*") { incomment = 1; i++; continue }
        if (c == "\"" || c == "'") { instr = 1; q = c; out = out "\""; continue }
        out = out c
    }
    return out
}
END { exit bad }
