/* db.h -- inside the store room: one connection, its statements, its rows.
 * Threads: one. */
#ifndef QW_STORE_DB_H
#define QW_STORE_DB_H

#include "store/store.h"

#include <apr_dbd.h>

#include <sys/types.h>

/* Labels of every statement: AT_qw_order_get is its place in the table. */
typedef enum {
#define QW_STMT(name, sql) AT_##name,
#include "store/qw_sql.h"
#undef QW_STMT
    QW_STMT_COUNT
} qw_stmt_e;

/* How a COMMIT ended. */
typedef enum { QW_COMMITTED, QW_NOT_COMMITTED, QW_UNKNOWN } qw_commit_e;

/* What a failed statement means. */
typedef enum {
    QW_BROKE_AWAY,    /* the database cannot now: the client comes back */
    QW_BROKE_RETRY,   /* another was faster, or the schema moved: once more */
    QW_BROKE_CLASH,   /* a race for a unique value: the next try sees it */
    QW_BROKE_REFUSED, /* a constraint, a trigger or our SQL: a fault of ours */
} qw_broke_e;

typedef struct {
    const char *driver;
    const char *package;
    const char *begin_write;
    const char *begin_read;
    int is_file;
    /* *LIB: its own functions, found once; 0 if they are not there. */
    int (*load)(const void **lib, apr_pool_t *pool);
    /* The connection string to open with, in POOL. */
    const char *(*params)(const char *given, apr_pool_t *pool);
    /* Settings of a fresh connection; text of the failure, or NULL. */
    const char *(*set_up)(qw_db_t *db);
    qw_commit_e (*commit)(qw_db_t *db);
    qw_broke_e (*broke)(qw_db_t *db);
    /* What is wrong with the durability that the server is set to, from the
     * columns of qw_schema_durability; NULL if nothing. */
    const char *(*weak)(const char *setting, const char *more);
    const char *(*sql)(qw_stmt_e stmt); /* text in this dialect */
} qw_backend_t;

extern const qw_backend_t qw_backend_sqlite3, qw_backend_pgsql;

struct qw_db_t {
    const qw_backend_t *backend;
    const apr_dbd_driver_t *driver;
    const void *lib;
    apr_dbd_t *handle;
    apr_pool_t *pool; /* of the connection */
    apr_dbd_prepared_t *prepared[QW_STMT_COUNT];
    int failed;    /* a statement failed in this transaction */
    int retry;     /* and might not, the next time */
    int poisoned;  /* state unknown: not to be used again */
    int warned;    /* PostgreSQL sent a warning during this COMMIT */
    int lock_fd;   /* SQLite: the lock file; -1 until it is written */
    ino_t log_ino; /* SQLite: its log, once seen */
};

/* Text of the statement; its label. */
const char *qw_stmt_sql(qw_stmt_e stmt);
const char *qw_stmt_label(qw_stmt_e stmt);

/* Prepare STMT on this connection unless it is. 0 or a driver error. */
int qw_db_prepare(qw_db_t *db, qw_stmt_e stmt);

/* Plain SQL, for BEGIN and the like: 0 if it went well (a row is no failure). */
int qw_db_plain(qw_db_t *db, const char *sql);

/* What the database says about its last failure; never NULL. */
const char *qw_db_reason(qw_db_t *db, int rv);

/* The arguments of a statement: pointers to apr_int64_t for %lld, strings (or
 * NULL) for %s, in order. */
#define QW_ARGS(...) ((const void *[]){ __VA_ARGS__ })
#define QW_NO_ARGS   ((const void **)NULL)

/* Run a changing statement; *NROWS: rows changed. */
qw_problem_t *qw_db_run(int *nrows, qw_db_t *db, qw_stmt_e stmt,
                        const void **args, apr_pool_t *pool) QW_MUST_CHECK;

/* The same, and one row or more must have changed: else CONFLICT. */
qw_problem_t *qw_db_change(qw_db_t *db, qw_stmt_e stmt, const void **args,
                           apr_pool_t *pool) QW_MUST_CHECK;

/* The same, without looking at the count. */
qw_problem_t *qw_db_do(qw_db_t *db, qw_stmt_e stmt, const void **args,
                       apr_pool_t *pool) QW_MUST_CHECK;

/* One row of a result, read column by column. */
typedef struct {
    qw_db_t *db;
    apr_dbd_row_t *row;
    int column;
    apr_pool_t *pool; /* results live here */
} qw_row_t;

const char *qw_row_text(qw_row_t *row); /* NULL for NULL */
apr_int64_t qw_row_int(qw_row_t *row);  /* 0 for NULL */

/* A struct made of a row. */
typedef void *(*qw_row_fn)(qw_row_t *row);

/* For statements that ask only whether there is a row, or for one number. */
void *qw_row_there(qw_row_t *row);
void *qw_row_number(qw_row_t *row); /* apr_int64_t * */

/* *FOUND: what FN made of the first row, or NULL if there is none. */
qw_problem_t *qw_db_one(void **found, qw_db_t *db, qw_stmt_e stmt,
                        const void **args, qw_row_fn fn,
                        apr_pool_t *pool) QW_MUST_CHECK;

/* The same, NOT_FOUND if there is none. */
qw_problem_t *qw_db_get(void **found, qw_db_t *db, qw_stmt_e stmt,
                        const void **args, qw_row_fn fn,
                        apr_pool_t *pool) QW_MUST_CHECK;

/* *LIST: what FN made of each row (array of pointers). */
qw_problem_t *qw_db_list(apr_array_header_t **list, qw_db_t *db, qw_stmt_e stmt,
                         const void **args, qw_row_fn fn,
                         apr_pool_t *pool) QW_MUST_CHECK;

/* A statement failed: the problem, and the transaction is lost. */
qw_problem_t *qw_db_broke(qw_db_t *db, const char *what, int rv,
                          apr_pool_t *pool) QW_MUST_CHECK;

#endif
