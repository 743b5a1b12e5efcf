/* revokeCert, RFC8555-7.6 */
#include "acme/names.h"
#include "acme/reply.h"
#include "base/b64.h"
#include "ca/revoke.h"
#include "registry/registry.h"
#include "store/db_order.h"
#include "x509/cert.h"

#include <apr_strings.h>

#include <string.h>

enum { REASON_WITHDRAWN = 9 }; /* not for subscribers, BR-4.9.1.1 */

typedef struct {
    const qw_call_t *call;
    qw_cert_facts_t *facts;
    int reason;
    qw_certificate_t *certificate;
    qw_blocking_t blocking; /* if the key was blocked */
} request_t;

static qw_problem_t *read_reason(request_t *r)
{
    const qw_call_t *call = r->call;
    apr_int64_t reason;

    QW_TRY(
        qw_json_int(&reason, call->payload, "reason", QW_OPTIONAL, call->pool));
    r->reason = (int)reason;
    if (reason < 0 || reason > 10 || qw_reason_name(r->reason) == NULL
        || reason == REASON_WITHDRAWN)
        return QW_FAIL(call->pool, BAD_REVOCATION_REASON,
                       "reason is not one of 0, 1, 3, 4, 5");
    return NULL;
}

static qw_problem_t *read_request(request_t *r)
{
    const qw_call_t *call = r->call;
    const char *text;
    qw_bytes_t der;

    QW_TRY(qw_json_text(&text, call->payload, "certificate", QW_REQUIRED,
                        call->pool));
    if (!qw_b64url_decode(&der, text, call->pool))
        return QW_FAIL(call->pool, MALFORMED,
                       "certificate: not base64url of DER");
    QW_TRY(qw_cert_parse(&r->facts, &der, call->pool));
    return read_reason(r);
}

/* By issuer and serial, and then to the last octet: another CA may have used
 * the same serial. */
static qw_problem_t *find_certificate(qw_db_t *db, request_t *r,
                                      apr_pool_t *pool)
{
    const apr_array_header_t *issuers = r->call->site->issuers;
    int i;

    for (i = 0; i < issuers->nelts; i++) {
        const qw_issuer_t *issuer = APR_ARRAY_IDX(issuers, i, qw_issuer_t *);
        qw_problem_t *prob =
            qw_certificate_by_serial(&r->certificate, db, issuer->spki_hash,
                                     r->facts->serial, pool);

        if (prob == NULL
            && strcmp(r->certificate->fingerprint, r->facts->fingerprint) == 0
            && strcmp(r->certificate->authority, r->call->authority->name) == 0)
            return NULL;
        if (prob != NULL && prob->code != QW_E_NOT_FOUND)
            return prob;
    }
    return QW_FAIL(pool, NOT_FOUND, "no such certificate was issued here");
}

static qw_problem_t *lists_all(int *all, qw_db_t *db, const request_t *r,
                               const apr_array_header_t *names,
                               apr_pool_t *pool)
{
    int i;

    *all = 1;
    for (i = 0; i < names->nelts && *all; i++) {
        /* whatever its risk: who may stop a certificate is not kept from it */
        QW_TRY(qw_registry_lists(all, db, NULL, r->call->account->external_id,
                                 APR_ARRAY_IDX(names, i, const char *), pool));
    }
    return NULL;
}

/* The account that ordered it, one of the same external account, or one that
 * controls every name of it now. */
static qw_problem_t *check_account(qw_db_t *db, const request_t *r,
                                   apr_pool_t *pool)
{
    const qw_account_t *account = r->call->account;
    apr_array_header_t *names;
    int all;

    if (strcmp(account->external_id, r->certificate->external_id) == 0)
        return NULL;
    names = qw_names_of_json(r->certificate->names, pool);
    QW_TRY(lists_all(&all, db, r, names, pool));
    if (all)
        QW_TRY(
            qw_authz_has_all(&all, db, account->id, names, r->call->now, pool));
    if (all)
        return NULL;
    return QW_FAIL(pool, UNAUTHORIZED,
                   "the account may not revoke this certificate");
}

static qw_problem_t *check_key(const request_t *r, apr_pool_t *pool)
{
    qw_bytes_t spki = qw_jwk_spki(r->call->key, pool);

    if (spki.len == r->facts->spki.len
        && memcmp(spki.data, r->facts->spki.data, spki.len) == 0)
        return NULL;
    return QW_FAIL(pool, UNAUTHORIZED,
                   "the key that signed is not the certificate's");
}

static qw_revoke_t what_of(request_t *r)
{
    qw_revoke_t what = { 0 };

    what.authority = r->call->authority;
    what.reason = r->reason;
    what.actor = qw_call_actor(r->call);
    what.blocking = &r->blocking;
    return what;
}

/* Who signs with the certificate's key shows that it is out of hand. */
static qw_problem_t *revoke_by_key(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    request_t *r = baton;
    qw_revoke_t what = what_of(r);

    QW_TRY(check_key(r, pool));
    QW_TRY(find_certificate(db, r, pool));
    what.certificate = r->certificate;
    what.reason = QW_REASON_KEY_COMPROMISE;
    what.actor = "certificate-key";
    what.block_key = what.may_upgrade = 1;
    return qw_revoke(db, &what, pool);
}

/* The certificate was revoked before, without that proof. */
static qw_problem_t *block_only(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    request_t *r = baton;
    qw_revoke_t what = what_of(r);

    what.certificate = r->certificate;
    what.reason = QW_REASON_KEY_COMPROMISE;
    what.actor = "certificate-key";
    what.block_key = 1;
    return qw_revoke_key(db, &what, pool);
}

static qw_problem_t *revoke_by_account(qw_db_t *db, void *baton,
                                       apr_pool_t *pool)
{
    request_t *r = baton;
    qw_revoke_t what = what_of(r);

    QW_TRY(find_certificate(db, r, pool));
    QW_TRY(check_account(db, r, pool));
    what.certificate = r->certificate;
    return qw_revoke(db, &what, pool);
}

static qw_problem_t *run(request_t *r)
{
    const qw_call_t *call = r->call;
    qw_problem_t *prob;

    if (call->account != NULL)
        return qw_store_write(call->site->store, revoke_by_account, r,
                              call->pool);
    prob = qw_store_write(call->site->store, revoke_by_key, r, call->pool);
    if (prob != NULL && prob->code == QW_E_ALREADY_REVOKED)
        QW_TRY(qw_store_write(call->site->store, block_only, r, call->pool));
    else if (prob != NULL)
        return prob;
    qw_gate_alert(&r->blocking, call->pool);
    return prob;
}

qw_problem_t *qw_verb_revoke_cert(const qw_call_t *call, qw_reply_t *reply)
{
    request_t r = { 0 };

    r.call = call;
    QW_TRY(read_request(&r));
    QW_TRY(run(&r));
    reply->status = 200;
    return NULL;
}
