#include "x509/cert.h"

#include "base/b64.h"
#include "x509/cert_parts.h"
#include "x509/keycheck.h"

#include <apr_strings.h>
#include <string.h>

int qw_cert_next_ext(qw_cert_ext_t *ext, qw_der_in_t *list)
{
    qw_der_in_t body;

    if (!qw_der_enter(list, QW_DER_SEQUENCE, &body)
        || !qw_der_next(&body, QW_DER_OID, &ext->id, NULL))
        return 0;
    ext->oid = qw_oid_find(&ext->id);
    ext->critical = qw_der_next(&body, QW_DER_BOOLEAN, NULL, NULL);
    return qw_der_next(&body, QW_DER_OCTET_STRING, NULL, &ext->value)
           && body.len == 0;
}

int qw_cert_find_ext(qw_bytes_t *value, const qw_cert_parts_t *parts,
                     qw_oid_e oid)
{
    qw_der_in_t list = parts->extensions;
    qw_cert_ext_t ext;

    while (qw_cert_next_ext(&ext, &list)) {
        if (ext.oid == oid) {
            *value = ext.value;
            return 1;
        }
    }
    return 0;
}

/* Version to validity. */
static int split_head(qw_cert_parts_t *parts, qw_der_in_t *tbs)
{
    qw_der_in_t validity;

    (void)qw_der_next(tbs, QW_DER_CONTEXT_OF + 0, NULL, NULL);
    return qw_der_next(tbs, QW_DER_INTEGER, NULL, &parts->serial)
           && qw_der_next(tbs, QW_DER_SEQUENCE, &parts->sig_alg, NULL)
           && qw_der_next(tbs, QW_DER_SEQUENCE, &parts->issuer, NULL)
           && qw_der_enter(tbs, QW_DER_SEQUENCE, &validity)
           && qw_der_next_time(&validity, &parts->not_before)
           && qw_der_next_time(&validity, &parts->not_after)
           && validity.len == 0;
}

/* Subject to the end, where extensions may be missing. */
static int split_tail(qw_cert_parts_t *parts, qw_der_in_t *tbs)
{
    qw_der_in_t tagged, list;
    qw_cert_ext_t ext;

    if (!qw_der_next(tbs, QW_DER_SEQUENCE, &parts->subject, NULL)
        || !qw_der_next(tbs, QW_DER_SEQUENCE, &parts->spki, NULL))
        return 0;
    (void)qw_der_next(tbs, QW_DER_CONTEXT + 1, NULL, NULL);
    (void)qw_der_next(tbs, QW_DER_CONTEXT + 2, NULL, NULL);
    if (tbs->len == 0)
        return 1;
    if (!qw_der_enter(tbs, QW_DER_CONTEXT_OF + 3, &tagged) || tbs->len > 0
        || !qw_der_enter(&tagged, QW_DER_SEQUENCE, &parts->extensions)
        || tagged.len > 0)
        return 0;
    list = parts->extensions;
    while (list.len > 0) {
        if (!qw_cert_next_ext(&ext, &list))
            return 0;
    }
    return 1;
}

qw_problem_t *qw_cert_split(qw_cert_parts_t *parts, const qw_bytes_t *der,
                            apr_pool_t *pool)
{
    qw_der_in_t all = *der, certificate, tbs;
    qw_bytes_t outer;

    memset(parts, 0, sizeof(*parts));
    if (!qw_der_is_strict(der)
        || !qw_der_enter(&all, QW_DER_SEQUENCE, &certificate)
        || !qw_der_enter(&certificate, QW_DER_SEQUENCE, &tbs)
        || !qw_der_next(&certificate, QW_DER_SEQUENCE, &outer, NULL)
        || !qw_der_next(&certificate, QW_DER_BIT_STRING, NULL, NULL)
        || certificate.len > 0 || !split_head(parts, &tbs)
        || !split_tail(parts, &tbs) || !qw_bytes_equal(&outer, &parts->sig_alg))
        return QW_FAIL(pool, MALFORMED,
                       "the certificate is not X.509 in strict DER");
    return NULL;
}

/* Hex of the keyIdentifier; NULL if the extension or the member is not there. */
static const char *authority_key(const qw_cert_parts_t *parts, apr_pool_t *pool)
{
    qw_bytes_t value, id;
    qw_der_in_t list;

    if (!qw_cert_find_ext(&value, parts, QW_OID_AUTHORITY_KEY_ID)
        || !qw_der_enter(&value, QW_DER_SEQUENCE, &list)
        || !qw_der_next(&list, QW_DER_CONTEXT + 0, NULL, &id))
        return NULL;
    return qw_hex_encode(id.data, id.len, pool);
}

static qw_bytes_t copy(const qw_bytes_t *bytes, apr_pool_t *pool)
{
    qw_bytes_t mine = { apr_pmemdup(pool, bytes->data, bytes->len),
                        bytes->len };

    return mine;
}

qw_problem_t *qw_cert_parse(qw_cert_facts_t **facts, const qw_bytes_t *der,
                            apr_pool_t *pool)
{
    qw_cert_facts_t *parsed = apr_pcalloc(pool, sizeof(*parsed));
    qw_cert_parts_t parts;

    QW_TRY(qw_cert_split(&parts, der, pool));
    parsed->serial = qw_hex_encode(parts.serial.data, parts.serial.len, pool);
    parsed->issuer = copy(&parts.issuer, pool);
    parsed->aki = authority_key(&parts, pool);
    parsed->spki = copy(&parts.spki, pool);
    parsed->spki_hash = qw_spki_hash(parts.spki.data, parts.spki.len, pool);
    parsed->fingerprint = qw_spki_hash(der->data, der->len, pool);
    parsed->not_before = parts.not_before;
    parsed->not_after = parts.not_after;
    *facts = parsed;
    return NULL;
}
