/* Statements and rows of one connection. */
#include "store/db.h"
#include "store/store_priv.h"

#include <apr_strings.h>

#include <string.h>

static const struct {
    const char *label;
    const char *sql;
} statements[] = {
#define QW_STMT(name, sql) { #name, sql },
#include "store/qw_sql.h"
#undef QW_STMT
};

const char *qw_stmt_sql(qw_stmt_e stmt)
{
    return statements[stmt].sql;
}

const char *qw_stmt_label(qw_stmt_e stmt)
{
    return statements[stmt].label;
}

const char *qw_db_reason(qw_db_t *db, int rv)
{
    const char *why = apr_dbd_error(db->driver, db->handle, rv);

    return why != NULL && *why != '\0' ? why : "no reason given";
}

/* The detail is all that a client learns; the cause is for the log. */
qw_problem_t *qw_db_broke(qw_db_t *db, const char *what, int rv,
                          apr_pool_t *pool)
{
    const char *why = qw_db_reason(db, rv);
    const char *cause = apr_psprintf(pool, "%s: %.*s (%d)", what,
                                     (int)strcspn(why, "\n"), why, rv);
    qw_broke_e kind = db->backend->broke(db);

    db->failed = 1;
    db->retry = kind == QW_BROKE_RETRY || kind == QW_BROKE_CLASH;
    if (kind == QW_BROKE_REFUSED || kind == QW_BROKE_CLASH)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, cause, "storage failed");
    return qw_store_away(cause, pool);
}

int qw_db_plain(qw_db_t *db, const char *sql)
{
    enum { SQLITE_ROW = 100 };
    int nrows = 0, rv;

    rv = apr_dbd_query(db->driver, db->handle, &nrows, sql);
    return rv == SQLITE_ROW ? 0 : rv;
}

int qw_db_prepare(qw_db_t *db, qw_stmt_e stmt)
{
    if (db->prepared[stmt] != NULL)
        return 0;
    return apr_dbd_prepare(db->driver, db->pool, db->handle,
                           db->backend->sql(stmt), qw_stmt_label(stmt),
                           &db->prepared[stmt]);
}

qw_problem_t *qw_db_run(int *nrows, qw_db_t *db, qw_stmt_e stmt,
                        const void **args, apr_pool_t *pool)
{
    int rv = qw_db_prepare(db, stmt);

    *nrows = 0;
    if (rv == 0)
        rv = apr_dbd_pbquery(db->driver, pool, db->handle, nrows,
                             db->prepared[stmt], args);
    return rv == 0 ? NULL : qw_db_broke(db, qw_stmt_label(stmt), rv, pool);
}

qw_problem_t *qw_db_change(qw_db_t *db, qw_stmt_e stmt, const void **args,
                           apr_pool_t *pool)
{
    int nrows;

    QW_TRY(qw_db_run(&nrows, db, stmt, args, pool));
    if (nrows == 0)
        return QW_FAIL_BECAUSE(pool, CONFLICT, qw_stmt_label(stmt),
                               "something else was faster, or it is not so "
                               "any more");
    return NULL;
}

qw_problem_t *qw_db_do(qw_db_t *db, qw_stmt_e stmt, const void **args,
                       apr_pool_t *pool)
{
    int nrows;

    return qw_db_run(&nrows, db, stmt, args, pool);
}

/* Drivers differ in get_entry() for NULL, not in datum_get(); PostgreSQL's
 * strings die with the result. */
const char *qw_row_text(qw_row_t *row)
{
    const char *text = NULL;

    if (apr_dbd_datum_get(row->db->driver, row->row, row->column++,
                          APR_DBD_TYPE_STRING, &text)
        != APR_SUCCESS)
        return NULL;
    return apr_pstrdup(row->pool, text);
}

apr_int64_t qw_row_int(qw_row_t *row)
{
    apr_int64_t n = 0;

    if (apr_dbd_datum_get(row->db->driver, row->row, row->column++,
                          APR_DBD_TYPE_LONGLONG, &n)
        != APR_SUCCESS)
        return 0;
    return n;
}

void *qw_row_there(qw_row_t *row)
{
    return row->pool;
}

void *qw_row_number(qw_row_t *row)
{
    apr_int64_t *n = apr_palloc(row->pool, sizeof(*n));

    *n = qw_row_int(row);
    return n;
}

/* random access on: the other way hides errors on PostgreSQL */
static qw_problem_t *select_rows(apr_dbd_results_t **res, qw_db_t *db,
                                 qw_stmt_e stmt, const void **args,
                                 apr_pool_t *pool)
{
    int rv = qw_db_prepare(db, stmt);

    *res = NULL;
    if (rv == 0)
        rv = apr_dbd_pbselect(db->driver, pool, db->handle, res,
                              db->prepared[stmt], 1, args);
    return rv == 0 ? NULL : qw_db_broke(db, qw_stmt_label(stmt), rv, pool);
}

qw_problem_t *qw_db_list(apr_array_header_t **list, qw_db_t *db, qw_stmt_e stmt,
                         const void **args, qw_row_fn fn, apr_pool_t *pool)
{
    apr_array_header_t *made = apr_array_make(pool, 4, sizeof(void *));
    apr_dbd_results_t *res;
    apr_dbd_row_t *row = NULL;

    QW_TRY(select_rows(&res, db, stmt, args, pool));
    while (apr_dbd_get_row(db->driver, pool, res, &row, -1) == 0) {
        qw_row_t r = { db, row, 0, pool };

        APR_ARRAY_PUSH(made, void *) = fn(&r);
    }
    *list = made;
    return NULL;
}

qw_problem_t *qw_db_one(void **found, qw_db_t *db, qw_stmt_e stmt,
                        const void **args, qw_row_fn fn, apr_pool_t *pool)
{
    apr_array_header_t *list;

    QW_TRY(qw_db_list(&list, db, stmt, args, fn, pool));
    *found = list->nelts > 0 ? APR_ARRAY_IDX(list, 0, void *) : NULL;
    return NULL;
}

qw_problem_t *qw_db_get(void **found, qw_db_t *db, qw_stmt_e stmt,
                        const void **args, qw_row_fn fn, apr_pool_t *pool)
{
    QW_TRY(qw_db_one(found, db, stmt, args, fn, pool));
    if (*found == NULL)
        return QW_FAIL(pool, NOT_FOUND, "no such resource");
    return NULL;
}
