#include "ca/revoke.h"

#include "audit/audit.h"
#include "x509/pem.h"

#include <apr_strings.h>

#include <string.h>

static const struct {
    int number;
    const char *name;
} reasons[] = {
    { 0, "unspecified" },          { 1, "keyCompromise" },
    { 3, "affiliationChanged" },   { 4, "superseded" },
    { 5, "cessationOfOperation" }, { 9, "privilegeWithdrawn" },
};

enum { REASONS = sizeof(reasons) / sizeof(reasons[0]) };

int qw_reason_parse(int *reason, const char *text)
{
    char number[16];
    int i;

    for (i = 0; i < REASONS; i++) {
        apr_snprintf(number, sizeof(number), "%d", reasons[i].number);
        if (strcmp(text, reasons[i].name) != 0 && strcmp(text, number) != 0)
            continue;
        *reason = reasons[i].number;
        return 1;
    }
    return 0;
}

const char *qw_reason_name(int reason)
{
    int i;

    for (i = 0; i < REASONS; i++)
        if (reasons[i].number == reason)
            return reasons[i].name;
    return NULL;
}

static qw_problem_t *insert(qw_db_t *db, const qw_revoke_t *what,
                            apr_time_t now, apr_pool_t *pool)
{
    qw_revocation_t row = { 0 };

    row.issuer = what->certificate->issuer;
    row.serial = what->certificate->serial;
    row.authority = what->certificate->authority;
    row.reason = what->reason;
    row.requested_at = now;
    row.revoked_at = now;
    row.actor = what->actor;
    return qw_revocation_insert(db, &row, pool);
}

static qw_problem_t *change(const char **event, qw_db_t *db,
                            const qw_revoke_t *what, apr_time_t now,
                            apr_pool_t *pool)
{
    qw_problem_t *prob = NULL;

    *event = "certificate.revoke";
    if (what->certificate->revoked_at == 0)
        prob = insert(db, what, now, pool);
    else if (what->reason == QW_REASON_KEY_COMPROMISE && what->may_upgrade) {
        *event = "certificate.compromise";
        prob =
            qw_revocation_upgrade(db, what->certificate->issuer,
                                  what->certificate->serial, what->actor, pool);
    }
    else
        return QW_FAIL(pool, ALREADY_REVOKED,
                       "the certificate is already revoked");
    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(pool, ALREADY_REVOKED,
                       "the certificate is already revoked");
    return prob;
}

static qw_problem_t *revoke_one(qw_db_t *db, const qw_revoke_t *what,
                                apr_time_t now, apr_pool_t *pool)
{
    qw_audit_t who = { what->certificate->authority, now, what->actor,
                       "certificate", what->certificate->id };
    json_t *detail = qw_json_new_object(pool);
    const char *event;

    QW_TRY(change(&event, db, what, now, pool));
    json_object_set_new(detail, "serial",
                        json_string(what->certificate->serial));
    json_object_set_new(detail, "reason", json_integer(what->reason));
    json_object_set_new(detail, "keyBlocked", json_boolean(what->block_key));
    return qw_audit(db, &who, event, detail, pool);
}

qw_problem_t *qw_certificate_key_id(qw_key_id_t *id, const qw_certificate_t *c,
                                    apr_pool_t *pool)
{
    const unsigned char *at;
    qw_bytes_t der;
    X509 *cert;

    QW_TRY(qw_pem_certificate(&der, c->pem, c->serial, pool));
    at = der.data;
    cert = qw_own_X509(pool, d2i_X509(NULL, &at, (long)der.len));
    if (cert == NULL)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, qw_openssl_reasons(pool),
                               "the certificate does not parse");
    return qw_key_id(id, X509_get0_pubkey(cert), pool);
}

qw_problem_t *qw_revoke_key(qw_db_t *db, const qw_revoke_t *what,
                            apr_pool_t *pool)
{
    apr_time_t now = qw_authority_now(what->authority);
    qw_blocking_t mine, *blocking = &mine;
    qw_revoke_t other = *what;
    int i;

    if (what->blocking != NULL)
        blocking = what->blocking;
    blocking->why = "revoked for key compromise";
    QW_TRY(qw_certificate_key_id(&blocking->key, what->certificate, pool));
    QW_TRY(qw_gate_block_key(db, blocking, now, pool));
    for (i = 0; i < blocking->certificates->nelts; i++) {
        other.certificate =
            APR_ARRAY_IDX(blocking->certificates, i, qw_certificate_t *);
        if (strcmp(other.certificate->id, what->certificate->id) != 0)
            QW_TRY(revoke_one(db, &other, now, pool));
    }
    return NULL;
}

qw_problem_t *qw_revoke(qw_db_t *db, const qw_revoke_t *what, apr_pool_t *pool)
{
    if (what->block_key)
        QW_TRY(qw_revoke_key(db, what, pool));
    return revoke_one(db, what, qw_authority_now(what->authority), pool);
}
