/* schema.h -- creating, checking and upgrading the schema. Threads: one. */
#ifndef QW_STORE_SCHEMA_H
#define QW_STORE_SCHEMA_H

#include "store/store.h"

enum { QW_SCHEMA_VERSION = 1 };

/* Create every table from DIR "/" driver ".sql". INVALID_INPUT if there is a
 * schema already, naming its version. */
qw_problem_t *qw_schema_create(qw_store_t *store, const char *dir,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* Apply DIR "/upgrade/NNNN-*.driver.sql" in number order from the version that
 * is there; each step and its version row is one transaction. *STEPS: how many
 * ran (with DRY_RUN: would run). */
qw_problem_t *qw_schema_upgrade(int *steps, qw_store_t *store, const char *dir,
                                int dry_run, apr_pool_t *pool) QW_MUST_CHECK;

/* NULL if the schema is of QW_SCHEMA_VERSION and, on PostgreSQL,
 * synchronous_commit is on, remote_apply or local with no standby named.
 * INVALID_INPUT says what was found and which command cures it. */
qw_problem_t *qw_schema_check(qw_store_t *store,
                              apr_pool_t *pool) QW_MUST_CHECK;

#endif
