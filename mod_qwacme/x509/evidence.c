#include "x509/evidence.h"

#include "x509/cert_parts.h"

#include <openssl/x509.h>

#define UNTRUE(pool, ...) QW_FAIL((pool), UNAUTHORIZED, __VA_ARGS__)

static X509 *read_certificate(const qw_bytes_t *der, apr_pool_t *pool)
{
    const unsigned char *at = der->data;

    return qw_own_X509(pool, d2i_X509(NULL, &at, (long)der->len));
}

qw_problem_t *qw_evidence_certificate(const qw_bytes_t *der,
                                      const qw_bytes_t *tbs,
                                      const qw_bytes_t *issuer,
                                      apr_pool_t *pool)
{
    qw_der_in_t in = *der, content;
    X509 *cert = read_certificate(der, pool), *ca;
    qw_bytes_t part;

    ca = read_certificate(issuer, pool);
    if (cert == NULL || ca == NULL
        || !qw_der_enter(&in, QW_DER_SEQUENCE, &content) || in.len > 0
        || !qw_der_next(&content, QW_DER_SEQUENCE, &part, NULL))
        return UNTRUE(pool, "it or its issuer is no certificate [%s]",
                      qw_openssl_reasons(pool));
    if (!qw_bytes_equal(&part, tbs))
        return UNTRUE(pool, "it is not over the bytes that were to be signed");
    if (X509_verify(cert, X509_get0_pubkey(ca)) != 1)
        return QW_FAIL_BECAUSE(pool, UNAUTHORIZED, qw_openssl_reasons(pool),
                               "its signature is not by its issuer");
    return NULL;
}

qw_problem_t *qw_evidence_request(const qw_bytes_t *csr, const qw_bytes_t *der,
                                  apr_pool_t *pool)
{
    const unsigned char *at = csr->data;
    X509_REQ *req =
        qw_own_X509_REQ(pool, d2i_X509_REQ(NULL, &at, (long)csr->len));
    X509 *cert = read_certificate(der, pool);

    if (req == NULL || cert == NULL)
        return QW_FAIL_BECAUSE(pool, UNAUTHORIZED, qw_openssl_reasons(pool),
                               "it is no request, or that no certificate");
    if (X509_REQ_verify(req, X509_REQ_get0_pubkey(req)) != 1
        || EVP_PKEY_eq(X509_REQ_get0_pubkey(req), X509_get0_pubkey(cert)) != 1)
        return QW_FAIL_BECAUSE(pool, UNAUTHORIZED, qw_openssl_reasons(pool),
                               "it is not signed by the certificate's key");
    return NULL;
}

/* A vector of TLS with two octets of length. */
static int take_vector(qw_bytes_t *in, qw_bytes_t *out)
{
    if (in->len < 2)
        return 0;
    out->len = (apr_size_t)in->data[0] << 8 | in->data[1];
    out->data = in->data + 2;
    if (out->len > in->len - 2)
        return 0;
    in->data = out->data + out->len;
    in->len -= 2 + out->len;
    return 1;
}

qw_problem_t *qw_evidence_scts(apr_array_header_t **scts, const qw_bytes_t *der,
                               apr_pool_t *pool)
{
    qw_bytes_t value, list, inner;
    qw_cert_parts_t parts;

    *scts = apr_array_make(pool, 2, sizeof(qw_bytes_t));
    QW_TRY(qw_cert_split(&parts, der, pool));
    if (!qw_cert_find_ext(&value, &parts, QW_OID_SCT_LIST))
        return NULL;
    if (!qw_der_next(&value, QW_DER_OCTET_STRING, NULL, &inner) || value.len > 0
        || !take_vector(&inner, &list) || inner.len > 0)
        return QW_FAIL(pool, MALFORMED, "its list of SCTs is damaged");
    while (list.len > 0)
        if (!take_vector(&list, (qw_bytes_t *)apr_array_push(*scts)))
            return QW_FAIL(pool, MALFORMED, "its list of SCTs is damaged");
    return NULL;
}
