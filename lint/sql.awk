# awk -f sql.awk FILES -- SQL text in C strings outside the room store
FILENAME ~ /mod_qwacme\/store\// { next }
/"[^"]*(SELECT [^"]* FROM |INSERT INTO |UPDATE [a-z_]+ SET |DELETE FROM |CREATE (TABLE|INDEX|TRIGGER) |BEGIN IMMEDIATE|ROLLBACK)/ {
    print FILENAME ":" FNR ": SQL outside store"; bad = 1
}
END { exit bad }
