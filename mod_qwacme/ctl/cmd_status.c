/* status show, issuer end */
#include "ctl/ctl.h"

#include "audit/audit.h"
#include "base/text.h"
#include "ca/issuing.h"
#include "store/db_status.h"
#include "x509/der.h"

#include <apr_strings.h>

#include <string.h>

static json_t *crl_json(const qw_crl_t *crl, apr_pool_t *pool)
{
    json_t *object = json_object();

    qw_put_text(object, "period", *crl->period != '\0' ? crl->period : "full");
    json_object_set_new(object, "number", json_integer(crl->listed));
    json_object_set_new(object, "entries", json_integer(crl->entries));
    qw_put_time(object, "thisUpdate", crl->this_update, pool);
    if (crl->next_update == QW_TIME_NEVER)
        qw_put_text(object, "nextUpdate", "never: it is the last");
    else
        qw_put_time(object, "nextUpdate", crl->next_update, pool);
    return object;
}

static qw_problem_t *put_crls(json_t *object, qw_db_t *db, const char *issuer,
                              apr_pool_t *pool)
{
    json_t *crls = json_array();
    apr_array_header_t *list;

    json_object_set_new(object, "crls", crls);
    QW_TRY(qw_crl_list(&list, db, issuer, pool));
    for (int i = 0; i < list->nelts; i++)
        json_array_append_new(crls,
                              crl_json(APR_ARRAY_IDX(list, i, const qw_crl_t *),
                                       pool));
    return NULL;
}

static qw_problem_t *issuer_json(json_t *object, qw_db_t *db,
                                 const qw_issuing_t *issuing, apr_pool_t *pool)
{
    const char *issuer = issuing->issuer->spki_hash;
    qw_waiting_t *unpublished;
    apr_time_t ended;

    qw_put_text(object, "authority", issuing->authority->name);
    qw_put_text(object, "issuer", issuing->issuer->id);
    json_object_set_new(object, "signs",
                        json_boolean(issuing->conf->key_uri != NULL));
    QW_TRY(qw_issuer_ended(&ended, db, issuer, pool));
    qw_put_time(object, "ended", ended, pool);
    QW_TRY(qw_revocation_unpublished(&unpublished, db, issuer, pool));
    json_object_set_new(object, "unpublished", json_integer(unpublished->n));
    qw_put_time(object, "oldestUnpublished", unpublished->oldest, pool);
    return put_crls(object, db, issuer, pool);
}

typedef struct {
    qwc_call_t *call;
    const qw_ca_t *ca;
} show_t;

static qw_problem_t *show_all(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    show_t *s = baton;

    for (int i = 0; i < s->ca->issuings->nelts; i++) {
        json_t *object = json_object();

        json_array_append_new(s->call->result, object);
        QW_TRY(issuer_json(object, db,
                           APR_ARRAY_IDX(s->ca->issuings, i, qw_issuing_t *),
                           pool));
    }
    return NULL;
}

qw_problem_t *qwc_status_show(qwc_call_t *call)
{
    show_t s = { call, NULL };
    qw_ca_t *ca;

    QW_TRY(
        qw_ca_open(&ca, call->conf, call->store, "qwacmectl", 0, call->pool));
    s.ca = ca;
    call->result = qw_json_new_array(call->pool);
    return qw_store_read(call->store, show_all, &s, call->pool);
}

/* ---- the end of an issuer ---- */

/* *ISSUING of the authority whose id ID begins with that of its issuer. */
static qw_problem_t *find_issuer(const qw_issuer_t **issuer,
                                 const qwc_call_t *call, const char *id)
{
    const apr_array_header_t *issuers = call->authority->issuers;

    for (int i = 0; i < issuers->nelts; i++) {
        const qw_issuer_conf_t *conf =
            &APR_ARRAY_IDX(issuers, i, qw_issuer_conf_t);
        qw_issuer_t *found;

        QW_TRY(qw_issuer_read(&found, conf->chain_path, call->pool));
        *issuer = found;
        if (strcmp(found->id, id) == 0)
            return NULL;
    }
    return QW_FAIL(call->pool, NOT_FOUND,
                   "%s: no issuer of authority %s has this id; see 'qwacmectl "
                   "status show'",
                   qw_text_safe(id, 64, call->pool), call->authority->name);
}

static qw_problem_t *may_end(const qwc_call_t *call, const qw_issuer_t *issuer,
                             apr_time_t now)
{
    apr_time_t last, ended;

    QW_TRY(qw_issuer_ended(&ended, call->registry.db, issuer->spki_hash,
                           call->pool));
    if (ended != 0)
        return QW_FAIL(call->pool, CONFLICT, "issuer %s ended %s", issuer->id,
                       qw_text_time(ended, call->pool));
    QW_TRY(qw_issuer_last_certificate(&last, call->registry.db,
                                      issuer->spki_hash, call->pool));
    if (last >= now)
        return QW_FAIL(call->pool, CONFLICT,
                       "issuer %s: its last certificate expires %s; end it "
                       "after that",
                       issuer->id, qw_text_time(last, call->pool));
    return NULL;
}

qw_problem_t *qwc_issuer_end(qwc_call_t *call)
{
    apr_time_t now = qw_authority_now(call->authority);
    const qw_issuer_t *issuer;
    qw_audit_t who = { call->authority->name, now, call->registry.actor,
                       "issuer", NULL };

    QW_TRY(find_issuer(&issuer, call, qwc_arg(call, 0)));
    QW_TRY(may_end(call, issuer, now));
    QW_TRY(qw_issuer_end(call->registry.db, issuer->spki_hash,
                         call->authority->name, now, call->registry.actor,
                         call->pool));
    who.subject_id = issuer->spki_hash;
    QW_TRY(qw_audit(call->registry.db, &who, "issuer.end", NULL, call->pool));
    call->result = qw_json_new_object(call->pool);
    qw_put_text(call->result, "issuer", issuer->id);
    qw_put_time(call->result, "ended", now, call->pool);
    return NULL;
}
