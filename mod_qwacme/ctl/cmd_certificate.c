/* certificate list | show | describe | revoke */
#include "ctl/ctl.h"

#include "base/b64.h"
#include "base/text.h"
#include "ca/precert.h"
#include "ca/revoke.h"
#include "store/db_ledger.h"
#include "store/db_order.h"
#include "x509/cert.h"
#include "x509/issuer.h"
#include "x509/pem.h"

#include <apr_strings.h>

#include <stdio.h>

static json_t *certificate_json(const qw_certificate_t *c, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    qw_put_text(object, "id", c->id);
    qw_put_text(object, "serial", c->serial);
    qw_put_text(object, "status", c->revoked_at != 0 ? "revoked" : "issued");
    qw_put_text(object, "profile", c->profile);
    json_object_set_new(object, "names", json_loads(c->names, 0, NULL));
    qw_put_time(object, "notBefore", c->not_before, pool);
    qw_put_time(object, "notAfter", c->not_after, pool);
    qw_put_text(object, "account", c->external_id);
    qw_put_text(object, "acmeAccount", c->account_id);
    if (c->revoked_at != 0) {
        qw_put_time(object, "revokedAt", c->revoked_at, pool);
        qw_put_text(object, "reason", qw_reason_name((int)c->reason));
    }
    return object;
}

qw_problem_t *qwc_certificate_list(qwc_call_t *call)
{
    qw_certificate_query_t query = { 0 };
    apr_array_header_t *list;
    qw_external_t *external;
    const char *account = qwc_option(call, "account");
    int i;

    query.authority = call->authority->name;
    if (account != NULL) {
        QW_TRY(qw_registry_find(&external, &call->registry, account));
        query.external_id = external->id;
    }
    query.account_id = qwc_option(call, "acme-account");
    query.after_id = qwc_option(call, "after");
    QW_TRY(qwc_number(&query.limit, call, "limit", 1, 1000000, 1000));
    QW_TRY(qw_certificate_list(&list, call->registry.db, &query, call->pool));
    call->result = qw_json_new_array(call->pool);
    for (i = 0; i < list->nelts; i++)
        json_array_append(call->result,
                          certificate_json(APR_ARRAY_IDX(list, i,
                                                         qw_certificate_t *),
                                           call->pool));
    return NULL;
}

/* The serial of KEY as the ledger has it: colons and case do not matter. */
static const char *serial_of(const char *key, apr_pool_t *pool)
{
    return qw_text_lower(qw_text_join(qw_text_words(key, pool), "", pool),
                         pool);
}

qw_problem_t *qwc_certificate(qw_certificate_t **certificate,
                              const qwc_call_t *call, const char *key)
{
    qw_certificate_query_t query = { 0 };
    apr_array_header_t *list;

    if (qw_id_is(key)) {
        qw_problem_t *prob =
            qw_certificate_get(certificate, call->registry.db,
                               call->authority->name, NULL, key, call->pool);

        if (prob == NULL || prob->code != QW_E_NOT_FOUND)
            return prob;
    }
    query.authority = call->authority->name;
    query.serial = serial_of(key, call->pool);
    query.limit = 1;
    QW_TRY(qw_certificate_list(&list, call->registry.db, &query, call->pool));
    if (list->nelts == 0)
        return QW_FAIL(call->pool, NOT_FOUND,
                       "authority %s has no certificate '%s'",
                       call->authority->name,
                       qw_text_safe(key, 64, call->pool));
    return qw_certificate_get(certificate, call->registry.db,
                              call->authority->name, NULL,
                              APR_ARRAY_IDX(list, 0, qw_certificate_t *)->id,
                              call->pool);
}

static qw_problem_t *describe_pem(const char **text, const char *pem,
                                  const char *where, apr_pool_t *pool)
{
    qw_bytes_t der;

    QW_TRY(qw_pem_certificate(&der, pem, where, pool));
    return qw_cert_describe(text, &der, pool);
}

/* When it was asked for, and since when everybody can see it. */
static qw_problem_t *put_publication(qwc_call_t *call,
                                     const qw_certificate_t *certificate)
{
    qw_revocation_t *r;

    QW_TRY(qw_revocation_get(&r, call->registry.db, certificate->issuer,
                             certificate->serial, call->pool));
    if (r == NULL)
        return NULL;
    qw_put_time(call->result, "revocationRequested", r->requested_at,
                call->pool);
    qw_put_time(call->result, "revocationPublished", r->published_at,
                call->pool);
    if (r->crl_number != 0)
        json_object_set_new(call->result, "crlNumber",
                            json_integer(r->crl_number));
    return NULL;
}

qw_problem_t *qwc_certificate_show(qwc_call_t *call)
{
    qw_certificate_t *certificate;

    QW_TRY(qwc_certificate(&certificate, call, qwc_arg(call, 0)));
    call->result = certificate_json(certificate, call->pool);
    QW_TRY(put_publication(call, certificate));
    qw_put_text(call->result, "pem", certificate->pem);
    return describe_pem(&call->text, certificate->pem, certificate->serial,
                        call->pool);
}

qw_problem_t *qwc_certificate_describe(qwc_call_t *call)
{
    enum { MOST = 262144 };
    char *pem = apr_pcalloc(call->pool, MOST + 1);
    FILE *file = fopen(qwc_arg(call, 0), "re");

    if (file == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT, "%s: cannot be opened",
                       qwc_arg(call, 0));
    pem[fread(pem, 1, MOST, file)] = '\0';
    fclose(file);
    call->result = qw_json_new_object(call->pool);
    QW_TRY(describe_pem(&call->text, pem, qwc_arg(call, 0), call->pool));
    qw_put_text(call->result, "text", call->text);
    return NULL;
}

/* ---- precertificates without a certificate ---- */

static qw_problem_t *find_precert(qw_certificate_t **certificate,
                                  const qwc_call_t *call, const char *key)
{
    const qw_authority_t *a = call->authority;

    for (int i = 0; i < a->issuers->nelts; i++) {
        qw_attempt_t *t;
        qw_issuer_t *issuer;

        QW_TRY(qw_issuer_read(
            &issuer, APR_ARRAY_IDX(a->issuers, i, qw_issuer_conf_t).chain_path,
            call->pool));
        QW_TRY(qw_attempt_by_serial(&t, call->registry.db, issuer->spki_hash,
                                    QW_KIND_PRECERT, serial_of(key, call->pool),
                                    call->pool));
        if (t != NULL && t->der != NULL)
            return qw_precert_certificate(certificate, call->registry.db, t,
                                          call->pool);
    }
    return QW_FAIL(call->pool, NOT_FOUND, "no such precertificate");
}

/* BR-7.1.2.9: a precertificate is a promise, to be revoked like what it
 * promises, even if that is never signed. */
static qw_problem_t *find_to_revoke(qw_certificate_t **certificate,
                                    const qwc_call_t *call, const char *key)
{
    qw_problem_t *prob = qwc_certificate(certificate, call, key), *other;

    if (prob == NULL || prob->code != QW_E_NOT_FOUND)
        return prob;
    other = find_precert(certificate, call, key);
    return other != NULL && other->code == QW_E_NOT_FOUND ? prob : other;
}

/* What finds it again: a precertificate has no id of its own. */
static const char *name_of(const qw_certificate_t *certificate)
{
    return certificate->attempt_id != NULL ? certificate->id
                                           : certificate->serial;
}

/* Revoke what argument N names; add it to IDS, and what shares its key. */
static qw_problem_t *revoke_named(apr_array_header_t *ids,
                                  const qw_revoke_t *what,
                                  const qwc_call_t *call, int n)
{
    qw_blocking_t blocking = { { NULL, NULL }, NULL, NULL, NULL, 0 };
    qw_revoke_t one = *what;
    qw_certificate_t *certificate;
    int i;

    QW_TRY(find_to_revoke(&certificate, call, qwc_arg(call, n)));
    if (qw_text_in(ids, name_of(certificate)))
        return NULL;
    one.certificate = certificate;
    one.blocking = &blocking;
    QW_TRY(qw_revoke(call->registry.db, &one, call->pool));
    APR_ARRAY_PUSH(ids, const char *) = name_of(certificate);
    for (i = 0;
         blocking.certificates != NULL && i < blocking.certificates->nelts;
         i++) {
        const qw_certificate_t *other =
            APR_ARRAY_IDX(blocking.certificates, i, qw_certificate_t *);

        if (strcmp(other->authority, call->authority->name) == 0
            && !qw_text_in(ids, name_of(other)))
            APR_ARRAY_PUSH(ids, const char *) = name_of(other);
    }
    return NULL;
}

static qw_problem_t *show_all(const apr_array_header_t *ids, qwc_call_t *call)
{
    json_t *revoked = qw_json_new_array(call->pool);
    qw_certificate_t *certificate;
    int i;

    for (i = 0; i < ids->nelts; i++) {
        QW_TRY(find_to_revoke(&certificate, call,
                              APR_ARRAY_IDX(ids, i, const char *)));
        json_array_append(revoked, certificate_json(certificate, call->pool));
    }
    call->result = revoked;
    return NULL;
}

qw_problem_t *qwc_reason(int *reason, const qwc_call_t *call, int by_default)
{
    const char *text = qwc_option(call, "reason");

    *reason = by_default;
    if (text == NULL || qw_reason_parse(reason, text))
        return NULL;
    return QW_FAIL(call->pool, INVALID_INPUT,
                   "reason: '%s' is not unspecified, keyCompromise, "
                   "affiliationChanged, superseded, cessationOfOperation or "
                   "privilegeWithdrawn",
                   qw_text_safe(text, 32, call->pool));
}

qw_problem_t *qwc_certificate_revoke(qwc_call_t *call)
{
    apr_array_header_t *ids =
        apr_array_make(call->pool, 4, sizeof(const char *));
    qw_revoke_t what = { 0 };
    int i;

    QW_TRY(qwc_reason(&what.reason, call, QW_REASON_UNSPECIFIED));
    what.authority = call->authority;
    what.actor = call->registry.actor;
    what.block_key = what.reason == QW_REASON_KEY_COMPROMISE;
    what.may_upgrade = 1;
    for (i = 0; i < call->args->nelts; i++)
        QW_TRY(revoke_named(ids, &what, call, i));
    return show_all(ids, call);
}
