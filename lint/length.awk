# awk -v function_max=60 -v file_max=600 -f length.awk FILES
# Functions as clang-format leaves them: '{' and '}' alone in the first column.
FNR == 1 { if (last != "") file_end(); last = FILENAME; in_body = 0 }
{ lines = FNR }
/^[A-Za-z_].*\(/ && !/;$/ { head = $0 }
/^\{$/ { in_body = 1; start = FNR; next }
/^\}$/ && in_body {
    in_body = 0
    n = FNR - start - 1
    if (n > function_max) {
        name = head; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
        print FILENAME ":" start ": " name "() has " n " lines, at most " function_max; bad = 1
    }
}
function file_end() {
    if (lines > file_max) { print last ": " lines " lines, at most " file_max; bad = 1 }
}
END { file_end(); exit bad }
