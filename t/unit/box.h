/* box.h -- a database for one test: the one of QW_TEST_DB ("sqlite3 PATH",
 * "pgsql PARAMS"), or SQLite in a folder of its own. Empty at the start. */
#ifndef BOX_H
#define BOX_H

#include "store/db_account.h"
#include "store/db_key.h"
#include "store/db_external.h"
#include "store/db_order.h"
#include "store/schema.h"
#include "store/store.h"

#include <apr_dbd.h>
#include <apr_general.h>
#include <apr_strings.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    apr_pool_t *pool;
    const char *dir;
    qw_store_conf_t conf;
    qw_store_t *store;
    int is_file;
    const char *schema;             /* PostgreSQL's, of this box */
    const apr_dbd_driver_t *driver; /* and a connection without our rules */
    apr_dbd_t *raw;
} box_t;

static inline void box_die(const char *why, const qw_problem_t *prob,
                           apr_pool_t *pool)
{
    printf("Bail out! %s: %s\n", why,
           prob != NULL ? qw_problem_for_log(prob, pool) : "");
    exit(1);
}

static inline void box_must(const char *what, qw_problem_t *prob,
                            apr_pool_t *pool)
{
    if (prob != NULL)
        box_die(what, prob, pool);
}

/* 0 or what the driver says. */
static inline int box_raw(box_t *box, const char *sql)
{
    int n = 0, rv = apr_dbd_query(box->driver, box->raw, &n, sql);

    return rv == 100 ? 0 : rv;
}

static inline void box_connect(box_t *box)
{
    const char *error = NULL;

    if (apr_dbd_open_ex(box->driver, box->pool, box->conf.params, &box->raw,
                        &error)
        != APR_SUCCESS)
        box_die(error != NULL ? error : "no raw connection", NULL, box->pool);
    if (box->is_file)
        box_raw(box, "PRAGMA foreign_keys = ON");
}

/* Tests run side by side in one PostgreSQL: each in a schema of its own. */
static inline void box_separate(box_t *box)
{
    static int boxes;
    const char *name =
        apr_psprintf(box->pool, "qw_t%d_%d", (int)getpid(), ++boxes);

    box->schema = name;

    box_connect(box);
    box_raw(box,
            apr_psprintf(box->pool, "DROP SCHEMA IF EXISTS %s CASCADE", name));
    box_raw(box, apr_psprintf(box->pool, "CREATE SCHEMA %s", name));
    apr_dbd_close(box->driver, box->raw);
    box->conf.params = apr_psprintf(box->pool, "%s options=-csearch_path=%s",
                                    box->conf.params, name);
}

/* No store yet: for tests that want to see it made. */
static inline box_t *box_bare(void)
{
    const char *wanted = getenv("QW_TEST_DB"), *gap;
    char *dir;
    apr_pool_t *pool;
    box_t *box;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    box = apr_pcalloc(pool, sizeof(*box));
    box->pool = pool;
    dir = apr_pstrdup(pool, "/tmp/qw-box-XXXXXX");
    if (mkdtemp(dir) == NULL)
        box_die("no folder", NULL, pool);
    box->dir = dir;
    box->conf.driver = "sqlite3";
    box->conf.params = apr_pstrcat(pool, dir, "/qw.db", NULL);
    if (wanted != NULL && (gap = strchr(wanted, ' ')) != NULL) {
        box->conf.driver = apr_pstrmemdup(pool, wanted, gap - wanted);
        box->conf.params = gap + 1;
    }
    box->is_file = strcmp(box->conf.driver, "sqlite3") == 0;
    box->conf.max_connections = 4;
    box->conf.wait = apr_time_from_sec(10);
    apr_dbd_init(pool);
    if (apr_dbd_get_driver(pool, box->conf.driver, &box->driver) != APR_SUCCESS)
        box_die("no driver", NULL, pool);
    if (!box->is_file)
        box_separate(box);
    return box;
}

static inline box_t *box_open(void)
{
    box_t *box = box_bare();

    box_must("open", qw_store_open(&box->store, &box->conf, box->pool),
             box->pool);
    box_must("schema", qw_schema_create(box->store, QW_SCHEMADIR, box->pool),
             box->pool);
    box_connect(box);
    return box;
}

static inline qw_problem_t *box_write(box_t *box, qw_tx_fn fn, void *baton)
{
    return qw_store_write(box->store, fn, baton, box->pool);
}

static inline qw_problem_t *box_read(box_t *box, qw_tx_fn fn, void *baton)
{
    return qw_store_read(box->store, fn, baton, box->pool);
}

/* Close everything; the folder goes, PostgreSQL's schema too. */
static inline void box_close(box_t *box)
{
    static const char *const files[] = { "qw.db", "qw.db-wal", "qw.db-shm",
                                         "qw.db-lock", "plan" };
    unsigned i;

    if (!box->is_file)
        box_raw(box, apr_pstrcat(box->pool, "DROP SCHEMA ", box->schema,
                                 " CASCADE", NULL));
    apr_dbd_close(box->driver, box->raw);
    for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        unlink(apr_pstrcat(box->pool, box->dir, "/", files[i], NULL));
    rmdir(box->dir);
    apr_pool_destroy(box->pool);
}

/* A plan for failpoints. */
static inline void box_plan(box_t *box, const char *line)
{
    const char *path = apr_pstrcat(box->pool, box->dir, "/plan", NULL);
    FILE *file = fopen(path, "w");

    if (file == NULL || fputs(line, file) < 0 || fclose(file) != 0)
        box_die("no plan", NULL, box->pool);
    setenv("QWACME_FAILPOINTS", path, 1);
}

static inline int is_code(const qw_problem_t *prob, qw_code_e code)
{
    if (prob != NULL && prob->code != code)
        printf("# %s [%s]\n", qw_problem_name(prob->code),
               prob->cause != NULL ? prob->cause : prob->detail);
    return prob != NULL && prob->code == code;
}

static inline int is_good(const qw_problem_t *prob)
{
    if (prob != NULL)
        printf("# %s %s [%s]\n", qw_problem_name(prob->code), prob->detail,
               prob->cause != NULL ? prob->cause : "");
    return prob == NULL;
}

/* What the rows of a test hang on. */
static inline qw_external_t box_external(const char *id)
{
    qw_external_t e = { 0 };

    e.id = e.name = id;
    e.authority = "live";
    e.created = 1000;
    e.expires = 9000;
    e.identity = "{}";
    e.identity_version = 1;
    e.verified_at = 900;
    e.verified_by = "officer";
    e.verified_method = "24(1a)(a)";
    e.profiles = "qevcp-w";
    return e;
}

static inline qw_binding_t box_binding(const char *id, const char *external)
{
    qw_binding_t b = { 0 };

    b.id = id;
    b.authority = "live";
    b.external_id = external;
    b.sealed = "sealed";
    b.algs = "HS256";
    b.max_uses = 2;
    b.expires = 9000;
    b.created = 1100;
    b.created_by = "operator";
    return b;
}

static inline qw_account_t box_account(const char *id, const char *binding,
                                       const char *external)
{
    qw_account_t a = { 0 };

    a.id = a.thumbprint = id;
    a.authority = "live";
    a.external_id = external;
    a.binding_id = binding;
    a.jwk = "{}";
    a.contacts = "[]";
    a.eab = "{}";
    a.created = 1200;
    return a;
}

static inline qw_authz_t box_authz(const char *id, const char *name)
{
    qw_authz_t z = { 0 };

    z.id = id;
    z.authority = "live";
    z.account_id = "acc1";
    z.external_id = "ext1";
    z.name = name;
    z.created = 1300;
    z.expires = 9000;
    return z;
}

static inline qw_order_t box_order(const char *id, qw_state_e status)
{
    qw_order_t o = { 0 };

    o.id = id;
    o.authority = "live";
    o.account_id = "acc1";
    o.external_id = "ext1";
    o.status = status;
    o.created = 1400;
    o.expires = 9000;
    o.names = "[\"a.example\"]";
    o.profile = "qevcp-w";
    o.profile_hash = "hash";
    return o;
}

/* ext1 with key1 and acc1. */
static inline qw_problem_t *box_seed(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    qw_external_t e = box_external("ext1");
    qw_binding_t b = box_binding("key1", "ext1");
    qw_account_t a = box_account("acc1", "key1", "ext1");

    QW_TRY(qw_external_insert(db, &e, pool));
    QW_TRY(qw_binding_insert(db, &b, pool));
    return qw_account_insert(db, &a, pool);
}

/* Order ID with one authorization "z-ID" for NAME. */
static inline qw_problem_t *box_new_order(qw_db_t *db, const char *id,
                                          qw_state_e status, const char *name,
                                          apr_pool_t *pool)
{
    apr_array_header_t *ids = apr_array_make(pool, 1, sizeof(const char *));
    qw_order_t o = box_order(id, status);
    qw_authz_t z = box_authz(apr_pstrcat(pool, "z-", id, NULL), name);

    APR_ARRAY_PUSH(ids, const char *) = z.id;
    QW_TRY(qw_authz_insert(db, &z, pool));
    return qw_order_insert(db, &o, ids, pool);
}

#endif
