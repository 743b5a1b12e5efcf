/* Every statement: it prepares, and it finds its rows by an index. */
#include "box.h"
#include "tap.h"

#include "store/db.h"

static const struct {
    const char *label;
    const char *sql;
} statements[] = {
#define QW_STMT(name, sql) { #name, sql },
#include "store/qw_sql.h"
#undef QW_STMT
};

/* Tables of a few rows; and a foreign key of an order that SQLite looks at only
 * when one is violated already. */
static const char *const may_scan[] = {
    "qw_schema_version", "qw_schema_exists", "qw_schema_durability",
    "qw_schema_set",     "qw_node_others",   "qw_node_purge",
    "qw_order_insert",   "qw_signer_others", "qw_signer_purge",
    "qw_notice_send",    "qw_metrics_jobs"
};

static int is_listed(const char *label)
{
    unsigned i;

    for (i = 0; i < sizeof(may_scan) / sizeof(may_scan[0]); i++)
        if (strcmp(may_scan[i], label) == 0)
            return 1;
    return 0;
}

static const char *in_dialect(box_t *box, int i)
{
    return (box->is_file ? qw_backend_sqlite3 : qw_backend_pgsql)
        .sql((qw_stmt_e)i);
}

static qw_problem_t *prepare_all(qw_db_t *db, void *baton, apr_pool_t *p)
{
    int i;

    for (i = 0; i < QW_STMT_COUNT; i++) {
        int rv = qw_db_prepare(db, (qw_stmt_e)i);

        ok(rv == 0, "%s prepares", qw_stmt_label((qw_stmt_e)i));
        if (rv != 0)
            printf("# %s\n", qw_db_reason(db, rv));
    }
    return NULL;
}

/* With a value for each argument. */
static const char *filled(const char *sql, apr_pool_t *pool)
{
    char *out = apr_pcalloc(pool, strlen(sql) * 3 + 1), *at = out;

    while (*sql != '\0')
        if (strncmp(sql, "%s", 2) == 0) {
            at += sprintf(at, "'x'");
            sql += 2;
        }
        else if (strncmp(sql, "%lld", 4) == 0) {
            *at++ = '1';
            sql += 4;
        }
        else {
            sql += *sql == '%';
            *at++ = *sql++;
        }
    return out;
}

/* A whole table read: "SCAN t" or "SCAN t USING INDEX" of SQLite, "Seq Scan" of
 * PostgreSQL, which was told to avoid it. */
static int scans(box_t *box, const char *line)
{
    return strstr(line, box->is_file ? "SCAN qw_" : "Seq Scan on qw_") != NULL
           || (box->is_file && strstr(line, "SCAN c") != NULL)
           || (box->is_file && strstr(line, "SCAN o") != NULL)
           || (box->is_file && strstr(line, "SCAN a") != NULL);
}

static void explain(box_t *box, int i, apr_pool_t *pool)
{
    apr_dbd_results_t *res = NULL;
    apr_dbd_row_t *row = NULL;
    const char *found = NULL;
    int rv = apr_dbd_select(box->driver, pool, box->raw, &res,
                            apr_pstrcat(pool,
                                        box->is_file ? "EXPLAIN QUERY PLAN "
                                                     : "EXPLAIN ",
                                        filled(in_dialect(box, i), pool), NULL),
                            1);

    while (rv == 0 && apr_dbd_get_row(box->driver, pool, res, &row, -1) == 0) {
        const char *line =
            apr_dbd_get_entry(box->driver, row, box->is_file ? 3 : 0);

        if (line != NULL && scans(box, line))
            found = apr_pstrdup(pool, line);
    }
    ok(rv == 0 && (found == NULL || is_listed(statements[i].label)),
       "%s reads no whole table", statements[i].label);
    if (found != NULL)
        printf("# %s\n", found);
}

/* What sql2h.awk must not let through. */
static void test_generator(box_t *box)
{
    static const struct {
        const char *what;
        const char *text;
        int good;
    } inputs[] = {
        { "two statements", "-- qw_a\nSELECT 1\n\n-- qw_b\nSELECT 2\n", 1 },
        { "a comment", "/* one\ntwo */\n-- qw_a\n/* x */\nSELECT 1\n", 1 },
        { "a label in capitals", "-- qw_A\nSELECT 1\n", 0 },
        { "a label of another program", "-- order_get\nSELECT 1\n", 0 },
        { "a label twice", "-- qw_a\nSELECT 1\n\n-- qw_a\nSELECT 2\n", 0 },
        { "a label alone", "-- qw_a\n\n-- qw_b\nSELECT 1\n", 0 },
        { "a label alone at the end", "-- qw_a\n", 0 },
        { "a semicolon", "-- qw_a\nSELECT 1;\n", 0 },
        { "no label", "SELECT 1\n", 0 },
    };
    const char *path = apr_pstrcat(box->pool, box->dir, "/plan", NULL);
    unsigned i;

    for (i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
        FILE *file = fopen(path, "w");
        int rv;

        if (file == NULL || fputs(inputs[i].text, file) < 0
            || fclose(file) != 0)
            box_die("cannot write", NULL, box->pool);
        rv = system(apr_pstrcat(box->pool, "awk -f ", QW_SRCDIR,
                                "/mod_qwacme/store/sql2h.awk ", path,
                                " >/dev/null 2>&1", NULL));
        ok((rv == 0) == inputs[i].good, "%s %s", inputs[i].what,
           inputs[i].good ? "goes through" : "stops the build");
    }
}

int main(void)
{
    box_t *box = box_open();
    apr_pool_t *round;
    int i;

    ok(is_good(box_write(box, prepare_all, NULL)), "every statement prepares");
    if (!box->is_file)
        box_raw(box, "SET enable_seqscan = off");
    apr_pool_create(&round, box->pool);
    for (i = 0; i < QW_STMT_COUNT; i++) {
        explain(box, i, round);
        apr_pool_clear(round);
    }
    test_generator(box);
    is_str(qw_stmt_label(AT_qw_order_get), "qw_order_get", "labels");
    box_close(box);
    return done_testing();
}
