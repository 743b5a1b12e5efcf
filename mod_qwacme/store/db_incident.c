#include "store/db_incident.h"

#include "store/db.h"

static void *row_renewal(qw_row_t *row)
{
    qw_renewal_t *r = apr_pcalloc(row->pool, sizeof(*r));

    r->serial = qw_row_text(row);
    r->not_before = qw_row_int(row);
    r->not_after = qw_row_int(row);
    r->revoked_at = qw_row_int(row);
    r->verified_at = qw_row_int(row);
    r->expires = qw_row_int(row);
    r->recalled_at = qw_row_int(row);
    r->explanation_url = qw_row_text(row);
    return r;
}

qw_problem_t *qw_renewal_get(qw_renewal_t **renewal, qw_db_t *db,
                             const char *authority, const char *issuer,
                             const char *serial, apr_pool_t *pool)
{
    return qw_db_get((void **)renewal, db, AT_qw_renewal_get,
                     QW_ARGS(issuer, serial, authority), row_renewal, pool);
}

static void *row_incident(qw_row_t *row)
{
    qw_incident_t *i = apr_pcalloc(row->pool, sizeof(*i));

    i->id = qw_row_text(row);
    i->name = qw_row_text(row);
    i->url = qw_row_text(row);
    i->created_by = qw_row_text(row);
    i->created = qw_row_int(row);
    i->cleared = qw_row_int(row);
    i->certificates = qw_row_int(row);
    return i;
}

qw_problem_t *qw_incident_insert(qw_db_t *db, const char *authority,
                                 const qw_incident_t *i, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_incident_insert,
                        QW_ARGS(i->id, authority, i->name, i->url,
                                i->created_by, &i->created),
                        pool);
}

qw_problem_t *qw_incident_find(qw_incident_t **incident, qw_db_t *db,
                               const char *authority, const char *name,
                               apr_pool_t *pool)
{
    return qw_db_one((void **)incident, db, AT_qw_incident_find,
                     QW_ARGS(authority, name), row_incident, pool);
}

qw_problem_t *qw_incident_list(apr_array_header_t **list, qw_db_t *db,
                               const char *authority, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_incident_list, QW_ARGS(authority),
                      row_incident, pool);
}

qw_problem_t *qw_incident_recall(int *n, qw_db_t *db, const char *authority,
                                 const char *id, const char *serial,
                                 apr_pool_t *pool)
{
    return qw_db_run(n, db, AT_qw_incident_recall,
                     QW_ARGS(id, serial, authority), pool);
}

qw_problem_t *qw_incident_clear(qw_db_t *db, const char *id, apr_time_t at,
                                apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_incident_clear, QW_ARGS(&at, id), pool);
}
