/* Numbers for those who watch, in the text format of Prometheus. Labels are what
 * the configuration names, never who asked for a certificate. */
#include "httpd/qwm.h"

#include "ca/issuing.h"
#include "ca/status_path.h"
#include "model/clock.h"
#include "model/dates.h"
#include "store/db_metrics.h"
#include "store/db_reminder.h"
#include "store/db_status.h"

#include <apr_atomic.h>
#include <apr_file_info.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include <http_request.h>

#include <string.h>

APLOG_USE_MODULE(qwacme);

#define FAMILIES                                                               \
    FAMILY(DATABASE_UP, "database_up", "gauge", "1 if the database answers")   \
    FAMILY(SIGNER_UP, "signer_up", "gauge",                                    \
           "1 if this node's signer answers and its keys work")                \
    FAMILY(HALTED, "issuance_halted", "gauge",                                 \
           "1 if issuance on this node waits for a person")                    \
    FAMILY(OCSP_REFUSED, "ocsp_refused_total", "counter",                      \
           "OCSP requests that were not put to the signer, for too many "      \
           "waited; since httpd's start")                                      \
    FAMILY(NOT_AFTER, "issuer_not_after_seconds", "gauge",                     \
           "when the certificate of the issuing CA ends")                      \
    FAMILY(ISSUED, "certificates_issued_total", "counter",                     \
           "certificates ever issued")                                         \
    FAMILY(REVOKED, "certificates_revoked_total", "counter",                   \
           "certificates and precertificates ever revoked")                    \
    FAMILY(UNPUBLISHED, "revocations_unpublished", "gauge",                    \
           "revocations that are not published yet")                           \
    FAMILY(UNPUBLISHED_AGE, "revocations_unpublished_age_seconds", "gauge",    \
           "how long the oldest of them has waited")                           \
    FAMILY(NOTICES, "notices_open", "gauge",                                   \
           "certificates whose OCSP answer a node has still to sign anew")     \
    FAMILY(CRL_NUMBER, "crl_number", "gauge", "number of the full CRL")        \
    FAMILY(CRL_THIS, "crl_this_update_seconds", "gauge",                       \
           "when the full CRL was made")                                       \
    FAMILY(CRL_NEXT, "crl_next_update_seconds", "gauge",                       \
           "until when the CRL that ends first is good")                       \
    FAMILY(CRL_ENTRIES, "crl_entries", "gauge", "entries of the full CRL")     \
    FAMILY(CRLS, "crls", "gauge", "CRLs there are, the full one and others")   \
    FAMILY(OCSP_THIS, "ocsp_oldest_this_update_seconds", "gauge",              \
           "when the oldest OCSP answer of this node was signed")              \
    FAMILY(OCSP_NEXT, "ocsp_next_update_seconds", "gauge",                     \
           "until when the OCSP answer that ends first is good")               \
    FAMILY(ORDERS, "orders_open", "gauge", "orders that are not settled")      \
    FAMILY(JOBS, "jobs", "gauge", "jobs that wait or are being done")          \
    FAMILY(JOBS_AGE, "jobs_overdue_seconds", "gauge",                          \
           "how long the oldest job has been due")                             \
    FAMILY(CLOCK, "clock_soonest_seconds", "gauge",                            \
           "when the next of its kind runs out: of external accounts, their "  \
           "identities, their binding keys")

typedef enum {
#define FAMILY(id, name, type, help) id,
    FAMILIES
#undef FAMILY
        FAMILY_COUNT
} family_e;

static const struct {
    const char *name, *type, *help;
} families[] = {
#define FAMILY(id, name, type, help) { "qwacme_" name, type, help },
    FAMILIES
#undef FAMILY
};

/* SAMPLES: by family, arrays of const char *: what follows the family's name. */
typedef struct {
    const char *use; /* this authority; NULL: all */
    apr_array_header_t *samples[FAMILY_COUNT];
    apr_pool_t *pool;
} page_t;

static void begin(page_t *page, family_e from)
{
    int i;

    for (i = (int)from; i < FAMILY_COUNT; i++)
        page->samples[i] = apr_array_make(page->pool, 4, sizeof(char *));
}

static void add(page_t *page, family_e family, const char *labels,
                apr_int64_t value)
{
    APR_ARRAY_PUSH(page->samples[family], const char *) =
        apr_psprintf(page->pool, "%s %" APR_INT64_T_FMT, labels, value);
}

/* Names in the configuration are letters, digits and hyphens. */
static const char *labels_of(const qw_authority_t *a, const char *name,
                             const char *value, apr_pool_t *pool)
{
    return apr_psprintf(pool, "{authority=\"%s\",%s=\"%s\"}", a->name, name,
                        value);
}

static apr_int64_t age_of(apr_time_t since, apr_time_t now)
{
    return since > 0 && since < now ? apr_time_sec(now - since) : 0;
}

/* ---- the parts ---------------------------------------------------------------- */

static void add_crls(page_t *page, const char *labels,
                     const apr_array_header_t *crls)
{
    apr_time_t next = 0;
    int i, n = 0;

    for (i = 0; i < crls->nelts; i++) {
        const qw_crl_t *crl = APR_ARRAY_IDX(crls, i, const qw_crl_t *);

        if (crl->listed == 0)
            continue;
        n++;
        if (next == 0 || crl->next_update < next)
            next = crl->next_update;
        if (*crl->period != '\0')
            continue;
        add(page, CRL_NUMBER, labels, crl->listed);
        add(page, CRL_THIS, labels, apr_time_sec(crl->this_update));
        add(page, CRL_ENTRIES, labels, crl->entries);
    }
    add(page, CRLS, labels, n);
    if (next != 0)
        add(page, CRL_NEXT, labels, apr_time_sec(next));
}

/* As this node's signer left it after its last round. */
static void add_answers(page_t *page, const char *labels,
                        const qw_authority_t *a, const qw_issuer_t *issuer)
{
    const char *path = qw_status_oldest_path(qwm_conf(), issuer, page->pool);
    apr_finfo_t info;

    if (apr_stat(&info, path, APR_FINFO_MTIME, page->pool) != APR_SUCCESS)
        return;
    add(page, OCSP_THIS, labels, apr_time_sec(info.mtime));
    add(page, OCSP_NEXT, labels, apr_time_sec(info.mtime + a->ocsp_validity));
}

static qw_problem_t *look_at_notices(page_t *page, qw_db_t *db,
                                     const qw_authority_t *a,
                                     const qw_issuer_t *issuer)
{
    apr_array_header_t *notices;
    int i;

    QW_TRY(qw_metrics_notices(&notices, db, issuer->spki_hash, page->pool));
    for (i = 0; i < notices->nelts; i++) {
        const qw_tally_t *tally = APR_ARRAY_IDX(notices, i, qw_tally_t *);

        add(page, NOTICES,
            apr_psprintf(page->pool,
                         "{authority=\"%s\",issuer=\"%s\",node=\"%s\"}",
                         a->name, issuer->id, tally->key),
            tally->count);
    }
    return NULL;
}

static qw_problem_t *look_at_issuer(page_t *page, qw_db_t *db,
                                    const qw_authority_t *a,
                                    const qw_issuer_t *issuer)
{
    const char *labels = labels_of(a, "issuer", issuer->id, page->pool);
    apr_array_header_t *crls;
    qw_waiting_t *waiting;
    apr_int64_t count;

    add(page, NOT_AFTER, labels, apr_time_sec(issuer->not_after));
    QW_TRY(qw_metrics_issued(&count, db, issuer->spki_hash, page->pool));
    add(page, ISSUED, labels, count);
    QW_TRY(qw_metrics_revoked(&count, db, issuer->spki_hash, page->pool));
    add(page, REVOKED, labels, count);
    QW_TRY(
        qw_revocation_unpublished(&waiting, db, issuer->spki_hash, page->pool));
    add(page, UNPUBLISHED, labels, waiting->n);
    add(page, UNPUBLISHED_AGE, labels,
        age_of(waiting->oldest, qw_authority_now(a)));
    QW_TRY(qw_crl_list(&crls, db, issuer->spki_hash, page->pool));
    add_crls(page, labels, crls);
    add_answers(page, labels, a, issuer);
    return look_at_notices(page, db, a, issuer);
}

static qw_problem_t *look_at_queues(page_t *page, qw_db_t *db,
                                    const qw_authority_t *a, apr_time_t now)
{
    apr_array_header_t *list;
    int i;

    QW_TRY(qw_metrics_orders(&list, db, a->name, now, page->pool));
    for (i = 0; i < list->nelts; i++) {
        const qw_tally_t *tally = APR_ARRAY_IDX(list, i, qw_tally_t *);

        add(page, ORDERS, labels_of(a, "status", tally->key, page->pool),
            tally->count);
    }
    QW_TRY(qw_metrics_jobs(&list, db, a->name, page->pool));
    for (i = 0; i < list->nelts; i++) {
        const qw_tally_t *tally = APR_ARRAY_IDX(list, i, qw_tally_t *);
        const char *labels = labels_of(a, "kind", tally->key, page->pool);

        add(page, JOBS, labels, tally->count);
        add(page, JOBS_AGE, labels, age_of(tally->first, now));
    }
    return NULL;
}

static void add_clock(page_t *page, const qw_authority_t *a, qw_clock_e kind,
                      apr_time_t ends)
{
    if (ends != 0)
        add(page, CLOCK, labels_of(a, "clock", qw_clock_word(kind), page->pool),
            apr_time_sec(ends));
}

static qw_problem_t *look_at_clocks(page_t *page, qw_db_t *db,
                                    const qw_authority_t *a, apr_time_t now)
{
    qw_ending_query_t q = { .authority = a->name, .now = now };
    qw_soonest_t s;

    q.verified = now - qw_rule_span(QW_RULE_IDENTITY_REUSE, now);
    QW_TRY(qw_soonest_get(&s, db, &q, page->pool));
    add_clock(page, a, QW_CLOCK_ACCOUNT, s.expires);
    add_clock(page, a, QW_CLOCK_BINDING, s.binding);
    add_clock(page, a, QW_CLOCK_IDENTITY,
              s.verified != 0
                  ? qw_rule_lapses(QW_RULE_IDENTITY_REUSE, s.verified)
                  : 0);
    return NULL;
}

static qw_problem_t *look_at_authority(page_t *page, qw_db_t *db,
                                       const qw_authority_t *a)
{
    const apr_array_header_t *issuers =
        apr_hash_get(qwm_parent()->issuers, a->name, APR_HASH_KEY_STRING);
    int i;

    for (i = 0; i < issuers->nelts; i++)
        QW_TRY(look_at_issuer(page, db, a,
                              APR_ARRAY_IDX(issuers, i, qw_issuer_t *)));
    QW_TRY(look_at_clocks(page, db, a, qw_authority_now(a)));
    return look_at_queues(page, db, a, qw_authority_now(a));
}

static qw_problem_t *look_at_database(qw_db_t *db, void *baton,
                                      apr_pool_t *pool)
{
    const apr_array_header_t *all = qwm_conf()->authorities;
    page_t *page = baton;
    int i;

    begin(page, NOT_AFTER);
    for (i = 0; i < all->nelts; i++) {
        const qw_authority_t *a = APR_ARRAY_IDX(all, i, qw_authority_t *);

        if (page->use == NULL || strcmp(page->use, a->name) == 0)
            QW_TRY(look_at_authority(page, db, a));
    }
    return NULL;
}

/* ---- the page ------------------------------------------------------------------- */

/* What this node has, and what the database, if it is there: its absence is a
 * number too. */
static void look_around(request_rec *r, page_t *page)
{
    qw_store_t *store = qwm_store();
    qw_problem_t *prob = qw_signer_health(qwm_status_signer(), r->pool);

    begin(page, DATABASE_UP);
    add(page, SIGNER_UP, "", prob == NULL);
    add(page, HALTED, "", qw_ca_halted(qwm_conf(), r->pool) != NULL);
    add(page, OCSP_REFUSED, "", apr_atomic_read32(qwm_parent()->refused));
    prob = store != NULL
               ? qw_store_read(store, look_at_database, page, r->pool)
               : QW_FAIL(r->pool, UNAVAILABLE, "no database in this child");
    add(page, DATABASE_UP, "", prob == NULL);
    if (prob == NULL)
        return;
    begin(page, NOT_AFTER);
    ap_log_rerror(APLOG_MARK, APLOG_ERR | APLOG_NOERRNO, 0, r,
                  "QW0502: metrics: %s", qw_problem_for_log(prob, r->pool));
}

static void print(request_rec *r, const page_t *page)
{
    int i, n;

    for (i = 0; i < FAMILY_COUNT; i++) {
        const apr_array_header_t *samples = page->samples[i];

        if (samples->nelts > 0)
            ap_rprintf(r, "# HELP %s %s\n# TYPE %s %s\n", families[i].name,
                       families[i].help, families[i].name, families[i].type);
        for (n = 0; n < samples->nelts; n++)
            ap_rprintf(r, "%s%s\n", families[i].name,
                       APR_ARRAY_IDX(samples, n, const char *));
    }
}

int qwm_metrics_handler(request_rec *r)
{
    const qwm_dir_t *dir;
    page_t page = { .pool = r->pool };

    if (r->handler == NULL || strcmp(r->handler, "qwacme-metrics") != 0)
        return DECLINED;
    dir = ap_get_module_config(r->per_dir_config, &qwacme_module);
    if (qwm_parent()->issuers == NULL)
        return HTTP_SERVICE_UNAVAILABLE;
    if (r->method_number != M_GET) {
        ap_allow_methods(r, REPLACE_ALLOW, "GET", NULL);
        return HTTP_METHOD_NOT_ALLOWED;
    }
    page.use = dir->use;
    ap_set_content_type(r, "text/plain; version=0.0.4; charset=utf-8");
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    if (r->header_only)
        return OK;
    look_around(r, &page);
    print(r, &page);
    return OK;
}
