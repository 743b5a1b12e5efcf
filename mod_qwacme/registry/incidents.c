/* Incidents: certificates that have to be renewed at once, and why. */
#include "registry/note.h"

#include "base/text.h"
#include "base/world.h"
#include "conf/value.h"
#include "store/db_ledger.h"

#include <apr_strings.h>

#include <string.h>

enum { NAME_MOST = 64, UNKNOWN_TOLD = 20 };

static qw_problem_t *check(const qw_registry_t *r, const qw_incident_t *i)
{
    apr_size_t n = strlen(i->name);

    if (n < 1 || n > NAME_MOST
        || strspn(i->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
                           "XYZ0123456789-_.")
               != n)
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "'%s' is no name; write 1 to 64 letters, digits, '-', "
                       "'_' and '.'",
                       qw_text_safe(i->name, NAME_MOST, r->pool));
    if (i->url != NULL && !qw_value_is_url(i->url, "https://"))
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "url: '%s' is not an https URL with a host",
                       qw_text_safe(i->url, 128, r->pool));
    return NULL;
}

static qw_problem_t *begin(qw_incident_t **incident, const qw_registry_t *r,
                           const qw_incident_t *asked)
{
    qw_incident_t *i = apr_pmemdup(r->pool, asked, sizeof(*i));

    if (i->url == NULL)
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "url: say where subscribers read what it is about");
    QW_TRY(qw_id_make(&i->id, r->pool));
    i->created_by = r->actor;
    i->created = qw_authority_now(r->authority);
    *incident = i;
    return qw_incident_insert(r->db, r->authority->name, i, r->pool);
}

/* *INCIDENT, new or in force. */
static qw_problem_t *open_incident(qw_incident_t **incident,
                                   const qw_registry_t *r,
                                   const qw_incident_t *asked)
{
    qw_incident_t *found;

    QW_TRY(qw_incident_find(&found, r->db, r->authority->name, asked->name,
                            r->pool));
    if (found == NULL)
        return begin(incident, r, asked);
    if (found->cleared != 0)
        return QW_FAIL(r->pool, CONFLICT,
                       "incident %s was cleared; take another name",
                       found->name);
    if (asked->url != NULL && strcmp(asked->url, found->url) != 0)
        return QW_FAIL(r->pool, CONFLICT,
                       "incident %s has another url: %s; leave it off, or take "
                       "another name",
                       found->name, found->url);
    *incident = found;
    return NULL;
}

/* *KNOWN: there is such a certificate, in the incident or not. */
static qw_problem_t *recall(int *known, int *n, const qw_registry_t *r,
                            const qw_incident_t *incident, const char *serial)
{
    qw_certificate_query_t query = { 0 };
    apr_array_header_t *list;

    QW_TRY(qw_incident_recall(n, r->db, r->authority->name, incident->id,
                              serial, r->pool));
    *known = *n > 0;
    if (*known)
        return NULL;
    query.authority = r->authority->name;
    query.serial = serial;
    query.limit = 1;
    QW_TRY(qw_certificate_list(&list, r->db, &query, r->pool));
    *known = list->nelts > 0;
    return NULL;
}

static void add_unknown(qw_problem_t **all, const char *serial,
                        apr_pool_t *pool)
{
    if (*all == NULL)
        *all = QW_FAIL(pool, INVALID_INPUT,
                       "nothing was loaded: the authority has no certificates "
                       "with these serials");
    if ((*all)->subproblems == NULL
        || (*all)->subproblems->nelts < UNKNOWN_TOLD)
        qw_problem_add(*all,
                       QW_FAIL(pool, INVALID_INPUT, "%s",
                               qw_text_safe(serial, 64, pool)),
                       pool);
}

/* *SUM: how many came to the incident. All serials are good, or none counts. */
static qw_problem_t *recall_all(int *sum, const qw_registry_t *r,
                                const qw_incident_t *incident,
                                const apr_array_header_t *serials)
{
    qw_problem_t *unknown = NULL;

    *sum = 0;
    for (int i = 0; i < serials->nelts; i++) {
        const char *serial = APR_ARRAY_IDX(serials, i, const char *);
        int known, n;

        QW_TRY(recall(&known, &n, r, incident, serial));
        *sum += n;
        if (!known)
            add_unknown(&unknown, serial, r->pool);
    }
    return unknown;
}

qw_problem_t *qw_registry_load_incident(const qw_registry_t *r,
                                        const qw_incident_t *asked,
                                        const apr_array_header_t *serials)
{
    json_t *detail = qw_json_new_object(r->pool);
    qw_incident_t *incident;
    int n;

    QW_TRY(check(r, asked));
    QW_TRY(open_incident(&incident, r, asked));
    QW_TRY(recall_all(&n, r, incident, serials));
    json_object_set_new(detail, "name", json_string(incident->name));
    json_object_set_new(detail, "url", json_string(incident->url));
    json_object_set_new(detail, "certificates", json_integer(n));
    return qw_registry_note(r, "incident.load", "incident", incident->id,
                            detail);
}

qw_problem_t *qw_registry_clear_incident(const qw_registry_t *r,
                                         const char *name)
{
    json_t *detail = qw_json_new_object(r->pool);
    qw_incident_t *found;
    qw_problem_t *prob;

    QW_TRY(qw_incident_find(&found, r->db, r->authority->name, name, r->pool));
    if (found == NULL)
        return QW_FAIL(r->pool, NOT_FOUND, "there is no incident '%s'",
                       qw_text_safe(name, NAME_MOST, r->pool));
    prob = qw_incident_clear(r->db, found->id, qw_authority_now(r->authority),
                             r->pool);
    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(r->pool, CONFLICT, "incident %s was cleared before",
                       found->name);
    QW_TRY(prob);
    json_object_set_new(detail, "name", json_string(found->name));
    return qw_registry_note(r, "incident.clear", "incident", found->id, detail);
}
