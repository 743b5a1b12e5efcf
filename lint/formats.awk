# awk -f formats.awk FILES -- conversions that APR's printf does not know. It
# prints them as text and takes the next argument for another: a crash.
/"[^"]*%[-+ #0-9.*]*(ll|z|j|t)[diuxX]/ && !/scanf|lint: format,/ {
    print FILENAME ":" FNR ": APR's printf knows no %ll, %z, %j, %t: APR_INT64_T_FMT, APR_SIZE_T_FMT"
    bad = 1
}
END { exit bad }
