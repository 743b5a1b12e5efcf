#include "ca/precert.h"

#include "base/b64.h"
#include "store/db_order.h"
#include "x509/cert.h"
#include "x509/pem.h"

qw_problem_t *qw_precert_certificate(qw_certificate_t **certificate,
                                     qw_db_t *db, const qw_attempt_t *t,
                                     apr_pool_t *pool)
{
    qw_certificate_t *c = apr_pcalloc(pool, sizeof(*c));
    qw_revocation_t *revoked;
    qw_cert_facts_t *facts;
    qw_order_t *order;
    qw_bytes_t der;

    if (!qw_b64url_decode(&der, t->der, pool))
        return QW_FAIL(pool, SERVER_INTERNAL, "the ledger is damaged");
    QW_TRY(qw_cert_parse(&facts, &der, pool));
    QW_TRY(qw_order_get(&order, db, t->authority, NULL, t->order_id, pool));
    QW_TRY(qw_revocation_get(&revoked, db, t->issuer, t->serial, pool));
    c->id = t->id;
    c->authority = t->authority;
    c->issuer = t->issuer;
    c->serial = t->serial;
    c->spki_hash = facts->spki_hash;
    c->names = order->names;
    c->pem = qw_pem_encode("CERTIFICATE", der.data, der.len, pool);
    c->profile = order->profile;
    c->account_id = order->account_id;
    c->external_id = order->external_id;
    c->not_before = facts->not_before;
    c->not_after = facts->not_after;
    c->revoked_at = revoked != NULL ? revoked->revoked_at : 0;
    c->reason = revoked != NULL ? revoked->reason : 0;
    *certificate = c;
    return NULL;
}
