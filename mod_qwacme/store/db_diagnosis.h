/* db_diagnosis.h -- looks at a name without an order, kept for a while so that
 * every node can show them. Results live in POOL. Threads: as qw_db_t. */
#ifndef QW_STORE_DB_DIAGNOSIS_H
#define QW_STORE_DB_DIAGNOSIS_H

#include "store/store.h"

#include <apr_tables.h>
#include <apr_time.h>

typedef struct {
    const char *id;
    const char *authority;
    const char *external_id;
    const char *name;            /* A-labels, lower case, without "*." */
    const char *asked_by;        /* "portal:<person>", "ctl:<user>" */
    apr_time_t created, expires; /* of the authority's clock */
    apr_time_t ended;            /* 0: it is under way */
    const char *findings;        /* JSON array of qw_diagnose(), or NULL */
} qw_diagnosis_t;

/* CONFLICT if another one of the external account is under way. */
qw_problem_t *qw_diagnosis_insert(qw_db_t *db, const qw_diagnosis_t *diagnosis,
                                  apr_pool_t *pool) QW_MUST_CHECK;
/* NOT_FOUND if there is none, or it is of another authority. */
qw_problem_t *qw_diagnosis_get(qw_diagnosis_t **diagnosis, qw_db_t *db,
                               const char *authority, const char *id,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_diagnosis_t *, at most LIMIT of the external account that have not
 * expired at NOW, newest first. */
qw_problem_t *qw_diagnosis_list(apr_array_header_t **list, qw_db_t *db,
                                const char *external_id, apr_time_t now,
                                int limit, apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT if it is not under way any more. */
qw_problem_t *qw_diagnosis_finish(qw_db_t *db, const char *id, apr_time_t ended,
                                  const char *findings,
                                  apr_pool_t *pool) QW_MUST_CHECK;
/* Forget at most LIMIT that expired before NOW. */
qw_problem_t *qw_diagnosis_purge(qw_db_t *db, apr_time_t now, int limit,
                                 apr_pool_t *pool) QW_MUST_CHECK;

#endif
